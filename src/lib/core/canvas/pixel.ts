// Numbers of the canvas: 15-bit fixed point, where 32768 is one, and its way to 8 bits and back. Everything rounds
// down unless a function says otherwise. Channels stand as blue, green, red, alpha.

/** 1.0 in 15-bit fixed point. A channel is 0 to ONE, ONE included. */
export const ONE = 32768;

/**
 * Which processor the result is equal to. `portable` is the contract: the C code without vector instructions, also
 * in browsers. `avx2` is what nearly every desktop client computes; it differs by single units.
 */
export type Profile = 'portable' | 'avx2';

export const profiles: readonly Profile[] = ['portable', 'avx2'];

/** A pixel of four channels, for places where speed does not matter. */
export type Bgra = [b: number, g: number, r: number, a: number];

/** a * b. */
export function mul(a: number, b: number): number {
  return Math.imul(a, b) >>> 15;
}

/** a / b, for b above 0. Not limited to ONE. */
export function div(a: number, b: number): number {
  return Math.floor((a * ONE) / b);
}

/** a / b, at most ONE. */
export function cdiv(a: number, b: number): number {
  return Math.min(div(a, b), ONE);
}

/** a * b + c * d, rounded down once. */
export function sumProducts(a: number, b: number, c: number, d: number): number {
  return (Math.imul(a, b) + Math.imul(c, d)) >>> 15;
}

/** From a to b, not symmetrical: it rounds toward the smaller one's side as clients do. */
export function lerp(a: number, b: number, k: number): number {
  return a < b ? a + mul(b - a, k) : b + mul(a - b, ONE - k);
}

/** Luminance. The weights add up to 32767, so white is 32767. */
export function lum(b: number, g: number, r: number): number {
  return (3604 * b + 19333 * g + 9830 * r) >>> 15;
}

/** Square root of x above 8192. */
export function sqrt15(x: number): number {
  return Math.floor(Math.sqrt(x * ONE));
}

const to15 = Uint16Array.from({ length: 256 }, (_, c) => Math.floor((c * ONE) / 255));

/** An 8-bit channel as 15 bits. */
export function c8to15(c: number): number {
  return to15[c]!;
}

/** A 15-bit channel as 8 bits, to the nearest. */
export function c15to8(c: number): number {
  return (c * 255 + 16384) >>> 15;
}

/** 0xAARRGGBB, not multiplied by alpha, as 15-bit channels, not multiplied either. */
export function argbToColor(argb: number): Bgra {
  return [to15[argb & 255]!, to15[(argb >>> 8) & 255]!, to15[(argb >>> 16) & 255]!, to15[argb >>> 24]!];
}

/** Multiplies by alpha. */
export function premultiply([b, g, r, a]: Readonly<Bgra>): Bgra {
  if (a === ONE) return [b, g, r, a];
  return a === 0 ? [0, 0, 0, 0] : [mul(b, a), mul(g, a), mul(r, a), a];
}

/** Divides by alpha. */
export function unpremultiply([b, g, r, a]: Readonly<Bgra>): Bgra {
  if (a === ONE) return [b, g, r, a];
  return a === 0 ? [0, 0, 0, 0] : [div(b, a), div(g, a), div(r, a), a];
}

/** a * b of 8-bit channels. */
export function mul8(a: number, b: number): number {
  const t = a * b + 128;
  return ((t >>> 8) + t) >>> 8;
}

/** An 8-bit channel multiplied by its alpha. (Not mul8: it adds the half in another place.) */
export function premultiply8(c: number, a: number): number {
  const t = c * a;
  return (t + (t >>> 8) + 128) >>> 8;
}

const alphaFactors = Float64Array.from({ length: 256 }, (_, a) => (a === 0 ? 0 : Math.floor(16711935 / a)));

/** An 8-bit channel divided by its alpha. */
export function unpremultiply8(c: number, a: number): number {
  return a === 255 ? c : Math.floor((c * alphaFactors[a]! + 32768) / 65536) & 255;
}

/** Where the first channel is that is not zero, -1 when all are. */
export function firstNonZero(pixels: Uint16Array): number {
  const { length } = pixels;
  for (let at = 0; at < length; at++) if (pixels[at] !== 0) return at;
  return -1;
}
