// `dp session ping`: how quickly the users of a session answer.

import type { OutputOf } from '../../lib/admin/operations.js';
import { LiveCommand } from '../../lib/cli/admin-command.js';
import { sessionArg } from '../../lib/cli/session-texts.js';

export default class SessionPing extends LiveCommand {
  static override summary = 'Measure how quickly the users of a session answer';
  static override description = 'Sends each client a ping and waits up to five seconds for the answers.';
  static override examples = ['<%= config.bin %> <%= command.id %> sketches'];
  static override args = { session: sessionArg };
  static override answers = ['session.ping'] as const;

  async run(): Promise<OutputOf<'session.ping'>> {
    const { args, flags } = await this.parse(SessionPing);
    return this.withAdmin(flags, async (admin) => {
      const pings = await admin.run('session.ping', { session: args.session });
      this.table(
        pings,
        [
          { title: 'User', value: ({ id }) => id, align: 'right' },
          { title: 'Name', value: ({ name }) => name },
          {
            title: 'Ping',
            value: ({ milliseconds }) => (milliseconds === null ? 'no answer' : `${milliseconds} ms`),
            align: 'right',
          },
        ],
        'Nobody is in this session.',
      );
      return pings;
    });
  }
}
