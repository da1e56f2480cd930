// What the commands share that draw recordings: options, the thread that draws, progress, and places of layers.

import { availableParallelism } from 'node:os';
import type { CanvasSummary, LayerSummary } from '../core/canvas/canvas.js';
import type { AccessFilter } from '../core/canvas/canvas-options.js';
import { profiles } from '../core/canvas/pixel.js';
import { refusal } from '../core/errors.js';
import type { Area } from '../core/picture/picture.js';
import { printable } from '../core/printable.js';
import type { CutPoint } from '../core/recording/cut.js';
import { closest } from '../core/settings/closest.js';
import type { CanvasSettings, PictureRequest } from '../io/canvas/canvas-messages.js';
import { CanvasPool } from '../io/canvas/canvas-pool.js';
import type { OpenedRecording } from '../io/disk/recording-file.js';
import { Flags } from './oclif.js';
import { Playback, type PlaybackOptions, stopAt } from './playback.js';
import { startProgress } from './progress.js';
import { counted, RecordingCommand, readUserIds } from './recording-command.js';

const accessFilters = ['none', 'client', 'playback'] as const satisfies readonly AccessFilter[];

/** By which rules a recording is drawn. */
export const engineFlags = {
  acl: Flags.option({
    options: accessFilters,
    description:
      'Access rules: none, those of a session member (client), or those of a player (playback) [default: client if ' +
      'the recording contains permissions, else none]',
  })(),
  profile: Flags.option({
    options: profiles,
    default: 'portable' as const,
    description: 'Whose pixels to match: clients in browsers (portable), or on desktops with AVX2',
  })(),
};

/** How a recording is drawn, and whose part of it. */
export const drawingFlags = {
  ...engineFlags,
  'only-user': Flags.string({
    multiple: true,
    description: 'Draw only what this user drew (id; may be repeated)',
    helpValue: 'ID',
  }),
  'without-user': Flags.string({
    multiple: true,
    description: 'Leave out what this user drew (id; may be repeated)',
    helpValue: 'ID',
  }),
};

export interface DrawingFlags {
  acl?: AccessFilter | undefined;
  profile: (typeof profiles)[number];
  'only-user'?: string[] | undefined;
  'without-user'?: string[] | undefined;
}

/** What a picture shows. */
export const pictureFlags = {
  layer: Flags.string({ description: 'Draw only this layer or group', helpValue: 'ID|TITLE' }),
  size: Flags.string({
    description: 'Scale to fit this size in pixels; one side may be left out',
    helpValue: 'WIDTHxHEIGHT',
  }),
  crop: Flags.string({ description: 'Show only this part of the canvas', helpValue: 'WIDTHxHEIGHT+X+Y' }),
  background: Flags.boolean({
    allowNo: true,
    default: true,
    description: 'Show the background of the canvas',
  }),
  annotations: Flags.boolean({
    description: 'Show annotations, in a bitmap font (clients use system fonts)',
  }),
};

export interface PictureFlags {
  layer?: string | undefined;
  size?: string | undefined;
  crop?: string | undefined;
  background: boolean;
  annotations: boolean;
}

export function canvasSettings(flags: DrawingFlags): Omit<CanvasSettings, 'generation'> {
  const only = flags['only-user'];
  const without = flags['without-user'];
  return {
    access: flags.acl,
    profile: flags.profile,
    onlyUsers: only && [...readUserIds(only.join(','), '--only-user')],
    withoutUsers: without && [...readUserIds(without.join(','), '--without-user')],
  };
}

/** Everything of a picture but its format and layer. Throws a Refusal for a typo. */
export function pictureRequest(flags: PictureFlags): Omit<PictureRequest, 'format'> {
  return {
    view: { background: flags.background && flags.layer === undefined },
    crop: readCrop(flags.crop),
    box: readBox(flags.size),
    annotations: flags.annotations,
  };
}

export function readBox(text: string | undefined): PictureRequest['box'] {
  if (text === undefined) return undefined;
  const [, width, height] = /^(\d{1,6})?\s*(?:[x×]\s*(\d{1,6})?)?$/i.exec(text) ?? [];
  const isWrong =
    (width === undefined && height === undefined) || Number(width) === 0 || Number(height) === 0;
  if (isWrong) {
    throw refusal('flag-invalid', {
      flag: '--size',
      value: text,
      expected: 'WIDTHxHEIGHT',
      example: '800x600, --size 800, --size x600',
    });
  }
  return {
    width: width === undefined ? undefined : Number(width),
    height: height === undefined ? undefined : Number(height),
  };
}

