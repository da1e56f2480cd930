// `dp session unban`: lifts a ban of one session.

import type { OutputOf } from '../../lib/admin/operations.js';
import { LiveCommand } from '../../lib/cli/admin-command.js';
import { Args } from '../../lib/cli/oclif.js';
import { sessionArg } from '../../lib/cli/session-texts.js';
import { refusal } from '../../lib/core/errors.js';

export default class SessionUnban extends LiveCommand {
  static override summary = 'Lift a ban from a session';
  static override examples = [
    '<%= config.bin %> <%= command.id %> 01m8x 2',
    '<%= config.bin %> <%= command.id %> sketches bob',
  ];
  static override args = {
    session: sessionArg,
    ban: Args.string({
      required: true,
      description: 'Number of the ban (see dp session show), or name of the user',
    }),
  };
  static override answers = ['session.unban'] as const;

  async run(): Promise<OutputOf<'session.unban'>> {
    const { args, flags } = await this.parse(SessionUnban);
    const { session } = args;
    return this.withAdmin(flags, async (admin) => {
      let ban = Number(args.ban);
      if (!/^\d+$/.test(args.ban)) {
        const { bans } = await admin.run('session.get', { session });
        const named = bans.filter(({ username }) => username === args.ban);
        if (named.length !== 1) {
          if (named.length === 0) throw refusal('session-ban-unnamed', { ban: args.ban, session });
          throw refusal('session-ban-ambiguous', { count: named.length, ban: args.ban, session });
        }
        ban = Number(named[0]?.id);
      }
      const left = await admin.run('session.unban', { session, ban });
      this.logToStderr(`Ban ${ban} lifted.`);
      return left;
    });
  }
}
