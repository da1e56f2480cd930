// dp template new: a template with a canvas and layers, ready for people to draw on.

import { Args, Flags } from '@oclif/core';
import { counted, RecordingCommand } from '../../lib/cli/recording-command.js';
import { Refusal } from '../../lib/core/errors.js';
import { messageTables } from '../../lib/core/protocol/messages.js';
import type { HeaderValue } from '../../lib/core/recording/header.js';
import { makeTemplate } from '../../lib/core/recording/new-template.js';
import { formatOfName, standardStream } from '../../lib/io/disk/recording-file.js';

export interface NewTemplateResult {
  file: string;
  protocol: string;
  widthPixels: number;
  heightPixels: number;
  layers: string[];
}

export default class TemplateNew extends RecordingCommand {
  static override summary = 'Make a session template: a canvas of some size with layers.';
  static override description =
    `Put the file into the folder that the server was given with --templates: the session is then there for everyone,
under the name of the file.`;
  static override examples = [
    '<%= config.bin %> <%= command.id %> templates/doodles.dptxt --size 3200x3200 --title "Doodle wall"',
    '<%= config.bin %> <%= command.id %> sketch.dprec --layer Paper --layer Ink --background none --protocol 4.24',
  ];
  static override args = {
    file: Args.string({ default: standardStream, description: 'the file to write, - for standard output' }),
  };
  static override flags = {
    size: Flags.string({ default: '1920x1080', description: 'width and height in pixels', helpValue: 'WxH' }),
    layers: Flags.integer({ min: 1, max: 255, description: 'how many layers', exclusive: ['layer'] }),
    layer: Flags.string({
      multiple: true,
      description: 'title of a layer, the lowest first; once per layer',
    }),
    background: Flags.string({
      default: '#ffffff',
      description: 'colour of the lowest layer, or none',
      helpValue: '#RRGGBB',
    }),
    title: Flags.string({ description: 'title of the session' }),
    founder: Flags.string({ description: 'who is said to have founded it' }),
    'max-users': Flags.integer({ min: 1, max: 254, description: 'how many people may join' }),
    password: Flags.string({ description: 'password to join; it stands in the file as it is' }),
    nsfm: Flags.boolean({ description: 'not suitable for minors' }),
    persistent: Flags.boolean({ description: 'stays when everyone has left' }),
    protocol: Flags.option({
      options: ['4.21', '4.24', '4.25'] as const,
      default: '4.25',
      description: 'for clients of 2.1, 2.2 or 2.3',
    })(),
    force: Flags.boolean({ char: 'f', description: 'replace the file if it exists' }),
  };

  async run(): Promise<NewTemplateResult> {
    const { args, flags } = await this.parse(TemplateNew);
    const toStdout = args.file === standardStream;
    if (toStdout && this.jsonEnabled()) {
      throw new Refusal(
        'badInput',
        'with --json the result needs a file: standard output is taken',
        'Name a file.',
      );
    }
    const size = /^(\d{1,6})\s*[x×]\s*(\d{1,6})$/i.exec(flags.size);
    if (!size) {
      throw new Refusal(
        'badInput',
        `"${flags.size}" is no size`,
        'A size is width x height, e.g. --size 1920x1080',
      );
    }
    const layers =
      flags.layer ?? Array.from({ length: flags.layers ?? 2 }, (_, index) => `Layer ${index + 1}`);
    const settings: Record<string, HeaderValue> = {};
    const maxUsers = flags['max-users'];
    if (flags.title !== undefined) settings.title = flags.title;
    if (flags.founder !== undefined) settings.founder = flags.founder;
    // 2.1 tells numbers and booleans from texts, later ones write and read texts only
    const isTyped = flags.protocol === '4.21';
    if (maxUsers !== undefined) settings.maxUserCount = isTyped ? maxUsers : String(maxUsers);
    // 2.1 takes what stands there for a stored form, later ones for plain text
    if (flags.password !== undefined) settings.password = `plain;${flags.password}`;
    if (flags.nsfm) settings.nsfm = isTyped ? true : 'true';
    if (flags.persistent) settings.persistent = isTyped ? true : 'true';
    const widthPixels = Number(size[1]);
    const heightPixels = Number(size[2]);
    const bytes = makeTemplate({
      generation: flags.protocol,
      format: (toStdout ? undefined : formatOfName(args.file)) ?? 'text',
      widthPixels,
      heightPixels,
      layers,
      fill: readFill(flags.background),
      settings,
    });
    await this.write(args.file, pieces(bytes), flags.force);
    if (!toStdout)
      this.log(`${args.file}: ${widthPixels} × ${heightPixels} pixels, ${counted(layers.length, 'layer')}`);
    return {
      file: args.file,
      protocol: messageTables[flags.protocol].protocol,
      widthPixels,
      heightPixels,
      layers,
    };
  }
}

async function* pieces(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}

function readFill(text: string): number {
  if (text.toLowerCase() === 'none') return 0;
  const colour = /^#?([\da-f]{6})$/i.exec(text)?.[1];
  if (colour === undefined) {
    throw new Refusal('badInput', `"${text}" is no colour`, 'A colour is #rrggbb, or none.');
  }
  return (0xff000000 | Number.parseInt(colour, 16)) >>> 0;
}
