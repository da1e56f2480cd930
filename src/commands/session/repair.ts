// `dp session repair`: ends the doubt about a session whose stored settings were damaged.

import type { OutputOf } from '../../lib/admin/operations.js';
import { sessionArg } from '../../lib/cli/session-texts.js';
import { StoredSessionsCommand } from '../../lib/cli/stored-sessions.js';

export default class SessionRepair extends StoredSessionsCommand {
  static override summary = 'Repair a session whose stored settings are damaged';
  static override description =
    'A session with a damaged journal is kept, but only moderators can join it until it is repaired. This command ' +
    'corrects changed bits where checksums reveal them, leaves out what cannot be trusted, and writes a new ' +
    'journal; the old one is kept next to it as ID.session.damaged. Users in the session are disconnected. Check ' +
    'the result with dp session show: a password that was lost has to be set again.';
  static override examples = [
    '<%= config.bin %> <%= command.id %> 01m8x',
    {
      description: 'While the server is stopped',
      command: '<%= config.bin %> <%= command.id %> 01m8x --sessions ~/drawings',
    },
  ];
  static override args = { session: sessionArg };
  static override answers = ['session.repair'] as const;

  async run(): Promise<OutputOf<'session.repair'>> {
    const { args, flags } = await this.parse(SessionRepair);
    const { repairSession } = await import('../../lib/io/disk/session-repair.js');
    const repaired = await this.onStoredSessions(
      flags,
      (admin) => admin.run('session.repair', { session: args.session }),
      (folder) => repairSession(folder, args.session),
    );
    this.logToStderr(`Session ${repaired.id} repaired; the old journal is ${repaired.kept}`);
    for (const text of repaired.done) this.logToStderr(`  ${text}`);
    if (!repaired.hasPassword) {
      this.logToStderr(
        `The session has no password. To set one: dp session set ${repaired.id} password=PASSWORD`,
      );
    }
    return repaired;
  }
}
