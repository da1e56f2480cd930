// Colour functions of the blend modes (pixels 4.5): a is below, b above; 15 bits, not multiplied by alpha.
//
// The loops choose by number inside the loop: the choice is the same for every pixel, so it costs a jump that the
// processor foresees, while a function passed in would be a call that cannot be inlined.

import { cdiv, lum, mul, ONE, sqrt15 } from '../pixel.js';

export const colorFunctions = [
  // on one channel
  'mul',
  'divide',
  'burn',
  'dodge',
  'darken',
  'lighten',
  'subtract',
  'add',
  'screen',
  'overlay',
  'hardLight',
  'softLight',
  'linearBurn',
  'linearLight',
  'vividLight',
  'pinLight',
  'difference',
  // on one channel, with the opacity of the source
  'shade',
  'shadeShine',
  'burnSai',
  'burnDodgeSai',
  'hardMixSai',
  // on three channels
  'hue',
  'saturation',
  'luminosity',
  'color',
  'darker',
  'lighter',
] as const;

export type ColorFunction = (typeof colorFunctions)[number];

function burn(a: number, b: number): number {
  const burnt = ONE - ((((ONE - a) * 32769) / (b + 1)) | 0);
  return Math.max(burnt, 0);
}

function dodge(a: number, b: number): number {
  const dodged = ((a * 32769) / (32769 - b)) | 0;
  return Math.min(dodged, ONE);
}

function screen(a: number, b: number): number {
  return ONE - mul(ONE - a, ONE - b);
}

function hardLight(a: number, b: number): number {
  return 2 * b <= ONE ? mul(a, 2 * b) : screen(a, 2 * b - ONE);
}

function softLight(a: number, b: number): number {
  if (2 * b <= ONE) return a - mul(mul(ONE - 2 * b, a), ONE - a);
  let lit: number;
  if (4 * a <= ONE) {
    const square = mul(a, a);
    lit = 4 * a + 16 * mul(square, a) - 12 * square;
  } else {
    lit = sqrt15(a);
  }
  return a + mul(2 * b - ONE, lit - a);
}

function shade(a: number, b: number, o: number): number {
  const sum = a + b - o;
  return sum <= 0 ? 0 : Math.min(sum, ONE);
}

function burnDodgeSai(a: number, b: number, o: number): number {
  if (b === ONE) return ONE;
  if (2 * b <= o) {
    const c = o - 2 * b;
    return c < ONE ? ONE - cdiv(ONE - a, ONE - c) : 0;
  }
  return cdiv(a, ONE + o - 2 * b);
}

function hardMixSai(a: number, b: number, o: number): number {
  if (o === ONE) return ONE;
  return a + b < o ? 0 : cdiv(a + b - o, ONE - o);
}

/** A function on one channel, by its number. `o`: the opacity of the source, for those that ask for it. */
export function mixChannel(f: number, a: number, b: number, o: number): number {
  switch (f) {
    case 0:
      return mul(a, b);
    case 1: {
      const quotient = ((a * 32769 + (b >>> 1)) / (b + 1)) | 0;
      return Math.min(quotient, ONE);
    }
    case 2:
      return burn(a, b);
    case 3:
      return dodge(a, b);
    case 4:
      return Math.min(a, b);
    case 5:
      return Math.max(a, b);
    case 6:
      return a > b ? a - b : 0;
    case 7:
      return Math.min(a + b, ONE);
    case 8:
      return screen(a, b);
    case 9:
      return hardLight(b, a);
    case 10:
      return hardLight(a, b);
    case 11:
      return softLight(a, b);
    case 12:
      return a + b > ONE ? a + b - ONE : 0;
    case 13:
      return shade(a, 2 * b, ONE);
    case 14:
      return 2 * b <= ONE ? burn(a, 2 * b) : dodge(a, 2 * b - ONE);
    case 15:
      return 2 * b <= ONE ? Math.min(a, 2 * b) : Math.max(a, 2 * b - ONE);
    case 16:
      return a > b ? a - b : b - a;
    case 17:
      return shade(a, b, o);
    case 18:
      return shade(a, 2 * b, o);
    case 19:
      return o === ONE && b === 0 ? 0 : ONE - cdiv(ONE - a, ONE - o + b);
    case 20:
      return burnDodgeSai(a, b, o);
    case 21:
      return hardMixSai(a, b, o);
    default:
      return b;
  }
}

/** Where functions on three channels leave their answer: b, g, r. */
export const mixed = new Int32Array(3);

/** Signed, rounded toward zero: luminance of a colour that may lie outside the range. */
function signedLum(): number {
  return Math.trunc((3604 * mixed[0]! + 19333 * mixed[1]! + 9830 * mixed[2]!) / ONE);
}

function setLum(to: number): void {
  const delta = to - lum(mixed[0]!, mixed[1]!, mixed[2]!);
  for (let at = 0; at < 3; at++) mixed[at]! += delta;
  const l = signedLum();
  const least = Math.min(mixed[0]!, mixed[1]!, mixed[2]!);
  const most = Math.max(mixed[0]!, mixed[1]!, mixed[2]!);
  if (least < 0) {
    for (let at = 0; at < 3; at++) mixed[at] = l + Math.trunc(((mixed[at]! - l) * l) / (l - least));
  }
  if (most > ONE) {
    for (let at = 0; at < 3; at++) mixed[at] = l + Math.trunc(((mixed[at]! - l) * (ONE - l)) / (most - l));
  }
}

function sat(b: number, g: number, r: number): number {
  return Math.max(b, g, r) - Math.min(b, g, r);
}

function setSat(to: number): void {
  const most = Math.max(mixed[0]!, mixed[1]!, mixed[2]!);
  const least = Math.min(mixed[0]!, mixed[1]!, mixed[2]!);
  for (let at = 0; at < 3; at++) {
    // the largest becomes `to`, the smallest 0: the same formula gives both
    mixed[at] = most === least ? 0 : Math.trunc(((mixed[at]! - least) * to) / (most - least));
  }
}

function setMixed(b: number, g: number, r: number): void {
  mixed[0] = b;
  mixed[1] = g;
  mixed[2] = r;
}

/** A function on three channels, by its number. The answer is in `mixed`. */
export function mixNonSeparable(
  f: number,
  ab: number,
  ag: number,
  ar: number,
  bb: number,
  bg: number,
  br: number,
): void {
  switch (f) {
    case 22:
      setMixed(bb, bg, br);
      setSat(sat(ab, ag, ar));
      setLum(lum(ab, ag, ar));
      break;
    case 23:
      setMixed(ab, ag, ar);
      setSat(sat(bb, bg, br));
      setLum(lum(ab, ag, ar));
      break;
    case 24:
      setMixed(ab, ag, ar);
      setLum(lum(bb, bg, br));
      break;
    case 25:
      setMixed(bb, bg, br);
      setLum(lum(ab, ag, ar));
      break;
    case 26:
      if (lum(bb, bg, br) < lum(ab, ag, ar)) setMixed(bb, bg, br);
      else setMixed(ab, ag, ar);
      break;
    default:
      if (lum(bb, bg, br) > lum(ab, ag, ar)) setMixed(bb, bg, br);
      else setMixed(ab, ag, ar);
  }
}
