// Selections: grids whose pixels are (0, 0, 0, alpha). SelectionPut (pixels 6.7).

import { clip, fillRect, putAlphas, type Rect } from './images.js';
import { mergeGrid } from './merge.js';
import { ONE, type Profile } from './pixel.js';
import { type OpaqueTileUse, solidTile, TileGrid } from './tiles.js';

/** 0 replace, 1 unite, 2 intersect, 3 exclude, 4 complement. */
export type SelectionOp = 0 | 1 | 2 | 3 | 4;

export interface SelectionSize {
  width: number;
  height: number;
}

/**
 * SelectionPut on a canvas of this size. `mask`: rect.width * rect.height bytes, or undefined for the entire
 * rectangle. `old` is changed or left; use what is returned: the new content (perhaps without any pixel: the
 * caller removes such selections), or undefined when the selection is cleared or there is none.
 */
export function putSelection(
  old: TileGrid | undefined,
  op: SelectionOp,
  size: SelectionSize,
  rect: Rect,
  mask: Uint8Array | undefined,
  options: { profile: Profile; author: number; opaque?: OpaqueTileUse | undefined },
): TileGrid | undefined {
  const clipped = clip(rect, size);
  if (clipped === undefined) return op === 0 ? undefined : old;
  const write = { ...options, isSelection: true };
  const put = (grid: TileGrid, mode: number) => {
    if (mask === undefined) {
      fillRect(grid, mode, clipped, 0xff000000, write);
    } else {
      putAlphas(grid, mode, rect, mask, write);
    }
    return grid;
  };
  const subtract = (from: TileGrid, what: TileGrid) => {
    mergeGrid(from, what, { ...write, mode: 0, opacity: ONE });
    return from;
  };
  const empty = () => new TileGrid(size.width, size.height);
  switch (op) {
    case 0:
      return put(empty(), 255);
    case 1:
      return old === undefined ? put(empty(), 255) : put(old, 1);
    case 2: {
      if (old === undefined) return undefined;
      const inverse = empty();
      inverse.fill(solidTile(0, 0, 0, ONE));
      subtract(old, put(inverse, 0));
      inverse.release();
      return old;
    }
    case 3:
      return old === undefined ? undefined : put(old, 0);
    case 4:
      return old === undefined ? put(empty(), 255) : subtract(put(empty(), 255), old);
  }
}
