// LayerTreeMove (163): a layer or group goes to another place. canvas.md §2.5

import { isLayerId } from '../ids.js';
import { depthOf } from './layer-create.js';
import { command } from './row.js';

interface LayerTreeMove {
  readonly layer: number;
  readonly parent: number;
  readonly sibling: number;
}

export const layerTreeMove = command<LayerTreeMove>(163, ({ state, budget }, _contextId, message) => {
  const { layer, parent, sibling } = message;
  if (!isLayerId(layer) || (parent !== 0 && !isLayerId(parent)) || (sibling !== 0 && !isLayerId(sibling))) {
    return false;
  }
  if (layer === parent || layer === sibling || (parent === sibling && parent !== 0)) return false;
  const node = state.node(layer);
  if (!node) return false;
  if (parent !== 0 && (state.node(parent)?.kind !== 'group' || state.isInside(parent, layer))) return false;
  if (sibling !== 0 && (!state.node(sibling) || state.parentOf(sibling) !== parent)) return false;
  if (state.depthIn(parent) + depthOf(node) > budget.limits.depth) return false;

  const moved = state.remove(layer);
  const siblings = state.list(parent).nodes;
  // the sibling ends up directly above; without one the layer becomes the topmost
  const at = sibling === 0 ? siblings.length : siblings.findIndex((each) => each.id === sibling);
  state.insert(moved, parent, at);
  return true;
});
