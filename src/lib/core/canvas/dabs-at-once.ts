// All dabs of a message by one call of a kernel (wasm/dab-kernels.ts), where that gives the same as dab by dab: in modes
// that have a kernel, and not through selections. The tiles are made writable here, once each.

import type { Brush } from './blend/blend.js';
import { isOntoBlank } from './blend/modes.js';
import type { DabShape, Dabs, PaintOptions } from './dab-shapes.js';
import { c8to15 } from './pixel.js';
import { cosines, sines } from './stamps/angles.js';
import { classicCurve } from './stamps/classic.js';
import { fullRow } from './stamps/pixel.js';
import type { Tile, TileGrid } from './tiles.js';
import { areaAt, type Field, fieldAt, mostCells, mostNumbers, paints, steps } from './wasm/dab-areas.js';
import type { DabKernel } from './wasm/dab-kernels.js';
import { activeKernels, kernelNumber, machine } from './wasm/machine.js';

/** TABLE: by shape the kernel, and how many numbers a dab has. */
const shapes: Readonly<Record<DabShape, readonly [kernel: DabKernel, numbers: number]>> = {
  classic: ['classicDabs', 5],
  round: ['roundDabs', 4],
  square: ['squareDabs', 4],
  mypaint: ['myPaintDabs', 7],
};

/** Positions beyond are far from every canvas, and might wrap. */
const farthest = 2 ** 29;

const words = new Int32Array(machine.memory, 0, areaAt.end / 4);
const opacities = new Uint16Array(machine.memory, areaAt.opacities, 256);

new Float32Array(machine.memory, areaAt.cosines, 256).set(cosines);
new Float32Array(machine.memory, areaAt.sines, 256).set(sines);
machine.kernels?.forgetMasks();

function setField(name: Field, value: number): void {
  words[fieldAt[name] >> 2] = value;
}

function fieldOf(name: Field): number {
  return words[fieldAt[name] >> 2]!;
}

/** By their bytes, as most messages mean them. */
export const plainOpacities = Uint16Array.from({ length: 256 }, (_, byte) => c8to15(byte));

/** Whether a dab in this mode, with an opacity above 0, makes tiles that are absent. */
export function isCreating({ mode, a }: Brush): boolean {
  return isOntoBlank(mode) && ((mode !== 14 && mode !== 255) || a !== 0);
}

/** False: nothing is painted yet, and it must be done dab by dab. Does not call grid.finish(). */
export function paintAtOnce(
  grid: TileGrid,
  { shape, x, y, items }: Readonly<Dabs>,
  brush: Brush,
  opacityOf: Uint16Array,
  { profile, author, mask, flood }: PaintOptions,
): boolean {
  const kernels = activeKernels();
  const { kernel } = brush.loops;
  if (kernels === undefined || kernel === undefined || mask !== undefined || flood !== undefined)
    return false;
  const [draw, numbers] = shapes[shape];
  const { length } = items;
  if (length > mostNumbers || length % numbers !== 0) return false;
  if (Math.abs(x) > farthest || Math.abs(y) > farthest) return false;
  words.set(items, areaAt.numbers >> 2);
  opacities.set(opacityOf);
  setField('width', grid.width);
  setField('height', grid.height);
  setField('right', grid.columns * 64);
  setField('bottom', grid.rows * 64);
  setField('firstColumn', grid.columns);
  setField('firstRow', grid.rows);
  setField('lastColumn', -1);
  setField('lastRow', -1);
  kernels[draw](steps.bounds, length * 4, x, y);
  const firstColumn = fieldOf('firstColumn');
  const firstRow = fieldOf('firstRow');
  const columns = fieldOf('lastColumn') - firstColumn + 1;
  if (columns <= 0) return true;
  const cells = columns * (fieldOf('lastRow') - firstRow + 1);
  if (cells > mostCells) return false;
  setField('columns', columns);
  const cellsFrom = areaAt.cells >> 2;
  words.fill(0, cellsFrom, cellsFrom + cells);
  kernels[draw](steps.marks, length * 4, x, y);
  const tiles = writableTiles(grid, { firstColumn, firstRow, columns, cells }, isCreating(brush), author);
  // making one writable may have moved another out
  for (const { tile, cell } of tiles) if (tile.address !== words[cellsFrom + cell]) return false;
  setField('kernel', kernelNumber(kernel));
  setField('blueGreen', brush.b | (brush.g << 16));
  setField('redOne', brush.r | (32768 << 16));
  setField('alpha', brush.a);
  setField('isRounded', profile === 'avx2' ? 1 : 0);
  if (shape === 'classic') makeCurves(items);
  else if (shape === 'square') setField('mask', fullRow.byteOffset);
  kernels[draw](steps.paint, length * 4, x, y);
  for (const { tile, cell } of tiles) {
    if (tile.pixels[tile.nonZeroAt] === 0) tile.nonZeroAt = words[(areaAt.nonZeros >> 2) + cell]!;
  }
  return true;
}

interface Rectangle {
  readonly firstColumn: number;
  readonly firstRow: number;
  readonly columns: number;
  readonly cells: number;
}

/** Puts the addresses of tiles that will be painted in place of their marks, and 0 where nothing is. */
function writableTiles(
  grid: TileGrid,
  { firstColumn, firstRow, columns, cells }: Rectangle,
  isCreating: boolean,
  author: number,
): { tile: Tile; cell: number }[] {
  const found: { tile: Tile; cell: number }[] = [];
  const from = areaAt.cells >> 2;
  let index = firstRow * grid.columns + firstColumn;
  for (let cell = 0, column = 0; cell < cells; cell++, index++) {
    const marks = words[from + cell]!;
    if (marks !== 0) {
      const isThere = grid.get(index) !== undefined || (isCreating && (marks & paints) !== 0);
      if (isThere && grid.keeps(index)) {
        const tile = grid.writable(index, author);
        words[from + cell] = tile.address;
        found.push({ tile, cell });
      } else words[from + cell] = 0;
    }
    if (++column === columns) {
      column = 0;
      index += grid.columns - columns;
    }
  }
  return found;
}

/** Curves of soft brushes are made when they are needed. */
function makeCurves(items: readonly number[]): void {
  let last = -1;
  for (let at = 3; at < items.length; at += 5) {
    const byte = items[at]!;
    if (byte === last) continue;
    last = byte;
    const percent = ((byte * 100) / 255) | 0;
    words[(areaAt.curves >> 2) + percent] ||= classicCurve(percent).byteOffset;
  }
}
