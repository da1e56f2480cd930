// `dp session repair`: ends the doubt about a session whose stored settings were damaged.

import type { OutputOf } from '../../lib/admin/operations.js';
import { sessionArg } from '../../lib/cli/session-texts.js';
import { StoredSessionsCommand } from '../../lib/cli/stored-sessions.js';

export default class SessionRepair extends StoredSessionsCommand {
  static override summary = 'Repair a session whose stored settings were damaged';
  static override description =
    'A session whose journal was damaged is kept, and only moderators can join it, until somebody decides. This puts changed bits back where check sums give them away, leaves out what cannot be believed, and writes the journal anew; the old one is kept beside it as ID.session.damaged. Users in the session are disconnected. Check the result with dp session show: a password that was lost has to be set again.';
  static override examples = [
    '<%= config.bin %> <%= command.id %> 01m8x',
    {
      description: 'While no server runs',
      command: '<%= config.bin %> <%= command.id %> 01m8x --sessions ~/drawings',
    },
  ];
  static override args = { session: sessionArg };

  async run(): Promise<OutputOf<'session.repair'>> {
    const { args, flags } = await this.parse(SessionRepair);
    const repaired = await this.onStoredSessions(
      flags,
      (admin) => admin.run('session.repair', { session: args.session }),
      async (folder) => {
        const { repairSession } = await import('../../lib/io/disk/session-repair.js');
        return repairSession(folder, args.session);
      },
    );
    this.logToStderr(`Session ${repaired.id} repaired; the old journal is ${repaired.kept}`);
    for (const text of repaired.done) this.logToStderr(`  ${text}`);
    if (!repaired.hasPassword) {
      this.logToStderr(`It has no password. To set one: dp session set ${repaired.id} password=PASSWORD`);
    }
    return repaired;
  }
}
