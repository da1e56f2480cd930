// What one user draws: an endless sequence of messages of which every byte can be checked on arrival.

import { frame, headerBytes, messageTypes } from './wire.js';

// A dabs message: 17 bytes, then 7 per dab. In place of the first two dabs stand the time in microseconds (u32)
// and the message's number in its script (u32).
const dabsHeadBytes = 17;
const dabBytes = 7;
const stampAt = headerBytes + dabsHeadBytes;
const numberAt = stampAt + 4;
const afterStamp = stampAt + 8;

/** The time stamp of the dabs message at `at`, in microseconds. */
export function stampOf(bytes: Buffer, at: number): number {
  const o = at + stampAt;
  return ((bytes[o]! << 24) | (bytes[o + 1]! << 16) | (bytes[o + 2]! << 8) | bytes[o + 3]!) >>> 0;
}

/** Numbers in [0, 1), the same ones for the same seed (mulberry32). */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

function dabs(userId: number, random: () => number): Buffer {
  const count = Math.min(38, 2 + Math.floor(-Math.log(1 - random()) * 9));
  const payload = Buffer.allocUnsafe(dabsHeadBytes + dabBytes * count);
  for (let i = 0; i < payload.length; i++) payload[i] = random() * 256;
  return frame(messageTypes.dabs, userId, payload);
}

/** Strokes: an undo point, 24 dabs messages, a pen up, a pointer move. 4 to 287 bytes each, about 90 on average. */
function strokes(userId: number, seed: number, count: number): Buffer[] {
  const random = seededRandom(seed);
  const messages: Buffer[] = [];
  for (let stroke = 0; stroke < count; stroke++) {
    messages.push(frame(messageTypes.undoPoint, userId));
    for (let i = 0; i < 24; i++) messages.push(dabs(userId, random));
    messages.push(frame(messageTypes.penUp, userId, Buffer.from([0, 1, stroke])));
    const position = Buffer.alloc(8);
    position.writeInt32BE(Math.floor(random() * 4000), 0);
    messages.push(frame(messageTypes.movePointer, userId, position));
  }
  return messages;
}

export class Script {
  readonly meanBytes: number;
  /** Messages handed out by `next`. */
  sent = 0;
  /** Messages that came back, in order; advanced by `verify`. */
  seen = 0;
  readonly #messages: readonly Buffer[];

  constructor(userId: number, seed: number) {
    this.#messages = strokes(userId, seed, 8);
    this.meanBytes = this.#messages.reduce((sum, m) => sum + m.length, 0) / this.#messages.length;
  }

  /** The next `count` messages in one buffer; `stamp(i)` is the time of the i-th of them, in microseconds. */
  next(count: number, stamp: (i: number) => number): Buffer {
    const messages = this.#messages;
    let size = 0;
    for (let i = 0; i < count; i++) size += messages[(this.sent + i) % messages.length]!.length;
    const out = Buffer.allocUnsafe(size);
    for (let i = 0, at = 0; i < count; i++, this.sent++) {
      const message = messages[this.sent % messages.length]!;
      message.copy(out, at);
      if (message[2] === messageTypes.dabs) {
        out.writeUInt32BE(stamp(i) >>> 0, at + stampAt);
        out.writeUInt32BE(this.sent, at + numberAt);
      }
      at += message.length;
    }
    return out;
  }

  /** About `bytes` of the script, cut into writes of at most 256 KiB. */
  *upload(bytes: number): Generator<Buffer> {
    const count = Math.max(1, Math.floor(Math.min(bytes, 256 * 1024) / this.meanBytes));
    for (let done = 0; done < bytes; ) {
      const batch = this.next(count, () => 0);
      done += batch.length;
      yield batch;
    }
  }

  /** Throws unless the message of `length` bytes at `at` is exactly the next one that this user sent. */
  verify(bytes: Buffer, at: number, length: number): void {
    const want = this.#messages[this.seen % this.#messages.length]!;
    let isSame = this.seen < this.sent && want.length === length;
    if (isSame && want[2] === messageTypes.dabs) {
      isSame =
        want.compare(bytes, at, at + stampAt, 0, stampAt) === 0 &&
        bytes.readUInt32BE(at + numberAt) === this.seen &&
        want.compare(bytes, at + afterStamp, at + length, afterStamp) === 0;
    } else if (isSame) {
      isSame = want.compare(bytes, at, at + length) === 0;
    }
    if (!isSame) {
      throw new Error(
        `user ${bytes[at + 3]}: message ${this.seen} of ${this.sent} is not what came: ` +
          `type ${bytes[at + 2]}, ${length} bytes`,
      );
    }
    this.seen++;
  }
}
