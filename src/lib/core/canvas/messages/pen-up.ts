// PenUp (140): a user's strokes on sublayers go into their layers. canvas.md §2.7

import { mergeGrid } from '../merge.js';
import { type Content, eachNode } from '../state.js';
import { isTargetId } from '../working-state.js';
import { command, type Tools } from './row.js';

export const penUp = command<{ layer: number }>(140, (tools, contextId, { layer: id }) => {
  if (id !== 0 && !isTargetId(id)) return false;
  const targets = id === 0 ? strokedBy(tools, contextId) : [id];
  if (!tools.budget.takesTiles(tilesOfStrokes(tools, contextId, targets))) return false;
  for (const target of targets) mergeStrokes(tools, contextId, target);
  return true;
});

const isOf = (contextId: number) => (sublayer: { readonly id: number }) =>
  contextId === 0 || sublayer.id === contextId;

/** Layers and selections with strokes of a user, in the order of the tree, then of the selections. */
function strokedBy({ state }: Tools, contextId: number): number[] {
  const found: number[] = [];
  const look = (id: number, content: Content) => {
    if (content.sublayers.some(isOf(contextId))) found.push(id);
  };
  eachNode(state.layers, (node) => {
    if (node.kind === 'layer') look(node.id, node.content);
  });
  for (const { user, id, content } of state.selections) look(0x800000 | (id << 8) | user, content);
  return found;
}

/** How many tiles come about at most when they are merged. */
function tilesOfStrokes({ state }: Tools, contextId: number, targets: readonly number[]): number {
  let count = 0;
  for (const target of targets) {
    for (const { grid } of state.look(target)?.sublayers.filter(isOf(contextId)) ?? []) {
      grid.forEach(() => {
        count++;
      });
    }
  }
  return count;
}

function mergeStrokes({ state, profile, opaque }: Tools, contextId: number, id: number): void {
  const isStroke = isOf(contextId);
  if (!state.look(id)?.sublayers.some(isStroke)) return;
  const target = state.target(id);
  if (!target) return;
  const { content, isSelection } = target;
  for (const { grid, mask, opacity, blendMode } of content.sublayers.filter(isStroke)) {
    mergeGrid(content.grid, grid, {
      profile,
      mode: blendMode,
      opacity,
      mask,
      author: contextId,
      isSelection,
      opaque,
    });
    grid.release();
  }
  content.sublayers = content.sublayers.filter((sublayer) => !isStroke(sublayer));
}
