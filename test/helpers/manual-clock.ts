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
  readonly #waiting = new Set<Entry>();

  /** `start`: milliseconds since 1970. */
  constructor(start = Date.UTC(2026, 0, 1)) {
    this.#now = start;
  }

  now(): number {
    return this.#now;
  }

  after(ms: number, run: () => void): Timer {
    const entry: Entry = { due: this.#now + Math.max(0, ms), order: this.#order++, run };
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

  /** Moves the time on and runs what falls due on the way, in order, at the time at which it is due. */
  advance(ms: number): void {
    this.advanceTo(this.#now + ms);
  }

  advanceTo(time: number): void {
    for (;;) {
      const next = this.#first(time);
      if (next === undefined) {
        break;
      }
      this.#waiting.delete(next);
      this.#now = Math.max(this.#now, next.due);
      next.run();
    }
    this.#now = Math.max(this.#now, time);
  }

  /** When the next timer falls due; undefined: none waits. */
  get nextDue(): number | undefined {
    return this.#first(Number.POSITIVE_INFINITY)?.due;
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
