// `dp user list`: all accounts.

import type { AccountView } from '../../lib/admin/users.js';
import { AdminCommand } from '../../lib/cli/admin-command.js';

export default class UserList extends AdminCommand {
  static override summary = 'Show the accounts of the server.';
  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    '<%= config.bin %> <%= command.id %> --json',
  ];

  async run(): Promise<AccountView[]> {
    const { flags } = await this.parse(UserList);
    const accounts = await this.withAdmin(flags, (admin) => admin.run('user.list', {}));
    this.table(
      accounts,
      [
        { title: 'id', value: ({ id }) => id, align: 'right' },
        { title: 'name', value: ({ name }) => name },
        { title: 'flags', value: (account) => account.flags.join(' ') },
        { title: 'locked', value: ({ isLocked }) => (isLocked ? 'yes' : '') },
        { title: 'password', value: ({ password }) => password },
      ],
      'There are no accounts. Try: dp user add NAME',
    );
    return accounts;
  }
}
