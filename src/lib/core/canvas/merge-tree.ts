// Layers and groups merged into one grid: what deletion with merge and the collapse of a group do (canvas.md §6.4).
// It looks like flattening (flatten.ts) but works on entire grids, and has other rules for censoring and clipping.

import { preservingMode } from './blend/modes.js';
import { mergeGrid } from './merge.js';
import { mul, ONE, type Profile } from './pixel.js';
import { type Content, eachNode, type LayerNode } from './state.js';
import { TileGrid } from './tiles.js';

/** What comes down from the groups above. */
interface Inherited {
  readonly opacity: number;
  readonly isCensored: boolean;
  readonly isClipped: boolean;
}

const nothing: Inherited = { opacity: ONE, isCensored: false, isClipped: false };

export interface TreeMerge {
  readonly profile: Profile;
  readonly author: number;
}

/** A group's children onto each other, into a grid. */
export function mergeChildren(to: TileGrid, nodes: readonly LayerNode[], options: TreeMerge): void {
  mergeList(to, nodes, nothing, options);
}

/** One node with all that is in it. */
export function mergeNode(to: TileGrid, node: LayerNode, options: TreeMerge): void {
  mergeOne(to, node, nothing, options);
}

/** How many of the entries behind `at` are clipped by it, in a group or in the root of the tree. */
export function clippedBy(nodes: readonly LayerNode[], at: number, isRoot: boolean): number {
  const base = nodes[at]!;
  if (base.kind === 'group' && !base.isIsolated) return 0;
  if (isRoot && at > 0 && base.isClip) return 0;
  let end = at + 1;
  while (nodes[end]?.isClip) end++;
  return end - at - 1;
}

/** Tiles that a node and all that is in it hold, open strokes included. */
export function tilesIn(node: LayerNode): number {
  let count = 0;
  const add = (each: LayerNode) => {
    if (each.kind === 'group') return;
    for (const grid of [each.content.grid, ...each.content.sublayers.map((sublayer) => sublayer.grid)]) {
      grid.forEach(() => {
        count++;
      });
    }
  };
  add(node);
  if (node.kind === 'group') eachNode(node.children, add);
  return count;
}

function mergeList(
  to: TileGrid,
  nodes: readonly LayerNode[],
  inherited: Inherited,
  options: TreeMerge,
): void {
  for (let at = 0; at < nodes.length; ) {
    const count = clippedBy(nodes, at, false);
    if (count === 0) mergeOne(to, nodes[at]!, inherited, options);
    else mergeClipGroup(to, nodes.slice(at, at + count + 1), inherited, options);
    at += count + 1;
  }
}

function mergeOne(to: TileGrid, node: LayerNode, inherited: Inherited, options: TreeMerge): void {
  const opacity = mul(inherited.opacity, node.opacity);
  if (node.opacity === 0 || opacity === 0) return;
  if (node.kind === 'group' && !node.isIsolated) {
    const isCensored = inherited.isCensored || node.isCensored;
    mergeList(to, node.children.nodes, { ...inherited, opacity, isCensored }, options);
    return;
  }
  withGridOf(to, node, options, (grid) =>
    mergeGrid(to, grid, {
      ...options,
      mode: inherited.isClipped ? preservingMode(node.blendMode) : node.blendMode,
      opacity,
      isCensored: isCensoredNode(node, inherited),
    }),
  );
}

/** Layers do not look at their own flag here, groups do. */
function isCensoredNode(node: LayerNode, inherited: Inherited): boolean {
  return inherited.isCensored || (node.kind === 'group' && node.isCensored);
}

/** A layer with its open strokes, or the children of a group by themselves; for as long as it is used. */
function withGridOf(
  like: TileGrid,
  node: LayerNode,
  options: TreeMerge,
  use: (grid: TileGrid) => void,
): void {
  if (node.kind === 'layer' && node.content.sublayers.length === 0) {
    use(node.content.grid);
    return;
  }
  const grid =
    node.kind === 'layer'
      ? withStrokes(node.content, options)
      : new TileGrid(like.width, like.height, like.part);
  if (node.kind === 'group') mergeList(grid, node.children.nodes, nothing, options);
  use(grid);
  grid.release();
}

function withStrokes(content: Content, options: TreeMerge): TileGrid {
  const grid = content.grid.successor();
  for (const { grid: stroke, mask, opacity, blendMode } of content.sublayers) {
    if (opacity > 0) mergeGrid(grid, stroke, { ...options, mode: blendMode, opacity, mask });
  }
  return grid;
}

function mergeClipGroup(
  to: TileGrid,
  [base, ...clipped]: readonly LayerNode[],
  inherited: Inherited,
  options: TreeMerge,
): void {
  if (base === undefined || base.opacity === 0) return;
  const grid = new TileGrid(to.width, to.height, to.part);
  withGridOf(to, base, options, (own) => mergeGrid(grid, own, { ...options, mode: 1, opacity: ONE }));
  for (const node of clipped) mergeOne(grid, node, { ...nothing, isClipped: true }, options);
  mergeGrid(to, grid, {
    ...options,
    mode: inherited.isClipped ? preservingMode(base.blendMode) : base.blendMode,
    opacity: mul(inherited.opacity, base.opacity),
    isCensored: isCensoredNode(base, inherited),
  });
  grid.release();
}
