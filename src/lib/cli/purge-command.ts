// What `dp log purge` and `dp audit purge` share: which entries, how many they are, and whether they are really to go.

import type { Admin } from '../admin/admin.js';
import type { InputOf, OutputOf } from '../admin/operations.js';
import { AdminCommand, type PlaceFlags } from './admin-command.js';
import { readPast, showMoment } from './moments.js';
import { Flags } from './oclif.js';
import { confirm } from './prompts.js';

interface PurgeFlags extends PlaceFlags {
  before: string;
  'dry-run': boolean;
  yes: boolean;
}

export abstract class PurgeCommand extends AdminCommand {
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

  protected async purge(
    flags: PurgeFlags,
    run: (admin: Admin, input: InputOf<'log.purge'>) => Promise<OutputOf<'log.purge'>>,
  ): Promise<OutputOf<'log.purge'> & { moment: string }> {
    const before = readPast(flags.before, this.terminal.now());
    const moment = showMoment(before, '');
    return this.withAdmin(flags, async (admin) => {
      const { removed: count } = await run(admin, { before, isDryRun: true });
      const entries = `${count} ${count === 1 ? 'entry' : 'entries'} from before ${moment} UTC`;
      if (flags['dry-run']) {
        this.log(`Dry run: ${entries} would be deleted.`);
        return { removed: count, moment };
      }
      if (count > 0 && !flags.yes && !(await confirm(this.terminal, `Delete ${entries}?`, true)))
        this.exit(1);
      const { removed } = await run(admin, { before });
      this.log(`${removed} deleted.`);
      return { removed, moment };
    });
  }
}
