// Masks of brushes, four and eight cells at a time. They fill whole groups: up to three cells behind the end of a row, and
// seven behind the last one of a mask that is moved, are written too, which the next row or the next stamp overwrites.

import {
  type Code,
  type FunctionBuilder,
  f32,
  f32x4,
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

/** Counts `x` up to `end` by `step` while `body` runs. */
function each(x: Local, end: Code, step: number, ...body: Code[]): Code {
  return loopWhile(i32.isLess(get(x), end), ...body, set(x, i32.add(get(x), i32.of(step))));
}

const floats = (value: number): Code => f32x4.splat(f32.of(value));

/** Four numbers that follow each other, as floats. */
const counted = (from: number): Code => v128.ofFloats(from, from + 1, from + 2, from + 3);

const next = (local: Local, step: number): Code => set(local, f32x4.add(get(local), floats(step)));

/** The parameters that both kernels for MyPaint masks have, in every lane. */
function myPaintParameters(f: FunctionBuilder) {
  const to = f.parameter('i32');
  const side = f.parameter('i32');
  const singles = Array.from({ length: 9 }, () => f.parameter('f32'));
  const isRounded = f.parameter('i32');
  const spread = singles.map((single) => {
    const vector = f.local('v128');
    return { vector, code: set(vector, f32x4.splat(get(single))) };
  });
  const roundMask = f.local('v128');
  const [radius, cosine, sine, ratio, q, hardness, slope1, offset2, slope2] = spread.map(({ vector }) =>
    get(vector),
  ) as [Code, Code, Code, Code, Code, Code, Code, Code, Code];
  const rr = f.local('v128');
  const cells = f.local('v128');
  const prepare: Code = [
    ...spread.flatMap(({ code }) => code),
    ...set(roundMask, i32x4.splat(i32.subtract(i32.of(0), get(isRounded)))),
  ];
  /** Stores the four cells whose squares of distances are in `rr`: two slopes, nothing beyond 1. */
  const store = (at: Code): Code => [
    ...set(
      cells,
      f32x4.multiply(
        v128.select(
          f32x4.add(floats(1), f32x4.multiply(get(rr), slope1)),
          f32x4.add(offset2, f32x4.multiply(get(rr), slope2)),
          f32x4.isAtMost(get(rr), hardness),
        ),
        floats(32768),
      ),
    ),
    ...set(cells, v128.select(f32x4.nearest(get(cells)), get(cells), get(roundMask))),
    ...set(cells, v128.and(i32x4.fromFloats(get(cells)), f32x4.isAtMost(get(rr), floats(1)))),
    ...v128.store64(at, i16x8.narrow(get(cells), get(cells))),
  ];
  return { to, side, radius, cosine, sine, ratio, q, rr, prepare, store };
}

/**
 * A MyPaint mask. `turned`: room for the turned coordinates of the columns, 1024 floats for each axis. Per cell, x and y
 * from the middle: u = (y * cosine - x * sine) * ratio, v = y * sine + x * cosine, rr = (u * u + v * v) * q.
 */
const myPaintMask: Kernel = (f) => {
  const turned = f.parameter('i32');
  const { to, side, radius, cosine, sine, ratio, q, rr, prepare, store } = myPaintParameters(f);
  const x = f.local('i32');
  const y = f.local('i32');
  const column = f.local('i32');
  const xs = f.local('v128');
  const ys = f.local('v128');
  const yCosine = f.local('v128');
  const ySine = f.local('v128');
  const u = f.local('v128');
  const v = f.local('v128');
  const columnOf = () => set(column, i32.add(get(turned), i32.shiftLeft(get(x), i32.of(2))));
  return [
    ...prepare,
    ...set(xs, counted(0.5)),
    ...each(
      x,
      get(side),
      4,
      columnOf(),
      set(u, f32x4.subtract(get(xs), radius)),
      v128.store(get(column), f32x4.multiply(get(u), cosine)),
      v128.store(get(column), f32x4.multiply(get(u), sine), 4096),
      next(xs, 4),
    ),
    ...set(ys, floats(0.5)),
    ...each(
      y,
      get(side),
      1,
      set(u, f32x4.subtract(get(ys), radius)),
      set(yCosine, f32x4.multiply(get(u), cosine)),
      set(ySine, f32x4.multiply(get(u), sine)),
      set(x, i32.of(0)),
      each(
        x,
        get(side),
        4,
        columnOf(),
        set(u, f32x4.multiply(f32x4.subtract(get(yCosine), v128.load(get(column), 4096)), ratio)),
        set(v, f32x4.add(get(ySine), v128.load(get(column)))),
        set(rr, f32x4.multiply(f32x4.add(f32x4.multiply(get(u), get(u)), f32x4.multiply(get(v), get(v))), q)),
        store(i32.add(get(to), i32.shiftLeft(get(x), i32.of(1)))),
      ),
      set(to, i32.add(get(to), i32.shiftLeft(get(side), i32.of(1)))),
      next(ys, 1),
    ),
  ];
};

/** A small MyPaint mask, with edges smoothed: what smallDistance() in stamps/mypaint.ts says, four cells at a time. */
const smallMyPaintMask: Kernel = (f) => {
  const edgeOf = f.parameter('f32');
  const limitOf = f.parameter('f32');
  const { to, side, radius, cosine, sine, ratio, q, rr, prepare, store } = myPaintParameters(f);
  const x = f.local('i32');
  const y = f.local('i32');
  const [xs, ys, right, bottom, left, top, cx, cy, nx, ny, near, isInside, shiftX, shiftY, u, v] = Array.from(
    { length: 16 },
    () => f.local('v128'),
  ) as [
    Local,
    Local,
    Local,
    Local,
    Local,
    Local,
    Local,
    Local,
    Local,
    Local,
    Local,
    Local,
    Local,
    Local,
    Local,
    Local,
  ];
  const length2 = f32x4.add(f32x4.multiply(cosine, cosine), f32x4.multiply(sine, sine));
  const stretched = (atX: Code, atY: Code): Code => [
    ...set(u, f32x4.multiply(f32x4.subtract(f32x4.multiply(atY, cosine), f32x4.multiply(atX, sine)), ratio)),
    ...set(v, f32x4.add(f32x4.multiply(atY, sine), f32x4.multiply(atX, cosine))),
    ...f32x4.add(f32x4.multiply(get(u), get(u)), f32x4.multiply(get(v), get(v))),
  ];
  const rfar = f.local('v128');
  const far = f.local('v128');
  const sign = f32x4.subtract(
    f32x4.multiply(f32x4.subtract(get(cx), cosine), sine),
    f32x4.multiply(cosine, f32x4.add(get(cy), sine)),
  );
  return [
    ...prepare,
    ...set(shiftX, f32x4.multiply(sine, f32x4.splat(get(edgeOf)))),
    ...set(shiftY, f32x4.multiply(cosine, f32x4.splat(get(edgeOf)))),
    ...set(ys, floats(0)),
    ...each(
      y,
      get(side),
      1,
      set(bottom, f32x4.subtract(radius, get(ys))),
      set(cy, f32x4.subtract(get(bottom), floats(0.5))),
      set(top, f32x4.subtract(get(bottom), floats(1))),
      set(xs, counted(0)),
      set(x, i32.of(0)),
      each(
        x,
        get(side),
        4,
        set(right, f32x4.subtract(radius, get(xs))),
        set(cx, f32x4.subtract(get(right), floats(0.5))),
        set(left, f32x4.subtract(get(right), floats(1))),
        set(
          isInside,
          v128.and(
            v128.and(f32x4.isLess(get(left), floats(0)), f32x4.isLess(floats(0), get(right))),
            v128.and(f32x4.isLess(get(top), floats(0)), f32x4.isLess(floats(0), get(bottom))),
          ),
        ),
        set(
          nx,
          f32x4.divide(f32x4.add(f32x4.multiply(get(cx), cosine), f32x4.multiply(get(cy), sine)), length2),
        ),
        set(
          nx,
          v128.without(
            f32x4.least(get(right), f32x4.greatest(get(left), f32x4.multiply(cosine, get(nx)))),
            get(isInside),
          ),
        ),
        set(ny, v128.without(get(top), get(isInside))),
        set(near, v128.without(f32x4.multiply(stretched(get(nx), get(ny)), q), get(isInside))),
        set(far, f32x4.isLess(sign, floats(0))),
        set(
          rfar,
          stretched(
            v128.select(f32x4.subtract(get(nx), get(shiftX)), f32x4.add(get(nx), get(shiftX)), get(far)),
            v128.select(f32x4.add(get(ny), get(shiftY)), f32x4.subtract(get(ny), get(shiftY)), get(far)),
          ),
        ),
        set(far, f32x4.multiply(get(rfar), q)),
        set(
          rr,
          v128.select(
            f32x4.multiply(f32x4.add(get(far), get(near)), floats(0.5)),
            f32x4.subtract(
              floats(1),
              f32x4.divide(
                f32x4.subtract(floats(1), get(near)),
                f32x4.add(floats(1), f32x4.subtract(get(far), get(near))),
              ),
            ),
            f32x4.isLess(get(rfar), f32x4.splat(get(limitOf))),
          ),
        ),
        set(rr, v128.select(get(near), get(rr), f32x4.isLess(floats(1), get(near)))),
        store(i32.add(get(to), i32.shiftLeft(get(x), i32.of(1)))),
        next(xs, 4),
      ),
      set(to, i32.add(get(to), i32.shiftLeft(get(side), i32.of(1)))),
      next(ys, 1),
    ),
  ];
};

/** The number of a curve that a lane of `at` points to. */
function ofCurve(curve: Local, at: Local, lane: number): Code {
  return i32.load16(i32.add(get(curve), i32.shiftLeft(i32x4.extract(get(at), lane), i32.of(1))));
}

/** Index into a curve: the whole part of the product, at most 16384, where there is a 0. */
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
    ...cells.flatMap((cell, lane) => [
      ...set(cell, ofCurve(curve, at, lane)),
      ...i32.store16(get(put), get(cell), 2 * lane),
    ]),
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
      // up to the block of four on the diagonal, whose rows all hold it whole
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

export const stampKernels = { myPaintMask, smallMyPaintMask, smallMask, largeMask, shift };
