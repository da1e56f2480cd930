// Who may use the admin door (http.md §1.2): from where, and with which name and password. Wrong ones are slowed down.

import { createHash, timingSafeEqual } from 'node:crypto';
import { isInSubnet, isLoopback, parseAddress, parseSubnet } from '../../core/addresses.js';

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
const delayAtMostMs = 10_000;
/** Guesses of one address that may wait at once; more are not even looked at. */
const waitingAtMost = 3;
const forgetAfterMs = 15 * 60_000;
const addressesAtMost = 10_000;

export type Verdict = 'ok' | 'wrong' | 'tooMany';

/** A name and password for HTTP basic auth. */
export class Credentials {
  readonly #expected: Buffer;
  readonly #failures = new Map<string, { count: number; waiting: number; last: number }>();
  readonly #now: () => number;
  readonly #wait: (ms: number) => Promise<void>;
  /** The first wrong guess of an address, and every hundredth. */
  onFailure: ((ip: string, count: number) => void) | undefined;

  /** `name:password`; the password may have colons in it. */
  constructor(
    text: string,
    now: () => number = Date.now,
    wait: (ms: number) => Promise<void> = (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
  ) {
    this.#expected = digest(text);
    this.#now = now;
    this.#wait = wait;
  }

  /** Answers late when the guess is wrong: the later, the more wrong ones came from there. */
  async check(ip: string, header: string | undefined): Promise<Verdict> {
    const known = this.#failures.get(ip);
    if (known && known.waiting >= waitingAtMost) return 'tooMany';
    const given = /^basic +([A-Za-z0-9+/=]+) *$/i.exec(header ?? '')?.[1];
    if (given !== undefined && timingSafeEqual(digest(Buffer.from(given, 'base64')), this.#expected)) {
      this.#failures.delete(ip);
      return 'ok';
    }
    // Without any credentials nobody has guessed: browsers ask that way first.
    if (header === undefined) return 'wrong';
    const failure = this.#noteFailure(ip);
    failure.waiting++;
    await this.#wait(Math.min(firstDelayMs * 2 ** (failure.count - 1), delayAtMostMs));
    failure.waiting--;
    return 'wrong';
  }

  #noteFailure(ip: string) {
    const now = this.#now();
    for (const [other, { last, waiting }] of this.#failures) {
      if (waiting > 0 || (now - last < forgetAfterMs && this.#failures.size < addressesAtMost)) break;
      this.#failures.delete(other);
    }
    const failure = this.#failures.get(ip) ?? { count: 0, waiting: 0, last: now };
    failure.count++;
    failure.last = now;
    this.#failures.delete(ip);
    this.#failures.set(ip, failure);
    if (failure.count === 1 || failure.count % 100 === 0) this.onFailure?.(ip, failure.count);
    return failure;
  }
}

function digest(text: string | Buffer): Buffer {
  return createHash('sha256').update(text).digest();
}
