// `dp session show`: everything about one session.

import { LiveCommand } from '../../lib/cli/admin-command.js';
import {
  inviteColumns,
  memberColumns,
  objectsOf,
  sessionArg,
  sessionBanColumns,
  sessionFacts,
} from '../../lib/cli/session-texts.js';
import type { JsonObject } from '../../lib/core/protocol/command.js';

export default class SessionShow extends LiveCommand {
  static override summary = 'Show a session, the people in it, its bans and invites.';
  static override examples = [
    '<%= config.bin %> <%= command.id %> 01m8x',
    '<%= config.bin %> <%= command.id %> sketches --json',
  ];
  static override args = { session: sessionArg };

  async run(): Promise<JsonObject> {
    const { args, flags } = await this.parse(SessionShow);
    const session = await this.withAdmin(flags, (admin) =>
      admin.run('session.get', { session: args.session }),
    );
    const now = this.terminal.now();
    this.table(sessionFacts(session, now), [
      { title: 'session', value: ([fact]) => fact },
      { title: '', value: ([, value]) => value },
    ]);
    for (const [rows, columns] of [
      [objectsOf(session.users), memberColumns(now)],
      [objectsOf(session.bans), sessionBanColumns],
      [objectsOf(session.invitelist), inviteColumns],
    ] as const) {
      if (rows.length === 0) continue;
      this.log();
      this.table(rows, columns);
    }
    return session;
  }
}
