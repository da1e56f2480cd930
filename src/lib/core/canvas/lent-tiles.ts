// Tiles that one part of a canvas lends to another, which then looks at the complete canvas (part.ts).

import { type CanvasState, eachNode } from './state.js';
import { TILE_LENGTH, Tile, type TileGrid } from './tiles.js';

/** Some tiles of one grid. Everything here survives a structured clone. */
export interface LentTiles {
  /** Which grid, in an order that all parts have in common. */
  readonly grid: number;
  readonly indices: Uint32Array;
  readonly authors: Uint8Array;
  /** One tile after the other. */
  readonly pixels: Uint16Array;
}

/** As many tiles go together: 8 MB. */
const mostTogether = 256;

/** All grids of layers and of the strokes on them. Parts have no selections. */
function gridsOf({ layers }: Pick<CanvasState, 'layers'>): TileGrid[] {
  const grids: TileGrid[] = [];
  eachNode(layers, (node) => {
    if (node.kind === 'layer') {
      grids.push(node.content.grid, ...node.content.sublayers.map((sublayer) => sublayer.grid));
    }
  });
  return grids;
}

export function* lentTiles(state: Pick<CanvasState, 'layers'>): Generator<LentTiles> {
  for (const [number, grid] of gridsOf(state).entries()) {
    const owned: (readonly [index: number, tile: Tile])[] = [];
    grid.forEach((tile, index) => {
      if (grid.keeps(index)) owned.push([index, tile]);
    });
    for (let at = 0; at < owned.length; at += mostTogether) {
      const some = owned.slice(at, at + mostTogether);
      const pixels = new Uint16Array(some.length * TILE_LENGTH);
      for (const [place, [, tile]] of some.entries()) pixels.set(tile.pixels, place * TILE_LENGTH);
      yield {
        grid: number,
        indices: Uint32Array.from(some, ([index]) => index),
        authors: Uint8Array.from(some, ([, { author }]) => author),
        pixels,
      };
    }
  }
}

export function borrowTiles(
  state: Pick<CanvasState, 'layers'>,
  { grid: number, indices, authors, pixels }: LentTiles,
): void {
  const grid = gridsOf(state)[number];
  for (const [place, index] of indices.entries()) {
    const at = place * TILE_LENGTH;
    grid?.lend(index, new Tile(pixels.subarray(at, at + TILE_LENGTH), authors[place]));
  }
}

/** Before tiles of another part come, and after they were looked at: what is in their slots counts for nothing. */
export function giveTilesBack(state: Pick<CanvasState, 'layers'>): void {
  for (const grid of gridsOf(state)) {
    const foreign: number[] = [];
    grid.forEach((_, index) => {
      if (!grid.keeps(index)) foreign.push(index);
    });
    for (const index of foreign) grid.lend(index, undefined);
  }
}
