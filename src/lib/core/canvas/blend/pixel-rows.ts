// Pixels on pixels: one loop per family of blend modes (pixels 4.4, "X"). Used for entire tiles and, one by one, for
// pasted pictures. Sources are multiplied by alpha.

import { ONE, type Profile } from '../pixel.js';
import { mixChannel, mixed, mixNonSeparable } from './color-functions.js';
import { laneLabOfPixel, mixBelow, mixBelowOklab, pigmentWeight, setScaled } from './float-rows.js';
import { f, linearOf15 } from './floats.js';
import { blendBetween, eraseByLum, layOver } from './mask-rows.js';
import { labOf, laneOklab, oklabMix } from './oklab.js';
import { pigmentMix, spectrumOf } from './pigment.js';
import { eraseColor, makeGreater, mark, setPixel, setPremultiplied } from './pixel-functions.js';

/** Blends `count` pixels of s from channel sAt on into d from channel at on. `fn`: number of the colour function. */
export type PixelRow = (
  d: Uint16Array,
  at: number,
  s: Uint16Array,
  sAt: number,
  count: number,
  o: number,
  fn: number,
) => void;

const multiply = Math.imul;

function divide(c: number, a: number): number {
  return a === 0 ? 0 : ((c * ONE) / a) | 0;
}

export const erasePixelRow: PixelRow = (d, at, s, sAt, count, o) => {
  for (const end = at + 4 * count; at < end; at += 4, sAt += 4) {
    const k = ONE - (multiply(s[sAt + 3]!, o) >>> 15);
    d[at] = multiply(d[at]!, k) >>> 15;
    d[at + 1] = multiply(d[at + 1]!, k) >>> 15;
    d[at + 2] = multiply(d[at + 2]!, k) >>> 15;
    d[at + 3] = multiply(d[at + 3]!, k) >>> 15;
  }
};

export const normalPixelRow: PixelRow = (d, at, s, sAt, count, o) => {
  for (const end = at + 4 * count; at < end; at += 4, sAt += 4) {
    const sa = s[sAt + 3]!;
    const k = ONE - (multiply(sa, o) >>> 15);
    d[at] = (multiply(d[at]!, k) + multiply(s[sAt]!, o)) >>> 15;
    d[at + 1] = (multiply(d[at + 1]!, k) + multiply(s[sAt + 1]!, o)) >>> 15;
    d[at + 2] = (multiply(d[at + 2]!, k) + multiply(s[sAt + 2]!, o)) >>> 15;
    d[at + 3] = (multiply(d[at + 3]!, k) + multiply(sa, o)) >>> 15;
  }
};

/** As vector lanes: each product rounds down by itself. */
export const normalPixelLanes: PixelRow = (d, at, s, sAt, count, o) => {
  for (const end = at + 4 * count; at < end; at += 4, sAt += 4) {
    const q = multiply(s[sAt + 3]!, o) >>> 15;
    const k = ONE - q;
    d[at] = (multiply(d[at]!, k) >>> 15) + (multiply(s[sAt]!, o) >>> 15);
    d[at + 1] = (multiply(d[at + 1]!, k) >>> 15) + (multiply(s[sAt + 1]!, o) >>> 15);
    d[at + 2] = (multiply(d[at + 2]!, k) >>> 15) + (multiply(s[sAt + 2]!, o) >>> 15);
    d[at + 3] = (multiply(d[at + 3]!, k) >>> 15) + q;
  }
};

export const recolorPixelRow: PixelRow = (d, at, s, sAt, count, o) => {
  for (const end = at + 4 * count; at < end; at += 4, sAt += 4) {
    const k = ONE - (multiply(s[sAt + 3]!, o) >>> 15);
    const a = multiply(d[at + 3]!, o) >>> 15;
    d[at] = (multiply(d[at]!, k) + multiply(s[sAt]!, a)) >>> 15;
    d[at + 1] = (multiply(d[at + 1]!, k) + multiply(s[sAt + 1]!, a)) >>> 15;
    d[at + 2] = (multiply(d[at + 2]!, k) + multiply(s[sAt + 2]!, a)) >>> 15;
  }
};

