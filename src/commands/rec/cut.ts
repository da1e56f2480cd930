// dp rec cut: a part of a recording that still plays.

import { Args, Flags } from '@oclif/core';
import { counted, ProblemList, RecordingCommand, type ToldProblem } from '../../lib/cli/recording-command.js';
import { pointHelp, readPoint } from '../../lib/cli/recording-points.js';
import { Refusal } from '../../lib/core/errors.js';
import { Cut, type CutCount, type CutPoint } from '../../lib/core/recording/cut.js';
import { formatOfName, isSameFile, standardStream } from '../../lib/io/disk/recording-file.js';

export interface CutResult extends CutCount {
  in: string;
  out: string;
  problems: ToldProblem[];
}

export default class RecCut extends RecordingCommand {
  static override summary = 'Take a part out of a recording, so that it still plays.';
  static override description =
    `A canvas is the sum of all that was drawn: what comes before --from is kept as far as it left a trace on
the canvas, without its waiting times, so that the part begins at once. Chat, pointers and other things
that pass are left out there. A stroke that --to cuts through is ended.`;
  static override examples = [
    '<%= config.bin %> <%= command.id %> session.dprec start.dprec --to 5000',
    '<%= config.bin %> <%= command.id %> session.dprec part.dprec --from 10:00 --to 15:30',
  ];
  static override args = {
    in: Args.string({ required: true, description: 'the recording to read, - for standard input' }),
    out: Args.string({ required: true, description: 'the file to write, - for standard output' }),
  };
  static override flags = {
    from: Flags.string({ description: `first message of the part: ${pointHelp}`, helpValue: 'POINT' }),
    to: Flags.string({ description: `last message of the part: ${pointHelp}`, helpValue: 'POINT' }),
    force: Flags.boolean({ char: 'f', description: 'replace OUT if it exists' }),
  };

  async run(): Promise<CutResult> {
    const { args, flags } = await this.parse(RecCut);
    const from = readPoint(flags.from, '--from');
    const to = readPoint(flags.to, '--to');
    if (!from && !to) throw new Refusal('badInput', 'nothing to cut', 'Add --from, --to, or both.');
    if (from && to && 'ms' in from === 'ms' in to && amountOf(to) < amountOf(from)) {
      throw new Refusal('badInput', '--to lies before --from');
    }
    const toStdout = args.out === standardStream;
    if (toStdout && this.jsonEnabled()) {
      throw new Refusal(
        'badInput',
        'with --json the result needs a file: standard output is taken',
        'Name an OUT.',
      );
    }
    if (await isSameFile(args.in, args.out)) {
      throw new Refusal('badInput', `${args.in} can not be cut onto itself`, 'Name another OUT.');
    }
    const list = new ProblemList(args.in, (line) => this.logToStderr(line));
    const cut = new Cut({ from, to, outputFormat: toStdout ? undefined : formatOfName(args.out) }, list.add);
    const chunks = this.watched('cutting', await this.open(args.in));
    async function* pieces(): AsyncGenerator<Buffer> {
      for await (const chunk of chunks) {
        const piece = cut.read(chunk);
        if (piece.length > 0) yield piece;
        if (cut.isOver) break;
      }
      yield cut.end();
    }
    await this.write(args.out, pieces(), flags.force);
    list.finish();
    const { count } = cut;
    if (!toStdout) {
      this.log(
        `${args.out}: ${counted(count.part, 'message')}, and ${count.before} from before that the canvas needs; ${count.left} left out`,
      );
    }
    if (list.errors > 0) this.endWith('problems');
    return { in: args.in, out: args.out, ...count, problems: list.problems };
  }
}

function amountOf(point: CutPoint): number {
  return 'ms' in point ? point.ms : point.message;
}
