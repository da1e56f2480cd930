// TABLE of blend modes by their text names (formats.md §4, protocol.md §8.5). The number is the wire value, which
// is the place in the list; 255 is "replace" everywhere. The 2.1 text dialect writes plain numbers and needs no names.

const until24 = [
  'svg:dst-out',
  'svg:src-over',
  'svg:multiply',
  'krita:divide',
  'svg:color-burn',
  'svg:color-dodge',
  'svg:darken',
  'svg:lighten',
  'krita:subtract',
  'svg:plus',
  'svg:src-atop',
  'svg:dst-over',
  '-dp-cerase',
  'svg:screen',
  '-dp-normal-and-eraser',
  'krita:luminosity_sai',
  'svg:overlay',
  'svg:hard-light',
  'svg:soft-light',
  'krita:linear_burn',
];

const hslNames = ['svg:hue', 'svg:saturation', 'svg:luminosity', 'svg:color'];

/** Modes 46 to 77: the alpha-preserving forms, all named `-dp-X-alpha`. */
const alphaNames = [
  'multiply',
  'divide',
  'burn',
  'dodge',
  'darken',
  'lighten',
  'subtract',
  'add',
  'screen',
  'luminosity-shine-sai',
  'overlay',
  'hard-light',
  'soft-light',
  'linear-burn',
  'linear-light',
  'hue',
  'saturation',
  'luminosity',
  'color',
  'vivid-light',
  'pin-light',
  'difference',
  'darker-color',
  'lighter-color',
  'shade-sai',
  'shade-shine-sai',
  'burn-sai',
  'dodge-sai',
  'burn-dodge-sai',
  'hard-mix-sai',
  'difference-sai',
  'marker',
].map((name) => `-dp-${name}-alpha`);

const names22 = [...until24, '-dp-linear-light', ...hslNames, 'krita:alphadarken', '-dp-alpha-darken-lerp'];

const names23 = [
  ...until24,
  'krita:linear light',
  ...hslNames,
  '-dp-compare-density-soft',
  '-dp-compare-density',
  'krita:vivid_light',
  'krita:pin_light',
  'svg:difference',
  'krita:darker color',
  'krita:lighter color',
  'krita:shade_sai',
  'krita:shade_shine_sai',
  'krita:burn_sai',
  'krita:dodge_sai',
  'krita:burn_dodge_sai',
  'krita:hard_mix_sai',
  'krita:difference_sai',
  '-dp-marker',
  '-dp-marker-wash',
  '-dp-greater',
  '-dp-greater-wash',
  '-dp-pigment',
  '-dp-light-to-alpha',
  '-dp-dark-to-alpha',
  ...alphaNames,
  '-dp-marker-alpha-wash',
  'krita:greater',
  '-dp-greater-alpha-wash',
  'mypaint:spectral-wgm',
  '-dp-pigment-and-eraser',
  '-dp-erase-preserve',
  '-dp-behind-preserve',
  '-dp-cerase-preserve',
  '-dp-light-to-alpha-preserve',
  '-dp-dark-to-alpha-preserve',
  '-dp-oklab-normal',
  '-dp-oklab-recolor',
  '-dp-oklab-normal-and-eraser',
];

/** Names and numbers of the blend modes of one generation. */
export interface BlendModes {
  /** The name of a wire value, undefined when it has none. */
  nameOf(mode: number): string | undefined;
  /** The wire value of a name, undefined when nobody knows it. */
  numberOf(name: string): number | undefined;
}

/** The value that stands for a missing or unknown name. */
export const normalBlendMode = 1;

function blendModes(names: readonly string[]): BlendModes {
  const numbers = new Map(names.map((name, number) => [name, number]));
  // Names of before 2.2 that newer readers still take (formats.md §4).
  for (const [name, number] of [
    ['-dp-erase', 0],
    ['-dp-divide', 3],
    ['-dp-minus', 8],
    ['-dp-replace', 255],
  ] as const) {
    numbers.set(name, number);
  }
  return {
    nameOf: (mode) => (mode === 255 ? '-dp-replace' : names[mode]),
    numberOf: (name) => numbers.get(name),
  };
}

/** dp:4.24.0 */
export const blendModes22 = blendModes(names22);
/** dp:4.25.1 */
export const blendModes23 = blendModes(names23);
