// The client's half of WebSocket: one message per binary frame, without the length that TCP framing begins with.

import { createHash, randomBytes } from 'node:crypto';
import { Carry, type MessageSink, type Splitter } from './splitter.js';
import { isSessionMessage } from './wire.js';

const handshakeId = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';
const opcodes = { binary: 0x82, ping: 0x89, pong: 0x8a } as const;

export interface Upgrade {
  request: string;
  /** Throws unless `head` is the answer that accepts the request. */
  check(head: string): void;
}

export function upgrade(host: string, port: number): Upgrade {
  const key = randomBytes(16).toString('base64');
  const accept = createHash('sha1').update(`${key}${handshakeId}`).digest('base64');
  return {
    request:
      `GET / HTTP/1.1\r\nHost: ${host}:${port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n` +
      `Sec-WebSocket-Key: ${key}\r\nSec-WebSocket-Version: 13\r\n\r\n`,
    check(head) {
      if (!head.startsWith('HTTP/1.1 101 ') || !head.includes(accept))
        throw new Error(`WebSocket refused: ${head}`);
    },
  };
}

/** Length of the frame that begins with `unit`, or how much of it is needed to tell. */
function frameNeed(unit: Buffer): number {
  if (unit.length < 2) return 2;
  const short = unit[1]! & 127;
  if (short < 126) return 2 + short;
  if (short === 127) throw new Error('WebSocket frame too long');
  return unit.length < 4 ? 4 : 4 + unit.readUInt16BE(2);
}

/**
 * A frame's payload lacks the length of the TCP framing, but the two bytes before it belong to the frame's own
 * length: rewritten in place they make the message TCP-framed.
 */
export class WebSocketSplitter implements Splitter {
  readonly #sink: MessageSink;
  readonly #pong: (frame: Buffer) => void;
  readonly #carry = new Carry();
  readonly #use = (unit: Buffer): void => this.push(unit, 0, unit.length);

  constructor(sink: MessageSink, pong: (frame: Buffer) => void) {
    this.#sink = sink;
    this.#pong = pong;
  }

  push(bytes: Buffer, start: number, end: number): void {
    let o = this.#carry.complete(bytes, start, end, frameNeed, this.#use);
    if (o < 0) return;
    let run = -1; // start of the current run of session messages
    const endRun = (): void => {
      if (run >= 0) this.#sink.session(bytes, run, o);
      run = -1;
    };
    while (end - o >= 2) {
      let length = bytes[o + 1]!;
      let headBytes = 2;
      if (length === 126) {
        if (end - o < 4) break;
        length = (bytes[o + 2]! << 8) | bytes[o + 3]!;
        headBytes = 4;
      } else if (length > 126) {
        throw new Error(`a WebSocket frame that no server should send (second byte ${length})`);
      }
      const next = o + headBytes + length;
      if (end < next) break;
      if (bytes[o] === opcodes.binary) {
        if (length < 2) throw new Error('WebSocket message without a header');
        if (headBytes === 4) endRun(); // its first two bytes are nobody's: they part it from the run
        const at = o + headBytes - 2;
        bytes[at] = (length - 2) >> 8;
        bytes[at + 1] = (length - 2) & 255;
        if (!isSessionMessage(bytes[at + 2]!)) {
          endRun();
          this.#sink.control(bytes, at, next);
        } else if (run < 0) {
          run = at;
        }
      } else {
        endRun();
        if (bytes[o] === opcodes.ping) this.#pong(webSocketFrame(opcodes.pong, bytes, o + headBytes, next));
        else if (bytes[o] !== opcodes.pong)
          throw new Error(`unexpected WebSocket frame ${bytes[o]!.toString(16)}`);
      }
      o = next;
    }
    endRun();
    this.#carry.keep(bytes, o, end);
  }
}

// Clients must mask; an all-zero mask is valid and leaves the payload as it is.
function putHead(out: Buffer, at: number, opcode: number, length: number): number {
  let o = at;
  out[o++] = opcode;
  if (length < 126) {
    out[o++] = 0x80 | length;
  } else {
    out[o++] = 0x80 | 126;
    out[o++] = length >> 8;
    out[o++] = length & 255;
  }
  out.fill(0, o, o + 4);
  return o + 4;
}

const headBytesFor = (length: number): number => (length < 126 ? 6 : 8);

function webSocketFrame(opcode: number, bytes: Buffer, start: number, end: number): Buffer {
  const length = end - start;
  const out = Buffer.allocUnsafe(headBytesFor(length) + length);
  bytes.copy(out, putHead(out, 0, opcode, length), start, end);
  return out;
}

/** Turns TCP-framed messages into masked WebSocket frames, one per message. */
export function toWebSocket(messages: Buffer): Buffer {
  let size = 0;
  for (let o = 0; o < messages.length; ) {
    const length = messages.readUInt16BE(o) + 2;
    size += headBytesFor(length) + length;
    o += 2 + length;
  }
  const out = Buffer.allocUnsafe(size);
  for (let o = 0, at = 0; o < messages.length; ) {
    const length = messages.readUInt16BE(o) + 2;
    at = putHead(out, at, opcodes.binary, length);
    messages.copy(out, at, o + 2, o + 2 + length);
    at += length;
    o += 2 + length;
  }
  return out;
}
