// The ways into the blend modes. Which loop runs is decided once per call, from the table of modes.

import type { Bgra, Profile } from '../pixel.js';

/**
 * Whole tiles (16384 channels each): dst becomes src over dst in this mode, with this opacity (0 to ONE). Modes that
 * do not exist pixel on pixel (14, 25, 26, 82, 90, unknown ones) change nothing.
 */
export function blendTile(
  profile: Profile,
  mode: number,
  dst: Uint16Array,
  src: Uint16Array,
  opacity: number,
): void {
  throw new Error(`not yet: ${[profile, mode, dst, src, opacity]}`);
}

/** One pixel on another, as pasted images do it: always the portable arithmetic, opacity ONE unless told. */
export function blendPixel(
  mode: number,
  dst: Uint16Array,
  dstAt: number,
  src: Uint16Array,
  srcAt: number,
  opacity = 32768,
): void {
  throw new Error(`not yet: ${[mode, dst, dstAt, src, srcAt, opacity]}`);
}

/** A rectangle inside a tile, with the mask that falls on it. */
export interface Patch {
  x: number;
  y: number;
  width: number;
  height: number;
  /** One number, 0 to ONE, per pixel. */
  mask: Uint16Array;
  /** Where the first row starts in the mask, and how far apart rows are. A stride of 0 repeats one row. */
  maskAt: number;
  maskStride: number;
}

/** A colour (15 bits, not multiplied by alpha) through a mask onto a part of a tile. */
export function blendPatch(
  profile: Profile,
  mode: number,
  pixels: Uint16Array,
  patch: Readonly<Patch>,
  color: Readonly<Bgra>,
  opacity: number,
): void {
  throw new Error(`not yet: ${[profile, mode, pixels, patch, color, opacity]}`);
}
