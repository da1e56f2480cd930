// `dp user rename`: another name for an account; password and rights stay.

import type { OutputOf } from '../../lib/admin/operations.js';
import { AdminCommand } from '../../lib/cli/admin-command.js';
import { Args } from '../../lib/cli/oclif.js';

export default class UserRename extends AdminCommand {
  static override summary = 'Rename an account';
  static override examples = ['<%= config.bin %> <%= command.id %> alice Alice'];
  static override args = {
    name: Args.string({ required: true, description: 'User name of the account' }),
    to: Args.string({ required: true, description: 'New name' }),
  };
  static override answers = ['user.change'] as const;

  async run(): Promise<OutputOf<'user.change'>> {
    const { args, flags } = await this.parse(UserRename);
    const account = await this.withAdmin(flags, (admin) =>
      admin.run('user.change', { key: { name: args.name }, name: args.to }),
    );
    this.logToStderr(`Account '${args.name}' renamed to '${account.name}'.`);
    return account;
  }
}
