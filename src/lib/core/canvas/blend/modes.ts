// TABLE of blend modes (pixels 4.1): one row per wire value, with the family of arithmetic that computes it.
// Names come from core/protocol/blend-modes.ts.

import { blendModes23 } from '../../protocol/blend-modes.js';
import { type ColorFunction, colorFunctions } from './color-functions.js';

export type Family =
  | 'erase'
  | 'normal'
  | 'recolor'
  | 'behind'
  | 'colorErase'
  | 'normalAndEraser'
  | 'replace'
  | 'compareDensity'
  | 'compareDensitySoft'
  | 'lightToAlpha'
  | 'darkToAlpha'
  | 'separable'
  | 'separableAlpha'
  | 'nonSeparable'
  | 'nonSeparableAlpha'
  | 'sai'
  | 'saiAlpha'
  | 'marker'
  | 'markerAlpha'
  | 'markerAlphaWash'
  | 'greater'
  | 'greaterWash'
  | 'greaterAlpha'
  | 'greaterAlphaWash'
  | 'pigment'
  | 'pigmentAlpha'
  | 'pigmentAndEraser'
  | 'oklab'
  | 'oklabAlpha'
  | 'oklabAndEraser';

export interface BlendMode {
  /** The wire value. */
  id: number;
  /** In text recordings. */
  text: string;
  /** In OpenRaster files. */
  ora: string;
  family: Family;
  /** Number of the colour function, for families that have one (color-functions.ts). */
  function: number;
  /** Whether it can draw onto an absent tile. */
  isOntoBlank: boolean;
  /** The partner that keeps the alpha of what is below, for modes that change it. */
  preserving: number | undefined;
  /** The partner that changes alpha, for modes that keep it. */
  affecting: number | undefined;
  /** What a 4.24 message with this value means. */
  from24: number;
}

type Row = readonly [family: Family, f?: ColorFunction];

/** Modes 2 to 9, 13 and 15 to 43, the ones that keep alpha, in an order that their alpha forms follow. */
const keeping: readonly (readonly [number, ...Row])[] = [
  [2, 'separable', 'mul'],
  [3, 'separable', 'divide'],
  [4, 'separable', 'burn'],
  [5, 'separable', 'dodge'],
  [6, 'separable', 'darken'],
  [7, 'separable', 'lighten'],
  [8, 'separable', 'subtract'],
  [9, 'separable', 'add'],
  [13, 'separable', 'screen'],
  [15, 'sai', 'add'],
  [16, 'separable', 'overlay'],
  [17, 'separable', 'hardLight'],
  [18, 'separable', 'softLight'],
  [19, 'separable', 'linearBurn'],
  [20, 'separable', 'linearLight'],
  [21, 'nonSeparable', 'hue'],
  [22, 'nonSeparable', 'saturation'],
  [23, 'nonSeparable', 'luminosity'],
  [24, 'nonSeparable', 'color'],
  [27, 'separable', 'vividLight'],
  [28, 'separable', 'pinLight'],
  [29, 'separable', 'difference'],
  [30, 'nonSeparable', 'darker'],
  [31, 'nonSeparable', 'lighter'],
  [32, 'sai', 'shade'],
  [33, 'sai', 'shadeShine'],
  [34, 'sai', 'burnSai'],
  [35, 'sai', 'dodge'],
  [36, 'sai', 'burnDodgeSai'],
  [37, 'sai', 'hardMixSai'],
  [38, 'sai', 'difference'],
  [39, 'marker'],
  [40, 'marker'],
  [41, 'greater'],
  [42, 'greaterWash'],
  [43, 'pigment'],
];

const alphaForms: Partial<Record<Family, Family>> = {
  separable: 'separableAlpha',
  nonSeparable: 'nonSeparableAlpha',
  sai: 'saiAlpha',
  marker: 'markerAlpha',
  greater: 'greaterAlpha',
  greaterWash: 'greaterAlphaWash',
  pigment: 'pigmentAlpha',
};

