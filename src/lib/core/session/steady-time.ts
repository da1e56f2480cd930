// A steady time of day for expiry dates (bans, logins, tokens): a clock that jumps, because it was set wrong,
// neither expires nor revives anything. Users and files get the time of the clock.

import type { Clock } from './needs.js';

const hourMs = 3_600_000;
/** Differences up to this are corrections, not jumps. */
const toleranceMs = hourMs;
/** A jump counts when it has held for so long. */
const provenMs = 24 * hourMs;
/** Until then after the start, the time service may set the clock. */
const settlingMs = hourMs / 6;
/** This program did not exist before. */
const earliest = Date.UTC(2026, 0, 1);

export class SteadyTime {
  readonly #clock: Clock;
  readonly #startedAt: number;
  /** Time of day minus monotonic reading. */
  #offset: number;
  /** Where the clock has jumped to, and when that was noticed by the monotonic reading. */
  #jump: { offset: number; since: number } | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#startedAt = clock.monotonic();
    this.#offset = clock.now() - this.#startedAt;
  }

  /** Milliseconds since 1970. */
  now(): number {
    const monotonic = this.#clock.monotonic();
    const offset = this.#clock.now() - monotonic;
    if (this.#isTrusted(offset, monotonic)) {
      this.#offset = offset;
      this.#jump = undefined;
    }
    return monotonic + this.#offset;
  }

  #isTrusted(offset: number, monotonic: number): boolean {
    if (isNear(offset, this.#offset) || monotonic - this.#startedAt <= settlingMs) return true;
    if (monotonic + this.#offset < earliest) return true;
    if (this.#jump === undefined || !isNear(offset, this.#jump.offset)) {
      this.#jump = { offset, since: monotonic };
    }
    return monotonic - this.#jump.since >= provenMs;
  }
}

function isNear(offset: number, other: number): boolean {
  return Math.abs(offset - other) <= toleranceMs;
}
