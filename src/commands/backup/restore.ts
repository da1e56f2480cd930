// dp backup restore: a backup becomes the data of a server, here or on another machine.

import * as path from 'node:path';
import { backupColumns, describeBackup } from '../../lib/cli/backup-text.js';
import { BaseCommand } from '../../lib/cli/base-command.js';
import { Args, Flags } from '../../lib/cli/oclif.js';

export default class BackupRestore extends BaseCommand {
  static override summary = 'Put a backup into a data folder.';
  static override description =
    'The backup is checked first; a damaged one changes nothing. What is in the folder already is only replaced ' +
    'with --force, and then it is set aside in a folder of its own. The server must not be running.';
  static override examples = [
    {
      description: 'On a new machine, before the first start',
      command: '<%= config.bin %> <%= command.id %> dp-backup-20261122T101500Z.tar.gz',
    },
  ];
  static override args = { file: Args.string({ required: true, description: 'The backup.' }) };
  static override flags = {
    data: Flags.string({
      helpValue: '<FOLDER>',
      description: 'Where to; the data folder of dp serve when left out.',
    }),
    force: Flags.boolean({ description: 'Set aside what is there.' }),
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
    if (summary.setAside !== undefined) this.log(`set aside what was there: ${summary.setAside}`);
    const places = [
      ...(flags.data === undefined ? [] : [`--data ${folder}`]),
      ...(summary.hasSettings === 'file' ? [`--config ${path.join(folder, 'dp.conf')}`] : []),
    ];
    this.log(`start it  dp serve${places.map((flag) => ` ${flag}`).join('')}`);
    return { folder, ...summary };
  }
}
