// A stamp: the mask of one dab, a square of numbers from 0 to 32768, and where stamps are kept: one stretch of memory
// that is filled from the start again when it is full. Strokes with pressure need another stamp for nearly every dab,
// so making one must cost nothing besides its cells.

import { machine } from '../wasm/machine.js';

export interface Stamp {
  /** Cells along a side. */
  readonly side: number;
  /** Where the cells are: row by row from `at`, rows `stride` apart. A square brush has one row, and stride 0. */
  readonly mask: Uint16Array;
  readonly at: number;
  readonly stride: number;
}

/** The largest stamp has 1003 * 1003 cells. */
const mostCells = 1024 * 1024;

/** Stamps that are remembered; a new one takes the place of another with the same hash. */
const places = 4096;

const stores: StampStore[] = [];

/** Makes every stamp anew from here on. */
export function forgetStamps(): void {
  for (const store of stores) store.clear();
  machine.kernels?.forgetMasks();
}

/** Stamps by a number that encodes everything they depend on. */
export class StampStore {
  /** With room for what kernels write behind the last row. */
  readonly #memory = machine.takeU16(mostCells + 8);
  #at = 0;
  readonly #keys = new Float64Array(places).fill(-1);
  readonly #stamps = new Array<Stamp | undefined>(places).fill(undefined);

  constructor() {
    stores.push(this);
  }

  clear(): void {
    this.#at = 0;
    this.#keys.fill(-1);
    this.#stamps.fill(undefined);
  }

  /** `hash`: any integer that follows from the key. */
  find(key: number, hash: number): Stamp | undefined {
    const place = hash & (places - 1);
    return this.#keys[place] === key ? this.#stamps[place] : undefined;
  }

  /**
   * Room for a stamp's cells, not zeroed. What was found before may be overwritten: fill it before the next one is made
   * or found.
   */
  make(key: number, hash: number, side: number): Stamp {
    const cells = side * side;
    if (this.#at + cells > mostCells) this.clear();
    const stamp: Stamp = { side, mask: this.#memory, at: this.#at, stride: side };
    this.#at += cells;
    const place = hash & (places - 1);
    this.#keys[place] = key;
    this.#stamps[place] = stamp;
    return stamp;
  }
}
