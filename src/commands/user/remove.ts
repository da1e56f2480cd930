// `dp user remove`: deletes an account.

import type { OutputOf } from '../../lib/admin/operations.js';
import { AdminCommand } from '../../lib/cli/admin-command.js';
import { Args, Flags } from '../../lib/cli/oclif.js';
import { confirm } from '../../lib/cli/prompts.js';

export default class UserRemove extends AdminCommand {
  static override summary = 'Remove an account';
  static override description =
    'Users who are logged in with it stay until they leave. To keep the name reserved, lock the account instead: ' +
    'dp user set NAME --lock.';
  static override examples = ['<%= config.bin %> <%= command.id %> alice --yes'];
  static override args = { name: Args.string({ required: true, description: 'User name of the account' }) };
  static override flags = { yes: Flags.boolean({ char: 'y', summary: 'Do not prompt' }) };
  static override answers = ['user.remove'] as const;

  async run(): Promise<OutputOf<'user.remove'>> {
    const { args, flags } = await this.parse(UserRemove);
    return this.withAdmin(flags, async (admin) => {
      const key = { name: args.name };
      await admin.run('user.get', { key });
      if (!flags.yes && !(await confirm(this.terminal, `Remove the account '${args.name}'?`, true)))
        this.exit(1);
      const account = await admin.run('user.remove', { key });
      this.logToStderr(`Account '${account.name}' removed.`);
      return account;
    });
  }
}