function readCrop(text: string | undefined): Area | undefined {
  if (text === undefined) return undefined;
  const found = /^(\d{1,7})[x×](\d{1,7})\+(\d{1,7})\+(\d{1,7})$/i.exec(text);
  const [width = 0, height = 0, x = 0, y = 0] = (found ?? []).slice(1).map(Number);
  if (width === 0 || height === 0) {
    throw refusal('flag-invalid', {
      flag: '--crop',
      value: text,
      expected: 'WIDTHxHEIGHT+X+Y',
      example: '400x300+100+50, which shows 400 × 300 pixels, 100 from the left and 50 from the top',
    });
  }
  return { x, y, width, height };
}

/** Throws a Refusal for a user of the options who draws nothing: a wrong id would give an empty picture, or all of it. */
export function requireDrawers(
  { drawers }: Pick<Playback, 'drawers'>,
  { onlyUsers = [], withoutUsers = [] }: Pick<CanvasSettings, 'onlyUsers' | 'withoutUsers'>,
): void {
  const user = [...onlyUsers, ...withoutUsers].find((each) => !drawers.has(each));
  if (user === undefined) return;
  if (drawers.size === 0) throw refusal('nobody-draws', { user });
  const users = [...drawers].sort((a, b) => a - b).join(', ');
  throw refusal('user-draws-nothing', { user, users });
}

const listedLayers = 12;

/** By title first, then by id (decimal, or hexadecimal with 0x). Throws a Refusal that names what there is. */
export function findLayer({ layers }: CanvasSummary, wanted: string): LayerSummary {
  const named = layers.filter(({ title }) => title === wanted);
  const [first] = named;
  if (first !== undefined && named.length === 1) return first;
  if (named.length > 1) {
    throw refusal('layer-ambiguous', {
      count: named.length,
      layer: wanted,
      ids: named.map(({ id }) => id).join(', '),
    });
  }
  const id = /^(\d+|0x[\da-f]+)$/i.test(wanted) ? Number(wanted) : undefined;
  const found = layers.find((layer) => layer.id === id);
  if (found) return found;
  const near = closest(
    wanted,
    layers.map(({ title }) => title),
  );
  const list = layers.slice(0, listedLayers).map((layer) => `${layer.id} '${printable(layer.title)}'`);
  const more = layers.length > listedLayers ? ` and ${layers.length - listedLayers} more` : '';
  if (layers.length === 0) throw refusal('canvas-without-layers', { layer: wanted });
  throw refusal('layer-not-found', {
    layer: wanted,
    layers: `${list.join(', ')}${more}`,
    near: near && printable(near),
  });
}

/** Drawing takes longer than reading: a bar is worth while sooner. */
const worthShowingBytes = 256 * 1024;

export abstract class CanvasCommand extends RecordingCommand {
  /** Replaced by tests: the threads that draw for this command, which stops them. */
  openThreads: () => Pick<CanvasPool, 'open' | 'openDivided' | 'stop'> = () => new CanvasPool();

  /** Plays a recording in a thread, with a progress bar, and ends the thread whatever happens. */
  protected async withPlayback<Result>(
    opened: OpenedRecording,
    options: PlaybackOptions,
    use: (playback: Playback) => Promise<Result>,
    label = 'drawing',
  ): Promise<Result> {
    const pool = this.openThreads();
    const progress = startProgress(
      this.terminal,
      label,
      opened.fileBytes,
      !this.jsonEnabled(),
      worthShowingBytes,
    );
    let playback: Playback | undefined;
    try {
      const divides = (options.divides ?? false) && availableParallelism() > 1;
      playback = await Playback.open(pool, opened.chunks, { ...options, divides });
      const { canvas } = playback;
      canvas.onDrawn((drawnBytes) => {
        // what has been read and is not drawn yet does not count
        const share = drawnBytes / Math.max(1, drawnBytes + canvas.ahead);
        progress.update(Math.round(opened.readBytes() * share));
      });
      return await use(playback);
    } finally {
      progress.stop();
      await playback?.close();
      await pool.stop();
    }
  }

  /** Plays to a point, or to the end. Throws a Refusal when the recording ends before it. */
  protected async playTo(playback: Playback, at: CutPoint | undefined): Promise<void> {
    const hasMore = await playback.play(at && stopAt(at));
    if (at === undefined || hasMore) return;
    const isReached = 'message' in at && at.message === playback.played;
    if (isReached) return;
    throw refusal('point-after-end', { messages: counted(playback.played, 'message') });
  }
}
