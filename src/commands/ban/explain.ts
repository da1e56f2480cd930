// `dp ban explain`: whether an address is banned, by which ban, and why; and what sessions did about it.

import type { OutputOf } from '../../lib/admin/operations.js';
import { AdminCommand } from '../../lib/cli/admin-command.js';
import { showMoment } from '../../lib/cli/moments.js';
import { Args } from '../../lib/cli/oclif.js';
import { describeDuration } from '../../lib/core/units.js';

export default class BanExplain extends AdminCommand {
  static override summary = 'Show which bans match an address, and why';
  static override examples = ['<%= config.bin %> <%= command.id %> 192.0.2.7'];
  static override args = { address: Args.string({ required: true, description: 'IP address' }) };
  static override answers = ['ban.explain'] as const;

  async run(): Promise<OutputOf<'ban.explain'>> {
    const { args, flags } = await this.parse(BanExplain);
    const found = await this.withAdmin(flags, (admin) => admin.run('ban.explain', { address: args.address }));
    const now = this.terminal.now();
    this.log(`${found.address} is ${found.isBanned ? 'banned' : 'not banned'}.`);
    for (const ban of found.matching) {
      const end =
        ban.expires === null
          ? 'no expiry'
          : ban.isActive
            ? `expires in ${describeDuration((ban.expires - now) / 1000)}, ${showMoment(ban.expires, '')}`
            : `expired ${showMoment(ban.expires, '')}`;
      this.log(`  ${ban.ref} (${ban.target}), ${end}: ${ban.why}.`);
      if (ban.comment !== '') this.log(`      Comment: ${ban.comment}`);
    }
    if (found.sessionBans.length > 0) {
      const sessions = new Set(found.sessionBans.map(({ session }) => session)).size;
      this.log(`Banned from ${sessions} ${sessions === 1 ? 'session' : 'sessions'} in the last 30 days:`);
      this.table(found.sessionBans, [
        { title: 'when (UTC)', value: ({ time }) => showMoment(time, '') },
        { title: 'name', value: ({ user }) => user?.name },
        { title: 'session', value: ({ session }) => session },
        { title: 'message', value: ({ message }) => message },
      ]);
    }
    const names = [...new Set(found.seen.map(({ name }) => name))];
    if (names.length > 0) this.log(`Users seen from there in the last 30 days: ${names.join(', ')}.`);
    return found;
  }
}
