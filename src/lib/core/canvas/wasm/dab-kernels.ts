// All dabs of a message by one call: where they are, their masks, and the tiles they fall on. What dabs.ts does dab by dab.
//
// Each kernel goes through the dabs of one shape and is called three times (`steps`): for the rectangle of tiles around
// them, to mark the tiles on which they fall, and, when the addresses of these tiles stand in place of the marks, to paint.

import {
  type Code,
  either,
  type FunctionBuilder,
  f32,
  get,
  greatest,
  i32,
  type Kernel,
  type Local,
  least,
  loopWhile,
  set,
  when,
} from './assembler.js';
import { each } from './counting.js';
import { areaAt, type Field, paints, paintsNothing, steps } from './dab-areas.js';
import { field, setField } from './dab-masks.js';

const half = (value: Code): Code => i32.shiftRight(value, i32.of(1));
const tiles = (pixels: Code): Code => i32.shiftRightSigned(pixels, i32.of(6));

/** The part of a stamp that is on the canvas, as far as its last tiles go. */
function cutParameters(f: FunctionBuilder) {
  const left = f.parameter('i32');
  const top = f.parameter('i32');
  const side = f.parameter('i32');
  const end = (start: Local, limit: Field) => least(i32.add(get(start), get(side)), field(limit));
  return {
    left,
    top,
    side,
    x0: greatest(get(left), i32.of(0)),
    y0: greatest(get(top), i32.of(0)),
    x1: end(left, 'right'),
    y1: end(top, 'bottom'),
  };
}

/** Address of what is kept for a tile, as an offset into a table of the rectangle. */
const cellOf = (row: Local, column: Local): Code =>
  i32.shiftLeft(
    i32.add(
      i32.multiply(i32.subtract(get(row), field('firstRow')), field('columns')),
      i32.subtract(get(column), field('firstColumn')),
    ),
    i32.of(2),
  );

/** Takes a stamp that falls on the canvas into the rectangle around all. */
const boundDab: Kernel = (f) => {
  const { x0, y0, x1, y1 } = cutParameters(f);
  const last = (end: Code) => tiles(i32.subtract(end, i32.of(1)));
  return [
    ...setField('firstColumn', least(field('firstColumn'), tiles(x0))),
    ...setField('firstRow', least(field('firstRow'), tiles(y0))),
    ...setField('lastColumn', greatest(field('lastColumn'), last(x1))),
    ...setField('lastRow', greatest(field('lastRow'), last(y1))),
  ];
};

/** Calls `body` for each tile that a stamp falls on. */
function eachTile(
  { x0, y0, x1, y1 }: ReturnType<typeof cutParameters>,
  row: Local,
  column: Local,
  rowBody: Code,
  body: Code,
): Code {
  const start = (at: Local) => i32.shiftLeft(get(at), i32.of(6));
  return [
    ...set(row, tiles(y0)),
    ...loopWhile(
      i32.isLess(start(row), y1),
      rowBody,
      set(column, tiles(x0)),
      loopWhile(i32.isLess(start(column), x1), body, set(column, i32.add(get(column), i32.of(1)))),
      set(row, i32.add(get(row), i32.of(1))),
    ),
  ];
}

const markDab: Kernel = (f) => {
  const cut = cutParameters(f);
  const mark = f.parameter('i32');
  const row = f.local('i32');
  const column = f.local('i32');
  const cell = f.local('i32');
  return eachTile(
    cut,
    row,
    column,
    [],
    [
      ...set(cell, cellOf(row, column)),
      ...i32.store(get(cell), i32.or(i32.load(get(cell), areaAt.cells), get(mark)), areaAt.cells),
    ],
  );
};

/** Sets the record's `isSeen`: dabs on absent tiles, or on those of another part, need no mask. */
const seeDab: Kernel = (f) => {
  const cut = cutParameters(f);
  const row = f.local('i32');
  const column = f.local('i32');
  const seen = f.local('i32');
  return [
    ...eachTile(
      cut,
      row,
      column,
      [],
      set(seen, i32.or(get(seen), i32.load(cellOf(row, column), areaAt.cells))),
    ),
    ...setField('isSeen', get(seen)),
  ];
};

