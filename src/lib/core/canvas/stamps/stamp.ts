// A stamp: the mask of one dab, a square of numbers from 0 to 32768, and a bounded cache of them.

export interface Stamp {
  /** Cells along a side. */
  readonly side: number;
  /** side * side cells, row by row; of a square brush one row, with a stride of 0. */
  readonly mask: Uint16Array;
  readonly stride: number;
}

/** Cells that a cache of stamps keeps at most: 4 MiB. */
const mostCells = 2 * 1024 * 1024;

/** Stamps by a number that tells everything they depend on. The oldest go when there are too many. */
export class StampCache {
  #stamps = new Map<number, Stamp>();
  #cells = 0;

  get(key: number): Stamp | undefined {
    return this.#stamps.get(key);
  }

  add(key: number, stamp: Stamp): Stamp {
    this.#cells += stamp.mask.length;
    this.#stamps.set(key, stamp);
    for (const [oldKey, old] of this.#stamps) {
      if (this.#cells <= mostCells || old === stamp) break;
      this.#stamps.delete(oldKey);
      this.#cells -= old.mask.length;
    }
    return stamp;
  }
}
