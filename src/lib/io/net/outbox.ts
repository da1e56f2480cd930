// The sending half of a stream connection: a lane for direct messages, which are collected until the end of the
// turn, and history slices, which are taken only while nothing else waits (sessions.md §4).
import { Buffer } from 'node:buffer';
import type { Writable } from 'node:stream';

/** Unsent direct messages beyond this mean that the other side does not read. */
export const unsentAtMost = 8 * 1024 * 1024;

/** A client pings every 15 seconds; it would be gone for long before this. */
const urgentAtMost = 1000;

export interface OutboxUser {
  drained(): void;
  overflowed(): void;
}

/** Changes frames into what the transport sends. */
export interface Framing {
  frame(frames: Uint8Array): Uint8Array;
  /** The same, for bytes that others get too: done once for all of them. */
  frameShared(frames: Uint8Array): Uint8Array;
}

export class Outbox {
  readonly #user: OutboxUser;
  readonly #endOfTurn: (run: () => void) => void;
  readonly #framing: Framing | undefined;
  #stream: Writable;
  #direct: Uint8Array[] = [];
  #directBytes = 0;
  #isFlushDue = false;
  /** The stream holds bytes that the kernel has not taken. */
  #isBlocked = false;
  /** Messages that were sent first since the stream was last empty. */
  #urgentCount = 0;
  #isClosed = false;
  /** How many keep back everything but what is sent first. */
  #holds = 0;
  #whenSent: (() => void) | undefined;
  sentBytes = 0;

  constructor(stream: Writable, user: OutboxUser, endOfTurn: (run: () => void) => void, framing?: Framing) {
    this.#stream = stream;
    this.#user = user;
    this.#endOfTurn = endOfTurn;
    this.#framing = framing;
  }

  /** From now on another stream carries the bytes: TLS over the same socket. */
  replaceStream(stream: Writable): void {
    this.#stream = stream;
    this.#isBlocked = false;
  }

  get hasRoom(): boolean {
    return (
      !this.#isBlocked &&
      this.#holds === 0 &&
      this.#direct.length === 0 &&
      !this.#isClosed &&
      this.#whenSent === undefined
    );
  }

  get unsentBytes(): number {
    return this.#directBytes + this.#stream.writableLength;
  }

  send(frames: Uint8Array): void {
    if (this.#isClosed || this.#whenSent) return;
    this.#direct.push(frames);
    this.#directBytes += frames.length;
    if (this.#directBytes > unsentAtMost) {
      this.#direct = [];
      this.#directBytes = 0;
      this.#user.overflowed();
      return;
    }
    if (!this.#isFlushDue && !this.#isBlocked) {
      this.#isFlushDue = true;
      this.#endOfTurn(this.#flushLater);
    }
  }

  /** Somebody who only pings and never reads would fill our memory with pongs. */
  sendFirst(frame: Uint8Array): void {
    if (this.#isBlocked && ++this.#urgentCount > urgentAtMost) {
      this.#user.overflowed();
      return;
    }
    if (!this.#isClosed && !this.#whenSent) this.#write(this.#framing ? this.#framing.frame(frame) : frame);
  }

  sendHistory(slice: Uint8Array): void {
    this.#write(this.#framing ? this.#framing.frameShared(slice) : slice);
  }

  /** Sends what waits, then calls back; nothing more is taken. */
  finish(whenSent: () => void): void {
    if (this.#isClosed || this.#whenSent) return;
    this.#whenSent = whenSent;
    this.#flush();
  }

  /** Nothing leaves until `release`, not even the end; what is sent first does. May be called several times. */
  hold(): void {
    this.#holds++;
  }

  /** Undoes one `hold`; after the last one everything leaves. */
  release(): void {
    this.#holds--;
    if (this.#holds === 0) this.#flush();
  }

  /** To be called when somebody else's bytes have left by the same stream. */
  poke(): void {
    this.#written();
  }

  /** Does not wait for the end of the turn. */
  flushNow(): void {
    this.#flush();
  }

  close(): void {
    this.#isClosed = true;
    this.#direct = [];
    this.#directBytes = 0;
  }

  readonly #flushLater = (): void => {
    this.#isFlushDue = false;
    this.#flush();
  };

  /** Direct messages first, then whatever the user still has. */
  #flush(): void {
    if (this.#isBlocked || this.#holds > 0 || this.#isClosed) return;
    const direct = this.#direct;
    if (direct.length > 0) {
      const bytes = direct.length === 1 ? direct[0]! : Buffer.concat(direct, this.#directBytes);
      this.#direct = [];
      this.#directBytes = 0;
      this.#write(this.#framing ? this.#framing.frame(bytes) : bytes);
    }
    if (this.#isBlocked) return;
    if (this.#whenSent) {
      this.#isClosed = true;
      this.#whenSent();
    } else {
      this.#user.drained();
    }
  }

  #write(bytes: Uint8Array): void {
    this.sentBytes += bytes.length;
    this.#stream.write(bytes, this.#written);
    this.#isBlocked = this.#stream.writableLength > 0;
  }

  readonly #written = (): void => {
    if (!this.#isBlocked || this.#stream.writableLength > 0) return;
    this.#isBlocked = false;
    this.#urgentCount = 0;
    this.#flush();
  };
}
