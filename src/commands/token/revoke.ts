// `dp token revoke`: a program may not use the admin API any more.

import type { OutputOf } from '../../lib/admin/operations.js';
import { AdminCommand } from '../../lib/cli/admin-command.js';
import { Args } from '../../lib/cli/oclif.js';

export default class TokenRevoke extends AdminCommand {
  static override answers = ['token.revoke'] as const;
  static override summary = 'Revoke an API token';
  static override description = 'The next request with it is refused.';
  static override examples = ['<%= config.bin %> <%= command.id %> dashboard'];
  static override args = { name: Args.string({ required: true, description: 'Name of the token' }) };

  async run(): Promise<OutputOf<'token.revoke'>> {
    const { args, flags } = await this.parse(TokenRevoke);
    return this.withAdmin(flags, async (admin) => {
      const revoked = await admin.run('token.revoke', { name: args.name });
      this.logToStderr(`Token '${revoked.name}' revoked.`);
      return revoked;
    });
  }
}
