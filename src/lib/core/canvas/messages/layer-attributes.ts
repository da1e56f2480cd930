// LayerAttributes (131) and LayerRetitle (132). canvas.md §2.5

import { isLayerId } from '../ids.js';
import { c8to15 } from '../pixel.js';
import { command, keep } from './row.js';

interface LayerAttributes {
  readonly id: number;
  readonly sublayer: number;
  readonly flags: number;
  readonly opacity: number;
  readonly blend: number;
}

/** Modes are not checked: one that nobody knows is kept, its layer draws nothing. */
export const layerAttributes = command<LayerAttributes>(131, ({ state }, _contextId, message) => {
  const { id, sublayer, flags } = message;
  const node = isLayerId(id) ? state.node(id) : undefined;
  if (node === undefined || (sublayer !== 0 && node.kind === 'group')) return false;
  const content = sublayer === 0 ? undefined : state.ownLayer(id)?.content;
  const target = content === undefined ? state.ownNode(id) : state.ownSublayer(content, sublayer);
  target.opacity = c8to15(message.opacity);
  target.blendMode = message.blend;
  target.isCensored = (flags & 1) !== 0;
  target.isIsolated = (flags & 4) !== 0;
  target.isClip = (flags & 8) !== 0;
  return true;
});

export const layerRetitle = command<{ id: number; raw: Uint8Array }>(
  132,
  ({ state }, _contextId, message) => {
    const { id } = message;
    if (!isLayerId(id) || !state.node(id)) return false;
    state.ownNode(id).title = keep(message.raw);
    return true;
  },
);
