// CanvasResize (129): the canvas grows or is cut on each side, and everything moves with it. canvas.md §2.5

import { resizeGrid } from '../images.js';
import { needsComplete } from '../part.js';
import { type Content, eachNode, type LayerList, type LayerNode, type Sublayer } from '../state.js';
import { TILE_SIDE, type TileGrid } from '../tiles.js';
import type { WorkingState } from '../working-state.js';
import { command, type Tools } from './row.js';

interface Resize {
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
  readonly left: number;
}

const maxSide = 1_000_000;
const maxPixels = 32_767 * 32_767;

export const resize = command<Resize>(129, (tools, _contextId, { top, right, bottom, left }) => {
  const { state } = tools;
  // sums of 32 bits that wrap, as in clients
  const toRight = (state.width + right) | 0;
  const toBottom = (state.height + bottom) | 0;
  const width = (toRight + left) | 0;
  const height = (toBottom + top) | 0;
  if ((-left | 0) >= toRight || (-top | 0) >= toBottom) return false;
  if (width < 1 || height < 1 || width > maxSide || height > maxSide || width * height > maxPixels) {
    return false;
  }
  const isAligned = left % TILE_SIDE === 0 && top % TILE_SIDE === 0;
  if (!isAligned && !tools.budget.takesTiles(tilesAfter(tools, left, top, width, height))) return false;

  state.width = width;
  state.height = height;
  state.offsetX = (state.offsetX - left) | 0;
  state.offsetY = (state.offsetY - top) | 0;
  const resized = (content: Content): Content => resizeContent(state, content, left, top);
  resizeLayers(state, resized);
  state.replaceSelections(
    state.selections.map((selection) => ({ ...selection, content: resized(selection.content) })),
  );
  if (left > 0 || top > 0) {
    state.annotations = state.annotations.map((annotation) => ({
      ...annotation,
      x: (annotation.x + left) | 0,
      y: (annotation.y + top) | 0,
    }));
  }
  return true;
});

/** How many tiles an unaligned resize makes at most. */
function tilesAfter(tools: Tools, left: number, top: number, width: number, height: number): number {
  const { state } = tools;
  let grids = 0;
  let tiles = 0;
  const add = (grid: TileGrid) => {
    grids++;
    grid.forEach(() => {
      tiles++;
    });
  };
  const addContent = (content: Content) => {
    add(content.grid);
    for (const sublayer of content.sublayers) {
      add(sublayer.grid);
      if (sublayer.mask) add(sublayer.mask);
    }
  };
  eachNode(state.layers, (node) => {
    if (node.kind === 'layer') addContent(node.content);
  });
  for (const selection of state.selections) addContent(selection.content);
  const columns = Math.ceil((Math.min(state.width, width) + Math.abs(left)) / TILE_SIDE) + 1;
  const rows = Math.ceil((Math.min(state.height, height) + Math.abs(top)) / TILE_SIDE) + 1;
  // each tile falls on four at most, and nobody has more than the canvas holds
  return Math.min(tiles * 4, grids * columns * rows);
}

function resizeLayers(state: WorkingState, resized: (content: Content) => Content): void {
  const inList = (list: LayerList): LayerList => ({ edit: state.edit, nodes: list.nodes.map(inNode) });
  const inNode = (node: LayerNode): LayerNode =>
    node.kind === 'group'
      ? { ...node, edit: state.edit, children: inList(node.children) }
      : { ...node, edit: state.edit, content: resized(node.content) };
  state.replaceLayers(inList(state.layers));
}

function resizeContent(state: WorkingState, content: Content, left: number, top: number): Content {
  const { width, height } = state;
  const grid = (old: TileGrid, isBlank: boolean): TileGrid =>
    isBlank ? state.newGrid() : resizeGrid(old, left, top, width, height);
  // a layer counts with all its strokes, each of these by itself
  const isBlank = content.grid.isBlank() && content.sublayers.every((sublayer) => sublayer.grid.isBlank());
  // tiles move
  if (!isBlank) needsComplete(state.part);
  return state.madeFrom(content, {
    grid: grid(content.grid, isBlank),
    sublayers: content.sublayers.map(
      (sublayer): Sublayer => ({
        ...sublayer,
        grid: grid(sublayer.grid, sublayer.grid.isBlank()),
        // as when a stroke begins: the garbage collector reports when no state has it any more
        mask: sublayer.mask && grid(sublayer.mask, sublayer.mask.isBlank()).share(),
      }),
    ),
  });
}
