// TransformRegion: a region cut out and put into a quad (pixels 6.3, 6.4). All arithmetic is in doubles, evaluated in
// the order written: the last bits decide which pixel is sampled.

import { cutRegion, eraseRegion, putImage, type Rect, type Region, type WriteOptions } from './images.js';
import { mul8 } from './pixel.js';
import { type Point, rasterize, type Span } from './raster.js';
import type { TileGrid } from './tiles.js';

/** (x1, y1) … (x4, y4), clockwise from the top left. */
export type Quad = readonly [number, number, number, number, number, number, number, number];

/** Inclusive bounds of a quad: what the checks of the message look at. */
export function quadBounds([x1, y1, x2, y2, x3, y3, x4, y4]: Quad): Rect {
  const x = Math.min(x1, x2, x3, x4);
  const y = Math.min(y1, y2, y3, y4);
  return {
    x,
    y,
    width: Math.max(x1, x2, x3, x4) - x + 1,
    height: Math.max(y1, y2, y3, y4) - y + 1,
  };
}

/** Pixels that a transformed picture may have (6.3). */
export const mostTransformedPixels = 35_000_000;

/** And what may be cut out for it; clients would run out of memory. */
const mostCutPixels = 2 * mostTransformedPixels;

/**
 * Cuts, transforms, erases, puts. `interpolation` is the message's mode: 0 nearest, others bilinear. The caller made
 * the checks of sizes and bounds. False when it cannot be done (degenerate quad): nothing is changed then.
 */
export function transformRegion(
  source: TileGrid,
  target: TileGrid,
  region: Region,
  quad: Quad,
  interpolation: number,
  options: WriteOptions & { isSourceSelection?: boolean },
): boolean {
  const bounds = quadBounds(quad);
  const { width, height } = region.rect;
  if (width * height > mostCutPixels) return false;
  const cut = cutRegion(source, region);
  let image: Uint8Array | undefined = cut;
  let to = bounds;
  if (bounds.width === width && bounds.height === height && quad[0] < quad[2]) {
    // clients take this for a move, also where it is a mirror image
    to = { x: quad[0], y: quad[3], width, height };
  } else {
    if (bounds.width * bounds.height > mostTransformedPixels) return false;
    image = transformImage(cut, width, height, quad, interpolation === 0 ? 'nearest' : 'bilinear');
  }
  if (image === undefined) return false;
  eraseRegion(source, region, { ...options, isSelection: options.isSourceSelection ?? false });
  putImage(target, region.mode, to, image, options);
  return true;
}

/** In 26.6 fixed point. */
const farthest = 2 ** 28;

/** As x86-64 casts to int: what does not fit is the smallest integer. */
function toInteger(x: number): number {
  return x > -2147483649 && x < 2147483648 ? Math.trunc(x) : -2147483648;
}

/** Nine numbers, row by row. */
type Matrix = readonly [number, number, number, number, number, number, number, number, number];

/** The unit square to a quad; undefined when the quad has no area in a way that matters. */
function squareToQuad([x1, y1, x2, y2, x3, y3, x4, y4]: Quad): Matrix | undefined {
  const ax = x1 - x2 + x3 - x4;
  const ay = y1 - y2 + y3 - y4;
  if (ax === 0 && ay === 0) return [x2 - x1, y2 - y1, 0, x3 - x2, y3 - y2, 0, x1, y1, 1];
  const p = x2 - x3;
  const r = x4 - x3;
  const p2 = y2 - y3;
  const r2 = y4 - y3;
  const beta = p * r2 - r * p2;
  if (beta === 0) return undefined;
  const m13 = (ax * r2 - r * ay) / beta;
  const m23 = (p * ay - ax * p2) / beta;
  return [
    x2 - x1 + m13 * x2,
    y2 - y1 + m13 * y2,
    m13,
    x4 - x1 + m23 * x4,
    y4 - y1 + m23 * y4,
    m23,
    x1,
    y1,
    1,
  ];
}

function determinant([m0, m1, m2, m3, m4, m5, m6, m7, m8]: Matrix): number {
  return m0 * (m8 * m4 - m7 * m5) - m3 * (m8 * m1 - m7 * m2) + m6 * (m5 * m1 - m4 * m2);
}

