// Masks of soft round brushes. They fill complete groups: up to three cells behind the end of a row, and seven behind the
// last one of a mask that is moved, are written too, which the next row or the next stamp overwrites. Each equals a loop
// in stamps/classic.ts.

import {
  type Code,
  type FunctionBuilder,
  f32x4,
  get,
  i16x8,
  i32,
  i32x4,
  type Kernel,
  type Local,
  set,
  v128,
  when,
} from './assembler.js';
import { counted, each, next } from './counting.js';
import { lanes32, zipHigh, zipLow } from './pixel-code.js';

/** The number of a curve that a lane of `at` points to. */
function ofCurve(curve: Local, at: Local, lane: number): Code {
  return i32.load16(i32.add(get(curve), i32.shiftLeft(i32x4.extract(get(at), lane), i32.of(1))));
}

/** Index into a curve: the integer part of the product, at most 16384, where there is a 0. */
function curveIndex(squares: Code, scale: Code): Code {
  return i32x4.least(i32x4.fromFloats(f32x4.multiply(squares, scale)), i32x4.splat(i32.of(16384)));
}

/** What both kernels for soft masks have. Cells are the same when x and y change places: half of them are copied. */
function softParameters(f: FunctionBuilder) {
  const to = f.parameter('i32');
  const side = f.parameter('i32');
  const stride = f.parameter('i32');
  /** Room for the squares of distances along an axis. */
  const squares = f.parameter('i32');
  /** The first sample is as far from the middle as the two say together. */
  const radius = f.parameter('f32');
  const offset = f.parameter('f32');
  const scale = f.parameter('f32');
  const curve = f.parameter('i32');
  /** Whether there is a row above and a column on the left that must be zero. */
  const isBordered = f.parameter('i32');
  const x = f.local('i32');
  const y = f.local('i32');
  const row = f.local('i32');
  const turned = f.local('i32');
  const xs = f.local('v128');
  /** The squares of `samples` distances. */
  const prepare = (samples: Code): Code => [
    ...set(xs, counted(0)),
    ...each(
      x,
      samples,
      4,
      set(row, i32.add(get(squares), i32.shiftLeft(get(x), i32.of(2)))),
      v128.store(
        get(row),
        f32x4.add(f32x4.subtract(get(xs), f32x4.splat(get(radius))), f32x4.splat(get(offset))),
      ),
      v128.store(get(row), f32x4.multiply(v128.load(get(row)), v128.load(get(row)))),
      next(xs, 4),
    ),
    // the row above; what is written behind it comes later
    ...when(
      get(isBordered),
      set(x, i32.of(-1)),
      set(row, i32.subtract(get(to), get(stride))),
      each(
        x,
        get(side),
        8,
        v128.store(i32.add(get(row), i32.shiftLeft(get(x), i32.of(1))), v128.of16(0, 0, 0, 0, 0, 0, 0, 0)),
      ),
    ),
  ];
  const finish: Code = when(
    get(isBordered),
    set(y, i32.of(0)),
    set(row, i32.subtract(get(to), i32.of(2))),
    each(y, get(side), 1, i32.store16(get(row), i32.of(0)), set(row, i32.add(get(row), get(stride)))),
  );
  return { to, side, stride, squares, scale, curve, x, y, row, turned, prepare, finish };
}

/** A small soft mask: the mean of four samples, two squares per column. */
const smallMask: Kernel = (f) => {
  const { to, side, stride, squares, scale, curve, x, y, row, turned, prepare, finish } = softParameters(f);
  const rows = f.local('v128');
  const at = f.local('v128');
  const pair = f.local('v128');
  const cell = f.local('i32');
  const square = (place: Local) => i32.add(get(squares), i32.shiftLeft(get(place), i32.of(3)));
  const compute: Code = [
    ...set(pair, v128.load64(square(x))),
    ...set(
      at,
      curveIndex(
        f32x4.add(
          // left, left, right, right
          v128.shuffle(get(pair), get(pair), ...[0, 1, 2, 3, 0, 1, 2, 3, 4, 5, 6, 7, 4, 5, 6, 7]),
          get(rows),
        ),
        f32x4.splat(get(scale)),
      ),
    ),
    ...set(
      cell,
      i32.shiftRight(
        i32.add(
          i32.add(ofCurve(curve, at, 0), ofCurve(curve, at, 1)),
          i32.add(ofCurve(curve, at, 2), ofCurve(curve, at, 3)),
        ),
        i32.of(2),
      ),
    ),
    ...i32.store16(i32.add(get(row), i32.shiftLeft(get(x), i32.of(1))), get(cell)),
  ];
  return [
    ...prepare(i32.shiftLeft(get(side), i32.of(1))),
    ...set(row, get(to)),
    ...each(
      y,
      get(side),
      1,
      set(rows, v128.load64(square(y))),
      // upper, lower, upper, lower
      set(rows, v128.shuffle(get(rows), get(rows), ...[0, 1, 2, 3, 4, 5, 6, 7, 0, 1, 2, 3, 4, 5, 6, 7])),
      set(turned, i32.add(get(to), i32.shiftLeft(get(y), i32.of(1)))),
      set(x, i32.of(0)),
      each(
        x,
        get(y),
        1,
        compute,
        i32.store16(get(turned), get(cell)),
        set(turned, i32.add(get(turned), get(stride))),
      ),
      compute,
      set(row, i32.add(get(row), get(stride))),
    ),
    ...finish,
  ];
};

