// Whole grids and whole tiles on each other: what PenUp, deletion with merge and flattening are made of.

import type { Profile } from './pixel.js';
import type { Tile, TileGrid } from './tiles.js';

/**
 * Merges a grid into another of the same size (6.5): absent tiles of dst come into being only in modes that blend
 * onto nothing. `mask`: a selection's content that src is seen through. `isCensored`: the censor tile is merged
 * wherever src has a tile. Calls dst.finish().
 */
export function mergeGrid(
  dst: TileGrid,
  src: TileGrid,
  options: {
    profile: Profile;
    mode: number;
    opacity: number;
    author: number;
    mask?: TileGrid | undefined;
    isCensored?: boolean;
    isSelection?: boolean;
  },
): void {
  throw new Error(`not yet: ${[dst, src, options]}`);
}

/** A tile seen through a tile of a selection: every channel times the mask's alpha. */
export function maskTile(pixels: Uint16Array, mask: Uint16Array): Uint16Array {
  throw new Error(`not yet: ${[pixels, mask]}`);
}

/** Tints pixels in place (5.6), for local sketch mode. */
export function tintPixels(pixels: Uint16Array, argb: number): void {
  throw new Error(`not yet: ${[pixels, argb]}`);
}

/** The pattern that stands for censored layers. */
export function censorTile(): Tile {
  throw new Error('not yet');
}
