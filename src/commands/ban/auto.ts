// `dp ban auto`: bans addresses that several sessions banned, by the rules of the original's bantool.

import type { OutputOf } from '../../lib/admin/operations.js';
import { AdminCommand } from '../../lib/cli/admin-command.js';
import { showMoment } from '../../lib/cli/moments.js';
import { Flags } from '../../lib/cli/oclif.js';

export default class BanAuto extends AdminCommand {
  static override summary = 'Ban addresses that were banned from several sessions lately.';
  static override description =
    'An address that operators banned from at least so many different sessions, and that has no ban of its own, is banned from the server for PENALTY days per session. Made for a timer: it needs a log, so a database.';
  static override examples = [
    '<%= config.bin %> <%= command.id %> --dry-run',
    '<%= config.bin %> <%= command.id %> --sessions 5 --days 7 --penalty 2',
  ];
  static override flags = {
    sessions: Flags.integer({
      default: 3,
      min: 1,
      helpValue: 'N',
      summary: 'From how many different sessions.',
    }),
    days: Flags.integer({ default: 2, min: 1, helpValue: 'N', summary: 'Within how many days.' }),
    penalty: Flags.integer({ default: 5, min: 1, helpValue: 'N', summary: 'Days of ban for each session.' }),
    'dry-run': Flags.boolean({ char: 'n', summary: 'Say whom it would ban, and ban nobody.' }),
  };

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
          title: 'until (UTC)',
          value: ({ expires, skipped }) => (skipped ? skipped : showMoment(expires, '')),
        },
        { title: 'comment', value: ({ comment }) => comment },
      ],
      'Nobody was banned from so many sessions.',
    );
    const count = found.filter(({ skipped }) => skipped === undefined).length;
    if (flags['dry-run']) this.logToStderr(`Dry run: ${count} would be banned.`);
    else this.logToStderr(`${count} banned.`);
    return found;
  }
}
