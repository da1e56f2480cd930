// Masks of soft round brushes (pixels 3.3), in singles where the original computes in singles.

import { ONE } from '../pixel.js';
import { activeKernels, machine } from '../wasm/machine.js';
import { type Stamp, StampStore } from './stamp.js';

const f = Math.fround;

const curves: (Uint16Array | undefined)[] = [];

/** How a brush of this hardness (0 to 100) fades, over the square of the distance: 16384 numbers, and a zero. */
export function classicCurve(hardness: number): Uint16Array {
  const known = curves[hardness];
  if (known !== undefined) return known;
  // one more, for whatever lies beyond: zero
  const curve = machine.takeU16(16385);
  const k = 1 - hardness / 100;
  const exponent = k < 0.0000004 ? 1000000 : 0.4 / k;
  for (let i = 0; i < 16384; i++) {
    const x = (Math.sqrt(i) / 128) ** exponent;
    curve[i] = Math.trunc((1 - x ** 2) * ONE);
  }
  // the only number of 1,654,784 where V8's pow and glibc's differ
  if (hardness === 80) curve[16256] = 509;
  curves[hardness] = curve;
  return curve;
}

/** Squares of distances along one axis; a stamp has at most 1003 cells on a side. */
const squares = machine.takeF32(2048);

const mostSide = 1003;
/** A mask before it is shifted, with a column of zeros on the left and a row of zeros above. */
const unshifted = machine.takeU16((mostSide + 1) * (mostSide + 1) + 16);

function sideOf(size: number): number {
  return (Math.ceil(size / 256) + 2) | 1;
}

/**
 * The mask around the middle of a pixel, from cell `from` on, rows `stride` apart. `size`: diameter in 1/256 pixels, 26
 * to 256000. Where a row is longer than the mask, the column on its left and the row above become zero. May write some
 * cells behind the last row.
 */
function fillBase(mask: Uint16Array, from: number, stride: number, size: number, hardness: number): void {
  const diameter = f(size / 256);
  const width = Math.ceil(diameter) + 2;
  const isEven = width % 2 === 0;
  const side = width | 1;
  // small ones have four samples per cell
  const isSmall = diameter < 8;
  const radius = isSmall ? diameter : f(diameter / 2);
  let offset = isEven ? -1 : -0.5;
  if (isSmall) offset = f(f(f(Math.ceil(diameter) - diameter) / -2) - (isEven ? 2.5 : 1.5));
  const root = f(127 / radius);
  const scale = f(root * root);
  const fudge = isEven && radius < 8 ? f(0.9) : 1;
  const curve = classicCurve(hardness);
  const kernels = activeKernels();
  if (kernels !== undefined) {
    const to = mask.byteOffset + 2 * from;
    const room = squares.byteOffset;
    const isBordered = stride === side ? 0 : 1;
    const at = curve.byteOffset;
    if (isSmall) kernels.smallMask(to, side, 2 * stride, room, radius, offset, scale, at, isBordered);
    else kernels.largeMask(fudge, to, side, 2 * stride, room, radius, offset, scale, at, isBordered);
    return;
  }
  for (let at = 0; at < (isSmall ? 2 * side : side); at++) {
    const distance = f(f(at - radius) + offset);
    squares[at] = distance * distance;
  }
  const rows: Rows = { mask, from, stride, side, curve, scale };
  if (isSmall) fillSmall(rows);
  else fillLarge(rows, fudge);
  if (stride === side) return;
  const corner = from - stride - 1;
  mask.fill(0, corner, corner + side + 1);
  for (let y = 1; y <= side; y++) mask[corner + y * stride] = 0;
}

/** What is filled: `side` rows of as many cells, `stride` apart. `scale`: from squares of distances to places in the curve. */
interface Rows {
  readonly mask: Uint16Array;
  readonly from: number;
  readonly stride: number;
  readonly side: number;
  readonly curve: Uint16Array;
  readonly scale: number;
}

