// Cuts a stream of bytes into lines, holding no more than one of them.

import { Buffer, isUtf8 } from 'node:buffer';
import { asBuffer } from '../bytes.js';

/** Longer than any message can become as text. */
const maxLineBytes = 8 * 1024 * 1024;

export interface Line {
  text: string;
  /** From 1. */
  number: number;
  isUtf8: boolean;
  /** Too long to be looked at; `text` is empty. */
  isTooLong: boolean;
}

export class LineSplitter {
  #pieces: Buffer[] = [];
  #pieceBytes = 0;
  #isSkipping = false;
  #number = 0;
  /** Whether lines end in CR LF: the first one decides, so that a CR inside a value is kept. */
  #hasCarriageReturns: boolean | undefined;

  /** Calls `each` for every line that ends in `chunk`, which is not kept. */
  push(chunk: Uint8Array, each: (line: Line) => void): void {
    const bytes = asBuffer(chunk);
    const first = bytes.indexOf(10);
    if (first < 0) {
      if (bytes.length > 0) this.#keep(bytes);
      return;
    }
    this.#finish(bytes.subarray(0, first), each);
    const last = bytes.lastIndexOf(10);
    if (last > first) this.#takeLines(bytes.subarray(first + 1, last), each);
    if (last + 1 < bytes.length) this.#keep(bytes.subarray(last + 1));
  }

  /** Complete lines, the end of the last one taken off. Decoding them together is many times faster than one by one. */
  #takeLines(block: Buffer, each: (line: Line) => void): void {
    if (!isUtf8(block)) {
      let at = 0;
      for (let end = block.indexOf(10); end >= 0; end = block.indexOf(10, at)) {
        this.#finish(block.subarray(at, end), each);
        at = end + 1;
      }
      this.#finish(block.subarray(at), each);
      return;
    }
    for (const line of block.toString('utf8').split('\n')) {
      this.#number++;
      const text = this.#hasCarriageReturns && line.endsWith('\r') ? line.slice(0, -1) : line;
      each({ text, number: this.#number, isUtf8: true, isTooLong: text.length > maxLineBytes });
    }
  }

  /** The last line, if it has no end. */
  end(each: (line: Line) => void): void {
    if (this.#pieceBytes > 0 || this.#isSkipping) this.#finish(Buffer.alloc(0), each);
  }

  #keep(rest: Buffer): void {
    if (this.#isSkipping) return;
    this.#pieces.push(Buffer.from(rest));
    this.#pieceBytes += rest.length;
    if (this.#pieceBytes > maxLineBytes) {
      this.#pieces = [];
      this.#pieceBytes = 0;
      this.#isSkipping = true;
    }
  }

  #finish(tail: Buffer, each: (line: Line) => void): void {
    this.#number++;
    let bytes = tail;
    if (this.#pieces.length > 0) {
      this.#pieces.push(tail);
      bytes = Buffer.concat(this.#pieces);
      this.#pieces = [];
      this.#pieceBytes = 0;
    }
    const number = this.#number;
    if (this.#isSkipping || bytes.length > maxLineBytes) {
      this.#isSkipping = false;
      each({ text: '', number, isUtf8: true, isTooLong: true });
      return;
    }
    if (number === 1 && bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf)
      bytes = bytes.subarray(3);
    this.#hasCarriageReturns ??= bytes.at(-1) === 13;
    if (this.#hasCarriageReturns && bytes.at(-1) === 13) bytes = bytes.subarray(0, -1);
    each({ text: bytes.toString('utf8'), number, isUtf8: isUtf8(bytes), isTooLong: false });
  }
}
