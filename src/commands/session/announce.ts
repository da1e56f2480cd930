// `dp session announce`: puts a session on a public list.

import type { OutputOf } from '../../lib/admin/operations.js';
import { LiveCommand } from '../../lib/cli/admin-command.js';
import { Args } from '../../lib/cli/oclif.js';
import { sessionArg } from '../../lib/cli/session-texts.js';

export default class SessionAnnounce extends LiveCommand {
  static override summary = 'Announce a session at a list server';
  static override description =
    'The list server answers later; the log shows the result. `dp listserver list` shows which list servers are ' +
    'allowed.';
  static override examples = ['<%= config.bin %> <%= command.id %> 01m8x https://list.example.org/api/'];
  static override args = {
    session: sessionArg,
    url: Args.string({ required: true, description: 'Address of the list server' }),
  };
  static override answers = ['session.announce'] as const;

  async run(): Promise<OutputOf<'session.announce'>> {
    const { args, flags } = await this.parse(SessionAnnounce);
    const asked = await this.withAdmin(flags, (admin) => admin.run('session.announce', args));
    this.logToStderr(`${asked.id} is being announced at ${args.url}.`);
    return asked;
  }
}
