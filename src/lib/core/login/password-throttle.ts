// Slows down who guesses passwords: after some wrong ones from an address each further check waits, longer each
// time. Nobody is locked out, and a right password ends it.

/** So many wrong passwords of one address cost nothing: people mistype, and share addresses. */
const freeFailures = 10;
const longestWaitMs = 30_000;
/** Without a wrong password for so long an address starts anew. */
const forgottenAfterMs = 10 * 60_000;
const addressesAtMost = 10_000;

export class PasswordThrottle {
  readonly #failures = new Map<string, { count: number; at: number }>();

  /** Milliseconds that a check for this address waits now. */
  waitMs(ip: string, now: number): number {
    const entry = this.#failures.get(ip);
    if (!entry || now - entry.at > forgottenAfterMs || entry.count < freeFailures) return 0;
    return Math.min(1000 * 2 ** Math.min(entry.count - freeFailures, 10), longestWaitMs);
  }

  failed(ip: string, now: number): void {
    const entry = this.#failures.get(ip);
    const count = entry && now - entry.at <= forgottenAfterMs ? entry.count + 1 : 1;
    // Newest last: the oldest are forgotten first.
    this.#failures.delete(ip);
    this.#failures.set(ip, { count, at: now });
    if (this.#failures.size > addressesAtMost) {
      this.#failures.delete(this.#failures.keys().next().value as string);
    }
  }

  succeeded(ip: string): void {
    this.#failures.delete(ip);
  }
}
