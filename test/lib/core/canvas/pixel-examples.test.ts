// Worked examples, each with what the C engine returned (test/vectors/canvas/pixel-examples.json). A field `avx2`
// stands where vector instructions give something else.
import { readFileSync } from 'node:fs';
import { crc32 } from 'node:zlib';
import test from 'ava';
import { blendPatch, blendTile, makeBrush } from '../../../../src/lib/core/canvas/blend/blend.js';
import {
  bitsOf,
  floatOf,
  log2,
  pow,
  pow2,
  toLinear,
  toSrgb,
} from '../../../../src/lib/core/canvas/blend/floats.js';
import { cbrt, labOf, linearOf } from '../../../../src/lib/core/canvas/blend/oklab.js';
import { colorOfSpectrum, spectrumOf } from '../../../../src/lib/core/canvas/blend/pigment.js';
import { greaterWeight } from '../../../../src/lib/core/canvas/blend/pixel-functions.js';
import { posterizePatch } from '../../../../src/lib/core/canvas/blend/posterize.js';
import { tintPixels } from '../../../../src/lib/core/canvas/merge.js';
import * as pixel from '../../../../src/lib/core/canvas/pixel.js';
import { type Bgra, profiles } from '../../../../src/lib/core/canvas/pixel.js';
import {
  classicCurve,
  classicStamp,
  isClassicDrawn,
  type PlacedStamp,
} from '../../../../src/lib/core/canvas/stamps/classic.js';
import {
  isMyPaintDrawn,
  myPaintStamp,
  placeMyPaint,
} from '../../../../src/lib/core/canvas/stamps/mypaint.js';
import { roundStamp } from '../../../../src/lib/core/canvas/stamps/pixel.js';
import type { Stamp } from '../../../../src/lib/core/canvas/stamps/stamp.js';
import { overPixel } from '../../../../src/lib/core/canvas/transform.js';

interface Example {
  id: string;
  op: string;
  [key: string]: unknown;
}

const file = JSON.parse(readFileSync('test/vectors/canvas/pixel-examples.json', 'utf8')) as {
  examples: Example[];
  tables: { blendModes: Record<string, unknown>[] };
};

const of = (op: string) => file.examples.filter((example) => example.op === op);

/** What is wrong, as [id, wanted, given]; nothing when all is well. */
function compare(
  examples: readonly Example[],
  give: (example: Example) => unknown,
  want = (example: Example): unknown => example.out,
): unknown[] {
  return examples
    .map((example) => [example.id, example.mode, want(example), give(example)])
    .filter(([, , wanted, given]) => JSON.stringify(wanted) !== JSON.stringify(given));
}

for (const profile of profiles) {
  const wanted = (example: Example) =>
    profile === 'avx2' && example.avx2 !== undefined ? example.avx2 : example.out;

  test(`${profile}: a colour through a mask`, (t) => {
    const wrong = compare(
      of('blendMask'),
      (example) => {
        // a full vector lane: a row of eight
        const pixels = new Uint16Array(16384);
        for (let at = 0; at < 32; at++) pixels[at] = (example.dst as Bgra)[at & 3]!;
        const mask = new Uint16Array(8).fill(example.mask as number);
        const brush = makeBrush(profile, example.mode as number, example.src as Bgra)!;
        blendPatch(brush, pixels, 0, 0, 8, 1, mask, 0, 0, example.opacity as number);
        return [...pixels.subarray(28, 32)];
      },
      wanted,
    );
    t.deepEqual(wrong, []);
  });

  test(`${profile}: tiles on tiles`, (t) => {
    const wrong = compare(
      of('blendPixels'),
      (example) => {
        const whole = (of: unknown) => Uint16Array.from({ length: 16384 }, (_, at) => (of as Bgra)[at & 3]!);
        const dst = whole(example.dst);
        blendTile(profile, example.mode as number, dst, whole(example.src), example.opacity as number);
        return [...dst.subarray(16380)];
      },
      wanted,
    );
    t.deepEqual(wrong, []);
  });
}

test('8 bits to 15 and back', (t) => {
  t.deepEqual(
    compare(of('c8to15'), ({ in: c }) => pixel.c8to15(c as number)),
    [],
  );
  t.deepEqual(
    compare(of('c15to8'), ({ in: c }) => pixel.c15to8(c as number)),
    [],
  );
});

test('multiplied by alpha and divided again', (t) => {
  t.deepEqual(
    compare(of('premultiply15'), ({ in: c }) => pixel.premultiply(c as Bgra)),
    [],
  );
  t.deepEqual(
    compare(of('unpremultiply15'), ({ in: c }) => pixel.unpremultiply(c as Bgra)),
    [],
  );
  t.deepEqual(
    compare(of('mul8'), ({ in: c }) => pixel.mul8(...(c as [number, number]))),
    [],
  );
  t.deepEqual(
    compare(
      of('premultiply8'),
      ({ in: c }) => {
        const u = c as number;
        const a = u >>> 24;
        const each = (from: number, of: (channel: number, alpha: number) => number) =>
          ((a << 24) |
            (of((from >>> 16) & 255, a) << 16) |
            (of((from >>> 8) & 255, a) << 8) |
            of(from & 255, a)) >>>
          0;
        const there = each(u, pixel.premultiply8);
        return [there, each(there, pixel.unpremultiply8)];
      },
      ({ out, unpremultiplied }) => [out, unpremultiplied],
    ),
    [],
  );
});

