// The ways into the blend modes. Which loop runs is decided here, once per brush or tile, from the table of modes.

import { type Bgra, ONE, type Profile } from '../pixel.js';
import { activeKernels, machine } from '../wasm/machine.js';
import type { MaskKernel } from '../wasm/mask-kernels.js';
import type { TileKernel } from '../wasm/tile-kernels.js';
import * as float from './float-rows.js';
import * as mask from './mask-rows.js';
import { blendModes, type Family } from './modes.js';
import * as pixel from './pixel-rows.js';

/** One loop for the brush, or two where vector lanes compute something else than what remains of a row. */
interface BrushLoops {
  row: mask.MaskRow;
  /** For eight pixels at once, and for four. */
  lanes?: { eight: mask.MaskRow; four: mask.MaskRow };
  /** The same in WebAssembly. */
  kernel?: MaskKernel;
}

type MakeLoops = (profile: Profile, color: mask.RowColor) => BrushLoops;

const fixed =
  (row: mask.MaskRow, kernel?: MaskKernel): MakeLoops =>
  () =>
    kernel === undefined ? { row } : { row, kernel };

const withLanes =
  (row: mask.MaskRow, kernel: MaskKernel, lanes: mask.MaskRow, lanesKernel: MaskKernel): MakeLoops =>
  (profile) =>
    profile === 'avx2' ? { row, lanes: { eight: lanes, four: lanes }, kernel: lanesKernel } : { row, kernel };

const oklab =
  (kind: 'alpha' | 'keep' | 'eraser'): MakeLoops =>
  (profile, color) => {
    const row =
      kind === 'eraser'
        ? float.oklabAndEraserMaskRow(color)
        : float.mixingMaskRow('oklab', kind === 'alpha', profile, color);
    if (profile !== 'avx2') return { row };
    return {
      row,
      lanes: {
        eight: float.oklabMaskLanes('fma', kind, color),
        four: float.oklabMaskLanes('sse', kind, color),
      },
    };
  };

/** TABLE: how each family puts a colour through a mask. */
const brushLoops: Readonly<Record<Family, MakeLoops>> = {
  erase: fixed(mask.eraseMaskRow, 'maskErase'),
  normal: withLanes(mask.normalMaskRow, 'maskNormal', mask.normalMaskLanes, 'maskNormalLanes'),
  recolor: withLanes(mask.recolorMaskRow, 'maskRecolor', mask.recolorMaskLanes, 'maskRecolorLanes'),
  behind: fixed(mask.behindMaskRow, 'maskBehind'),
  colorErase: fixed(float.colorEraseMaskRow),
  normalAndEraser: fixed(mask.normalAndEraserMaskRow, 'maskNormalAndEraser'),
  replace: fixed(mask.replaceMaskRow),
  compareDensity: fixed(mask.compareDensityMaskRow, 'maskCompareDensity'),
  compareDensitySoft: fixed(mask.compareDensitySoftMaskRow, 'maskCompareDensitySoft'),
  lightToAlpha: fixed(mask.lightToAlphaMaskRow),
  darkToAlpha: fixed(mask.darkToAlphaMaskRow),
  separable: fixed(mask.separableMaskRow),
  separableAlpha: fixed(mask.separableAlphaMaskRow),
  nonSeparable: fixed(mask.nonSeparableMaskRow),
  nonSeparableAlpha: fixed(mask.nonSeparableAlphaMaskRow),
  sai: fixed(mask.saiMaskRow),
  saiAlpha: fixed(mask.saiAlphaMaskRow),
  marker: fixed(float.markerMaskRow),
  markerAlpha: fixed(float.markerAlphaMaskRow),
  markerAlphaWash: fixed(float.markerAlphaWashMaskRow),
  greater: fixed(float.greaterMaskRow),
  greaterWash: fixed(float.greaterWashMaskRow),
  greaterAlpha: fixed(float.greaterAlphaMaskRow),
  greaterAlphaWash: fixed(float.greaterAlphaWashMaskRow),
  pigment: (profile, color) => ({ row: float.mixingMaskRow('pigment', false, profile, color) }),
  pigmentAlpha: (profile, color) => ({ row: float.mixingMaskRow('pigment', true, profile, color) }),
  pigmentAndEraser: (profile, color) => ({ row: float.pigmentAndEraserMaskRow(profile, color) }),
  oklab: oklab('keep'),
  oklabAlpha: oklab('alpha'),
  oklabAndEraser: oklab('eraser'),
};

