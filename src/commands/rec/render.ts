// dp rec render: the picture that a recording makes, at its end, at a point, or again and again.

import { join } from 'node:path';
import {
  CanvasCommand,
  canvasSettings,
  drawingFlags,
  findLayer,
  pictureFlags,
  pictureRequest,
  requireDrawers,
} from '../../lib/cli/canvas-command.js';
import { leavingNoParts } from '../../lib/cli/interruption.js';
import { Args, Flags } from '../../lib/cli/oclif.js';
import { type Playback, stopAt } from '../../lib/cli/playback.js';
import { counted, ProblemList, type ShownProblem } from '../../lib/cli/recording-command.js';
import { pointHelp, readPoint } from '../../lib/cli/recording-points.js';
import type { CanvasCounts } from '../../lib/core/canvas/canvas.js';
import type { StateForm } from '../../lib/core/canvas/state-form.js';
import { refusal } from '../../lib/core/errors.js';
import type { Size } from '../../lib/core/picture/picture.js';
import type { CutPoint } from '../../lib/core/recording/cut.js';
import {
  type PictureFormat,
  type PictureRequest,
  pictureFormats,
} from '../../lib/io/canvas/canvas-messages.js';
import { makePublicFolder, standardStream, writeOutput } from '../../lib/io/disk/atomic-output.js';

export interface Rendered extends Size {
  in: string;
  /** The picture, or the first one of several. */
  out: string;
  pictures: number;
  counts: CanvasCounts;
  problems: ShownProblem[];
}

/** Names of files that mean another format's name. */
const otherNames: Readonly<Record<string, PictureFormat>> = { jpeg: 'jpg' };

export default class RecRender extends CanvasCommand {
  static override summary = 'Render a recording as a picture';
  static override description =
    `The pixels match those of Drawpile clients (see docs/canvas.md). The name of OUT selects the format: .png and .webp are
lossless, .jpg is not, .ora (OpenRaster) has the layers for Krita, GIMP, MyPaint and Drawpile.

With --every, a series of pictures is written to the folder --frames. With --state, the state of the canvas is printed
with a SHA-256 of every layer instead, for comparison with other programs.

Recordings of 2.2 and 2.3 can be rendered, those of 2.1 cannot.`;
  static override examples = [
    '<%= config.bin %> <%= command.id %> session.dprec picture.png',
    '<%= config.bin %> <%= command.id %> session.dprec layers.ora --at 12:30',
    '<%= config.bin %> <%= command.id %> session.dprec small.jpg --size 800x600 --without-user 3',
    '<%= config.bin %> <%= command.id %> session.dprec --every 500 --frames frames --size 1280',
    '<%= config.bin %> <%= command.id %> session.dprec --state --json',
  ];
  static override args = {
    in: Args.string({ required: true, description: 'Recording to render, - for standard input' }),
    out: Args.string({ description: 'Picture to write, - for a PNG on standard output' }),
  };
  static override flags = {
    at: Flags.string({
      default: 'end',
      description: `Where to stop: ${pointHelp}, or end`,
      helpValue: 'POINT',
    }),
    every: Flags.integer({
      min: 1,
      description: 'Write a picture after every N messages',
      dependsOn: ['frames'],
      helpValue: 'N',
    }),
    frames: Flags.string({
      description: 'Folder for the pictures of --every',
      dependsOn: ['every'],
      helpValue: 'FOLDER',
    }),
    format: Flags.option({ options: pictureFormats, description: 'Format, regardless of the file name' })(),
    quality: Flags.integer({
      min: 1,
      max: 100,
      helpValue: 'N',
      description: 'Quality of .jpg [default: 92] and .webp [default: lossless]',
    }),
    ...pictureFlags,
    ...drawingFlags,
    state: Flags.boolean({
      description: 'Print the state of the canvas as JSON instead',
      exclusive: ['every'],
    }),
    force: Flags.boolean({ char: 'f', description: 'Replace existing files' }),
  };