/** Paints a stamp whose mask is at the record's address, rows `stride` bytes apart. */
const paintDab: Kernel = (f) => {
  const cut = cutParameters(f);
  const stride = f.parameter('i32');
  const opacity = f.parameter('i32');
  const row = f.local('i32');
  const column = f.local('i32');
  const cell = f.local('i32');
  const address = f.local('i32');
  const fromX = f.local('i32');
  const fromY = f.local('i32');
  const width = f.local('i32');
  const height = f.local('i32');
  const maskRow = f.local('i32');
  const start = (at: Local) => i32.shiftLeft(get(at), i32.of(6));
  const span = (from: Local, size: Local, at: Local, first: Code, end: Code): Code => [
    ...set(from, greatest(i32.subtract(first, start(at)), i32.of(0))),
    ...set(size, i32.subtract(least(i32.subtract(end, start(at)), i32.of(64)), get(from))),
  ];
  return eachTile(
    cut,
    row,
    column,
    [
      ...span(fromY, height, row, cut.y0, cut.y1),
      ...set(
        maskRow,
        i32.add(
          field('mask'),
          i32.multiply(i32.subtract(i32.add(start(row), get(fromY)), get(cut.top)), get(stride)),
        ),
      ),
    ],
    [
      ...set(cell, cellOf(row, column)),
      ...set(address, i32.load(get(cell), areaAt.cells)),
      ...when(
        get(address),
        span(fromX, width, column, cut.x0, cut.x1),
        f.callNumber(
          'maskNormal',
          field('kernel'),
          i32.add(
            get(address),
            i32.shiftLeft(i32.add(i32.shiftLeft(get(fromY), i32.of(6)), get(fromX)), i32.of(3)),
          ),
          i32.add(
            get(maskRow),
            i32.shiftLeft(i32.subtract(i32.add(start(column), get(fromX)), get(cut.left)), i32.of(1)),
          ),
          get(width),
          get(height),
          get(stride),
          field('blueGreen'),
          field('redOne'),
          field('alpha'),
          get(opacity),
        ),
        // the middle is a better place to look than the corner of the tile
        i32.store(
          get(cell),
          i32.add(
            i32.shiftLeft(
              i32.add(
                i32.shiftLeft(i32.add(get(fromY), half(get(height))), i32.of(6)),
                i32.add(get(fromX), half(get(width))),
              ),
              i32.of(2),
            ),
            i32.of(3),
          ),
          areaAt.nonZeros,
        ),
      ),
    ],
  );
};

/** What the kernels of all shapes have: a dab that is on the canvas is bounded, marked or painted. */
function dabParameters(f: FunctionBuilder, numbers: number) {
  const step = f.parameter('i32');
  /** Where the numbers of the dabs end. */
  const end = f.parameter('i32');
  const x = f.parameter('i32');
  const y = f.parameter('i32');
  const at = f.local('i32');
  const left = f.local('i32');
  const top = f.local('i32');
  const side = f.local('i32');
  const opacity = f.local('i32');
  const number = (index: number): Code => i32.load(get(at), areaAt.numbers + 4 * index);
  const place: Code = [...get(left), ...get(top), ...get(side)];
  /** `makeMask` sets the record's mask. */
  const draw = (opacityByte: Code, makeMask: Code, stride: Code): Code =>
    when(
      i32.and(
        i32.and(
          i32.isLess(i32.of(0), i32.add(get(left), get(side))),
          i32.isLess(i32.of(0), i32.add(get(top), get(side))),
        ),
        i32.and(i32.isLess(get(left), field('width')), i32.isLess(get(top), field('height'))),
      ),
      set(opacity, i32.load16(i32.shiftLeft(opacityByte, i32.of(1)), areaAt.opacities)),
      either(
        i32.isEqual(get(step), i32.of(steps.paint)),
        [
          f.call('seeDab', place),
          when(field('isSeen'), makeMask, f.call('paintDab', place, stride, get(opacity))),
        ],
        [
          either(
            get(step),
            [f.call('markDab', place, i32.select(i32.of(paints), i32.of(paintsNothing), get(opacity)))],
            [f.call('boundDab', place)],
          ),
        ],
      ),
    );
  /** Every dab moves the pen, also one that is not drawn. */
  const eachDab = (...body: Code[]): Code =>
    each(
      at,
      get(end),
      4 * numbers,
      set(x, i32.add(get(x), number(0))),
      set(y, i32.add(get(y), number(1))),
      ...body,
    );
  const isDrawn = (isLarge: Code, opacityByte: Code): Code =>
    i32.and(isLarge, i32.isLess(i32.of(0), opacityByte));
  const ownStride = i32.shiftLeft(get(side), i32.of(1));
  return { x, y, left, top, side, number, draw, eachDab, isDrawn, ownStride };
}