/** The inverse, row by row; undefined when there is none to speak of. */
function inverse(matrix: Matrix): Matrix | undefined {
  const det = determinant(matrix);
  if (!(Math.abs(det) > 1e-12)) return undefined;
  const [m0, m1, m2, m3, m4, m5, m6, m7, m8] = matrix;
  const t = [
    (m4 * m8 - m5 * m7) / det,
    (m5 * m6 - m3 * m8) / det,
    (m3 * m7 - m4 * m6) / det,
    (m2 * m7 - m1 * m8) / det,
    (m0 * m8 - m2 * m6) / det,
    (m1 * m6 - m0 * m7) / det,
    (m1 * m5 - m2 * m4) / det,
    (m2 * m3 - m0 * m5) / det,
    (m0 * m4 - m1 * m3) / det,
  ] as const;
  return [t[0], t[3], t[6], t[1], t[4], t[7], t[2], t[5], t[8]];
}

function multiply(a: Matrix, b: Matrix): Matrix {
  const cell = (row: number, column: number) =>
    a[row * 3]! * b[column]! + a[row * 3 + 1]! * b[3 + column]! + a[row * 3 + 2]! * b[6 + column]!;
  return [
    cell(0, 0),
    cell(0, 1),
    cell(0, 2),
    cell(1, 0),
    cell(1, 1),
    cell(1, 2),
    cell(2, 0),
    cell(2, 1),
    cell(2, 2),
  ];
}

/** A picture fitted into a quad; the result has the size of the quad's bounds. */
function transformImage(
  image: Uint8Array,
  width: number,
  height: number,
  quad: Quad,
  how: 'nearest' | 'bilinear',
): Uint8Array | undefined {
  const bounds = quadBounds(quad);
  const shifted = quad.map((at, index) => at - (index % 2 === 0 ? bounds.x : bounds.y)) as unknown as Quad;
  const fromRect = squareToQuad([0, 0, width, 0, width, height, 0, height]);
  const toQuad = squareToQuad(shifted);
  const back = fromRect && inverse(fromRect);
  if (back === undefined || toQuad === undefined) return undefined;
  const there = multiply(back, toQuad);
  const nudge: Matrix = [1, 0, 0, 0, 1, 0, 1 / 65536, 1 / 65536, 1];
  const sampling = inverse(multiply(nudge, there));
  if (sampling === undefined) return undefined;
  const corner = (x: number, y: number): Point => {
    const w = there[2] * x + there[5] * y + there[8];
    const fixed = (at: number) => toInteger((at / w) * 64 + 0.5);
    return {
      x: fixed(there[0] * x + there[3] * y + there[6]),
      y: fixed(there[1] * x + there[4] * y + there[7]),
    };
  };
  const corners = [corner(0, 0), corner(width, 0), corner(width, height), corner(0, height)];
  // corners lie on the quad; anything far away is an accident of arithmetic that would only cost time
  if (corners.some(({ x, y }) => Math.abs(x) > farthest || Math.abs(y) > farthest)) return undefined;
  const result = new Uint8Array(bounds.width * bounds.height * 4);
  const painter = new Sampler(image, width, height, sampling, how, result, bounds.width);
  rasterize(corners, bounds.width, bounds.height, (spans) => painter.paint(spans));
  return result;
}

/** Pixels that are fetched in one go: positions add up within a chunk only. */
const CHUNK = 204;

class Sampler {
  readonly #image: Uint8Array;
  readonly #width: number;
  readonly #height: number;
  readonly #matrix: Matrix;
  readonly #how: 'nearest' | 'bilinear';
  readonly #result: Uint8Array;
  readonly #resultWidth: number;
  /** The last sample: b, g, r, a. */
  readonly #sample = new Uint8Array(4);

  constructor(
    image: Uint8Array,
    width: number,
    height: number,
    matrix: Matrix,
    how: 'nearest' | 'bilinear',
    result: Uint8Array,
    resultWidth: number,
  ) {
    this.#image = image;
    this.#width = width;
    this.#height = height;
    this.#matrix = matrix;
    this.#how = how;
    this.#result = result;
    this.#resultWidth = resultWidth;
  }