  async run(): Promise<Rendered | StateForm> {
    const { args, flags } = await this.parse(RecRender);
    const at = flags.at === 'end' ? undefined : readPoint(flags.at, '--at');
    const settings = canvasSettings(flags);
    const request = { ...pictureRequest(flags), quality: flags.quality };
    const format = this.formatOf(args.out, flags);
    const opened = await this.open(args.in);
    const list = new ProblemList(args.in, (line) => this.logToStderr(line));
    const divides = at === undefined && flags.every === undefined;
    return this.withPlayback(opened, { settings, report: list.add, divides }, async (playback) => {
      if (flags.state) {
        await this.playTo(playback, at);
        requireDrawers(playback, settings);
        const state = await playback.canvas.state();
        list.finish();
        if (!this.jsonEnabled()) this.terminal.stdout.write(`${JSON.stringify(state, null, 1)}\n`);
        return state;
      }
      const draw = async (out: string): Promise<Size> => {
        // of frames the first ones may well be empty
        if (!flags.every) requireDrawers(playback, settings);
        const layer =
          flags.layer === undefined ? undefined : findLayer(await playback.canvas.summary(), flags.layer);
        const view = { ...request.view, ...(layer ? { layer: layer.id } : {}) };
        return this.writePicture(playback, out, { ...request, view, format }, flags.force);
      };
      const done = flags.every
        ? await this.drawFrames(playback, at, flags.every, flags.frames ?? '.', format, draw)
        : await this.drawOne(playback, at, args.out ?? standardStream, draw);
      if (flags.every) requireDrawers(playback, settings);
      const counts = await playback.canvas.counts();
      list.finish();
      if (args.out !== standardStream) this.log(describe(done, counts));
      if (list.errors > 0) this.endWith('problems');
      return { in: args.in, ...done, counts, problems: list.problems };
    });
  }

  /** Throws a Refusal when it cannot be known, or when there is no place for the picture. */
  private formatOf(
    out: string | undefined,
    flags: { state: boolean; frames?: string | undefined; format?: PictureFormat | undefined },
  ): PictureFormat {
    if (out === undefined && !flags.state && flags.frames === undefined) {
      throw refusal('picture-without-file');
    }
    if (out !== undefined && (flags.state || flags.frames !== undefined)) {
      throw refusal('picture-in-vain', { file: out, flag: flags.state ? '--state' : '--frames' });
    }
    if (out === standardStream && this.jsonEnabled()) {
      throw refusal('json-needs-file');
    }
    if (flags.format !== undefined) return flags.format;
    if (out === undefined || out === standardStream) return 'png';
    const ending = /\.([a-z\d]+)$/i.exec(out)?.[1]?.toLowerCase() ?? '';
    const format = otherNames[ending] ?? pictureFormats.find((each) => each === ending);
    if (format) return format;
    throw refusal('picture-format-unknown', {
      file: out,
      endings: pictureFormats.map((each) => `.${each}`).join(', '),
    });
  }

  private async drawOne(
    playback: Playback,
    at: CutPoint | undefined,
    out: string,
    draw: (out: string) => Promise<Size>,
  ): Promise<Drawn> {
    await this.playTo(playback, at);
    return { out, pictures: 1, ...(await draw(out)) };
  }

  private async drawFrames(
    playback: Playback,
    at: CutPoint | undefined,
    every: number,
    folder: string,
    format: PictureFormat,
    draw: (out: string) => Promise<Size>,
  ): Promise<Drawn> {
    makePublicFolder(folder);
    const isAtEnd = at ? stopAt(at) : () => false;
    let done: Drawn = { out: folder, pictures: 0, width: 0, height: 0 };
    let isOver = false;
    for (let goal = every; !isOver; goal += every) {
      const before = playback.played;
      let isBehind = false;
      const hasMore = await playback.play((message, number) => {
        // asked once per message: times add up
        if (number > goal) return true;
        isBehind = isAtEnd(message, number);
        return isBehind;
      });
      isOver = !hasMore || isBehind;
      const { width } = await playback.canvas.summary();
      // before the first resize there is nothing to show
      if (playback.played === before || width === 0) continue;
      const name = `frame-${String(done.pictures + 1).padStart(6, '0')}.${format}`;
      done = { out: folder, pictures: done.pictures + 1, ...(await draw(join(folder, name))) };
    }
    if (done.pictures > 0) return done;
    throw refusal('canvas-never-sized');
  }

  private async writePicture(
    playback: Playback,
    out: string,
    request: PictureRequest,
    overwrites: boolean,
  ): Promise<Size> {
    const file = playback.canvas.pictureFile(request);
    await leavingNoParts(() => writeOutput(out, file.pieces, { overwrites, stdout: this.terminal.stdout }));
    return file.size();
  }
}

type Drawn = Pick<Rendered, 'out' | 'pictures' | 'width' | 'height'>;

function describe(
  { out, pictures, width, height }: Drawn,
  { messages, filtered, leftOut }: CanvasCounts,
): string {
  const notes = [
    filtered > 0 ? `${filtered} not allowed by the access rules` : '',
    leftOut > 0 ? `${leftOut} of excluded users` : '',
  ].filter((note) => note !== '');
  const what = pictures === 1 ? '' : `${pictures} pictures of `;
  const about = notes.length > 0 ? ` (${notes.join(', ')})` : '';
  return `${out}: ${what}${width} × ${height} pixels, ${counted(messages, 'message')}${about}`;
}
