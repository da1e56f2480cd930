// Selections: put (174) and cleared (175) by their user alone, or sent tile by tile to everyone (177).
// canvas.md §2.9

import { firstRemoteSelection } from '../ids.js';
import { readMask, readSelectionTile } from '../payloads.js';
import { putSelection, type SelectionOp } from '../selection.js';
import { TileGrid } from '../tiles.js';
import type { WorkingState } from '../working-state.js';
import { command, type Tools } from './row.js';

interface SelectionPut {
  readonly selection_id: number;
  readonly op: number;
  readonly x: number;
  readonly y: number;
  readonly w: number;
  readonly h: number;
  readonly mask: Uint8Array;
}

const complement = 4;

export const selectionPut = command<SelectionPut>(174, (tools, contextId, message) => {
  const { state, codecs, budget, profile } = tools;
  const { selection_id: id, op, x, y } = message;
  const width = message.w | 0;
  const height = message.h | 0;
  if (id === 0 || op > complement) return false;
  if (message.mask.length > 0 && (width < 1 || height < 1 || !budget.takesImage(width, height))) return false;
  const read = readMask('zstd', width, height, message.mask, codecs);
  // a complement of a mask is undefined in clients
  if (read === undefined || (op === complement && read !== 'none')) return false;
  if (!budget.takesTiles(2 * tilesOfCanvas(tools))) return false;
  const old = state.selection(contextId, id) ? state.ownSelection(contextId, id) : undefined;
  const grid = putSelection(
    old?.grid,
    op as SelectionOp,
    state,
    { x, y, width, height },
    read === 'none' ? undefined : read,
    { profile, author: contextId, opaque: tools.opaque },
  );
  if (!grid) remove(state, contextId, id);
  else if (old) {
    if (old.grid !== grid) old.grid.release();
    old.grid = grid;
  } else {
    const made = state.ownSelection(contextId, id);
    if (made) made.grid = grid;
  }
  return true;
});

function tilesOfCanvas({ state }: Tools): number {
  return new TileGrid(state.width, state.height).slots;
}

function remove(state: WorkingState, user: number, id: number): void {
  state.removeSelections((selection) => selection.user === user && (id === 0 || selection.id === id));
}

/** Id 0: all of the user. */
export const selectionClear = command<{ selection_id: number }>(175, ({ state }, contextId, message) => {
  remove(state, contextId, message.selection_id);
  return true;
});

interface SyncSelectionTile {
  readonly user: number;
  readonly selection_id: number;
  readonly col: number;
  readonly row: number;
  readonly mask: Uint8Array;
}

export const syncSelectionTile = command<SyncSelectionTile>(177, (tools, contextId, message) => {
  const { state, codecs, budget } = tools;
  const { user, selection_id: id, col, row, mask } = message;
  if (id < firstRemoteSelection) return false;
  if (col === 0xffff && row === 0xffff && mask.length === 0) {
    remove(state, user, id);
    return true;
  }
  const { columns, slots } = new TileGrid(state.width, state.height);
  const index = row * columns + col;
  if (index >= slots || !budget.takesTiles(1)) return false;
  const tile = readSelectionTile(mask, codecs, contextId, tools.opaque);
  if (tile === undefined) return false;
  if (tile === 'absent' && !state.selection(user, id)) return true;
  state.ownSelection(user, id)?.grid.set(index, tile === 'absent' ? undefined : tile);
  return true;
});
