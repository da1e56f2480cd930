// dp template new: a template with a canvas and layers, ready for people to draw on; empty, with a picture, or with
// what a recording or a session has drawn.

import { existsSync } from 'node:fs';
import { CanvasCommand } from '../../lib/cli/canvas-command.js';
import { exportSession, SessionWasReset } from '../../lib/cli/exported-session.js';
import { Args, Flags } from '../../lib/cli/oclif.js';
import { openAdmin } from '../../lib/cli/open-admin.js';
import { counted, ProblemList } from '../../lib/cli/recording-command.js';
import { readSize } from '../../lib/cli/size-flag.js';
import { refusal } from '../../lib/core/errors.js';
import { flattenOnto, type Picture } from '../../lib/core/picture/picture.js';
import { type Generation, messageTables } from '../../lib/core/protocol/messages.js';
import type { HeaderValue } from '../../lib/core/recording/header.js';
import type { RecordingFormat } from '../../lib/core/recording/items.js';
import { makeTemplate } from '../../lib/core/recording/new-template.js';
import { resetWriter, writeTemplateFrame } from '../../lib/core/recording/reset-recording.js';
import { loadCodecs } from '../../lib/io/canvas/codecs.js';
import { readPng } from '../../lib/io/canvas/png-read.js';
import {
  formatOfName,
  type OpenedRecording,
  readingFailed,
  standardStream,
} from '../../lib/io/disk/recording-file.js';
import { readRegular, UnusableFile } from '../../lib/io/files/regular-file.js';

const mostPictureBytes = 256 * 1024 * 1024;

export interface NewTemplateResult {
  file: string;
  protocol: string;
  widthPixels: number;
  heightPixels: number;
  layers: string[];
}

export default class TemplateNew extends CanvasCommand {
  static override summary = 'Create a session template';
  static override description =
    `Put the file into the folder that the server uses with --templates: the session is then available to everyone under
the name of the file.

With --image, the lowest layer shows a picture and the canvas has its size. With --from, the template is a copy of the
canvas of a recording, or of a session of a running server, with all its layers.`;
  static override examples = [
    '<%= config.bin %> <%= command.id %> templates/doodles.dptxt --size 3200x3200 --title "Doodle wall"',
    '<%= config.bin %> <%= command.id %> sketch.dprec --layer Paper --layer Ink --background none --protocol 4.24',
    '<%= config.bin %> <%= command.id %> colouring.dprec --image lines.png --layers 3',
    '<%= config.bin %> <%= command.id %> again.dprec --from session.dprec --title "Once more"',
  ];
  static override args = {
    file: Args.string({ default: standardStream, description: 'File to write, - for standard output' }),
  };
  static override flags = {
    size: Flags.string({
      description: 'Width and height in pixels [default: 1920x1080]',
      helpValue: 'WIDTHxHEIGHT',
      exclusive: ['image', 'from'],
    }),
    layers: Flags.integer({
      min: 1,
      max: 255,
      helpValue: 'N',
      description: 'Number of layers',
      exclusive: ['layer', 'from'],
    }),
    layer: Flags.string({
      multiple: true,
      helpValue: 'TITLE',
      description: 'Title of a layer, lowest first (may be repeated)',
      exclusive: ['from'],
    }),
    background: Flags.string({
      description: 'Colour of the lowest layer, or none [default: #ffffff]',
      helpValue: '#RRGGBB',
      exclusive: ['from'],
    }),
    image: Flags.string({
      description: 'Picture on the lowest layer',
      helpValue: 'PICTURE.png',
      exclusive: ['from'],
    }),
    from: Flags.string({
      description: 'Copy the canvas of this recording, or of this session of a running server (id or alias)',
      helpValue: 'RECORDING|SESSION',
    }),
    server: Flags.string({
      description: 'Server of the session: address or name [default: the one on this machine]',
      dependsOn: ['from'],
      helpValue: 'URL|NAME',
    }),
    auth: Flags.string({
      description: 'Name and password for --server',
      dependsOn: ['server'],
      helpValue: 'NAME:PASSWORD',
    }),
    title: Flags.string({ helpValue: 'TEXT', description: 'Title of the session' }),
    founder: Flags.string({ helpValue: 'NAME', description: 'Founder of the session' }),
    'max-users': Flags.integer({ min: 1, max: 254, helpValue: 'N', description: 'Maximum number of users' }),
    password: Flags.string({
      helpValue: 'PASSWORD',
      description: 'Password to join (stored in the file as plain text)',
    }),
    nsfm: Flags.boolean({ description: 'Mark as not suitable for minors' }),
    persistent: Flags.boolean({ description: 'Keep the session when all users have left' }),
    protocol: Flags.option({
      options: ['4.21', '4.24', '4.25'] as const,
      description:
        'Version for clients of 2.1, 2.2 or 2.3 [default: 4.25; with --from, that of the recording]',
    })(),
    force: Flags.boolean({ char: 'f', description: 'Replace the file if it exists' }),
  };

