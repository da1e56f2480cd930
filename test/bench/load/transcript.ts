// What all receivers of a session must get: the same messages, once each, in one order.

import type { Receiver } from './receiver.js';
import type { Script } from './script.js';
import { frameLength, markAt, messageTypes } from './wire.js';

/**
 * The one true stream of a session. The receiver that is furthest ahead writes it, and has each message checked
 * against what its sender sent; all others are compared with it byte by byte. The last `sizeBytes` are kept.
 */
export class Transcript {
  readonly scripts = new Map<number, Script>();
  #ring: Buffer;
  #head = 0;
  #messages = 0;

  constructor(sizeBytes = 16 << 20) {
    this.#ring = Buffer.allocUnsafeSlow(sizeBytes);
  }

  /** Takes whole messages that `receiver` got. */
  take(receiver: Receiver, bytes: Buffer, start: number, end: number): void {
    const size = this.#ring.length;
    for (let o = start; o < end; ) {
      const at = receiver.position % size;
      let n = Math.min(end - o, size - at);
      const behind = this.#head - receiver.position;
      if (behind > 0) {
        if (behind > size)
          throw new Error('a receiver is too far behind to be checked: enlarge the transcript');
        n = Math.min(n, behind);
        if (this.#ring.compare(bytes, o, o + n, at, at + n) !== 0) {
          throw new Error(`receivers differ within ${n} bytes from byte ${receiver.position} of the session`);
        }
      } else {
        // What a leader brings beyond the head always begins and ends with a message.
        n = end - o;
        this.#verify(bytes, o, end);
        this.#append(bytes, o, end);
      }
      receiver.position += n;
      o += n;
    }
  }

  /** Throws unless every script was seen to its end and every receiver got all of it. */
  finish(receivers: readonly Receiver[]): void {
    for (const [userId, script] of this.scripts) {
      if (script.seen !== script.sent) {
        throw new Error(`user ${userId} sent ${script.sent} messages, only ${script.seen} came`);
      }
    }
    for (const { client, drawn } of receivers) {
      if (drawn !== this.#messages)
        throw new Error(`${client.name} got ${drawn} messages of ${this.#messages}`);
    }
  }

  #append(bytes: Buffer, start: number, end: number): void {
    const size = this.#ring.length;
    for (let o = start; o < end; ) {
      const at = this.#head % size;
      const n = Math.min(end - o, size - at);
      bytes.copy(this.#ring, at, o, o + n);
      this.#head += n;
      o += n;
    }
  }

  #verify(bytes: Buffer, start: number, end: number): void {
    for (let o = start; o < end; ) {
      const length = frameLength(bytes, o);
      const type = bytes[o + 2]!;
      if (type >= messageTypes.undoPoint || (type === messageTypes.movePointer && markAt(bytes, o) < 0)) {
        const script = this.scripts.get(bytes[o + 3]!);
        if (!script) throw new Error(`message of type ${type} from user ${bytes[o + 3]}, who sends nothing`);
        script.verify(bytes, o, length);
        this.#messages++;
      }
      o += length;
    }
  }
}
