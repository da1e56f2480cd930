// A history in a file. Appended messages are written once per turn and can be read only then; old blocks leave
// memory and are loaded when needed. history-writer.ts writes, history-move.ts changes files, block-cache.ts manages
// memory, history-printer.ts makes checksums that identify the file.
import { Buffer } from 'node:buffer';
import { basename } from 'node:path';
import { messageType } from '../../core/protocol/frame.js';
import { type Block, BlockList, blockBytes } from '../../core/session/block-list.js';
import {
  applyImage,
  BlockImage,
  blockAt,
  cursorIn,
  dropLostOffset,
  listAfter,
  readBlock,
  skipForgotten,
} from '../../core/session/block-reading.js';
import type { Cursor, History, ResetImage } from '../../core/session/needs.js';
import type { AppendFile } from './append-file.js';
import { BlockCache, type StoredAt } from './block-cache.js';
import type { Disk } from './disk.js';
import { called, HistoryMove, lostBytesOf, type Moved } from './history-move.js';
import {
  type Content,
  type HistoryEnd,
  type HistoryPlace,
  type Phase,
  unsavedIn,
  type Where,
} from './history-place.js';
import { HistoryPrinter } from './history-printer.js';
import { isLostForGood, salvaged } from './history-salvage.js';
import { scanHistory } from './history-scan.js';
import { HistoryWriter } from './history-writer.js';

/** What another process needs of a history beside its file. */
export interface HandedHistory {
  readonly file: string;
  readonly sizeBytes: number;
  readonly headBytes: number;
  readonly firstIndex: number;
  /** Undefined: nobody has read the file through. `sizes`: of each block, the number of its messages and bytes. */
  readonly read:
    | { readonly firstOffset: number; readonly sizes: Float64Array; readonly foundIndex: number }
    | undefined;
}

export class HistoryFile implements History {
  onReadable: (() => void) | undefined;
  /** Index of the last message that was in the file when it was opened. */
  foundIndex = -1;
  readonly #disk: Disk;
  readonly #place: HistoryPlace;
  readonly #writer: HistoryWriter;
  readonly #move: HistoryMove;
  readonly #cache: BlockCache;
  readonly #printer: HistoryPrinter;
  #list: BlockList;
  #where: Where = { name: 'nowhere' };
  #content: Content = { name: 'known' };
  #phase: Phase = { name: 'going on' };
  #isWatched = false;
  #image: BlockImage | undefined;
  /** Where the image's place is. */
  #forkOffset = 0;
  #opening: Promise<readonly number[]> | undefined;
  #whenSettled: (() => void)[] = [];

