// `dp session reset`: has the history of a session shortened.

import type { OutputOf } from '../../lib/admin/operations.js';
import { LiveCommand } from '../../lib/cli/admin-command.js';
import { sessionArg } from '../../lib/cli/session-texts.js';

export default class SessionReset extends LiveCommand {
  static override summary = 'Shorten the history of a session';
  static override description =
    'Asks the client of an operator in the session for the current canvas, as the server does when a session has ' +
    'grown too large. Nobody is disconnected and nothing is lost.';
  static override examples = ['<%= config.bin %> <%= command.id %> 01m8x'];
  static override args = { session: sessionArg };
  static override answers = ['session.reset'] as const;

  async run(): Promise<OutputOf<'session.reset'>> {
    const { args, flags } = await this.parse(SessionReset);
    const asked = await this.withAdmin(flags, (admin) => admin.run('session.reset', args));
    this.logToStderr(`Asked the operators of ${asked.id}; the log shows when the reset is done.`);
    return asked;
  }
}
