// `dp file backup`: a running server backs itself up into its folder.

import type { OutputOf } from '../../lib/admin/operations.js';
import { LiveCommand } from '../../lib/cli/admin-command.js';
import { describeSize } from '../../lib/core/units.js';

export default class FileBackup extends LiveCommand {
  static override summary = 'Create a backup in the folder of the server';
  static override description =
    'The server writes the backup into the folder "backups" beside its data. `dp backup create` writes one to another ' +
    'place, on the same machine. A backup contains archives, password hashes and private keys.';
  static override examples = ['<%= config.bin %> <%= command.id %> --server draw.example.com'];
  static override answers = ['file.backup'] as const;

  async run(): Promise<OutputOf<'file.backup'>> {
    const { flags } = await this.parse(FileBackup);
    return this.withAdmin(flags, async (admin) => {
      const made = await admin.run('file.backup', {});
      this.log(`backup/${made.name} (${describeSize(made.sizeBytes)})`);
      return made;
    });
  }
}
