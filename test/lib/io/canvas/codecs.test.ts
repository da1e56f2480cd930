// Compressed payloads: whole, damaged, too short, too long, and bombs.

import { deflateSync } from 'node:zlib';
import test from 'ava';
import { loadCodecs, mostUnpackedBytes } from '../../../../src/lib/io/canvas/codecs.js';
import { zstdFrames } from '../../../../src/lib/io/canvas/zstd-frames.js';
import { areAlike } from '../../../helpers/alike.js';
import { Seeded } from '../../../helpers/seeded.js';

const codecs = await loadCodecs();
const tile = Uint8Array.from({ length: 16384 }, (_, at) => (at % 7) * (at % 11));
const packers = { zstd: codecs.zstd, deflate: codecs.deflate };
const unpackers = { zstd: codecs.unzstd, deflate: codecs.inflate };

for (const kind of ['zstd', 'deflate'] as const) {
  const packed = packers[kind](tile);
  const unpack = unpackers[kind];

  test(`${kind}: what was packed comes back`, (t) => {
    t.true(packed.length < tile.length);
    areAlike(t, Buffer.from(unpack(packed, tile.length)!), Buffer.from(tile));
    t.deepEqual(unpack(packers[kind](Uint8Array.of(7)), 1)?.[0], 7);
  });

  test(`${kind}: any other length than the announced one is refused`, (t) => {
    for (const length of [0, 1, tile.length - 1, tile.length + 1, 1_000_000, mostUnpackedBytes + 1]) {
      t.is(unpack(packed, length), undefined, String(length));
    }
  });

  test(`${kind}: cut and damaged data are refused, whatever they are`, (t) => {
    for (let length = 0; length < packed.length; length += 13) {
      t.is(unpack(packed.subarray(0, length), tile.length), undefined, String(length));
    }
    const random = new Seeded(5);
    for (let round = 0; round < 500; round++) {
      const damaged = new Uint8Array(packed);
      for (let count = random.between(1, 4); count > 0; count--) {
        damaged[random.below(damaged.length)] = random.below(256);
      }
      const result = unpack(damaged, tile.length);
      t.true(result === undefined || result.length === tile.length);
    }
    for (let round = 0; round < 500; round++) {
      const noise = Uint8Array.from({ length: random.below(60) }, () => random.below(256));
      t.is(unpack(noise, 16), undefined);
    }
    areAlike(t, Buffer.from(unpack(packed, tile.length)!), Buffer.from(tile));
  });
}

test('bytes after a zlib stream are ignored, after a zstd frame they are not', (t) => {
  const extra = Buffer.from('xyz');
  t.truthy(codecs.inflate(Buffer.concat([deflateSync(tile), extra]), tile.length));
  t.is(codecs.unzstd(Buffer.concat([codecs.zstd(tile), extra]), tile.length), undefined);
});

test('several zstd frames make up one content, skippable ones count for nothing', (t) => {
  const halves = [codecs.zstd(tile.subarray(0, 9000)), codecs.zstd(tile.subarray(9000))];
  const skippable = Buffer.from('502a4d1803000000010203', 'hex');
  const all = Buffer.concat([skippable, halves[0]!, skippable, halves[1]!]);
  areAlike(t, Buffer.from(codecs.unzstd(all, tile.length)!), Buffer.from(tile));
  t.is(codecs.unzstd(all, tile.length - 1), undefined);
});

/** Blocks of one repeated byte: 128 KB in four bytes each. The frame does not tell its size. */
function bomb(blocks: number): Buffer {
  const head = Buffer.from('28b52ffd0088', 'hex');
  const block = (isLast: boolean): Buffer => {
    const bytes = Buffer.alloc(4);
    bytes.writeUIntLE((131072 << 3) | 2 | (isLast ? 1 : 0), 0, 3);
    return bytes;
  };
  return Buffer.concat([head, ...Array.from({ length: blocks }, (_, at) => block(at === blocks - 1))]);
}

test('a bomb of 64 KB that would be 2 GB takes no more than was announced', (t) => {
  const bytes = bomb(16000);
  t.is(zstdFrames(bytes)?.[0]?.contentBytes, undefined);
  const before = process.memoryUsage().rss;
  t.is(codecs.unzstd(bytes, 16384), undefined);
  t.is(codecs.inflate(deflateSync(Buffer.alloc(50_000_000)), 16384), undefined);
  t.true(process.memoryUsage().rss - before < 100_000_000);
});

test('a frame that does not tell its size is unpacked when it is what was announced', (t) => {
  t.deepEqual(codecs.unzstd(bomb(2), 262144)?.length, 262144);
  t.is(codecs.unzstd(bomb(2), 262143), undefined);
});

test('a frame that announces terabytes is refused', (t) => {
  const frame = Buffer.from('28b52ffdc0880000000000010000010000', 'hex');
  t.is(codecs.unzstd(frame, 16384), undefined);
});
