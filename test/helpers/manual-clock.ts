// A clock that tests move by hand. Only `endOfTurn` is real: it is about the event loop, not about time.

import type { Clock, Timer } from '../../src/lib/core/session/needs.js';

interface Entry {
  due: number;
  order: number;
  run: () => void;
}

export class ManualClock implements Clock {
  #now: number;
  #order = 0;
  /** Not zero at the start, and not the time of day: whoever mixes the two up is found out. */
  #monotonic = 5_000_000;
  readonly #waiting = new Set<Entry>();

  /** `start`: milliseconds since 1970. */
  constructor(start = Date.UTC(2026, 0, 1)) {
    this.#now = start;
  }

  now(): number {
    return this.#now;
  }

  monotonic(): number {
    return this.#monotonic;
  }

  after(ms: number, run: () => void): Timer {
    const entry: Entry = { due: this.#monotonic + Math.max(0, ms), order: this.#order++, run };
    this.#waiting.add(entry);
    return { cancel: () => void this.#waiting.delete(entry) };
  }

  endOfTurn(run: () => void): void {
    setImmediate(run);
  }

  /** Timers that wait; a test that ends with some has left something behind. */
  get waiting(): number {
    return this.#waiting.size;
  }

  /** Moves both readings on and runs what falls due on the way, in order, at the time at which it is due. */
  advance(ms: number): void {
    const end = this.#monotonic + ms;
    for (;;) {
      const next = this.#first(end);
      if (next === undefined) break;
      this.#waiting.delete(next);
      this.#move(Math.max(0, next.due - this.#monotonic));
      next.run();
    }
    this.#move(end - this.#monotonic);
  }

  /** Somebody sets the time of day; nothing else happens. */
  setTimeOfDay(time: number): void {
    this.#now = time;
  }

  /** The process stands still for `ms`: time passes, timers run late, each once. */
  stall(ms: number): void {
    this.#move(ms);
    this.advance(0);
  }

  #move(ms: number): void {
    this.#monotonic += ms;
    this.#now += ms;
  }

  /** Like `advance`, to a time of day. */
  advanceTo(time: number): void {
    this.advance(Math.max(0, time - this.#now));
  }

  /** The time of day at which the next timer falls due; undefined: none waits. */
  get nextDue(): number | undefined {
    const next = this.#first(Number.POSITIVE_INFINITY);
    return next && this.#now + next.due - this.#monotonic;
  }

  #first(until: number): Entry | undefined {
    let first: Entry | undefined;
    for (const entry of this.#waiting) {
      if (
        entry.due <= until &&
        (first === undefined ||
          entry.due < first.due ||
          (entry.due === first.due && entry.order < first.order))
      ) {
        first = entry;
      }
    }
    return first;
  }
}
