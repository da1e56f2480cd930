// Where the pixels of tiles live while they are painted.

import type { Tile } from './tiles.js';

export interface TileMemory {
  /** Zeroed pixels for a new tile. */
  take(): Uint16Array;
  /** Tells to whom the pixels of the last take() went. */
  watch(tile: Tile): void;
}

/** Every tile has an array of its own. */
export const tileMemory: TileMemory = {
  take: () => new Uint16Array(16384),
  watch() {},
};
