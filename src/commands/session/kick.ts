// `dp session kick`: puts somebody out of a session.

import { LiveCommand } from '../../lib/cli/admin-command.js';
import { Flags } from '../../lib/cli/oclif.js';
import { sessionArg, userArg } from '../../lib/cli/session-texts.js';

export default class SessionKick extends LiveCommand {
  static override summary = 'Put somebody out of a session.';
  static override description =
    'They can come back, unless --ban keeps them out of this session. `dp ban` keeps people out of the server.';
  static override examples = [
    '<%= config.bin %> <%= command.id %> 01m8x bob --message "Calm down first."',
    '<%= config.bin %> <%= command.id %> sketches 7 --ban',
  ];
  static override args = { session: sessionArg, user: userArg };
  static override flags = {
    message: Flags.string({
      char: 'm',
      helpValue: 'TEXT',
      summary: 'Told to them; 100 bytes at most.',
      exclusive: ['ban'],
    }),
    ban: Flags.boolean({ summary: 'And keep them out of this session.' }),
  };

  async run(): Promise<{ user: string }> {
    const { args, flags } = await this.parse(SessionKick);
    const { session, user } = args;
    return this.withAdmin(flags, async (admin) => {
      if (flags.ban) {
        const banned = await admin.run('session.ban', { session, user });
        this.logToStderr(`${banned.user} was put out and is banned from this session.`);
        return banned;
      }
      const kicked = await admin.run('session.kick', {
        session,
        user,
        ...(flags.message === undefined ? {} : { message: flags.message }),
      });
      this.logToStderr(`${kicked.user} was put out.`);
      return kicked;
    });
  }
}
