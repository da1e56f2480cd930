// One message of dabs, painted into a grid: the main grid of a layer or selection (direct), or the grid of a
// sublayer (indirect). Who is painted on, in which mode and through which selections is decided by the state engine.

import { type Brush, blendPatch, makeBrush } from './blend/blend.js';
import { posterizePatch } from './blend/posterize.js';
import type { DabShape, Dabs, PaintOptions } from './dab-shapes.js';
import { isCreating, paintAtOnce, plainOpacities } from './dabs-at-once.js';
import { maskStamp } from './masked-stamp.js';
import { argbToColor, c8to15, ONE } from './pixel.js';
import { classicStamp, isClassicDrawn, type PlacedStamp } from './stamps/classic.js';
import { isMyPaintDrawn, myPaintStamp, placeMyPaint } from './stamps/mypaint.js';
import { mostPixelSize, roundStamp, squareStamp } from './stamps/pixel.js';
import type { Stamp } from './stamps/stamp.js';
import { TILE_SIDE, type TileGrid } from './tiles.js';

export type { DabShape, Dabs, PaintOptions } from './dab-shapes.js';

/** Paints one dab that has its stamp, through `opacity` (its byte). */
type Paint = (grid: TileGrid, placed: Readonly<PlacedStamp>, opacity: number, author: number) => void;

/**
 * Messages 148, 149, 150, 152 direct, and all indirect ones: every dab in one mode. For indirect dabs `mode` is the
 * working mode of the stroke (26, 25, 1, 78, 77). Calls grid.finish().
 */
export function paintDabs(grid: TileGrid, dabs: Readonly<Dabs>, mode: number, options: PaintOptions): void {
  const brush = makeBrush(options.profile, mode, argbToColor(dabs.color));
  if (brush === undefined) return;
  if (!paintAtOnce(grid, dabs, brush, plainOpacities, options)) {
    const paint: Paint = (to, placed, opacity, author) => {
      applyStamp(to, placed, brush, c8to15(opacity), author);
    };
    drawers[dabs.shape](grid, dabs, paint, options);
  }
  grid.finish(options.isSelection, options.opaque);
}

/** What message 151 says besides its dabs, when it paints directly. */
export interface MyPaintWeights {
  /** 14, 82 or 90: the family. What a `mode` byte with bit 7 and 0 below means is 14 with posterizeNumber 0. */
  mode: number;
  /** The bytes of the message. */
  lockAlpha: number;
  colorize: number;
  posterize: number;
  posterizeNumber: number;
}

/** Modes by family: for a colour that lets through (it erases), for an opaque one, and with alpha locked. */
const myPaintModes: Readonly<Record<number, readonly [erasing: number, normal: number, locked: number]>> = {
  14: [14, 1, 10],
  82: [82, 81, 43],
  90: [90, 88, 89],
};

const f = Math.fround;

/** Message 151 direct: up to four passes per dab, each sees what the one before it made. Calls grid.finish(). */
export function paintMyPaint(
  grid: TileGrid,
  dabs: Readonly<Dabs>,
  weights: Readonly<MyPaintWeights>,
  options: PaintOptions,
): void {
  const color = argbToColor(dabs.color);
  const [erasing, normal, locked] = myPaintModes[weights.mode] ?? myPaintModes[14]!;
  const lockAlpha = f(weights.lockAlpha / 255);
  const colorize = f(weights.colorize / 255);
  const posterize = f(weights.posterize / 255);
  const rest = f(f(f(1 - lockAlpha) * f(1 - colorize)) * f(1 - posterize));
  const passes: { weight: number; brush: Brush }[] = [];
  const pass = (weight: number, mode: number) => {
    const brush = makeBrush(options.profile, mode, color);
    if (weight > 0 && brush !== undefined) passes.push({ weight, brush });
  };
  pass(rest, color[3] === ONE ? normal : erasing);
  if (color[3] !== 0) pass(lockAlpha, locked);
  pass(colorize, 24);
  const levels = Math.min(127, weights.posterizeNumber) + 1;
  const scaled = (weight: number, opacityByte: number) =>
    Math.trunc(f(f(weight * f(opacityByte / 255)) * 32768));
  const [only] = passes;
  const isSingle = only !== undefined && passes.length === 1 && posterize === 0;
  const opacities = (weight: number) => plainOpacities.map((_, byte) => scaled(weight, byte));
  if (!isSingle || !paintAtOnce(grid, dabs, only.brush, opacities(only.weight), options)) {
    const paint: Paint = (to, placed, opacityByte, author) => {
      for (const { weight, brush } of passes)
        applyStamp(to, placed, brush, scaled(weight, opacityByte), author);
      if (posterize > 0) applyPosterize(to, placed, levels, scaled(posterize, opacityByte), author);
    };
    drawers.mypaint(grid, dabs, paint, options);
  }
  grid.finish(options.isSelection, options.opaque);
}