export const recolorPixelLanes: PixelRow = (d, at, s, sAt, count, o) => {
  for (const end = at + 4 * count; at < end; at += 4, sAt += 4) {
    const k = ONE - (multiply(s[sAt + 3]!, o) >>> 15);
    const a = multiply(d[at + 3]!, o) >>> 15;
    d[at] = (multiply(d[at]!, k) >>> 15) + (multiply(s[sAt]!, a) >>> 15);
    d[at + 1] = (multiply(d[at + 1]!, k) >>> 15) + (multiply(s[sAt + 1]!, a) >>> 15);
    d[at + 2] = (multiply(d[at + 2]!, k) >>> 15) + (multiply(s[sAt + 2]!, a) >>> 15);
  }
};

export const behindPixelRow: PixelRow = (d, at, s, sAt, count, o) => {
  for (const end = at + 4 * count; at < end; at += 4, sAt += 4) {
    const k = multiply(ONE - d[at + 3]!, o) >>> 15;
    if (k === 0) continue;
    d[at]! += multiply(s[sAt]!, k) >>> 15;
    d[at + 1]! += multiply(s[sAt + 1]!, k) >>> 15;
    d[at + 2]! += multiply(s[sAt + 2]!, k) >>> 15;
    d[at + 3]! += multiply(s[sAt + 3]!, k) >>> 15;
  }
};

/** A layer in these modes acts wherever it has a tile; its own pixels do not matter. */
export const lightToAlphaPixelRow: PixelRow = (d, at, _s, _sAt, count, o) => {
  for (let i = 0; i < count; i++) eraseByLum(d, at + 4 * i, o, false);
};

export const darkToAlphaPixelRow: PixelRow = (d, at, _s, _sAt, count, o) => {
  for (let i = 0; i < count; i++) eraseByLum(d, at + 4 * i, o, true);
};

function scalePixel(d: Uint16Array, at: number, s: Uint16Array, sAt: number, o: number): void {
  d[at] = multiply(s[sAt]!, o) >>> 15;
  d[at + 1] = multiply(s[sAt + 1]!, o) >>> 15;
  d[at + 2] = multiply(s[sAt + 2]!, o) >>> 15;
  d[at + 3] = multiply(s[sAt + 3]!, o) >>> 15;
}

export const replacePixelRow: PixelRow = (d, at, s, sAt, count, o) => {
  for (let i = 0; i < count; i++) scalePixel(d, at + 4 * i, s, sAt + 4 * i, o);
};

export const colorErasePixelRow: PixelRow = (d, at, s, sAt, count, o) => {
  for (let i = 0; i < count; i++, at += 4, sAt += 4) {
    const sa = s[sAt + 3]!;
    const b = divide(s[sAt]!, sa);
    const g = divide(s[sAt + 1]!, sa);
    const r = divide(s[sAt + 2]!, sa);
    eraseColor(d, at, b, g, r, (sa / ONE) * (o / ONE));
  }
};

export const separablePixelRow: PixelRow = (d, at, s, sAt, count, o, fn) => {
  for (const end = at + 4 * count; at < end; at += 4, sAt += 4) {
    const ab = d[at + 3]!;
    if (ab === 0) continue;
    const sa = s[sAt + 3]!;
    const q = multiply(sa, o) >>> 15;
    const k = ONE - q;
    const cb = divide(d[at]!, ab);
    const cg = divide(d[at + 1]!, ab);
    const cr = divide(d[at + 2]!, ab);
    const fb = mixChannel(fn, cb, divide(s[sAt]!, sa), 0);
    const fg = mixChannel(fn, cg, divide(s[sAt + 1]!, sa), 0);
    const fr = mixChannel(fn, cr, divide(s[sAt + 2]!, sa), 0);
    d[at] = multiply((multiply(k, cb) + multiply(q, fb)) >>> 15, ab) >>> 15;
    d[at + 1] = multiply((multiply(k, cg) + multiply(q, fg)) >>> 15, ab) >>> 15;
    d[at + 2] = multiply((multiply(k, cr) + multiply(q, fr)) >>> 15, ab) >>> 15;
  }
};

