// Dabs straight from the payload: nothing is as frequent, so nothing is made anew for each message.

import { swapId } from '../protocol/layout-of-22.js';
import { messageTables } from '../protocol/messages.js';
import type { DabShape, Dabs, MyPaintWeights } from './dabs.js';
import { type CanvasGeneration, modeFrom24 } from './message-fields.js';

/** 0 direct, others on a sublayer: 1 wash, 2 soft, 3 normal. canvas.md §2.6 */
export type PaintMode = 0 | 1 | 2 | 3;

export const firstDabs = 148;
export const lastDabs = 152;

/** One message of dabs. The object and its list are used again for the next message. */
export interface DabsMessage extends Dabs {
  shape: DabShape;
  items: number[];
  layer: number;
  paintMode: PaintMode;
  /** The message's blend mode. */
  mode: number;
  /** Numbers of the user's selections, 0: none. */
  maskSelection: number;
  floodSelection: number;
  /** Message 151: what its dabs do when they are direct. */
  isMyPaint: boolean;
  weights: MyPaintWeights;
  /** Diameter of the largest dab, in whole pixels. */
  largest: number;
  /** Whether it needs the right to slow brushes. */
  isPigment: boolean;
}

/** The layout of one type: where the parts of the header are, and how many bytes a dab has. */
interface Layout {
  readonly shape: DabShape;
  readonly isOf24: boolean;
  readonly isMyPaint: boolean;
  readonly header: number;
  readonly record: number;
  readonly sizeBytes: 1 | 2 | 3;
  /** Parts behind the size, a byte each. */
  readonly tail: number;
  /** Sizes are in 256ths. */
  readonly isFine: boolean;
  readonly min: number;
  readonly max: number;
}

function layout(generation: CanvasGeneration, type: number): Layout | undefined {
  const row = messageTables[generation].row(type);
  if (row?.records === undefined) return undefined;
  const sizes = row.records.kind.parts.map((part) => part.bytes);
  const record = sizes.reduce((sum: number, bytes) => sum + bytes, 0);
  return {
    shape: type === 148 ? 'classic' : type === 149 ? 'round' : type === 150 ? 'square' : 'mypaint',
    isOf24: generation === '4.24',
    isMyPaint: type === 151,
    header: (generation === '4.24' ? 14 : 16) + (type === 151 ? 4 : 1),
    record,
    sizeBytes: sizes[2]!,
    tail: sizes.length - 3,
    isFine: type !== 149 && type !== 150,
    min: row.min,
    max: row.max,
  };
}

const types = [148, 149, 150, 151, 152];

const layouts: Readonly<Record<CanvasGeneration, readonly (Layout | undefined)[]>> = {
  '4.24': types.map((type) => layout('4.24', type)),
  '4.25': types.map((type) => layout('4.25', type)),
};

const message: DabsMessage = {
  shape: 'classic',
  x: 0,
  y: 0,
  color: 0,
  items: [],
  layer: 0,
  paintMode: 0,
  mode: 0,
  maskSelection: 0,
  floodSelection: 0,
  isMyPaint: false,
  weights: { mode: 14, lockAlpha: 0, colorize: 0, posterize: 0, posterizeNumber: 0 },
  largest: 0,
  isPigment: false,
};

function u32(bytes: Uint8Array, at: number): number {
  return ((bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!) >>> 0;
}

/** The message, good until the next one is read; undefined: it cannot be read. */
export function readDabs(
  generation: CanvasGeneration,
  type: number,
  payload: Uint8Array,
): DabsMessage | undefined {
  const found = layouts[generation][type - firstDabs];
  const { length } = payload;
  if (found === undefined || length < found.min || length > found.max) return undefined;
  if ((length - found.header) % found.record !== 0) return undefined;
  let at = 0;
  let flags = 0;
  if (found.isOf24) {
    message.layer = swapId((payload[0]! << 8) | payload[1]!);
    at = 2;
  } else {
    flags = payload[0]!;
    message.layer = (payload[1]! << 16) | (payload[2]! << 8) | payload[3]!;
    at = 4;
  }
  message.shape = found.shape;
  message.x = u32(payload, at) | 0;
  message.y = u32(payload, at + 4) | 0;
  message.color = u32(payload, at + 8);
  message.isMyPaint = found.isMyPaint;
  message.maskSelection = (flags >> 3) & 7 ? 127 + ((flags >> 3) & 7) : 0;
  message.floodSelection = flags >> 6 ? 191 + (flags >> 6) : 0;
  if (found.isMyPaint) readMyPaint(payload, at + 12, flags);
  else {
    const mode = payload[at + 12]!;
    message.mode = found.isOf24 ? modeFrom24(mode) : mode;
    message.paintMode = found.isOf24 ? (message.color >>> 24 ? 2 : 0) : ((flags & 3) as PaintMode);
    message.isPigment = message.mode === 43 || message.mode === 81 || message.mode === 82;
  }
  readItems(payload, found);
  return message;
}

function readMyPaint(payload: Uint8Array, at: number, flags: number): void {
  const { weights } = message;
  weights.lockAlpha = payload[at]!;
  weights.colorize = payload[at + 1]!;
  weights.posterize = payload[at + 2]!;
  const mode = payload[at + 3]!;
  message.isPigment = (flags & 1) !== 0;
  if (mode & 0x80) {
    const low = mode & 3;
    message.paintMode = low === 0 ? 0 : 2;
    message.mode = low === 0 ? 14 : low === 1 ? 1 : low === 2 ? 10 : 0;
    weights.posterizeNumber = 0;
  } else {
    const space = flags & 3;
    message.paintMode = 0;
    message.mode = space === 1 ? 82 : space === 2 ? 90 : 14;
    weights.posterizeNumber = mode;
  }
  weights.mode = message.mode;
}

function readItems(payload: Uint8Array, found: Layout): void {
  const { items } = message;
  const { sizeBytes, tail } = found;
  let largest = 0;
  let to = 0;
  for (let at = found.header; at < payload.length; ) {
    items[to++] = (payload[at]! << 24) >> 24;
    items[to++] = (payload[at + 1]! << 24) >> 24;
    let size = payload[at + 2]!;
    if (sizeBytes > 1) size = (size << 8) | payload[at + 3]!;
    if (sizeBytes > 2) size = (size << 8) | payload[at + 4]!;
    at += 2 + sizeBytes;
    items[to++] = size;
    if (size > largest) largest = size;
    for (let left = tail; left > 0; left--) items[to++] = payload[at++]!;
  }
  items.length = to;
  message.largest = found.isFine ? largest >> 8 : largest;
}
