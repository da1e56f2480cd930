// Pictures of 8 bits put into grids, rectangles filled, and regions cut out: PutImage, FillRect, MoveRect.
// Pictures are rows of blue, green, red, alpha, multiplied by alpha. Only pixels inside the canvas count.

import type { Profile } from './pixel.js';
import type { TileGrid } from './tiles.js';

export interface Rect {
  x: number;
  y: number;
  width: number;
  height: number;
}

export interface WriteOptions {
  profile: Profile;
  author: number;
  /** Whether the grid belongs to a selection. */
  isSelection?: boolean;
}

/** PutImage (6.2): `image` has rect.width * rect.height * 4 bytes. Outside the canvas: nothing. Calls finish(). */
export function putImage(
  grid: TileGrid,
  mode: number,
  rect: Rect,
  image: Uint8Array,
  options: WriteOptions,
): void {
  throw new Error(`not yet: ${[grid, mode, rect, image, options]}`);
}

/** FillRect (6.1) with the whole-canvas rule. False when nothing of it lies in the canvas. Calls finish(). */
export function fillRect(
  grid: TileGrid,
  mode: number,
  rect: Rect,
  argb: number,
  options: WriteOptions,
): boolean {
  throw new Error(`not yet: ${[grid, mode, rect, argb, options]}`);
}

/** A region that moves: where from, through which mask (a byte per pixel), with which opacity byte and mode. */
export interface Region {
  rect: Rect;
  mask: Uint8Array | undefined;
  opacity: number;
  mode: number;
}

/** MoveRect (6.3): cuts, erases, puts at (x, y) of the target, which may be the source. Calls finish(). */
export function moveRegion(
  source: TileGrid,
  target: TileGrid,
  region: Region,
  x: number,
  y: number,
  options: WriteOptions & { isSourceSelection?: boolean },
): void {
  throw new Error(`not yet: ${[source, target, region, x, y, options]}`);
}

/** The canvas as 8-bit channels multiplied by alpha, width * height * 4 bytes; or a part that lies inside. */
export function gridToImage(grid: TileGrid, rect?: Rect): Uint8Array {
  throw new Error(`not yet: ${[grid, rect]}`);
}

/**
 * A grid after CanvasResize (6.6): tiles moved whole where left and top are multiples of 64, through 8 bits and PutImage
 * otherwise. The caller makes grids without content empty ones (new TileGrid) first.
 */
export function resizeGrid(
  grid: TileGrid,
  left: number,
  top: number,
  width: number,
  height: number,
): TileGrid {
  throw new Error(`not yet: ${[grid, left, top, width, height]}`);
}
