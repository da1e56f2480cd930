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
import {
  alphaLanes,
  fifteen,
  lanes16,
  lanes32,
  one,
  pixelBytes,
  product,
  rest,
  spread,
  sumProducts,
  tileRowBytes,
  zero,
  zipHigh,
  zipLow,
} from './pixel-code.js';

/** What the arithmetic of a mode sees of two pixels: 16-bit lanes b, g, r, a of each. */
interface Pair {
  /** Below. */
  readonly d: Code;
  /** The alpha below, in every lane of its pixel. */
  readonly below: Code;
  /** The effective alpha of the brush. */
  readonly q: Code;
  /** The colour; its alpha lane is ONE. */
  readonly color: Code;
  /** What `eight` prepared, for each of the two pixels. */
  readonly first: Prepared;
  readonly second: Prepared;
  /** The colour as blended() and colorTimes() want it. */
  readonly against: Code;
}

/** One pixel's numbers, in all four 32-bit lanes. */
interface Prepared {
  /** Two 16-bit numbers: what is below is multiplied by the first, the colour by the second; both negated. */
  readonly weights: Code;
  readonly bias: Code;
  /** All ones where the pixel changes; for both pixels of the pair. */
  readonly condition: Code;
}

/** What is computed for eight pixels at a time, a lane for each. */
interface Eight {
  /** The alpha below. */
  readonly below: Code;
  readonly masks: Code;
  readonly q: Code;
  /** The alpha of the colour, and the opacity. */
  readonly alpha: Code;
  readonly opacity: Code;
}

interface Arithmetic {
  readonly eight?: (eight: Eight) => {
    /** Of the colour, not negated. Of what is below it is the rest of q, unless there is a condition: then nothing. */
    readonly weight: Code;
    readonly condition?: Code;
  };
  /** Where the two weights do not add up to ONE. */
  readonly hasBias?: boolean;
  /** The two pixels after blending. */
  readonly pair: (pair: Pair) => Code;
}

// One instruction multiplies and adds pairs of 16-bit numbers with signs: -32768 to 32767. Pixels are 0 to 65535 and
// weights 0 to 32768. So weights are negated, and x is turned into 32767 - x:
//   x * k + y * q = 32767 * (k + q) + (32767 - x) * -k + (32767 - y) * -q
// The first summand is the bias. When k + q is ONE it is the same for all pixels.

const turned = 32767;
const turn = (pixels: Code) => v128.xor(pixels, lanes16(turned));
const biasOfOne = turned * ONE;

/** d * its weight + the colour * its weight, rounded down once. */
function blended({ d, first, second, against }: Pair): Code {
  const half = (zip: (a: Code, b: Code) => Code, { weights, bias }: Prepared) =>
    i32x4.shiftRight(i32x4.add(i32x4.dot(zip(turn(d), against), weights), bias), fifteen);
  return i16x8.narrow(half(zipLow, first), half(zipHigh, second));
}

/** The colour * its weight where the condition holds, else d. */
function colorTimes({ d, first, second, against }: Pair): Code {
  const half = ({ weights }: Prepared) => i32x4.shiftRight(i32x4.dot(against, weights), fifteen);
  return v128.select(i16x8.narrow(half(first), half(second)), d, first.condition);
}

const erase: Arithmetic = { pair: ({ d, q }) => product(d, rest(q)) };

const normal: Arithmetic = { eight: ({ q }) => ({ weight: q }), pair: blended };

const normalTwoFloors: Arithmetic = {
  pair: ({ d, q, color }) => i16x8.add(product(d, rest(q)), product(color, q)),
};

const recolor: Arithmetic = {
  pair: ({ d, below, q, color }) =>
    v128.select(d, sumProducts(d, rest(q), color, product(below, q)), alphaLanes),
};

const recolorTwoFloors: Arithmetic = {
  pair: ({ d, below, q, color }) =>
    v128.select(d, i16x8.add(product(d, rest(q)), product(color, product(below, q))), alphaLanes),
};

