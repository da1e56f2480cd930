// Kernels in WebAssembly against the loops in TypeScript: bit for bit the same on random input.
import test from 'ava';
import { blendPatch, blendTile, makeBrush } from '../../../../src/lib/core/canvas/blend/blend.js';
import { classicStamp, type PlacedStamp } from '../../../../src/lib/core/canvas/stamps/classic.js';
import { myPaintStamp } from '../../../../src/lib/core/canvas/stamps/mypaint.js';
import { forgetStamps, type Stamp } from '../../../../src/lib/core/canvas/stamps/stamp.js';
import { TileGrid } from '../../../../src/lib/core/canvas/tiles.js';
import { machine, useKernels } from '../../../../src/lib/core/canvas/wasm/machine.js';
import { areAlike } from '../../../helpers/alike.js';
import { Seeded } from '../../../helpers/seeded.js';

/** As text: comparing long lists of numbers takes its time. */
const cellsOf = ({ mask, at, side }: Stamp) =>
  Buffer.from(mask.buffer, mask.byteOffset + 2 * at, 2 * side * side).toString('latin1');

/** What both ways give. */
function both<T>(make: () => T): [kernels: T, loops: T] {
  const results = [true, false].map((areUsed) => {
    useKernels(areUsed);
    forgetStamps();
    return make();
  });
  useKernels(true);
  return results as [T, T];
}

test.serial('there are kernels here', (t) => {
  t.truthy(machine.kernels);
});

test.serial('masks of soft brushes', (t) => {
  const random = new Seeded(1);
  for (let round = 0; round < 600; round++) {
    // small ones have four samples, large ones may not be shifted, the largest fill the store
    const size = random.between(26, round % 20 === 0 ? 256000 : round % 3 === 0 ? 2100 : 16000);
    const hardness = random.between(0, 255);
    const [x, y] = [random.between(-40, 40), random.between(-40, 40)];
    const [kernels, loops] = both(() => {
      const placed = { left: 0, top: 0 } as PlacedStamp;
      classicStamp(x, y, size, hardness, placed);
      return { ...placed, stamp: undefined, cells: cellsOf(placed.stamp) };
    });
    areAlike(t, kernels, loops, `size ${size}, hardness ${hardness} at ${x}, ${y}`);
  }
});

for (const profile of ['portable', 'avx2'] as const) {
  test.serial(`masks of MyPaint brushes, ${profile}`, (t) => {
    const random = new Seeded(2);
    for (let round = 0; round < 600; round++) {
      // those below six pixels have another shape
      const size = random.between(51, round % 20 === 0 ? 200000 : round % 3 === 0 ? 1600 : 20000);
      const [hardness, aspect, angle] = [1, 0, 0].map((least) => random.between(least, 255));
      const [kernels, loops] = both(() => cellsOf(myPaintStamp(profile, size, hardness!, aspect!, angle!)));
      areAlike(t, kernels, loops, `size ${size}, hardness ${hardness}, aspect ${aspect}, angle ${angle}`);
    }
  });
}

/** Pixels multiplied by alpha, many of them at the ends of the range. */
function randomPixels(random: Seeded, count: number): Uint16Array {
  const pixels = new Uint16Array(count * 4);
  for (let at = 0; at < pixels.length; at += 4) {
    const alpha = random.pick([0, 1, 32767, 32768, random.between(0, 32768), random.between(0, 32768)]);
    // stray pictures bring colours that exceed their alpha
    const most = random.chance(0.1) ? 65535 : alpha;
    for (let channel = 0; channel < 3; channel++) pixels[at + channel] = random.between(0, most);
    pixels[at + 3] = alpha;
  }
  return pixels;
}

const modesWithKernels = [0, 1, 10, 11, 14, 25, 26, 83, 84];

for (const profile of ['portable', 'avx2'] as const) {
  test.serial(`colours through masks, ${profile}`, (t) => {
    const random = new Seeded(3);
    const mask = machine.takeU16(4096);
    for (let round = 0; round < 300; round++) {
      const before = randomPixels(random, 4096);
      for (let at = 0; at < 4096; at++) {
        mask[at] = random.pick([0, 0, 1, 32767, 32768, random.between(0, 32768)]);
      }
      const mode = random.pick(modesWithKernels);
      const [b, g, r, a] = [0, 0, 0, 0].map(() => random.pick([0, 32768, random.between(0, 32768)]));
      const brush = makeBrush(profile, mode, [b!, g!, r!, a!])!;
      const opacity = random.pick([0, 1, 32768, random.between(0, 32768)]);
      const [x, y] = [random.below(64), random.below(64)];
      const [width, height] = [random.between(1, 64 - x), random.between(1, 64 - y)];
      const stride = random.pick([0, 64]);
      const [kernels, loops] = both(() => {
        // nor does a tile before or behind it in memory change
        const grid = new TileGrid(64, 3 * 64);
        for (const index of [0, 1, 2]) grid.writable(index, 1).pixels.set(before);
        const { pixels, address } = grid.get(1)!;
        blendPatch(brush, pixels, x, y, width, height, mask, 0, stride, opacity, address);
        const text = [0, 1, 2].map((index) => Buffer.from(new Uint16Array(grid.get(index)!.pixels).buffer));
        grid.release();
        return Buffer.concat(text).toString('latin1');
      });
      t.true(kernels === loops, `mode ${mode}, ${width} x ${height} at ${x}, ${y}, opacity ${opacity}`);
    }
  });
}

test.serial('tiles that moved out of the memory of the kernels keep their pixels', (t) => {
  const grid = new TileGrid(64 * 40, 64 * 40);
  for (let index = 0; index < grid.slots; index++) grid.writable(index, 1).pixels.fill(index + 1);
  grid.finish();
  const kept = grid.share();
  for (let index = 0; index < grid.slots; index++) grid.writable(index, 1).pixels[0]! += 1;
  for (let index = 0; index < grid.slots; index++) {
    t.deepEqual([...kept.get(index)!.pixels.subarray(0, 2)], [index + 1, index + 1]);
    t.deepEqual([...grid.get(index)!.pixels.subarray(0, 2)], [index + 2, index + 1]);
  }
});

for (const profile of ['portable', 'avx2'] as const) {
  test.serial(`tiles on tiles, ${profile}`, (t) => {
    const random = new Seeded(4);
    for (let round = 0; round < 120; round++) {
      const mode = random.pick([0, 1, 10, 11, 83, 84]);
      const opacity = random.pick([0, 1, 32768, random.between(0, 32768)]);
      const [below, above] = [randomPixels(random, 4096), randomPixels(random, 4096)];
      const isInMemory = random.chance(0.5);
      const [kernels, loops] = both(() => {
        const tile = new TileGrid(64, 64).writable(0, 1);
        const dst = isInMemory ? tile.pixels : new Uint16Array(16384);
        dst.set(below);
        blendTile(profile, mode, dst, above, opacity);
        return Buffer.from(new Uint16Array(dst).buffer).toString('latin1');
      });
      t.true(kernels === loops, `mode ${mode}, opacity ${opacity}, in the memory: ${isInMemory}`);
    }
  });
}