  private constructor(disk: Disk, place: HistoryPlace, firstIndex: number) {
    this.#disk = disk;
    this.#place = place;
    this.#list = new BlockList(firstIndex, 0);
    const history = this;
    this.#writer = new HistoryWriter(
      disk,
      {
        get list() {
          return history.#list;
        },
        get file() {
          return history.#move.isSwitching ? undefined : history.#writable;
        },
        get isMoving() {
          return history.#move.isMoving;
        },
        get isEnded() {
          return history.#isEnded;
        },
        readable: () => this.onReadable?.(),
        reportProblem: (problem) => place.reportProblem(problem),
        written: () => this.#settle(),
      },
      this.#list,
    );
    this.#cache = new BlockCache(disk, {
      get list() {
        return history.#list;
      },
      get stored() {
        return history.#stored;
      },
      get writtenOffset() {
        return history.#writer.writtenOffset;
      },
      get release() {
        if (history.#move.isMoving) return 'nothing';
        // The tail of a streamed reset begins with a block: it can only be cut off there once it has left memory.
        return history.#image ? 'blocks' : 'everything';
      },
      get isEnded() {
        return history.#isEnded;
      },
      readable: () => this.onReadable?.(),
      unreadable: (problem) => {
        place.unreadable(problem);
        // Noticed while it is read, before anybody has looked at the file.
        if (isLostForGood(problem)) this.#stored?.file.markDamaged(String(problem?.message));
      },
    });
    this.#printer = new HistoryPrinter(disk, {
      get written() {
        const at = history.#stored;
        if (!at || history.#content.name === 'unread' || history.#move.isMoving) return undefined;
        return { file: at.file, bytes: history.#writer.writtenOffset + at.base };
      },
      printed: (file, prints) => place.printed(file, prints),
      printsOf: (file) => place.printsOf(file),
      idle: () => this.#settle(),
    });
    this.#move = new HistoryMove(disk, {
      get isDamaged() {
        return history.#where.name === 'damaged';
      },
      createFile: (fork) => place.createNext(fork),
      makeCurrent: (file, index) => place.makeCurrent(file, index),
      readStored: (buffer, offset) => this.#readStored(buffer, offset),
      salvage: (bytes, error) => salvaged(bytes, error, () => place.salvage(bytes)),
      whenNotWriting: () => this.#writer.whenIdle(),
      moved: (moved, isOutdated) => this.#moved(moved, isOutdated),
      failed: (error) => this.#writer.unstorable(error),
      isOver: () => {
        this.flush();
        this.#settle();
      },
    });
  }

  /** An empty history in a file that has nothing but its header; undefined: the file is yet to be made. */
  static begin(disk: Disk, place: HistoryPlace, file: AppendFile | undefined): HistoryFile {
    const history = new HistoryFile(disk, place, 0);
    if (file) history.#use(file, file.sizeBytes);
    else history.#move.want(history.#list, undefined);
    return history;
  }

  /**
   * A history that is there already: `open` comes before use. `headBytes`: what is before the first message,
   * `firstIndex`: the index of that one, `printedBytes`: up to where there are prints.
   */
  static found(
    disk: Disk,
    place: HistoryPlace,
    file: AppendFile,
    { headBytes, firstIndex, printedBytes }: { headBytes: number; firstIndex: number; printedBytes: number },
  ): HistoryFile {
    const history = new HistoryFile(disk, place, firstIndex);
    history.#use(file, headBytes, printedBytes);
    history.foundIndex = firstIndex - 1;
    history.#content = { name: 'unread', file, sizeBytes: file.sizeBytes - headBytes, headBytes };
    return history;
  }

  /** For a successor of this process; undefined: not all of it is in its file, or that is about to be another one. */
  handOver(): HandedHistory | undefined {
    const list = this.#list;
    const where = this.#where;
    const isSettled =
      where.name === 'stored' && !this.#move.isMoving && !this.#writer.isBusy && !this.#writer.isFailing;
    if (!isSettled || this.#isEnded || list.hasLost) return undefined;
    const content = this.#content;
    const { file } = where.at;
    const known = { file: basename(file.path), sizeBytes: file.sizeBytes, firstIndex: list.firstIndex };
    if (content.name === 'unread') return { ...known, headBytes: content.headBytes, read: undefined };
    if (this.#writer.unwrittenBytes > 0) return undefined;
    const { firstOffset, blocks } = list;
    const sizes = new Float64Array(blocks.length * 2);
    for (const [i, { count, sizeBytes }] of blocks.entries()) sizes.set([count, sizeBytes], 2 * i);
    const read = { firstOffset, sizes, foundIndex: this.foundIndex };
    return { ...known, headBytes: where.at.base + firstOffset, read };
  }

  /** Continues with a history that a predecessor of this process has read through, without doing that again. */
  takeOver({ firstIndex, headBytes, read }: HandedHistory): void {
    const file = this.#writable;
    if (read === undefined || file === undefined) return;
    this.#list = new BlockList(firstIndex, read.firstOffset);
    for (let i = 0; i < read.sizes.length; i += 2)
      this.#list.addStored(read.sizes[i] ?? 0, read.sizes[i + 1] ?? 0);
    this.#content = { name: 'known' };
    this.foundIndex = read.foundIndex;
    this.#use(file, headBytes, this.#printer.printedBytes);
    this.#writer.stored(this.#list.endOffset, this.#list.lastIndex);
    this.watch();
  }

  get firstIndex(): number {
    return this.#list.firstIndex;
  }

  get lastIndex(): number {
    return this.#list.lastIndex;
  }

  get readableIndex(): number {
    return this.#writer.readableIndex;
  }

  get sizeBytes(): number {
    return this.#content.name === 'unread' ? this.#content.sizeBytes : this.#list.sizeBytes;
  }

  /** The file is looked at from now on, also while it is closed. */
  watch(): void {
    this.#isWatched = true;
    this.#stored?.file.watch();
  }

  /** Whether any message is held in memory; for tests and metrics. */
  get isResident(): boolean {
    return this.#list.isResident;
  }

  get path(): string | undefined {
    return this.#file?.path;
  }

  /** The session's file, whatever is in it. */
  get #file(): AppendFile | undefined {
    return this.#where.name === 'replaced' ? this.#where.old : this.#stored?.file;
  }

  get #stored(): StoredAt | undefined {
    return 'at' in this.#where ? this.#where.at : undefined;
  }

  /** The file that is written to. */
  get #writable(): AppendFile | undefined {
    return this.#where.name === 'stored' ? this.#where.at.file : undefined;
  }

  get #isEnded(): boolean {
    return this.#phase.name !== 'going on';
  }

  /**
   * Reads the file through: counts, makes the list of blocks, cuts off a torn message and appends a Leave for
   * everyone who never left (formats.md §6.3). Answers with the ids in the order in which they last left.
   */
  open(): Promise<readonly number[]> {
    this.#opening ??= this.#open().catch((error: unknown) => {
      this.#opening = undefined;
      throw error;
    });
    return this.#opening;
  }

  async #open(): Promise<readonly number[]> {
    if (this.#content.name === 'known') return [];
    const { file, headBytes } = this.#content;
    const scan = await this.#disk.inTurn(() => scanHistory(file, headBytes, blockBytes));
    if (this.#isEnded) return [];
    this.#content = { name: 'known' };
    file.shorten(headBytes + scan.sizeBytes);
    for (const [i, count] of scan.counts.entries()) this.#list.addStored(count, scan.sizes[i] ?? 0);
    this.foundIndex = this.#list.lastIndex;
    this.#writer.stored(this.#list.endOffset, this.#list.lastIndex);
    for (const id of scan.present) {
      const leave = Buffer.from([0, 0, messageType.leave, id]);
      this.append(leave, 0, leave.length, 1);
    }
    this.flush();
    return [...scan.left, ...scan.present];
  }

  append(bytes: Uint8Array, start: number, end: number, count: number): void {
    if (this.#content.name === 'unread') throw new Error('a history is appended to before it was opened');
    this.#list.append(bytes, start, end, count, this.#disk.tick);
    this.#cache.used();
    this.#printer.grew();
  }

  cursorAt(index: number): Cursor {
    return cursorIn(this.#list, index);
  }

  read(cursor: Cursor): Uint8Array | null {
    const list = this.#list;
    const writer = this.#writer;
    if (cursor.index < list.firstIndex) skipForgotten(list, cursor);
    if (cursor.index > writer.readableIndex) return null;
    if (list.hasLost) dropLostOffset(cursor);
    const block: Block = blockAt(list, cursor);
    block.usedAt = this.#disk.tick;
    if (!block.bytes) {
      this.#cache.load(block);
      return null;
    }
    const slice = readBlock(list, block, cursor, writer.readableOffset, writer.readableIndex);
    if (cursor.index <= writer.writtenIndex) this.#cache.readAhead(cursor.index);
    // Nothing of what it waited for is left.
    return slice.length === 0 ? this.read(cursor) : slice;
  }

  flush(): void {
    this.#writer.flush();
  }

  replaceAll(frames: readonly Uint8Array[], count: number): void {
    this.#image?.abort();
    const old = this.#list;
    this.#list = listAfter(old, frames, count, { tick: this.#disk.tick });
    old.discard();
    if ('at' in this.#where) this.#where = { name: 'replaced', old: this.#where.at.file };
    this.#cache.sweepLater();
    this.#writer.begin(this.#list);
    this.#printer.grew();
    this.#move.want(this.#list, undefined);
  }

  beginImage(tailIndex = this.#list.lastIndex + 1): ResetImage {
    this.#image?.abort();
    this.#list.endTail();
    this.#forkOffset = cursorIn(this.#list, tailIndex).offset;
    const disk = this.#disk;
    this.#image = new BlockImage({
      get tick() {
        return disk.tick;
      },
      isReady: () => !this.#move.isSwitching,
      apply: (image, tailIndex, cursors) => this.#apply(image, tailIndex, cursors),
      forget: (image) => {
        if (this.#image === image) this.#image = undefined;
      },
    });
    return this.#image;
  }

  close(end: HistoryEnd): void {
    if (this.#isEnded) return;
    this.#image?.abort();
    this.onReadable = undefined;
    this.#phase = { name: 'ending', end };
    if (end === 'keep') this.#writer.flushAtLast();
    if (end === 'keep') this.#move.finish();
    else this.#move.giveUp();
    this.#settle();
  }

  /** Calls back after `close`, when nothing is being written any more. */
  whenSettled(done: () => void): void {
    if (this.#phase.name === 'settled') done();
    else this.#whenSettled.push(done);
  }

  #use(file: AppendFile, headBytes: number, printedBytes = 0): void {
    const { firstOffset } = this.#list;
    this.#printer.use(file, printedBytes);
    this.#where = { name: 'stored', at: { file, base: headBytes - firstOffset, from: firstOffset } };
    if (this.#isWatched) file.watch();
    file.onGone = (why) => this.#damaged(file, why);
    file.onLook = ({ ctimeMs }) => this.#printer.look(file, ctimeMs);
  }

  /** The session's file is not what was written any more: all of it is brought into another one. */
  #damaged(file: AppendFile, why: string): void {
    const [where, phase] = [this.#where, this.#phase];
    if (where.name !== 'stored' || where.at.file !== file) return;
    // Noticed by the last write, too, as long as anything is to be kept.
    if (phase.name === 'settled' || (phase.name === 'ending' && phase.end !== 'keep')) return;
    // What was written is still to be read through the open file.
    file.pin();
    this.#where = { name: 'damaged', at: where.at, why };
    this.#writer.unstorable(new Error(`${file.path} ${why}`));
    if (!this.#move.isMoving) this.#move.want(this.#list, undefined);
  }

  #apply(image: BlockImage, tailIndex: number, cursors: Iterable<Cursor>): void {
    if (this.#image !== image || this.#move.isSwitching) throw new Error('the image cannot be applied now');
    // Where the image's place is in the file that it leaves.
    const fork = this.#forkOffset + (this.#stored?.base ?? 0);
    const { list, tailStart, offsetShift, indexShift } = applyImage(this.#list, image, tailIndex, cursors);
    this.#list = list;
    this.#image = undefined;
    // Until the new file is made the tail is still read from the old one, and written there.
    if ('at' in this.#where) {
      const { file, base, from } = this.#where.at;
      const at = { file, base: base - offsetShift, from: Math.max(tailStart, from) + offsetShift };
      this.#where = { ...this.#where, at };
    }
    this.#writer.shift(offsetShift, indexShift);
    this.#cache.sweepLater();
    this.#printer.grew();
    this.#move.want(list, fork);
  }

  /** A new file is the session's. */
  #moved({ file, headBytes, endOffset, lastIndex, losses }: Moved, isOutdated: boolean): void {
    const old = this.#file;
    const lostBytes = isOutdated ? 0 : lostBytesOf(losses);
    if (isOutdated) {
      this.#where = { name: 'replaced', old: file };
    } else {
      if (losses.size > 0) {
        // The history continues without what is not in the new file.
        this.#forkOffset -= lostBytesOf([...losses].filter(([{ start }]) => start < this.#forkOffset));
        this.#list.shrink(losses);
        this.#writer.shift(-lostBytes, 0);
      }
      this.#use(file, headBytes);
      this.#writer.stored(endOffset - lostBytes, lastIndex);
    }
    if (old) this.#place.retireDamaged(old, lostBytes);
    // An image that waited for this may be applied now.
    this.onReadable?.();
  }

  async #readStored(buffer: Buffer, offset: number): Promise<void> {
    const at = this.#stored;
    if (!at) throw new Error('nothing of this history is stored');
    await called((done) => at.file.read([buffer], offset + at.base, done));
  }

  #settle(): void {
    if (this.#phase.name !== 'ending' || this.#writer.isBusy || this.#move.isMoving) return;
    const { end } = this.#phase;
    if (end === 'keep' ? this.#printer.finish() : this.#printer.isPrinting) return;
    this.#phase = { name: 'settled', end };
    this.#writer.stop();
    this.#cache.stop();
    this.#printer.stop();
    const unwritten = this.#content.name === 'unread' ? 0 : this.#writer.unwrittenBytes;
    this.#place.ended(end, this.#file, unsavedIn(this.#where, unwritten, this.sizeBytes));
    this.#list.discard();
    for (const done of this.#whenSettled) done();
  }
}
