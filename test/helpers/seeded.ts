// Reproducible chance: the same seed gives the same run, so a failing round can be run again.

/** A small generator (mulberry32) with the few draws that the tests need. */
export class Seeded {
  #state: number;

  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  /** In [0, 1). */
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let mixed = this.#state;
    mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  }

  /** A whole number in [0, count). */
  below(count: number): number {
    return Math.floor(this.next() * count);
  }

  between(least: number, most: number): number {
    return least + this.below(most - least + 1);
  }

  chance(probability: number): boolean {
    return this.next() < probability;
  }

  pick<T>(items: readonly T[]): T {
    return items[this.below(items.length)]!;
  }

  bytes(count: number): Buffer {
    const result = Buffer.alloc(count);
    for (let at = 0; at < count; at++) {
      result[at] = this.below(256);
    }
    return result;
  }
}

/** How many rounds a seeded test makes: DP_FUZZ_ROUNDS, or the usual number. */
export function rounds(usual: number): number {
  const wanted = Number(process.env.DP_FUZZ_ROUNDS);
  return Number.isInteger(wanted) && wanted > 0 ? wanted : usual;
}

/** Where the random tests begin: DP_FUZZ_SEED, or always the same. */
export function firstSeed(): number {
  const wanted = Number(process.env.DP_FUZZ_SEED);
  return Number.isInteger(wanted) && wanted > 0 ? wanted : 1;
}
