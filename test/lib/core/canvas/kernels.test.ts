// Kernels in WebAssembly against the loops in TypeScript: bit for bit the same on random input.
import test from 'ava';
import { classicStamp, type PlacedStamp } from '../../../../src/lib/core/canvas/stamps/classic.js';
import { myPaintStamp } from '../../../../src/lib/core/canvas/stamps/mypaint.js';
import { forgetStamps, type Stamp } from '../../../../src/lib/core/canvas/stamps/stamp.js';
import { machine, useKernels } from '../../../../src/lib/core/canvas/wasm/machine.js';
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
    t.deepEqual(kernels, loops, `size ${size}, hardness ${hardness} at ${x}, ${y}`);
  }
});

for (const profile of ['portable', 'avx2'] as const) {
  test.serial(`masks of MyPaint brushes, ${profile}`, (t) => {
    const random = new Seeded(2);
    for (let round = 0; round < 600; round++) {
      const size = random.between(51, round % 20 === 0 ? 200000 : 20000);
      const [hardness, aspect, angle] = [1, 0, 0].map((least) => random.between(least, 255));
      const [kernels, loops] = both(() => cellsOf(myPaintStamp(profile, size, hardness!, aspect!, angle!)));
      t.deepEqual(kernels, loops, `size ${size}, hardness ${hardness}, aspect ${aspect}, angle ${angle}`);
    }
  });
}
