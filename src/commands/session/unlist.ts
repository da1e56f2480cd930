// `dp session unlist`: takes a session off public lists.

import type { OutputOf } from '../../lib/admin/operations.js';
import { LiveCommand } from '../../lib/cli/admin-command.js';
import { Args } from '../../lib/cli/oclif.js';
import { sessionArg } from '../../lib/cli/session-texts.js';

export default class SessionUnlist extends LiveCommand {
  static override summary = 'Remove a session from one list server, or from all';
  static override description =
    'Operators can announce it again; `dp session set ID unlisted=true` prevents that.';
  static override examples = [
    '<%= config.bin %> <%= command.id %> 01m8x',
    '<%= config.bin %> <%= command.id %> 01m8x https://list.example.org/api/',
  ];
  static override args = {
    session: sessionArg,
    url: Args.string({ description: 'Address of the list server; all of them if left out' }),
  };
  static override answers = ['session.unlist'] as const;

  async run(): Promise<OutputOf<'session.unlist'>> {
    const { args, flags } = await this.parse(SessionUnlist);
    const { session, url } = args;
    const gone = await this.withAdmin(flags, (admin) =>
      admin.run('session.unlist', { session, ...(url === undefined ? {} : { url }) }),
    );
    if (gone.urls.length === 0) this.logToStderr('The session was not listed anywhere.');
    for (const from of gone.urls) this.logToStderr(`Removed from ${from}.`);
    return gone;
  }
}
