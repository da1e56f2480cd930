// PNG pictures read from files: every colour type and depth, interlaced or not, as 8-bit RGBA. Sizes are checked
// before anything is allocated, checksums are not.

import { Buffer } from 'node:buffer';
import { inflateSync } from 'node:zlib';
import { type Refusal, refusal } from '../../core/errors.js';
import { blankPicture, type Picture } from '../../core/picture/picture.js';
import { pngSignature } from './png.js';

/** A picture of 8192 × 8192 pixels. */
const mostPixels = 64 * 1024 * 1024;

interface Header {
  readonly width: number;
  readonly height: number;
  readonly depth: number;
  readonly colourType: number;
  readonly isInterlaced: boolean;
}

/** Samples per pixel, and the depths that a colour type may have. */
const colourTypes: Readonly<Record<number, { samples: number; depths: readonly number[] }>> = {
  0: { samples: 1, depths: [1, 2, 4, 8, 16] },
  2: { samples: 3, depths: [8, 16] },
  3: { samples: 1, depths: [1, 2, 4, 8] },
  4: { samples: 2, depths: [8, 16] },
  6: { samples: 4, depths: [8, 16] },
};

/** x, y of the first pixel, and the steps to the next ones, of the seven passes. */
const interlacing = [
  [0, 0, 8, 8],
  [4, 0, 8, 8],
  [0, 4, 4, 8],
  [2, 0, 4, 4],
  [0, 2, 2, 4],
  [1, 0, 2, 2],
  [0, 1, 1, 2],
] as const;

/** Throws a Refusal that says what is wrong with it. `name` is how the file is called in it. */
export function readPng(bytes: Uint8Array, name: string): Picture {
  const file = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const damaged = (what: string): Refusal => refusal('picture-damaged', { file: name, what });
  if (!file.subarray(0, pngSignature.length).equals(pngSignature)) {
    throw refusal('picture-no-png', { file: name });
  }
  let header: Header | undefined;
  let palette: Buffer = Buffer.alloc(0);
  let transparency: Buffer = Buffer.alloc(0);
  const data: Buffer[] = [];
  for (let at = pngSignature.length; ; ) {
    if (at + 12 > file.length) throw damaged('it ends before its end');
    const length = file.readUInt32BE(at);
    const type = file.toString('latin1', at + 4, at + 8);
    if (at + 12 + length > file.length) throw damaged(`its part ${JSON.stringify(type)} is cut`);
    const content = file.subarray(at + 8, at + 8 + length);
    at += 12 + length;
    if (type === 'IEND') break;
    if (type === 'IHDR') header = readHeader(content, name, damaged);
    else if (!header) throw damaged('its size is missing');
    else if (type === 'PLTE') palette = content;
    else if (type === 'tRNS') transparency = content;
    else if (type === 'IDAT') data.push(content);
  }
  if (!header) throw damaged('its size is missing');
  const expected = passesOf(header).reduce((sum, pass) => sum + pass.height * (pass.rowBytes + 1), 0);
  let raw: Buffer;
  try {
    raw = inflateSync(Buffer.concat(data), { maxOutputLength: expected });
  } catch {
    throw damaged('its pixels cannot be unpacked');
  }
  if (raw.length < expected) throw damaged('pixels are missing');
  return readPixels(header, raw, { palette, transparency }, damaged);
}

function readHeader(content: Buffer, name: string, damaged: (what: string) => Refusal): Header {
  if (content.length !== 13) throw damaged('its size is missing');
  const width = content.readUInt32BE(0);
  const height = content.readUInt32BE(4);
  const [depth, colourType, compression, filter, interlace] = content.subarray(8) as unknown as number[];
  const isKnown = colourTypes[colourType!]?.depths.includes(depth!) ?? false;
  if (!isKnown || compression !== 0 || filter !== 0 || interlace! > 1 || width === 0 || height === 0) {
    throw damaged('its kind is none that PNG has');
  }
  if (width * height > mostPixels) {
    throw refusal('picture-input-too-large', { file: name, width, height });
  }
  return { width, height, depth: depth!, colourType: colourType!, isInterlaced: interlace === 1 };
}

interface Pass {
  readonly x: number;
  readonly y: number;
  readonly stepX: number;
  readonly stepY: number;
  readonly width: number;
  readonly height: number;
  readonly rowBytes: number;
}

