// dp backup restore: a backup becomes the data of a server, here or on another machine.

import * as path from 'node:path';
import { backupColumns, describeBackup } from '../../lib/cli/backup-text.js';
import { BaseCommand } from '../../lib/cli/base-command.js';
import { Args, Flags } from '../../lib/cli/oclif.js';

export default class BackupRestore extends BaseCommand {
  static override summary = 'Restore a backup into a data folder';
  static override description =
    'The backup is checked first; a damaged one changes nothing. Existing data in the folder is replaced only ' +
    'with --force, and is then moved to a separate folder. The server must not be running.';
  static override examples = [
    {
      description: 'On a new machine, before the first start',
      command: '<%= config.bin %> <%= command.id %> dp-backup-20261122T101500Z.tar.gz',
    },
  ];
  static override args = { file: Args.string({ required: true, description: 'Backup file' }) };
  static override flags = {
    data: Flags.string({
      helpValue: 'FOLDER',
      description: 'Destination folder [default: the data folder of dp serve]',
    }),
    force: Flags.boolean({ description: 'Move existing data aside' }),
  };

  async run() {
    const { args, flags } = await this.parse(BackupRestore);
    const { restoreBackup } = await import('../../lib/server/backup.js');
    const { dataFolder } = await import('../../lib/io/system/data-folder.js');
    const folder = path.resolve(flags.data ?? dataFolder({ env: this.terminal.env }));
    const summary = await restoreBackup(args.file, folder, { isForced: flags.force ?? false });
    for (const line of describeBackup(summary)) this.log(line);
    this.table(summary.sessions, backupColumns);
    this.log(`restored  to ${folder}`);
    if (summary.setAside !== undefined) this.log(`moved     existing data to ${summary.setAside}`);
    const places = [
      ...(flags.data === undefined ? [] : [`--data ${folder}`]),
      ...(summary.hasSettings === 'file' ? [`--config ${path.join(folder, 'dp.conf')}`] : []),
    ];
    this.log(`start it  dp serve${places.map((flag) => ` ${flag}`).join('')}`);
    return { folder, ...summary };
  }
}
