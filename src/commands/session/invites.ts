// `dp session invites`: the invites of a session, and who used them.

import { LiveCommand } from '../../lib/cli/admin-command.js';
import { inviteColumns, objectsOf, sessionArg } from '../../lib/cli/session-texts.js';
import type { JsonObject } from '../../lib/core/protocol/command.js';

export default class SessionInvites extends LiveCommand {
  static override summary = 'Show the invites of a session, and who used them.';
  static override examples = ['<%= config.bin %> <%= command.id %> 01m8x'];
  static override args = { session: sessionArg };

  async run(): Promise<JsonObject[]> {
    const { args, flags } = await this.parse(SessionInvites);
    const session = await this.withAdmin(flags, (admin) =>
      admin.run('session.get', { session: args.session }),
    );
    const invites = objectsOf(session.invitelist);
    this.table(invites, inviteColumns, `This session has no invites. Try: dp session invite ${args.session}`);
    return invites;
  }
}
