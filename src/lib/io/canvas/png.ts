// PNG pictures, written as rows come in: 8 bits, RGBA, each row with the filter that leaves the least behind.
// The same rows, packed, make up the frames of an animated PNG (apng.ts).

import { Buffer } from 'node:buffer';
import { pipeline } from 'node:stream/promises';
import { crc32, createDeflate, deflateSync } from 'node:zlib';
import type { Picture, Size } from '../../core/picture/picture.js';

export const pngSignature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);

const pixelBytes = 4;

/** One chunk: length, type, data, checksum. */
export function pngChunk(type: string, data: Uint8Array): Buffer {
  const chunk = Buffer.alloc(data.length + 12);
  chunk.writeUInt32BE(data.length);
  chunk.write(type, 4, 'latin1');
  chunk.set(data, 8);
  chunk.writeUInt32BE(crc32(chunk.subarray(4, data.length + 8)), data.length + 8);
  return chunk;
}

export function pngHeader({ width, height }: Size): Buffer {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width);
  header.writeUInt32BE(height, 4);
  header.set([8, 6, 0, 0, 0], 8);
  return Buffer.concat([pngSignature, pngChunk('IHDR', header)]);
}

/** The last chunk. A new one each time, because the caller may transfer its memory. */
export function pngEnd(): Buffer {
  return pngChunk('IEND', Buffer.alloc(0));
}

/** An entire picture. */
export function encodePng(picture: Picture): Buffer {
  const rows = new RowFilter(picture.width);
  return Buffer.concat([
    pngHeader(picture),
    pngChunk('IDAT', deflateSync(rows.take(picture.rgba))),
    pngEnd(),
  ]);
}

/** A picture whose rows come strip by strip, from top to bottom: a large one is never completely in memory. */
export async function* pngPieces(size: Size, strips: AsyncIterable<Uint8Array>): AsyncGenerator<Buffer> {
  yield pngHeader(size);
  const rows = new RowFilter(size.width);
  const deflate = createDeflate();
  async function* filtered(): AsyncGenerator<Buffer> {
    for await (const strip of strips) yield rows.take(strip);
  }
  const flow = pipeline(filtered(), deflate);
  flow.catch(() => {}); // it reaches the loop below through the stream
  for await (const packed of deflate) yield pngChunk('IDAT', packed as Buffer);
  await flow;
  yield pngEnd();
}

/** Prepares rows for deflate: each gets the filter with the smallest sum of differences. */
export class RowFilter {
  readonly #rowBytes: number;
  #above: Uint8Array;
  readonly #tries: readonly Uint8Array[];

  constructor(width: number) {
    this.#rowBytes = width * pixelBytes;
    this.#above = new Uint8Array(this.#rowBytes);
    this.#tries = filters.map(() => new Uint8Array(this.#rowBytes));
  }

  /** Complete rows in, filtered rows out. */
  take(rgba: Uint8Array): Buffer {
    const rowBytes = this.#rowBytes;
    const rows = rgba.length / rowBytes;
    const out = Buffer.allocUnsafe(rgba.length + rows);
    for (let row = 0; row < rows; row++) {
      const bytes = rgba.subarray(row * rowBytes, (row + 1) * rowBytes);
      let best = 0;
      let least = Number.POSITIVE_INFINITY;
      for (let index = 0; index < filters.length && least > 0; index++) {
        const sum = filters[index]!.apply(bytes, this.#above, this.#tries[index]!);
        if (sum >= least) continue;
        least = sum;
        best = index;
      }
      const at = row * (rowBytes + 1);
      out[at] = filters[best]!.type;
      out.set(this.#tries[best]!, at + 1);
      this.#above = bytes;
    }
    // the caller may use its buffer again
    this.#above = new Uint8Array(this.#above);
    return out;
  }
}

interface Filter {
  readonly type: number;
  /** Fills `out` and returns the sum of what is left, as signed bytes. */
  readonly apply: (row: Uint8Array, above: Uint8Array, out: Uint8Array) => number;
}

/** The filters that pay for drawings. "None" and "average" hardly ever win. */
const filters: readonly Filter[] = [
  {
    type: 2, // up
    apply: (row, above, out) => {
      let sum = 0;
      for (let at = 0; at < row.length; at++) {
        const value = (row[at]! - above[at]!) & 255;
        out[at] = value;
        sum += value < 128 ? value : 256 - value;
      }
      return sum;
    },
  },
  {
    type: 1, // left
    apply: (row, _above, out) => {
      let sum = 0;
      for (let at = 0; at < row.length; at++) {
        const left = at < pixelBytes ? 0 : row[at - pixelBytes]!;
        const value = (row[at]! - left) & 255;
        out[at] = value;
        sum += value < 128 ? value : 256 - value;
      }
      return sum;
    },
  },
  {
    type: 4, // Paeth
    apply: (row, above, out) => {
      let sum = 0;
      for (let at = 0; at < row.length; at++) {
        const isFirst = at < pixelBytes;
        const a = isFirst ? 0 : row[at - pixelBytes]!;
        const b = above[at]!;
        const c = isFirst ? 0 : above[at - pixelBytes]!;
        const toA = Math.abs(b - c);
        const toB = Math.abs(a - c);
        const toC = Math.abs(a + b - 2 * c);
        const guess = toA <= toB && toA <= toC ? a : toB <= toC ? b : c;
        const value = (row[at]! - guess) & 255;
        out[at] = value;
        sum += value < 128 ? value : 256 - value;
      }
      return sum;
    },
  },
];