type Draw = (grid: TileGrid, dabs: Readonly<Dabs>, paint: Paint, options: PaintOptions) => void;

const noStamp: Stamp = { side: 0, mask: new Uint16Array(0), at: 0, stride: 0 };

/** TABLE: how dabs of each shape become stamps. Every dab moves the pen, also one that is not drawn. */
const drawers: Readonly<Record<DabShape, Draw>> = {
  classic(grid, { x, y, items }, paint, options) {
    const placed: PlacedStamp = { stamp: noStamp, left: 0, top: 0 };
    for (let at = 0; at + 4 < items.length; at += 5) {
      x = (x + items[at]!) | 0;
      y = (y + items[at + 1]!) | 0;
      const size = items[at + 2]!;
      const opacity = items[at + 4]!;
      if (!isClassicDrawn(size, opacity)) continue;
      classicStamp(x, y, size, items[at + 3]!, placed);
      placed.stamp = throughSelections(grid, placed, options) ?? placed.stamp;
      paint(grid, placed, opacity, options.author);
    }
  },
  round: pixelDrawer(roundStamp),
  square: pixelDrawer(squareStamp),
  mypaint(grid, { x, y, items }, paint, options) {
    const placed: PlacedStamp = { stamp: noStamp, left: 0, top: 0 };
    let stamp: Stamp | undefined;
    /** What clients' mask points at: a masked copy stays for the next dabs that share the mask and need none. */
    let current: Stamp = noStamp;
    let lastSize = -1;
    let lastHardness = -1;
    let lastAspect = -1;
    let lastAngle = -1;
    for (let at = 0; at + 6 < items.length; at += 7) {
      x = (x + items[at]!) | 0;
      y = (y + items[at + 1]!) | 0;
      const size = Math.min(items[at + 2]!, 256000);
      const hardness = items[at + 3]!;
      const opacity = items[at + 4]!;
      const angle = items[at + 5]!;
      const aspect = items[at + 6]!;
      const isSame =
        stamp !== undefined &&
        size === lastSize &&
        hardness === lastHardness &&
        aspect === lastAspect &&
        angle === lastAngle;
      if (isSame ? opacity === 0 : !isMyPaintDrawn(size, hardness, opacity)) continue;
      if (!isSame) {
        stamp = myPaintStamp(options.profile, size, hardness, aspect, angle);
        current = stamp;
        lastSize = size;
        lastHardness = hardness;
        lastAspect = aspect;
        lastAngle = angle;
      }
      placeMyPaint(x, y, size, placed);
      placed.stamp = stamp!;
      current = throughSelections(grid, placed, options) ?? current;
      placed.stamp = current;
      paint(grid, placed, opacity, options.author);
    }
  },
};

function pixelDrawer(stampOf: (size: number) => Stamp): Draw {
  return (grid, { x, y, items }, paint, options) => {
    const placed: PlacedStamp = { stamp: noStamp, left: 0, top: 0 };
    for (let at = 0; at + 3 < items.length; at += 4) {
      x = (x + items[at]!) | 0;
      y = (y + items[at + 1]!) | 0;
      const size = Math.min(items[at + 2]!, mostPixelSize);
      const opacity = items[at + 3]!;
      if (size === 0 || opacity === 0) continue;
      placed.stamp = stampOf(size);
      placed.left = x - (size >> 1);
      placed.top = y - (size >> 1);
      placed.stamp = throughSelections(grid, placed, options) ?? placed.stamp;
      paint(grid, placed, opacity, options.author);
    }
  };
}

