// Arithmetic on pixels in vectors: 16-bit lanes b, g, r, a of two pixels.

import { ONE } from '../pixel.js';
import { type Code, i16x8, i32, i32x4, v128 } from './assembler.js';

export const lanes16 = (value: number): Code => v128.of16(...Array.from({ length: 8 }, () => value));
export const lanes32 = (value: number): Code => v128.of32(...Array.from({ length: 4 }, () => value));

export const one = lanes16(ONE);
export const zero = lanes16(0);
export const alphaLanes = v128.of16(0, 0, 0, 0xffff, 0, 0, 0, 0xffff);
export const fifteen = i32.of(15);

/** a * b, lane by lane, rounded down. */
export function product(a: Code, b: Code): Code {
  return i16x8.narrow(
    i32x4.shiftRight(i32x4.multiplyLow(a, b), fifteen),
    i32x4.shiftRight(i32x4.multiplyHigh(a, b), fifteen),
  );
}

/** The lower halves of 32-bit lanes: colours that exceed their alpha wrap around, as they do when loops store them. */
function lowerHalves(a: Code, b: Code): Code {
  return v128.shuffle(a, b, ...[0, 4, 8, 12, 16, 20, 24, 28].flatMap((byte) => [byte, byte + 1]));
}

/** a * b + c * d, rounded down once. */
export function sumProducts(a: Code, b: Code, c: Code, d: Code): Code {
  return lowerHalves(
    i32x4.shiftRight(i32x4.add(i32x4.multiplyLow(a, b), i32x4.multiplyLow(c, d)), fifteen),
    i32x4.shiftRight(i32x4.add(i32x4.multiplyHigh(a, b), i32x4.multiplyHigh(c, d)), fifteen),
  );
}

export const rest = (q: Code) => i16x8.subtract(one, q);

/** The lower, and the upper, four lanes of two vectors, in turns: a0 b0 a1 b1 … */
export const zipLow = (a: Code, b: Code) => v128.shuffle(a, b, ...zipBytes(0));
export const zipHigh = (a: Code, b: Code) => v128.shuffle(a, b, ...zipBytes(8));

function zipBytes(from: number): number[] {
  return [0, 2, 4, 6].flatMap((lane) => [0, 1, 16, 17].map((byte) => byte + lane + from));
}

/** Bytes of a shuffle that puts lane `first` four times, then lane `second`. */
export function spread(first: number, second: number): number[] {
  return [first, second].flatMap((lane) => [0, 1, 2, 3].flatMap(() => [2 * lane, 2 * lane + 1]));
}

export const pixelBytes = 8;
export const tileRowBytes = 64 * pixelBytes;
