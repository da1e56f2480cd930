// Selections: grids whose pixels are (0, 0, 0, alpha).

import type { Rect } from './images.js';
import type { Profile } from './pixel.js';
import type { TileGrid } from './tiles.js';

/** 0 replace, 1 unite, 2 intersect, 3 exclude, 4 complement. */
export type SelectionOp = 0 | 1 | 2 | 3 | 4;

/**
 * SelectionPut (6.7) on a canvas of this size. `mask`: rect.width * rect.height bytes, or undefined for the whole
 * rectangle. `old` is changed or replaced; use what is returned: the new content (perhaps without any pixel: the
 * caller removes such selections), or undefined when the message clears the selection or there is none.
 */
export function putSelection(
  old: TileGrid | undefined,
  op: SelectionOp,
  size: { width: number; height: number },
  rect: Rect,
  mask: Uint8Array | undefined,
  options: { profile: Profile; author: number },
): TileGrid | undefined {
  throw new Error(`not yet: ${[old, op, size, rect, mask, options]}`);
}
