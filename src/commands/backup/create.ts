// dp backup create: everything that a server keeps in one file, also while it runs.

import * as path from 'node:path';
import { BaseCommand } from '../../lib/cli/base-command.js';
import { Args, Flags } from '../../lib/cli/oclif.js';
import { counted, describeSize } from '../../lib/core/units.js';
import type { DataPlaces } from '../../lib/server/backup.js';

export default class BackupCreate extends BaseCommand {
  static override summary = 'Back up settings, accounts and sessions into one file';
  static override description =
    'The server may be running. The file is a .tar.gz that standard tools can open. It contains password hashes, ' +
    'and private keys of certificates, so only you can read it. --no-certificates leaves the latter out.';
  static override examples = [
    { description: 'Back up the data folder of dp serve', command: '<%= config.bin %> <%= command.id %>' },
    {
      description: 'Back up a server that stores its data elsewhere',
      command:
        '<%= config.bin %> <%= command.id %> /backups/monday.tar.gz --database config.db --sessions sessions',
    },
  ];
  static override args = {
    file: Args.string({ description: 'File to write; without it, the name contains the current time' }),
  };
  static override flags = {
    data: Flags.string({ helpValue: 'FOLDER', description: 'Data folder of dp serve' }),
    database: Flags.string({
      char: 'd',
      helpValue: 'FILE',
      description: 'Database, as given to dp serve',
      exclusive: ['config'],
    }),
    config: Flags.string({
      char: 'c',
      helpValue: 'FILE',
      description: 'Settings file, as given to dp serve',
    }),
    sessions: Flags.string({
      char: 's',
      helpValue: 'FOLDER',
      description: 'Session folder, as given to dp serve',
    }),
    templates: Flags.string({
      char: 't',
      helpValue: 'FOLDER',
      description: 'Template folder, as given to dp serve',
    }),
    certificates: Flags.boolean({
      allowNo: true,
      default: true,
      description:
        'Include certificates, their keys and the account at the authority, if they are in the data folder',
    }),
    archived: Flags.boolean({ description: 'Include archived files of sessions that ended' }),
    force: Flags.boolean({ description: 'Overwrite FILE if it exists' }),
  };

  async run() {
    const { args, flags } = await this.parse(BackupCreate);
    const { createBackup, placesIn } = await import('../../lib/server/backup.js');
    const { backupName, dataFolder } = await import('../../lib/io/system/data-folder.js');
    const { database, config, sessions, templates } = flags;
    const isNamed = [database, config, sessions, templates].some((place) => place !== undefined);
    const places: DataPlaces =
      isNamed && flags.data === undefined
        ? { database, config, sessions, templates }
        : {
            ...placesIn(path.resolve(flags.data ?? dataFolder({ env: this.terminal.env }))),
            ...Object.fromEntries(
              Object.entries({ database, config, sessions, templates }).filter(
                ([, place]) => place !== undefined,
              ),
            ),
          };
    if (!flags.certificates) delete places.certificates;
    const file = path.resolve(args.file ?? backupName(this.terminal.now()));
    const made = await createBackup(places, file, {
      archived: flags.archived ?? false,
      isForced: flags.force ?? false,
    });
    this.log(
      `wrote     ${file} (${describeSize(made.sizeBytes)}: ${counted(made.files, 'file')}, ${counted(made.sessions, 'session')})`,
    );
    this.log(`check it  dp backup verify ${file}`);
    return { file, ...made };
  }
}