function passesOf({ width, height, depth, colourType, isInterlaced }: Header): Pass[] {
  const bits = colourTypes[colourType]!.samples * depth;
  const all = isInterlaced ? interlacing : ([[0, 0, 1, 1]] as const);
  return all
    .map(([x, y, stepX, stepY]) => {
      const passWidth = Math.max(0, Math.ceil((width - x) / stepX));
      const passHeight = Math.max(0, Math.ceil((height - y) / stepY));
      return {
        x,
        y,
        stepX,
        stepY,
        width: passWidth,
        height: passHeight,
        rowBytes: Math.ceil((passWidth * bits) / 8),
      };
    })
    .filter((pass) => pass.width > 0 && pass.height > 0);
}

interface Colours {
  readonly palette: Buffer;
  readonly transparency: Buffer;
}

function readPixels(
  header: Header,
  raw: Buffer,
  colours: Colours,
  damaged: (what: string) => Refusal,
): Picture {
  const picture = blankPicture(header);
  const { samples } = colourTypes[header.colourType]!;
  const step = Math.max(1, (samples * header.depth) >> 3);
  const values = new Array<number>(samples).fill(0);
  let at = 0;
  for (const pass of passesOf(header)) {
    let above: Uint8Array = new Uint8Array(pass.rowBytes);
    for (let y = 0; y < pass.height; y++) {
      const filter = raw[at]!;
      const row = raw.subarray(at + 1, at + 1 + pass.rowBytes);
      if (filter > 4) throw damaged('a row has an unknown filter');
      unfilter(filter, row, above, step);
      at += pass.rowBytes + 1;
      above = row;
      for (let x = 0; x < pass.width; x++) {
        for (let index = 0; index < samples; index++) {
          values[index] = sampleAt(row, x * samples + index, header.depth);
        }
        const pixel = (pass.y + y * pass.stepY) * header.width + pass.x + x * pass.stepX;
        picture.rgba.set(colourOf(header, values, colours), pixel * 4);
      }
    }
  }
  return picture;
}

function unfilter(filter: number, row: Uint8Array, above: Uint8Array, step: number): void {
  for (let at = 0; at < row.length; at++) {
    const a = at < step ? 0 : row[at - step]!;
    const b = above[at]!;
    const c = at < step ? 0 : above[at - step]!;
    let guess = 0;
    if (filter === 1) guess = a;
    else if (filter === 2) guess = b;
    else if (filter === 3) guess = (a + b) >> 1;
    else if (filter === 4) {
      const [toA, toB, toC] = [Math.abs(b - c), Math.abs(a - c), Math.abs(a + b - 2 * c)];
      guess = toA <= toB && toA <= toC ? a : toB <= toC ? b : c;
    }
    row[at] = row[at]! + guess;
  }
}

function sampleAt(row: Uint8Array, index: number, depth: number): number {
  if (depth === 8) return row[index]!;
  if (depth === 16) return (row[index * 2]! << 8) | row[index * 2 + 1]!;
  const bit = index * depth;
  return (row[bit >> 3]! >> (8 - depth - (bit & 7))) & ((1 << depth) - 1);
}

function colourOf(
  { colourType, depth }: Header,
  values: readonly number[],
  { palette, transparency }: Colours,
): [number, number, number, number] {
  const [first = 0, second = 0, third = 0, fourth = 0] = values;
  if (colourType === 3) {
    const at = first * 3;
    return [palette[at] ?? 0, palette[at + 1] ?? 0, palette[at + 2] ?? 0, transparency[first] ?? 255];
  }
  const most = (1 << depth) - 1;
  const to8 = (value: number): number => (depth === 8 ? value : Math.round((value * 255) / most));
  // one colour of a picture without alpha may stand for transparent
  const isHidden = (...channels: number[]): boolean =>
    transparency.length >= channels.length * 2 &&
    channels.every((channel, index) => transparency.readUInt16BE(index * 2) === channel);
  switch (colourType) {
    case 0: {
      const grey = to8(first);
      return [grey, grey, grey, isHidden(first) ? 0 : 255];
    }
    case 2:
      return [to8(first), to8(second), to8(third), isHidden(first, second, third) ? 0 : 255];
    case 4: {
      const grey = to8(first);
      return [grey, grey, grey, to8(second)];
    }
    default:
      return [to8(first), to8(second), to8(third), to8(fourth)];
  }
}