/** A large soft mask: one sample per cell. `fudge`: what squares are multiplied by. */
const largeMask: Kernel = (f) => {
  const fudge = f.parameter('f32');
  const { to, side, stride, squares, scale, curve, x, y, row, turned, prepare, finish } = softParameters(f);
  const vertical = f.local('v128');
  const at = f.local('v128');
  const put = f.local('i32');
  const cells = [0, 1, 2, 3].map(() => f.local('i32'));
  const square = (place: Local) => i32.add(get(squares), i32.shiftLeft(get(place), i32.of(2)));
  const compute: Code = [
    ...set(put, i32.add(get(row), i32.shiftLeft(get(x), i32.of(1)))),
    ...set(
      at,
      curveIndex(
        f32x4.multiply(f32x4.add(v128.load(square(x)), get(vertical)), f32x4.splat(get(fudge))),
        f32x4.splat(get(scale)),
      ),
    ),
    ...cells.flatMap((cell) => set(cell, i32.of(0))),
    // in the corners there is nothing to look up
    ...when(
      v128.isAny(i32x4.isLess(get(at), i32x4.splat(i32.of(16384)))),
      ...cells.map((cell, lane) => set(cell, ofCurve(curve, at, lane))),
    ),
    ...cells.flatMap((cell, lane) => i32.store16(get(put), get(cell), 2 * lane)),
  ];
  return [
    ...prepare(get(side)),
    ...set(row, get(to)),
    ...each(
      y,
      get(side),
      1,
      set(vertical, v128.loadSpread32(square(y))),
      set(turned, i32.add(get(to), i32.shiftLeft(get(y), i32.of(1)))),
      set(x, i32.of(0)),
      // up to the block of four on the diagonal, whose rows all contain it completely
      each(
        x,
        i32.and(get(y), i32.of(-4)),
        4,
        compute,
        ...cells.flatMap((cell) => [
          i32.store16(get(turned), get(cell)),
          set(turned, i32.add(get(turned), get(stride))),
        ]),
      ),
      compute,
      set(row, i32.add(get(row), get(stride))),
    ),
    ...finish,
  ];
};

/**
 * A mask moved by quarters of a pixel. The source has a column of zeros on the left and a row of zeros above: `from` is
 * its first cell behind them, `stride` the bytes from row to row. k11 … k00: weights of the cells above left, above,
 * left, and of the cell itself.
 */
const shift: Kernel = (f) => {
  const to = f.parameter('i32');
  const from = f.parameter('i32');
  const side = f.parameter('i32');
  const stride = f.parameter('i32');
  const k11 = f.parameter('i32');
  const k01 = f.parameter('i32');
  const k10 = f.parameter('i32');
  const k00 = f.parameter('i32');
  const x = f.local('i32');
  const y = f.local('i32');
  const here = f.local('i32');
  const cells = [0, 1, 2, 3].map(() => f.local('v128'));
  const upper = f.local('v128');
  const lower = f.local('v128');
  const [overBefore, over, before, at] = cells as [Local, Local, Local, Local];
  // one instruction multiplies and adds pairs of 16-bit numbers with signs: cells are made 32768 less, which takes
  // 16 * 32768 from the sum, as the weights add up to 16
  const signed = (cell: Code) => v128.xor(cell, v128.of16(...Array.from({ length: 8 }, () => 0x8000)));
  const pair = (one: Local, other: Local) =>
    i32x4.splat(i32.or(get(one), i32.shiftLeft(get(other), i32.of(16))));
  const half = (zip: (a: Code, b: Code) => Code) =>
    i32x4.shiftRight(
      i32x4.add(
        i32x4.add(
          i32x4.dot(zip(get(overBefore), get(over)), get(upper)),
          i32x4.dot(zip(get(before), get(at)), get(lower)),
        ),
        lanes32(16 * 32768),
      ),
      i32.of(4),
    );
  return [
    ...set(upper, pair(k11, k01)),
    ...set(lower, pair(k10, k00)),
    ...each(
      y,
      get(side),
      1,
      set(x, i32.of(0)),
      each(
        x,
        get(side),
        8,
        set(here, i32.add(get(from), i32.shiftLeft(get(x), i32.of(1)))),
        set(overBefore, signed(v128.load(i32.subtract(i32.subtract(get(here), get(stride)), i32.of(2))))),
        set(over, signed(v128.load(i32.subtract(get(here), get(stride))))),
        set(before, signed(v128.load(i32.subtract(get(here), i32.of(2))))),
        set(at, signed(v128.load(get(here)))),
        v128.store(
          i32.add(get(to), i32.shiftLeft(get(x), i32.of(1))),
          i16x8.narrow(half(zipLow), half(zipHigh)),
        ),
      ),
      set(from, i32.add(get(from), get(stride))),
      set(to, i32.add(get(to), i32.shiftLeft(get(side), i32.of(1)))),
    ),
  ];
};

export const softKernels = { smallMask, largeMask, shift };