const behind: Arithmetic = {
  pair: ({ d, below, q, color }) => i16x8.add(d, product(color, product(rest(below), q))),
};

const normalAndEraser: Arithmetic = {
  eight: ({ q, alpha }) => ({ weight: product(q, alpha) }),
  hasBias: true,
  pair: blended,
};

const compareDensitySoft: Arithmetic = {
  eight: ({ below, q }) => ({ weight: q, condition: i16x8.isLess(below, q) }),
  pair: colorTimes,
};

const compareDensity: Arithmetic = {
  eight: ({ below, masks, opacity }) => ({
    weight: i16x8.add(below, product(masks, i16x8.subtractToZero(opacity, below))),
    condition: v128.and(i16x8.isLess(below, opacity), v128.not(i16x8.isEqual(masks, zero))),
  }),
  pair: colorTimes,
};

/** One 32-bit lane in every lane. */
function spread32(vector: Local, lane: number): Code {
  const bytes = [0, 1, 2, 3].map((byte) => 4 * lane + byte);
  return v128.shuffle(get(vector), get(vector), ...bytes, ...bytes, ...bytes, ...bytes);
}

/**
 * Parameters: address of the first pixel and of its mask, width, height, bytes from row to row of the mask, the colour
 * (b | g << 16, r | ONE << 16), its alpha, the opacity. `rowEnd`: what is done to the last width % 4 pixels of a row,
 * where that differs.
 *
 * Eight pixels at a time, also at the end of a row: those that lie beyond it have a mask of 0 then, and no arithmetic
 * changes a pixel with such a mask. They are written back as they are.
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
    const turnedColor = f.local('v128');
    const alpha = f.local('v128');
    const opacity = f.local('v128');
    const masks = f.local('v128');
    const qs = f.local('v128');
    const alphas = f.local('v128');
    const weight = f.local('v128');
    const condition = f.local('v128');
    const weights = [f.local('v128'), f.local('v128')] as const;
    const biases = [f.local('v128'), f.local('v128')] as const;
    const pixels = f.local('v128');
    const below = f.local('v128');
    const q = f.local('v128');
    const lanes = f.local('i32');
    /** Which of the last pixels of a row count: of the lanes, and of those that `rowEnd` does. */
    const last = f.local('v128');
    const lastOfRow = f.local('v128');
    const shuffled = (a: Code, b: Code, ...bytes: number[]) => v128.shuffle(a, b, ...bytes);
    const prepared = (index: number): Prepared => ({
      weights: spread32(weights[index >> 2]!, index & 3),
      bias: arithmetic.hasBias ? spread32(biases[index >> 2]!, index & 3) : lanes32(biasOfOne),
      condition: v128.shuffle(get(condition), get(condition), ...spread(index, index + 1)),
    });
    const two = ({ pair }: Arithmetic, index: number): Code => [
      ...set(q, v128.shuffle(get(qs), get(qs), ...spread(2 * index, 2 * index + 1))),
      ...set(pixels, v128.load(get(d), 16 * index)),
      ...set(below, v128.shuffle(get(pixels), get(pixels), ...spread(3, 7))),
      ...v128.store(
        get(d),
        pair({
          d: get(pixels),
          below: get(below),
          q: get(q),
          color: get(color),
          first: prepared(2 * index),
          second: prepared(2 * index + 1),
          against: get(turnedColor),
        }),
        16 * index,
      ),
    ];
    /** The alphas of eight pixels. */
    const alphasBelow = (): Code => {
      const four = (first: number) =>
        shuffled(
          v128.load(get(d), first),
          v128.load(get(d), first + 16),
          ...[6, 7, 14, 15, 22, 23, 30, 31, 6, 7, 14, 15, 22, 23, 30, 31],
        );
      return shuffled(four(0), four(32), 0, 1, 2, 3, 4, 5, 6, 7, 16, 17, 18, 19, 20, 21, 22, 23);
    };
    const prepare = ({ eight, hasBias }: Arithmetic): Code => {
      if (eight === undefined) return [];
      const made = eight({
        below: get(alphas),
        masks: get(masks),
        q: get(qs),
        alpha: get(alpha),
        opacity: get(opacity),
      });
      const isConditional = made.condition !== undefined;
      const pairs = (zip: (a: Code, b: Code) => Code) =>
        zip(isConditional ? zero : i16x8.subtract(get(qs), one), i16x8.subtract(zero, get(weight)));
      return [
        ...(isConditional ? set(alphas, alphasBelow()) : []),
        ...set(weight, made.weight),
        ...(made.condition === undefined ? [] : set(condition, made.condition)),
        ...set(weights[0], pairs(zipLow)),
        ...set(weights[1], pairs(zipHigh)),
        // -32767 times weights that are negated
        ...(hasBias
          ? biases.flatMap((bias, at) => set(bias, i32x4.dot(get(weights[at]!), lanes16(-turned & 0xffff))))
          : []),
      ];
    };
    /** Eight pixels whose masks are loaded; of a shorter group only the pairs that are in it. */
    const group = (how: Arithmetic, count?: Code): Code =>
      when(
        v128.isAny(get(masks)),
        set(qs, product(get(masks), get(opacity))),
        prepare(how),
        two(how, 0),
        ...(count === undefined
          ? [two(how, 1), two(how, 2), two(how, 3)]
          : [1, 2, 3].map((index) => when(i32.isLess(i32.of(2 * index), count), two(how, index)))),
      );
    const firstLanes = (count: Code) => i16x8.isLess(v128.of16(0, 1, 2, 3, 4, 5, 6, 7), i16x8.splat(count));
    return [
      ...set(
        color,
        v128.shuffle(
          i32x4.splat(get(blueGreen)),
          i32x4.splat(get(redOne)),
          ...[0, 1, 2, 3, 16, 17, 18, 19, 0, 1, 2, 3, 16, 17, 18, 19],
        ),
      ),
      ...set(
        turnedColor,
        arithmetic.pair === colorTimes ? zipLow(zero, i16x8.subtract(zero, get(color))) : turn(get(color)),
      ),
      ...set(alpha, i16x8.splat(get(alphaOf))),
      ...set(opacity, i16x8.splat(get(opacityOf))),
      ...set(lanes, rowEnd === undefined ? get(width) : i32.and(get(width), i32.of(-4))),
      ...set(last, firstLanes(i32.and(get(lanes), i32.of(7)))),
      ...set(lastOfRow, firstLanes(i32.and(get(width), i32.of(3)))),
      ...loopWhile(
        i32.isLess(i32.of(0), get(height)),
        set(d, get(to)),
        set(m, get(from)),
        set(x, i32.of(0)),
        loopWhile(
          i32.isLess(i32.add(get(x), i32.of(7)), get(lanes)),
          set(masks, v128.load(get(m))),
          group(arithmetic),
          set(x, i32.add(get(x), i32.of(8))),
          set(d, i32.add(get(d), i32.of(8 * pixelBytes))),
          set(m, i32.add(get(m), i32.of(16))),
        ),
        when(
          i32.isLess(get(x), get(lanes)),
          set(masks, v128.and(v128.load(get(m)), get(last))),
          group(arithmetic, i32.subtract(get(lanes), get(x))),
        ),
        rowEnd === undefined
          ? []
          : when(
              i32.isLess(get(lanes), get(width)),
              // behind the lanes, of which there may be four more than x says
              set(x, i32.subtract(get(lanes), get(x))),
              set(d, i32.add(get(d), i32.shiftLeft(get(x), i32.of(3)))),
              set(m, i32.add(get(m), i32.shiftLeft(get(x), i32.of(1)))),
              set(masks, v128.and(v128.load(get(m)), get(lastOfRow))),
              group(rowEnd, i32.subtract(get(width), get(lanes))),
            ),
        set(to, i32.add(get(to), i32.of(tileRowBytes))),
        set(from, i32.add(get(from), get(stride))),
        set(height, i32.subtract(get(height), i32.of(1))),
      ),
    ];
  };
}

export const maskKernels = {
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

export type MaskKernel = keyof typeof maskKernels;
