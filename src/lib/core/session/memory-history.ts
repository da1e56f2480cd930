// A history that lives in memory: a chain of append-only blocks of whole frames (architecture §1.3). Readers
// get views into the blocks, so that a slice costs nothing however many members read it.
import { Buffer } from 'node:buffer';
import { frameLength } from '../protocol/frame.js';
import type { Cursor, History, ResetImage } from './needs.js';

/** A slice is never longer than a block. */
export const blockBytes = 256 * 1024;
const firstBlockBytes = 4 * 1024;
const largestFrame = 65_539;

interface Block {
  bytes: Buffer;
  /** Bytes of `bytes` that hold frames. */
  used: number;
  firstIndex: number;
  count: number;
  /** Offset of the block's first byte in the history. */
  offset: number;
  next: Block | undefined;
  /** The slice that was read last, because the next reader most often wants the same. */
  slice: Buffer | undefined;
  sliceFrom: number;
}

/** A chain of blocks that grows at its end. */
class Chain {
  first: Block;
  last: Block;
  sizeBytes = 0;
  count = 0;

  constructor(index: number, offset: number) {
    this.first = this.last = newBlock(firstBlockBytes, index, offset);
  }

  append(bytes: Uint8Array, start: number, end: number, count: number): void {
    const length = end - start;
    let block = this.last;
    if (block.used + length > block.bytes.length) {
      if (length > blockBytes) {
        this.#appendInPieces(bytes, start, end);
        return;
      }
      block = this.#roomFor(length);
    }
    if (start === 0 && end === bytes.length) block.bytes.set(bytes, block.used);
    else block.bytes.set(bytes.subarray(start, end), block.used);
    block.used += length;
    block.count += count;
    this.sizeBytes += length;
    this.count += count;
  }

  /** A run longer than a block is cut at frame boundaries. */
  #appendInPieces(bytes: Uint8Array, start: number, end: number): void {
    let from = start;
    let count = 0;
    for (let at = start; at < end; ) {
      const next = at + frameLength(bytes, at);
      if (next - from > blockBytes - largestFrame) {
        this.append(bytes, from, next, count + 1);
        from = next;
        count = 0;
      } else {
        count++;
      }
      at = next;
    }
    if (count > 0) this.append(bytes, from, end, count);
  }

  /** A block at the end with room for `length` bytes; small sessions start with small blocks. */
  #roomFor(length: number): Block {
    const last = this.last;
    let size = Math.min(blockBytes, last.bytes.length * 4);
    if (length > size) size = blockBytes;
    const block = newBlock(size, last.firstIndex + last.count, last.offset + last.used);
    if (last.count === 0) {
      if (this.first === last) this.first = block;
      else last.next = block;
    } else {
      last.next = block;
    }
    this.last = block;
    return block;
  }
}

function newBlock(size: number, firstIndex: number, offset: number): Block {
  return {
    bytes: Buffer.allocUnsafeSlow(size),
    used: 0,
    firstIndex,
    count: 0,
    offset,
    next: undefined,
    slice: undefined,
    sliceFrom: -1,
  };
}

export class MemoryHistory implements History {
  onReadable: (() => void) | undefined;
  #chain = new Chain(0, 0);
  #image: MemoryImage | undefined;

  get firstIndex(): number {
    return this.#chain.first.firstIndex;
  }

  get lastIndex(): number {
    const { last } = this.#chain;
    return last.firstIndex + last.count - 1;
  }

  get readableIndex(): number {
    return this.lastIndex;
  }

  get sizeBytes(): number {
    return this.#chain.sizeBytes;
  }

  append(bytes: Uint8Array, start: number, end: number, count: number): void {
    this.#chain.append(bytes, start, end, count);
  }