const mostSize = 256_000;
const mostPixelSize = 1000;

const classicDabs: Kernel = (f) => {
  const { x, y, left, top, side, number, draw, eachDab, isDrawn, ownStride } = dabParameters(f, 5);
  const size = f.local('i32');
  const percent = f.local('i32');
  const fx = f.local('i32');
  const fy = f.local('i32');
  /** Moved by quarters of a pixel, a half too far at first. */
  const move = (moved: Local, position: Local, start: Local): Code => [
    ...set(moved, i32.and(get(position), i32.of(3))),
    ...either(
      i32.isLess(get(moved), i32.of(2)),
      [set(moved, i32.add(get(moved), i32.of(2))), set(start, i32.subtract(get(start), i32.of(1)))],
      [set(moved, i32.subtract(get(moved), i32.of(2)))],
    ),
  ];
  const start = (position: Local) => i32.subtract(i32.divide(get(position), i32.of(4)), half(get(side)));
  return eachDab(
    set(size, number(2)),
    when(
      isDrawn(i32.isAtLeast(get(size), i32.of(26)), number(4)),
      set(size, least(get(size), i32.of(mostSize))),
      set(percent, i32.divide(i32.multiply(number(3), i32.of(100)), i32.of(255))),
      // (the diameter, rounded up, and 2) | 1
      set(
        side,
        i32.or(i32.add(i32.shiftRight(i32.add(get(size), i32.of(255)), i32.of(8)), i32.of(2)), i32.of(1)),
      ),
      set(left, start(x)),
      set(top, start(y)),
      either(
        i32.or(i32.isEqual(get(percent), i32.of(100)), i32.isLess(get(side), i32.of(48))),
        [move(fx, x, left), move(fy, y, top)],
        [set(fx, i32.of(0)), set(fy, i32.of(0))],
      ),
      draw(number(4), f.call('classicMask', get(size), get(side), get(percent), get(fx), get(fy)), ownStride),
    ),
  );
};

function pixelDabs(
  f: FunctionBuilder,
  maskAndStride: (side: Local) => readonly [mask: Code, stride: Code],
): Code {
  const { x, y, left, top, side, number, draw, eachDab, isDrawn } = dabParameters(f, 4);
  const start = (position: Local) => i32.subtract(get(position), half(get(side)));
  return eachDab(
    set(side, least(number(2), i32.of(mostPixelSize))),
    when(
      isDrawn(i32.isLess(i32.of(0), get(side)), number(3)),
      set(left, start(x)),
      set(top, start(y)),
      draw(number(3), ...maskAndStride(side)),
    ),
  );
}

const roundDabs: Kernel = (f) =>
  pixelDabs(f, (side) => [f.call('roundMask', get(side)), i32.shiftLeft(get(side), i32.of(1))]);

/** One row of the mask stands for all: the record's mask is set before. */
const squareDabs: Kernel = (f) => pixelDabs(f, () => [[], i32.of(0)]);

const myPaintDabs: Kernel = (f) => {
  const { x, y, left, top, side, number, draw, eachDab, isDrawn, ownStride } = dabParameters(f, 7);
  const size = f.local('i32');
  const start = (position: Local) =>
    i32.fromFloat(
      f32.add(
        f32.subtract(
          f32.multiply(f32.fromInteger(get(position)), f32.of(0.25)),
          f32.multiply(f32.fromInteger(get(size)), f32.of(1 / 512)),
        ),
        f32.of(0.5),
      ),
    );
  return eachDab(
    set(size, least(number(2), i32.of(mostSize))),
    when(
      i32.and(isDrawn(i32.isAtLeast(get(size), i32.of(51)), number(4)), i32.isLess(i32.of(0), number(3))),
      set(side, i32.add(i32.shiftRight(get(size), i32.of(8)), i32.of(2))),
      set(left, start(x)),
      set(top, start(y)),
      draw(
        number(4),
        f.call('myPaintStampMask', get(size), get(side), number(3), number(5), number(6)),
        ownStride,
      ),
    ),
  );
};

export const dabKernels = {
  boundDab,
  markDab,
  seeDab,
  paintDab,
  classicDabs,
  roundDabs,
  squareDabs,
  myPaintDabs,
};

/** Those that draw a message. */
export type DabKernel = 'classicDabs' | 'roundDabs' | 'squareDabs' | 'myPaintDabs';
