// `dp file get`: a file of a running server, here.

import { basename } from 'node:path';
import type { Admin } from '../../lib/admin/admin.js';
import type { FileReference } from '../../lib/admin/file-shapes.js';
import { integer, object, type Static, text } from '../../lib/admin/schema.js';
import { LiveCommand } from '../../lib/cli/admin-command.js';
import { fileArg, readFileReference } from '../../lib/cli/file-texts.js';
import { leavingNoParts } from '../../lib/cli/interruption.js';
import { Args, Flags } from '../../lib/cli/oclif.js';
import { refusal } from '../../lib/core/errors.js';
import { describeSize } from '../../lib/core/units.js';
import { standardStream, writeOutput } from '../../lib/io/disk/atomic-output.js';
import { fileModes } from '../../lib/io/files/regular-file.js';

const fetched = object({ file: text, bytes: integer });

export default class FileGet extends LiveCommand {
  static override summary = 'Download a file of a server';
  static override examples = [
    '<%= config.bin %> <%= command.id %> backup/dp-backup-20261122T101500Z.tar.gz',
    '<%= config.bin %> <%= command.id %> archive/01m8117n3gr05sv034sn5seq1e.dprec.archived sketches.dprec',
  ];
  static override args = {
    file: fileArg,
    to: Args.string({ description: 'File to write, - for standard output [default: its name]' }),
  };
  static override flags = {
    force: Flags.boolean({ char: 'f', summary: 'Replace the file here if it exists' }),
  };
  static override ownAnswers = { '': { shape: fetched } } as const;

  async run(): Promise<Static<typeof fetched>> {
    const { args, flags } = await this.parse(FileGet);
    const file = readFileReference(args.file);
    const to = args.to ?? basename(file.name);
    if (to === standardStream && this.jsonEnabled()) throw refusal('json-needs-file');
    return this.withAdmin(flags, async (admin) => {
      const counted = { bytes: 0 };
      await leavingNoParts(() =>
        writeOutput(to, partsOf(admin, file, counted), {
          // backups hold secrets, and drawings may be private
          mode: fileModes.secret,
          overwrites: flags.force ?? false,
          stdout: this.terminal.stdout,
        }),
      );
      if (to !== standardStream) this.logToStderr(`${to}: ${describeSize(counted.bytes)}`);
      return { file: to, bytes: counted.bytes };
    });
  }
}

async function* partsOf(
  admin: Admin,
  file: FileReference,
  counted: { bytes: number },
): AsyncGenerator<Buffer> {
  let part = await admin.run('file.read', file);
  const { sizeBytes: until } = part;
  for (;;) {
    const bytes = Buffer.from(part.bytes, 'base64');
    counted.bytes += bytes.length;
    if (bytes.length > 0) yield bytes;
    if (part.next === undefined) return;
    part = await admin.run('file.read', { ...file, from: part.next, until });
  }
}
