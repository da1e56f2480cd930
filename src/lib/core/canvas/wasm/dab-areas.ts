// Where in the memory of the kernels a message of dabs is drawn: its numbers, the tiles around it, and masks of brushes
// that may be needed again. At fixed addresses, so that they stand in the code.

const u16 = 2;
const i32 = 4;

/** Of the dabs of a message: five bytes each are the least, and four numbers. */
export const mostNumbers = 65_536;
/** Tiles in the rectangle around the dabs of a message. */
export const mostCells = 16_384;
/** A mask has at most 1003 cells on a side; unmoved, there is a column before and a row above. */
const mostMask = 1004 * 1004 + 64;

export const cacheEntryBytes = 16;
export const cacheBits = 10;

/** What holds for the message, a number each. */
const fields = [
  // of the grid, in pixels; the last two with all of the last tiles
  'width',
  'height',
  'right',
  'bottom',
  // of the rectangle of tiles around the dabs
  'firstColumn',
  'firstRow',
  'lastColumn',
  'lastRow',
  'columns',
  // of the brush
  'kernel',
  'blueGreen',
  'redOne',
  'alpha',
  'isRounded',
  /** Where the next mask goes. */
  'nextMask',
  /** Where the mask of the present dab is. */
  'mask',
  /** Whether any tile that it falls on is painted. */
  'isSeen',
] as const;

export type Field = (typeof fields)[number];

const areaBytes = {
  record: fields.length * i32,
  /** The opacity for each byte of it. */
  opacities: 256 * u16,
  /** Addresses of the curves of soft brushes, by hardness in percent. */
  curves: 101 * i32,
  cosines: 256 * i32,
  sines: 256 * i32,
  /** For the kernels that make masks: see there. */
  squares: 2064 * i32,
  turned: 2064 * i32,
  unmoved: mostMask * u16,
  /** The numbers of the dabs as they are in the message. */
  numbers: mostNumbers * i32,
  /** By tile around the dabs: first which dabs fall on it, then its address. */
  cells: mostCells * i32,
  /** By tile: a channel in the middle of what was painted last. */
  nonZeros: mostCells * i32,
  /** Masks that were made: two numbers that encode all that they depend on, the address. */
  cache: cacheEntryBytes << cacheBits,
  masks: mostMask * u16,
  /** Where other uses of the memory begin. */
  end: 0,
};

type Area = keyof typeof areaBytes;

/** Addresses, aligned for vectors. */
export const areaAt = ((): Readonly<Record<Area, number>> => {
  let start = 64;
  const places = Object.entries(areaBytes).map(([name, bytes]) => {
    const place = start;
    start += (bytes + 15) & ~15;
    return [name, place];
  });
  return Object.fromEntries(places) as Record<Area, number>;
})();

export const fieldAt = Object.fromEntries(
  fields.map((name, index) => [name, areaAt.record + index * i32]),
) as Readonly<Record<Field, number>>;

/** As much as stays in the nearest caches of a processor; larger masks are kept alone. */
export const keptMasksEnd = areaAt.masks + 192 * 1024;

/** Marks of tiles: dabs fall on it that paint, or only such whose opacity is 0. */
export const paints = 1;
export const paintsNothing = 2;

/** What dabs are gone through for: the rectangle around them, the tiles in it that they fall on, painting. */
export const steps = { bounds: 0, marks: 1, paint: 2 } as const;
