// `dp log purge`: deletes old entries of the log.

import type { OutputOf } from '../../lib/admin/operations.js';
import { AdminCommand } from '../../lib/cli/admin-command.js';
import { readPast, showMoment } from '../../lib/cli/moments.js';
import { Flags } from '../../lib/cli/oclif.js';
import { confirm } from '../../lib/cli/prompts.js';

export default class LogPurge extends AdminCommand {
  static override summary = 'Delete old log entries';
  static override description = 'If the setting logpurgedays is set, the server does this daily.';
  static override examples = [
    '<%= config.bin %> <%= command.id %> --before 90d',
    '<%= config.bin %> <%= command.id %> --before 2026-01-01 --dry-run',
  ];
  static override flags = {
    before: Flags.string({
      required: true,
      helpValue: 'WHEN',
      summary: 'Delete entries older than 90d, a date, or a date and time (UTC unless a zone is given)',
    }),
    'dry-run': Flags.boolean({ char: 'n', summary: 'Count the entries, delete nothing' }),
    yes: Flags.boolean({ char: 'y', summary: 'Do not prompt' }),
  };
  static override answers = ['log.purge'] as const;

  async run(): Promise<OutputOf<'log.purge'>> {
    const { flags } = await this.parse(LogPurge);
    const before = readPast(flags.before, this.terminal.now());
    const moment = showMoment(before, '');
    return this.withAdmin(flags, async (admin) => {
      const { removed: count } = await admin.run('log.purge', { before, isDryRun: true });
      const entries = `${count} ${count === 1 ? 'entry' : 'entries'} from before ${moment} UTC`;
      if (flags['dry-run']) {
        this.log(`Dry run: ${entries} would be deleted.`);
        return { removed: count };
      }
      if (count > 0 && !flags.yes && !(await confirm(this.terminal, `Delete ${entries}?`, true)))
        this.exit(1);
      const { removed } = await admin.run('log.purge', { before });
      this.log(`${removed} deleted.`);
      return { removed };
    });
  }
}
