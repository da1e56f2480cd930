// Messages put together to frames, as they travel in a session, some hundred kilobytes at a time.

import { headerBytes } from '../protocol/frame.js';

const batchBytes = 256 * 1024;

export class FrameBatch {
  #bytes = new Uint8Array(batchBytes);
  #length = 0;

  get length(): number {
    return this.#length;
  }

  /** Whether the next message may not fit any more. */
  get isFull(): boolean {
    return this.#length > batchBytes / 2;
  }

  /** Copies the message. A payload has at most 65535 bytes. */
  add(type: number, contextId: number, payload: Uint8Array): void {
    const end = this.#length + headerBytes + payload.length;
    if (end > this.#bytes.length) {
      const larger = new Uint8Array(end * 2);
      larger.set(this.#bytes.subarray(0, this.#length));
      this.#bytes = larger;
    }
    const at = this.#length;
    this.#bytes[at] = payload.length >> 8;
    this.#bytes[at + 1] = payload.length;
    this.#bytes[at + 2] = type;
    this.#bytes[at + 3] = contextId;
    this.#bytes.set(payload, at + headerBytes);
    this.#length = end;
  }

  /** The frames since the last time, in a separate array that may be passed on. */
  take(): Uint8Array {
    const taken = this.#bytes.slice(0, this.#length);
    this.#length = 0;
    return taken;
  }
}
