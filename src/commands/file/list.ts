// `dp file list`: archives, backups, recordings and templates of a running server.

import { fileKinds } from '../../lib/admin/file-shapes.js';
import type { OutputOf } from '../../lib/admin/operations.js';
import { LiveCommand } from '../../lib/cli/admin-command.js';
import { fileColumns } from '../../lib/cli/file-texts.js';
import { Flags } from '../../lib/cli/oclif.js';

export default class FileList extends LiveCommand {
  static override summary = 'List archives, backups, recordings and templates of a server';
  static override description =
    'Archives are histories of sessions that ended or were reset. The newest file is first. `dp archive list` and ' +
    '`dp template list` read the folders without a server.';
  static override examples = ['<%= config.bin %> <%= command.id %> --kind backup'];
  static override flags = {
    kind: Flags.option({ options: fileKinds })({ summary: 'Only files of this kind' }),
  };
  static override answers = ['file.list'] as const;

  async run(): Promise<OutputOf<'file.list'>> {
    const { flags } = await this.parse(FileList);
    const { kind } = flags;
    return this.withAdmin(flags, async (admin) => {
      const found = await admin.run('file.list', kind === undefined ? {} : { kind });
      this.table(found.files, fileColumns, 'There are no files.');
      return found;
    });
  }
}
