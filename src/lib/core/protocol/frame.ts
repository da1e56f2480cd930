// Frames on the wire: u16 payload length, u8 type, u8 context id, payload (protocol.md §2.1). Cuts the byte
// stream into complete frames without copying them; what the frames mean is for others.
import { Buffer } from 'node:buffer';

export const headerBytes = 4;
export const maxPayloadBytes = 65_535;

/** Message types that a server must understand or that separate the ranges of protocol.md §3. */
export const messageType = {
  command: 0,
  disconnect: 1,
  ping: 2,
  keepAlive: 3,
  thumbnail: 4,
  join: 32,
  leave: 33,
  sessionOwner: 34,
  chat: 35,
  trustedUsers: 36,
  softReset: 37,
  privateChat: 38,
  resetStream: 39,
  /** From here on the server understands nothing and relays everything. */
  firstOpaque: 64,
  featureAccess: 70,
  featureLimits: 77,
  /** From here on it is drawing. */
  firstDrawing: 128,
} as const;

/** A separate frame. Throws a RangeError when the payload is longer than 65535 bytes. */
export function makeFrame(type: number, contextId: number, payload: Uint8Array): Buffer {
  const length = payload.length;
  if (length > maxPayloadBytes) throw new RangeError(`payload of ${length} bytes`);
  const bytes = Buffer.allocUnsafe(headerBytes + length);
  bytes[0] = length >> 8;
  bytes[1] = length & 0xff;
  bytes[2] = type;
  bytes[3] = contextId;
  bytes.set(payload, headerBytes);
  return bytes;
}

/** The entire length of the frame that begins at `at`, header included. */
export function frameLength(bytes: Uint8Array, at: number): number {
  return headerBytes + ((bytes[at]! << 8) | bytes[at + 1]!);
}

/** Message type of the frame that begins at `at`; its header is complete. */
export function frameType(bytes: Uint8Array, at: number): number {
  return bytes[at + 2]!;
}

/** Context id (user id of the sender) of the frame that begins at `at`; its header is complete. */
export function frameContextId(bytes: Uint8Array, at: number): number {
  return bytes[at + 3]!;
}

/** Calls `each` for every frame in `bytes[start, end)`, which holds complete frames only. */
export function eachFrame(
  bytes: Uint8Array,
  start: number,
  end: number,
  each: (start: number, end: number, type: number) => void,
): void {
  for (let at = start; at < end; ) {
    const next = at + frameLength(bytes, at);
    each(at, next, frameType(bytes, at));
    at = next;
  }
}

/** Counts the complete frames in `bytes[start, end)`. */
export function countFrames(bytes: Uint8Array, start: number, end: number): number {
  let count = 0;
  for (let at = start; at < end; at += frameLength(bytes, at)) count++;
  return count;
}

const nothing = Buffer.alloc(0);

/** A run of neighbouring opaque frames (type >= 64). The object is used again for the next run. */
export interface FrameRun {
  bytes: Buffer;
  start: number;
  end: number;
  count: number;
  /** Any of type 64..127. */
  hasMeta: boolean;
  /** Any of type >= 128. */
  hasDrawing: boolean;
}

/** What becomes of the frames. Bytes are only valid during the call. */
export interface FrameSink {
  run(run: FrameRun): void;
  /** A frame of type < 64, in `bytes[start, end)`, header included. */
  single(type: number, bytes: Buffer, start: number, end: number): void;
}

/**
 * Cuts a stream into frames. Opaque frames arrive as runs that are views into the chunk, so that relaying
 * costs one copy per run and no allocation per frame (architecture §3).
 */
