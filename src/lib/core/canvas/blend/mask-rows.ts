// A colour through a mask onto a row of pixels: one loop per family of blend modes (pixels 4.3, "B"). These loops are
// the reference; kernels in WebAssembly are tested against them.
//
// In every loop: ab, the alpha below; q, the effective alpha of the brush; unmultiplied colours below are c * ONE / ab.

import { ONE } from '../pixel.js';
import { mixChannel, mixed, mixNonSeparable } from './color-functions.js';

/** A colour of 15 bits, not multiplied by alpha, with what the loops of its mode need to know. */
export interface RowColor {
  readonly b: number;
  readonly g: number;
  readonly r: number;
  readonly a: number;
  /** Number of the colour function. */
  readonly f: number;
}

/** Blends `count` pixels from channel `at` on, through mask[maskAt …], with opacity o. */
export type MaskRow = (
  d: Uint16Array,
  at: number,
  count: number,
  mask: Uint16Array,
  maskAt: number,
  color: RowColor,
  o: number,
) => void;

const multiply = Math.imul;

/** c * ONE / a, also for channels above their alpha (which stray images can bring in). */
function divide(c: number, a: number): number {
  return ((c * ONE) / a) | 0;
}

export const eraseMaskRow: MaskRow = (d, at, count, mask, maskAt, _color, o) => {
  for (const end = maskAt + count; maskAt < end; maskAt++, at += 4) {
    const q = multiply(mask[maskAt]!, o) >>> 15;
    if (q === 0) continue;
    const k = ONE - q;
    d[at] = multiply(d[at]!, k) >>> 15;
    d[at + 1] = multiply(d[at + 1]!, k) >>> 15;
    d[at + 2] = multiply(d[at + 2]!, k) >>> 15;
    d[at + 3] = multiply(d[at + 3]!, k) >>> 15;
  }
};

export const normalMaskRow: MaskRow = (d, at, count, mask, maskAt, { b, g, r }, o) => {
  for (const end = maskAt + count; maskAt < end; maskAt++, at += 4) {
    const q = multiply(mask[maskAt]!, o) >>> 15;
    if (q === 0) continue;
    const k = ONE - q;
    d[at] = (multiply(d[at]!, k) + multiply(b, q)) >>> 15;
    d[at + 1] = (multiply(d[at + 1]!, k) + multiply(g, q)) >>> 15;
    d[at + 2] = (multiply(d[at + 2]!, k) + multiply(r, q)) >>> 15;
    d[at + 3] = (multiply(d[at + 3]!, k) + (q << 15)) >>> 15;
  }
};

/** As vector lanes: each product rounds down by itself. */
export const normalMaskLanes: MaskRow = (d, at, count, mask, maskAt, { b, g, r }, o) => {
  for (const end = maskAt + count; maskAt < end; maskAt++, at += 4) {
    const q = multiply(mask[maskAt]!, o) >>> 15;
    if (q === 0) continue;
    const k = ONE - q;
    d[at] = (multiply(d[at]!, k) >>> 15) + (multiply(b, q) >>> 15);
    d[at + 1] = (multiply(d[at + 1]!, k) >>> 15) + (multiply(g, q) >>> 15);
    d[at + 2] = (multiply(d[at + 2]!, k) >>> 15) + (multiply(r, q) >>> 15);
    d[at + 3] = (multiply(d[at + 3]!, k) >>> 15) + q;
  }
};

export const recolorMaskRow: MaskRow = (d, at, count, mask, maskAt, { b, g, r }, o) => {
  for (const end = maskAt + count; maskAt < end; maskAt++, at += 4) {
    const q = multiply(mask[maskAt]!, o) >>> 15;
    if (q === 0) continue;
    const k = ONE - q;
    const a = multiply(d[at + 3]!, q) >>> 15;
    d[at] = (multiply(d[at]!, k) + multiply(b, a)) >>> 15;
    d[at + 1] = (multiply(d[at + 1]!, k) + multiply(g, a)) >>> 15;
    d[at + 2] = (multiply(d[at + 2]!, k) + multiply(r, a)) >>> 15;
  }
};

