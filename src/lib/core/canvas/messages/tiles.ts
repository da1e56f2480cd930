// PutTile (146, 179): a tile into a run of slots. CanvasBackground (147, 180): the tile behind everything.
// canvas.md §2.5

import { isLayerId } from '../ids.js';
import { type Packing, readTile } from '../payloads.js';
import { type CommandRow, command } from './row.js';

interface PutTile {
  readonly user: number;
  readonly layer: number;
  readonly sublayer: number;
  readonly col: number;
  readonly row: number;
  readonly repeat: number;
  readonly image: Uint8Array;
}

function putTileOf(type: number, packing: Packing): CommandRow {
  return command<PutTile>(type, ({ state, codecs, budget }, _contextId, message) => {
    const { layer: id, sublayer } = message;
    const layer = isLayerId(id) ? state.look(id) : undefined;
    if (!layer) return false;
    const { columns, slots } = layer.grid;
    const first = message.row * columns + message.col;
    if (first >= slots || !budget.takesTiles(1)) return false;
    const tile = readTile(packing, message.image, codecs, message.user);
    if (!tile) return false;
    const content = state.ownLayer(id)?.content;
    if (!content) return false;
    const grid = sublayer === 0 ? content.grid : state.ownSublayer(content, sublayer).grid;
    const last = Math.min(first + message.repeat, slots - 1);
    for (let index = first; index <= last; index++) grid.set(index, tile);
    return true;
  });
}

function backgroundOf(type: number, packing: Packing): CommandRow {
  return command<{ image: Uint8Array }>(type, ({ state, codecs, budget }, contextId, { image }) => {
    const tile = budget.takesTiles(1) ? readTile(packing, image, codecs, contextId) : undefined;
    if (!tile) return false;
    state.background = tile;
    return true;
  });
}

export const putTile = putTileOf(146, 'deflate');
export const putTileZstd = putTileOf(179, 'zstd');
export const background = backgroundOf(147, 'deflate');
export const backgroundZstd = backgroundOf(180, 'zstd');
