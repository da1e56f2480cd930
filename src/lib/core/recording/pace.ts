// How fast a recording goes by: by its waiting times, with long pauses cut short; by its drawing where there are none.

import type { RecordedMessage } from './items.js';

const interval = 64;
const firstCommand = 128;

/** What a message says to wait, milliseconds. */
export function intervalMs({ type, payload }: Pick<RecordedMessage, 'type' | 'payload'>): number {
  return type === interval && payload.length === 2 ? ((payload[0] ?? 0) << 8) | (payload[1] ?? 0) : 0;
}

type Paced = Pick<RecordedMessage, 'type' | 'payload'>;

/** Goes through a recording. A pause lasts until the next drawing, however many waiting times it consists of. */
class Pauses {
  readonly #longestMs: number;
  #pausedMs = 0;

  constructor(longestMs: number) {
    this.#longestMs = longestMs;
  }

  /** What of a waiting time counts. */
  countedMs(message: Paced): number {
    return Math.min(intervalMs(message), this.#longestMs - this.#pausedMs);
  }

  pass(message: Paced): void {
    this.#pausedMs = message.type >= firstCommand ? 0 : this.#pausedMs + this.countedMs(message);
  }
}

/** Shown all messages once, it knows how long the recording is. */
export class PaceMeter {
  readonly #longestPauseMs: number;
  readonly #pauses: Pauses;
  #ms = 0;
  #drawing = 0;

  constructor(longestPauseMs = Number.POSITIVE_INFINITY) {
    this.#longestPauseMs = longestPauseMs;
    this.#pauses = new Pauses(longestPauseMs);
  }

  show(message: Paced): void {
    this.#ms += this.#pauses.countedMs(message);
    this.#pauses.pass(message);
    if (message.type >= firstCommand) this.#drawing++;
  }

  /** Waiting times without what pauses are cut by; 0: the recording has none. */
  get playMs(): number {
    return this.#ms;
  }

  /** What there is to go through, in no unit that matters. */
  get total(): number {
    return this.#ms > 0 ? this.#ms : this.#drawing;
  }

  /** Once more from the first message on. */
  walk(): PaceWalk {
    return new PaceWalk(this.#ms > 0 ? new Pauses(this.#longestPauseMs) : undefined);
  }
}

/** Goes through a recording that a meter was shown. */
export class PaceWalk {
  /** Undefined: there are no waiting times. */
  readonly #pauses: Pauses | undefined;

  constructor(pauses: Pauses | undefined) {
    this.#pauses = pauses;
  }

  /** How far the next message goes, in the unit of the meter's total. */
  stepOf(message: Paced): number {
    if (this.#pauses) return this.#pauses.countedMs(message);
    return message.type >= firstCommand ? 1 : 0;
  }

  pass(message: Paced): void {
    this.#pauses?.pass(message);
  }
}
