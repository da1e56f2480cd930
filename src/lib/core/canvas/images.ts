// Pictures of 8 bits put into grids, rectangles filled, and regions cut out: PutImage, FillRect, MoveRect (pixels 6.1
// to 6.3), and canvases resized (6.6). Pictures are rows of blue, green, red, alpha, multiplied by alpha. Only pixels
// inside the canvas count.

import { blendPatch, makeBrush, pixelRow } from './blend/blend.js';
import { blendModes, isOntoBlank } from './blend/modes.js';
import { argbToColor, c8to15, c15to8, ONE, type Profile, premultiply } from './pixel.js';
import { type OpaqueTileUse, solidTile, TILE_SIDE, TileGrid } from './tiles.js';
import { machine } from './wasm/machine.js';

export interface Rect {
  x: number;
  y: number;
  width: number;
  height: number;
}

export interface WriteOptions {
  profile: Profile;
  author: number;
  /** Whether the grid belongs to a selection. */
  isSelection?: boolean;
  opaque?: OpaqueTileUse | undefined;
}

/** The part of a tile that a rectangle covers, in canvas coordinates: end exclusive. */
type VisitTile = (index: number, x0: number, y0: number, x1: number, y1: number) => void;

/** Visits the tiles that a rectangle touches, cut to the canvas. False when that leaves nothing. */
function eachTilePart(grid: TileGrid, rect: Rect, visit: VisitTile): boolean {
  const part = clip(rect, grid);
  if (part === undefined) return false;
  const { x: x0, y: y0 } = part;
  const x1 = x0 + part.width;
  const y1 = y0 + part.height;
  for (let row = y0 >> 6; row << 6 < y1; row++) {
    const fromY = Math.max(y0, row << 6);
    const toY = Math.min(y1, (row + 1) << 6);
    for (let column = x0 >> 6; column << 6 < x1; column++) {
      const fromX = Math.max(x0, column << 6);
      visit(row * grid.columns + column, fromX, fromY, Math.min(x1, (column + 1) << 6), toY);
    }
  }
  return true;
}

/** What a pixel of a picture does in a mode: sets the one below, blends with it, clears it or nothing. */
type Action = 'set' | 'blend' | 'clear' | 'erase' | 'none';

function actionOf(mode: number, alpha: number): Action {
  switch (mode) {
    case 0:
      return alpha === 255 ? 'clear' : alpha === 0 ? 'none' : 'erase';
    case 1:
      return alpha === 255 ? 'set' : alpha === 0 ? 'none' : 'blend';
    case 14:
      // there is no such mode pixel on pixel: what is not opaque does nothing, though it makes a tile
      return alpha === 255 ? 'set' : 'blend';
    case 255:
      // colours without alpha as well: 178 can bring them
      return 'set';
    default:
      return alpha === 0 ? 'none' : 'blend';
  }
}

/** PutImage (6.2): `image` has rect.width * rect.height * 4 bytes. Outside the canvas: nothing. Calls finish(). */
export function putImage(
  grid: TileGrid,
  mode: number,
  rect: Rect,
  image: Uint8Array,
  options: WriteOptions,
): void {
  const row = blendModes[mode];
  if (row === undefined) return;
  const { profile, author } = options;
  const blend = pixelRow(profile, mode);
  const actions = Array.from({ length: 256 }, (_, alpha) => actionOf(mode, alpha));
  const source = new Uint16Array(4);
  const makesTiles = isOntoBlank(mode);
  eachTilePart(grid, rect, (index, x0, y0, x1, y1) => {
    if (!makesTiles && grid.get(index) === undefined) return;
    let pixels: Uint16Array | undefined;
    for (let y = y0; y < y1; y++) {
      let from = ((y - rect.y) * rect.width + (x0 - rect.x)) * 4;
      let at = ((y & 63) * TILE_SIDE + (x0 & 63)) * 4;
      for (let x = x0; x < x1; x++, from += 4, at += 4) {
        const action = actions[image[from + 3]!]!;
        if (action === 'none') continue;
        pixels ??= grid.writable(index, author).pixels;
        switch (action) {
          case 'set':
            for (let c = 0; c < 4; c++) pixels[at + c] = c8to15(image[from + c]!);
            break;
          case 'clear':
            pixels.fill(0, at, at + 4);
            break;
          case 'erase':
            source.fill(c8to15(image[from + 3]!));
            blend?.(pixels, at, source, 0, 1, ONE, row.function);
            break;
          case 'blend':
            for (let c = 0; c < 4; c++) source[c] = c8to15(image[from + c]!);
            blend?.(pixels, at, source, 0, 1, ONE, row.function);
            break;
        }
      }
    }
  });
  grid.finish(options.isSelection, options.opaque);
}

