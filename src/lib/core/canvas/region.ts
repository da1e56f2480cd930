// Parts of a canvas as pixels, put together from its tiles.

import type { Flattener } from './flatten.js';
import { c15to8, unpremultiply8 } from './pixel.js';
import { TILE_SIDE, type TileGrid } from './tiles.js';

export interface Region {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** Rows of R, G, B, A, not multiplied by alpha: what goes into a PNG. */
export interface Picture extends Region {
  readonly rgba: Uint8Array;
}

/** The pixels of a slot; undefined: nothing is there. */
export type TileSource = (index: number) => Uint16Array | undefined;

export const tilesOfGrid =
  (grid: TileGrid): TileSource =>
  (index) =>
    grid.get(index)?.pixels;

export const tilesOfView =
  (view: Flattener): TileSource =>
  (index) =>
    view.tile(index);

/** What of a region lies on a canvas. */
export function cutRegion(region: Region, width: number, height: number): Region {
  const x = Math.min(Math.max(0, Math.floor(region.x)), width);
  const y = Math.min(Math.max(0, Math.floor(region.y)), height);
  const right = Math.min(Math.max(x, Math.ceil(region.x + region.width)), width);
  const bottom = Math.min(Math.max(y, Math.ceil(region.y + region.height)), height);
  return { x, y, width: right - x, height: bottom - y };
}

/** Visits the part of each tile that lies in a region on the canvas. */
export function eachTile(
  region: Region,
  columns: number,
  tiles: TileSource,
  /** `at`: the first pixel in the tile, counted from 0; `to`: where it goes in the region. */
  visit: (pixels: Uint16Array, at: number, to: number, width: number, height: number) => void,
): void {
  const right = region.x + region.width;
  const bottom = region.y + region.height;
  for (let top = region.y; top < bottom; ) {
    const row = Math.floor(top / TILE_SIDE);
    const end = Math.min(bottom, (row + 1) * TILE_SIDE);
    for (let left = region.x; left < right; ) {
      const column = Math.floor(left / TILE_SIDE);
      const next = Math.min(right, (column + 1) * TILE_SIDE);
      const pixels = tiles(row * columns + column);
      if (pixels) {
        const at = (top % TILE_SIDE) * TILE_SIDE + (left % TILE_SIDE);
        visit(pixels, at, (top - region.y) * region.width + left - region.x, next - left, end - top);
      }
      left = next;
    }
    top = end;
  }
}

/** A region in 15 bits: b, g, r, a of each pixel, multiplied by alpha. */
export function pixels15(
  region: Region,
  columns: number,
  tiles: TileSource,
  into?: Uint16Array,
): Uint16Array {
  const out = into?.fill(0) ?? new Uint16Array(region.width * region.height * 4);
  eachTile(region, columns, tiles, (pixels, at, to, width, height) => {
    for (let row = 0; row < height; row++) {
      const from = (at + row * TILE_SIDE) * 4;
      out.set(pixels.subarray(from, from + width * 4), (to + row * region.width) * 4);
    }
  });
  return out;
}

/** Stray pictures can bring channels above ONE: they wrap around as in clients. */
const c8 = Uint8Array.from({ length: 65536 }, (_, c) => c15to8(c));

/** Pixels of 15 bits, multiplied by alpha, as R, G, B, A of 8 bits that are not. */
export function toRgba8(pixels: Uint16Array, at: number, rgba: Uint8Array, to: number, count: number): void {
  let from = at * 4;
  let out = to * 4;
  for (let left = count; left > 0; left--, from += 4, out += 4) {
    const alpha = c8[pixels[from + 3]!]!;
    if (alpha === 0) {
      rgba[out] = rgba[out + 1] = rgba[out + 2] = rgba[out + 3] = 0;
      continue;
    }
    const b = c8[pixels[from]!]!;
    const g = c8[pixels[from + 1]!]!;
    const r = c8[pixels[from + 2]!]!;
    if (alpha === 255) {
      rgba[out] = r;
      rgba[out + 1] = g;
      rgba[out + 2] = b;
    } else {
      rgba[out] = unpremultiply8(r, alpha);
      rgba[out + 1] = unpremultiply8(g, alpha);
      rgba[out + 2] = unpremultiply8(b, alpha);
    }
    rgba[out + 3] = alpha;
  }
}

/** A region as it goes into a PNG. */
export function pictureOf(region: Region, columns: number, tiles: TileSource): Picture {
  const rgba = new Uint8Array(region.width * region.height * 4);
  eachTile(region, columns, tiles, (pixels, at, to, width, height) => {
    for (let row = 0; row < height; row++) {
      toRgba8(pixels, at + row * TILE_SIDE, rgba, to + row * region.width, width);
    }
  });
  return { ...region, rgba };
}

/** Puts the tiles of some slots into a picture of the entire canvas, undefined: all; returns the bounds of what changed. */
export function updatePicture(
  picture: Picture,
  tiles: TileSource,
  slots: ReadonlySet<number> | undefined,
): Region | undefined {
  const columns = Math.ceil(picture.width / TILE_SIDE);
  const rows = Math.ceil(picture.height / TILE_SIDE);
  const all = slots ?? new Set(Array.from({ length: columns * rows }, (_, index) => index));
  let bounds: Region | undefined;
  for (const index of all) {
    const x = (index % columns) * TILE_SIDE;
    const y = Math.floor(index / columns) * TILE_SIDE;
    const width = Math.min(TILE_SIDE, picture.width - x);
    const height = Math.min(TILE_SIDE, picture.height - y);
    const pixels = tiles(index);
    for (let row = 0; row < height; row++) {
      const to = (y + row) * picture.width + x;
      if (pixels) toRgba8(pixels, row * TILE_SIDE, picture.rgba, to, width);
      else picture.rgba.fill(0, to * 4, (to + width) * 4);
    }
    bounds = union(bounds, { x, y, width, height });
  }
  return bounds;
}

function union(a: Region | undefined, b: Region): Region {
  if (!a) return b;
  const x = Math.min(a.x, b.x);
  const y = Math.min(a.y, b.y);
  return {
    x,
    y,
    width: Math.max(a.x + a.width, b.x + b.width) - x,
    height: Math.max(a.y + a.height, b.y + b.height) - y,
  };
}