/** With four samples per cell. */
function fillSmall({ mask, from, stride, side, curve, scale }: Rows): void {
  for (let y = 0; y < side; y++) {
    const upper = squares[2 * y]!;
    const lower = squares[2 * y + 1]!;
    for (let x = 0, at = from + y * stride; x < side; x++, at++) {
      const left = squares[2 * x]!;
      const right = squares[2 * x + 1]!;
      mask[at] =
        (sample(curve, f(left + upper), scale) +
          sample(curve, f(left + lower), scale) +
          sample(curve, f(right + upper), scale) +
          sample(curve, f(right + lower), scale)) >>>
        2;
    }
  }
}

/** With one. */
function fillLarge({ mask, from, stride, side, curve, scale }: Rows, fudge: number): void {
  for (let y = 0; y < side; y++) {
    const vertical = squares[y]!;
    for (let x = 0, at = from + y * stride; x < side; x++, at++) {
      mask[at] = sample(curve, f(f(squares[x]! + vertical) * fudge), scale);
    }
  }
}

function sample(curve: Uint16Array, square: number, scale: number): number {
  const at = f(square * scale) | 0;
  return at < 16384 ? curve[at]! : 0;
}

/** The mask in `unshifted` moved right and down by quarters of a pixel; what leaves on the right or below is lost. */
function fillShifted({ mask, at: to, side }: Stamp, fx: number, fy: number): void {
  const k00 = (4 - fx) * (4 - fy);
  const k10 = fx * (4 - fy);
  const k01 = (4 - fx) * fy;
  const k11 = fx * fy;
  const stride = side + 1;
  const kernels = activeKernels();
  if (kernels !== undefined) {
    const from = unshifted.byteOffset + 2 * (stride + 1);
    kernels.shift(mask.byteOffset + 2 * to, from, side, 2 * stride, k11, k01, k10, k00);
    return;
  }
  for (let y = 0, into = to; y < side; y++) {
    let at = (y + 1) * stride;
    let above = 0;
    let before = 0;
    for (let x = 0; x < side; x++, into++) {
      at++;
      const over = unshifted[at - stride]!;
      const here = unshifted[at]!;
      mask[into] = (above * k11 + over * k01 + before * k10 + here * k00) >>> 4;
      above = over;
      before = here;
    }
  }
}

const store = new StampStore();

/** A dab's mask and where its top left cell falls. */
export interface PlacedStamp {
  stamp: Stamp;
  left: number;
  top: number;
}

/** Whether a dab of this size, with this opacity byte, paints anything. */
export function isClassicDrawn(size: number, opacity: number): boolean {
  return size >= 26 && opacity !== 0;
}

export const mostSize = 256000;

/** `x`, `y` in quarter pixels, `hardness` a byte, `size` in 1/256 pixels and drawn (isClassicDrawn). */
export function classicStamp(x: number, y: number, size: number, hardness: number, to: PlacedStamp): void {
  const percent = ((hardness * 100) / 255) | 0;
  const clamped = Math.min(size, mostSize);
  const side = sideOf(clamped);
  to.left = ((x / 4) | 0) - (side >> 1);
  to.top = ((y / 4) | 0) - (side >> 1);
  let fx = 0;
  let fy = 0;
  if (percent === 100 || side < 48) {
    // moved by quarters of a pixel, a half too far at first
    fx = x & 3;
    fy = y & 3;
    if (fx < 2) {
      fx += 2;
      to.left--;
    } else {
      fx -= 2;
    }
    if (fy < 2) {
      fy += 2;
      to.top--;
    } else {
      fy -= 2;
    }
  }
  const phase = fx * 4 + fy;
  const key = (clamped * 128 + percent) * 16 + phase;
  const hash = Math.imul(clamped, 31) ^ (percent << 4) ^ phase;
  const known = store.find(key, hash);
  if (known !== undefined) {
    to.stamp = known;
    return;
  }
  const made = store.make(key, hash, side);
  to.stamp = made;
  if (phase === 0) {
    fillBase(made.mask, made.at, side, clamped, percent);
  } else {
    const stride = side + 1;
    fillBase(unshifted, stride + 1, stride, clamped, percent);
    fillShifted(made, fx, fy);
  }
}