/** The same with a picture of black pixels, of which only the alphas are given: a mask. */
export function putAlphas(
  grid: TileGrid,
  mode: number,
  rect: Rect,
  alphas: Uint8Array,
  options: WriteOptions,
): void {
  // no larger than the part that counts: masks can be much larger than the canvas
  const part = clip(rect, grid);
  if (part === undefined) return;
  const image = new Uint8Array(part.width * part.height * 4);
  for (let y = 0, to = 3; y < part.height; y++) {
    const from = (part.y + y - rect.y) * rect.width + (part.x - rect.x);
    for (let x = 0; x < part.width; x++, to += 4) image[to] = alphas[from + x]!;
  }
  putImage(grid, mode, part, image, options);
}

/** The part of a rectangle that lies in the canvas. */
export function clip(
  { x, y, width, height }: Rect,
  size: { width: number; height: number },
): Rect | undefined {
  const x0 = Math.max(x, 0);
  const y0 = Math.max(y, 0);
  // sums wrap around as clients' integers do
  const x1 = Math.min((x + width) | 0, size.width);
  const y1 = Math.min((y + height) | 0, size.height);
  return x0 >= x1 || y0 >= y1 ? undefined : { x: x0, y: y0, width: x1 - x0, height: y1 - y0 };
}

const fullMask = machine.takeU16(TILE_SIDE).fill(ONE);

/** FillRect (6.1) with the rule for the entire canvas. False when nothing of it lies in the canvas. Calls finish(). */
export function fillRect(
  grid: TileGrid,
  mode: number,
  rect: Rect,
  argb: number,
  options: WriteOptions,
): boolean {
  const { profile, author } = options;
  const color = argbToColor(argb);
  const [b, g, r, a] = color;
  const part = clip(rect, grid);
  const isComplete = part?.width === grid.width && part.height === grid.height;
  if (isComplete && (mode === 255 || (mode === 1 && a === ONE))) {
    grid.fill(solidTile(...premultiply([b, g, r, a]), author));
    return true;
  }
  const brush = makeBrush(profile, mode, color);
  const creates = isOntoBlank(mode) && a !== 0;
  const isInside = eachTilePart(grid, rect, (index, x0, y0, x1, y1) => {
    if (brush === undefined || (!creates && grid.get(index) === undefined)) return;
    const { pixels, address } = grid.writable(index, author);
    blendPatch(brush, pixels, x0 & 63, y0 & 63, x1 - x0, y1 - y0, fullMask, 0, 0, a, address);
  });
  grid.finish(options.isSelection, options.opaque);
  return isInside;
}

/** A region that moves: where from, through which mask (a byte per pixel), with which opacity byte and mode. */
export interface Region {
  rect: Rect;
  mask: Uint8Array | undefined;
  opacity: number;
  mode: number;
}