export const nonSeparablePixelRow: PixelRow = (d, at, s, sAt, count, o, fn) => {
  for (const end = at + 4 * count; at < end; at += 4, sAt += 4) {
    const ab = d[at + 3]!;
    if (ab === 0) continue;
    const sa = s[sAt + 3]!;
    const q = multiply(sa, o) >>> 15;
    const k = ONE - q;
    const cb = divide(d[at]!, ab);
    const cg = divide(d[at + 1]!, ab);
    const cr = divide(d[at + 2]!, ab);
    mixNonSeparable(fn, cb, cg, cr, divide(s[sAt]!, sa), divide(s[sAt + 1]!, sa), divide(s[sAt + 2]!, sa));
    d[at] = multiply((multiply(k, cb) + multiply(q, mixed[0]!)) >>> 15, ab) >>> 15;
    d[at + 1] = multiply((multiply(k, cg) + multiply(q, mixed[1]!)) >>> 15, ab) >>> 15;
    d[at + 2] = multiply((multiply(k, cr) + multiply(q, mixed[2]!)) >>> 15, ab) >>> 15;
  }
};

function layOverRow(isNonSeparable: boolean): PixelRow {
  return (d, at, s, sAt, count, o, fn) => {
    for (const end = at + 4 * count; at < end; at += 4, sAt += 4) {
      const sa = s[sAt + 3]!;
      if (sa === 0) continue;
      const b = divide(s[sAt]!, sa);
      const g = divide(s[sAt + 1]!, sa);
      const r = divide(s[sAt + 2]!, sa);
      layOver(d, at, b, g, r, fn, isNonSeparable, multiply(sa, o) >>> 15);
    }
  };
}

export const separableAlphaPixelRow: PixelRow = layOverRow(false);
export const nonSeparableAlphaPixelRow: PixelRow = layOverRow(true);

export const saiPixelRow: PixelRow = (d, at, s, sAt, count, o, fn) => {
  for (const end = at + 4 * count; at < end; at += 4, sAt += 4) {
    const ab = d[at + 3]!;
    const sa = s[sAt + 3]!;
    if (ab === 0 || sa === 0) continue;
    const q = multiply(sa, o) >>> 15;
    d[at] = multiply(mixChannel(fn, divide(d[at]!, ab), multiply(s[sAt]!, o) >>> 15, q), ab) >>> 15;
    d[at + 1] =
      multiply(mixChannel(fn, divide(d[at + 1]!, ab), multiply(s[sAt + 1]!, o) >>> 15, q), ab) >>> 15;
    d[at + 2] =
      multiply(mixChannel(fn, divide(d[at + 2]!, ab), multiply(s[sAt + 2]!, o) >>> 15, q), ab) >>> 15;
  }
};

export const saiAlphaPixelRow: PixelRow = (d, at, s, sAt, count, o, fn) => {
  for (const end = at + 4 * count; at < end; at += 4, sAt += 4) {
    const ab = d[at + 3]!;
    const sa = s[sAt + 3]!;
    if (sa === 0) continue;
    if (ab === 0) {
      scalePixel(d, at, s, sAt, o);
      continue;
    }
    const q = multiply(sa, o) >>> 15;
    const sb = multiply(s[sAt]!, o) >>> 15;
    const sg = multiply(s[sAt + 1]!, o) >>> 15;
    const sr = multiply(s[sAt + 2]!, o) >>> 15;
    d[at] = blendBetween(sb, mixChannel(fn, divide(d[at]!, ab), sb, q), ab);
    d[at + 1] = blendBetween(sg, mixChannel(fn, divide(d[at + 1]!, ab), sg, q), ab);
    d[at + 2] = blendBetween(sr, mixChannel(fn, divide(d[at + 2]!, ab), sr, q), ab);
    d[at + 3] = q + (multiply(ab, ONE - q) >>> 15);
  }
};

export const markerPixelRow: PixelRow = (d, at, s, sAt, count, o) => {
  for (const end = at + 4 * count; at < end; at += 4, sAt += 4) {
    const ab = d[at + 3]!;
    const sa = s[sAt + 3]!;
    if (ab === 0 || sa === 0) continue;
    const q = multiply(sa, o) >>> 15;
    mark(d, at, divide(s[sAt]!, sa), divide(s[sAt + 1]!, sa), divide(s[sAt + 2]!, sa), q, ab);
  }
};

/** Onto nothing: the source, through its opacity in two steps as clients round it. */
function putPixel(d: Uint16Array, at: number, s: Uint16Array, sAt: number, o: number, q: number): void {
  const sa = s[sAt + 3]!;
  if (o === ONE) {
    setPixel(d, at, s[sAt]!, s[sAt + 1]!, s[sAt + 2]!, sa);
  } else {
    setPremultiplied(d, at, divide(s[sAt]!, sa), divide(s[sAt + 1]!, sa), divide(s[sAt + 2]!, sa), q);
  }
}

