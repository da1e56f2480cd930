// `dp ban user`: bans a person by the account at the external login server.

import type { OutputOf } from '../../lib/admin/operations.js';
import { AdminCommand } from '../../lib/cli/admin-command.js';
import { personBanFlags } from '../../lib/cli/ban-flags.js';
import { readExpiry, showMoment } from '../../lib/cli/moments.js';
import { Args } from '../../lib/cli/oclif.js';
import { refusal } from '../../lib/core/errors.js';

export default class BanUser extends AdminCommand {
  static override summary = 'Ban a user of an external account by account number';
  static override description =
    'Accounts of drawpile.net and other login servers have numbers. To block an account of this server, lock it: ' +
    'dp user set NAME --lock.';
  static override examples = [
    '<%= config.bin %> <%= command.id %> 4711 --expires 30d --reason "Insults in chat"',
  ];
  static override args = {
    user: Args.string({ required: true, description: 'Account number at the login server' }),
  };
  static override flags = personBanFlags;
  static override answers = ['ban.add'] as const;

  async run(): Promise<OutputOf<'ban.add'>> {
    const { args, flags } = await this.parse(BanUser);
    if (!/^\d+$/.test(args.user)) {
      throw refusal('user-number-invalid', { user: args.user });
    }
    const ban = await this.withAdmin(flags, (admin) =>
      admin.run('ban.add', {
        kind: 'user',
        userId: Number(args.user),
        reaction: flags.reaction,
        ...(flags.expires === undefined ? {} : { expires: readExpiry(flags.expires, this.terminal.now()) }),
        ...(flags.reason === undefined ? {} : { reason: flags.reason }),
        ...(flags.comment === undefined ? {} : { comment: flags.comment }),
      }),
    );
    this.logToStderr(
      `Banned user ${ban.target} until ${showMoment(ban.expires, 'further notice')} (${ban.ref}).`,
    );
    return ban;
  }
}