  async run(): Promise<NewTemplateResult> {
    const { args, flags } = await this.parse(TemplateNew);
    const toStdout = args.file === standardStream;
    if (toStdout && this.jsonEnabled()) {
      throw refusal('json-needs-file');
    }
    const settings: Record<string, HeaderValue> = {};
    const maxUsers = flags['max-users'];
    if (flags.title !== undefined) settings.title = flags.title;
    if (flags.founder !== undefined) settings.founder = flags.founder;
    // 2.1 distinguishes numbers and booleans from texts; later versions write and read texts only
    const isTyped = flags.protocol === '4.21';
    if (maxUsers !== undefined) settings.maxUserCount = isTyped ? maxUsers : String(maxUsers);
    // 2.1 takes what stands there for a stored form, later ones for plain text
    if (flags.password !== undefined) settings.password = `plain;${flags.password}`;
    if (flags.nsfm) settings.nsfm = isTyped ? true : 'true';
    if (flags.persistent) settings.persistent = isTyped ? true : 'true';
    const format = (toStdout ? undefined : formatOfName(args.file)) ?? 'text';
    const made =
      flags.from === undefined
        ? await this.makeNew(flags, format, settings)
        : await this.copyCanvas(flags.from, flags, format, settings);
    await this.write(args.file, pieces(made.bytes), flags.force);
    const { protocol, widthPixels, heightPixels, layers } = made;
    if (!toStdout)
      this.log(`${args.file}: ${widthPixels} × ${heightPixels} pixels, ${counted(layers.length, 'layer')}`);
    return { file: args.file, protocol, widthPixels, heightPixels, layers };
  }

  private async makeNew(flags: NewFlags, format: RecordingFormat, settings: Settings): Promise<Made> {
    const { protocol: generation = '4.25', background = '#ffffff', image } = flags;
    const picture = image === undefined ? undefined : readPicture(image);
    const { width, height } = picture ?? readSize(flags.size ?? '1920x1080');
    const layers =
      flags.layer ?? Array.from({ length: flags.layers ?? 2 }, (_, index) => `Layer ${index + 1}`);
    const fill = readFill(background);
    // the tiles of the picture replace the fill, they do not lie on it
    if (picture && fill !== 0) flattenOnto(picture, fill & 0xffffff);
    const bytes = makeTemplate({
      generation,
      format,
      widthPixels: width,
      heightPixels: height,
      layers,
      fill: picture ? 0 : fill,
      picture: picture && { picture, codecs: await loadCodecs() },
      settings,
    });
    const { protocol } = messageTables[generation];
    return { bytes, protocol, widthPixels: width, heightPixels: height, layers };
  }

  private async copyCanvas(
    from: string,
    flags: NewFlags,
    format: RecordingFormat,
    settings: Settings,
  ): Promise<Made> {
    const wanted = flags.protocol;
    if (wanted === '4.21') {
      throw refusal('template-copy-old');
    }
    const isFile = from === standardStream || existsSync(from);
    if (isFile && flags.server === undefined) {
      return this.copyOf(await this.open(from), from, { wanted, format, settings });
    }
    if (formatOfName(from) !== undefined || from.includes('/')) {
      throw refusal('file-not-found', { file: from });
    }
    const { env } = this.terminal;
    const admin = await openAdmin({
      server: flags.server ?? (env.DP_SERVER || undefined),
      auth: flags.auth ?? (env.DP_AUTH || undefined),
      env,
      needsServer: true,
    });
    try {
      const { pieces: chunks } = await exportSession(admin, from);
      const opened = { chunks, fileBytes: undefined, readBytes: () => 0 };
      return await this.copyOf(opened, `session ${from}`, { wanted, format, settings });
    } catch (error) {
      throw error instanceof SessionWasReset ? error.refusal : error;
    } finally {
      await admin.close();
    }
  }

  private async copyOf(
    opened: OpenedRecording,
    name: string,
    { wanted, format, settings }: CopyOptions,
  ): Promise<Made> {
    const list = new ProblemList(name, (line) => this.logToStderr(line));
    return this.withPlayback(opened, { settings: {}, report: list.add }, async (playback) => {
      await playback.play();
      list.finish();
      const { canvas } = playback;
      const generation = wanted ?? (playback.generation === '4.24' ? '4.24' : '4.25');
      const summary = await canvas.summary();
      if (summary.width === 0) throw refusal('template-source-empty', { source: name });
      const writer = resetWriter({ format, generation, header: new Map(Object.entries(settings)) });
      for await (const frame of canvas.resetImage({ generation, isComplete: true }))
        writeTemplateFrame(writer, generation, frame);
      if (list.errors > 0) this.endWith('problems');
      return {
        bytes: writer.take(),
        protocol: messageTables[generation].protocol,
        widthPixels: summary.width,
        heightPixels: summary.height,
        layers: summary.layers.map(({ title }) => title),
      };
    });
  }
}

interface CopyOptions {
  readonly wanted: '4.24' | '4.25' | undefined;
  readonly format: RecordingFormat;
  readonly settings: Settings;
}

interface NewFlags {
  size?: string | undefined;
  layers?: number | undefined;
  layer?: string[] | undefined;
  background?: string | undefined;
  image?: string | undefined;
  server?: string | undefined;
  auth?: string | undefined;
  protocol?: Generation | undefined;
}

type Settings = Record<string, HeaderValue>;

interface Made extends Omit<NewTemplateResult, 'file'> {
  bytes: Uint8Array;
}

function readPicture(path: string): Picture {
  let bytes: Uint8Array;
  try {
    ({ bytes } = readRegular(path, mostPictureBytes));
  } catch (error) {
    if (error instanceof UnusableFile) throw refusal('file-unusable', { file: path, reason: error.reason });
    throw readingFailed(path, error);
  }
  return readPng(bytes, path);
}

async function* pieces(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}

function readFill(text: string): number {
  if (text.toLowerCase() === 'none') return 0;
  const colour = /^#?([\da-f]{6})$/i.exec(text)?.[1];
  if (colour === undefined) {
    throw refusal('flag-invalid', {
      flag: '--background',
      value: text,
      expected: 'a colour or none',
      example: "'#ffffff'",
    });
  }
  return (0xff000000 | Number.parseInt(colour, 16)) >>> 0;
}
