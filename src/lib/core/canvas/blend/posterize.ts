// Posterize: channels, not multiplied by alpha, drawn toward the nearest of a few levels (pixels 3.8).

import { ONE } from '../pixel.js';

const f = Math.fround;
const multiply = Math.imul;

/** `count` pixels from channel `at` on, through mask[maskAt …]. */
export function posterizePatch(
  d: Uint16Array,
  at: number,
  count: number,
  mask: Uint16Array,
  maskAt: number,
  levels: number,
  opacity: number,
): void {
  for (let i = 0; i < count; i++, at += 4) {
    const alpha = d[at + 3]!;
    const o = multiply(mask[maskAt + i]!, opacity) >>> 15;
    for (let channel = at; channel < at + 3; channel++) {
      const u = alpha === 0 ? 0 : ((d[channel]! * ONE) / alpha) | 0;
      const step = Math.floor(f(f(f(u / 32768) * levels) + 0.5));
      const target = Math.trunc(f(f(32768 * step) / levels));
      const mixed = (multiply(o, target) + multiply(ONE - o, u)) >>> 15;
      d[channel] = multiply(mixed, alpha) >>> 15;
    }
  }
}
