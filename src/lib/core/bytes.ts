// Bounds-checked cursors over bytes: a reader and a growing writer. Everything is big endian, as on the wire.

import { Buffer } from 'node:buffer';
import { ProtocolError } from './errors.js';

/** The same bytes as a Buffer, without a copy. */
export function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** Reads from `bytes[start, end)`. Reading past the end throws a ProtocolError that names the offset. */
export class ByteReader {
  readonly #bytes: Buffer;
  readonly #end: number;
  #at: number;

  constructor(bytes: Uint8Array, start = 0, end = bytes.length) {
    this.#bytes = asBuffer(bytes);
    this.#at = start;
    this.#end = Math.min(end, bytes.length);
  }

  /** Bytes that are left. */
  get left(): number {
    return this.#end - this.#at;
  }

  get offset(): number {
    return this.#at;
  }

  u8(): number {
    return this.#bytes[this.#take(1)] as number;
  }

  i8(): number {
    return (this.u8() << 24) >> 24;
  }

  u16(): number {
    return this.#bytes.readUInt16BE(this.#take(2));
  }

  u24(): number {
    return this.#bytes.readUIntBE(this.#take(3), 3);
  }

  u32(): number {
    return this.#bytes.readUInt32BE(this.#take(4));
  }

  i32(): number {
    return this.#bytes.readInt32BE(this.#take(4));
  }

  /** The next `count` bytes as a view. */
  bytes(count: number): Buffer {
    const start = this.#take(count);
    return this.#bytes.subarray(start, start + count);
  }

  /** Everything up to the end as a view. */
  rest(): Buffer {
    return this.bytes(this.left);
  }

  #take(count: number): number {
    const start = this.#at;
    if (count > this.#end - start) {
      throw new ProtocolError('bytes-missing', { count, start, left: this.#end - start });
    }
    this.#at = start + count;
    return start;
  }
}

/** Writes to a buffer that grows as needed; numbers are cut to their width. */
export class ByteWriter {
  #bytes: Buffer;
  #at = 0;

  constructor(capacity = 256) {
    this.#bytes = Buffer.allocUnsafe(capacity);
  }

  get length(): number {
    return this.#at;
  }

  u8(value: number): this {
    const at = this.#reserve(1); // may move the bytes
    this.#bytes[at] = value & 0xff;
    return this;
  }

  u16(value: number): this {
    const at = this.#reserve(2);
    this.#bytes.writeUInt16BE(value & 0xffff, at);
    return this;
  }

  u24(value: number): this {
    const at = this.#reserve(3);
    this.#bytes.writeUIntBE(value & 0xffffff, at, 3);
    return this;
  }

  u32(value: number): this {
    const at = this.#reserve(4);
    this.#bytes.writeUInt32BE(value >>> 0, at);
    return this;
  }

  bytes(value: Uint8Array): this {
    const at = this.#reserve(value.length);
    this.#bytes.set(value, at);
    return this;
  }

  text(value: string): this {
    const length = Buffer.byteLength(value);
    const at = this.#reserve(length);
    this.#bytes.write(value, at, 'utf8');
    return this;
  }

  /** What was written, as a view that is good until the next write or `clear`. */
  view(): Buffer {
    return this.#bytes.subarray(0, this.#at);
  }

  /** A copy of what was written. */
  take(): Buffer {
    return Buffer.from(this.view());
  }

  /** Forgets what was written and keeps the memory. */
  clear(): this {
    this.#at = 0;
    return this;
  }

  #reserve(count: number): number {
    const start = this.#at;
    const end = start + count;
    if (end > this.#bytes.length) {
      const larger = Buffer.allocUnsafe(Math.max(end, this.#bytes.length * 2));
      larger.set(this.#bytes.subarray(0, start));
      this.#bytes = larger;
    }
    this.#at = end;
    return start;
  }
}
