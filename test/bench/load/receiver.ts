// The receiving end of one client: counts what arrives, measures its latency and feeds the transcript.

import type { LoadClient } from './client.js';
import type { Histogram } from './histogram.js';
import { stampOf } from './script.js';
import type { Transcript } from './transcript.js';
import { frameLength, markAt, messageTypes, microseconds } from './wire.js';

export class Receiver {
  /** Place in the transcript, in bytes. */
  position = 0;
  /** Messages of the scripts that came. */
  drawn = 0;
  bytes = 0;
  onMark: ((mark: number) => void) | undefined;
  readonly client: LoadClient;
  readonly #transcript: Transcript;
  readonly #latency: Histogram | undefined;
  #isChecking = false;

  constructor(client: LoadClient, transcript: Transcript, latency?: Histogram) {
    this.client = client;
    this.#transcript = transcript;
    this.#latency = latency;
    client.sink = this;
  }

  /** Checks from the first message on (a whole history), instead of from the first mark on. */
  checkAll(): this {
    this.#isChecking = true;
    return this;
  }

  /** A run of whole session messages. The bytes are valid only during the call. */
  take(bytes: Buffer, start: number, end: number): void {
    const now = this.#latency ? microseconds() : 0;
    let from = start;
    let drawn = 0;
    for (let o = start; o < end; ) {
      const length = frameLength(bytes, o);
      const type = bytes[o + 2]!;
      if (type === messageTypes.dabs) {
        drawn++;
        this.#latency?.add(Math.max(0, now - stampOf(bytes, o)));
      } else if (type === messageTypes.movePointer) {
        const mark = markAt(bytes, o);
        if (mark < 0) {
          drawn++;
        } else {
          if (this.#isChecking) {
            this.drawn += drawn;
            this.#flush(bytes, from, o + length);
          }
          drawn = 0;
          from = o + length;
          this.#isChecking = true;
          this.onMark?.(mark);
        }
      } else if (type >= messageTypes.undoPoint) {
        drawn++;
      }
      o += length;
    }
    if (this.#isChecking && from < end) {
      this.drawn += drawn;
      this.#flush(bytes, from, end);
    }
  }

  #flush(bytes: Buffer, start: number, end: number): void {
    this.bytes += end - start;
    this.#transcript.take(this, bytes, start, end);
  }
}
