// The messages of a history as a list of blocks: the messages and bytes that each one covers, and its bytes while
// they are in memory. Finds, splits, joins and packs blocks. block-reading.ts has the cursors; the history loads
// bytes that are not in memory.
import { Buffer } from 'node:buffer';
import { frameLength } from '../protocol/frame.js';

/** A block is never longer, so a slice is not either. */
export const blockBytes = 256 * 1024;
/** The first block after a rest, unless a list wants another; the following ones grow, because most sessions are quiet. */
const firstBlockBytes = 16 * 1024;

export interface Block {
  firstIndex: number;
  count: number;
  /** Number of its messages that are lost; the others are at its beginning. */
  missing: number;
  /** Offset of the first byte in the history. */
  start: number;
  sizeBytes: number;
  /** The bytes in memory, which may have space for more; undefined: none. */
  bytes: Buffer | undefined;
  /** Tick of the last use. */
  usedAt: number;
  isLoading: boolean;
  /** False: joined with another block or discarded; cursors into it have to be found again. */
  isAlive: boolean;
  /** The slice that was read last, because the next reader most often wants the same. */
  slice: Uint8Array | undefined;
  sliceFrom: number;
}

export function newBlock(firstIndex: number, start: number): Block {
  return {
    firstIndex,
    count: 0,
    missing: 0,
    start,
    sizeBytes: 0,
    bytes: undefined,
    usedAt: 0,
    isLoading: false,
    isAlive: true,
    slice: undefined,
    sliceFrom: 0,
  };
}

export class BlockList {
  firstIndex: number;
  firstOffset: number;
  lastIndex: number;
  endOffset: number;
  /** Messages were lost: offsets that cursors remember may be outdated. */
  hasLost = false;
  #blocks: Block[] = [];
  /** The block that is being filled. */
  #tail: Block | undefined;
  /** Count and size of each block, when nothing is in memory: eight bytes per block. */
  #packed: Uint32Array | undefined;
  readonly #firstBlockBytes: number;

  constructor(firstIndex: number, firstOffset: number, leastBlockBytes = firstBlockBytes) {
    this.#firstBlockBytes = leastBlockBytes;
    this.firstIndex = firstIndex;
    this.lastIndex = firstIndex - 1;
    this.firstOffset = firstOffset;
    this.endOffset = firstOffset;
  }

  get sizeBytes(): number {
    return this.endOffset - this.firstOffset;
  }

  get blocks(): readonly Block[] {
    return this.#unpacked();
  }

  /** Appends a copy of complete frames. `tick`: time of the use, for `release`. */
  append(bytes: Uint8Array, start: number, end: number, count: number, tick = 0): void {
    const length = end - start;
    let tail = this.#tail;
    if (tail === undefined || tail.sizeBytes + length > tail.bytes!.length) {
      if (length > blockBytes) {
        this.#appendInPieces(bytes, start, end, tick);
        return;
      }
      tail = this.#addTail(length);
    }
    if (start === 0 && end === bytes.length) tail.bytes!.set(bytes, tail.sizeBytes);
    else tail.bytes!.set(bytes.subarray(start, end), tail.sizeBytes);
    tail.sizeBytes += length;
    tail.count += count;
    tail.usedAt = tick;
    this.endOffset += length;
    this.lastIndex += count;
  }

  /** Adds a block that is stored but not in memory, behind the others. */
  addStored(count: number, sizeBytes: number): void {
    const block = newBlock(this.lastIndex + 1, this.endOffset);
    block.count = count;
    block.sizeBytes = sizeBytes;
    this.#unpacked().push(block);
    this.#tail = undefined;
    this.lastIndex += count;
    this.endOffset += sizeBytes;
  }

  /** Appends the blocks of another list without copying them. Their numbers become those of this list. */
  adopt(blocks: readonly Block[]): void {
    for (const block of blocks) {
      block.firstIndex = this.lastIndex + 1;
      block.start = this.endOffset;
      this.lastIndex += block.count;
      this.endOffset += block.sizeBytes;
      this.#unpacked().push(block);
    }
    this.#tail = undefined;
  }

  /** Ends the block that is being filled: the next message begins a new one. */
  endTail(): void {
    this.#tail = undefined;
  }

