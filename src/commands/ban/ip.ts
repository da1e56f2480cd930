// `dp ban ip`: bans an address or a subnet, after saying whom else it hits.

import type { BanPreview, BanView } from '../../lib/admin/ban-shapes.js';
import { AdminCommand } from '../../lib/cli/admin-command.js';
import { commentFlag, expiryFlag } from '../../lib/cli/ban-flags.js';
import { describePreview, isFarReaching } from '../../lib/cli/ban-texts.js';
import { readExpiry, showMoment } from '../../lib/cli/moments.js';
import { Args, Flags } from '../../lib/cli/oclif.js';
import { confirm } from '../../lib/cli/prompts.js';
import { canonicalAddress, isSingleAddress, readSubnetText } from '../../lib/core/addresses.js';
import { refusal } from '../../lib/core/errors.js';

export default class BanIp extends AdminCommand {
  static override summary = 'Ban an IP address or a subnet';
  static override description =
    'First shows how many addresses are covered and which users were seen there recently, and prompts if the ban ' +
    'may affect other users. Users connected from these addresses are disconnected at once, except moderators and ' +
    'accounts with the BANEXEMPT flag.';
  static override examples = [
    '<%= config.bin %> <%= command.id %> 192.0.2.7 --expires 7d --reason "spam"',
    '<%= config.bin %> <%= command.id %> 2001:db8::/48 --yes',
    {
      description: 'Show who would be affected',
      command: '<%= config.bin %> <%= command.id %> 198.51.100.0/24 --dry-run',
    },
  ];
  static override args = {
    address: Args.string({ required: true, description: 'ADDRESS or ADDRESS/BITS' }),
  };
  static override flags = {
    expires: expiryFlag,
    reason: Flags.string({
      helpValue: 'TEXT',
      summary: 'Reason, stored as the comment of the ban; the banned users do not see it',
      exclusive: ['comment'],
    }),
    comment: commentFlag,
    'dry-run': Flags.boolean({ char: 'n', summary: 'Show what the ban would cover, ban nobody' }),
    yes: Flags.boolean({ char: 'y', summary: 'Do not prompt' }),
  };
  static override answers = ['ban.add', 'ban.preview'] as const;

  async run(): Promise<BanView | BanPreview> {
    const { args, flags } = await this.parse(BanIp);
    const subnet = readSubnet(args.address);
    const expires = flags.expires === undefined ? undefined : readExpiry(flags.expires, this.terminal.now());
    return this.withAdmin(flags, async (admin) => {
      const preview = await admin.run('ban.preview', subnet);
      for (const line of describePreview(preview, args.address)) this.logToStderr(line);
      if (flags['dry-run']) return preview;
      const same = preview.coveredBy.find(({ target }) => target === preview.subnet);
      if (same !== undefined) {
        throw refusal('ban-exists', { subnet: preview.subnet, ban: same.ref });
      }
      const asks = isFarReaching(preview) && !flags.yes;
      if (asks && !(await confirm(this.terminal, `Ban ${preview.subnet}?`, true))) this.exit(1);
      const [address = '', bits] = preview.subnet.split('/');
      const comment = flags.comment ?? flags.reason;
      const ban = await admin.run('ban.add', {
        kind: 'ip',
        address,
        ...(bits === undefined ? {} : { bits: Number(bits) }),
        ...(expires === undefined ? {} : { expires }),
        ...(comment === undefined ? {} : { comment }),
      });
      this.logToStderr(
        `Banned ${ban.target} until ${showMoment(ban.expires, 'further notice')} (${ban.ref}).`,
      );
      return ban;
    });
  }
}

function readSubnet(typed: string): { address: string; bits?: number } {
  const read = readSubnetText(typed.trim());
  if ('problem' in read) {
    throw refusal('subnet-invalid', { problem: read.problem });
  }
  const [address = ''] = typed.trim().split('/', 1);
  // the server gets the address in its canonical form
  const { subnet } = read;
  return {
    address: canonicalAddress(address) ?? address,
    ...(isSingleAddress(subnet) ? {} : { bits: subnet.bits }),
  };
}
