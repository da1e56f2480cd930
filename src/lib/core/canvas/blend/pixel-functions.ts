// Families whose arithmetic is the same for brushes and for pixels on pixels once the effective alpha of the source is
// known (pixels 4.3, 4.4): one pixel at a time. They are rare and slow in every engine.
//
// d, at: the pixel below. b, g, r: the source, not multiplied by alpha. q: its effective alpha.

import { ONE } from '../pixel.js';
import { blendBetween } from './mask-rows.js';

const multiply = Math.imul;

/** a / b, at most ONE. */
function ratio(a: number, b: number): number {
  const quotient = ((a * ONE) / b) | 0;
  return Math.min(quotient, ONE);
}

export function setPixel(d: Uint16Array, at: number, b: number, g: number, r: number, a: number): void {
  d[at] = b;
  d[at + 1] = g;
  d[at + 2] = r;
  d[at + 3] = a;
}

/** Sets a colour multiplied by `a`. */
export function setPremultiplied(
  d: Uint16Array,
  at: number,
  b: number,
  g: number,
  r: number,
  a: number,
): void {
  d[at] = multiply(b, a) >>> 15;
  d[at + 1] = multiply(g, a) >>> 15;
  d[at + 2] = multiply(r, a) >>> 15;
  d[at + 3] = a;
}

/** Marker: toward the source by q / alpha below. `out`: the new alpha. The alpha below is not 0. */
export function mark(
  d: Uint16Array,
  at: number,
  b: number,
  g: number,
  r: number,
  q: number,
  out: number,
): void {
  const ab = d[at + 3]!;
  const k = ratio(q, ab);
  const cb = ((d[at]! * ONE) / ab) | 0;
  const cg = ((d[at + 1]! * ONE) / ab) | 0;
  const cr = ((d[at + 2]! * ONE) / ab) | 0;
  setPremultiplied(d, at, blendBetween(cb, b, k), blendBetween(cg, g, k), blendBetween(cr, r, k), out);
}

/** How much of the smaller alpha remains, by how much larger the other is: a logistic curve, filled when needed. */
let weights: Uint16Array | undefined;

export function greaterWeight(difference: number): number {
  if (weights === undefined) {
    const f = Math.fround;
    weights = new Uint16Array(ONE + 1);
    for (let x = 0; x <= ONE; x++) {
      const e = f(Math.exp(f(40 * f(x / 32768))));
      weights[x] = Math.trunc(f(f(f(1 / f(1 + e)) * 32768) + 0.5));
    }
  }
  return weights[difference]!;
}

/** Greater: mixes the source with the colour below that is multiplied by alpha, as clients do. */
export function makeGreater(
  d: Uint16Array,
  at: number,
  b: number,
  g: number,
  r: number,
  ar: number,
  out: number,
): void {
  const ab = d[at + 3]!;
  const w = greaterWeight(ar - ab);
  const a = (multiply(ab, w) + multiply(ar, ONE - w)) >>> 15;
  const k = ONE - ratio(ONE - a, ONE - ab);
  setPremultiplied(
    d,
    at,
    ratio(blendBetween(d[at]!, b, k), a),
    ratio(blendBetween(d[at + 1]!, g, k), a),
    ratio(blendBetween(d[at + 2]!, r, k), a),
    out,
  );
}

function erasedChannel(below: number, above: number): number {
  if (above < 0.0001) return below;
  if (below > above) return (below - above) / (1 - above);
  return below < above ? (above - below) / above : 0;
}

/** Colour erase, in doubles. `sa`: the alpha of the source, 0 to 1. */
export function eraseColor(d: Uint16Array, at: number, b: number, g: number, r: number, sa: number): void {
  const ab = d[at + 3]!;
  const sb = b / ONE;
  const sg = g / ONE;
  const sr = r / ONE;
  const unmultiply = (c: number) => (ab === 0 ? 0 : ((c * ONE) / ab) | 0) / ONE;
  let db = unmultiply(d[at]!);
  let dg = unmultiply(d[at + 1]!);
  let dr = unmultiply(d[at + 2]!);
  const alphaB = erasedChannel(db, sb);
  const alphaG = erasedChannel(dg, sg);
  const alphaR = erasedChannel(dr, sr);
  let a = alphaR > alphaG ? Math.max(alphaR, alphaB) : Math.max(alphaG, alphaB);
  a = 1 - sa + a * sa;
  if (a >= 0.0001) {
    db = (db - sb) / a + sb;
    dg = (dg - sg) / a + sg;
    dr = (dr - sr) / a + sr;
    a *= ab / ONE;
  }
  const fixed = (x: number) => Math.trunc(x * ONE) & 0xffff;
  setPremultiplied(d, at, fixed(db), fixed(dg), fixed(dr), fixed(a));
}
