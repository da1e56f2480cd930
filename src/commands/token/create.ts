// `dp token create`: lets a program use the admin API.

import { roles } from '../../lib/admin/needs.js';
import type { OutputOf } from '../../lib/admin/operations.js';
import { AdminCommand } from '../../lib/cli/admin-command.js';
import { readExpiry, showMoment } from '../../lib/cli/moments.js';
import { Args, Flags } from '../../lib/cli/oclif.js';

export default class TokenCreate extends AdminCommand {
  static override answers = ['token.create'] as const;
  static override summary = 'Create an API token';
  static override description =
    'A program uses it as Authorization: Bearer TOKEN. The token is printed once and stored as a digest only, so it ' +
    'cannot be shown again. Observers read what is not secret, moderators also message, kick, mute and ban users ' +
    'with an expiry, administrators do everything.';
  static override examples = [
    '<%= config.bin %> <%= command.id %> dashboard --expires 90d',
    '<%= config.bin %> <%= command.id %> chat-bot --role moderator --expires never',
  ];
  static override args = { name: Args.string({ required: true, description: 'Name of the token, unique' }) };
  static override flags = {
    role: Flags.option({ options: roles })({ default: 'observer', summary: 'What the token may do' }),
    expires: Flags.string({
      default: '90d',
      helpValue: 'WHEN',
      summary: 'End of its validity: 90d (from now), a date, or never',
    }),
  };

  async run(): Promise<OutputOf<'token.create'>> {
    const { args, flags } = await this.parse(TokenCreate);
    const expires = readExpiry(flags.expires, this.terminal.now());
    return this.withAdmin(flags, async (admin) => {
      const created = await admin.run('token.create', { name: args.name, role: flags.role, expires });
      const until = expires === null ? 'does not expire' : `expires ${showMoment(expires, '')}`;
      this.logToStderr(
        `Token '${created.token.name}' created; its role is ${created.token.role}, it ${until}.`,
      );
      this.log(created.secret);
      return created;
    });
  }
}
