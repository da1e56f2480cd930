// A message of dabs as it is painted, and how it is painted.

import type { Profile } from './pixel.js';
import type { OpaqueTileUse, TileGrid } from './tiles.js';

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
  /** Undefined: there is the shared opaque tile. */
  opaque?: OpaqueTileUse | undefined;
}
