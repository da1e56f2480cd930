// Contents that follow each other from one kept state to the next: how their pixels are shared, and given back when
// nobody has the one or the other any more.

import type { Content, Edit } from './state.js';
import type { TileGrid } from './tiles.js';

/** Its pixels are kept by others too. */
export function keepContent({ grid, sublayers }: Content): void {
  grid.share();
  for (const sublayer of sublayers) sublayer.grid.share();
}

/** Another content, its grids made from an old one's. */
export function withGrids(content: Content, edit: Edit, copy: (grid: TileGrid) => TileGrid): Content {
  return {
    edit,
    grid: copy(content.grid),
    sublayers: content.sublayers.map((sublayer) => ({ ...sublayer, grid: copy(sublayer.grid) })),
  };
}

/** A content that was copied because a kept state has it; without `old` it is new, without `by` it is gone. */
export interface Replaced {
  readonly old: Content | undefined;
  readonly by: Content | undefined;
}

/** Gives back the memory of tiles that one of the two holds and the other does not; nobody has the first any more. */
export function releaseReplaced(gone: Content | undefined, other: Content | undefined): void {
  if (gone === undefined) return;
  gone.grid.releaseAllBut(other?.grid);
  for (const { id, grid } of gone.sublayers) {
    grid.releaseAllBut(other?.sublayers.find((sublayer) => sublayer.id === id)?.grid);
  }
}
