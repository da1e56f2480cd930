// TransformRegion: a region cut out and put into a quad (6.3, 6.4).

import type { Region, WriteOptions } from './images.js';
import type { TileGrid } from './tiles.js';

/** (x1, y1) … (x4, y4), clockwise from the top left. */
export type Quad = readonly [number, number, number, number, number, number, number, number];

/** Inclusive bounds of a quad: what the checks of the message look at. */
export function quadBounds(quad: Quad): { x: number; y: number; width: number; height: number } {
  throw new Error(`not yet: ${quad}`);
}

/**
 * Cuts, transforms, erases, puts. `interpolation` is the message's mode: 0 nearest, others bilinear. The caller made
 * the checks of sizes and bounds. False when it can't be done (degenerate quad): nothing is changed then.
 */
export function transformRegion(
  source: TileGrid,
  target: TileGrid,
  region: Region,
  quad: Quad,
  interpolation: number,
  options: WriteOptions & { isSourceSelection?: boolean },
): boolean {
  throw new Error(`not yet: ${[source, target, region, quad, interpolation, options]}`);
}
