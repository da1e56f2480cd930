// Masks of brushes, four and eight cells at a time. They fill whole groups: up to seven cells behind the end of a row
// are written too, which the next row or the next stamp overwrites.

import {
  type Code,
  f32,
  f32x4,
  get,
  i16x8,
  i32,
  i32x4,
  type Kernel,
  loopWhile,
  set,
  v128,
} from './assembler.js';

/** Counts `x` up to `end` by `step` while `body` runs. */
function each(x: { index: number }, end: Code, step: number, ...body: Code[]): Code {
  return loopWhile(i32.isLess(get(x), end), ...body, set(x, i32.add(get(x), i32.of(step))));
}

/**
 * One row of a MyPaint mask. `xs`, `ys`: turned coordinates of the columns, singles. Per cell:
 * u = (yc - ys[x]) * ratio, v = yShift + xs[x], rr = (u * u + v * v) * q, then the two slopes of the opacity.
 */
const myPaintRow: Kernel = (f) => {
  const to = f.parameter('i32');
  const side = f.parameter('i32');
  const xs = f.parameter('i32');
  const ys = f.parameter('i32');
  const yc = f.parameter('f32');
  const yShift = f.parameter('f32');
  const ratio = f.parameter('f32');
  const q = f.parameter('f32');
  const hardness = f.parameter('f32');
  const slope1 = f.parameter('f32');
  const offset2 = f.parameter('f32');
  const slope2 = f.parameter('f32');
  const isRounded = f.parameter('i32');
  const x = f.local('i32');
  const u = f.local('v128');
  const v = f.local('v128');
  const rr = f.local('v128');
  const cells = f.local('v128');
  const one = f.local('v128');
  const roundMask = f.local('v128');
  const splat = (local: { index: number }) => f32x4.splat(get(local));
  return [
    ...set(one, f32x4.splat(f32.of(1))),
    ...set(roundMask, i32x4.splat(i32.subtract(i32.of(0), get(isRounded)))),
    ...each(
      x,
      get(side),
      4,
      set(
        u,
        f32x4.multiply(
          f32x4.subtract(splat(yc), v128.load(i32.add(get(ys), i32.shiftLeft(get(x), i32.of(2))))),
          splat(ratio),
        ),
      ),
      set(v, f32x4.add(splat(yShift), v128.load(i32.add(get(xs), i32.shiftLeft(get(x), i32.of(2)))))),
      set(
        rr,
        f32x4.multiply(f32x4.add(f32x4.multiply(get(u), get(u)), f32x4.multiply(get(v), get(v))), splat(q)),
      ),
      set(
        cells,
        f32x4.multiply(
          v128.select(
            f32x4.add(get(one), f32x4.multiply(get(rr), splat(slope1))),
            f32x4.add(splat(offset2), f32x4.multiply(get(rr), splat(slope2))),
            f32x4.isAtMost(get(rr), splat(hardness)),
          ),
          f32x4.splat(f32.of(32768)),
        ),
      ),
      set(cells, v128.select(f32x4.nearest(get(cells)), get(cells), get(roundMask))),
      set(cells, v128.and(i32x4.fromFloats(get(cells)), f32x4.isAtMost(get(rr), get(one)))),
      v128.store64(i32.add(get(to), i32.shiftLeft(get(x), i32.of(1))), i16x8.narrow(get(cells), get(cells))),
    ),
  ];
};

/** The 16-bit number of a curve that each lane of `at` points to, the last one beyond the end; added up. */
function sumOfCurve(curve: { index: number }, at: { index: number }): Code {
  const entry = (lane: number) =>
    i32.load16(i32.add(get(curve), i32.shiftLeft(i32x4.extract(get(at), lane), i32.of(1))));
  return i32.add(i32.add(entry(0), entry(1)), i32.add(entry(2), entry(3)));
}

/** Index into a curve: the whole part of the product, at most 16384, where there is a 0. */
function curveIndex(squares: Code, scale: Code): Code {
  return i32x4.least(i32x4.fromFloats(f32x4.multiply(squares, scale)), i32x4.splat(i32.of(16384)));
}

