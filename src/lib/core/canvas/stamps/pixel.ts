// Masks of pixel brushes, round and square (pixels 3.4).

import { ONE } from '../pixel.js';
import { machine } from '../wasm/machine.js';
import { type Stamp, StampStore } from './stamp.js';

export const mostPixelSize = 1000;

const store = new StampStore();

/** A disc of this diameter, in pixels: 1 to 1000. */
export function roundStamp(size: number): Stamp {
  const known = store.find(size, size);
  if (known !== undefined) return known;
  const made = store.make(size, size, size);
  const r = size / 2;
  for (let y = 0, at = made.at; y < size; y++) {
    const vertical = (y - r + 0.5) * (y - r + 0.5);
    for (let x = 0; x < size; x++, at++) {
      made.mask[at] = (x - r + 0.5) * (x - r + 0.5) + vertical <= r * r ? ONE : 0;
    }
  }
  return made;
}

/** A row of any square. */
export const fullRow = machine.takeU16(mostPixelSize).fill(ONE);

export function squareStamp(size: number): Stamp {
  return { side: size, mask: fullRow, at: 0, stride: 0 };
}
