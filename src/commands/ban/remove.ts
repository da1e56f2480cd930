// `dp ban remove`: lifts bans.

import type { OutputOf } from '../../lib/admin/operations.js';
import { AdminCommand } from '../../lib/cli/admin-command.js';
import { findBans } from '../../lib/cli/ban-texts.js';
import { Args, Flags } from '../../lib/cli/oclif.js';
import { confirm } from '../../lib/cli/prompts.js';
import { refusal } from '../../lib/core/errors.js';

export default class BanRemove extends AdminCommand {
  static override summary = 'Lift bans';
  static override examples = [
    '<%= config.bin %> <%= command.id %> 192.0.2.7',
    '<%= config.bin %> <%= command.id %> ip:3 user:1',
    { description: 'Remove expired bans', command: '<%= config.bin %> <%= command.id %> --expired' },
  ];
  static override strict = false;
  static override usage = ['ban remove BAN...', 'ban remove --expired | --all'];
  static override args = {
    ban: Args.string({ description: 'Bans as in the first column of "dp ban list", or what is banned' }),
  };
  static override flags = {
    expired: Flags.boolean({ summary: 'All expired bans', exclusive: ['all'] }),
    all: Flags.boolean({ summary: 'All active bans' }),
    yes: Flags.boolean({ char: 'y', summary: 'Do not prompt' }),
  };
  static override answers = ['ban.remove'] as const;

  async run(): Promise<OutputOf<'ban.remove'>> {
    const { argv, flags } = await this.parse(BanRemove);
    const named = argv as string[];
    if (named.length > 0 === Boolean(flags.expired || flags.all)) {
      throw refusal('ban-unnamed');
    }
    return this.withAdmin(flags, async (admin) => {
      const bans = await admin.run('ban.list', { withExpired: true });
      if (flags.all && !flags.yes) {
        const count = bans.filter(({ isActive }) => isActive).length;
        if (!(await confirm(this.terminal, count === 1 ? 'Lift the ban?' : `Lift all ${count} bans?`, true)))
          this.exit(1);
      }
      const chosen = [...new Set(named.flatMap((typed) => findBans(bans, typed)))];
      const removed = await admin.run(
        'ban.remove',
        named.length > 0
          ? { refs: chosen.map(({ kind, id }) => ({ kind, id })) }
          : { which: flags.all ? 'active' : 'expired' },
      );
      for (const { ref, target } of removed) this.log(`${ref} (${target}) lifted`);
      this.logToStderr(`${removed.length} ${removed.length === 1 ? 'ban' : 'bans'} lifted.`);
      return removed;
    });
  }
}
