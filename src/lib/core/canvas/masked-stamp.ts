// Stamps seen through selections (pixels 3.9).

import type { PlacedStamp } from './stamps/classic.js';
import type { Stamp } from './stamps/stamp.js';
import { type OpaqueTileUse, opaqueTile, TILE_SIDE, type Tile, type TileGrid } from './tiles.js';

/**
 * A masked copy of a stamp: each cell times the selection's alpha there, nothing outside the canvas. Undefined when
 * the selection takes nothing away: every tile that the stamp touches is the shared opaque one. (Then the stamp also
 * paints beyond the edge of the canvas, as one without a selection.)
 */
export function maskStamp(
  grid: TileGrid,
  { stamp, left, top }: Readonly<PlacedStamp>,
  selection: TileGrid,
  use: OpaqueTileUse | undefined,
): Stamp | undefined {
  /** What an absent tile is taken for. */
  const absent = use?.isMade === false ? opaqueTile : undefined;
  const tileAt = (index: number): Tile | undefined => selection.get(index) ?? absent;

  const { side, mask, at: first, stride } = stamp;
  const x0 = Math.max(left, 0);
  const y0 = Math.max(top, 0);
  const x1 = Math.min(left + side, grid.width);
  const y1 = Math.min(top + side, grid.height);
  if (x0 >= x1 || y0 >= y1) return undefined;
  let isOpaque = true;
  for (let row = y0 >> 6; isOpaque && row <= (y1 - 1) >> 6; row++) {
    for (let column = x0 >> 6; isOpaque && column <= (x1 - 1) >> 6; column++) {
      isOpaque = tileAt(row * selection.columns + column) === opaqueTile;
    }
  }
  if (isOpaque) return undefined;
  const masked = new Uint16Array(side * side);
  for (let y = y0; y < y1; y++) {
    const from = first + (y - top) * stride - left;
    const to = (y - top) * side - left;
    for (let x = x0; x < x1; ) {
      const end = Math.min(x1, (x | 63) + 1);
      const tile = tileAt((y >> 6) * selection.columns + (x >> 6));
      if (tile !== undefined) {
        const { pixels } = tile;
        const at = (y & 63) * TILE_SIDE * 4 + 3;
        for (; x < end; x++) {
          masked[to + x] = Math.imul(mask[from + x]!, pixels[at + (x & 63) * 4]!) >>> 15;
        }
      }
      x = end;
    }
  }
  return { side, mask: masked, at: 0, stride: side };
}
