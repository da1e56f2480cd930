// `dp session trust`: trusted people of a session.

import type { OutputOf } from '../../lib/admin/operations.js';
import { LiveCommand } from '../../lib/cli/admin-command.js';
import { Flags } from '../../lib/cli/oclif.js';
import { sessionArg, userArg } from '../../lib/cli/session-texts.js';

export default class SessionTrust extends LiveCommand {
  static override summary = 'Make a user trusted in a session';
  static override examples = [
    '<%= config.bin %> <%= command.id %> 01m8x alice',
    '<%= config.bin %> <%= command.id %> sketches 7 --take',
  ];
  static override args = { session: sessionArg, user: userArg };
  static override flags = {
    take: Flags.boolean({ summary: 'Revoke trusted status', aliases: ['off'] }),
  };
  static override answers = ['session.role'] as const;

  async run(): Promise<OutputOf<'session.role'>> {
    const { args, flags } = await this.parse(SessionTrust);
    const user = await this.withAdmin(flags, (admin) =>
      admin.run('session.role', { ...args, trusted: !flags.take }),
    );
    this.logToStderr(flags.take ? `${args.user} is no longer trusted.` : `${args.user} is now trusted.`);
    return user;
  }
}
