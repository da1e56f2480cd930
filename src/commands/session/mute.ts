// `dp session mute`: who may not chat in a session.

import type { OutputOf } from '../../lib/admin/operations.js';
import { LiveCommand } from '../../lib/cli/admin-command.js';
import { Flags } from '../../lib/cli/oclif.js';
import { sessionArg, userArg } from '../../lib/cli/session-texts.js';

export default class SessionMute extends LiveCommand {
  static override summary = 'Mute a user in the chat of a session';
  static override examples = [
    '<%= config.bin %> <%= command.id %> 01m8x alice',
    '<%= config.bin %> <%= command.id %> sketches 7 --off',
  ];
  static override args = { session: sessionArg, user: userArg };
  static override flags = {
    off: Flags.boolean({ summary: 'Unmute the user', aliases: ['take'] }),
  };
  static override answers = ['session.role'] as const;

  async run(): Promise<OutputOf<'session.role'>> {
    const { args, flags } = await this.parse(SessionMute);
    const user = await this.withAdmin(flags, (admin) =>
      admin.run('session.role', { ...args, muted: !flags.off }),
    );
    this.logToStderr(flags.off ? `${args.user} is no longer muted.` : `${args.user} is now muted.`);
    return user;
  }
}
