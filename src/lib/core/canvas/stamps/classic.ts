// Masks of soft round brushes (pixels 3.3), in singles where the original computes in singles.

import { ONE } from '../pixel.js';
import { type Stamp, StampStore } from './stamp.js';

const f = Math.fround;

const curves: (Uint16Array | undefined)[] = [];

/** How a brush of this hardness (0 to 100) fades, over the square of the distance: 16384 numbers. */
export function classicCurve(hardness: number): Uint16Array {
  const known = curves[hardness];
  if (known !== undefined) return known;
  const curve = new Uint16Array(16384);
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
const squares = new Float32Array(2048);

const mostSide = 1003;
/** A mask before it is shifted, with a row of zeros above. */
let unshifted: Uint16Array | undefined;

function sideOf(size: number): number {
  const whole = Math.ceil(size / 256) + 2;
  return whole | 1;
}

/** The mask around the middle of a pixel. `size`: diameter in 1/256 pixels, 26 to 256000. */
function fillBase(mask: Uint16Array, from: number, size: number, hardness: number): void {
  const radius = f(size / 256);
  const whole = Math.ceil(radius) + 2;
  const isEven = whole % 2 === 0;
  const side = whole | 1;
  const curve = classicCurve(hardness);
  if (radius < 8) {
    // four samples per cell
    const offset = f(f(f(Math.ceil(radius) - radius) / -2) - (isEven ? 2.5 : 1.5));
    const root = f(127 / radius);
    const scale = f(root * root);
    for (let x = 0; x < side; x++) {
      const first = f(f(2 * x - radius) + offset);
      const second = f(f(f(2 * x + 1) - radius) + offset);
      squares[2 * x] = first * first;
      squares[2 * x + 1] = second * second;
    }
    for (let y = 0, at = from; y < side; y++) {
      const upper = squares[2 * y]!;
      const lower = squares[2 * y + 1]!;
      for (let x = 0; x < side; x++, at++) {
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
  } else {
    const r = f(radius / 2);
    const offset = isEven ? -1 : -0.5;
    const fudge = isEven && r < 8 ? f(0.9) : 1;
    const root = f(127 / r);
    const scale = f(root * root);
    for (let x = 0; x < side; x++) {
      const distance = f(f(x - r) + offset);
      squares[x] = distance * distance;
    }
    for (let y = 0, at = from; y < side; y++) {
      const vertical = squares[y]!;
      for (let x = 0; x < side; x++, at++) {
        mask[at] = sample(curve, f(f(squares[x]! + vertical) * fudge), scale);
      }
    }
  }
}

function sample(curve: Uint16Array, square: number, scale: number): number {
  const at = f(square * scale) | 0;
  return at < 16384 ? curve[at]! : 0;
}

/** A mask moved right and down by quarters of a pixel; what leaves on the right or below is lost. */
function fillShifted(
  { mask, at: to, side }: Stamp,
  from: Uint16Array,
  fromAt: number,
  fx: number,
  fy: number,
): void {
  const k00 = (4 - fx) * (4 - fy);
  const k10 = fx * (4 - fy);
  const k01 = (4 - fx) * fy;
  const k11 = fx * fy;
  for (let y = 0, at = fromAt, into = to; y < side; y++) {
    let above = 0;
    let before = 0;
    for (let x = 0; x < side; x++, at++, into++) {
      const over = from[at - side]!;
      const here = from[at]!;
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
    fillBase(made.mask, made.at, clamped, percent);
  } else {
    unshifted ??= new Uint16Array((mostSide + 1) * mostSide);
    unshifted.fill(0, 0, side);
    fillBase(unshifted, side, clamped, percent);
    fillShifted(made, unshifted, side, fx, fy);
  }
}