/** Pixels on pixels: the portable loop, and what AVX2 does with entire tiles where that differs. */
interface PixelLoops {
  row: pixel.PixelRow;
  avx2?: pixel.PixelRow;
  /** Where the profile matters pixel by pixel too. */
  avx2Row?: pixel.PixelRow;
  /** The same for entire tiles in WebAssembly, by profile. */
  kernels?: Readonly<Record<Profile, TileKernel>>;
}

/** TABLE: how each family puts pixels on pixels. Families that are not here have no effect. */
const pixelLoops: Readonly<Partial<Record<Family, PixelLoops>>> = {
  erase: { row: pixel.erasePixelRow, kernels: { portable: 'tileErase', avx2: 'tileErase' } },
  normal: {
    row: pixel.normalPixelRow,
    avx2: pixel.normalPixelLanes,
    kernels: { portable: 'tileNormal', avx2: 'tileNormalLanes' },
  },
  recolor: {
    row: pixel.recolorPixelRow,
    avx2: pixel.recolorPixelLanes,
    kernels: { portable: 'tileRecolor', avx2: 'tileRecolorLanes' },
  },
  behind: { row: pixel.behindPixelRow, kernels: { portable: 'tileBehind', avx2: 'tileBehind' } },
  colorErase: { row: pixel.colorErasePixelRow },
  replace: { row: pixel.replacePixelRow },
  lightToAlpha: { row: pixel.lightToAlphaPixelRow },
  darkToAlpha: { row: pixel.darkToAlphaPixelRow },
  separable: { row: pixel.separablePixelRow },
  separableAlpha: { row: pixel.separableAlphaPixelRow },
  nonSeparable: { row: pixel.nonSeparablePixelRow },
  nonSeparableAlpha: { row: pixel.nonSeparableAlphaPixelRow },
  sai: { row: pixel.saiPixelRow },
  saiAlpha: { row: pixel.saiAlphaPixelRow },
  marker: { row: pixel.markerPixelRow },
  markerAlpha: { row: pixel.markerAlphaPixelRow },
  markerAlphaWash: { row: pixel.markerAlphaPixelRow },
  greater: { row: pixel.greaterPixelRow },
  greaterWash: { row: pixel.greaterPixelRow },
  greaterAlpha: { row: pixel.greaterAlphaPixelRow },
  greaterAlphaWash: { row: pixel.greaterAlphaPixelRow },
  pigment: {
    row: pixel.mixingPixelRow('pigment', false, 'portable'),
    avx2Row: pixel.mixingPixelRow('pigment', false, 'avx2'),
  },
  pigmentAlpha: {
    row: pixel.mixingPixelRow('pigment', true, 'portable'),
    avx2Row: pixel.mixingPixelRow('pigment', true, 'avx2'),
  },
  oklab: {
    row: pixel.mixingPixelRow('oklab', false, 'portable'),
    avx2: pixel.oklabPixelLanes('fma', 'keep'),
  },
  oklabAlpha: {
    row: pixel.mixingPixelRow('oklab', true, 'portable'),
    avx2: pixel.oklabPixelLanes('fma', 'alpha'),
  },
};

/** The loop for single pixels, undefined where the mode does nothing pixel on pixel. */
export function pixelRow(profile: Profile, mode: number): pixel.PixelRow | undefined {
  const row = blendModes[mode];
  const loops = row && pixelLoops[row.family];
  return profile === 'avx2' ? (loops?.avx2Row ?? loops?.row) : loops?.row;
}

const TILE_PIXELS = 4096;

const belowCopy = machine.takeU16(TILE_PIXELS * 4);
const aboveCopy = machine.takeU16(TILE_PIXELS * 4);

