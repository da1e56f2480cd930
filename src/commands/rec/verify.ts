// dp rec verify: looks at every message, and saves what can be saved.

import { Args, Flags } from '../../lib/cli/oclif.js';
import {
  counted,
  ProblemList,
  RecordingCommand,
  type ShownProblem,
} from '../../lib/cli/recording-command.js';
import { refusal } from '../../lib/core/errors.js';
import { Salvage, type SalvageCount } from '../../lib/core/recording/salvage.js';
import { isSameFile, standardStream } from '../../lib/io/disk/recording-file.js';

export interface Verified extends SalvageCount {
  file: string;
  errors: number;
  warnings: number;
  problems: ShownProblem[];
  repaired?: string;
}

export default class RecVerify extends RecordingCommand {
  static override summary = 'Check every message of a recording, and repair it';
  static override description = `Lists each problem with its position; the exit status is 7 if there are any.
With --repair, every valid message is written to a second file: truncated and invalid messages are left out, and in
binary recordings the next complete message is searched for. Comments in text recordings are not kept.`;
  static override examples = [
    '<%= config.bin %> <%= command.id %> session.dprec',
    '<%= config.bin %> <%= command.id %> session.dprec --repair',
    '<%= config.bin %> <%= command.id %> session.dprec --repair --out repaired.dprec',
  ];
  static override args = {
    file: Args.string({ required: true, description: 'Recording to read, - for standard input' }),
  };
  static override flags = {
    repair: Flags.boolean({ description: 'Write a repaired recording next to the damaged one' }),
    out: Flags.string({
      char: 'o',
      description: 'File to write [default: NAME.repaired.dprec or NAME.repaired.dptxt]',
      dependsOn: ['repair'],
      helpValue: 'FILE',
    }),
    force: Flags.boolean({ char: 'f', description: 'Replace that file if it exists' }),
  };

  async run(): Promise<Verified> {
    const { args, flags } = await this.parse(RecVerify);
    if (flags.repair && args.file === standardStream && flags.out === undefined) {
      throw refusal('repair-without-name');
    }
    const out = flags.out ?? repairedName(args.file);
    if (flags.repair && (await isSameFile(args.file, out))) {
      throw refusal('repair-in-place');
    }
    const list = new ProblemList(args.file, (line) => this.logToStderr(line));
    const salvage = new Salvage(list.add);
    const chunks = this.watched('verifying', await this.open(args.file));
    async function* intact(): AsyncGenerator<Buffer> {
      for await (const chunk of chunks) {
        const piece = salvage.read(chunk);
        if (piece.length > 0) yield piece;
      }
      yield salvage.end();
    }
    if (flags.repair) {
      await this.write(out, intact(), flags.force);
    } else {
      for await (const _ of intact());
    }
    list.finish();
    const { count } = salvage;
    const isIntact = list.errors + list.warnings === 0;
    if (isIntact) this.logToStderr(`${args.file}: ${counted(count.kept, 'message')}, all valid`);
    else {
      this.logToStderr(
        `${args.file}: ${counted(count.kept, 'valid message')}, ${counted(list.errors, 'error')}, ${counted(list.warnings, 'warning')}${flags.repair ? '' : '; --repair saves the valid messages'}`,
      );
      this.endWith('problems');
    }
    if (flags.repair && out !== standardStream)
      this.log(`${out}: written with ${counted(count.kept, 'message')}`);
    return {
      file: args.file,
      ...count,
      errors: list.errors,
      warnings: list.warnings,
      problems: list.problems,
      ...(flags.repair ? { repaired: out } : {}),
    };
  }
}

function repairedName(path: string): string {
  const [, base = path, extension = ''] = /^(.*?)(\.dp(?:rec|txt).*)?$/i.exec(path) ?? [];
  return `${base}.repaired${extension}`;
}
