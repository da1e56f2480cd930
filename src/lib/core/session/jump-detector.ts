// Detects jumps of the time: the machine slept, the process was suspended, or the clock was set.
import type { Clock } from './needs.js';

/** Differences below this are the scheduler's and the time service's everyday corrections. */
const toleranceMs = 10_000;

export class JumpDetector {
  readonly #clock: Clock;
  readonly #everyMs: number;
  #monotonic: number;
  #timeOfDay: number;

  /** `everyMs`: how often it will look, in milliseconds. */
  constructor(clock: Clock, everyMs: number) {
    this.#clock = clock;
    this.#everyMs = everyMs;
    this.#monotonic = clock.monotonic();
    this.#timeOfDay = clock.now();
  }

  /**
   * Whether time has jumped since the last look. The monotonic clock stands still in a machine that sleeps, or it does
   * not, depending on the system: a jump shows in one of the two clocks or in both.
   */
  look(): boolean {
    const monotonic = this.#clock.monotonic();
    const timeOfDay = this.#clock.now();
    const passed = monotonic - this.#monotonic;
    const wasSet = Math.abs(timeOfDay - this.#timeOfDay - passed) > toleranceMs;
    this.#monotonic = monotonic;
    this.#timeOfDay = timeOfDay;
    return wasSet || passed - this.#everyMs > toleranceMs;
  }
}
