// TABLE of blend modes (4.1): one row per wire value.

import { blendModes23 } from '../../protocol/blend-modes.js';

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
  | 'whole'
  | 'wholeAlpha'
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
  /** Which colour function: see color-functions.ts. Only for families that have one. */
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

/** By wire value; undefined where there is no such mode. */
export const blendModes: readonly (BlendMode | undefined)[] = [];

/** Whether messages can name it: 0 to 90 and 255. */
export function isBlendMode(mode: number): boolean {
  return (mode >= 0 && mode <= 90) || mode === 255;
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

export const nameOfMode = blendModes23.nameOf;
