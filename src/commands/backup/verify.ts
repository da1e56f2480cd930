// dp backup verify: whether a backup could be restored, found out by unpacking it and looking at everything.

import { backupColumns, describeBackup } from '../../lib/cli/backup-text.js';
import { BaseCommand } from '../../lib/cli/base-command.js';
import { Args } from '../../lib/cli/oclif.js';

export default class BackupVerify extends BaseCommand {
  static override summary = 'Check that a backup is intact and can be restored';
  static override description =
    'Unpacks the backup into a temporary folder, compares every file with its checksum, checks the database and ' +
    'reads every session to its end. The exit status is 7 if something is wrong.';
  static override examples = ['<%= config.bin %> <%= command.id %> dp-backup-20261122T101500Z.tar.gz'];
  static override args = { file: Args.string({ required: true, description: 'Backup file' }) };

  async run() {
    const { args } = await this.parse(BackupVerify);
    const { verifyBackup } = await import('../../lib/server/backup.js');
    const summary = await verifyBackup(args.file);
    for (const line of describeBackup(summary)) this.log(line);
    this.table(summary.sessions, backupColumns);
    for (const problem of summary.problems) this.warn(problem);
    if (summary.problems.length > 0) this.endWith('problems');
    else this.log('The backup is intact.');
    return summary;
  }
}