/** The pixels where kernels can reach them. */
function inMachine(pixels: Uint16Array, copy: Uint16Array): Uint16Array {
  if (pixels.buffer === machine.memory) return pixels;
  copy.set(pixels);
  return copy;
}

/**
 * Entire tiles (16384 channels each): dst becomes src over dst in this mode, with this opacity (0 to ONE). Modes that
 * do not exist pixel on pixel (14, 25, 26, 82, 90, unknown ones) change nothing.
 */
export function blendTile(
  profile: Profile,
  mode: number,
  dst: Uint16Array,
  src: Uint16Array,
  opacity: number,
): void {
  const row = blendModes[mode];
  const loops = row && pixelLoops[row.family];
  if (row === undefined || loops === undefined) return;
  const kernels = activeKernels();
  if (loops.kernels !== undefined && kernels !== undefined) {
    const below = inMachine(dst, belowCopy);
    kernels[loops.kernels[profile]](below.byteOffset, inMachine(src, aboveCopy).byteOffset, opacity);
    if (below !== dst) dst.set(below);
    return;
  }
  const loop = profile === 'avx2' ? (loops.avx2 ?? loops.avx2Row ?? loops.row) : loops.row;
  loop(dst, 0, src, 0, TILE_PIXELS, opacity, row.function);
}

/** One pixel on another, as pasted pictures do it: without vector lanes in both profiles. */
export function blendPixel(
  profile: Profile,
  mode: number,
  dst: Uint16Array,
  dstAt: number,
  src: Uint16Array,
  srcAt: number,
  opacity: number = ONE,
): void {
  pixelRow(profile, mode)?.(dst, dstAt, src, srcAt, 1, opacity, blendModes[mode]!.function);
}

/** A colour that paints in one mode: what can be prepared once per message is. */
export interface Brush extends mask.RowColor {
  readonly mode: number;
  readonly loops: BrushLoops;
}

/** `color`: 15 bits, not multiplied by alpha. Undefined for a mode that does not exist. */
export function makeBrush(profile: Profile, mode: number, color: Readonly<Bgra>): Brush | undefined {
  const row = blendModes[mode];
  if (row === undefined) return undefined;
  const [b, g, r, a] = color;
  const rowColor: mask.RowColor = { b, g, r, a, f: row.function };
  return { ...rowColor, mode, loops: brushLoops[row.family](profile, rowColor) };
}

/**
 * A rectangle inside a tile, through the mask that falls on it (0 to ONE, one number per pixel, from `maskAt` on,
 * rows `maskStride` apart; a stride of 0 repeats one row). A row is split as vector lanes split it (9.2). `address`:
 * where the tile is in the memory of the kernels, if it is there.
 */
export function blendPatch(
  brush: Brush,
  pixels: Uint16Array,
  x: number,
  y: number,
  width: number,
  height: number,
  maskValues: Uint16Array,
  maskAt: number,
  maskStride: number,
  opacity: number,
  address = 0,
): void {
  const { row, lanes, kernel } = brush.loops;
  if (address !== 0 && kernel !== undefined && maskValues.buffer === machine.memory) {
    const kernels = activeKernels();
    if (kernels !== undefined) {
      kernels[kernel](
        address + (y * 64 + x) * 8,
        maskValues.byteOffset + maskAt * 2,
        width,
        height,
        maskStride * 2,
        brush.b | (brush.g << 16),
        brush.r | (ONE << 16),
        brush.a,
        opacity,
      );
      return;
    }
  }
  for (let line = 0; line < height; line++) {
    const at = ((y + line) * 64 + x) * 4;
    const from = maskAt + line * maskStride;
    if (lanes === undefined) {
      row(pixels, at, width, maskValues, from, brush, opacity);
      continue;
    }
    const eights = width & ~7;
    const fours = (width - eights) & ~3;
    const rest = width - eights - fours;
    if (eights > 0) lanes.eight(pixels, at, eights, maskValues, from, brush, opacity);
    if (fours > 0) lanes.four(pixels, at + eights * 4, fours, maskValues, from + eights, brush, opacity);
    if (rest > 0) {
      row(pixels, at + (eights + fours) * 4, rest, maskValues, from + eights + fours, brush, opacity);
    }
  }
}
