// `dp session kick`: disconnects somebody of a session.

import { LiveCommand } from '../../lib/cli/admin-command.js';
import { Flags } from '../../lib/cli/oclif.js';
import { sessionArg, userArg } from '../../lib/cli/session-texts.js';

export default class SessionKick extends LiveCommand {
  static override summary = 'Kick a user from a session';
  static override description =
    'The user can come back, unless --ban is given. `dp ban` bans from the server.';
  static override examples = [
    '<%= config.bin %> <%= command.id %> 01m8x bob --message "Calm down first."',
    '<%= config.bin %> <%= command.id %> sketches 7 --ban',
  ];
  static override args = { session: sessionArg, user: userArg };
  static override flags = {
    message: Flags.string({
      char: 'm',
      helpValue: 'TEXT',
      summary: 'Message to the user (at most 100 bytes)',
      exclusive: ['ban'],
    }),
    ban: Flags.boolean({ summary: 'Also ban the user from this session' }),
  };
  static override answers = ['session.kick', 'session.ban'] as const;

  async run(): Promise<{ user: string }> {
    const { args, flags } = await this.parse(SessionKick);
    const { session, user } = args;
    return this.withAdmin(flags, async (admin) => {
      if (flags.ban) {
        const banned = await admin.run('session.ban', { session, user });
        this.logToStderr(`${banned.user} was kicked and banned from this session.`);
        return banned;
      }
      const kicked = await admin.run('session.kick', {
        session,
        user,
        ...(flags.message === undefined ? {} : { message: flags.message }),
      });
      this.logToStderr(`${kicked.user} was kicked.`);
      return kicked;
    });
  }
}