export const recolorMaskLanes: MaskRow = (d, at, count, mask, maskAt, { b, g, r }, o) => {
  for (const end = maskAt + count; maskAt < end; maskAt++, at += 4) {
    const q = multiply(mask[maskAt]!, o) >>> 15;
    if (q === 0) continue;
    const k = ONE - q;
    const a = multiply(d[at + 3]!, q) >>> 15;
    d[at] = (multiply(d[at]!, k) >>> 15) + (multiply(b, a) >>> 15);
    d[at + 1] = (multiply(d[at + 1]!, k) >>> 15) + (multiply(g, a) >>> 15);
    d[at + 2] = (multiply(d[at + 2]!, k) >>> 15) + (multiply(r, a) >>> 15);
  }
};

export const behindMaskRow: MaskRow = (d, at, count, mask, maskAt, { b, g, r }, o) => {
  for (const end = maskAt + count; maskAt < end; maskAt++, at += 4) {
    const q = multiply(mask[maskAt]!, o) >>> 15;
    const k = multiply(ONE - d[at + 3]!, q) >>> 15;
    if (k === 0) continue;
    d[at]! += multiply(b, k) >>> 15;
    d[at + 1]! += multiply(g, k) >>> 15;
    d[at + 2]! += multiply(r, k) >>> 15;
    d[at + 3]! += k;
  }
};

export const normalAndEraserMaskRow: MaskRow = (d, at, count, mask, maskAt, { b, g, r, a }, o) => {
  for (const end = maskAt + count; maskAt < end; maskAt++, at += 4) {
    const q = multiply(mask[maskAt]!, o) >>> 15;
    if (q === 0) continue;
    const k = ONE - q;
    const sa = multiply(q, a) >>> 15;
    d[at] = (multiply(sa, b) + multiply(k, d[at]!)) >>> 15;
    d[at + 1] = (multiply(sa, g) + multiply(k, d[at + 1]!)) >>> 15;
    d[at + 2] = (multiply(sa, r) + multiply(k, d[at + 2]!)) >>> 15;
    d[at + 3] = sa + (multiply(k, d[at + 3]!) >>> 15);
  }
};

export const replaceMaskRow: MaskRow = (d, at, count, mask, maskAt, { b, g, r }, o) => {
  for (const end = maskAt + count; maskAt < end; maskAt++, at += 4) {
    const q = multiply(mask[maskAt]!, o) >>> 15;
    d[at] = multiply(b, q) >>> 15;
    d[at + 1] = multiply(g, q) >>> 15;
    d[at + 2] = multiply(r, q) >>> 15;
    d[at + 3] = q;
  }
};

/** Both to alpha: every channel loses by luminance. */
function eraseByLum(d: Uint16Array, at: number, q: number, isDark: boolean): void {
  const ab = d[at + 3]!;
  if (ab === 0) return;
  let b = divide(d[at]!, ab);
  let g = divide(d[at + 1]!, ab);
  let r = divide(d[at + 2]!, ab);
  if (isDark) {
    b = ONE - b;
    g = ONE - g;
    r = ONE - r;
  }
  const l = (3604 * b + 19333 * g + 9830 * r) >>> 15;
  const k = ONE - (multiply(l, q) >>> 15);
  d[at] = multiply(d[at]!, k) >>> 15;
  d[at + 1] = multiply(d[at + 1]!, k) >>> 15;
  d[at + 2] = multiply(d[at + 2]!, k) >>> 15;
  d[at + 3] = multiply(ab, k) >>> 15;
}

export const lightToAlphaMaskRow: MaskRow = (d, at, count, mask, maskAt, _color, o) => {
  for (let i = 0; i < count; i++) eraseByLum(d, at + 4 * i, multiply(mask[maskAt + i]!, o) >>> 15, false);
};

export const darkToAlphaMaskRow: MaskRow = (d, at, count, mask, maskAt, _color, o) => {
  for (let i = 0; i < count; i++) eraseByLum(d, at + 4 * i, multiply(mask[maskAt + i]!, o) >>> 15, true);
};

export { eraseByLum };

