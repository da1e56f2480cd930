// A colour through a mask onto a rectangle of a tile, eight pixels at a time: the modes that brushes use most. Each
// kernel equals the loop of the same name in blend/mask-rows.ts.

import { ONE } from '../pixel.js';
import {
  type Code,
  get,
  i16x8,
  i32,
  i32x4,
  type Kernel,
  type Local,
  loopWhile,
  set,
  v128,
  when,
} from './assembler.js';

/** What the arithmetic of a mode sees of two pixels: 16-bit lanes b, g, r, a of each. */
interface Pair {
  /** Below. */
  readonly d: Code;
  /** The alpha below, in every lane of its pixel. */
  readonly below: Code;
  /** The effective alpha of the brush. */
  readonly q: Code;
  readonly mask: Code;
  /** The colour; its alpha lane is ONE. */
  readonly color: Code;
  /** The alpha of the colour, and the opacity, in every lane. */
  readonly alpha: Code;
  readonly opacity: Code;
}

/** The two pixels after blending. */
type Arithmetic = (pair: Pair) => Code;

const one = v128.of16(...Array.from({ length: 8 }, () => ONE));
const alphaLanes = v128.of16(0, 0, 0, 0xffff, 0, 0, 0, 0xffff);
const fifteen = i32.of(15);

/** a * b, lane by lane, rounded down. */
function product(a: Code, b: Code): Code {
  return i16x8.narrow(
    i32x4.shiftRight(i32x4.multiplyLow(a, b), fifteen),
    i32x4.shiftRight(i32x4.multiplyHigh(a, b), fifteen),
  );
}

/** The lower halves of 32-bit lanes: colours that exceed their alpha wrap around, as they do when loops store them. */
function lowerHalves(a: Code, b: Code): Code {
  return v128.shuffle(a, b, ...[0, 4, 8, 12, 16, 20, 24, 28].flatMap((byte) => [byte, byte + 1]));
}

/** a * b + c * d, rounded down once. */
function sumProducts(a: Code, b: Code, c: Code, d: Code): Code {
  return lowerHalves(
    i32x4.shiftRight(i32x4.add(i32x4.multiplyLow(a, b), i32x4.multiplyLow(c, d)), fifteen),
    i32x4.shiftRight(i32x4.add(i32x4.multiplyHigh(a, b), i32x4.multiplyHigh(c, d)), fifteen),
  );
}

const rest = (q: Code) => i16x8.subtract(one, q);

const normal: Arithmetic = ({ d, q, color }) => sumProducts(d, rest(q), color, q);

const normalTwoFloors: Arithmetic = ({ d, q, color }) => i16x8.add(product(d, rest(q)), product(color, q));

const recolor: Arithmetic = ({ d, below, q, color }) =>
  v128.select(d, sumProducts(d, rest(q), color, product(below, q)), alphaLanes);

const recolorTwoFloors: Arithmetic = ({ d, below, q, color }) =>
  v128.select(d, i16x8.add(product(d, rest(q)), product(color, product(below, q))), alphaLanes);

const erase: Arithmetic = ({ d, q }) => product(d, rest(q));

const behind: Arithmetic = ({ d, below, q, color }) => i16x8.add(d, product(color, product(rest(below), q)));

const normalAndEraser: Arithmetic = ({ d, q, color, alpha }) =>
  sumProducts(d, rest(q), color, product(q, alpha));

const compareDensitySoft: Arithmetic = ({ d, below, q, color }) =>
  v128.select(product(color, q), d, i16x8.isLess(below, q));

const compareDensity: Arithmetic = ({ d, below, mask, color, opacity }) =>
  v128.select(
    product(color, i16x8.add(below, product(mask, i16x8.subtractToZero(opacity, below)))),
    d,
    v128.and(i16x8.isLess(below, opacity), v128.not(i16x8.isEqual(mask, v128.of16(...Array(8).fill(0))))),
  );

/** Bytes of a shuffle that puts lane `first` four times, then lane `second`. */
function spread(first: number, second: number): number[] {
  return [first, second].flatMap((lane) => [0, 1, 2, 3].flatMap(() => [2 * lane, 2 * lane + 1]));
}

const pixelBytes = 8;
const tileRowBytes = 64 * pixelBytes;

/**
 * Parameters: address of the first pixel and of its mask, width, height, bytes from row to row of the mask, the colour
 * (b | g << 16, r | ONE << 16), its alpha, the opacity. `rowEnd`: what is done to the last width % 4 pixels of a row,
 * where that differs.
 */
