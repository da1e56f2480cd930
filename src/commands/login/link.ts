// `dp login link`: logs a browser in without a password, once.

import { roles } from '../../lib/admin/needs.js';
import type { OutputOf } from '../../lib/admin/operations.js';
import { AdminCommand } from '../../lib/cli/admin-command.js';
import { Flags } from '../../lib/cli/oclif.js';

export default class LoginLink extends AdminCommand {
  static override answers = ['login.link'] as const;
  static override summary = 'Create a link that logs in once without a password';
  static override description =
    'The link is valid for five minutes. It is printed as a path: put the address of the server in front of it.';
  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    '<%= config.bin %> <%= command.id %> --role moderator',
  ];
  static override flags = {
    role: Flags.option({ options: roles })({
      default: 'administrator',
      summary: 'Role of whoever opens the link',
    }),
  };

  async run(): Promise<OutputOf<'login.link'>> {
    const { flags } = await this.parse(LoginLink);
    return this.withAdmin(flags, async (admin) => {
      const link = await admin.run('login.link', { role: flags.role });
      this.log(link.path);
      return link;
    });
  }
}
