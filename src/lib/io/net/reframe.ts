// From TCP framing to WebSocket framing (protocol.md §2.2): one binary frame per message, without the length field.
// Frames from a server are not masked, so the result is the same bytes for every receiver and is made once.
import { Buffer } from 'node:buffer';

const tcpHeaderBytes = 4;
/** Final frame of a binary message. */
const binaryOpcode = 0x82;
/** Above this length a frame has two, above 65535 eight more bytes of length. */
const shortAtMost = 125;

/** Complete frames of the TCP stream as WebSocket frames. */
export function reframe(frames: Uint8Array): Buffer {
  const end = frames.length;
  let more = 0;
  for (let at = 0; at < end; ) {
    const length = ((frames[at]! << 8) | frames[at + 1]!) + 2;
    if (length > shortAtMost) more += length > 0xffff ? 8 : 2;
    at += length + 2;
  }
  const source = Buffer.from(frames.buffer, frames.byteOffset, end);
  // From the pool: what is drawn in a turn is short, and a separate buffer for each would keep the collector busy.
  const result = Buffer.allocUnsafe(end + more);
  // Short frames are as long as they were: adjacent frames are copied in one piece, then get their two new bytes each.
  let from = 0;
  let to = 0;
  for (let at = 0; at < end; ) {
    const length = ((frames[at]! << 8) | frames[at + 1]!) + 2;
    const next = at + length + 2;
    if (length > shortAtMost) {
      to = copyShort(source, from, at, result, to);
      result[to++] = binaryOpcode;
      if (length > 0xffff) {
        result[to++] = 127;
        result.writeUIntBE(length, to + 2, 6);
        result[to] = result[to + 1] = 0;
        to += 8;
      } else {
        result[to++] = 126;
        result[to++] = length >> 8;
        result[to++] = length & 0xff;
      }
      source.copy(result, to, at + 2, next);
      to += length;
      from = next;
    }
    at = next;
  }
  copyShort(source, from, end, result, to);
  return result;
}

function copyShort(frames: Buffer, start: number, end: number, result: Buffer, to: number): number {
  if (start === end) return to;
  frames.copy(result, to, start, end);
  for (let at = start; at < end; ) {
    const length = frames[at + 1]! + 2;
    const out = to + at - start;
    result[out] = binaryOpcode;
    result[out + 1] = length;
    at += length - 2 + tcpHeaderBytes;
  }
  return to + end - start;
}

/** Slices that are remembered: members of one session read the same one, one after the other. */
const rememberedAtMost = 8;

/** Re-frames a slice once, however many receivers there are; `endOfTurn` says when to forget it. */
export class SharedReframer {
  readonly #endOfTurn: (run: () => void) => void;
  #known: { frames: Uint8Array; result: Buffer }[] = [];
  #isForgetDue = false;

  constructor(endOfTurn: (run: () => void) => void) {
    this.#endOfTurn = endOfTurn;
  }

  readonly reframe = (frames: Uint8Array): Buffer => {
    for (const entry of this.#known) if (entry.frames === frames) return entry.result;
    const result = reframe(frames);
    if (this.#known.length >= rememberedAtMost) this.#known.shift();
    this.#known.push({ frames, result });
    if (!this.#isForgetDue) {
      this.#isForgetDue = true;
      this.#endOfTurn(this.#forget);
    }
    return result;
  };

  readonly #forget = (): void => {
    this.#isForgetDue = false;
    this.#known = [];
  };
}
