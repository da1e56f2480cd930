// `dp ban edit`: another end, reason, comment or reaction for a ban.

import { banReactions } from '../../lib/admin/ban-shapes.js';
import type { OutputOf } from '../../lib/admin/operations.js';
import { AdminCommand } from '../../lib/cli/admin-command.js';
import { banColumns, findBan } from '../../lib/cli/ban-texts.js';
import { readExpiry } from '../../lib/cli/moments.js';
import { Args, Flags } from '../../lib/cli/oclif.js';
import { refusal } from '../../lib/core/errors.js';

export default class BanEdit extends AdminCommand {
  static override summary = 'Change a ban';
  static override examples = [
    '<%= config.bin %> <%= command.id %> ip:3 --expires 30d',
    '<%= config.bin %> <%= command.id %> 192.0.2.7 --comment "was a misunderstanding" --expires 1h',
  ];
  static override args = {
    ban: Args.string({
      required: true,
      description: 'Ban as in the first column of "dp ban list", or what is banned',
    }),
  };
  static override flags = {
    expires: Flags.string({
      helpValue: 'WHEN',
      summary:
        'Expiry: 12h, 7d, 4w, 1y from now, a date, a date and time (UTC unless a zone is given), or "never"',
    }),
    reason: Flags.string({
      helpValue: 'TEXT',
      summary: 'Reason shown to the banned user (bans of clients and users)',
    }),
    comment: Flags.string({ helpValue: 'TEXT', summary: 'Note for administrators' }),
    reaction: Flags.option({ options: banReactions })({
      summary: 'Show the reason (normal), or imitate a failure',
    }),
  };
  static override answers = ['ban.change'] as const;

  async run(): Promise<OutputOf<'ban.change'>> {
    const { args, flags } = await this.parse(BanEdit);
    const change = {
      ...(flags.expires === undefined ? {} : { expires: readExpiry(flags.expires, this.terminal.now()) }),
      ...(flags.reason === undefined ? {} : { reason: flags.reason }),
      ...(flags.comment === undefined ? {} : { comment: flags.comment }),
      ...(flags.reaction === undefined ? {} : { reaction: flags.reaction }),
    };
    if (Object.keys(change).length === 0) {
      throw refusal('nothing-to-change', { command: 'dp ban edit' });
    }
    return this.withAdmin(flags, async (admin) => {
      const { kind, id } = findBan(await admin.run('ban.list', { withExpired: true }), args.ban);
      const ban = await admin.run('ban.change', { kind, id, change });
      this.table([ban], banColumns);
      return ban;
    });
  }
}
