// `dp session invite`: lets somebody into a session who has not the password, or finds it full.

import type { OutputOf } from '../../lib/admin/operations.js';
import { LiveCommand } from '../../lib/cli/admin-command.js';
import { Flags } from '../../lib/cli/oclif.js';
import { sessionArg } from '../../lib/cli/session-texts.js';

export default class SessionInvite extends LiveCommand {
  static override summary = 'Create an invite to a session';
  static override description =
    'Prints SESSION:INVITE. Appended to the address of the server, it forms a link: ' +
    'drawpile://host/SESSION:INVITE. Users with the invite need no password and can join a full session.';
  static override examples = [
    '<%= config.bin %> <%= command.id %> 01m8x',
    '<%= config.bin %> <%= command.id %> sketches --uses 10 --trust',
  ];
  static override args = { session: sessionArg };
  static override flags = {
    uses: Flags.integer({
      default: 1,
      min: 1,
      max: 50,
      helpValue: 'N',
      summary: 'Number of users who can join with it',
    }),
    op: Flags.boolean({ summary: 'Make these users operators' }),
    trust: Flags.boolean({ summary: 'Make these users trusted' }),
  };
  static override answers = ['session.invite'] as const;

  async run(): Promise<OutputOf<'session.invite'>> {
    const { args, flags } = await this.parse(SessionInvite);
    const invite = await this.withAdmin(flags, (admin) =>
      admin.run('session.invite', {
        session: args.session,
        maxUses: flags.uses,
        op: flags.op,
        trust: flags.trust,
      }),
    );
    this.log(`${invite.session}:${invite.secret}`);
    return invite;
  }
}
