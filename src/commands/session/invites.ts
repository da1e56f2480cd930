// `dp session invites`: the invites of a session, and who used them.

import type { OutputOf } from '../../lib/admin/operations.js';
import { LiveCommand } from '../../lib/cli/admin-command.js';
import { inviteColumns, sessionArg } from '../../lib/cli/session-texts.js';

export default class SessionInvites extends LiveCommand {
  static override summary = 'List the invites of a session and who used them';
  static override examples = ['<%= config.bin %> <%= command.id %> 01m8x'];
  static override args = { session: sessionArg };
  static override answers = ['session.invites'] as const;

  async run(): Promise<OutputOf<'session.invites'>> {
    const { args, flags } = await this.parse(SessionInvites);
    const invites = await this.withAdmin(flags, (admin) =>
      admin.run('session.invites', { session: args.session }),
    );
    this.table(invites, inviteColumns, `This session has no invites. Try: dp session invite ${args.session}`);
    return invites;
  }
}
