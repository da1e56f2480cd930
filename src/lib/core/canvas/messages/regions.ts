// MoveRect (160, 181) and TransformRegion (165, 182): a part of a layer cut out, and put elsewhere as it is or
// into a quad. canvas.md §2.8

import { isBlendMode } from '../blend/modes.js';
import { moveRegion, type Rect } from '../images.js';
import { needsComplete } from '../part.js';
import { type Packing, readMask } from '../payloads.js';
import { type Quad, quadBounds, transformRegion } from '../transform.js';
import { isTargetId } from '../working-state.js';
import { meetsCanvas, tilesOf } from './images.js';
import { type CommandRow, command, type Tools } from './row.js';

interface Moved {
  readonly layer: number;
  readonly source: number;
  readonly blend: number;
  readonly opacity: number;
  readonly mask: Uint8Array;
}

interface MoveRect extends Moved {
  readonly sx: number;
  readonly sy: number;
  readonly tx: number;
  readonly ty: number;
  readonly w: number;
  readonly h: number;
}

interface TransformRegion extends Moved {
  readonly bx: number;
  readonly by: number;
  readonly bw: number;
  readonly bh: number;
  readonly x1: number;
  readonly y1: number;
  readonly x2: number;
  readonly y2: number;
  readonly x3: number;
  readonly y3: number;
  readonly x4: number;
  readonly y4: number;
  readonly mode: number;
}

/** What clients allow a transformed picture to have, in pixels. */
const maxTransformPixels = 35_000_000;

/** The checks that both messages make, and what they need then; undefined: it cannot be done. */
function prepare(tools: Tools, message: Moved, packing: Packing, from: Rect, to: Rect) {
  const { state, codecs, budget } = tools;
  const { layer, source, blend, opacity } = message;
  if (!isTargetId(source) || !isTargetId(layer) || from.width <= 0 || from.height <= 0) return undefined;
  if (!meetsCanvas(tools, from) || !meetsCanvas(tools, to)) return undefined;
  if (!isBlendMode(blend) || opacity === 0 || !budget.takesImage(from.width, from.height)) return undefined;
  const mask = readMask(packing, from.width, from.height, message.mask, codecs);
  if (mask === undefined || !state.look(source) || !state.hasTarget(layer)) return undefined;
  // the source may be copied, too
  if (!budget.takesTiles(tilesOf(tools, from) + tilesOf(tools, to))) return undefined;
  return { rect: from, mask: mask === 'none' ? undefined : mask, opacity, mode: blend };
}

/** The source and the target to change: one and the same when they are one layer. */
function ends({ state, profile, opaque }: Tools, { layer, source }: Moved, author: number) {
  needsComplete(state.part);
  const from = state.target(source)!;
  const to = state.target(layer)!;
  const options = {
    profile,
    author,
    isSelection: to.isSelection,
    opaque,
    isSourceSelection: from.isSelection,
  };
  return { source: from.content.grid, target: to.content.grid, options };
}

function moveOf(type: number, packing: Packing): CommandRow {
  return command<MoveRect>(type, (tools, contextId, message) => {
    const { w: width, h: height, tx, ty } = message;
    const from = { x: message.sx, y: message.sy, width, height };
    const region = prepare(tools, message, packing, from, { x: tx, y: ty, width, height });
    if (!region) return false;
    const { source, target, options } = ends(tools, message, contextId);
    moveRegion(source, target, region, tx, ty, options);
    return true;
  });
}

function transformOf(type: number, packing: Packing): CommandRow {
  return command<TransformRegion>(type, (tools, contextId, message) => {
    const { x1, y1, x2, y2, x3, y3, x4, y4 } = message;
    const from = { x: message.bx, y: message.by, width: message.bw, height: message.bh };
    const quad: Quad = [x1, y1, x2, y2, x3, y3, x4, y4];
    const to = quadBounds(quad);
    const { width, height } = tools.state;
    if (to.width > 2 * width || to.height > 2 * height || to.width * to.height > maxTransformPixels)
      return false;
    if (!tools.budget.takesImage(to.width, to.height)) return false;
    const region = prepare(tools, message, packing, from, to);
    if (!region) return false;
    const { source, target, options } = ends(tools, message, contextId);
    return transformRegion(source, target, region, quad, message.mode, options);
  });
}

export const moveRect = moveOf(160, 'deflate');
export const moveRectZstd = moveOf(181, 'zstd');
export const transform = transformOf(165, 'deflate');
export const transformZstd = transformOf(182, 'zstd');