  cursorAt(index: number): Cursor {
    let block = this.#chain.first;
    if (index <= block.firstIndex) return { index: block.firstIndex, offset: block.offset, block };
    // Most often the end is wanted.
    if (index >= this.#chain.last.firstIndex) block = this.#chain.last;
    while (index > block.firstIndex + block.count && block.next) block = block.next;
    const wanted = Math.min(index, block.firstIndex + block.count);
    if (wanted === block.firstIndex + block.count) {
      return { index: wanted, offset: block.offset + block.used, block };
    }
    let at = 0;
    for (let i = block.firstIndex; i < wanted; i++) at += frameLength(block.bytes, at);
    return { index: wanted, offset: block.offset + at, block };
  }

  read(cursor: Cursor): Uint8Array | null {
    let block = cursor.block as Block;
    if (cursor.index <= this.#chain.first.firstIndex) {
      // Also when equal: after a reset the block of one who had read everything is of the old chain.
      block = this.#chain.first;
      cursor.index = block.firstIndex;
      cursor.offset = block.offset;
      cursor.block = block;
    }
    let from = cursor.offset - block.offset;
    while (from === block.used) {
      if (!block.next) return null;
      block = block.next;
      cursor.block = block;
      from = 0;
    }
    cursor.index = block.firstIndex + block.count;
    cursor.offset = block.offset + block.used;
    const known = block.slice;
    if (known !== undefined && block.sliceFrom === from && known.length === block.used - from) return known;
    const slice = block.bytes.subarray(from, block.used);
    block.slice = slice;
    block.sliceFrom = from;
    return slice;
  }

  flush(): void {}

  replaceAll(frames: readonly Uint8Array[], count: number): void {
    this.#image?.abort();
    const { last } = this.#chain;
    const chain = new Chain(last.firstIndex + last.count, last.offset + last.used);
    for (const bytes of frames) {
      let frameCount = 0;
      for (let at = 0; at < bytes.length; at += frameLength(bytes, at)) frameCount++;
      chain.append(bytes, 0, bytes.length, frameCount);
    }
    if (chain.count !== count) throw new RangeError(`${chain.count} frames instead of ${count}`);
    this.#chain = chain;
  }

  beginImage(): ResetImage {
    this.#image = new MemoryImage(
      (image, tailIndex, cursors) => this.#apply(image, tailIndex, cursors),
      () => {
        this.#image = undefined;
      },
    );
    return this.#image;
  }

  #apply(image: Chain, tailIndex: number, cursors: Iterable<Cursor>): void {
    const tail = this.cursorAt(tailIndex);
    const { last } = this.#chain;
    const chain = new Chain(last.firstIndex + last.count, last.offset + last.used);
    for (let block: Block | undefined = image.first; block; block = block.next) {
      if (block.count > 0) chain.append(block.bytes, 0, block.used, block.count);
    }
    const indexShift = chain.last.firstIndex + chain.last.count - tail.index;
    const from = { ...tail };
    for (let slice = this.read(from); slice; slice = this.read(from)) {
      let frameCount = 0;
      for (let at = 0; at < slice.length; at += frameLength(slice, at)) frameCount++;
      chain.append(slice, 0, slice.length, frameCount);
    }
    this.#chain = chain;
    for (const cursor of cursors) {
      const moved = this.cursorAt(cursor.index + indexShift);
      cursor.index = moved.index;
      cursor.offset = moved.offset;
      cursor.block = moved.block;
    }
  }

  close(): void {
    this.#image?.abort();
    this.onReadable = undefined;
  }
}

class MemoryImage implements ResetImage {
  readonly isReady = true;
  readonly #chain = new Chain(0, 0);
  readonly #whenApplied: (image: Chain, tailIndex: number, cursors: Iterable<Cursor>) => void;
  readonly #whenDone: () => void;

  constructor(
    whenApplied: (image: Chain, tailIndex: number, cursors: Iterable<Cursor>) => void,
    whenDone: () => void,
  ) {
    this.#whenApplied = whenApplied;
    this.#whenDone = whenDone;
  }

  get sizeBytes(): number {
    return this.#chain.sizeBytes;
  }

  get count(): number {
    return this.#chain.count;
  }

  append(bytes: Uint8Array, start: number, end: number, count: number): void {
    this.#chain.append(bytes, start, end, count);
  }

  apply(tailIndex: number, cursors: Iterable<Cursor>): void {
    this.#whenApplied(this.#chain, tailIndex, cursors);
    this.#whenDone();
  }

  abort(): void {
    this.#whenDone();
  }
}
