// Rows of the modes that are computed pixel by pixel: markers, greater, colour erase, pigment, OKLab (pixels 4.3, 7),
// a colour through a mask.

import type { Profile } from '../pixel.js';
import { ONE } from '../pixel.js';
import { f, laneToLinear, linearOf15 } from './floats.js';
import type { MaskRow, RowColor } from './mask-rows.js';
import { labOf, laneOklab, mixOklab, oklabMix } from './oklab.js';
import { mixPigment, pigmentMix, spectrumOf } from './pigment.js';
import { eraseColor, makeGreater, mark, setPixel, setPremultiplied } from './pixel-functions.js';

const multiply = Math.imul;

export const colorEraseMaskRow: MaskRow = (d, at, count, mask, maskAt, { b, g, r }, o) => {
  for (let i = 0; i < count; i++, at += 4) {
    const q = multiply(mask[maskAt + i]!, o) >>> 15;
    if (q !== 0) eraseColor(d, at, b, g, r, q / ONE);
  }
};

export const markerMaskRow: MaskRow = (d, at, count, mask, maskAt, { b, g, r }, o) => {
  for (let i = 0; i < count; i++, at += 4) {
    const m = mask[maskAt + i]!;
    const ab = d[at + 3]!;
    if (m !== 0 && ab !== 0) mark(d, at, b, g, r, multiply(m, o) >>> 15, ab);
  }
};

export const markerAlphaMaskRow: MaskRow = (d, at, count, mask, maskAt, { b, g, r }, o) => {
  for (let i = 0; i < count; i++, at += 4) {
    const m = mask[maskAt + i]!;
    if (m === 0) continue;
    const ab = d[at + 3]!;
    const q = multiply(m, o) >>> 15;
    if (ab === 0) setPremultiplied(d, at, b, g, r, q);
    else mark(d, at, b, g, r, q, Math.max(ab, q));
  }
};

export const markerAlphaWashMaskRow: MaskRow = (d, at, count, mask, maskAt, { b, g, r }, o) => {
  for (let i = 0; i < count; i++, at += 4) {
    const m = mask[maskAt + i]!;
    if (m === 0) continue;
    const ab = d[at + 3]!;
    const q = multiply(m, o) >>> 15;
    if (ab === 0) setPremultiplied(d, at, b, g, r, q);
    else mark(d, at, b, g, r, q, ab < o ? ab + (multiply(m, o - ab) >>> 15) : ab);
  }
};

export const greaterMaskRow: MaskRow = (d, at, count, mask, maskAt, { b, g, r }, o) => {
  for (let i = 0; i < count; i++, at += 4) {
    const q = multiply(mask[maskAt + i]!, o) >>> 15;
    const ab = d[at + 3]!;
    if (ab !== 0 && ab < q) makeGreater(d, at, b, g, r, q, ab);
  }
};

export const greaterWashMaskRow: MaskRow = (d, at, count, mask, maskAt, { b, g, r }, o) => {
  for (let i = 0; i < count; i++, at += 4) {
    const m = mask[maskAt + i]!;
    const ab = d[at + 3]!;
    if (m === 0 || ab === 0 || ab >= o) continue;
    makeGreater(d, at, b, g, r, ab + (multiply(m, o - ab) >>> 15), ab);
  }
};

export const greaterAlphaMaskRow: MaskRow = (d, at, count, mask, maskAt, { b, g, r }, o) => {
  for (let i = 0; i < count; i++, at += 4) {
    const q = multiply(mask[maskAt + i]!, o) >>> 15;
    if (q === 0) continue;
    const ab = d[at + 3]!;
    if (ab === 0) setPremultiplied(d, at, b, g, r, q);
    else if (ab < q) makeGreater(d, at, b, g, r, q, q);
  }
};