/** The stamp masked by selections, or undefined when none of them takes anything away. */
function throughSelections(
  grid: TileGrid,
  placed: Readonly<PlacedStamp>,
  { mask, flood, opaque }: PaintOptions,
): Stamp | undefined {
  if (mask === undefined && flood === undefined) return undefined;
  const first = mask && maskStamp(grid, placed, mask, opaque);
  if (flood === undefined) return first;
  const { left, top } = placed;
  return maskStamp(grid, { stamp: first ?? placed.stamp, left, top }, flood, opaque) ?? first;
}

/** Paints a stamp onto every tile that it falls on, also beyond the edge of the canvas in the last tiles. */
function applyStamp(
  grid: TileGrid,
  { stamp, left, top }: Readonly<PlacedStamp>,
  brush: Brush,
  opacity: number,
  author: number,
): void {
  const { side, mask, at: first, stride } = stamp;
  if (left + side <= 0 || top + side <= 0 || left >= grid.width || top >= grid.height) return;
  const creates = opacity !== 0 && isCreating(brush);
  const x0 = Math.max(left, 0);
  const y0 = Math.max(top, 0);
  const x1 = Math.min(left + side, grid.columns * TILE_SIDE);
  const y1 = Math.min(top + side, grid.rows * TILE_SIDE);
  for (let row = y0 >> 6; row * TILE_SIDE < y1; row++) {
    const tileY = row * TILE_SIDE;
    const fromY = Math.max(y0 - tileY, 0);
    const height = Math.min(y1 - tileY, TILE_SIDE) - fromY;
    for (let column = x0 >> 6; column * TILE_SIDE < x1; column++) {
      const index = row * grid.columns + column;
      if (!grid.keeps(index) || (!creates && grid.get(index) === undefined)) continue;
      const tileX = column * TILE_SIDE;
      const fromX = Math.max(x0 - tileX, 0);
      const width = Math.min(x1 - tileX, TILE_SIDE) - fromX;
      const maskAt = first + (tileY + fromY - top) * stride + (tileX + fromX - left);
      const tile = grid.writable(index, author);
      const { pixels, address } = tile;
      blendPatch(brush, pixels, fromX, fromY, width, height, mask, maskAt, stride, opacity, address);
      // the middle of a dab is a better place to look than the corner of the tile
      if (pixels[tile.nonZeroAt] === 0)
        tile.nonZeroAt = ((fromY + (height >> 1)) * TILE_SIDE + fromX + (width >> 1)) * 4 + 3;
    }
  }
}

/** The fourth pass of MyPaint dabs. It adds nothing to absent tiles. */
function applyPosterize(
  grid: TileGrid,
  { stamp, left, top }: Readonly<PlacedStamp>,
  levels: number,
  opacity: number,
  author: number,
): void {
  const { side, mask, at: first, stride } = stamp;
  if (left + side <= 0 || top + side <= 0 || left >= grid.width || top >= grid.height) return;
  const x0 = Math.max(left, 0);
  const y0 = Math.max(top, 0);
  const x1 = Math.min(left + side, grid.columns * TILE_SIDE);
  const y1 = Math.min(top + side, grid.rows * TILE_SIDE);
  for (let y = y0; y < y1; y++) {
    for (let x = x0; x < x1; ) {
      const index = (y >> 6) * grid.columns + (x >> 6);
      const end = Math.min(x1, (x | 63) + 1);
      if (grid.keeps(index) && grid.get(index) !== undefined) {
        const { pixels } = grid.writable(index, author);
        const at = ((y & 63) * TILE_SIDE + (x & 63)) * 4;
        posterizePatch(pixels, at, end - x, mask, first + (y - top) * stride + (x - left), levels, opacity);
      }
      x = end;
    }
  }
}