/** Cuts a picture out of the main grid, through mask and opacity; nothing is changed. 6.3, step 1. */
export function cutRegion(grid: TileGrid, { rect, mask, opacity }: Region): Uint8Array {
  const image = new Uint8Array(rect.width * rect.height * 4);
  const opacity15 = c8to15(opacity);
  eachTilePart(grid, rect, (index, x0, y0, x1, y1) => {
    const pixels = grid.get(index)?.pixels;
    if (pixels === undefined) return;
    for (let y = y0; y < y1; y++) {
      let cell = (y - rect.y) * rect.width + (x0 - rect.x);
      let at = ((y & 63) * TILE_SIDE + (x0 & 63)) * 4;
      for (let x = x0; x < x1; x++, cell++, at += 4) {
        const k = mask === undefined ? 255 : mask[cell]!;
        if (k === 0) continue;
        const a = k === 255 ? opacity15 : Math.imul(opacity15, c8to15(k)) >>> 15;
        for (let c = 0; c < 4; c++) {
          const channel = a === ONE ? pixels[at + c]! : Math.imul(pixels[at + c]!, a) >>> 15;
          image[cell * 4 + c] = c15to8(channel);
        }
      }
    }
  });
  return image;
}

/** Erases what a region was cut from; the opacity does not weaken it. 6.3, step 2. */
export function eraseRegion(grid: TileGrid, { rect, mask }: Region, options: WriteOptions): void {
  if (mask === undefined) {
    fillRect(grid, 255, rect, 0, options);
    return;
  }
  putAlphas(grid, 0, rect, mask, options);
}

/** A part of a region, from (x, y) of it on. */
function partOf(region: Region, x: number, y: number, width: number, height: number): Region {
  const { rect, mask } = region;
  if (x === 0 && y === 0 && width === rect.width && height === rect.height) return region;
  let part: Uint8Array | undefined;
  if (mask !== undefined) {
    part = new Uint8Array(width * height);
    for (let row = 0; row < height; row++) {
      const from = (y + row) * rect.width + x;
      part.set(mask.subarray(from, from + width), row * width);
    }
  }
  return { ...region, rect: { x: rect.x + x, y: rect.y + y, width, height }, mask: part };
}

/** MoveRect (6.3): cuts, erases, puts at (x, y) of the target, which may be the source. Calls finish(). */
export function moveRegion(
  source: TileGrid,
  target: TileGrid,
  region: Region,
  x: number,
  y: number,
  options: WriteOptions & { isSourceSelection?: boolean },
): void {
  // only what arrives in the canvas is cut out: a message can name a region of any size
  const { rect } = region;
  const to = clip({ x, y, width: rect.width, height: rect.height }, target);
  const image = to && cutRegion(source, partOf(region, to.x - x, to.y - y, to.width, to.height));
  eraseRegion(source, region, { ...options, isSelection: options.isSourceSelection ?? false });
  if (to !== undefined && image !== undefined) putImage(target, region.mode, to, image, options);
}

/** The canvas as 8-bit channels multiplied by alpha, width * height * 4 bytes; or a part of it. */
export function gridToImage(
  grid: TileGrid,
  rect: Rect = { x: 0, y: 0, width: grid.width, height: grid.height },
): Uint8Array {
  return cutRegion(grid, { rect, mask: undefined, opacity: 255, mode: 255 });
}

/**
 * A grid after CanvasResize (6.6): complete tiles moved where left and top are multiples of 64, through 8 bits and PutImage
 * otherwise. The caller makes grids without content empty ones (new TileGrid) first.
 */
export function resizeGrid(
  grid: TileGrid,
  left: number,
  top: number,
  width: number,
  height: number,
): TileGrid {
  if (left % TILE_SIDE === 0 && top % TILE_SIDE === 0) return grid.movedByTiles(left, top, width, height);
  const resized = new TileGrid(width, height);
  // tile by tile, so that no picture of the entire canvas is made
  grid.forEach((tile, index) => {
    const x = (index % grid.columns) * TILE_SIDE;
    const y = Math.floor(index / grid.columns) * TILE_SIDE;
    const rect = {
      x,
      y,
      width: Math.min(TILE_SIDE, grid.width - x),
      height: Math.min(TILE_SIDE, grid.height - y),
    };
    const to = { ...rect, x: x + left, y: y + top };
    putImage(resized, 255, to, gridToImage(grid, rect), { profile: 'portable', author: tile.author });
  });
  return resized;
}
