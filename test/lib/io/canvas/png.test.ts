// PNG out and in: what was written comes back, every kind of file is read, and damage is told.

import { deflateSync } from 'node:zlib';
import test from 'ava';
import { Refusal, refusal } from '../../../../src/lib/core/errors.js';
import { blankPicture, type Picture } from '../../../../src/lib/core/picture/picture.js';
import { encodePng, pngChunk, pngEnd, pngPieces, pngSignature } from '../../../../src/lib/io/canvas/png.js';
import { readPng } from '../../../../src/lib/io/canvas/png-read.js';
import { areAlike } from '../../../helpers/alike.js';
import { Seeded } from '../../../helpers/seeded.js';

function drawing(width: number, height: number): Picture {
  const random = new Seeded(width + height);
  const picture = blankPicture({ width, height });
  const { rgba } = picture;
  for (let at = 0; at < rgba.length; at += 4) {
    const isFlat = random.chance(0.7);
    rgba.set(
      isFlat ? [(at >> 3) & 255, 90, at & 255, 255] : [random.below(256), 0, 1, random.below(256)],
      at,
    );
  }
  return picture;
}

test('what was written comes back', (t) => {
  for (const [width, height] of [
    [1, 1],
    [3, 7],
    [200, 131],
  ] as const) {
    const picture = drawing(width, height);
    areAlike(t, readPng(encodePng(picture), 'it'), picture);
  }
});

test('strips make the same picture', async (t) => {
  const picture = drawing(90, 77);
  async function* strips(): AsyncGenerator<Uint8Array> {
    for (let top = 0; top < 77; top += 10)
      yield picture.rgba.subarray(top * 360, Math.min(77, top + 10) * 360);
  }
  const pieces: Uint8Array[] = [];
  for await (const piece of pngPieces(picture, strips())) pieces.push(piece);
  areAlike(t, readPng(Buffer.concat(pieces), 'it'), picture);
});

test('a fault of the strips reaches whoever writes them', async (t) => {
  async function* strips(): AsyncGenerator<Uint8Array> {
    yield new Uint8Array(400);
    throw refusal('nothing-to-cut');
  }
  const write = async (): Promise<void> => {
    for await (const _ of pngPieces({ width: 100, height: 2 }, strips()));
  };
  await t.throwsAsync(write, { instanceOf: Refusal, message: 'nothing to cut' });
});

interface Raw {
  width: number;
  height: number;
  depth: number;
  type: number;
  interlace?: number;
  rows: Buffer;
  more?: Buffer[];
}

function png({ width, height, depth, type, interlace = 0, rows, more = [] }: Raw): Buffer {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width);
  header.writeUInt32BE(height, 4);
  header.set([depth, type, 0, 0, interlace], 8);
  return Buffer.concat([
    pngSignature,
    pngChunk('IHDR', header),
    ...more,
    pngChunk('IDAT', deflateSync(rows)),
    pngEnd(),
  ]);
}

const pixels = (bytes: Buffer): number[][] => {
  const { rgba } = readPng(bytes, 'it');
  return Array.from({ length: rgba.length / 4 }, (_, at) => [...rgba.subarray(at * 4, at * 4 + 4)]);
};

test('greys of every depth are read', (t) => {
  const grey = (value: number): number[] => [value, value, value, 255];
  t.deepEqual(pixels(png({ width: 3, height: 1, depth: 1, type: 0, rows: Buffer.of(0, 0b10100000) })), [
    grey(255),
    grey(0),
    grey(255),
  ]);
  t.deepEqual(pixels(png({ width: 3, height: 1, depth: 2, type: 0, rows: Buffer.of(0, 0b00011100) })), [
    grey(0),
    grey(85),
    grey(255),
  ]);
  t.deepEqual(pixels(png({ width: 2, height: 1, depth: 4, type: 0, rows: Buffer.of(0, 0x2f) })), [
    grey(34),
    grey(255),
  ]);
  t.deepEqual(pixels(png({ width: 1, height: 1, depth: 16, type: 0, rows: Buffer.of(0, 0x80, 0x80) })), [
    grey(128),
  ]);
  t.deepEqual(pixels(png({ width: 1, height: 1, depth: 8, type: 4, rows: Buffer.of(0, 9, 8) })), [
    [9, 9, 9, 8],
  ]);
});

