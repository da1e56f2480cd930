// The mask of a dab, found or made: what classicStamp(), roundStamp() and myPaintStamp() of stamps/ do.

import {
  type Code,
  either,
  type FunctionBuilder,
  f32,
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
import { each } from './counting.js';
import { areaAt, cacheBits, cacheEntryBytes, type Field, fieldAt, keptMasksEnd } from './dab-areas.js';

/** A number of the record. */
export const field = (name: Field): Code => i32.load(i32.of(0), fieldAt[name]);
export const setField = (name: Field, value: Code): Code => i32.store(i32.of(0), value, fieldAt[name]);
const floatsAt = (table: number, index: Code): Code => f32.load(i32.shiftLeft(index, i32.of(2)), table);

/** Sets the record's mask to one that is known, or to where it is to be made: then `make` follows. */
function findMask(f: FunctionBuilder, side: Local, first: Code, second: Code, make: Code): Code {
  const key1 = f.local('i32');
  const key2 = f.local('i32');
  const entry = f.local('i32');
  const at = f.local('i32');
  const bytes = f.local('i32');
  const hash = i32.shiftRight(
    i32.add(i32.multiply(get(key1), i32.of(0x9e3779b1 | 0)), i32.multiply(get(key2), i32.of(0x85ebca6b | 0))),
    i32.of(32 - cacheBits),
  );
  const entryShift = Math.log2(cacheEntryBytes);
  return [
    ...set(key1, first),
    ...set(key2, second),
    ...set(entry, i32.shiftLeft(hash, i32.of(entryShift))),
    ...either(
      i32.and(
        i32.isEqual(i32.load(get(entry), areaAt.cache), get(key1)),
        i32.isEqual(i32.load(get(entry), areaAt.cache + 4), get(key2)),
      ),
      [setField('mask', i32.load(get(entry), areaAt.cache + 8))],
      [
        // with what is written behind the last row
        set(
          bytes,
          i32.and(
            i32.add(i32.shiftLeft(i32.multiply(get(side), get(side)), i32.of(1)), i32.of(31)),
            i32.of(-16),
          ),
        ),
        set(at, field('nextMask')),
        when(
          i32.isLess(i32.of(keptMasksEnd), i32.add(get(at), get(bytes))),
          f.call('forgetMasks'),
          set(at, i32.of(areaAt.masks)),
        ),
        setField('nextMask', i32.add(get(at), get(bytes))),
        setField('mask', get(at)),
        i32.store(get(entry), get(key1), areaAt.cache),
        i32.store(get(entry), get(key2), areaAt.cache + 4),
        i32.store(get(entry), get(at), areaAt.cache + 8),
        make,
      ],
    ),
  ];
}

/** What masks are made from here on is not there yet. */
const forgetMasks: Kernel = (f) => {
  const at = f.local('i32');
  return [
    ...setField('nextMask', i32.of(areaAt.masks)),
    ...each(
      at,
      i32.of(cacheEntryBytes << cacheBits),
      16,
      v128.store(get(at), v128.of32(0, 0, 0, 0), areaAt.cache),
    ),
  ];
};

/** Second keys: what the first ones stand for. */
const kinds = { classic: 1, round: 2, mypaint: 3 } as const;

/** As classicStamp() in stamps/classic.ts. `percent`: of hardness; `fx`, `fy`: quarters of a pixel that it is moved. */
const classicMask: Kernel = (f) => {
  const size = f.parameter('i32');
  const side = f.parameter('i32');
  const percent = f.parameter('i32');
  const fx = f.parameter('i32');
  const fy = f.parameter('i32');
  const diameter = f.local('f32');
  const ceiling = f.local('f32');
  const radius = f.local('f32');
  const offset = f.local('f32');
  const scale = f.local('f32');
  const isEven = f.local('i32');
  const isMoved = f.local('i32');
  const to = f.local('i32');
  const stride = f.local('i32');
  const curve = i32.load(i32.shiftLeft(get(percent), i32.of(2)), areaAt.curves);
  const phase = i32.or(i32.shiftLeft(get(fx), i32.of(2)), get(fy));
  const rest = (moved: Local) => i32.subtract(i32.of(4), get(moved));
  const setScale: Code = [
    ...set(scale, f32.divide(f32.of(127), get(radius))),
    ...set(scale, f32.multiply(get(scale), get(scale))),
  ];
  const rows: Code = [...get(to), ...get(side), ...get(stride), ...i32.of(areaAt.squares)];
  const curveAndRest: Code = [...get(radius), ...get(offset), ...get(scale), ...curve, ...get(isMoved)];
  return findMask(
    f,
    side,
    i32.or(i32.or(get(size), i32.shiftLeft(get(percent), i32.of(18))), i32.shiftLeft(phase, i32.of(25))),
    i32.of(kinds.classic),
    [
      ...set(diameter, f32.multiply(f32.fromInteger(get(size)), f32.of(1 / 256))),
      ...set(ceiling, f32.ceiling(get(diameter))),
      ...set(isEven, i32.isZero(i32.and(i32.fromFloat(get(ceiling)), i32.of(1)))),
      ...set(isMoved, i32.or(get(fx), get(fy))),
      ...either(
        get(isMoved),
        [
          set(stride, i32.shiftLeft(i32.add(get(side), i32.of(1)), i32.of(1))),
          set(to, i32.add(i32.of(areaAt.unmoved + 2), get(stride))),
          set(isMoved, i32.of(1)),
        ],
        [set(stride, i32.shiftLeft(get(side), i32.of(1))), set(to, field('mask'))],
      ),
      ...either(
        f32.isLess(get(diameter), f32.of(8)),
        [
          set(radius, get(diameter)),
          setScale,
          set(
            offset,
            f32.subtract(
              f32.multiply(f32.subtract(get(ceiling), get(diameter)), f32.of(-0.5)),
              f32.select(f32.of(2.5), f32.of(1.5), get(isEven)),
            ),
          ),
          f.call('smallMask', rows, curveAndRest),
        ],
        [
          set(radius, f32.multiply(get(diameter), f32.of(0.5))),
          setScale,
          set(offset, f32.select(f32.of(-1), f32.of(-0.5), get(isEven))),
          f.call(
            'largeMask',
            f32.select(f32.of(0.9), f32.of(1), i32.and(get(isEven), f32.isLess(get(radius), f32.of(8)))),
            rows,
            curveAndRest,
          ),
        ],
      ),
      ...when(
        get(isMoved),
        f.call(
          'shift',
          field('mask'),
          get(to),
          get(side),
          get(stride),
          i32.multiply(get(fx), get(fy)),
          i32.multiply(rest(fx), get(fy)),
          i32.multiply(get(fx), rest(fy)),
          i32.multiply(rest(fx), rest(fy)),
        ),
      ),
    ],
  );
};

/** As roundStamp() in stamps/pixel.ts: distances are doubled, so that they are integers. */
const roundMask: Kernel = (f) => {
  const side = f.parameter('i32');
  const x = f.local('i32');
  const y = f.local('i32');
  const to = f.local('i32');
  const vertical = f.local('i32');
  const distances = f.local('v128');
  const cells = f.local('v128');
  const first = i32.subtract(i32.of(1), get(side));
  return findMask(f, side, get(side), i32.of(kinds.round), [
    ...set(to, field('mask')),
    ...set(y, i32.of(0)),
    ...each(
      y,
      get(side),
      1,
      set(vertical, i32.add(first, i32.shiftLeft(get(y), i32.of(1)))),
      // what is left of the square of the radius, and one more
      set(
        vertical,
        i32.add(
          i32.subtract(i32.multiply(get(side), get(side)), i32.multiply(get(vertical), get(vertical))),
          i32.of(1),
        ),
      ),
      set(distances, i32x4.add(i32x4.splat(first), v128.of32(0, 2, 4, 6))),
      set(x, i32.of(0)),
      each(
        x,
        get(side),
        4,
        set(
          cells,
          v128.and(
            i32x4.isLess(i32x4.multiply(get(distances), get(distances)), i32x4.splat(get(vertical))),
            v128.of32(32768, 32768, 32768, 32768),
          ),
        ),
        v128.store64(
          i32.add(get(to), i32.shiftLeft(get(x), i32.of(1))),
          i16x8.narrow(get(cells), get(cells)),
        ),
        set(distances, i32x4.add(get(distances), v128.of32(8, 8, 8, 8))),
      ),
      set(to, i32.add(get(to), i32.shiftLeft(get(side), i32.of(1)))),
    ),
  ]);
};

/** As myPaintStamp() in stamps/mypaint.ts. */
const myPaintStampMask: Kernel = (f) => {
  const size = f.parameter('i32');
  const side = f.parameter('i32');
  const hardnessByte = f.parameter('i32');
  const angle = f.parameter('i32');
  const aspect = f.parameter('i32');
  const [radius, hardness, ratio, slope2, offset2, inner] = Array.from({ length: 6 }, () =>
    f.local('f32'),
  ) as [Local, Local, Local, Local, Local, Local];
  const isSmall = f.local('i32');
  const lastCell = f.local('i32');
  const cell = f.local('i32');
  /** The rest of the parameters of both kernels. */
  const shape = (row: Code, to: Code, isRounded: Code): Code => [
    ...row,
    ...to,
    ...get(side),
    ...get(radius),
    ...floatsAt(areaAt.cosines, get(angle)),
    ...floatsAt(areaAt.sines, get(angle)),
    ...get(ratio),
    ...f32.divide(f32.of(1), f32.multiply(get(radius), get(radius))),
    ...get(hardness),
    ...f32.negative(f32.subtract(f32.divide(f32.of(1), get(hardness)), f32.of(1))),
    ...get(offset2),
    ...get(slope2),
    ...isRounded,
  ];
  const fill = (row: Code, to: Code, isRounded: Code): Code =>
    either(
      get(isSmall),
      [
        f.call(
          'smallMyPaintMask',
          f32.of(0.5641895835477563),
          f32.multiply(get(inner), f32.divide(get(inner), get(ratio))),
          shape(row, to, isRounded),
        ),
      ],
      [f.call('myPaintMask', i32.of(areaAt.turned), shape(row, to, isRounded))],
    );
  const lastRow = i32.subtract(get(side), i32.of(1));
  return findMask(
    f,
    side,
    i32.or(get(size), i32.shiftLeft(get(hardnessByte), i32.of(18))),
    i32.or(
      i32.or(i32.of(kinds.mypaint), i32.shiftLeft(get(aspect), i32.of(8))),
      i32.or(i32.shiftLeft(get(angle), i32.of(16)), i32.shiftLeft(field('isRounded'), i32.of(24))),
    ),
    [
      ...set(radius, f32.multiply(f32.fromInteger(get(size)), f32.of(1 / 512))),
      ...set(hardness, f32.divide(f32.fromInteger(get(hardnessByte)), f32.of(255))),
      ...set(
        ratio,
        f32.select(
          f32.add(f32.divide(f32.fromInteger(get(aspect)), f32.of(28.333)), f32.of(1)),
          f32.of(1),
          get(aspect),
        ),
      ),
      ...set(inner, f32.subtract(f32.of(1), get(hardness))),
      ...set(offset2, f32.divide(get(hardness), get(inner))),
      ...set(slope2, f32.divide(f32.negative(get(hardness)), get(inner))),
      ...set(isSmall, f32.isLess(get(radius), f32.of(3))),
      ...set(inner, f32.subtract(get(radius), f32.of(1))),
      ...set(inner, f32.select(get(inner), f32.of(0), f32.isLess(f32.of(0), get(inner)))),
      ...set(
        lastCell,
        i32.add(
          field('mask'),
          i32.shiftLeft(i32.subtract(i32.multiply(get(side), get(side)), i32.of(1)), i32.of(1)),
        ),
      ),
      // vector instructions round four cells at a time; what remains, the last one of an odd side, is cut off
      ...either(
        i32.and(field('isRounded'), get(side)),
        [
          fill(lastRow, i32.subtract(get(lastCell), i32.shiftLeft(lastRow, i32.of(1))), i32.of(0)),
          set(cell, i32.load16(get(lastCell))),
          fill(i32.of(0), field('mask'), i32.of(1)),
          i32.store16(get(lastCell), get(cell)),
        ],
        [fill(i32.of(0), field('mask'), field('isRounded'))],
      ),
    ],
  );
};

export const dabMaskKernels = { forgetMasks, classicMask, roundMask, myPaintStampMask };