  /** Paints a group of spans: those that touch each other in a row share their chunks. */
  paint(spans: readonly Span[]): void {
    for (let first = 0; first < spans.length; ) {
      let last = first;
      while (
        last + 1 < spans.length &&
        spans[last + 1]!.y === spans[first]!.y &&
        spans[last + 1]!.x === spans[last]!.x + spans[last]!.length
      ) {
        last++;
      }
      this.#paintRun(spans, first, last);
      first = last + 1;
    }
  }

  #paintRun(spans: readonly Span[], first: number, last: number): void {
    const { x: start, y } = spans[first]!;
    const end = spans[last]!.x + spans[last]!.length;
    let span = first;
    for (let x = start; x < end; x += CHUNK) {
      const stop = Math.min(end, x + CHUNK);
      const [n0, n1, n2, n3, n4, n5, n6, n7, n8] = this.#matrix;
      const cx = x + 0.5;
      const cy = y + 0.5;
      let fx = n3 * cy + n0 * cx + n6;
      let fy = n4 * cy + n1 * cx + n7;
      let fw = n5 * cy + n2 * cx + n8;
      for (let at = x; at < stop; at++) {
        while (at >= spans[span]!.x + spans[span]!.length) span++;
        const i = fw === 0 ? 1 : 1 / fw;
        const px = fx * i - 0.5;
        const py = fy * i - 0.5;
        this.#put(at, y, px, py, spans[span]!.coverage);
        fx += n0;
        fy += n1;
        fw += n2;
        if (fw === 0) fw += n2;
      }
    }
  }

  #put(x: number, y: number, px: number, py: number, coverage: number): void {
    if (this.#how === 'nearest') {
      if (coverage < 128) return;
      this.#nearest(px, py);
      this.#over((y * this.#resultWidth + x) * 4, 255);
    } else {
      this.#bilinear(px, py);
      this.#over((y * this.#resultWidth + x) * 4, coverage);
    }
  }

  #nearest(px: number, py: number): void {
    const x = clamp(toInteger(px + 0.5), this.#width);
    const y = clamp(toInteger(py + 0.5), this.#height);
    const from = (y * this.#width + x) * 4;
    for (let c = 0; c < 4; c++) this.#sample[c] = this.#image[from + c]!;
  }

  #bilinear(px: number, py: number): void {
    const image = this.#image;
    const width = this.#width;
    const firstX = toInteger(px) - (px < 0 ? 1 : 0);
    const firstY = toInteger(py) - (py < 0 ? 1 : 0);
    const x1 = clamp(firstX, width);
    const y1 = clamp(firstY, this.#height);
    const x2 = firstX < 0 || firstX >= width - 1 ? x1 : x1 + 1;
    const y2 = firstY < 0 || firstY >= this.#height - 1 ? y1 : y1 + 1;
    // where both adjacent pixels are the same the fraction does not matter
    const dx = x1 === x2 ? 0 : Math.trunc((px - x1) * 256);
    const dy = y1 === y2 ? 0 : Math.trunc((py - y1) * 256);
    const topLeft = (y1 * width + x1) * 4;
    const topRight = (y1 * width + x2) * 4;
    const bottomLeft = (y2 * width + x1) * 4;
    const bottomRight = (y2 * width + x2) * 4;
    for (let c = 0; c < 4; c++) {
      const top = (image[topLeft + c]! * (256 - dx) + image[topRight + c]! * dx) >>> 8;
      const bottom = (image[bottomLeft + c]! * (256 - dx) + image[bottomRight + c]! * dx) >>> 8;
      this.#sample[c] = (top * (256 - dy) + bottom * dy) >>> 8;
    }
  }

  /** The sample, as far as the pixel is covered, over what is there. */
  #over(to: number, coverage: number): void {
    const sample = this.#sample;
    const result = this.#result;
    overPixel(result, to, sample, coverage);
  }
}

/** An 8-bit pixel over another. */
export function overPixel(dst: Uint8Array, at: number, src: Uint8Array, coverage: number): void {
  const a = mul8(src[3]!, coverage);
  if (a === 0) return;
  for (let c = 0; c < 4; c++) {
    dst[at + c] = a === 255 ? src[c]! : mul8(src[c]!, coverage) + mul8(dst[at + c]!, 255 - a);
  }
}

function clamp(at: number, size: number): number {
  return at < 0 ? 0 : at >= size ? size - 1 : at;
}
