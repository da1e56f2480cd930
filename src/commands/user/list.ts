// `dp user list`: all accounts, or everyone who is connected now.

import type { OutputOf } from '../../lib/admin/operations.js';
import { AdminCommand } from '../../lib/cli/admin-command.js';
import { Flags } from '../../lib/cli/oclif.js';
import { nameOfSession, onlineColumns } from '../../lib/cli/session-texts.js';

export default class UserList extends AdminCommand {
  static override summary = 'List accounts, or connected users';
  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    '<%= config.bin %> <%= command.id %> --json',
    {
      description: 'Connected users, with or without an account',
      command: '<%= config.bin %> <%= command.id %> --online',
    },
  ];
  static override flags = {
    online: Flags.boolean({ summary: 'List the users connected to the running server, including guests' }),
  };
  static override answers = ['user.list', 'online.list'] as const;

  async run(): Promise<OutputOf<'user.list'> | OutputOf<'online.list'>> {
    const { flags } = await this.parse(UserList);
    return this.withAdmin(
      flags,
      async (admin) => {
        if (flags.online) {
          const users = await admin.run('online.list', {});
          const sessions = this.jsonEnabled() ? [] : await admin.run('session.list', {});
          const names = new Map(sessions.map((session) => [session.id, nameOfSession(session)]));
          this.table(
            users,
            onlineColumns(this.terminal.now(), (id) => names.get(id) ?? id),
            'No users are connected.',
          );
          return users;
        }
        const accounts = await admin.run('user.list', {});
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
      },
      flags.online,
    );
  }
}
