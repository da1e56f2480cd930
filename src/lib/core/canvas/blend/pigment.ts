// Pigment mixing (pixels 7.3): the weighted geometric mean of two spectra of ten bands.

import type { Profile } from '../pixel.js';
import { clamp01, f, log2, pow2, toLinear, toSrgb } from './floats.js';

const E = f(0.001);
const O = f(1 - E);

const B = Float32Array.of(
  0.537052150373386,
  0.546646402401469,
  0.575501819073983,
  0.258778829633924,
  0.041709923751716,
  0.012662638828324,
  0.00748559312739,
  0.006766900622462,
  0.006699764779016,
  0.006676219883241,
);
const G = Float32Array.of(
  0.002854127435775,
  0.003917589679914,
  0.012132151699187,
  0.748259205918013,
  1.0,
  0.865695937531795,
  0.037477469241101,
  0.022816789725717,
  0.021747419446456,
  0.021384940572308,
);
const R = Float32Array.of(
  0.009281362787953,
  0.009732627042016,
  0.011254252737167,
  0.015105578649573,
  0.024797924177217,
  0.083622585502406,
  0.977865045723212,
  1.0,
  0.999961046144372,
  0.999999992756822,
);
const TB = Float32Array.of(
  0.339475473216284,
  0.635401374177222,
  0.771520797089589,
  0.113222640692379,
  -0.055251113343776,
  -0.04822257846868,
  -0.012966666339586,
  -0.001523814504223,
  -0.00009471894881,
  -0.000051604594741,
);
const TG = Float32Array.of(
  -0.032601672674412,
  -0.061021043498478,
  -0.052490001018404,
  0.206659098273522,
  0.572496335158169,
  0.317837248815438,
  -0.021216624031211,
  -0.019387668756117,
  -0.001521339050858,
  -0.000835181622534,
);
const TR = Float32Array.of(
  0.026595621243689,
  0.049779426257903,
  0.022449850859496,
  -0.218453689278271,
  -0.256894883201278,
  0.44588172219484,
  0.772365886289756,
  0.194498761382537,
  0.01403815758782,
  0.007687264480513,
);

/** The spectrum of a colour from 0 to 1. */
export function spectrumOf(profile: Profile, to: Float32Array, b: number, g: number, r: number): void {
  const vb = f(f(toLinear(b) * O) + E);
  const vg = f(f(toLinear(g) * O) + E);
  const vr = f(f(toLinear(r) * O) + E);
  for (let band = 0; band < 10; band++) {
    const pb = f(B[band]! * vb);
    const pg = f(G[band]! * vg);
    const pr = f(R[band]! * vr);
    // vector instructions take eight bands at once and add in another order
    to[band] = profile === 'avx2' && band < 8 ? f(pb + f(pg + pr)) : f(f(pb + pg) + pr);
  }
}

function channel(weights: Float32Array, spectrum: Float32Array): number {
  let sum = 0;
  for (let band = 0; band < 10; band++) sum = f(sum + f(weights[band]! * spectrum[band]!));
  return clamp01(toSrgb(f(f(sum - E) / O)));
}

/** A colour, b, g, r, from its spectrum. */
export function colorOfSpectrum(to: Float32Array, spectrum: Float32Array): void {
  to[0] = channel(TB, spectrum);
  to[1] = channel(TG, spectrum);
  to[2] = channel(TR, spectrum);
}

/** The mixed colour, b, g, r from 0 to 1, of the last call. */
export const pigmentMix = new Float32Array(3);
const below = new Float32Array(10);
const bands = new Float32Array(10);

/** `source`: the spectrum above, with its weight; the pixel below has colours from 0 to 1. */
export function mixPigment(
  profile: Profile,
  db: number,
  dg: number,
  dr: number,
  source: Float32Array,
  weight: number,
): void {
  spectrumOf(profile, below, db, dg, dr);
  const rest = f(1 - weight);
  for (let band = 0; band < 10; band++) {
    bands[band] = f(pow2(f(weight * log2(source[band]!))) * pow2(f(rest * log2(below[band]!))));
  }
  colorOfSpectrum(pigmentMix, bands);
}
