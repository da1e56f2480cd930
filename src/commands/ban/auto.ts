// `dp ban auto`: bans addresses that several sessions banned, by the rules of the original's bantool.

import type { OutputOf } from '../../lib/admin/operations.js';
import { AdminCommand } from '../../lib/cli/admin-command.js';
import { showMoment } from '../../lib/cli/moments.js';
import { Flags } from '../../lib/cli/oclif.js';

export default class BanAuto extends AdminCommand {
  static override summary = 'Ban addresses that were recently banned from several sessions';
  static override description =
    'Bans an address from the server if operators banned it from at least --sessions different sessions and it ' +
    'has no ban yet. The ban lasts --penalty days for each session. Intended for a timer. Requires a log, and so ' +
    'a database.';
  static override examples = [
    '<%= config.bin %> <%= command.id %> --dry-run',
    '<%= config.bin %> <%= command.id %> --sessions 5 --days 7 --penalty 2',
  ];
  static override flags = {
    sessions: Flags.integer({
      default: 3,
      min: 1,
      helpValue: 'N',
      summary: 'Minimum number of different sessions',
    }),
    days: Flags.integer({ default: 2, min: 1, helpValue: 'N', summary: 'Period to consider, in days' }),
    penalty: Flags.integer({
      default: 5,
      min: 1,
      helpValue: 'N',
      summary: 'Length of the ban for each session, in days',
    }),
    'dry-run': Flags.boolean({ char: 'n', summary: 'Show who would be banned, ban nobody' }),
  };
  static override answers = ['ban.auto'] as const;

  async run(): Promise<OutputOf<'ban.auto'>> {
    const { flags } = await this.parse(BanAuto);
    const { sessions, days, penalty } = flags;
    const found = await this.withAdmin(flags, (admin) =>
      admin.run('ban.auto', { sessions, days, penalty, isDryRun: flags['dry-run'] }),
    );
    this.table(
      found,
      [
        { title: 'address', value: ({ address }) => address },
        {
          title: 'expires (UTC)',
          value: ({ expires, skipped }) => (skipped ? skipped : showMoment(expires, '')),
        },
        { title: 'comment', value: ({ comment }) => comment },
      ],
      'No address was banned from that many sessions.',
    );
    const count = found.filter(({ skipped }) => skipped === undefined).length;
    if (flags['dry-run']) this.logToStderr(`Dry run: ${count} would be banned.`);
    else this.logToStderr(`${count} banned.`);
    return found;
  }
}