function maskKernel(arithmetic: Arithmetic, rowEnd?: Arithmetic): Kernel {
  return (f) => {
    const to = f.parameter('i32');
    const from = f.parameter('i32');
    const width = f.parameter('i32');
    const height = f.parameter('i32');
    const stride = f.parameter('i32');
    const blueGreen = f.parameter('i32');
    const redOne = f.parameter('i32');
    const alphaOf = f.parameter('i32');
    const opacityOf = f.parameter('i32');
    const x = f.local('i32');
    const d = f.local('i32');
    const m = f.local('i32');
    const color = f.local('v128');
    const alpha = f.local('v128');
    const opacity = f.local('v128');
    const masks = f.local('v128');
    const qs = f.local('v128');
    const pixels = f.local('v128');
    const below = f.local('v128');
    const q = f.local('v128');
    const mask = f.local('v128');
    const lanes = f.local('i32');
    const pair: Pair = {
      d: get(pixels),
      below: get(below),
      q: get(q),
      mask: get(mask),
      color: get(color),
      alpha: get(alpha),
      opacity: get(opacity),
    };
    const two = (index: number): Code => [
      ...set(q, v128.shuffle(get(qs), get(qs), ...spread(2 * index, 2 * index + 1))),
      ...set(mask, v128.shuffle(get(masks), get(masks), ...spread(2 * index, 2 * index + 1))),
      ...set(pixels, v128.load(get(d), 16 * index)),
      ...set(below, v128.shuffle(get(pixels), get(pixels), ...spread(3, 7))),
      ...v128.store(get(d), arithmetic(pair), 16 * index),
    ];
    const singles = (how: Arithmetic, end: Local): Code =>
      loopWhile(
        i32.isLess(get(x), get(end)),
        set(mask, i16x8.splat(i32.load16(get(m)))),
        set(q, product(get(mask), get(opacity))),
        set(pixels, v128.load64(get(d))),
        set(below, v128.shuffle(get(pixels), get(pixels), ...spread(3, 3))),
        v128.store64(get(d), how(pair)),
        set(x, i32.add(get(x), i32.of(1))),
        set(d, i32.add(get(d), i32.of(pixelBytes))),
        set(m, i32.add(get(m), i32.of(2))),
      );
    return [
      ...set(
        color,
        v128.shuffle(
          i32x4.splat(get(blueGreen)),
          i32x4.splat(get(redOne)),
          ...[0, 1, 2, 3, 16, 17, 18, 19, 0, 1, 2, 3, 16, 17, 18, 19],
        ),
      ),
      ...set(alpha, i16x8.splat(get(alphaOf))),
      ...set(opacity, i16x8.splat(get(opacityOf))),
      ...set(lanes, rowEnd === undefined ? get(width) : i32.and(get(width), i32.of(-4))),
      ...loopWhile(
        i32.isLess(i32.of(0), get(height)),
        set(d, get(to)),
        set(m, get(from)),
        set(x, i32.of(0)),
        loopWhile(
          i32.isLess(i32.add(get(x), i32.of(7)), get(width)),
          set(masks, v128.load(get(m))),
          when(
            v128.isAny(get(masks)),
            set(qs, product(get(masks), get(opacity))),
            two(0),
            two(1),
            two(2),
            two(3),
          ),
          set(x, i32.add(get(x), i32.of(8))),
          set(d, i32.add(get(d), i32.of(8 * pixelBytes))),
          set(m, i32.add(get(m), i32.of(16))),
        ),
        singles(arithmetic, lanes),
        rowEnd === undefined ? [] : singles(rowEnd, width),
        set(to, i32.add(get(to), i32.of(tileRowBytes))),
        set(from, i32.add(get(from), get(stride))),
        set(height, i32.subtract(get(height), i32.of(1))),
      ),
    ];
  };
}

/** What pixels on pixels see: two pixels below and above, the opacity, the effective alpha of the source. */
interface TwoPairs {
  readonly d: Code;
  readonly s: Code;
  readonly below: Code;
  readonly q: Code;
  readonly opacity: Code;
}

/** Parameters: address of the tile below and of the one above, opacity. */
function tileKernel(arithmetic: (pairs: TwoPairs) => Code): Kernel {
  return (f) => {
    const d = f.parameter('i32');
    const s = f.parameter('i32');
    const opacityOf = f.parameter('i32');
    const end = f.local('i32');
    const opacity = f.local('v128');
    const source = f.local('v128');
    const pixels = f.local('v128');
    const below = f.local('v128');
    const q = f.local('v128');
    return [
      ...set(end, i32.add(get(d), i32.of(64 * tileRowBytes))),
      ...set(opacity, i16x8.splat(get(opacityOf))),
      ...loopWhile(
        i32.isLess(get(d), get(end)),
        set(source, v128.load(get(s))),
        set(pixels, v128.load(get(d))),
        set(below, v128.shuffle(get(pixels), get(pixels), ...spread(3, 7))),
        set(q, product(v128.shuffle(get(source), get(source), ...spread(3, 7)), get(opacity))),
        v128.store(
          get(d),
          arithmetic({
            d: get(pixels),
            s: get(source),
            below: get(below),
            q: get(q),
            opacity: get(opacity),
          }),
        ),
        set(d, i32.add(get(d), i32.of(2 * pixelBytes))),
        set(s, i32.add(get(s), i32.of(2 * pixelBytes))),
      ),
    ];
  };
}

const wholeTiles = {
  tileErase: tileKernel(({ d, q }) => product(d, rest(q))),
  tileNormal: tileKernel(({ d, s, q, opacity }) => sumProducts(d, rest(q), s, opacity)),
  tileNormalLanes: tileKernel(({ d, s, q, opacity }) => i16x8.add(product(d, rest(q)), product(s, opacity))),
  tileRecolor: tileKernel(({ d, s, below, q, opacity }) =>
    v128.select(d, sumProducts(d, rest(q), s, product(below, opacity)), alphaLanes),
  ),
  tileRecolorLanes: tileKernel(({ d, s, below, q, opacity }) =>
    v128.select(d, i16x8.add(product(d, rest(q)), product(s, product(below, opacity))), alphaLanes),
  ),
  tileBehind: tileKernel(({ d, s, below, opacity }) =>
    i16x8.add(d, product(s, product(rest(below), opacity))),
  ),
};

const masks = {
  maskErase: maskKernel(erase),
  maskNormal: maskKernel(normal),
  maskNormalLanes: maskKernel(normalTwoFloors, normal),
  maskRecolor: maskKernel(recolor),
  maskRecolorLanes: maskKernel(recolorTwoFloors, recolor),
  maskBehind: maskKernel(behind),
  maskNormalAndEraser: maskKernel(normalAndEraser),
  maskCompareDensitySoft: maskKernel(compareDensitySoft),
  maskCompareDensity: maskKernel(compareDensity),
};

export const tileKernels = { ...wholeTiles, ...masks };

export type TileKernel = keyof typeof wholeTiles;
export type MaskKernel = keyof typeof masks;
