// Cursors over a list of blocks, and the image of a streamed reset: a separate list until it replaces everything
// before its tail. Used by histories in memory and in files.
import { countFrames } from '../protocol/frame.js';
import { type Block, BlockList } from './block-list.js';
import type { Cursor, ResetImage } from './needs.js';

/** The offset of a cursor into a block that is not in memory; determined when the block is loaded. */
export const unknownOffset = -1;

const nothing = new Uint8Array();

/** A cursor before the message `index`, or the oldest one that is kept. */
export function cursorIn(list: BlockList, index: number): Cursor {
  if (index <= list.firstIndex) return { index: list.firstIndex, offset: list.firstOffset, block: undefined };
  if (index > list.lastIndex) return { index: list.lastIndex + 1, offset: list.endOffset, block: undefined };
  const block = list.blocks[list.placeOf(index)]!;
  if (index === block.firstIndex) return { index, offset: block.start, block };
  return { index, offset: block.bytes ? list.offsetIn(block, index) : unknownOffset, block };
}

/** Moves a cursor that is before the oldest message to that one. Readers check that first, because it is called very often. */
export function skipForgotten(list: BlockList, cursor: Cursor): void {
  cursor.index = list.firstIndex;
  cursor.offset = list.firstOffset;
}

/** Something of the list was lost: the offset of a cursor may be that of before, unless its block is in the list. */
export function dropLostOffset(cursor: Cursor): void {
  if (!(cursor.block as Block | undefined)?.isAlive) cursor.offset = unknownOffset;
}

/** The block with the cursor's next message, which has to be in the list. */
export function blockAt(list: BlockList, cursor: Cursor): Block {
  const known = cursor.block as Block | undefined;
  if (known?.isAlive && cursor.index >= known.firstIndex && cursor.index < known.firstIndex + known.count) {
    return known;
  }
  const block = list.blocks[list.placeOf(cursor.index)]!;
  cursor.block = block;
  return block;
}

/**
 * What is in a block from the cursor on, up to the end of what may be read, and moves the cursor behind it. The same
 * view for everyone who reads the same place. The block has to be in memory.
 */
export function readBlock(
  list: BlockList,
  block: Block,
  cursor: Cursor,
  readableOffset: number,
  readableIndex: number,
): Uint8Array {
  if (cursor.offset === unknownOffset) cursor.offset = list.offsetIn(block, cursor.index);
  const from = cursor.offset - block.start;
  let to = block.sizeBytes;
  if (block.start + to > readableOffset) {
    to = readableOffset - block.start;
    cursor.index = readableIndex + 1;
  } else {
    cursor.index = block.firstIndex + block.count;
  }
  cursor.offset = block.start + to;
  const known = block.slice;
  if (known !== undefined && block.sliceFrom === from && known.length === to - from) return known;
  const slice = block.bytes!.subarray(from, to);
  block.slice = slice;
  block.sliceFrom = from;
  return slice;
}

/** A list of the frames that take the place of all that is in another one. Throws where they are not `count`. */
export function listAfter(
  old: BlockList,
  frames: readonly Uint8Array[],
  count: number,
  { tick = 0, firstBlockBytes }: { tick?: number; firstBlockBytes?: number } = {},
): BlockList {
  const list = new BlockList(old.lastIndex + 1, old.endOffset, firstBlockBytes);
  for (const bytes of frames) {
    list.append(bytes, 0, bytes.length, countFrames(bytes, 0, bytes.length), tick);
  }
  if (list.lastIndex - list.firstIndex + 1 !== count) throw new RangeError(`not ${count} frames`);
  return list;
}

/** What a streamed reset has done to a history. */
export interface AppliedImage {
  list: BlockList;
  /** Where the tail began before. */
  tailStart: number;
  /** What was added to the offsets and indexes of the tail. */
  offsetShift: number;
  indexShift: number;
}

/**
 * Image, then the tail of the old list, as a new list; the blocks of both are moved. Cursors (all in the tail) are
 * moved with it. Where the tail begins inside a block that one has to be in memory.
 */
export function applyImage(
  old: BlockList,
  image: BlockImage,
  tailIndex: number,
  cursors: Iterable<Cursor>,
  firstBlockBytes?: number,
): AppliedImage {
  let place = old.blocks.length;
  if (tailIndex <= old.lastIndex) {
    place = old.placeOf(tailIndex);
    if (old.blocks[place]!.firstIndex !== tailIndex) old.split(place++, tailIndex);
  }
  const tail = old.blocks.slice(place);
  const tailStart = tail[0]?.start ?? old.endOffset;
  for (const block of old.blocks.slice(0, place)) block.isAlive = false;
  const list = new BlockList(old.lastIndex + 1, old.endOffset, firstBlockBytes);
  list.hasLost = old.hasLost;
  list.adopt(image.blocks);
  const offsetShift = list.endOffset - tailStart;
  const indexShift = list.lastIndex + 1 - tailIndex;
  list.adopt(tail);
  for (const cursor of cursors) {
    cursor.index += indexShift;
    if (cursor.offset !== unknownOffset) cursor.offset += offsetShift;
  }
  return { list, tailStart, offsetShift, indexShift };
}

/** What a reset image needs from its history. */
export interface ImageHost {
  /** When something is appended, for `BlockList.release`. */
  readonly tick: number;
  isReady(): boolean;
  apply(image: BlockImage, tailIndex: number, cursors: Iterable<Cursor>): void;
  forget(image: BlockImage): void;
}

/** The image of a streamed reset, in memory. */
export class BlockImage implements ResetImage {
  readonly #host: ImageHost;
  readonly #list: BlockList;

  constructor(host: ImageHost, firstBlockBytes?: number) {
    this.#host = host;
    this.#list = new BlockList(0, 0, firstBlockBytes);
  }

  get blocks(): readonly Block[] {
    return this.#list.blocks;
  }

  get sizeBytes(): number {
    return this.#list.sizeBytes;
  }

  get count(): number {
    return this.#list.lastIndex + 1;
  }

  get frames(): readonly Uint8Array[] {
    return this.#list.blocks.map(({ bytes, sizeBytes }) => (bytes ?? nothing).subarray(0, sizeBytes));
  }

  get isReady(): boolean {
    return this.#host.isReady();
  }

  append(bytes: Uint8Array, start: number, end: number, count: number): void {
    this.#list.append(bytes, start, end, count, this.#host.tick);
  }

  apply(tailIndex: number, cursors: Iterable<Cursor>): void {
    this.#host.apply(this, tailIndex, cursors);
  }

  abort(): void {
    this.#host.forget(this);
  }
}
