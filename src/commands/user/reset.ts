// `dp user reset`: a link by which a user sets a new password, once.

import type { OutputOf } from '../../lib/admin/operations.js';
import { AdminCommand } from '../../lib/cli/admin-command.js';
import { Args } from '../../lib/cli/oclif.js';

export default class UserReset extends AdminCommand {
  static override answers = ['user.reset'] as const;
  static override summary = 'Create a link that sets a new password for an account once';
  static override description =
    'The link is valid for a day, until it is used, or until the password is changed. It ends the logins of the ' +
    'account. It is printed as a path: put the address of the server in front of it.';
  static override examples = ['<%= config.bin %> <%= command.id %> Mia'];
  static override args = { name: Args.string({ required: true, description: 'Name of the account' }) };

  async run(): Promise<OutputOf<'user.reset'>> {
    const { args, flags } = await this.parse(UserReset);
    return this.withAdmin(flags, async (admin) => {
      const link = await admin.run('user.reset', { key: { name: args.name } });
      this.log(link.path);
      return link;
    });
  }
}
