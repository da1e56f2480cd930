// `dp file delete`: deletes an archive, backup, recording or template of a running server.

import type { OutputOf } from '../../lib/admin/operations.js';
import { LiveCommand } from '../../lib/cli/admin-command.js';
import { fileArg, readFileReference } from '../../lib/cli/file-texts.js';
import { Flags } from '../../lib/cli/oclif.js';
import { confirm } from '../../lib/cli/prompts.js';
import { describeSize } from '../../lib/core/units.js';

export default class FileDelete extends LiveCommand {
  static override summary = 'Delete an archive, backup, recording or template';
  static override description =
    'With the last history of an ended session, its journal and picture are deleted as well.';
  static override examples = ['<%= config.bin %> <%= command.id %> template/doodles.dptxt'];
  static override args = { file: fileArg };
  static override flags = { yes: Flags.boolean({ char: 'y', summary: 'Do not prompt' }) };
  static override answers = ['file.delete'] as const;

  async run(): Promise<OutputOf<'file.delete'>> {
    const { args, flags } = await this.parse(FileDelete);
    const file = readFileReference(args.file);
    if (!flags.yes && !(await confirm(this.terminal, `Delete ${file.kind}/${file.name}?`, true)))
      this.exit(1);
    return this.withAdmin(flags, async (admin) => {
      const deleted = await admin.run('file.delete', file);
      this.log(`Deleted ${file.kind}/${file.name} (${describeSize(deleted.sizeBytes)}).`);
      return deleted;
    });
  }
}
