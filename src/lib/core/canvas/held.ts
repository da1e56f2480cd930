// How much memory the pixels of states take that share most of it.

import { tileBytes } from './budget.js';
import { type CanvasState, type Content, eachNode } from './state.js';
import type { Tile, TileGrid } from './tiles.js';

/** Bytes of all tiles, each counted once. Visits every slot of grids that are not shared as a unit. */
export function pixelBytes(
  states: readonly Pick<CanvasState, 'background' | 'layers' | 'selections'>[],
): number {
  const tiles = new Set<Tile>();
  const seen = new Set<Content>();
  const addGrid = (grid: TileGrid) => {
    grid.forEach((tile) => {
      tiles.add(tile);
    });
  };
  const addContent = (content: Content) => {
    if (seen.has(content)) return;
    seen.add(content);
    addGrid(content.grid);
    for (const { grid, mask } of content.sublayers) {
      addGrid(grid);
      if (mask) addGrid(mask);
    }
  };
  for (const { background, layers, selections } of states) {
    if (background) tiles.add(background);
    eachNode(layers, (node) => {
      if (node.kind === 'layer') addContent(node.content);
    });
    for (const { content } of selections) addContent(content);
  }
  return tiles.size * tileBytes;
}
