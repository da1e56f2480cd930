// Entire tiles on tiles. Each kernel equals the loop of the same name in blend/pixel-rows.ts.

import {
  type Code,
  get,
  i16x8,
  i32,
  type Kernel,
  type Local,
  loopWhile,
  set,
  v128,
  when,
} from './assembler.js';
import { alphaLanes, pixelBytes, product, rest, spread, sumProducts, tileRowBytes } from './pixel-code.js';

/** What pixels on pixels see: two pixels below and above, the opacity, the effective alpha of the source. */
interface TwoPairs {
  readonly d: Code;
  readonly s: Code;
  readonly below: Code;
  readonly q: Code;
  readonly opacity: Code;
}

/**
 * Parameters: address of the tile below and of the one above, opacity. Eight pixels at a time: where nothing is above,
 * and strokes leave most of their tiles empty, no arithmetic changes anything.
 */
function tileKernel(arithmetic: (pairs: TwoPairs) => Code): Kernel {
  return (f) => {
    const d = f.parameter('i32');
    const s = f.parameter('i32');
    const opacityOf = f.parameter('i32');
    const end = f.local('i32');
    const opacity = f.local('v128');
    const sources = [0, 1, 2, 3].map(() => f.local('v128'));
    const pixels = f.local('v128');
    const below = f.local('v128');
    const q = f.local('v128');
    const two = (source: Local, index: number): Code => [
      ...set(pixels, v128.load(get(d), 16 * index)),
      ...set(below, v128.shuffle(get(pixels), get(pixels), ...spread(3, 7))),
      ...set(q, product(v128.shuffle(get(source), get(source), ...spread(3, 7)), get(opacity))),
      ...v128.store(
        get(d),
        arithmetic({
          d: get(pixels),
          s: get(source),
          below: get(below),
          q: get(q),
          opacity: get(opacity),
        }),
        16 * index,
      ),
    ];
    const [first, second, third, fourth] = sources.map(get) as [Code, Code, Code, Code];
    return [
      ...set(end, i32.add(get(d), i32.of(64 * tileRowBytes))),
      ...set(opacity, i16x8.splat(get(opacityOf))),
      ...loopWhile(
        i32.isLess(get(d), get(end)),
        ...sources.map((source, index) => set(source, v128.load(get(s), 16 * index))),
        when(v128.isAny(v128.or(v128.or(first, second), v128.or(third, fourth))), ...sources.map(two)),
        set(d, i32.add(get(d), i32.of(8 * pixelBytes))),
        set(s, i32.add(get(s), i32.of(8 * pixelBytes))),
      ),
    ];
  };
}

export const tileKernels = {
  tileErase: tileKernel(({ d, q }) => product(d, rest(q))),
  tileNormal: tileKernel(({ d, s, q, opacity }) => sumProducts(d, rest(q), s, opacity)),
  tileNormalLanes: tileKernel(({ d, s, q, opacity }) => i16x8.add(product(d, rest(q)), product(s, opacity))),
  tileRecolor: tileKernel(({ d, s, below, q, opacity }) =>
    v128.select(d, sumProducts(d, rest(q), s, product(below, opacity)), alphaLanes),
  ),
  tileRecolorLanes: tileKernel(({ d, s, below, q, opacity }) =>
    v128.select(d, i16x8.add(product(d, rest(q)), product(s, product(below, opacity))), alphaLanes),
  ),
  tileBehind: tileKernel(({ d, s, below, opacity }) =>
    i16x8.add(d, product(s, product(rest(below), opacity))),
  ),
};

export type TileKernel = keyof typeof tileKernels;
