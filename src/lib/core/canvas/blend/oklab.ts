// OKLab mixing (pixels 7.2), and as vector lanes compute it (9.4). The answer is left in `oklabMix`.

import { bitsOf, clamp01, f, floatOf, fma, laneToLinear, laneToSrgb, nearestEven, toSrgb } from './floats.js';

const THIRD = f(1 / 3);
const J = f(0.0037930732552754493);
const K = f(0.15595420054924858);

/** Linear r, g, b to l, m, s; l, m, s to L, a, b; back to l, m, s (a and b); l, m, s to r, g, b. Rows of three. */
const toLms = Float32Array.of(
  0.4122214708,
  0.5363325363,
  0.0514459929,
  0.2119034982,
  0.6806995451,
  0.1073969566,
  0.0883024619,
  0.2817188376,
  0.6299787005,
);
const toLab = Float32Array.of(
  0.2104542553,
  0.793617785,
  -0.0040720468,
  1.9779984951,
  -2.428592205,
  0.4505937099,
  0.0259040371,
  0.7827717662,
  -0.808675766,
);
const fromLab = Float32Array.of(
  0.3963377774,
  0.2158037573,
  -0.1055613458,
  -0.0638541728,
  -0.0894841775,
  -1.291485548,
);
const fromLms = Float32Array.of(
  4.0767416621,
  -3.3077115913,
  0.2309699292,
  -1.2684380046,
  2.6097574011,
  -0.3413193965,
  -0.0041960863,
  -0.7034186147,
  1.707614701,
);

export function cbrt(x: number): number {
  if (x === 0) return 0;
  const size = x < 0 ? -x : x;
  const u = floatOf(Math.trunc(f(f(bitsOf(size)) * THIRD)) + 0x2a51067f);
  const y3 = f(f(u * u) * u);
  const root = f(f(u * f(y3 + f(2 * size))) / f(f(2 * y3) + size));
  return x < 0 ? -root : root;
}

function laneCbrt(x: number): number {
  const size = x < 0 ? -x : x;
  const u = floatOf(nearestEven(f(f(bitsOf(size)) * THIRD)) + 0x2a51067f);
  const y3 = f(u * f(u * u));
  const root = f(u * f(f(f(2 * size) + y3) / f(f(2 * y3) + size)));
  return x < 0 ? -root : root;
}

/** How a row of three products is added up. */
export type Arithmetic = 'scalar' | 'sse' | 'fma';

function row(how: Arithmetic, k: Float32Array, at: number, x: number, y: number, z: number): number {
  const k1 = k[at]!;
  const k2 = k[at + 1]!;
  const k3 = k[at + 2]!;
  if (how === 'fma') return fma(x, k1, fma(y, k2, f(z * k3)));
  return f(f(f(k1 * x) + f(k2 * y)) + f(k3 * z));
}

/** A colour in OKLab from linear b, g, r. */
export function labOf(how: Arithmetic, to: Float32Array, b: number, g: number, r: number): void {
  const root = how === 'scalar' ? cbrt : laneCbrt;
  const l = f(root(f(row(how, toLms, 0, r, g, b) + J)) - K);
  const m = f(root(f(row(how, toLms, 3, r, g, b) + J)) - K);
  const s = f(root(f(row(how, toLms, 6, r, g, b) + J)) - K);
  to[0] = row(how, toLab, 0, l, m, s);
  to[1] = row(how, toLab, 3, l, m, s);
  to[2] = row(how, toLab, 6, l, m, s);
}

function lmsOf(how: Arithmetic, L: number, a: number, b: number, at: number): number {
  const ka = fromLab[at]!;
  const kb = fromLab[at + 1]!;
  const sum = how === 'fma' ? f(fma(a, ka, f(b * kb)) + L) : f(f(L + f(ka * a)) + f(kb * b));
  const v = f(sum + K);
  if (how === 'fma') return fma(v, f(v * v), -J);
  return how === 'scalar' ? f(f(f(v * v) * v) - J) : f(f(v * f(v * v)) - J);
}

/** Linear b, g, r from OKLab. */
export function linearOf(how: Arithmetic, to: Float32Array, lab: Float32Array): void {
  const L = lab[0]!;
  const l = lmsOf(how, L, lab[1]!, lab[2]!, 0);
  const m = lmsOf(how, L, lab[1]!, lab[2]!, 2);
  const s = lmsOf(how, L, lab[1]!, lab[2]!, 4);
  to[0] = row(how, fromLms, 6, l, m, s);
  to[1] = row(how, fromLms, 3, l, m, s);
  to[2] = row(how, fromLms, 0, l, m, s);
}

/** The mixed colour, b, g, r from 0 to 1, of the last call. */
export const oklabMix = new Float32Array(3);
const below = new Float32Array(3);
const mixedLab = new Float32Array(3);

/** dst: linear b, g, r of the pixel below; `source`: OKLab of the colour above. */
export function mixOklab(
  db: number,
  dg: number,
  dr: number,
  source: Float32Array,
  dstAlpha: number,
  q: number,
): void {
  labOf('scalar', below, db, dg, dr);
  const da = f(dstAlpha / 32768);
  const al = f(q / 32768);
  const t = f(al + f(da * f(1 - al)));
  const w = f(al / t);
  const rest = f(1 - w);
  for (let at = 0; at < 3; at++) mixedLab[at] = f(f(source[at]! * w) + f(below[at]! * rest));
  linearOf('scalar', oklabMix, mixedLab);
  for (let at = 0; at < 3; at++) oklabMix[at] = clamp01(toSrgb(oklabMix[at]!));
}

/**
 * A lane of the vector routine: an entire pixel at once. `w`: the weight of the source. `kind`: what happens to alpha.
 * `out`: the new alpha of the eraser mode.
 */
export function laneOklab(
  how: 'sse' | 'fma',
  pixels: Uint16Array,
  at: number,
  source: Float32Array,
  w: number,
  kind: 'alpha' | 'keep' | 'eraser',
  out: number,
): void {
  const alpha = pixels[at + 3]!;
  const da = f(alpha / 32768);
  const linear = (c: number) => laneToLinear(how, da === 0 ? 0 : f(f(c / 32768) / da));
  labOf(how, below, linear(pixels[at]!), linear(pixels[at + 1]!), linear(pixels[at + 2]!));
  let t = how === 'fma' ? fma(da, f(1 - w), w) : f(w + f(da * f(1 - w)));
  const ratio = t === 0 ? 0 : f(w / t);
  for (let c = 0; c < 3; c++) {
    const d = below[c]!;
    const difference = f(source[c]! - d);
    mixedLab[c] = how === 'fma' ? fma(difference, ratio, d) : f(d + f(difference * ratio));
  }
  linearOf(how, oklabMix, mixedLab);
  t = clamp01(t);
  const al = kind === 'alpha' ? t : kind === 'keep' ? da : f(out / 32768);
  const scale = nearestEven(f(al * 32768));
  for (let c = 0; c < 3; c++) {
    const srgb = clamp01(laneToSrgb(how, clamp01(oklabMix[c]!)));
    pixels[at + c] = Math.floor((nearestEven(f(srgb * 32768)) * scale) / 32768);
  }
  if (kind === 'alpha') pixels[at + 3] = scale;
  else if (kind === 'eraser') pixels[at + 3] = out;
}
