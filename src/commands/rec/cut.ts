// dp rec cut: a part of a recording that still plays.

import {
  CanvasCommand,
  canvasSettings,
  type DrawingFlags,
  engineFlags,
} from '../../lib/cli/canvas-command.js';
import { Args, Flags } from '../../lib/cli/oclif.js';
import { counted, ProblemList, type ShownProblem } from '../../lib/cli/recording-command.js';
import { pointHelp, readPoint } from '../../lib/cli/recording-points.js';
import { type ResetCutOptions, resetCut } from '../../lib/cli/reset-cut.js';
import { refusal } from '../../lib/core/errors.js';
import { Cut, type CutCount, type CutOptions, type CutPoint } from '../../lib/core/recording/cut.js';
import {
  formatOfName,
  isSameFile,
  type OpenedRecording,
  standardStream,
} from '../../lib/io/disk/recording-file.js';

export interface CutResult extends CutCount {
  in: string;
  out: string;
  problems: ShownProblem[];
}

export default class RecCut extends CanvasCommand {
  static override summary = 'Cut a part out of a recording so that it still plays';
  static override description =
    `The canvas depends on everything that was drawn before. What precedes --from is therefore kept as far as it left a
trace on the canvas, without its pauses, so that the part starts at once. Chat, pointers and other transient
messages before the part are left out. A stroke that is interrupted by --to is ended.

With --reset-at instead of --from, the part starts with a reset image of the canvas: a short recording that plays from
its first message. What was done before the part cannot be undone in it.`;
  static override examples = [
    '<%= config.bin %> <%= command.id %> session.dprec start.dprec --to 5000',
    '<%= config.bin %> <%= command.id %> session.dprec part.dprec --from 10:00 --to 15:30',
    '<%= config.bin %> <%= command.id %> session.dprec part.dprec --reset-at 10:00',
  ];
  static override args = {
    in: Args.string({ required: true, description: 'Recording to read, - for standard input' }),
    out: Args.string({ required: true, description: 'File to write, - for standard output' }),
  };
  static override flags = {
    from: Flags.string({ description: `First message of the part: ${pointHelp}`, helpValue: 'POINT' }),
    'reset-at': Flags.string({
      description: `First message of the part, which starts with a reset image: ${pointHelp}`,
      exclusive: ['from'],
      helpValue: 'POINT',
    }),
    to: Flags.string({ description: `Last message of the part: ${pointHelp}`, helpValue: 'POINT' }),
    ...engineFlags,
    force: Flags.boolean({ char: 'f', description: 'Replace OUT if it exists' }),
  };

  async run(): Promise<CutResult> {
    const { args, flags } = await this.parse(RecCut);
    const resetAt = readPoint(flags['reset-at'], '--reset-at');
    const from = resetAt ?? readPoint(flags.from, '--from');
    const to = readPoint(flags.to, '--to');
    if (!from && !to) throw refusal('nothing-to-cut');
    if (from && to && 'ms' in from === 'ms' in to && amountOf(to) < amountOf(from)) {
      throw refusal('points-reversed', { from: resetAt ? '--reset-at' : '--from' });
    }
    const toStdout = args.out === standardStream;
    if (toStdout && this.jsonEnabled()) {
      throw refusal('json-needs-file');
    }
    if (await isSameFile(args.in, args.out)) {
      throw refusal('output-is-input', { file: args.in });
    }
    const list = new ProblemList(args.in, (line) => this.logToStderr(line));
    const opened = await this.open(args.in);
    const format = toStdout ? undefined : formatOfName(args.out);
    const count = resetAt
      ? await this.cutWithReset(
          opened,
          args.out,
          { from: resetAt, to, format: format ?? 'binary' },
          flags,
          list,
        )
      : await this.cut(opened, args.out, { from, to, outputFormat: format }, flags.force, list);
    list.finish();
    if (!toStdout) {
      this.log(
        `${args.out}: ${counted(count.part, 'message')}, plus ${count.before} earlier ones that the canvas depends on; ${count.left} left out`,
      );
    }
    if (list.errors > 0) this.endWith('problems');
    return { in: args.in, out: args.out, ...count, problems: list.problems };
  }

  private async cut(
    opened: OpenedRecording,
    out: string,
    options: CutOptions,
    overwrites: boolean,
    list: ProblemList,
  ): Promise<CutCount> {
    const cut = new Cut(options, list.add);
    const chunks = this.watched('cutting', opened);
    async function* pieces(): AsyncGenerator<Buffer> {
      for await (const chunk of chunks) {
        const piece = cut.read(chunk);
        if (piece.length > 0) yield piece;
        if (cut.isOver) break;
      }
      yield cut.end();
    }
    await this.write(out, pieces(), overwrites);
    return cut.count;
  }

  private async cutWithReset(
    opened: OpenedRecording,
    out: string,
    options: ResetCutOptions,
    flags: DrawingFlags & { force: boolean },
    list: ProblemList,
  ): Promise<CutCount> {
    const count: CutCount = { part: 0, before: 0, left: 0, added: 0 };
    const settings = canvasSettings(flags);
    await this.withPlayback(opened, { settings, report: list.add }, (playback) =>
      this.write(out, resetCut(playback, options, count), flags.force),
    );
    return count;
  }
}

function amountOf(point: CutPoint): number {
  return 'ms' in point ? point.ms : point.message;
}
