// `dp file add`: a template for a running server.

import { basename } from 'node:path';
import type { OutputOf } from '../../lib/admin/operations.js';
import { LiveCommand } from '../../lib/cli/admin-command.js';
import { Args, Flags } from '../../lib/cli/oclif.js';
import { counted } from '../../lib/core/units.js';
import { readingFailed } from '../../lib/io/disk/recording-file.js';
import { readRegularAsync } from '../../lib/io/files/regular-file.js';

const templateBytesAtMost = 24 * 1024 * 1024;

export default class FileAdd extends LiveCommand {
  static override summary = 'Check a template and add it to the folder of the server';
  static override description =
    'Its name without .dptxt or .dprec becomes the alias. A template that cannot be used is refused; lines that are ' +
    'skipped are listed. `dp template validate` checks one without a server.';
  static override examples = ['<%= config.bin %> <%= command.id %> doodles.dptxt'];
  static override args = { file: Args.string({ required: true, description: 'Template file' }) };
  static override flags = {
    force: Flags.boolean({ char: 'f', summary: 'Replace the template if it exists' }),
    'dry-run': Flags.boolean({ char: 'n', summary: 'Check only' }),
  };
  static override answers = ['file.add'] as const;

  async run(): Promise<OutputOf<'file.add'>> {
    const { args, flags } = await this.parse(FileAdd);
    const bytes = await readRegularAsync(args.file, templateBytesAtMost).then(
      (read) => read.bytes,
      (error: unknown) => {
        throw readingFailed(args.file, error);
      },
    );
    return this.withAdmin(flags, async (admin) => {
      const added = await admin.run('file.add', {
        name: basename(args.file),
        content: bytes.toString('base64'),
        replaces: flags.force ?? false,
        isDryRun: flags['dry-run'] ?? false,
      });
      for (const { line, offset, severity, message } of added.problems) {
        const place =
          line === undefined ? (offset === undefined ? '' : `offset ${offset}: `) : `line ${line}: `;
        this.warn(`${place}${severity}: ${message}`);
      }
      const { alias, protocol, messages, isStored } = added;
      this.log(
        `${alias}: ${protocol}, ${counted(messages, 'message')}${isStored ? '' : ' (dry run: not stored)'}`,
      );
      return added;
    });
  }
}
