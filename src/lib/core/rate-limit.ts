// How often something may be done by somebody: token buckets by key, in a table that never grows beyond its limit.

/** So many at once, and so many a minute after that. */
export interface Rate {
  burst: number;
  perMinute: number;
}

export interface Bucket {
  tokens: number;
  /** When `tokens` was right, by the monotonic clock. */
  at: number;
}

const minuteMs = 60_000;

export class RateLimit {
  readonly #now: () => number;
  readonly #keysAtMost: number;
  readonly #buckets = new Map<string, Bucket>();

  /** `now`: the monotonic clock, in milliseconds. Beyond `keysAtMost` the key that was used longest ago is forgotten. */
  constructor(now: () => number, keysAtMost: number) {
    this.#now = now;
    this.#keysAtMost = keysAtMost;
  }

  /** For a successor of this process; `at` in milliseconds ago. */
  handOver(): ReadonlyMap<string, Bucket> {
    const now = this.#now();
    return new Map([...this.#buckets].map(([key, { tokens, at }]) => [key, { tokens, at: now - at }]));
  }

  takeOver(buckets: ReadonlyMap<string, Bucket>): void {
    const now = this.#now();
    for (const [key, { tokens, at }] of buckets) this.#buckets.set(key, { tokens, at: now - at });
  }

  /** Whether `key` may do it once more now; that counts. A key must always come with the same rate. */
  take(key: string, rate: Rate): boolean {
    const now = this.#now();
    const known = this.#buckets.get(key);
    const gained = known === undefined ? 0 : ((now - known.at) / minuteMs) * rate.perMinute;
    const tokens = known === undefined ? rate.burst : Math.min(rate.burst, known.tokens + gained);
    const isAllowed = tokens >= 1;
    // Newest last: the oldest are forgotten first.
    this.#buckets.delete(key);
    this.#buckets.set(key, { tokens: isAllowed ? tokens - 1 : tokens, at: now });
    if (this.#buckets.size > this.#keysAtMost) {
      this.#buckets.delete(this.#buckets.keys().next().value as string);
    }
    return isAllowed;
  }
}
