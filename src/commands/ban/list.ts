// `dp ban list`: bans of addresses, clients and users.

import type { OutputOf } from '../../lib/admin/operations.js';
import { AdminCommand } from '../../lib/cli/admin-command.js';
import { banColumns } from '../../lib/cli/ban-texts.js';
import { Flags } from '../../lib/cli/oclif.js';
import { formatCsv } from '../../lib/cli/tables.js';

export default class BanList extends AdminCommand {
  static override summary = 'List bans';
  static override description =
    'Expired bans are not shown by default. Other commands refer to a ban as in the first column.';
  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    '<%= config.bin %> <%= command.id %> --kind ip --expired --csv',
    {
      description: 'Bans that cover an address',
      command: '<%= config.bin %> <%= command.id %> --address 192.0.2.7',
    },
  ];
  static override flags = {
    kind: Flags.option({ options: ['ip', 'client', 'user'] as const })({
      summary: 'Only bans of this kind',
    }),
    address: Flags.string({ helpValue: 'ADDRESS', summary: 'Only bans that cover this address' }),
    expired: Flags.boolean({ summary: 'Include expired bans' }),
    csv: Flags.boolean({ summary: 'Print comma-separated values', exclusive: ['json'] }),
  };
  static override answers = ['ban.list'] as const;

  async run(): Promise<OutputOf<'ban.list'>> {
    const { flags } = await this.parse(BanList);
    const found = await this.withAdmin(flags, (admin) =>
      admin.run('ban.list', {
        withExpired: flags.expired,
        ...(flags.kind === undefined ? {} : { kind: flags.kind }),
        ...(flags.address === undefined ? {} : { address: flags.address }),
      }),
    );
    // what lasts longest first, as the original's tool
    const bans = [...found].sort(
      (a, b) => (b.expires ?? Number.POSITIVE_INFINITY) - (a.expires ?? Number.POSITIVE_INFINITY) || 0,
    );
    if (flags.csv) this.logText(formatCsv(bans, banColumns));
    else this.table(bans, banColumns, 'There are no bans.');
    return bans;
  }
}
