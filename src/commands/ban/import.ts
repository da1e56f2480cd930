// `dp ban import`: bans from a file, all or none of them.

import type { OutputOf } from '../../lib/admin/operations.js';
import { AdminCommand } from '../../lib/cli/admin-command.js';
import { showMoment } from '../../lib/cli/moments.js';
import { Args, Flags } from '../../lib/cli/oclif.js';
import { counted } from '../../lib/core/units.js';
import { readingFailed } from '../../lib/io/disk/recording-file.js';
import { readRegularAsync } from '../../lib/io/files/regular-file.js';

const bytesAtMost = 4_000_000;

export default class BanImport extends AdminCommand {
  static override summary = 'Import bans from CSV or a list of addresses';
  static override description =
    'Reads what `dp ban export` writes, and plain lists with an address or network in each line. A ban of the same target ' +
    'is changed. If a line is invalid, nothing is imported; the exit status is 7 if --dry-run finds one.';
  static override examples = ['<%= config.bin %> <%= command.id %> bans.csv --dry-run'];
  static override args = { file: Args.string({ required: true, description: 'File to read' }) };
  static override flags = {
    'dry-run': Flags.boolean({ char: 'n', summary: 'Show what would change, change nothing' }),
  };
  static override answers = ['ban.import'] as const;

  async run(): Promise<OutputOf<'ban.import'>> {
    const { args, flags } = await this.parse(BanImport);
    const text = await readRegularAsync(args.file, bytesAtMost).then(
      ({ bytes }) => bytes.toString('utf8'),
      (error: unknown) => {
        throw readingFailed(args.file, error);
      },
    );
    return this.withAdmin(flags, async (admin) => {
      const found = await admin.run('ban.import', { text, isDryRun: flags['dry-run'] ?? false });
      this.table(
        found.rows.filter(({ action }) => action === 'add' || action === 'change'),
        [
          { title: 'Line', value: ({ line }) => line, align: 'right' },
          { title: 'Action', value: ({ action }) => action },
          { title: 'Ban', value: ({ kind, target }) => `${kind} ${target}` },
          { title: 'Expires', value: ({ expires }) => showMoment(expires, 'never') },
          { title: 'Comment', value: ({ comment }) => comment },
        ],
      );
      for (const { line, message } of found.problems) this.warn(`line ${line}: ${message}`);
      const { added, changed, isDone } = found;
      this.log(`${counted(added, 'ban')} added, ${changed} changed${isDone ? '' : ' (dry run)'}`);
      if (found.problems.length > 0) this.endWith('problems');
      return found;
    });
  }
}
