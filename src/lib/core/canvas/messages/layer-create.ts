// LayerTreeCreate (162): a new layer or group, or a copy of one. canvas.md §2.5

import { elementOf, isLayerId, layerIdOf, ownerOf } from '../ids.js';
import { argbToColor, premultiply } from '../pixel.js';
import { eachNode, type Group, type LayerNode } from '../state.js';
import { solidTile } from '../tiles.js';
import type { WorkingState } from '../working-state.js';
import { command, keep } from './row.js';

interface LayerTreeCreate {
  readonly id: number;
  readonly source: number;
  readonly target: number;
  readonly fill: number;
  readonly flags: number;
  readonly raw: Uint8Array;
}

const groupFlag = 1;
const intoFlag = 2;

export const layerTreeCreate = command<LayerTreeCreate>(162, ({ state, budget }, contextId, message) => {
  const { id, source, target } = message;
  if (!isLayerId(id) || (source !== 0 && !isLayerId(source)) || (target !== 0 && !isLayerId(target))) {
    return false;
  }
  if (state.node(id)) return false;
  const copied = source === 0 ? undefined : state.node(source);
  if (source !== 0 && !copied) return false;
  const beside = target === 0 ? undefined : state.node(target);
  if (target !== 0 && !beside) return false;
  const isInto = (message.flags & intoFlag) !== 0 && target !== 0;
  if (isInto && beside?.kind !== 'group') return false;

  const parent = isInto ? target : state.parentOf(target);
  const depth = state.depthIn(parent);
  if (state.layerCount + countNodes(copied) > budget.limits.layers) return false;
  if (depth + depthOf(copied) > budget.limits.depth) return false;

  const node = copied ? copyNode(state, copied, id) : newNode(state, message, contextId);
  if (node === undefined) return false;
  node.title = keep(message.raw);
  const siblings = state.list(parent).nodes;
  const at = isInto || target === 0 ? siblings.length : siblings.findIndex((each) => each.id === target) + 1;
  state.insert(node, parent, at);
  return true;
});

function newNode(state: WorkingState, { id, fill, flags }: LayerTreeCreate, author: number): LayerNode {
  const isGroup = (flags & groupFlag) !== 0;
  const shared = {
    edit: state.edit,
    id,
    title: new Uint8Array(0),
    opacity: 32768,
    blendMode: 1,
    isCensored: false,
    isIsolated: isGroup,
    isClip: false,
  };
  if (isGroup) return { kind: 'group', ...shared, children: { edit: state.edit, nodes: [] } };
  const content = state.newContent();
  if (fill !== 0) content.grid.fill(tileOfColor(fill, author));
  return { kind: 'layer', ...shared, content };
}

/** 0xAARRGGBB, not multiplied by alpha. */
function tileOfColor(argb: number, author: number) {
  const [b, g, r, a] = premultiply(argbToColor(argb));
  return solidTile(b, g, r, a, author);
}

/** Children of a copied group get ids of the new layer's owner; undefined: there are none left. */
function copyNode(state: WorkingState, source: LayerNode, id: number): LayerNode | undefined {
  const newId = idGenerator(state, id);
  const copy = (node: LayerNode, copyId: number): LayerNode | undefined => {
    const shared = { ...node, id: copyId, edit: state.edit };
    if (shared.kind === 'layer') {
      return { ...shared, id: copyId, content: state.copyContent(shared.content) };
    }
    const { nodes } = shared.children;
    const copies: LayerNode[] = new Array(nodes.length);
    // from the top down: that is how clients give the ids
    for (let at = nodes.length - 1; at >= 0; at--) {
      const node = nodes[at];
      const childId = newId();
      const child = node === undefined || childId === undefined ? undefined : copy(node, childId);
      if (child === undefined) return undefined;
      copies[at] = child;
    }
    return { ...shared, id: copyId, children: { edit: state.edit, nodes: copies } };
  };
  return copy(source, id);
}

/** The numbers after the new layer's own that no layer of its owner has. */
function idGenerator(state: WorkingState, id: number): () => number | undefined {
  const owner = ownerOf(id);
  const first = elementOf(id);
  let used: Set<number> | undefined;
  let next = first;
  return () => {
    if (used === undefined) {
      const taken = new Set([first]);
      eachNode(state.layers, (node) => {
        if (ownerOf(node.id) === owner) taken.add(elementOf(node.id));
      });
      used = taken;
    }
    // beyond 32767 clients give ids twice; here there are none left
    for (let tries = 0; tries < 32768; tries++) {
      next = (next + 1) % 32768;
      if (!used.has(next) && layerIdOf(next, owner) !== 0) {
        used.add(next);
        return layerIdOf(next, owner);
      }
    }
    return undefined;
  };
}

function countNodes(node: LayerNode | undefined): number {
  let count = 1;
  if (node?.kind === 'group') {
    eachNode(node.children, () => {
      count++;
    });
  }
  return count;
}

/** How many levels a node adds to the tree. */
export function depthOf(node: LayerNode | undefined): number {
  let most = 0;
  if (node?.kind === 'group') {
    eachNode((node as Group).children, (_child, _parent, depth) => {
      most = Math.max(most, depth + 1);
    });
  }
  return most;
}
