// Masks of MyPaint brushes, four cells at a time. They fill complete groups: up to three cells behind the end of a row are
// written too, which the next row or the next stamp overwrites. Each equals a loop in stamps/mypaint.ts.

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
  set,
  v128,
} from './assembler.js';
import { counted, each, floats, next } from './counting.js';

/** The parameters that both kernels for MyPaint masks have, in every lane. */
function myPaintParameters(f: FunctionBuilder) {
  /** The row that is filled first, and where it is; the rows behind it follow. */
  const y = f.parameter('i32');
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
  return { y, to, side, radius, cosine, sine, ratio, q, rr, prepare, store };
}

/**
 * A MyPaint mask. `turned`: room for the turned coordinates of the columns, 1024 floats for each axis. Per cell, x and y
 * from the middle: u = (y * cosine - x * sine) * ratio, v = y * sine + x * cosine, rr = (u * u + v * v) * q.
 */
const myPaintMask: Kernel = (f) => {
  const turned = f.parameter('i32');
  const { y, to, side, radius, cosine, sine, ratio, q, rr, prepare, store } = myPaintParameters(f);
  const x = f.local('i32');
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
    ...set(ys, f32x4.splat(f32.add(f32.fromInteger(get(y)), f32.of(0.5)))),
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
  const { y, to, side, radius, cosine, sine, ratio, q, rr, prepare, store } = myPaintParameters(f);
  const x = f.local('i32');
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
    ...set(ys, f32x4.splat(f32.fromInteger(get(y)))),
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

export const myPaintKernels = { myPaintMask, smallMyPaintMask };
