// The real time, and the end of a turn of the event loop.
import type { Clock, Timer } from '../../core/session/needs.js';

class SystemClock implements Clock {
  #due: (() => void)[] = [];

  now(): number {
    return Date.now();
  }

  monotonic(): number {
    return performance.now();
  }

  after(ms: number, run: () => void): Timer {
    const timer = setTimeout(run, Math.min(ms, 0x7fffffff));
    // Timers alone keep no process alive; listeners and connections do.
    timer.unref();
    return { cancel: () => clearTimeout(timer) };
  }

  endOfTurn(run: () => void): void {
    if (this.#due.push(run) === 1) setImmediate(this.#runDue);
  }

  /** Does now what waits for the end of this turn. */
  endTurn(): void {
    this.#runDue();
  }

  /** Also what is added meanwhile: a flush of one connection may wake another. */
  readonly #runDue = (): void => {
    const due = this.#due;
    for (const run of due) run();
    this.#due = [];
  };
}

export const systemClock: Clock & Pick<SystemClock, 'endTurn'> = new SystemClock();

/** The system's clock, but its timers keep the command alive. */
export const waitingClock: Clock = {
  now: () => systemClock.now(),
  monotonic: () => systemClock.monotonic(),
  after: (ms: number, run: () => void) => {
    const timer = setTimeout(run, ms);
    return { cancel: () => clearTimeout(timer) };
  },
  endOfTurn: (run: () => void) => systemClock.endOfTurn(run),
};
