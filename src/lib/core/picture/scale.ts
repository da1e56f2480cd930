// Pictures in another size: every pixel is the average of the area that it covers, so that enlarged ones show their
// pixels. Fed strips of rows, so that a large canvas is never completely in memory.

import type { Picture, Size } from './picture.js';

/**
 * The size that fits into `box` with the proportions of `size`; a side that the box leaves open follows the other one.
 * At least one pixel each.
 */
export function fittedSize(
  size: Size,
  box: { width?: number | undefined; height?: number | undefined },
): Size {
  const byWidth = box.width === undefined ? Number.POSITIVE_INFINITY : box.width / size.width;
  const byHeight = box.height === undefined ? Number.POSITIVE_INFINITY : box.height / size.height;
  const factor = Math.min(byWidth, byHeight);
  if (!Number.isFinite(factor)) return { width: size.width, height: size.height };
  return {
    width: Math.max(1, Math.round(size.width * factor)),
    height: Math.max(1, Math.round(size.height * factor)),
  };
}

/** Takes the rows of a picture from top to bottom and gives those of the scaled one as soon as they are complete. */
export class RowScaler {
  readonly #from: Size;
  readonly #to: Size;
  /** Premultiplied sums of the row that is being filled, and the area that they stand for. */
  readonly #sums: Float64Array;
  #area = 0;
  #row = 0;
  #outRow = 0;
  readonly #columns: readonly (readonly { from: number; share: number }[])[];

  constructor(from: Size, to: Size) {
    this.#from = from;
    this.#to = to;
    this.#sums = new Float64Array(to.width * 4);
    this.#columns = sharesOf(from.width, to.width);
  }

  /** The complete rows of the result, width of the result × n × 4 bytes. */
  take(rgba: Uint8Array): Uint8Array {
    const rowBytes = this.#from.width * 4;
    const rows = rgba.length / rowBytes;
    const isSame = this.#from.width === this.#to.width && this.#from.height === this.#to.height;
    if (isSame) return rgba;
    const out: Uint8Array[] = [];
    for (let row = 0; row < rows; row++)
      this.#takeRow(rgba.subarray(row * rowBytes, (row + 1) * rowBytes), out);
    return joined(out);
  }

  #takeRow(row: Uint8Array, out: Uint8Array[]): void {
    const scale = this.#to.height / this.#from.height;
    let top = this.#row * scale;
    this.#row++;
    // the last row ends exactly, whatever the divisions before have lost
    const bottom = this.#row === this.#from.height ? this.#to.height : this.#row * scale;
    const flat = this.#sumOfRow(row);
    while (this.#outRow < this.#to.height && top < bottom) {
      const end = Math.min(bottom, this.#outRow + 1);
      const share = end - top;
      for (let at = 0; at < flat.length; at++) this.#sums[at]! += flat[at]! * share;
      this.#area += share;
      top = end;
      if (end < this.#outRow + 1) break;
      out.push(this.#finish());
    }
  }

  /** Averages across, premultiplied. */
  #sumOfRow(row: Uint8Array): Float64Array {
    const flat = new Float64Array(this.#to.width * 4);
    for (let column = 0; column < this.#to.width; column++) {
      const at = column * 4;
      for (const { from, share } of this.#columns[column]!) {
        const alpha = row[from + 3]! * share;
        flat[at]! += row[from]! * alpha;
        flat[at + 1]! += row[from + 1]! * alpha;
        flat[at + 2]! += row[from + 2]! * alpha;
        flat[at + 3]! += alpha;
      }
    }
    return flat;
  }

  #finish(): Uint8Array {
    const row = new Uint8Array(this.#to.width * 4);
    for (let at = 0; at < row.length; at += 4) {
      const alpha = this.#sums[at + 3]!;
      if (alpha <= 0) continue;
      row[at] = Math.round(this.#sums[at]! / alpha);
      row[at + 1] = Math.round(this.#sums[at + 1]! / alpha);
      row[at + 2] = Math.round(this.#sums[at + 2]! / alpha);
      row[at + 3] = Math.round(alpha / this.#area);
    }
    this.#sums.fill(0);
    this.#area = 0;
    this.#outRow++;
    return row;
  }
}

/** For each pixel of the result: byte offsets of the pixels it covers and how much of it each of them makes up. */
function sharesOf(from: number, to: number): { from: number; share: number }[][] {
  return Array.from({ length: to }, (_, column) => {
    const left = (column * from) / to;
    const right = ((column + 1) * from) / to;
    const shares: { from: number; share: number }[] = [];
    for (let x = Math.floor(left); x < Math.min(from, Math.ceil(right)); x++) {
      const share = (Math.min(right, x + 1) - Math.max(left, x)) / (right - left);
      if (share > 0) shares.push({ from: x * 4, share });
    }
    return shares;
  });
}

function joined(pieces: readonly Uint8Array[]): Uint8Array {
  if (pieces.length === 1) return pieces[0]!;
  const joined = new Uint8Array(pieces.reduce((sum, piece) => sum + piece.length, 0));
  let at = 0;
  for (const piece of pieces) {
    joined.set(piece, at);
    at += piece.length;
  }
  return joined;
}

/** A picture in another size; itself when it has that size. */
export function scaled(picture: Picture, size: Size): Picture {
  if (picture.width === size.width && picture.height === size.height) return picture;
  const rgba = new RowScaler(picture, size).take(picture.rgba);
  return { width: size.width, height: size.height, rgba };
}
