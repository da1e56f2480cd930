// `dp ban client`: bans an installation of the drawing program by its system id.

import type { OutputOf } from '../../lib/admin/operations.js';
import { AdminCommand } from '../../lib/cli/admin-command.js';
import { personBanFlags } from '../../lib/cli/ban-flags.js';
import { readExpiry, showMoment } from '../../lib/cli/moments.js';
import { Args } from '../../lib/cli/oclif.js';

export default class BanClient extends AdminCommand {
  static override summary = 'Ban a client by its system id';
  static override description =
    'The log shows the system ids of clients: dp log --topic ClientInfo. Clients before 2.2 have none.';
  static override examples = [
    '<%= config.bin %> <%= command.id %> 0123456789abcdef0123456789abcdef --reaction neterror --comment "see ticket 12"',
  ];
  static override args = { sid: Args.string({ required: true, description: 'System id of the client' }) };
  static override flags = personBanFlags;
  static override answers = ['ban.add'] as const;

  async run(): Promise<OutputOf<'ban.add'>> {
    const { args, flags } = await this.parse(BanClient);
    const ban = await this.withAdmin(flags, (admin) =>
      admin.run('ban.add', {
        kind: 'client',
        sid: args.sid,
        reaction: flags.reaction,
        ...(flags.expires === undefined ? {} : { expires: readExpiry(flags.expires, this.terminal.now()) }),
        ...(flags.reason === undefined ? {} : { reason: flags.reason }),
        ...(flags.comment === undefined ? {} : { comment: flags.comment }),
      }),
    );
    this.logToStderr(
      `Banned client ${ban.target} until ${showMoment(ban.expires, 'further notice')} (${ban.ref}).`,
    );
    return ban;
  }
}