export const greaterAlphaWashMaskRow: MaskRow = (d, at, count, mask, maskAt, { b, g, r }, o) => {
  for (let i = 0; i < count; i++, at += 4) {
    const m = mask[maskAt + i]!;
    if (m === 0) continue;
    const ab = d[at + 3]!;
    if (ab === 0) {
      setPremultiplied(d, at, b, g, r, multiply(m, o) >>> 15);
    } else if (ab < o) {
      const ar = ab + (multiply(m, o - ab) >>> 15);
      makeGreater(d, at, b, g, r, ar, ar);
    }
  }
};

/** Sets a mixed colour (0 to 1) with what it is scaled by. */
export function setScaled(d: Uint16Array, at: number, mix: Float32Array, scale: number): void {
  d[at] = Math.trunc(f(mix[0]! * scale));
  d[at + 1] = Math.trunc(f(mix[1]! * scale));
  d[at + 2] = Math.trunc(f(mix[2]! * scale));
}

/** Mixes pigments of the source's spectrum with the pixel below, which is not transparent. */
export function mixBelow(
  profile: Profile,
  d: Uint16Array,
  at: number,
  source: Float32Array,
  weight: number,
): void {
  const ab = d[at + 3]!;
  mixPigment(profile, f(d[at]! / ab), f(d[at + 1]! / ab), f(d[at + 2]! / ab), source, weight);
}

/** The weight of the source in pigment modes. */
export function pigmentWeight(q: number, ab: number): number {
  return f(q / (q + (multiply(ONE - q, ab) >>> 15)));
}

function linear(c: number, ab: number): number {
  const quotient = ((c * ONE) / ab) | 0;
  return linearOf15[Math.min(quotient, ONE)]!;
}

/** The same in OKLab. */
export function mixBelowOklab(d: Uint16Array, at: number, source: Float32Array, q: number): void {
  const ab = d[at + 3]!;
  mixOklab(linear(d[at]!, ab), linear(d[at + 1]!, ab), linear(d[at + 2]!, ab), source, ab, q);
}

/** What is computed once per colour and profile. */
export function spectrumOfColor(profile: Profile, { b, g, r }: RowColor): Float32Array {
  const spectrum = new Float32Array(10);
  spectrumOf(profile, spectrum, f(b / 32768), f(g / 32768), f(r / 32768));
  return spectrum;
}

export function labOfColor({ b, g, r }: RowColor): Float32Array {
  const lab = new Float32Array(3);
  labOf('scalar', lab, linearOf15[b]!, linearOf15[g]!, linearOf15[r]!);
  return lab;
}

/** Modes 43 and 89: alpha stays. Modes 81 and 88: it grows. */
export function mixingMaskRow(
  kind: 'pigment' | 'oklab',
  isAlpha: boolean,
  profile: Profile,
  color: RowColor,
): MaskRow {
  const source = kind === 'pigment' ? spectrumOfColor(profile, color) : labOfColor(color);
  const mix = kind === 'pigment' ? pigmentMix : oklabMix;
  return (d, at, count, mask, maskAt, { b, g, r }, o) => {
    for (let i = 0; i < count; i++, at += 4) {
      const m = mask[maskAt + i]!;
      const ab = d[at + 3]!;
      if (m === 0) continue;
      const q = multiply(m, o) >>> 15;
      if (ab === 0) {
        if (isAlpha) setPremultiplied(d, at, b, g, r, q);
      } else if (m === ONE && o === ONE) {
        setPremultiplied(d, at, b, g, r, isAlpha ? ONE : ab);
      } else {
        const sum = q + (multiply(ab, ONE - q) >>> 15);
        const out = !isAlpha ? ab : Math.min(sum, ONE);
        if (kind === 'pigment') mixBelow(profile, d, at, source, pigmentWeight(q, ab));
        else mixBelowOklab(d, at, source, q);
        setScaled(d, at, mix, f(0.5 + out));
        d[at + 3] = out;
      }
    }
  };
}

