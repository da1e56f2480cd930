// Messages of dabs drawn by one call of a kernel against dab by dab in TypeScript: the same tiles, absent ones too.
import test from 'ava';
import { type DabShape, type Dabs, paintDabs, paintMyPaint } from '../../../../src/lib/core/canvas/dabs.js';
import type { Profile } from '../../../../src/lib/core/canvas/pixel.js';
import { forgetStamps } from '../../../../src/lib/core/canvas/stamps/stamp.js';
import { TileGrid } from '../../../../src/lib/core/canvas/tiles.js';
import { useKernels } from '../../../../src/lib/core/canvas/wasm/machine.js';
import { Seeded } from '../../../helpers/seeded.js';

const shapes: readonly DabShape[] = ['classic', 'round', 'square', 'mypaint'];
/** With kernels, and some without. */
const modes = [0, 1, 10, 11, 14, 25, 26, 83, 84, 2, 255];

interface Size {
  readonly width: number;
  readonly height: number;
}

function randomDabs(random: Seeded, shape: DabShape, { width, height }: Size): Dabs {
  const isFine = shape === 'classic' || shape === 'mypaint';
  const unit = isFine ? 4 : 1;
  // most are around the canvas, some far away
  const near = (size: number) => random.between(-60, size + 60) * unit;
  const place = (size: number) =>
    random.chance(0.03) ? random.between(-(2 ** 31), 2 ** 31 - 1) : near(size);
  const most = random.pick([3, 12, 40, 150, random.chance(0.05) ? 1000 : 60]);
  const fixed = random.chance(0.3);
  const size = () => (isFine ? random.between(0, most * 256) : random.between(0, most));
  const [sameSize, sameHardness] = [size(), random.below(256)];
  const byte = () => random.pick([0, 1, 254, 255, random.below(256), random.below(256), random.below(256)]);
  const reach = random.pick([3, 20, 127]);
  const items: number[] = [];
  const [angle, aspect] = [byte(), random.chance(0.3) ? 0 : byte()];
  for (let count = random.between(0, 40); count > 0; count--) {
    items.push(random.between(-reach - 1, reach), random.between(-reach - 1, reach));
    items.push(fixed ? sameSize : size());
    if (isFine) items.push(fixed ? sameHardness : byte());
    items.push(byte());
    if (shape === 'mypaint') items.push(fixed ? angle : byte(), fixed ? aspect : byte());
  }
  const alpha = random.pick([0, 255, random.below(256)]);
  return { shape, x: place(width), y: place(height), color: alpha * 2 ** 24 + random.below(2 ** 24), items };
}

/** Every tile of a grid, absent ones as nothing, and who changed them. */
function tilesOf(grid: TileGrid): string[] {
  return Array.from({ length: grid.slots }, (_, index) => {
    const tile = grid.get(index);
    if (tile === undefined) return '';
    return `${tile.author} ${Buffer.from(new Uint16Array(tile.pixels).buffer).toString('latin1')}`;
  });
}

/** Draws messages on a canvas, some through undo states, and gives what it is like after each. */
function drawAll(seed: number, profile: Profile, areUsed: boolean): string[][] {
  useKernels(areUsed);
  forgetStamps();
  const random = new Seeded(seed);
  const size = { width: random.between(1, 400), height: random.between(1, 300) };
  let grid = new TileGrid(size.width, size.height);
  const states: string[][] = [];
  for (let message = 0; message < 12; message++) {
    const shape = random.pick(shapes);
    const dabs = randomDabs(random, shape, size);
    const options = { profile, author: message + 1 };
    if (shape === 'mypaint' && random.chance(0.5)) {
      const weight = () => random.pick([0, 0, 0, 1, 255, random.below(256)]);
      const weights = {
        mode: random.pick([14, 82, 90]),
        lockAlpha: weight(),
        colorize: weight(),
        posterize: weight(),
        posterizeNumber: random.below(128),
      };
      paintMyPaint(grid, dabs, weights, options);
    } else paintDabs(grid, dabs, random.pick(modes), options);
    if (random.chance(0.3)) grid = grid.successor();
    if (random.chance(0.1)) grid.set(random.below(grid.slots), undefined);
    states.push(tilesOf(grid));
  }
  grid.release();
  useKernels(true);
  return states;
}

for (const profile of ['portable', 'avx2'] as const) {
  test.serial(`messages of dabs at once and dab by dab give the same tiles, ${profile}`, (t) => {
    for (let seed = 1; seed <= 40; seed++) {
      const [atOnce, one] = [drawAll(seed, profile, true), drawAll(seed, profile, false)];
      const first = atOnce.findIndex((state, at) => state.join('\n') !== one[at]!.join('\n'));
      t.is(first, -1, `seed ${seed}: message ${first} differs`);
    }
  });
}