export const compareDensitySoftMaskRow: MaskRow = (d, at, count, mask, maskAt, { b, g, r }, o) => {
  for (const end = maskAt + count; maskAt < end; maskAt++, at += 4) {
    const q = multiply(mask[maskAt]!, o) >>> 15;
    if (d[at + 3]! >= q) continue;
    d[at] = multiply(b, q) >>> 15;
    d[at + 1] = multiply(g, q) >>> 15;
    d[at + 2] = multiply(r, q) >>> 15;
    d[at + 3] = q;
  }
};

export const compareDensityMaskRow: MaskRow = (d, at, count, mask, maskAt, { b, g, r }, o) => {
  for (const end = maskAt + count; maskAt < end; maskAt++, at += 4) {
    const m = mask[maskAt]!;
    const ab = d[at + 3]!;
    if (m === 0 || ab >= o) continue;
    const a = ab + (multiply(m, o - ab) >>> 15);
    d[at] = multiply(b, a) >>> 15;
    d[at + 1] = multiply(g, a) >>> 15;
    d[at + 2] = multiply(r, a) >>> 15;
    d[at + 3] = a;
  }
};

export const separableMaskRow: MaskRow = (d, at, count, mask, maskAt, { b, g, r, f }, o) => {
  for (const end = maskAt + count; maskAt < end; maskAt++, at += 4) {
    const ab = d[at + 3]!;
    if (ab === 0) continue;
    const q = multiply(mask[maskAt]!, o) >>> 15;
    const k = ONE - q;
    const cb = divide(d[at]!, ab);
    const cg = divide(d[at + 1]!, ab);
    const cr = divide(d[at + 2]!, ab);
    d[at] = multiply((multiply(k, cb) + multiply(q, mixChannel(f, cb, b, 0))) >>> 15, ab) >>> 15;
    d[at + 1] = multiply((multiply(k, cg) + multiply(q, mixChannel(f, cg, g, 0))) >>> 15, ab) >>> 15;
    d[at + 2] = multiply((multiply(k, cr) + multiply(q, mixChannel(f, cr, r, 0))) >>> 15, ab) >>> 15;
  }
};

export const nonSeparableMaskRow: MaskRow = (d, at, count, mask, maskAt, { b, g, r, f }, o) => {
  for (const end = maskAt + count; maskAt < end; maskAt++, at += 4) {
    const ab = d[at + 3]!;
    if (ab === 0) continue;
    const q = multiply(mask[maskAt]!, o) >>> 15;
    const k = ONE - q;
    const cb = divide(d[at]!, ab);
    const cg = divide(d[at + 1]!, ab);
    const cr = divide(d[at + 2]!, ab);
    mixNonSeparable(f, cb, cg, cr, b, g, r);
    d[at] = multiply((multiply(k, cb) + multiply(q, mixed[0]!)) >>> 15, ab) >>> 15;
    d[at + 1] = multiply((multiply(k, cg) + multiply(q, mixed[1]!)) >>> 15, ab) >>> 15;
    d[at + 2] = multiply((multiply(k, cr) + multiply(q, mixed[2]!)) >>> 15, ab) >>> 15;
  }
};

function atMostOne(x: number): number {
  return Math.min(x, ONE);
}

/** For the alpha forms: mixes the colour by the alpha below, then composites it over. */
export function layOver(
  d: Uint16Array,
  at: number,
  b: number,
  g: number,
  r: number,
  f: number,
  isNonSeparable: boolean,
  q: number,
): void {
  const ab = d[at + 3]!;
  const k = ONE - q;
  const kb = ONE - ab;
  const cb = ab === 0 ? 0 : divide(d[at]!, ab);
  const cg = ab === 0 ? 0 : divide(d[at + 1]!, ab);
  const cr = ab === 0 ? 0 : divide(d[at + 2]!, ab);
  let tb: number;
  let tg: number;
  let tr: number;
  if (isNonSeparable) {
    mixNonSeparable(f, cb, cg, cr, b, g, r);
    tb = mixed[0]!;
    tg = mixed[1]!;
    tr = mixed[2]!;
  } else {
    tb = mixChannel(f, cb, b, 0);
    tg = mixChannel(f, cg, g, 0);
    tr = mixChannel(f, cr, r, 0);
  }
  tb = (multiply(kb, b) + multiply(ab, tb)) >>> 15;
  tg = (multiply(kb, g) + multiply(ab, tg)) >>> 15;
  tr = (multiply(kb, r) + multiply(ab, tr)) >>> 15;
  d[at] = atMostOne((multiply(q, tb) + multiply(k, d[at]!)) >>> 15);
  d[at + 1] = atMostOne((multiply(q, tg) + multiply(k, d[at + 1]!)) >>> 15);
  d[at + 2] = atMostOne((multiply(q, tr) + multiply(k, d[at + 2]!)) >>> 15);
  d[at + 3] = atMostOne(q + (multiply(ab, k) >>> 15));
}

