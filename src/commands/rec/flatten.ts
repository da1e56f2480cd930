// dp rec flatten: what a recording has drawn, without how it came about.

import { CanvasCommand, canvasSettings, drawingFlags } from '../../lib/cli/canvas-command.js';
import { Args, Flags } from '../../lib/cli/oclif.js';
import type { Playback } from '../../lib/cli/playback.js';
import { counted, ProblemList, type ShownProblem } from '../../lib/cli/recording-command.js';
import { pointHelp, readPoint } from '../../lib/cli/recording-points.js';
import { refusal } from '../../lib/core/errors.js';
import type { RecordingFormat } from '../../lib/core/recording/items.js';
import { resetWriter, writeFrame } from '../../lib/core/recording/reset-recording.js';
import { describeSize } from '../../lib/core/units.js';
import { formatOfName, isSameFile, standardStream } from '../../lib/io/disk/recording-file.js';

export interface Flattened {
  in: string;
  out: string;
  /** Of the recording that was read. */
  messages: number;
  /** Of the image. */
  written: number;
  problems: ShownProblem[];
}

/** Bytes that are collected before they are written. */
const pieceBytes = 256 * 1024;

export default class RecFlatten extends CanvasCommand {
  static override summary = 'Reduce a recording to its canvas';
  static override description =
    `Writes a recording that produces the same canvas with as few messages as possible: a reset image, as clients send it.
History, chat and users are left out; colours are rounded to 8 bits, as in every reset.`;
  static override examples = [
    '<%= config.bin %> <%= command.id %> session.dprec canvas.dprec',
    '<%= config.bin %> <%= command.id %> session.dprec canvas.dptxt --at 12:30',
  ];
  static override args = {
    in: Args.string({ required: true, description: 'Recording to read, - for standard input' }),
    out: Args.string({ required: true, description: 'Recording to write, - for standard output' }),
  };
  static override flags = {
    at: Flags.string({
      default: 'end',
      description: `Where to stop: ${pointHelp}, or end`,
      helpValue: 'POINT',
    }),
    ...drawingFlags,
    force: Flags.boolean({ char: 'f', description: 'Replace OUT if it exists' }),
  };

  async run(): Promise<Flattened> {
    const { args, flags } = await this.parse(RecFlatten);
    const at = flags.at === 'end' ? undefined : readPoint(flags.at, '--at');
    const toStdout = args.out === standardStream;
    if (toStdout && this.jsonEnabled()) {
      throw refusal('json-needs-file');
    }
    if (await isSameFile(args.in, args.out)) {
      throw refusal('output-is-input', { file: args.in });
    }
    const list = new ProblemList(args.in, (line) => this.logToStderr(line));
    const opened = await this.open(args.in);
    const settings = canvasSettings(flags);
    const divides = at === undefined;
    return this.withPlayback(opened, { settings, report: list.add, divides }, async (playback) => {
      await this.playTo(playback, at);
      const image = { format: formatOfName(args.out) ?? ('binary' as const), written: 0, bytes: 0 };
      await this.write(args.out, imagePieces(playback, image), flags.force);
      list.finish();
      if (!toStdout) {
        this.log(
          `${args.out}: ${counted(playback.played, 'message')} became ${image.written} (${describeSize(image.bytes)})`,
        );
      }
      if (list.errors > 0) this.endWith('problems');
      return {
        in: args.in,
        out: args.out,
        messages: playback.played,
        written: image.written,
        problems: list.problems,
      };
    });
  }
}

async function* imagePieces(
  { canvas, generation, header }: Playback,
  image: { format: RecordingFormat; written: number; bytes: number },
): AsyncGenerator<Uint8Array> {
  const writer = resetWriter({ format: image.format, generation, header });
  for await (const frame of canvas.resetImage({ isComplete: true })) {
    writeFrame(writer, frame);
    image.written++;
    image.bytes += frame.length;
    if (writer.waitingBytes > pieceBytes) yield writer.take();
  }
  yield writer.take();
}
