// dp backup verify: whether a backup could be restored, found out by unpacking it and looking at everything.

import { backupColumns, describeBackup } from '../../lib/cli/backup-text.js';
import { BaseCommand } from '../../lib/cli/base-command.js';
import { Args } from '../../lib/cli/oclif.js';

export default class BackupVerify extends BaseCommand {
  static override summary = 'Check that a backup is whole and could be restored.';
  static override description =
    'Unpacks it into a temporary folder, compares every file with its sum, checks the database and reads every ' +
    'session to its end. Exit status 7 when something is wrong.';
  static override examples = ['<%= config.bin %> <%= command.id %> dp-backup-20261122T101500Z.tar.gz'];
  static override args = { file: Args.string({ required: true, description: 'The backup.' }) };

  async run() {
    const { args } = await this.parse(BackupVerify);
    const { verifyBackup } = await import('../../lib/server/backup.js');
    const summary = await verifyBackup(args.file);
    for (const line of describeBackup(summary)) this.log(line);
    this.table(summary.sessions, backupColumns);
    for (const problem of summary.problems) this.warn(problem);
    if (summary.problems.length > 0) this.endWith('problems');
    else this.log('The backup is whole.');
    return summary;
  }
}
