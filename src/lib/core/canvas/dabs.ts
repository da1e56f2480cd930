// One message of dabs, painted into a grid: the main grid of a layer or selection (direct), or the grid of a
// sublayer (indirect). Who is painted on, in which mode and through which selections is decided by the state engine.

import type { Profile } from './pixel.js';
import type { TileGrid } from './tiles.js';

/** Types 148, 149, 150, and 151 with 152. */
export type DabShape = 'classic' | 'round' | 'square' | 'mypaint';

export interface Dabs {
  shape: DabShape;
  /** As in the message: quarter pixels for classic and mypaint, pixels for the others. */
  x: number;
  y: number;
  /** 0xAARRGGBB as in the message. */
  color: number;
  /** The records of the message as core/protocol decodes them: one flat list of numbers (4 to 7 per dab). */
  items: readonly number[];
}

export interface PaintOptions {
  profile: Profile;
  /** Kept with the tiles that change. */
  author: number;
  /** The content of the mask selection: only for direct painting. */
  mask?: TileGrid | undefined;
  /** The content of the flood selection. */
  flood?: TileGrid | undefined;
  /** Whether the grid belongs to a selection. */
  isSelection?: boolean;
}

/**
 * Messages 148, 149, 150, 152 direct, and all indirect ones: every dab in one mode. For indirect dabs `mode` is the
 * working mode of the stroke (26, 25, 1, 78, 77). Calls grid.finish().
 */
export function paintDabs(grid: TileGrid, dabs: Readonly<Dabs>, mode: number, options: PaintOptions): void {
  throw new Error(`not yet: ${[grid, dabs, mode, options]}`);
}

/** What message 151 says besides its dabs, when it paints directly. */
export interface MyPaintWeights {
  /** 14, 82 or 90: the family. What a `mode` byte with bit 7 and 0 below means is 14 with posterizeNumber 0. */
  mode: number;
  /** The bytes of the message. */
  lockAlpha: number;
  colorize: number;
  posterize: number;
  posterizeNumber: number;
}

/** Message 151 direct: up to four passes per dab. Calls grid.finish(). */
export function paintMyPaint(
  grid: TileGrid,
  dabs: Readonly<Dabs>,
  weights: Readonly<MyPaintWeights>,
  options: PaintOptions,
): void {
  throw new Error(`not yet: ${[grid, dabs, weights, options]}`);
}
