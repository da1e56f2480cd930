// Slows down password guessing. After some wrong passwords from an address for one account or session, each further
// check of that pair waits, longer each time; many wrong ones for anything delay the address a little. Nobody is
// locked out: a correct password resets the delay, and other accounts are not delayed for the same address.

interface Limit {
  /** Wrong passwords without a delay: users mistype, and share addresses. */
  free: number;
  longestWaitMs: number;
}

const limits: { target: Limit; address: Limit } = {
  target: { free: 10, longestWaitMs: 30_000 },
  address: { free: 100, longestWaitMs: 4_000 },
};
/** After so long without a wrong password, counting starts again. */
const forgottenAfterMs = 10 * 60_000;
const entriesAtMost = 10_000;
const targetCharactersAtMost = 64;

/** An account or a session; any text that identifies one. */
export type PasswordTarget = string;

export class PasswordThrottle {
  readonly #targets = new Failures(limits.target);
  readonly #addresses = new Failures(limits.address);

  /** For a successor of this process. `now`: of a clock that does not jump. */
  handOver(now: number): { targets: HandedFailures; addresses: HandedFailures } {
    return { targets: this.#targets.handOver(now), addresses: this.#addresses.handOver(now) };
  }

  takeOver({ targets, addresses }: ReturnType<PasswordThrottle['handOver']>, now: number): void {
    this.#targets.takeOver(targets, now);
    this.#addresses.takeOver(addresses, now);
  }

  /** Milliseconds that a check for this address waits now. `now`: of a clock that does not jump. */
  waitMs(ip: string, target: PasswordTarget, now: number): number {
    return Math.max(this.#targets.waitMs(keyOf(ip, target), now), this.#addresses.waitMs(ip, now));
  }

  failed(ip: string, target: PasswordTarget, now: number): void {
    this.#targets.failed(keyOf(ip, target), now);
    this.#addresses.failed(ip, now);
  }

  succeeded(ip: string, target: PasswordTarget): void {
    this.#targets.forget(keyOf(ip, target));
  }
}

/** How often, and how many milliseconds ago the last time. */
type HandedFailures = ReadonlyMap<string, { readonly count: number; readonly ago: number }>;

function keyOf(ip: string, target: PasswordTarget): string {
  return `${ip} ${target.slice(0, targetCharactersAtMost)}`;
}

class Failures {
  readonly #limit: Limit;
  readonly #counts = new Map<string, { count: number; at: number }>();

  constructor(limit: Limit) {
    this.#limit = limit;
  }

  handOver(now: number): HandedFailures {
    return new Map([...this.#counts].map(([key, { count, at }]) => [key, { count, ago: now - at }]));
  }

  takeOver(failures: HandedFailures, now: number): void {
    for (const [key, { count, ago }] of failures) this.#counts.set(key, { count, at: now - ago });
  }

  waitMs(key: string, now: number): number {
    const { free, longestWaitMs } = this.#limit;
    const entry = this.#counts.get(key);
    if (!entry || now - entry.at > forgottenAfterMs || entry.count < free) return 0;
    return Math.min(1000 * 2 ** Math.min(entry.count - free, 10), longestWaitMs);
  }

  failed(key: string, now: number): void {
    const entry = this.#counts.get(key);
    const count = entry && now - entry.at <= forgottenAfterMs ? entry.count + 1 : 1;
    // Newest last: the oldest are forgotten first.
    this.#counts.delete(key);
    this.#counts.set(key, { count, at: now });
    if (this.#counts.size > entriesAtMost) this.#counts.delete(this.#counts.keys().next().value as string);
  }

  forget(key: string): void {
    this.#counts.delete(key);
  }
}