test('colours, palettes and transparent colours are read', (t) => {
  const rows = Buffer.of(0, 1, 2, 3, 4, 5, 6);
  const more = [pngChunk('tRNS', Buffer.of(0, 4, 0, 5, 0, 6))];
  t.deepEqual(pixels(png({ width: 2, height: 1, depth: 8, type: 2, rows, more })), [
    [1, 2, 3, 255],
    [4, 5, 6, 0],
  ]);
  const palette = [pngChunk('PLTE', Buffer.of(9, 9, 9, 1, 2, 3)), pngChunk('tRNS', Buffer.of(40))];
  t.deepEqual(
    pixels(png({ width: 3, height: 1, depth: 1, type: 3, rows: Buffer.of(0, 0b01000000), more: palette })),
    [
      [9, 9, 9, 40],
      [1, 2, 3, 255],
      [9, 9, 9, 40],
    ],
  );
  const deep = Buffer.of(0, 255, 255, 0, 0, 128, 0, 1, 0);
  t.deepEqual(pixels(png({ width: 1, height: 1, depth: 16, type: 6, rows: deep })), [[255, 0, 128, 1]]);
});

test('every filter is undone', (t) => {
  const rows = Buffer.concat([
    Buffer.of(1, 10, 0, 0, 1, 5, 0, 0, 1),
    Buffer.of(2, 1, 0, 0, 0, 1, 0, 0, 0),
    Buffer.of(3, 1, 0, 0, 0, 1, 0, 0, 0),
    Buffer.of(4, 1, 0, 0, 0, 1, 0, 0, 0),
  ]);
  const red = pixels(png({ width: 2, height: 4, depth: 8, type: 6, rows })).map(([value]) => value);
  t.deepEqual(red, [10, 15, 11, 16, 6, 12, 7, 13]);
});

test('interlaced pictures are put together', (t) => {
  // 3 × 2: the first pass has 1 pixel, the fourth 0, the fifth none, the sixth 1, the seventh 3
  const rows = Buffer.of(0, 1, 0, 3, 0, 2, 0, 4, 5, 6);
  t.deepEqual(
    pixels(png({ width: 3, height: 2, depth: 8, type: 0, interlace: 1, rows })).map(([value]) => value),
    [1, 2, 3, 4, 5, 6],
  );
});

test('what is wrong is told, and nothing is allocated for it', (t) => {
  const good = encodePng(drawing(20, 20));
  const message = (bytes: Buffer): string =>
    t.throws(() => readPng(bytes, 'a.png'), { instanceOf: Refusal })!.message;
  t.is(message(Buffer.from('GIF89a')), 'a.png is not a PNG picture');
  t.is(message(good.subarray(0, good.length - 20)), 'a.png is damaged: its part "IDAT" is cut');
  t.is(message(good.subarray(0, good.length - 12)), 'a.png is damaged: it ends before its end');
  const noise = Buffer.from(good);
  noise.fill(7, 60, 90);
  t.is(message(noise), 'a.png is damaged: its pixels cannot be unpacked');
  const base = { width: 2, height: 2, depth: 8, type: 6, rows: Buffer.alloc(3) };
  t.is(message(png(base)), 'a.png is damaged: pixels are missing');
  t.is(message(png({ ...base, depth: 3 })), 'a.png is damaged: its kind is none that PNG has');
  t.is(message(png({ ...base, width: 0 })), 'a.png is damaged: its kind is none that PNG has');
  t.is(message(png({ ...base, rows: Buffer.alloc(18, 9) })), 'a.png is damaged: a row has an unknown filter');
  t.is(
    message(png({ ...base, width: 2 ** 31, height: 2 ** 31 })),
    'a.png is too large: 2147483648 × 2147483648 pixels',
  );
});

test('any bytes are read or refused', (t) => {
  const random = new Seeded(3);
  const good = encodePng(drawing(9, 9));
  for (let round = 0; round < 2000; round++) {
    const bytes = Buffer.from(good);
    for (let count = random.between(1, 5); count > 0; count--)
      bytes[random.below(bytes.length)] = random.below(256);
    try {
      readPng(bytes, 'it');
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
    }
  }
  t.pass();
});