export const separableAlphaMaskRow: MaskRow = (d, at, count, mask, maskAt, { b, g, r, f }, o) => {
  for (const end = maskAt + count; maskAt < end; maskAt++, at += 4) {
    const m = mask[maskAt]!;
    if (m !== 0) layOver(d, at, b, g, r, f, false, multiply(m, o) >>> 15);
  }
};

export const nonSeparableAlphaMaskRow: MaskRow = (d, at, count, mask, maskAt, { b, g, r, f }, o) => {
  for (const end = maskAt + count; maskAt < end; maskAt++, at += 4) {
    const m = mask[maskAt]!;
    if (m !== 0) layOver(d, at, b, g, r, f, true, multiply(m, o) >>> 15);
  }
};

export const saiMaskRow: MaskRow = (d, at, count, mask, maskAt, { b, g, r, f }, o) => {
  const ob = multiply(b, o) >>> 15;
  const og = multiply(g, o) >>> 15;
  const or = multiply(r, o) >>> 15;
  for (const end = maskAt + count; maskAt < end; maskAt++, at += 4) {
    const m = mask[maskAt]!;
    const ab = d[at + 3]!;
    if (m === 0 || ab === 0) continue;
    const q = multiply(m, o) >>> 15;
    d[at] = multiply(mixChannel(f, divide(d[at]!, ab), multiply(ob, m) >>> 15, q), ab) >>> 15;
    d[at + 1] = multiply(mixChannel(f, divide(d[at + 1]!, ab), multiply(og, m) >>> 15, q), ab) >>> 15;
    d[at + 2] = multiply(mixChannel(f, divide(d[at + 2]!, ab), multiply(or, m) >>> 15, q), ab) >>> 15;
  }
};

/** From a to b by k; it is not symmetrical. */
export function blendBetween(a: number, b: number, k: number): number {
  return a < b ? a + (multiply(b - a, k) >>> 15) : b + (multiply(a - b, ONE - k) >>> 15);
}

export const saiAlphaMaskRow: MaskRow = (d, at, count, mask, maskAt, { b, g, r, f }, o) => {
  const ob = multiply(b, o) >>> 15;
  const og = multiply(g, o) >>> 15;
  const or = multiply(r, o) >>> 15;
  for (const end = maskAt + count; maskAt < end; maskAt++, at += 4) {
    const m = mask[maskAt]!;
    if (m === 0) continue;
    const ab = d[at + 3]!;
    const q = multiply(m, o) >>> 15;
    const sb = multiply(ob, m) >>> 15;
    const sg = multiply(og, m) >>> 15;
    const sr = multiply(or, m) >>> 15;
    if (ab === 0) {
      d[at] = sb;
      d[at + 1] = sg;
      d[at + 2] = sr;
      d[at + 3] = q;
    } else {
      // not multiplied by alpha again, as clients do not
      d[at] = blendBetween(sb, mixChannel(f, divide(d[at]!, ab), sb, q), ab);
      d[at + 1] = blendBetween(sg, mixChannel(f, divide(d[at + 1]!, ab), sg, q), ab);
      d[at + 2] = blendBetween(sr, mixChannel(f, divide(d[at + 2]!, ab), sr, q), ab);
      d[at + 3] = q + (multiply(ab, ONE - q) >>> 15);
    }
  }
};