  /** The place in the list of the block that holds the message. */
  placeOf(index: number): number {
    const blocks = this.#unpacked();
    let low = 0;
    let high = blocks.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (blocks[middle]!.firstIndex <= index) low = middle;
      else high = middle - 1;
    }
    return low;
  }

  /** The place in the list of the block that holds the byte; the end counts as the last block. */
  placeOfOffset(offset: number): number {
    const blocks = this.#unpacked();
    let low = 0;
    let high = blocks.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (blocks[middle]!.start <= offset) low = middle;
      else high = middle - 1;
    }
    return low;
  }

  /** Offset of a message in a block that is in memory. */
  offsetIn(block: Block, index: number): number {
    const bytes = block.bytes!;
    let at = 0;
    for (let i = block.firstIndex; i < index && at < block.sizeBytes; i++) at += frameLength(bytes, at);
    return block.start + at;
  }

  /** The bytes of `[from, to)` (offsets), as pieces. All of them have to be in memory. */
  pieces(from: number, to: number): Uint8Array[] {
    const pieces: Uint8Array[] = [];
    const blocks = this.#unpacked();
    for (let i = this.placeOfOffset(from); i < blocks.length; i++) {
      const block = blocks[i]!;
      if (block.start >= to) break;
      const start = Math.max(0, from - block.start);
      const end = Math.min(block.sizeBytes, to - block.start);
      if (end > start) pieces.push(block.bytes!.subarray(start, end));
    }
    return pieces;
  }

  /** Splits the block before the message without copying. Its bytes have to be in memory. */
  split(place: number, index: number): void {
    const blocks = this.#unpacked();
    const block = blocks[place]!;
    const cut = this.offsetIn(block, index) - block.start;
    const head = newBlock(block.firstIndex, block.start);
    head.count = index - block.firstIndex;
    head.sizeBytes = cut;
    head.bytes = block.bytes!.subarray(0, cut);
    const rest = newBlock(index, block.start + cut);
    rest.count = block.count - head.count;
    rest.sizeBytes = block.sizeBytes - cut;
    rest.bytes = block.bytes!.subarray(cut);
    rest.missing = Math.min(block.missing, rest.count);
    head.missing = block.missing - rest.missing;
    head.usedAt = rest.usedAt = block.usedAt;
    block.isAlive = false;
    blocks.splice(place, 1, head, rest);
    if (block === this.#tail) this.#tail = rest;
  }

  /**
   * Gives back the memory of blocks in `[from, to)` (offsets) that were last used before `tick`. Small adjacent ones become
   * one block, unless `keepsBlocks`: somebody knows where one begins.
   */
  release(from: number, to: number, tick: number, keepsBlocks = false): void {
    if (this.#packed) return;
    const blocks = this.#blocks;
    let kept = 0;
    for (const block of blocks) {
      const isStored = block.start >= from && block.start + block.sizeBytes <= to;
      if (block.bytes && isStored && block.usedAt < tick) {
        block.bytes = block.slice = undefined;
        if (block === this.#tail) this.#tail = undefined;
      }
      const before = kept > 0 ? blocks[kept - 1]! : undefined;
      const isJoined = !keepsBlocks && before && isStored && before.start >= from && mayJoin(before, block);
      if (isJoined) {
        before.count += block.count;
        before.sizeBytes += block.sizeBytes;
        block.isAlive = false;
      } else {
        blocks[kept++] = block;
      }
    }
    blocks.length = kept;
  }

  /**
   * Less is left of some blocks than was written: so many messages, and bytes. Every message keeps its number, offsets
   * change. All blocks are others afterwards, so that who remembers one looks again.
   */
  shrink(left: ReadonlyMap<Block, { count: number; sizeBytes: number }>): void {
    const blocks: Block[] = [];
    let lostBytes = 0;
    for (const block of this.#unpacked()) {
      const rest = left.get(block);
      const next: Block = { ...block, start: block.start - lostBytes, isLoading: false, slice: undefined };
      block.isAlive = false;
      if (block === this.#tail) this.#tail = next;
      if (rest) {
        next.sizeBytes = rest.sizeBytes;
        next.missing = block.count - rest.count;
        next.bytes = undefined;
        lostBytes += block.sizeBytes - rest.sizeBytes;
      }
      const before = blocks.at(-1);
      if (next.sizeBytes > 0) blocks.push(next);
      else if (!before) this.firstIndex += next.count;
      else {
        before.count += next.count;
        before.missing += next.count;
      }
    }
    this.#blocks = blocks;
    this.endOffset -= lostBytes;
    this.hasLost = true;
  }

  /** Whether the bytes of any block are in memory, or on their way. */
  get isResident(): boolean {
    if (this.#packed) return false;
    return this.#blocks.some((block) => block.bytes !== undefined || block.isLoading);
  }

  /** Packs the list into its smallest form until it is used again. No block may be in memory. */
  pack(): void {
    if (this.#packed || this.#blocks.some(({ missing }) => missing > 0)) return;
    const packed = new Uint32Array(this.#blocks.length * 2);
    this.#blocks.forEach((block, i) => {
      packed[2 * i] = block.count;
      packed[2 * i + 1] = block.sizeBytes;
    });
    this.discard();
    this.#packed = packed;
  }

  /** Discards all blocks, and marks them for the cursors that are in them. */
  discard(): void {
    for (const block of this.#blocks) block.isAlive = false;
    this.#blocks = [];
    this.#tail = undefined;
    this.#packed = undefined;
  }

  #unpacked(): Block[] {
    const packed = this.#packed;
    if (packed) {
      this.#packed = undefined;
      let index = this.firstIndex;
      let offset = this.firstOffset;
      for (let i = 0; i < packed.length; i += 2) {
        const block = newBlock(index, offset);
        block.count = packed[i]!;
        block.sizeBytes = packed[i + 1]!;
        index += block.count;
        offset += block.sizeBytes;
        this.#blocks.push(block);
      }
    }
    return this.#blocks;
  }

  #addTail(length: number): Block {
    const last = this.#tail?.bytes;
    let room = last ? Math.min(blockBytes, last.length * 4) : this.#firstBlockBytes;
    if (length > room) room = blockBytes;
    const block = newBlock(this.lastIndex + 1, this.endOffset);
    block.bytes = Buffer.allocUnsafeSlow(room);
    this.#unpacked().push(block);
    this.#tail = block;
    return block;
  }

  /** A run longer than a block is cut at frame boundaries. */
  #appendInPieces(bytes: Uint8Array, start: number, end: number, tick: number): void {
    let from = start;
    let count = 0;
    for (let at = start; at < end; ) {
      const next = at + frameLength(bytes, at);
      if (next - from > blockBytes) {
        this.append(bytes, from, at, count, tick);
        from = at;
        count = 0;
      }
      count++;
      at = next;
    }
    this.append(bytes, from, end, count, tick);
  }
}

function mayJoin(before: Block, block: Block): boolean {
  return (
    before.bytes === undefined &&
    block.bytes === undefined &&
    !before.isLoading &&
    !block.isLoading &&
    before.missing + block.missing === 0 &&
    before.sizeBytes + block.sizeBytes <= blockBytes
  );
}
