// How fast a recording goes by: by its waiting times, with long pauses cut short; by its drawing where there are none.

import type { RecordedMessage } from './items.js';

const interval = 64;
const firstCommand = 128;

/** What a message says to wait, milliseconds. */
export function intervalMs({ type, payload }: Pick<RecordedMessage, 'type' | 'payload'>): number {
  return type === interval && payload.length === 2 ? (payload[0]! << 8) | payload[1]! : 0;
}

/** Shown all messages once, it knows how long the whole is. */
export class PaceMeter {
  readonly #longestPauseMs: number;
  #ms = 0;
  #drawing = 0;

  constructor(longestPauseMs = Number.POSITIVE_INFINITY) {
    this.#longestPauseMs = longestPauseMs;
  }

  show(message: Pick<RecordedMessage, 'type' | 'payload'>): void {
    this.#ms += Math.min(intervalMs(message), this.#longestPauseMs);
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

  /** How far one message goes, in the same unit. */
  stepOf(message: Pick<RecordedMessage, 'type' | 'payload'>): number {
    if (this.#ms > 0) return Math.min(intervalMs(message), this.#longestPauseMs);
    return message.type >= firstCommand ? 1 : 0;
  }
}
