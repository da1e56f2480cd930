// LayerTreeDelete (164): a layer or group goes: into nothing, into another layer, or a group into one layer.
// canvas.md §2.5

import { affectingMode, preservingMode } from '../blend/modes.js';
import { isLayerId } from '../ids.js';
import { mergeGrid } from '../merge.js';
import { mergeChildren, mergeNode, tilesIn } from '../merge-tree.js';
import type { Group, Layer, LayerNode } from '../state.js';
import type { WorkingState } from '../working-state.js';
import { command, type Tools } from './row.js';

interface LayerTreeDelete {
  readonly id: number;
  readonly merge_to: number;
}

export const layerTreeDelete = command<LayerTreeDelete>(164, (tools, contextId, message) => {
  const { state, budget } = tools;
  const { id, merge_to: mergeTo } = message;
  const node = isLayerId(id) ? state.node(id) : undefined;
  if (!node) return false;
  if (mergeTo !== 0) {
    const target = state.node(mergeTo);
    if (!target || (mergeTo === id) !== (target.kind === 'group')) return false;
    if (!budget.takesTiles(2 * tilesIn(node))) return false;
  }
  if (mergeTo === id) collapse(tools, node as Group);
  else {
    if (mergeTo !== 0) mergeInto(tools, contextId, node, mergeTo);
    state.delete(id);
  }
  forgetMissingLayers(state);
  return true;
});

function collapse({ state, profile }: Tools, group: Group): void {
  const content = state.newContent();
  mergeChildren(content.grid, group.children.nodes, { profile, author: 0 });
  const { children: _, ...attributes } = group;
  const layer: Layer = { ...attributes, kind: 'layer', edit: state.edit, isIsolated: false, content };
  state.replace(layer);
}

function mergeInto({ state, profile }: Tools, author: number, node: LayerNode, mergeTo: number): void {
  const target = state.ownLayer(mergeTo) as Layer;
  if (node.kind === 'group') {
    mergeNode(target.content.grid, node, { profile, author: 0 });
    return;
  }
  mergeGrid(target.content.grid, node.content.grid, {
    profile,
    author,
    mode: node.isClip ? clippedMode(node.blendMode, target.isClip) : node.blendMode,
    opacity: node.opacity,
  });
}

/** The mode of a clipped layer when it goes into another: as before, alpha stays unless both are clipped. */
function clippedMode(mode: number, isTargetClip: boolean): number {
  return isTargetClip ? affectingMode(mode) : preservingMode(mode);
}

/** Takes layers that are gone out of the timeline. */
function forgetMissingLayers(state: WorkingState): void {
  const isThere = (layer: number) => layer === 0 || state.node(layer) !== undefined;
  state.tracks = state.tracks.map((track) => {
    const isComplete = track.keyFrames.every(
      (frame) => isThere(frame.layer) && frame.layers.every((each) => isThere(each.id)),
    );
    if (isComplete) return track;
    return {
      ...track,
      keyFrames: track.keyFrames.map((frame) => ({
        ...frame,
        layer: isThere(frame.layer) ? frame.layer : 0,
        layers: frame.layers.filter((each) => state.node(each.id) !== undefined),
      })),
    };
  });
}
