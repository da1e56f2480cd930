// `dp session ban`: keeps somebody out of one session.

import type { OutputOf } from '../../lib/admin/operations.js';
import { LiveCommand } from '../../lib/cli/admin-command.js';
import { sessionArg, userArg } from '../../lib/cli/session-texts.js';

export default class SessionBan extends LiveCommand {
  static override summary = 'Ban a user from a session';
  static override description =
    'Also works for users who have left, by the id that `dp session users` shows. Other sessions stay open to ' +
    'them; `dp ban` bans from the server.';
  static override examples = [
    '<%= config.bin %> <%= command.id %> 01m8x bob',
    '<%= config.bin %> <%= command.id %> sketches 7',
  ];
  static override args = { session: sessionArg, user: userArg };
  static override answers = ['session.ban'] as const;

  async run(): Promise<OutputOf<'session.ban'>> {
    const { args, flags } = await this.parse(SessionBan);
    const banned = await this.withAdmin(flags, (admin) => admin.run('session.ban', args));
    this.logToStderr(`${banned.user} is banned from this session.`);
    return banned;
  }
}
