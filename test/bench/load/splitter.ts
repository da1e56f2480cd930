// Cuts what a socket brings into whole TCP-framed messages, without copying runs of session messages.

import { frameLength, headerBytes, isSessionMessage } from './wire.js';

/** The bytes handed over are valid only during the call. */
export interface MessageSink {
  /** One control message. */
  control(bytes: Buffer, start: number, end: number): void;
  /** One or more session messages. */
  session(bytes: Buffer, start: number, end: number): void;
}

export interface Splitter {
  /** Takes `bytes[start, end)`; may write into it. */
  push(bytes: Buffer, start: number, end: number): void;
}

/** Keeps an incomplete unit until the rest of it has come. */
export class Carry {
  #bytes: Buffer | undefined;

  keep(bytes: Buffer, start: number, end: number): void {
    this.#bytes = start < end ? Buffer.from(bytes.subarray(start, end)) : undefined;
  }

  /**
   * Completes the kept unit from `bytes[start, end)`. `need` tells the length of a unit from its first bytes (more
   * than there are: ask again). Returns where to go on, or -1 when the unit is still incomplete.
   */
  complete(
    bytes: Buffer,
    start: number,
    end: number,
    need: (unit: Buffer) => number,
    use: (unit: Buffer) => void,
  ): number {
    let o = start;
    while (this.#bytes) {
      const missing = need(this.#bytes) - this.#bytes.length;
      if (missing === 0) {
        const unit = this.#bytes;
        this.#bytes = undefined;
        use(unit);
      } else if (o === end) {
        return -1;
      } else {
        const n = Math.min(missing, end - o);
        this.#bytes = Buffer.concat([this.#bytes, bytes.subarray(o, o + n)]);
        o += n;
      }
    }
    return o;
  }
}

export class StreamSplitter implements Splitter {
  readonly #sink: MessageSink;
  readonly #carry = new Carry();
  readonly #need = (unit: Buffer): number => (unit.length < headerBytes ? headerBytes : frameLength(unit, 0));
  readonly #use = (unit: Buffer): void => {
    if (isSessionMessage(unit[2]!)) this.#sink.session(unit, 0, unit.length);
    else this.#sink.control(unit, 0, unit.length);
  };

  constructor(sink: MessageSink) {
    this.#sink = sink;
  }

  push(bytes: Buffer, start: number, end: number): void {
    let o = this.#carry.complete(bytes, start, end, this.#need, this.#use);
    if (o < 0) return;
    let run = o; // start of the current run of session messages
    while (end - o >= headerBytes) {
      const length = frameLength(bytes, o);
      if (end - o < length) break;
      if (!isSessionMessage(bytes[o + 2]!)) {
        if (o > run) this.#sink.session(bytes, run, o);
        this.#sink.control(bytes, o, o + length);
        run = o + length;
      }
      o += length;
    }
    if (o > run) this.#sink.session(bytes, run, o);
    this.#carry.keep(bytes, o, end);
  }
}