export const markerAlphaPixelRow: PixelRow = (d, at, s, sAt, count, o) => {
  for (const end = at + 4 * count; at < end; at += 4, sAt += 4) {
    const ab = d[at + 3]!;
    const sa = s[sAt + 3]!;
    if (sa === 0) continue;
    const q = multiply(sa, o) >>> 15;
    if (ab === 0) {
      putPixel(d, at, s, sAt, o, q);
    } else {
      const out = ab < o ? ab + (multiply(sa, o - ab) >>> 15) : ab;
      mark(d, at, divide(s[sAt]!, sa), divide(s[sAt + 1]!, sa), divide(s[sAt + 2]!, sa), q, out);
    }
  }
};

export const greaterPixelRow: PixelRow = (d, at, s, sAt, count, o) => {
  for (const end = at + 4 * count; at < end; at += 4, sAt += 4) {
    const ab = d[at + 3]!;
    const sa = s[sAt + 3]!;
    const q = multiply(sa, o) >>> 15;
    if (ab === 0 || ab >= q) continue;
    makeGreater(d, at, divide(s[sAt]!, sa), divide(s[sAt + 1]!, sa), divide(s[sAt + 2]!, sa), q, ab);
  }
};

export const greaterAlphaPixelRow: PixelRow = (d, at, s, sAt, count, o) => {
  for (const end = at + 4 * count; at < end; at += 4, sAt += 4) {
    const ab = d[at + 3]!;
    const sa = s[sAt + 3]!;
    if (sa === 0) continue;
    const q = multiply(sa, o) >>> 15;
    if (ab === 0) putPixel(d, at, s, sAt, o, q);
    else if (ab < q)
      makeGreater(d, at, divide(s[sAt]!, sa), divide(s[sAt + 1]!, sa), divide(s[sAt + 2]!, sa), q, q);
  }
};

const spectrum = new Float32Array(10);
const lab = new Float32Array(3);

function linear(c: number, a: number): number {
  const quotient = divide(c, a);
  return linearOf15[Math.min(quotient, ONE)]!;
}

/** Modes 43 and 89 (alpha stays), 81 and 88 (it grows). */
export function mixingPixelRow(kind: 'pigment' | 'oklab', isAlpha: boolean, profile: Profile): PixelRow {
  return (d, at, s, sAt, count, o) => {
    for (const end = at + 4 * count; at < end; at += 4, sAt += 4) {
      const ab = d[at + 3]!;
      const sa = s[sAt + 3]!;
      if (sa === 0 || (ab === 0 && !isAlpha)) continue;
      if (ab === 0) {
        scalePixel(d, at, s, sAt, o);
        continue;
      }
      if (sa === ONE && o === ONE) {
        setPremultiplied(d, at, s[sAt]!, s[sAt + 1]!, s[sAt + 2]!, isAlpha ? ONE : ab);
        continue;
      }
      const q = multiply(sa, o) >>> 15;
      const sum = q + (multiply(ab, ONE - q) >>> 15);
      const out = !isAlpha ? ab : Math.min(sum, ONE);
      if (kind === 'pigment') {
        spectrumOf(profile, spectrum, f(s[sAt]! / sa), f(s[sAt + 1]! / sa), f(s[sAt + 2]! / sa));
        mixBelow(profile, d, at, spectrum, pigmentWeight(q, ab));
        setScaled(d, at, pigmentMix, f(0.5 + out));
      } else {
        labOf('scalar', lab, linear(s[sAt]!, sa), linear(s[sAt + 1]!, sa), linear(s[sAt + 2]!, sa));
        mixBelowOklab(d, at, lab, q);
        setScaled(d, at, oklabMix, f(0.5 + out));
      }
      d[at + 3] = out;
    }
  };
}

/** Modes 88 and 89 in vector lanes: no special cases. */
export function oklabPixelLanes(how: 'sse' | 'fma', kind: 'alpha' | 'keep'): PixelRow {
  return (d, at, s, sAt, count, o) => {
    const op = f(o / 32768);
    for (const end = at + 4 * count; at < end; at += 4, sAt += 4) {
      const w = f(op * f(s[sAt + 3]! / 32768));
      laneOklab(how, d, at, laneLabOfPixel(how, s, sAt), w, kind, 0);
    }
  };
}
