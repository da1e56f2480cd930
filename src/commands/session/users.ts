// `dp session users`: who is in a session, and who was.

import type { OutputOf } from '../../lib/admin/operations.js';
import { LiveCommand } from '../../lib/cli/admin-command.js';
import { Flags } from '../../lib/cli/oclif.js';
import { memberColumns, sessionArg } from '../../lib/cli/session-texts.js';

export default class SessionUsers extends LiveCommand {
  static override summary = 'List the users of a session, and those who left';
  static override examples = [
    '<%= config.bin %> <%= command.id %> 01m8x',
    '<%= config.bin %> <%= command.id %> sketches --online --json',
  ];
  static override args = { session: sessionArg };
  static override flags = { online: Flags.boolean({ summary: 'Only users who are in the session now' }) };
  static override answers = ['session.users'] as const;

  async run(): Promise<OutputOf<'session.users'>> {
    const { args, flags } = await this.parse(SessionUsers);
    const all = await this.withAdmin(flags, (admin) => admin.run('session.users', { session: args.session }));
    const users = flags.online ? all.filter(({ online }) => online !== false) : all;
    this.table(users, memberColumns(this.terminal.now()), 'This session has no users.');
    return users;
  }
}
