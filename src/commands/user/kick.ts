// `dp user kick`: closes a connection, in a session or not.

import type { OutputOf } from '../../lib/admin/operations.js';
import { LiveCommand } from '../../lib/cli/admin-command.js';
import { Args, Flags } from '../../lib/cli/oclif.js';

export default class UserKick extends LiveCommand {
  static override summary = 'Close the connection of a user';
  static override description =
    'Also works for users who are in no session. `dp session kick` removes a user from one session, by name.';
  static override examples = ['<%= config.bin %> <%= command.id %> 01m8x2k5v3 --message "Calm down first."'];
  static override args = {
    uid: Args.string({
      required: true,
      description: 'Id of the connection, as in dp user list --online --json',
    }),
  };
  static override flags = {
    message: Flags.string({
      char: 'm',
      helpValue: 'TEXT',
      summary: 'Message to the user (at most 100 bytes)',
    }),
  };
  static override answers = ['online.kick'] as const;

  async run(): Promise<OutputOf<'online.kick'>> {
    const { args, flags } = await this.parse(UserKick);
    const { message } = flags;
    const kicked = await this.withAdmin(flags, (admin) =>
      admin.run('online.kick', { uid: args.uid, ...(message !== undefined && { message }) }),
    );
    this.logToStderr(kicked.isForced ? 'The connection was cut.' : 'The connection was closed.');
    return kicked;
  }
}
