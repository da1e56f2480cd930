// A history in memory: blocks of complete frames (architecture §1.3), all of which stay. Readers get views into the
// blocks, so a slice costs nothing however many members read it.
import { countFrames } from '../protocol/frame.js';
import { BlockList } from './block-list.js';
import {
  applyImage,
  BlockImage,
  blockAt,
  cursorIn,
  listAfter,
  readBlock,
  skipForgotten,
} from './block-reading.js';
import type { Cursor, History, ResetImage } from './needs.js';

/** Most sessions in memory stay small. */
const firstBlockBytes = 4 * 1024;

const nothing = new Uint8Array();

export interface HandedMemory {
  readonly firstIndex: number;
  readonly firstOffset: number;
  readonly frames: readonly Uint8Array[];
}

export class MemoryHistory implements History {
  onReadable: (() => void) | undefined;
  #list = new BlockList(0, 0, firstBlockBytes);
  #image: BlockImage | undefined;

  get firstIndex(): number {
    return this.#list.firstIndex;
  }

  get lastIndex(): number {
    return this.#list.lastIndex;
  }

  get readableIndex(): number {
    return this.#list.lastIndex;
  }

  get sizeBytes(): number {
    return this.#list.sizeBytes;
  }

  append(bytes: Uint8Array, start: number, end: number, count: number): void {
    this.#list.append(bytes, start, end, count);
  }

  cursorAt(index: number): Cursor {
    return cursorIn(this.#list, index);
  }

  read(cursor: Cursor): Uint8Array | null {
    const list = this.#list;
    if (cursor.index < list.firstIndex) skipForgotten(list, cursor);
    if (cursor.index > list.lastIndex) return null;
    return readBlock(list, blockAt(list, cursor), cursor, list.endOffset, list.lastIndex);
  }

  flush(): void {}

  replaceAll(frames: readonly Uint8Array[], count: number): void {
    this.#image?.abort();
    const old = this.#list;
    this.#list = listAfter(old, frames, count, { firstBlockBytes });
    old.discard();
  }

  beginImage(): ResetImage {
    this.#image?.abort();
    // The tail begins with a block, so that nothing of what is before it stays in memory.
    this.#list.endTail();
    this.#image = new BlockImage(
      {
        tick: 0,
        isReady: () => true,
        apply: (image, tailIndex, cursors) => {
          this.#image = undefined;
          this.#list = applyImage(this.#list, image, tailIndex, cursors, firstBlockBytes).list;
        },
        forget: (image) => {
          if (this.#image === image) this.#image = undefined;
        },
      },
      firstBlockBytes,
    );
    return this.#image;
  }

  /** All of it, for a successor of this process. */
  handOver(): HandedMemory {
    const { firstIndex, firstOffset, blocks } = this.#list;
    return {
      firstIndex,
      firstOffset,
      frames: blocks.map(({ bytes, sizeBytes }) => (bytes ?? nothing).subarray(0, sizeBytes)),
    };
  }

  static takeOver({ firstIndex, firstOffset, frames }: HandedMemory): MemoryHistory {
    const history = new MemoryHistory();
    history.#list = new BlockList(firstIndex, firstOffset, firstBlockBytes);
    for (const bytes of frames) history.append(bytes, 0, bytes.length, countFrames(bytes, 0, bytes.length));
    return history;
  }

  close(): void {
    this.#image?.abort();
    this.onReadable = undefined;
  }
}