test('single-precision arithmetic', (t) => {
  t.deepEqual(
    compare(
      of('float'),
      ({ x: bits }) => {
        const x = floatOf(bits as number);
        const minus3x = Math.fround(-3 * x);
        return [log2(x), pow(x, Math.fround(2.4)), toLinear(x), toSrgb(x), cbrt(x), pow2(minus3x)].map(
          bitsOf,
        );
      },
      (example) => ['log2', 'pow24', 'toLinear', 'toSrgb', 'cbrt', 'pow2'].map((key) => example[key]),
    ),
    [],
  );
  t.deepEqual(
    compare(
      of('color'),
      ({ bgr }) => {
        const [b, g, r] = (bgr as number[]).map(floatOf) as [number, number, number];
        const lab = new Float32Array(3);
        labOf('scalar', lab, b, g, r);
        const back = new Float32Array(3);
        linearOf('scalar', back, lab);
        const spectrum = new Float32Array(10);
        spectrumOf('portable', spectrum, b, g, r);
        const spectralBack = new Float32Array(3);
        colorOfSpectrum(spectralBack, spectrum);
        return [lab, back, spectrum, spectralBack].map((floats) => [...floats].map(bitsOf));
      },
      ({ oklab, back, spectral, spectralBack }) => [oklab, back, spectral, spectralBack],
    ),
    [],
  );
  t.deepEqual(
    compare(of('greaterWeight'), ({ in: x }) => greaterWeight(x as number)),
    [],
  );
  t.deepEqual(
    compare(of('sqrt15'), ({ in: x }) => pixel.sqrt15(x as number)),
    [],
  );
});

function cellsOf({ mask, at, side }: Stamp): Uint16Array {
  return mask.subarray(at, at + side * side);
}

function crcOf(mask: Uint16Array): string {
  return crc32(Buffer.from(mask.buffer, mask.byteOffset, mask.byteLength))
    .toString(16)
    .padStart(8, '0');
}

test('curves of soft brushes', (t) => {
  t.deepEqual(
    compare(
      of('classicLut'),
      ({ hardness }) => {
        const curve = classicCurve(hardness as number).subarray(0, 16384);
        return [crcOf(curve), [0, 4096, 8192, 16383].map((at) => curve[at])];
      },
      ({ crc, at }) => [crc, at],
    ),
    [],
  );
});

test('masks of soft brushes', (t) => {
  t.deepEqual(
    compare(
      of('classicStamp'),
      ({ x, y, size, hardness }) => {
        const placed = { left: 0, top: 0 } as PlacedStamp;
        if (!isClassicDrawn(size as number, 255)) return [];
        classicStamp(x as number, y as number, size as number, hardness as number, placed);
        const { left, top, stamp } = placed;
        return [left, top, stamp.side, crcOf(cellsOf(stamp))];
      },
      ({ left, top, d, crc }) => (d === undefined ? [] : [left, top, d, crc]),
    ),
    [],
  );
});

test('masks of round pixel brushes', (t) => {
  t.deepEqual(
    compare(
      of('roundStamp'),
      ({ size }) => {
        const stamp = roundStamp(size as number);
        return [stamp.side, crcOf(cellsOf(stamp))];
      },
      ({ d, crc }) => [d, crc],
    ),
    [],
  );
});

for (const profile of profiles) {
  test(`${profile}: masks of MyPaint brushes`, (t) => {
    const wantedOf = (example: Example) =>
      profile === 'avx2' && example.avx2 !== undefined ? (example.avx2 as Record<string, unknown>) : example;
    t.deepEqual(
      compare(
        of('mypaintStamp'),
        (example) => {
          const { x, y, size, hardness, aspect, angle } = example as unknown as Record<string, number>;
          const placed = { left: 0, top: 0 } as PlacedStamp;
          if (!isMyPaintDrawn(size!, hardness!, 255)) return [];
          const stamp = myPaintStamp(profile, size!, hardness!, aspect!, angle!);
          placeMyPaint(x!, y!, size!, placed);
          const wanted = wantedOf(example);
          return [
            placed.left,
            placed.top,
            stamp.side,
            wanted.crc === undefined ? [...cellsOf(stamp)] : crcOf(cellsOf(stamp)),
          ];
        },
        (example) => {
          const wanted = wantedOf(example);
          if (example.d === undefined) return [];
          return [example.left, example.top, example.d, wanted.crc ?? wanted.m];
        },
      ),
      [],
    );
  });
}

test('8-bit pixels over each other', (t) => {
  const bytesOf = (argb: unknown) =>
    Uint8Array.from([0, 8, 16, 24], (shift) => ((argb as number) >>> shift) & 255);
  t.deepEqual(
    compare(of('blend8'), ({ dst, src, opacity }) => {
      const pixels = bytesOf(dst);
      overPixel(pixels, 0, bytesOf(src), opacity as number);
      return new DataView(pixels.buffer).getUint32(0, true);
    }),
    [],
  );
});

test('tint and posterize', (t) => {
  t.deepEqual(
    compare(of('tint'), ({ in: pixels, tint }) => {
      const tinted = Uint16Array.from(pixels as Bgra);
      tintPixels(tinted, tint as number);
      return [...tinted];
    }),
    [],
  );
  t.deepEqual(
    compare(of('posterize'), ({ in: from, num, mask, opacity }) => {
      const pixels = Uint16Array.from(from as Bgra);
      posterizePatch(pixels, 0, 1, Uint16Array.of(mask as number), 0, num as number, opacity as number);
      return [...pixels];
    }),
    [],
  );
});
