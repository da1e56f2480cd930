// dp rec timelapse: a recording as a film.

import {
  CanvasCommand,
  canvasSettings,
  drawingFlags,
  findLayer,
  pictureFlags,
  pictureRequest,
  requireDrawers,
} from '../../lib/cli/canvas-command.js';
import { readColour } from '../../lib/cli/colours.js';
import { leavingNoParts, whenInterrupted } from '../../lib/cli/interruption.js';
import { Args, Flags } from '../../lib/cli/oclif.js';
import { counted, ProblemList, type ShownProblem } from '../../lib/cli/recording-command.js';
import { readMilliseconds } from '../../lib/cli/recording-points.js';
import { frameCountOf, type TimelapsePlan, timelapseFrames } from '../../lib/cli/timelapse-frames.js';
import type { CanvasSummary } from '../../lib/core/canvas/canvas.js';
import { refusal } from '../../lib/core/errors.js';
import { intersection, type Size } from '../../lib/core/picture/picture.js';
import { fittedSize } from '../../lib/core/picture/scale.js';
import { PaceMeter } from '../../lib/core/recording/pace.js';
import { isStructural } from '../../lib/core/recording/structural.js';
import { type AnimationFrame, apngPieces } from '../../lib/io/canvas/apng.js';
import type { CanvasSettings, PictureRequest } from '../../lib/io/canvas/canvas-messages.js';
import { gifPieces } from '../../lib/io/canvas/gif.js';
import { videoFormats, writeVideo } from '../../lib/io/canvas/video.js';
import { makeOutput, standardStream, writeOutput } from '../../lib/io/disk/atomic-output.js';

export interface Filmed extends Size {
  in: string;
  out: string;
  frames: number;
  framesPerSecond: number;
  seconds: number;
  problems: ShownProblem[];
}

const animationFormats = ['gif', 'apng'] as const;
const formats = [...videoFormats, ...animationFormats] as const;
type FilmFormat = (typeof formats)[number];

/** The longer side of a film that nobody gave a size. */
const usualSide: Readonly<Record<FilmFormat, number>> = { mp4: 1920, webm: 1920, gif: 640, apng: 960 };
const usualRate: Readonly<Record<FilmFormat, number>> = { mp4: 30, webm: 30, gif: 12, apng: 15 };
const usualMs = 30_000;
const mostFrames = 100_000;
const mostPixels = 8192 * 8192;

export default class RecTimelapse extends CanvasCommand {
  static override summary = 'Make a timelapse video or animation of a recording';
  static override description =
    `The name of OUT selects the format. .mp4 and .webm need the program ffmpeg; .gif and .apng do not.

The timing of the recording sets the pace; pauses are shortened to --max-pause. Recordings made by servers have no
timing: there, every message takes equally long. At the end, the finished picture fades in and stays for a while.`;
  static override examples = [
    '<%= config.bin %> <%= command.id %> session.dprec film.mp4',
    '<%= config.bin %> <%= command.id %> session.dprec film.webm --speed 20 --names',
    '<%= config.bin %> <%= command.id %> session.dprec small.gif --duration 10s --size 400',
  ];
  static override args = {
    in: Args.string({ required: true, description: 'Recording to play (a file: it is read twice)' }),
    out: Args.string({ required: true, description: 'File to write: .mp4, .webm, .gif or .apng' }),
  };
  static override flags = {
    duration: Flags.string({
      description: 'Duration of the drawing [default: 30s]',
      exclusive: ['speed'],
      helpValue: 'TIME',
    }),
    speed: Flags.string({ description: 'Speed-up factor, relative to the recording', helpValue: 'FACTOR' }),
    'max-pause': Flags.string({
      default: '2s',
      description: 'Maximum length of pauses',
      helpValue: 'TIME',
    }),
    fps: Flags.integer({
      min: 1,
      max: 60,
      helpValue: 'N',
      description: 'Frames per second [default: 30, gif 12, apng 15]',
    }),
    fade: Flags.string({
      default: '1s',
      description: 'Duration of the fade to the finished picture (0: no fade)',
      helpValue: 'TIME',
    }),
    hold: Flags.string({
      default: '3s',
      description: 'How long the finished picture stays',
      helpValue: 'TIME',
    }),
    names: Flags.boolean({ description: 'Show the names of users where they draw' }),
    paper: Flags.string({
      default: '#ffffff',
      description: 'Colour behind a transparent canvas',
      helpValue: '#RRGGBB',
    }),
    ...pictureFlags,
    ...drawingFlags,
    force: Flags.boolean({ char: 'f', description: 'Replace OUT if it exists' }),
  };

