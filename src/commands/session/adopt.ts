// `dp session adopt`: makes a session of a history that has no journal.

import * as path from 'node:path';
import type { OutputOf } from '../../lib/admin/operations.js';
import { Args } from '../../lib/cli/oclif.js';
import { StoredSessionsCommand } from '../../lib/cli/stored-sessions.js';
import { refusal } from '../../lib/core/errors.js';

export default class SessionAdopt extends StoredSessionsCommand {
  static override summary = 'Make a session of a history without a journal';
  static override description =
    'The journal ID.session holds the settings of a session, ID.dprec what was drawn. Where the journal was lost, this writes a new one with what the history tells: title, founder, limits and flags. The session is persistent. One that had a password lets only moderators join until a new one is set. A file in the folder of the sessions is used as it is; any other one is copied into it, which needs a server that is stopped.';
  static override examples = [
    '<%= config.bin %> <%= command.id %> ~/.local/share/dp/sessions/01m8117n3gr05sv034sn5seq1e.dprec',
    {
      description: 'A recording as a new session, while no server runs',
      command: '<%= config.bin %> <%= command.id %> sketches.dprec --sessions ~/drawings',
    },
  ];
  static override args = { file: Args.string({ required: true, description: 'the .dprec file' }) };

  async run(): Promise<OutputOf<'session.adopt'>> {
    const { args, flags } = await this.parse(SessionAdopt);
    const file = path.resolve(args.file);
    const adopted = await this.onStoredSessions(
      flags,
      async (admin) => {
        const { folder } = await admin.run('session.problems', {});
        if (path.resolve(folder) !== path.dirname(file)) {
          throw refusal('history-elsewhere', { file, folder });
        }
        return admin.run('session.adopt', { name: path.basename(file) });
      },
      async (folder) => {
        const { adoptHistory } = await import('../../lib/io/disk/session-repair.js');
        return adoptHistory(folder, file);
      },
    );
    const { id, title, founder, messages } = adopted;
    this.logToStderr(`Session ${id} "${title}" of ${founder}, ${messages} messages`);
    for (const name of adopted.archived) this.logToStderr(`  archived: ${name}`);
    for (const text of adopted.doubts) this.logToStderr(`  only moderators can join: ${text}`);
    if (adopted.isShut) this.logToStderr(`To open it: dp session set ${id} password=PASSWORD`);
    return adopted;
  }
}