/** One row of a small soft mask: the mean of four samples. `squares`: two per column; upper, lower: of the row. */
const smallRow: Kernel = (f) => {
  const to = f.parameter('i32');
  const side = f.parameter('i32');
  const squares = f.parameter('i32');
  const upper = f.parameter('f32');
  const lower = f.parameter('f32');
  const scale = f.parameter('f32');
  const curve = f.parameter('i32');
  const x = f.local('i32');
  const rows = f.local('v128');
  const at = f.local('v128');
  const pair = f.local('v128');
  return [
    // upper, lower, upper, lower
    ...set(
      rows,
      v128.shuffle(
        f32x4.splat(get(upper)),
        f32x4.splat(get(lower)),
        ...[0, 1, 2, 3, 16, 17, 18, 19, 0, 1, 2, 3, 16, 17, 18, 19],
      ),
    ),
    ...each(
      x,
      get(side),
      1,
      set(pair, v128.load64(i32.add(get(squares), i32.shiftLeft(get(x), i32.of(3))))),
      set(
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
      i32.store16(
        i32.add(get(to), i32.shiftLeft(get(x), i32.of(1))),
        i32.shiftRight(sumOfCurve(curve, at), i32.of(2)),
      ),
    ),
  ];
};

/** One row of a large soft mask. */
const largeRow: Kernel = (f) => {
  const to = f.parameter('i32');
  const side = f.parameter('i32');
  const squares = f.parameter('i32');
  const vertical = f.parameter('f32');
  const fudge = f.parameter('f32');
  const scale = f.parameter('f32');
  const curve = f.parameter('i32');
  const x = f.local('i32');
  const at = f.local('v128');
  const put = f.local('i32');
  const copy = (lane: number) =>
    i32.store16(
      get(put),
      i32.load16(i32.add(get(curve), i32.shiftLeft(i32x4.extract(get(at), lane), i32.of(1)))),
      lane * 2,
    );
  return each(
    x,
    get(side),
    4,
    set(put, i32.add(get(to), i32.shiftLeft(get(x), i32.of(1)))),
    set(
      at,
      curveIndex(
        f32x4.multiply(
          f32x4.add(
            v128.load(i32.add(get(squares), i32.shiftLeft(get(x), i32.of(2)))),
            f32x4.splat(get(vertical)),
          ),
          f32x4.splat(get(fudge)),
        ),
        f32x4.splat(get(scale)),
      ),
    ),
    copy(0),
    copy(1),
    copy(2),
    copy(3),
  );
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
  const weights = [k11, k01, k10, k00];
  const vectors = weights.map(() => f.local('v128'));
  const cells = weights.map(() => f.local('v128'));
  const half = (multiply: (a: Code, b: Code) => Code) => {
    const products = cells.map((cell, index) => multiply(get(cell), get(vectors[index]!)));
    const [a, b, c, d] = products as [Code, Code, Code, Code];
    return i32x4.shiftRight(i32x4.add(i32x4.add(a, b), i32x4.add(c, d)), i32.of(4));
  };
  return [
    ...weights.flatMap((weight, index) => set(vectors[index]!, i16x8.splat(get(weight)))),
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
        set(cells[0]!, v128.load(i32.subtract(i32.subtract(get(here), get(stride)), i32.of(2)))),
        set(cells[1]!, v128.load(i32.subtract(get(here), get(stride)))),
        set(cells[2]!, v128.load(i32.subtract(get(here), i32.of(2)))),
        set(cells[3]!, v128.load(get(here))),
        v128.store(
          i32.add(get(to), i32.shiftLeft(get(x), i32.of(1))),
          i16x8.narrow(half(i32x4.multiplyLow), half(i32x4.multiplyHigh)),
        ),
      ),
      set(from, i32.add(get(from), get(stride))),
      set(to, i32.add(get(to), i32.shiftLeft(get(side), i32.of(1)))),
    ),
  ];
};

export const stampKernels = { myPaintRow, smallRow, largeRow, shift };