  async run(): Promise<Filmed> {
    const { args, flags } = await this.parse(RecTimelapse);
    const format = formatOf(args.out);
    if (args.in === standardStream) {
      throw refusal('film-from-stream');
    }
    const settings = canvasSettings(flags);
    const request = pictureRequest(flags);
    const maxPauseMs = readMilliseconds(flags['max-pause'], '--max-pause');
    const meter = new PaceMeter(maxPauseMs);
    const speed = readSpeed(flags.speed);
    if (speed !== undefined && maxPauseMs === 0) {
      const [flag, value] = ['--max-pause', flags['max-pause']];
      throw refusal('flag-invalid', { flag, value, expected: 'more than 0 with --speed', example: '2s' });
    }
    const wantedMs = flags.duration === undefined ? usualMs : readMilliseconds(flags.duration, '--duration');
    const times = {
      fadeMs: readMilliseconds(flags.fade, '--fade'),
      holdMs: readMilliseconds(flags.hold, '--hold'),
    };
    const paper = readColour(flags.paper, '--paper');
    const summary = await this.measure(args.in, settings, meter);
    const layer = flags.layer === undefined ? undefined : findLayer(summary, flags.layer);
    const framesPerSecond = flags.fps ?? usualRate[format];
    const drawingMs = speed === undefined ? wantedMs : playMs(meter) / speed;
    const plan: TimelapsePlan = {
      size: frameSize(summary, request, format),
      frames: Math.max(1, Math.round((drawingMs * framesPerSecond) / 1000)),
      framesPerSecond,
      ...times,
      hasNames: flags.names,
      paper,
      request: { ...request, view: { ...request.view, ...(layer ? { layer: layer.id } : {}) } },
    };
    if (plan.frames > mostFrames) {
      throw refusal('film-too-long', { frames: plan.frames, most: mostFrames });
    }
    const list = new ProblemList(args.in, (line) => this.logToStderr(line));
    const opened = await this.open(args.in);
    await this.withPlayback(
      opened,
      { settings, report: list.add },
      (playback) => this.film(args.out, format, flags.force, plan, timelapseFrames(playback, meter, plan)),
      'filming',
    );
    list.finish();
    const seconds = Math.round(plan.frames / framesPerSecond + (times.fadeMs + times.holdMs) / 1000);
    const frames = frameCountOf(plan);
    this.log(
      `${args.out}: ${plan.size.width} × ${plan.size.height} pixels, ${counted(seconds, 'second')}, ${counted(frames, 'frame')}`,
    );
    if (list.errors > 0) this.endWith('problems');
    return {
      in: args.in,
      out: args.out,
      width: plan.size.width,
      height: plan.size.height,
      frames,
      framesPerSecond,
      seconds,
      problems: list.problems,
    };
  }

  /** Reads it once for its pace and for the size of the canvas, which needs no pixels. */
  private async measure(
    file: string,
    settings: Omit<CanvasSettings, 'generation'>,
    meter: PaceMeter,
  ): Promise<CanvasSummary> {
    const draws = (message: { type: number }) => isStructural(message.type);
    return this.withPlayback(
      await this.open(file),
      { settings, report: () => {}, draws },
      async (playback) => {
        await playback.play((message) => {
          meter.show(message);
          return false;
        });
        requireDrawers(playback, settings);
        return playback.canvas.summary();
      },
      'measuring',
    );
  }

  private async film(
    out: string,
    format: FilmFormat,
    overwrites: boolean,
    plan: TimelapsePlan,
    frames: AsyncIterable<AnimationFrame>,
  ): Promise<void> {
    const { size, framesPerSecond } = plan;
    await leavingNoParts(async () => {
      if (format === 'gif') await writeOutput(out, gifPieces(frames), { overwrites });
      else if (format === 'apng') {
        await writeOutput(out, apngPieces(size, frameCountOf(plan), frames), { overwrites });
      } else {
        await makeOutput(out, { overwrites }, async (file) => {
          let forget = (): void => {};
          const onStart = (kill: () => void): void => {
            forget = whenInterrupted(kill);
          };
          try {
            await writeVideo({ format, size, framesPerSecond, file, onStart }, frames);
          } finally {
            forget();
          }
        });
      }
    });
  }
}

function formatOf(out: string): FilmFormat {
  const ending = /\.([a-z\d]+)$/i.exec(out)?.[1]?.toLowerCase() ?? '';
  const format = formats.find((each) => each === ending) ?? (ending === 'png' ? 'apng' : undefined);
  if (format) return format;
  throw refusal('film-format-unknown', { file: out, endings: formats.map((each) => `.${each}`).join(', ') });
}

function readSpeed(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const speed = /^\d{1,6}(\.\d{1,3})?x?$/.test(text) ? Number.parseFloat(text) : 0;
  if (speed > 0) return speed;
  throw refusal('flag-invalid', { flag: '--speed', value: text, expected: 'a factor', example: '20' });
}

function playMs(meter: PaceMeter): number {
  if (meter.playMs > 0) return meter.playMs;
  throw refusal('speed-without-times');
}

/** Even numbers, which video formats want. */
function frameSize(
  canvas: CanvasSummary,
  { crop, box }: Pick<PictureRequest, 'crop' | 'box'>,
  format: FilmFormat,
): Size {
  const all = { x: 0, y: 0, width: canvas.width, height: canvas.height };
  const shown = crop ? intersection(all, crop) : all;
  if (!shown || shown.width === 0) {
    throw refusal('canvas-empty-at-end');
  }
  const side = usualSide[format];
  const isLarge = Math.max(shown.width, shown.height) > side;
  const fitted = fittedSize(shown, box ?? (isLarge ? { width: side, height: side } : {}));
  const size = { width: even(fitted.width), height: even(fitted.height) };
  if (size.width * size.height <= mostPixels) return size;
  throw refusal('film-too-large', { width: size.width, height: size.height });
}

function even(side: number): number {
  return Math.max(2, side - (side % 2));
}
