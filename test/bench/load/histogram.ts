// Counts of microsecond values in bins of at most 1/32 relative width, so that millions of latencies cost nothing.

const stepsPerBinade = 64;

export class Histogram {
  #bins = new Uint32Array(stepsPerBinade * 27);
  #count = 0;
  #largest = 0;

  add(microseconds: number): void {
    const exponent = microseconds < stepsPerBinade ? 0 : 26 - Math.clz32(microseconds); // leaves six bits
    this.#bins[exponent * stepsPerBinade + (microseconds >>> exponent)]!++;
    this.#count++;
    if (microseconds > this.#largest) this.#largest = microseconds;
  }

  /** Milliseconds below which the share `p` (0 to 1) of all values lies. */
  percentile(p: number): number {
    let left = this.#count * p;
    for (let i = 0; i < this.#bins.length; i++) {
      const count = this.#bins[i]!;
      left -= count;
      if (left <= 0 && count > 0) {
        return ((i % stepsPerBinade) * 2 ** Math.floor(i / stepsPerBinade)) / 1000;
      }
    }
    return this.#largest / 1000;
  }

  clear(): void {
    this.#bins.fill(0);
    this.#count = 0;
    this.#largest = 0;
  }
}
