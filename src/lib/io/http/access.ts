// Access to the admin API (http.md §1.2): allowed addresses, name and password. Guessing is slowed down; nobody is
// refused because of the guesses of others.

import { createHash, timingSafeEqual } from 'node:crypto';
import { isInSubnet, isLoopback, networkText, parseAddress, parseSubnet } from '../../core/addresses.js';

/** `undefined`: this machine; `all`; else an address or subnet, and this machine always. */
export function makeAccessRule(access: string | undefined): (ip: string) => boolean {
  const subnet = access === undefined || access === 'all' ? undefined : parseSubnet(access);
  return (ip) => {
    if (access === 'all') return true;
    const address = parseAddress(ip);
    if (address === undefined) return false;
    return isLoopback(address) || (subnet !== undefined && isInSubnet(address, subnet));
  };
}

const firstDelayMs = 100;
/** A correct password waits as long as a wrong one, so this is the longest delay that guesses of others can cause. */
const delayAtMostMs = 2_000;
const forgetAfterMs = 15 * 60_000;
const guessersAtMost = 10_000;

export type Verdict = 'ok' | 'wrong';

interface Guesses {
  count: number;
  last: number;
}

/** Guessing is slowed down: by who asks and what for, so nobody waits for the guesses of others. */
export class GuessDelays {
  readonly #failures = new Map<string, Guesses>();
  readonly #now: () => number;
  readonly #wait: (ms: number) => Promise<void>;

  /** `now`: milliseconds of a clock that does not jump. */
  constructor(
    now: () => number = () => performance.now(),
    wait: (ms: number) => Promise<void> = (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
  ) {
    this.#now = now;
    this.#wait = wait;
  }

  /**
   * Every check waits first, the longer the more wrong ones came for this key: who closes the connection instead of
   * waiting learns nothing. A right one ends it. `failed` gets the number of wrong ones.
   */
  async around(key: string, check: () => boolean | Promise<boolean>, failed: (count: number) => void) {
    const delay = this.#delayOf(key);
    if (delay > 0) await this.#wait(delay);
    let isRight = check();
    let count: number | undefined;
    if (typeof isRight !== 'boolean') {
      // A check that takes a while counts as wrong until it is over: many at once do not get round the delays.
      count = this.#noteFailure(key);
      isRight = await isRight;
    }
    if (isRight) {
      this.#failures.delete(key);
      return true;
    }
    failed(count ?? this.#noteFailure(key));
    // The first one is late as well, or each new connection would have a guess for nothing.
    if (delay === 0) await this.#wait(firstDelayMs);
    return false;
  }

  pause(ms: number): Promise<void> {
    return this.#wait(ms);
  }

  #delayOf(key: string): number {
    const known = this.#failures.get(key);
    if (!known || this.#now() - known.last >= forgetAfterMs) return 0;
    return Math.min(firstDelayMs * 2 ** Math.min(known.count, 10), delayAtMostMs);
  }

  #noteFailure(key: string): number {
    const now = this.#now();
    for (const [other, { last }] of this.#failures) {
      if (now - last < forgetAfterMs && this.#failures.size < guessersAtMost) break;
      this.#failures.delete(other);
    }
    const known = this.#failures.get(key);
    const count = known && now - known.last < forgetAfterMs ? known.count + 1 : 1;
    // Newest last: the oldest are forgotten first.
    this.#failures.delete(key);
    this.#failures.set(key, { count, last: now });
    return count;
  }
}

/** A name and password for HTTP basic auth. */
export class Credentials {
  readonly #name: string;
  readonly #expected: Buffer;
  readonly #delays: GuessDelays;
  /** The first wrong guess of an address, and every hundredth. */
  onFailure: ((ip: string, count: number) => void) | undefined;

  get name(): string {
    return this.#name;
  }

  /** Changes whenever the name or password changes. */
  get proof(): string {
    return this.#expected.toString('hex');
  }

  /** `name:password`; the password may have colons in it. The rest as for GuessDelays. */
  constructor(text: string, now?: () => number, wait?: (ms: number) => Promise<void>) {
    this.#name = text.slice(0, text.indexOf(':'));
    this.#expected = digest(text);
    this.#delays = new GuessDelays(now, wait);
  }

  async check(ip: string, header: string | undefined): Promise<Verdict> {
    // Without any credentials nobody has guessed: browsers ask that way first.
    if (header === undefined) return 'wrong';
    const encoded = /^basic +([A-Za-z0-9+/=]+) *$/i.exec(header)?.[1];
    return this.checkText(ip, Buffer.from(encoded ?? '', 'base64'));
  }

  /** `name:password`, as they came. */
  async checkText(ip: string, given: Buffer): Promise<Verdict> {
    // IPv6 networks of one customer are one address. Names that do not exist are one name.
    const key = `${networkText(ip)} ${given.toString().startsWith(`${this.#name}:`) ? 'right' : 'other'}`;
    const isRight = await this.#delays.around(
      key,
      () => timingSafeEqual(digest(given), this.#expected),
      (count) => {
        if (count === 1 || count % 100 === 0) this.onFailure?.(ip, count);
      },
    );
    return isRight ? 'ok' : 'wrong';
  }
}

function digest(text: string | Buffer): Buffer {
  return createHash('sha256').update(text).digest();
}
