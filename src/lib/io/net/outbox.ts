// The sending half of a stream connection: a lane for direct messages, which are collected until the end of the
// turn, and history slices, which are taken only while nothing else waits (sessions.md §4).
import { Buffer } from 'node:buffer';
import type { Writable } from 'node:stream';

/** Unsent direct messages beyond this mean that the other side does not read. */
export const unsentAtMost = 8 * 1024 * 1024;

/** A client pings every 15 seconds; it would be gone for long before this. */
const urgentAtMost = 1000;

/** Direct messages of one turn from here on go out together with history, in one call of the kernel. */
const gatherFrom = 4096;
/** So much of a gathered write is enough. */
const gatheredAtMost = 64 * 1024;
/** Pieces below this are cheaper to copy than to hand over one by one. */
const smallPiece = 4096;

/** The kernel may not take all of so much at once. */
const largePiece = 16 * 1024;

const nothing = Buffer.alloc(0);

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
  /** The last write was not taken at once: as always with TLS. */
  #takesLater = false;
  /** Bytes that were gathered for one write; undefined: each write leaves on its own. */
  #gathered: number | undefined;
  /** Messages that were sent first since the stream was last empty. */
  #urgentCount = 0;
  #isClosed = false;
  /** What the stream was given since it was last empty, oldest first; nothing as long as the kernel takes all at once. */
  #inFlight: Uint8Array[] = [];
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
    this.#inFlight = [];
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

  /** Bytes as they are on the wire, which belong to no message: they may overtake those. */
  sendRaw(bytes: Uint8Array): void {
    if (!this.#isClosed) this.#write(bytes);
  }

  /**
   * For a successor of this process. `untakenBytes`: so much of what the stream was given the kernel has not taken.
   * Undefined: something is kept back, or is not known.
   */
  handOver(untakenBytes: number): { unsent: Uint8Array; direct: Uint8Array; isEnding: boolean } | undefined {
    if (this.#holds > 0) return undefined;
    const isEnding = this.#isClosed || this.#whenSent !== undefined;
    const inFlight = untakenBytes === 0 ? nothing : Buffer.concat(this.#inFlight);
    if (inFlight.length < untakenBytes) return undefined;
    const unsent = inFlight.subarray(inFlight.length - untakenBytes);
    return { unsent, direct: this.#direct.length === 0 ? nothing : Buffer.concat(this.#direct), isEnding };
  }

  /** Continues with what a predecessor of this process could not send. */
  takeOver({ unsent, direct }: { unsent: Uint8Array; direct: Uint8Array }): void {
    const { sentBytes } = this;
    if (unsent.length > 0) this.#write(unsent);
    this.sentBytes = sentBytes;
    if (direct.length > 0) this.send(direct);
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
    if (this.#directBytes >= gatherFrom && !this.#whenSent) this.#flushGathered();
    else if (this.#directBytes > 0) this.#writeDirect();
    if (this.#isBlocked) return;
    if (this.#whenSent) {
      this.#isClosed = true;
      this.#whenSent();
    } else {
      this.#user.drained();
    }
  }

  /** Who has just come is sent much at once, and the history after it: all of that is one call of the kernel. */
  #flushGathered(): void {
    this.#stream.cork();
    this.#gathered = 0;
    this.#writeDirect();
    this.#isBlocked = false;
    if (this.#gathered < gatheredAtMost) this.#user.drained();
    this.#gathered = undefined;
    this.#stream.uncork();
    this.#wrote();
  }

  /** What is small is copied together; what is large, like the log of a session, leaves from where it is. */
  #writeDirect(): void {
    const direct = this.#direct;
    this.#direct = [];
    this.#directBytes = 0;
    let from = 0;
    for (let i = 0; i < direct.length; i++) {
      if (direct[i]!.length < smallPiece) continue;
      this.#writePieces(direct, from, i);
      this.#writePieces(direct, i, i + 1);
      from = i + 1;
    }
    this.#writePieces(direct, from, direct.length);
  }

  #writePieces(pieces: Uint8Array[], from: number, to: number): void {
    if (from === to) return;
    const bytes = to - from === 1 ? pieces[from]! : Buffer.concat(pieces.slice(from, to));
    this.#write(this.#framing ? this.#framing.frame(bytes) : bytes);
  }

  #write(bytes: Uint8Array): void {
    this.sentBytes += bytes.length;
    if (this.#gathered !== undefined) {
      this.#stream.write(bytes);
      this.#inFlight.push(bytes);
      this.#gathered += bytes.length;
      this.#isBlocked = this.#gathered >= gatheredAtMost;
    } else if (this.#takesLater || this.#isBlocked || bytes.length >= largePiece) {
      this.#stream.write(bytes, this.#written);
      this.#takesLater = this.#isBlocked = this.#stream.writableLength > 0;
      if (this.#isBlocked) this.#inFlight.push(bytes);
    } else {
      this.#stream.write(bytes);
      if (this.#stream.writableLength > 0) this.#inFlight.push(bytes);
      this.#wrote();
    }
  }

  /**
   * After a write without a callback, which Node would call on the next tick, at a tenth of what a write costs; the
   * kernel nearly always takes everything at once. Where it did not, an empty write behind it calls back.
   */
  #wrote(): void {
    this.#isBlocked = this.#stream.writableLength > 0;
    if (!this.#isBlocked) {
      if (this.#inFlight.length > 0) this.#inFlight = [];
      return;
    }
    this.#takesLater = true;
    this.#stream.write(nothing, this.#written);
  }

  readonly #written = (): void => {
    if (!this.#isBlocked || this.#stream.writableLength > 0) return;
    this.#isBlocked = false;
    this.#inFlight = [];
    this.#urgentCount = 0;
    this.#flush();
  };
}