export class FrameReader {
  /** Written over the context id of every opaque frame; -1 leaves it as it is. sessions.md §6.4 */
  contextId = -1;
  #sink: FrameSink;
  #isStopped = false;
  /** The rest of the piece that is being read is thrown away. */
  #isSkipping = false;
  /** The start of a frame whose rest has not come. Once its length is known it has exactly that length. */
  #carry: Buffer | undefined;
  #carried = 0;
  readonly #run: FrameRun = {
    bytes: nothing,
    start: 0,
    end: 0,
    count: 0,
    hasMeta: false,
    hasDrawing: false,
  };

  constructor(sink: FrameSink) {
    this.#sink = sink;
  }

  /** The start of a frame whose rest has not come. Another reader continues where this one was once it has read it. */
  get rest(): Buffer {
    return this.#carry?.subarray(0, this.#carried) ?? nothing;
  }

  /** Everything that comes from now on is thrown away. */
  stop(): void {
    this.#isStopped = true;
    this.#carry = undefined;
    this.#carried = 0;
  }

  /** Throws away the rest of the piece that is being read; the next one begins a new stream. */
  skipRest(): void {
    this.#isSkipping = true;
  }

  /** Takes the next piece of the stream, cut anywhere. The bytes are not kept, but context ids are written into them. */
  read(bytes: Buffer, start: number, end: number): void {
    let at = start;
    this.#isSkipping = false;
    if (this.#carry) {
      at = this.#complete(bytes, start, end);
      if (this.#carry) return;
    }
    if (this.#isStopped || this.#isSkipping) return;
    at = this.#cut(bytes, at, end);
    if (at < end && !this.#isStopped) {
      this.#carried = end - at;
      const isLengthKnown = this.#carried >= 2;
      this.#carry = Buffer.allocUnsafeSlow(isLengthKnown ? frameLength(bytes, at) : headerBytes);
      bytes.copy(this.#carry, 0, at, end);
    }
  }

  /** Fills the carried frame; returns where the next one begins. */
  #complete(bytes: Buffer, start: number, end: number): number {
    let at = start;
    let carry = this.#carry!;
    if (this.#carried < headerBytes) {
      const taken = Math.min(headerBytes - this.#carried, end - at);
      if (carry.length < headerBytes) throw new RangeError('frame shorter than its header');
      bytes.copy(carry, this.#carried, at, at + taken);
      this.#carried += taken;
      at += taken;
      if (this.#carried < headerBytes) return at;
    }
    const length = frameLength(carry, 0);
    if (carry.length < length) {
      const complete = Buffer.allocUnsafeSlow(length);
      carry.copy(complete, 0, 0, this.#carried);
      this.#carry = carry = complete;
    }
    const taken = Math.min(length - this.#carried, end - at);
    bytes.copy(carry, this.#carried, at, at + taken);
    this.#carried += taken;
    at += taken;
    if (this.#carried < length) return at;
    this.#carry = undefined;
    this.#carried = 0;
    this.#cut(carry, 0, length);
    return at;
  }

  /** Hands on all complete frames of `bytes[at, end)`; returns where the first incomplete one begins. */
  #cut(bytes: Buffer, from: number, end: number): number {
    const run = this.#run;
    let at = from;
    let runStart = from;
    let count = 0;
    let hasMeta = false;
    let hasDrawing = false;
    while (end - at >= headerBytes) {
      const next = at + headerBytes + ((bytes[at]! << 8) | bytes[at + 1]!);
      if (next > end) break;
      const type = bytes[at + 2]!;
      if (type >= messageType.firstOpaque) {
        if (type >= messageType.firstDrawing) hasDrawing = true;
        else hasMeta = true;
        if (this.contextId >= 0) bytes[at + 3] = this.contextId;
        count++;
        at = next;
        continue;
      }
      if (count > 0) {
        run.bytes = bytes;
        run.start = runStart;
        run.end = at;
        run.count = count;
        run.hasMeta = hasMeta;
        run.hasDrawing = hasDrawing;
        count = 0;
        hasMeta = hasDrawing = false;
        this.#sink.run(run);
        if (this.#isStopped) return end;
      }
      this.#sink.single(type, bytes, at, next);
      if (this.#isStopped || this.#isSkipping) return end;
      at = next;
      runStart = next;
    }
    if (count > 0) {
      run.bytes = bytes;
      run.start = runStart;
      run.end = at;
      run.count = count;
      run.hasMeta = hasMeta;
      run.hasDrawing = hasDrawing;
      this.#sink.run(run);
    }
    return this.#isStopped ? end : at;
  }
}
