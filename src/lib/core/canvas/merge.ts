// Entire grids and entire tiles on each other: what PenUp, deletion with merge and flattening are made of.

import { blendTile } from './blend/blend.js';
import { isOntoBlank } from './blend/modes.js';
import { argbToColor, lum, mul, ONE, type Profile, sumProducts } from './pixel.js';
import { type OpaqueTileUse, TILE_LENGTH, TILE_SIDE, Tile, type TileGrid } from './tiles.js';

export interface MergeOptions {
  profile: Profile;
  mode: number;
  /** 0 to ONE. */
  opacity: number;
  author: number;
  /** A selection's content that src is seen through. */
  mask?: TileGrid | undefined;
  /** The censor tile is merged wherever src has a tile. */
  isCensored?: boolean;
  /** Whether dst belongs to a selection. */
  isSelection?: boolean;
  opaque?: OpaqueTileUse | undefined;
}

/**
 * Merges a grid into another of the same size (6.5): absent tiles of dst come into being only in modes that blend
 * onto nothing. Calls dst.finish().
 */
export function mergeGrid(dst: TileGrid, src: TileGrid, options: MergeOptions): void {
  const { profile, mode, opacity, author, mask } = options;
  const creates = isOntoBlank(mode) && opacity !== 0;
  src.forEach((tile, index) => {
    const maskTileHere = mask?.get(index);
    if (mask !== undefined && maskTileHere === undefined) return;
    if (!creates && dst.get(index) === undefined) return;
    const { pixels } = dst.writable(index, author);
    let from = options.isCensored ? censorTile.pixels : tile.pixels;
    if (maskTileHere !== undefined) from = maskTile(from, maskTileHere.pixels);
    blendTile(profile, mode, pixels, from, opacity);
  });
  dst.finish(options.isSelection, options.opaque);
}

/** Pixels of a tile seen through a tile of a selection: every channel times the mask's alpha. A new array. */
export function maskTile(pixels: Uint16Array, mask: Uint16Array): Uint16Array {
  const masked = new Uint16Array(TILE_LENGTH);
  for (let at = 0; at < TILE_LENGTH; at += 4) {
    const m = mask[at + 3]!;
    masked[at] = Math.imul(pixels[at]!, m) >>> 15;
    masked[at + 1] = Math.imul(pixels[at + 1]!, m) >>> 15;
    masked[at + 2] = Math.imul(pixels[at + 2]!, m) >>> 15;
    masked[at + 3] = Math.imul(pixels[at + 3]!, m) >>> 15;
  }
  return masked;
}

/** Tints pixels in place (5.6), for local sketch mode. */
export function tintPixels(pixels: Uint16Array, argb: number): void {
  const [tb, tg, tr, ta] = argbToColor(argb);
  if (ta === 0) return;
  const tint = [tb, tg, tr];
  for (let at = 0; at < pixels.length; at += 4) {
    const alpha = pixels[at + 3]!;
    const u = [0, 1, 2].map((c) => (alpha === 0 ? 0 : Math.floor((pixels[at + c]! * ONE) / alpha)));
    const l = lum(u[0]!, u[1]!, u[2]!);
    const dark = ONE - l;
    const out = ta === ONE ? mul(alpha, dark) : sumProducts(alpha, ONE - ta, mul(alpha, dark), ta);
    for (let c = 0; c < 3; c++) {
      const channel = ta === ONE ? tint[c]! : sumProducts(u[c]!, l, tint[c]!, dark);
      pixels[at + c] = mul(channel, out);
    }
    pixels[at + 3] = out;
  }
}

function makeCensorTile(): Tile {
  const pixels = new Uint16Array(TILE_LENGTH);
  for (let y = 0, at = 0; y < TILE_SIDE; y++) {
    for (let x = 0; x < TILE_SIDE; x++, at += 4) {
      const isDark = ((x + y) >> 5) % 2 === 0;
      pixels.set(isDark ? [4497, 4883, 5268, ONE] : [10151, 10280, 10408, ONE], at);
    }
  }
  return new Tile(pixels);
}

/** The pattern that stands for censored layers (5.4). */
export const censorTile: Tile = makeCensorTile();
