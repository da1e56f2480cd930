// PutImage (136, 178) and FillRect (137). canvas.md §2.8

import { isBlendMode } from '../blend/modes.js';
import { fillRect as fill, putImage as put } from '../images.js';
import { type Packing, readImage } from '../payloads.js';
import { TILE_SIDE } from '../tiles.js';
import { isTargetId } from '../working-state.js';
import { type CommandRow, command, type Tools } from './row.js';

interface PutImage {
  readonly layer: number;
  readonly mode: number;
  readonly x: number;
  readonly y: number;
  readonly w: number;
  readonly h: number;
  readonly image: Uint8Array;
}

interface FillRect {
  readonly layer: number;
  readonly mode: number;
  readonly x: number;
  readonly y: number;
  readonly w: number;
  readonly h: number;
  readonly color: number;
}

const maxInt32 = 0x7fffffff;

/** A message that clients send to themselves through the server, dressed as a picture. */
const localMatchMode = 252;

function putImageOf(type: number, packing: Packing): CommandRow {
  return command<PutImage>(type, (tools, contextId, message) => {
    const { state, codecs, budget, profile } = tools;
    const { layer: id, mode, x, y, w: width, h: height } = message;
    if (mode === localMatchMode) return true;
    if (!isBlendMode(mode)) return false;
    if (x > maxInt32 || y > maxInt32 || width > maxInt32 || height > maxInt32) return false;
    if (width === 0 || height === 0 || state.width === 0 || state.height === 0) return false;
    if (!isTargetId(id) || !budget.takesImage(width, height)) return false;
    const image = readImage(packing, width, height, message.image, codecs);
    if (!image || !state.hasTarget(id)) return false;
    const rect = { x, y, width, height };
    if (!budget.takesTiles(tilesOf(tools, rect))) return false;
    const target = state.target(id);
    if (!target) return false;
    const { content, isSelection } = target;
    put(content.grid, mode, rect, image, { profile, author: contextId, isSelection, opaque: tools.opaque });
    return true;
  });
}

export const putImage = putImageOf(136, 'deflate');
export const putImageZstd = putImageOf(178, 'zstd');

export const fillRect = command<FillRect>(137, (tools, contextId, message) => {
  const { state, budget, profile } = tools;
  const { layer: id, mode } = message;
  if (!isTargetId(id) || !isBlendMode(mode)) return false;
  const rect = { x: message.x | 0, y: message.y | 0, width: message.w | 0, height: message.h | 0 };
  if (!meetsCanvas(tools, rect) || !state.hasTarget(id)) return false;
  if (!budget.takesTiles(tilesOf(tools, rect))) return false;
  const target = state.target(id);
  if (!target) return false;
  const { content, isSelection } = target;
  return fill(content.grid, mode, rect, message.color, {
    profile,
    author: contextId,
    isSelection,
    opaque: tools.opaque,
  });
});

interface Rect {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** What of a stretch lies on a canvas of this length. Sums wrap at 32 bits, as in clients. */
function cut(start: number, length: number, limit: number): { from: number; to: number } {
  return { from: Math.max(start, 0), to: Math.min((start + length) | 0, limit) };
}

/** Whether any of it lies on the canvas. */
export function meetsCanvas({ state }: Tools, { x, y, width, height }: Rect): boolean {
  const across = cut(x, width, state.width);
  const down = cut(y, height, state.height);
  return across.to > across.from && down.to > down.from;
}

/** How many tiles of the canvas a rectangle touches. */
export function tilesOf({ state }: Tools, { x, y, width, height }: Rect): number {
  const span = ({ from, to }: { from: number; to: number }) =>
    to <= from ? 0 : Math.ceil(to / TILE_SIDE) - Math.floor(from / TILE_SIDE);
  return span(cut(x, width, state.width)) * span(cut(y, height, state.height));
}
