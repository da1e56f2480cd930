// What is on the canvas of a recording at its end, found out while somebody else reads the recording: its size and
// layers, which needs no pixels, and a small picture, which does.

import type { CanvasSummary } from '../core/canvas/canvas.js';
import { Refusal } from '../core/errors.js';
import type { Picture } from '../core/picture/picture.js';
import type { RecordedMessage } from '../core/recording/items.js';
import { isStructural } from '../core/recording/structural.js';
import { CanvasPool } from '../io/canvas/canvas-pool.js';
import { Playback } from './playback.js';

export interface CanvasPreview {
  /** Undefined: such recordings cannot be drawn. */
  readonly summary: CanvasSummary | undefined;
  readonly picture: Picture | undefined;
}

/** Enough for a terminal. */
const pictureSide = 720;

/**
 * Reads all chunks; each is shown to `read` first. Throws what `read` throws; a recording that cannot be drawn has
 * no look and is read all the same.
 */
export async function previewCanvas(
  chunks: AsyncIterable<Uint8Array>,
  read: (chunk: Uint8Array) => void,
  wantsPicture: boolean,
): Promise<CanvasPreview> {
  const source = chunks[Symbol.asyncIterator]();
  async function* shown(): AsyncGenerator<Uint8Array> {
    // `source` stays open when this is closed: the rest is still to be read
    for (let next = await source.next(); !next.done; next = await source.next()) {
      read(next.value);
      yield next.value;
    }
  }
  const pool = new CanvasPool();
  let look: CanvasPreview = { summary: undefined, picture: undefined };
  try {
    const draws = wantsPicture ? undefined : (message: RecordedMessage) => isStructural(message.type);
    const playback = await Playback.open(pool, shown(), { settings: {}, report: () => {}, draws });
    await playback.play();
    const { canvas } = playback;
    const summary = await canvas.summary();
    const hasPicture = wantsPicture && summary.width > 0;
    const box = { width: pictureSide, height: pictureSide };
    look = { summary, picture: hasPicture ? await canvas.pixels({ box }) : undefined };
    await playback.close();
  } catch (error) {
    if (!(error instanceof Refusal && error.kind === 'unsupported')) throw error;
  } finally {
    await pool.stop();
  }
  for await (const _ of shown());
  return look;
}
