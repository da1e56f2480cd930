// `dp session show`: everything about one session.

import type { OutputOf } from '../../lib/admin/operations.js';
import { LiveCommand } from '../../lib/cli/admin-command.js';
import {
  inviteColumns,
  memberColumns,
  sessionArg,
  sessionBanColumns,
  sessionFacts,
} from '../../lib/cli/session-texts.js';
import type { Column } from '../../lib/cli/tables.js';

export default class SessionShow extends LiveCommand {
  static override summary = 'Show a session with its users, bans and invites';
  static override examples = [
    '<%= config.bin %> <%= command.id %> 01m8x',
    '<%= config.bin %> <%= command.id %> sketches --json',
  ];
  static override args = { session: sessionArg };
  static override answers = ['session.get'] as const;

  async run(): Promise<OutputOf<'session.get'>> {
    const { args, flags } = await this.parse(SessionShow);
    const session = await this.withAdmin(flags, (admin) =>
      admin.run('session.get', { session: args.session }),
    );
    const now = this.terminal.now();
    this.table(sessionFacts(session, now), [
      { title: 'session', value: ([fact]) => fact },
      { title: '', value: ([, value]) => value },
    ]);
    this.#list(session.users, memberColumns(now));
    this.#list(session.bans, sessionBanColumns);
    this.#list(session.invitelist, inviteColumns);
    return session;
  }

  #list<Row>(rows: readonly Row[], columns: readonly Column<Row>[]): void {
    if (rows.length === 0) return;
    this.log();
    this.table(rows, columns);
  }
}
