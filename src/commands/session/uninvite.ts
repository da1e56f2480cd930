// `dp session uninvite`: takes an invite back.

import type { OutputOf } from '../../lib/admin/operations.js';
import { LiveCommand } from '../../lib/cli/admin-command.js';
import { Args } from '../../lib/cli/oclif.js';
import { sessionArg } from '../../lib/cli/session-texts.js';

export default class SessionUninvite extends LiveCommand {
  static override summary = 'Withdraw an invite; users who joined with it stay';
  static override examples = ['<%= config.bin %> <%= command.id %> 01m8x Kx3fA9Qw'];
  static override args = {
    session: sessionArg,
    invite: Args.string({ required: true, description: 'Invite, as dp session invites shows it' }),
  };
  static override answers = ['session.uninvite'] as const;

  async run(): Promise<OutputOf<'session.uninvite'>> {
    const { args, flags } = await this.parse(SessionUninvite);
    // also as `dp session invite` prints it
    const secret = args.invite.split(':').at(-1) ?? '';
    const gone = await this.withAdmin(flags, (admin) =>
      admin.run('session.uninvite', { session: args.session, secret }),
    );
    this.logToStderr(`Invite ${gone.secret} withdrawn.`);
    return gone;
  }
}