/** Mode 90. */
export function oklabAndEraserMaskRow(color: RowColor): MaskRow {
  const source = labOfColor(color);
  return (d, at, count, mask, maskAt, { b, g, r, a }, o) => {
    for (let i = 0; i < count; i++, at += 4) {
      const ab = d[at + 3]!;
      const q = multiply(mask[maskAt + i]!, o) >>> 15;
      const sa = multiply(q, a) >>> 15;
      const out = sa + (multiply(ONE - q, ab) >>> 15);
      if (ab === 0) {
        setPremultiplied(d, at, b, g, r, sa);
      } else {
        mixBelowOklab(d, at, source, sa);
        setScaled(d, at, oklabMix, out);
      }
      d[at + 3] = out;
    }
  };
}

/** Mode 82: additive where the canvas is faint, mixed as pigments where it is strong. */
export function pigmentAndEraserMaskRow(profile: Profile, color: RowColor): MaskRow {
  const source = spectrumOfColor(profile, color);
  return (d, at, count, mask, maskAt, { b, g, r, a }, o) => {
    const raised = Math.max(o, 150);
    for (let i = 0; i < count; i++, at += 4) {
      const ab = d[at + 3]!;
      const q = multiply(mask[maskAt + i]!, raised) >>> 15;
      const sa = multiply(q, a) >>> 15;
      const k = ONE - q;
      const rest = multiply(k, ab) >>> 15;
      const out = sa + rest;
      const x = f(ab / 32768);
      const bent = f(f(x * 8) - 3);
      const s = f(0.5 + f(bent / f(1 + f(Math.abs(bent) * f(1.65)))));
      const sigma = s < 0 ? 0 : Math.min(s, 1);
      const tau = f(1 - sigma);
      const added = (c: number, below: number) =>
        tau === 0 ? 0 : (multiply(sa, c) + multiply(k, below)) >>> 15;
      const db = added(b, d[at]!);
      const dg = added(g, d[at + 1]!);
      const dr = added(r, d[at + 2]!);
      if (sigma !== 0 && ab !== 0) {
        const weight = f(f(q / f(q + rest)) * f(a / 32768));
        mixBelow(profile, d, at, source, weight);
        const scaled = (additive: number, mix: number) =>
          Math.trunc(f(f(tau * additive) + f(f(sigma * mix) * out)));
        setPixel(
          d,
          at,
          scaled(db, pigmentMix[0]!),
          scaled(dg, pigmentMix[1]!),
          scaled(dr, pigmentMix[2]!),
          out,
        );
      } else {
        setPixel(d, at, db, dg, dr, out);
      }
    }
  };
}

const laneSource = new Float32Array(3);

/** Modes 88, 89, 90 in vector lanes. */
export function oklabMaskLanes(
  how: 'sse' | 'fma',
  kind: 'alpha' | 'keep' | 'eraser',
  color: RowColor,
): MaskRow {
  const source = laneLabOfColor(how, color);
  return (d, at, count, mask, maskAt, { a }, o) => {
    for (let i = 0; i < count; i++, at += 4) {
      const q = multiply(mask[maskAt + i]!, o) >>> 15;
      const sa = kind === 'eraser' ? multiply(q, a) >>> 15 : q;
      const out = kind === 'eraser' ? sa + (multiply(ONE - q, d[at + 3]!) >>> 15) : 0;
      laneOklab(how, d, at, source, f(sa / 32768), kind, out);
    }
  };
}

function laneLabOfColor(how: 'sse' | 'fma', { b, g, r }: RowColor): Float32Array {
  const lab = new Float32Array(3);
  labOf(how, lab, laneLinear(how, b, ONE), laneLinear(how, g, ONE), laneLinear(how, r, ONE));
  return lab;
}

function laneLinear(how: 'sse' | 'fma', c: number, a: number): number {
  return laneToLinear(how, a === 0 ? 0 : f(f(c / 32768) / f(a / 32768)));
}

/** OKLab of a pixel above, in a vector lane. */
export function laneLabOfPixel(how: 'sse' | 'fma', s: Uint16Array, at: number): Float32Array {
  const a = s[at + 3]!;
  labOf(
    how,
    laneSource,
    laneLinear(how, s[at]!, a),
    laneLinear(how, s[at + 1]!, a),
    laneLinear(how, s[at + 2]!, a),
  );
  return laneSource;
}
