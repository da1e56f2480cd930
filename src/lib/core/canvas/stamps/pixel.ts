// Masks of pixel brushes, round and square (pixels 3.4).

import { ONE } from '../pixel.js';
import { type Stamp, StampCache } from './stamp.js';

export const mostPixelSize = 1000;

const rounds = new StampCache();

/** A disc of this diameter, in pixels: 1 to 1000. */
export function roundStamp(size: number): Stamp {
  return rounds.get(size) ?? rounds.add(size, makeRound(size));
}

function makeRound(side: number): Stamp {
  const mask = new Uint16Array(side * side);
  const r = side / 2;
  for (let y = 0; y < side; y++) {
    const vertical = (y - r + 0.5) ** 2;
    for (let x = 0; x < side; x++) {
      if ((x - r + 0.5) ** 2 + vertical <= r * r) mask[y * side + x] = ONE;
    }
  }
  return { side, mask, stride: side };
}

const fullRow = new Uint16Array(mostPixelSize).fill(ONE);

export function squareStamp(size: number): Stamp {
  return { side: size, mask: fullRow, stride: 0 };
}
