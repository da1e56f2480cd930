// Single-precision arithmetic of the OKLab and pigment modes (pixels 7.1): every operation is rounded to a single,
// in the order written. `f` is that rounding.

export const f = Math.fround;

const bits = new ArrayBuffer(4);
const asFloat = new Float32Array(bits);
const asInteger = new Uint32Array(bits);

export function bitsOf(x: number): number {
  asFloat[0] = x;
  return asInteger[0]!;
}

export function floatOf(integer: number): number {
  asInteger[0] = integer;
  return asFloat[0]!;
}

const L1 = f(1.1920928955078125e-7);
const L2 = f(124.22551499);
const L3 = f(1.498030302);
const L4 = f(1.72587999);
const L5 = f(0.3520887068);

/** Logarithm to base 2, roughly, as the original's bundled approximation has it. */
export function log2(x: number): number {
  const i = bitsOf(x);
  const m = floatOf((i & 0x007fffff) | 0x3f000000);
  const y = f(f(i) * L1);
  return f(f(f(y - L2) - f(L3 * m)) - f(L4 / f(L5 + m)));
}

const P1 = f(121.2740575);
const P2 = f(27.7280233);
const P3 = f(4.84252568);
const P4 = f(1.49012907);

/** 2 to the power of p. */
export function pow2(p: number): number {
  const offset = p < 0 ? 1 : 0;
  const clipped = Math.max(p, -126);
  const w = Math.trunc(clipped);
  const z = f(f(clipped - w) + offset);
  const v = f(f(f(clipped + P1) + f(P2 / f(P3 - z))) - f(P4 * z));
  return floatOf(Math.trunc(f(8388608 * v)));
}

export function pow(x: number, exponent: number): number {
  return pow2(f(exponent * log2(x)));
}

const S1 = f(0.04045);
const S2 = f(12.92);
const S3 = f(0.055);
const S4 = f(1.055);
const S5 = f(2.4);
const S6 = f(0.0031308);
const S7 = f(1 / S5);

export function toLinear(x: number): number {
  return x < S1 ? f(x / S2) : pow(f(f(x + S3) / S4), S5);
}

export function toSrgb(x: number): number {
  return x < S6 ? f(x * S2) : f(f(pow(x, S7) * S4) - S3);
}

export function clamp01(x: number): number {
  return x < 0 ? 0 : Math.min(x, 1);
}

/** toLinear of every 15-bit number. */
export const linearOf15: Float32Array = new Float32Array(32769);
for (let c = 0; c <= 32768; c++) linearOf15[c] = toLinear(f(c / 32768));

const L12 = f(1 / S2);
const L1055 = f(1 / S4);

/**
 * log2 and pow2 in lanes of AVX2: where the compiler joins a product and a sum into one operation there is one
 * rounding less.
 */
function fusedLog2(x: number): number {
  const i = bitsOf(x);
  const m = floatOf((i & 0x007fffff) | 0x3f000000);
  return f(fma(-L3, m, fma(f(i), L1, -L2)) - f(L4 / f(L5 + m)));
}

function fusedPow2(p: number): number {
  const offset = p < 0 ? 1 : 0;
  const clipped = Math.max(p, -126);
  const w = Math.trunc(clipped);
  const z = f(f(clipped - w) + offset);
  const v = fma(-P4, z, f(f(clipped + P1) + f(P2 / f(P3 - z))));
  return floatOf(Math.trunc(f(8388608 * v)));
}

function lanePow(how: 'sse' | 'fma', x: number, exponent: number): number {
  return how === 'fma' ? fusedPow2(f(exponent * fusedLog2(x))) : pow(x, exponent);
}

/** toLinear as vector instructions compute it: by reciprocals. */
export function laneToLinear(how: 'sse' | 'fma', x: number): number {
  return x < S1 ? f(x * L12) : lanePow(how, f(f(x + S3) * L1055), S5);
}

/** toSrgb of vector lanes: the comparison includes the limit. */
export function laneToSrgb(how: 'sse' | 'fma', x: number): number {
  if (x <= S6) return f(x * S2);
  const power = lanePow(how, x, S7);
  return how === 'fma' ? fma(S4, power, -S3) : f(f(S4 * power) - S3);
}

/** To the nearest integer, halves to the even one. */
export function nearestEven(x: number): number {
  const floor = Math.floor(x);
  const fraction = x - floor;
  if (fraction !== 0.5) return fraction < 0.5 ? floor : floor + 1;
  return floor % 2 === 0 ? floor : floor + 1;
}

const wide = new ArrayBuffer(8);
const asDouble = new Float64Array(wide);
const asWords = new Int32Array(wide);
const lowWord = new Uint8Array(new Uint32Array([1]).buffer)[0] === 1 ? 0 : 1;

/** a * b + c with one rounding. The product of two singles is exact in a double; the sum is rounded to odd first. */
export function fma(a: number, b: number, c: number): number {
  const product = a * b;
  const sum = product + c;
  const part = sum - product;
  const error = product - (sum - part) + (c - part);
  if (error === 0) return f(sum);
  asDouble[0] = sum;
  const low = asWords[lowWord]!;
  if ((low & 1) !== 0) return f(sum);
  // one unit toward the error: away from zero when both have the same sign
  const isOutward = error > 0 === sum > 0;
  if (isOutward) {
    asWords[lowWord] = low | 1;
  } else {
    asWords[lowWord] = low - 1;
    if (low === 0) asWords[1 - lowWord]!--;
  }
  return f(asDouble[0]!);
}