const others: readonly (readonly [number, Family])[] = [
  [0, 'erase'],
  [1, 'normal'],
  [10, 'recolor'],
  [11, 'behind'],
  [12, 'colorErase'],
  [14, 'normalAndEraser'],
  [25, 'compareDensitySoft'],
  [26, 'compareDensity'],
  [44, 'lightToAlpha'],
  [45, 'darkToAlpha'],
  [78, 'markerAlphaWash'],
  [82, 'pigmentAndEraser'],
  [83, 'erase'],
  [84, 'behind'],
  [85, 'colorErase'],
  [86, 'lightToAlpha'],
  [87, 'darkToAlpha'],
  [88, 'oklabAlpha'],
  [89, 'oklab'],
  [90, 'oklabAndEraser'],
  [255, 'replace'],
];

/** [changes alpha, keeps it]. */
const pairs: readonly (readonly [number, number])[] = [
  [0, 83],
  [1, 10],
  [11, 84],
  [12, 85],
  [44, 86],
  [45, 87],
  [88, 89],
  ...keeping.map(([id], index) => [46 + index, id] as const),
];

const preservingOf: ReadonlyMap<number, number> = new Map(pairs);
const affectingOf: ReadonlyMap<number, number> = new Map(
  pairs.map(([affecting, preserving]) => [preserving, affecting]),
);

/** Modes that OpenRaster files write with another's name. */
const oraNames: ReadonlyMap<number, string> = new Map([
  [40, '-dp-marker'],
  [77, '-dp-marker'],
  [78, '-dp-marker'],
  [41, 'krita:greater'],
  [42, 'krita:greater'],
  [80, 'krita:greater'],
  [43, 'mypaint:spectral-wgm'],
]);

const ontoBlank: ReadonlySet<number> = new Set([1, 11, 14, 25, 26, 84, 88, 90, 255]);

const textOf = (id: number) => blendModes23.nameOf(id) ?? String(id);

function oraOf(id: number): string {
  const own = oraNames.get(id);
  if (own !== undefined) return own;
  if (id >= 46 && id <= 76) return textOf(preservingOf.get(id)!);
  if (id >= 83 && id <= 87) return textOf(affectingOf.get(id)!);
  return textOf(id);
}

/** 2.2 has modes 0 to 24 and 255; what is younger becomes the nearest of them. */
function from24(id: number): number {
  if (id <= 24 || id === 255) return id;
  if (id >= 46 && id <= 64) return preservingOf.get(id)!;
  if (id >= 27 && id <= 43) return 10;
  switch (id) {
    case 44:
    case 45:
    case 83:
    case 86:
    case 87:
      return 0;
    case 84:
      return 11;
    case 85:
      return 12;
    case 89:
      return 10;
    default:
      return 1;
  }
}

function makeTable(): (BlendMode | undefined)[] {
  const table = new Array<BlendMode | undefined>(256).fill(undefined);
  const add = (id: number, family: Family, f?: ColorFunction) => {
    table[id] = {
      id,
      text: textOf(id),
      ora: oraOf(id),
      family,
      function: f === undefined ? -1 : colorFunctions.indexOf(f),
      isOntoBlank: ontoBlank.has(id) || (id >= 46 && id <= 82),
      preserving: preservingOf.get(id),
      affecting: affectingOf.get(id),
      from24: from24(id),
    };
  };
  keeping.forEach(([id, family, f], index) => {
    add(id, family, f);
    add(46 + index, alphaForms[family]!, f);
  });
  // after the alpha forms: 78 has its own family
  for (const [id, family] of others) add(id, family);
  return table;
}

/** By wire value; undefined where there is no such mode. */
export const blendModes: readonly (BlendMode | undefined)[] = makeTable();

/** Whether messages can name it: 0 to 90 and 255. */
export function isBlendMode(mode: number): boolean {
  return blendModes[mode] !== undefined;
}

/** The partner for clipped layers, and for alpha lock: the mode itself when it has none. */
export function preservingMode(mode: number): number {
  return blendModes[mode]?.preserving ?? mode;
}

/** The way back from preservingMode. */
export function affectingMode(mode: number): number {
  return blendModes[mode]?.affecting ?? mode;
}

/** Whether it can draw onto an absent tile. */
export function isOntoBlank(mode: number): boolean {
  return blendModes[mode]?.isOntoBlank ?? false;
}

/** What a 4.24 message means by this value, undefined when it is unknown. */
export function blendModeFrom24(mode: number): number | undefined {
  return blendModes[mode]?.from24;
}
