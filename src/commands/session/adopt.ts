// `dp session adopt`: makes a session of a history that has no journal.

import * as path from 'node:path';
import type { OutputOf } from '../../lib/admin/operations.js';
import { Args } from '../../lib/cli/oclif.js';
import { StoredSessionsCommand } from '../../lib/cli/stored-sessions.js';
import { refusal } from '../../lib/core/errors.js';
import { counted } from '../../lib/core/units.js';

export default class SessionAdopt extends StoredSessionsCommand {
  static override summary = 'Create a session from a history without a journal';
  static override description =
    'The journal ID.session stores the settings of a session, ID.dprec its history. If the journal was lost, this ' +
    'command writes a new one from what the history contains: title, founder, limits and flags. The session is ' +
    'persistent. If it had a password, only moderators can join until a new one is set. A file in the session ' +
    'folder is used in place; any other file is copied into the folder, which requires that the server is ' +
    'stopped.';
  static override examples = [
    '<%= config.bin %> <%= command.id %> ~/.local/share/dp/sessions/01m8117n3gr05sv034sn5seq1e.dprec',
    {
      description: 'Turn a recording into a session, while the server is stopped',
      command: '<%= config.bin %> <%= command.id %> sketches.dprec --sessions ~/drawings',
    },
  ];
  static override args = { file: Args.string({ required: true, description: 'The .dprec file' }) };
  static override answers = ['session.adopt'] as const;

  async run(): Promise<OutputOf<'session.adopt'>> {
    const { args, flags } = await this.parse(SessionAdopt);
    const file = path.resolve(args.file);
    const { adoptHistory } = await import('../../lib/io/disk/session-repair.js');
    const adopted = await this.onStoredSessions(
      flags,
      async (admin) => {
        const { folder } = await admin.run('session.problems', {});
        if (path.resolve(folder) !== path.dirname(file)) {
          throw refusal('history-elsewhere', { file, folder });
        }
        return admin.run('session.adopt', { name: path.basename(file) });
      },
      (folder, asSelf) => adoptHistory(folder, file, asSelf),
    );
    const { id, title, founder, messages } = adopted;
    this.logToStderr(`Session ${id} "${title}" of ${founder}, ${counted(messages, 'message')}`);
    for (const name of adopted.archived) this.logToStderr(`  archived: ${name}`);
    for (const text of adopted.doubts) this.logToStderr(`  only moderators can join: ${text}`);
    if (adopted.isShut) this.logToStderr(`To let users in: dp session set ${id} password=PASSWORD`);
    return adopted;
  }
}
