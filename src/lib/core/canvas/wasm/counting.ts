// Counting in kernels: up to an end, and in floats.

import { type Code, f32, f32x4, get, i32, type Local, loopWhile, set, v128 } from './assembler.js';

/** Counts `x` up to `end` by `step` while `body` runs. */
export function each(x: Local, end: Code, step: number, ...body: Code[]): Code {
  return loopWhile(i32.isLess(get(x), end), ...body, set(x, i32.add(get(x), i32.of(step))));
}

export const floats = (value: number): Code => f32x4.splat(f32.of(value));

/** Four numbers that follow each other, as floats. */
export const counted = (from: number): Code => v128.ofFloats(from, from + 1, from + 2, from + 3);

export const next = (local: Local, step: number): Code => set(local, f32x4.add(get(local), floats(step)));
