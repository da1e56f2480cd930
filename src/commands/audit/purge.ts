// `dp audit purge`: deletes old entries of the audit trail.

import { AdminCommand } from '../../lib/cli/admin-command.js';
import { readPast, showMoment } from '../../lib/cli/moments.js';
import { Flags } from '../../lib/cli/oclif.js';
import { confirm } from '../../lib/cli/prompts.js';

export default class AuditPurge extends AdminCommand {
  static override summary = 'Delete old entries of the audit trail';
  static override description = 'If the setting auditpurgedays is set, the server does this daily.';
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

  async run(): Promise<{ removed: number; before: string }> {
    const { flags } = await this.parse(AuditPurge);
    const before = readPast(flags.before, this.terminal.now());
    const moment = showMoment(before, '');
    return this.withAdmin(flags, async (admin) => {
      const { removed: count } = await admin.run('audit.purge', { before, isDryRun: true });
      const entries = `${count} ${count === 1 ? 'entry' : 'entries'} from before ${moment} UTC`;
      if (flags['dry-run']) {
        this.log(`Dry run: ${entries} would be deleted.`);
        return { removed: count, before: moment };
      }
      if (count > 0 && !flags.yes && !(await confirm(this.terminal, `Delete ${entries}?`, true)))
        this.exit(1);
      const { removed } = await admin.run('audit.purge', { before });
      this.log(`${removed} deleted.`);
      return { removed, before: moment };
    });
  }
}
