// `dp session reset`: has the history of a session shortened.

import type { OutputOf } from '../../lib/admin/operations.js';
import { LiveCommand } from '../../lib/cli/admin-command.js';
import { sessionArg } from '../../lib/cli/session-texts.js';

export default class SessionReset extends LiveCommand {
  static override summary = 'Have the history of a session shortened.';
  static override description =
    'Servers do not paint: the program of an operator in the session is asked for the canvas as it is now, as when a session has grown too long. Nobody is put out and nothing is lost.';
  static override examples = ['<%= config.bin %> <%= command.id %> 01m8x'];
  static override args = { session: sessionArg };

  async run(): Promise<OutputOf<'session.reset'>> {
    const { args, flags } = await this.parse(SessionReset);
    const asked = await this.withAdmin(flags, (admin) => admin.run('session.reset', args));
    this.logToStderr(`The operators of ${asked.id} were asked; the log tells when it is done.`);
    return asked;
  }
}
