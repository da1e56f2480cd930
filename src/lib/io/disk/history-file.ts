// A history that is kept in a file. What was appended is written once per turn and may be read only then; old
// blocks leave memory and are read back when somebody needs them. What is in the folder beside the file, and
// what files are called, is for session-folder.ts.
import { Buffer } from 'node:buffer';
import { countFrames, messageType } from '../../core/protocol/frame.js';
import type { Cursor, History, ResetImage } from '../../core/session/needs.js';
import type { AppendFile } from './append-file.js';
import { type Block, BlockList, blockBytes } from './block-list.js';
import type { Disk } from './disk.js';
import { scanHistory } from './history-scan.js';

/** Sweeps that a block stays in memory after its last use. */
const residentSweeps = 2;
/** Sweeps without any block in memory before the list of blocks is packed. */
const packSweeps = 30;
/** Blocks that are read at once. */
const loadBlocks = 4;
/** Pieces in which a history is copied to another file. */
const copyBytes = 4 * 1024 * 1024;

/** What a history needs of the folder in which its files are. */
export interface HistoryPlace {
  /** Makes the file for a reset, with its header. `fork`: for a streamed one, where it left the old file. */
  createNext(fork: number | undefined): Promise<AppendFile>;
  /** From now on this is the file of the session, even if the power fails. `firstIndex`: of its first message. */
  makeCurrent(file: AppendFile, firstIndex: number): Promise<void>;
  /** The file is no longer the session's: archived or deleted. */
  retire(file: AppendFile): void;
  /** Writing fails; undefined: no longer. */
  trouble(problem: Error | undefined): void;
  /** Messages can't be read back now, it is tried again; undefined: they can. */
  unreadable(problem: Error | undefined): void;
  /** The session ended; its files are the folder's now. `unsavedBytes`: what could not be written at last. */
  ended(end: 'keep' | 'delete' | 'archive', file: AppendFile | undefined, unsavedBytes: number): void;
}

/** Offset of a cursor into a block that is not in memory: found when it is. */
const unknownOffset = -1;

export class HistoryFile implements History {
  onReadable: (() => void) | undefined;
  /** Index of the last message that was in the file when it was opened. */
  foundIndex = -1;
  readonly #disk: Disk;
  readonly #place: HistoryPlace;
  #list = new BlockList(0, 0);
  /** Holds this history, from `storedFrom` on. Undefined: the file is yet to be made. */
  #file: AppendFile | undefined;
  /** The session's file after a full reset, until the new one is safe. */
  #oldFile: AppendFile | undefined;
  /** Position in the file = offset + base. */
  #base = 0;
  /** Offsets from here to `writtenOffset` are in the file, the others only in memory. */
  #storedFrom = 0;
  #writtenOffset = 0;
  #writtenIndex = -1;
  #readableOffset = 0;
  #readableIndex = -1;
  #isWriting = false;
  #isFlushWanted = false;
  #isWatched = false;
  #whenWritten: (() => void) | undefined;
  #isMoveWanted = false;
  #isMoving = false;
  /** A new file is about to take the place of the old one: nothing is written meanwhile. */
  #isSwitching = false;
  #whenRetried: (() => void) | undefined;
  /** Counts full resets: a write that was under way then is of no interest. */
  #generation = 0;
  /** Counts what makes a move that is under way pointless. */
  #moveToken = 0;
  /** For the header of the next file: where a streamed reset began in this one. */
  #fork: number | undefined;
  #hasTrouble = false;
  #isUnreadable = false;
  #image: FileImage | undefined;
  #end: 'keep' | 'delete' | 'archive' | undefined;
  #isSettled = false;
  #whenSettled: (() => void)[] = [];
  #sweepsWithout = 0;
  #isSwept = false;
  /** What is known of a file that was not read through yet. */
  #unscanned: { sizeBytes: number; headBytes: number } | undefined;
  #opening: Promise<readonly number[]> | undefined;

  private constructor(disk: Disk, place: HistoryPlace, file: AppendFile | undefined) {
    this.#disk = disk;
    this.#place = place;
    if (file) this.#use(file, file.sizeBytes);
  }

  /** An empty history in a file that has nothing but its header; undefined: the file is yet to be made. */
  static begin(disk: Disk, place: HistoryPlace, file: AppendFile | undefined): HistoryFile {
    const history = new HistoryFile(disk, place, file);
    if (!file) void history.#move();
    return history;
  }

  /**
   * A history that is there already: `open` comes before use. `headBytes`: what is before the first message,
   * `firstIndex`: the index of that one.
   */
  static found(
    disk: Disk,
    place: HistoryPlace,
    file: AppendFile,
    { headBytes, firstIndex }: { headBytes: number; firstIndex: number },
  ): HistoryFile {
    const history = new HistoryFile(disk, place, file);
    history.#list = new BlockList(firstIndex, 0);
    history.#writtenIndex = history.#readableIndex = history.foundIndex = firstIndex - 1;
    history.#unscanned = { sizeBytes: file.sizeBytes - headBytes, headBytes };
    return history;
  }

  get firstIndex(): number {
    return this.#list.firstIndex;
  }

  get lastIndex(): number {
    return this.#list.lastIndex;
  }

  get readableIndex(): number {
    return this.#readableIndex;
  }

  get sizeBytes(): number {
    return this.#unscanned ? this.#unscanned.sizeBytes : this.#list.sizeBytes;
  }

  /** The file is looked at from now on, also while it is closed. */
  watch(): void {
    this.#isWatched = true;
    this.#file?.watch();
  }

  /** Whether any message is held in memory; for tests and figures. */
  get isResident(): boolean {
    return this.#list.isResident;
  }

  /** Path of the session's file, for reports. */
  get path(): string | undefined {
    return (this.#file ?? this.#oldFile)?.path;
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
    const file = this.#file;
    if (!this.#unscanned || !file) return [];
    const { headBytes } = this.#unscanned;
    const scan = await this.#disk.inTurn(() => scanHistory(file, headBytes, blockBytes));
    if (this.#end) return [];
    this.#unscanned = undefined;
    file.shorten(headBytes + scan.sizeBytes);
    this.#base = headBytes;
    for (let i = 0; i < scan.counts.length; i++) this.#list.addStored(scan.counts[i]!, scan.sizes[i]!);
    this.#writtenOffset = this.#readableOffset = this.#list.endOffset;
    this.#writtenIndex = this.#readableIndex = this.foundIndex = this.#list.lastIndex;
    for (const id of scan.present) {
      const leave = Buffer.from([0, 0, messageType.leave, id]);
      this.append(leave, 0, leave.length, 1);
    }
    this.flush();
    return [...scan.left, ...scan.present];
  }

  append(bytes: Uint8Array, start: number, end: number, count: number): void {
    if (this.#unscanned) throw new Error('a history is appended to before it was opened');
    this.#list.append(bytes, start, end, count, this.#disk.tick);
    if (!this.#isSwept) this.#sweepLater();
  }

  cursorAt(index: number): Cursor {
    const list = this.#list;
    if (index <= list.firstIndex) {
      return { index: list.firstIndex, offset: list.firstOffset, block: undefined };
    }
    if (index > list.lastIndex)
      return { index: list.lastIndex + 1, offset: list.endOffset, block: undefined };
    const block = list.blocks[list.placeOf(index)]!;
    if (index === block.firstIndex) return { index, offset: block.start, block };
    return { index, offset: block.bytes ? list.offsetIn(block, index) : unknownOffset, block };
  }

  read(cursor: Cursor): Uint8Array | null {
    const list = this.#list;
    if (cursor.index < list.firstIndex) {
      cursor.index = list.firstIndex;
      cursor.offset = list.firstOffset;
    }
    if (cursor.index > this.#readableIndex) return null;
    let block = cursor.block as Block | undefined;
    if (
      !block?.isAlive ||
      cursor.index < block.firstIndex ||
      cursor.index >= block.firstIndex + block.count
    ) {
      block = list.blocks[list.placeOf(cursor.index)]!;
      cursor.block = block;
    }
    block.usedAt = this.#disk.tick;
    if (!block.bytes) {
      this.#load(block);
      return null;
    }
    if (cursor.offset === unknownOffset) cursor.offset = list.offsetIn(block, cursor.index);
    const from = cursor.offset - block.start;
    let to = block.sizeBytes;
    if (block.start + to > this.#readableOffset) {
      to = this.#readableOffset - block.start;
      cursor.index = this.#readableIndex + 1;
    } else {
      cursor.index = block.firstIndex + block.count;
    }
    cursor.offset = block.start + to;
    if (cursor.index <= this.#writtenIndex) this.#readAhead(cursor.index);
    const known = block.slice;
    if (known !== undefined && block.sliceFrom === from && known.length === to - from) return known;
    const slice = block.bytes.subarray(from, to);
    block.slice = slice;
    block.sliceFrom = from;
    return slice;
  }

  flush(): void {
    if (this.#writtenOffset === this.#list.endOffset) return;
    if (this.#hasTrouble) this.#publishAll();
    else if (this.#isWriting) this.#isFlushWanted = true;
    else if (this.#file && !this.#isSwitching) this.#write(this.#file, false);
  }

  replaceAll(frames: readonly Uint8Array[], count: number): void {
    this.#image?.abort();
    const old = this.#list;
    const list = new BlockList(old.lastIndex + 1, old.endOffset);
    for (const bytes of frames) {
      list.append(bytes, 0, bytes.length, countFrames(bytes, 0, bytes.length), this.#disk.tick);
    }
    if (list.lastIndex - list.firstIndex + 1 !== count) throw new RangeError(`not ${count} frames`);
    old.discard();
    this.#list = list;
    this.#generation++;
    this.#moveToken++;
    this.#fork = undefined;
    this.#oldFile ??= this.#file;
    this.#file = undefined;
    this.#storedFrom = this.#writtenOffset = this.#readableOffset = list.firstOffset;
    this.#writtenIndex = this.#readableIndex = list.firstIndex - 1;
    this.#isFlushWanted = false;
    this.#sweepLater();
    if (this.#hasTrouble) this.#publishAll();
    void this.#move();
  }

  beginImage(): ResetImage {
    this.#image?.abort();
    this.#list.endTail();
    const image = new FileImage(this.#disk, this.#list.endOffset + this.#base, {
      isReady: () => !this.#isSwitching,
      apply: (tailIndex, cursors) => this.#apply(image, tailIndex, cursors),
      forget: () => {
        if (this.#image === image) this.#image = undefined;
      },
    });
    this.#image = image;
    return image;
  }

  close(end: 'keep' | 'delete' | 'archive'): void {
    if (this.#end) return;
    this.#image?.abort();
    this.onReadable = undefined;
    this.#end = end;
    if (end !== 'keep') this.#moveToken++;
    else if (!this.#hasTrouble) this.flush();
    else if (this.#file && !this.#isWriting && !this.#isSwitching) {
      // The last chance, though the disk was full so far.
      this.#write(this.#file, false);
    }
    this.#whenRetried?.();
    this.#settle();
  }

  /** Calls back after `close`, when nothing is being written any more. */
  whenSettled(done: () => void): void {
    if (this.#isSettled) done();
    else this.#whenSettled.push(done);
  }

  /** A sweep of the disk: gives back the memory of what was not used lately. */
  sweep(): boolean {
    if (this.#isMoving && !this.#end) return true;
    const list = this.#list;
    if (!this.#end) {
      // The tail of a streamed reset begins with a block: it can only be cut off there once it has left memory.
      const hasImage = this.#image !== undefined;
      list.release(this.#storedFrom, this.#writtenOffset, this.#disk.tick - residentSweeps, hasImage);
      if (hasImage) return true;
      if (list.isResident) {
        this.#sweepsWithout = 0;
        return true;
      }
      if (++this.#sweepsWithout < packSweeps) return true;
      list.pack();
    }
    this.#isSwept = false;
    return false;
  }

  #sweepLater(): void {
    this.#isSwept = true;
    this.#sweepsWithout = 0;
    this.#disk.sweepLater(this);
  }

  #use(file: AppendFile, headBytes: number): void {
    this.#file = file;
    if (this.#isWatched) file.watch();
    this.#base = headBytes - this.#list.firstOffset;
    file.onGone = (why) => {
      if (this.#file !== file || this.#end || this.#isMoving) return;
      // What was written is still to be read through the open file, so all of it can be written anew.
      file.pin();
      this.#troubled(new Error(`${file.path} ${why}`));
      void this.#move();
    };
  }

  /** What is in memory of `[from, to)` (offsets), as pieces. */
  #pieces(from: number, to: number): Uint8Array[] {
    const pieces: Uint8Array[] = [];
    const { blocks } = this.#list;
    for (let i = this.#list.placeOfOffset(from); i < blocks.length; i++) {
      const block = blocks[i]!;
      if (block.start >= to) break;
      const start = Math.max(0, from - block.start);
      const end = Math.min(block.sizeBytes, to - block.start);
      if (end > start) pieces.push(block.bytes!.subarray(start, end));
    }
    return pieces;
  }

  #write(file: AppendFile, isOffLoop: boolean): void {
    const list = this.#list;
    const generation = this.#generation;
    const length = list.endOffset - this.#writtenOffset;
    const count = list.lastIndex - this.#writtenIndex;
    this.#isWriting = true;
    this.#isFlushWanted = false;
    const written = (error: Error | undefined): void => {
      this.#isWriting = false;
      // After a full reset these messages are of the past. After a streamed one the numbers have moved with them.
      if (generation === this.#generation) {
        if (error) {
          this.#troubled(error);
          this.#disk.retryLater(this.#retry);
        } else {
          this.#writtenOffset += length;
          this.#writtenIndex += count;
          if (this.#hasTrouble) this.#endTrouble();
          else this.#publishWritten();
        }
      }
      const done = this.#whenWritten;
      this.#whenWritten = undefined;
      done?.();
      if (this.#isFlushWanted) this.flush();
      this.#settle();
    };
    file.write(this.#pieces(this.#writtenOffset, list.endOffset), written, { isOffLoop });
  }

  #publishWritten(): void {
    if (this.#readableOffset >= this.#writtenOffset) return;
    this.#readableOffset = this.#writtenOffset;
    this.#readableIndex = this.#writtenIndex;
    this.onReadable?.();
  }

  /** The exception to the promise: what can't be written is shown all the same. */
  #publishAll(): void {
    if (this.#readableOffset === this.#list.endOffset) return;
    this.#readableOffset = this.#list.endOffset;
    this.#readableIndex = this.#list.lastIndex;
    this.onReadable?.();
  }

  #troubled(error: Error): void {
    if (this.#end) return;
    if (!this.#hasTrouble) {
      this.#hasTrouble = true;
      this.#place.trouble(error);
    }
    this.#publishAll();
  }

  readonly #retry = (): void => {
    if (this.#end || this.#isMoving || this.#isWriting || !this.#hasTrouble || !this.#file) return;
    if (this.#writtenOffset === this.#list.endOffset) this.#endTrouble();
    else this.#write(this.#file, true);
  };

  #endTrouble(): void {
    this.#hasTrouble = false;
    // Everything was shown meanwhile; what came while the old part was being written follows at once.
    this.#publishWritten();
    if (this.#writtenOffset < this.#list.endOffset) this.#isFlushWanted = true;
    this.#place.trouble(undefined);
  }

  #load(block: Block): void {
    const file = this.#file;
    if (block.isLoading || !file) return;
    const { blocks } = this.#list;
    const run: Block[] = [];
    for (let i = this.#list.placeOf(block.firstIndex); i < blocks.length && run.length < loadBlocks; i++) {
      const next = blocks[i]!;
      if (next.bytes || next.isLoading) break;
      next.isLoading = true;
      run.push(next);
    }
    const buffers = run.map((next) => Buffer.allocUnsafeSlow(next.sizeBytes));
    if (!this.#isSwept) this.#sweepLater();
    file.read(buffers, block.start + this.#base, (error) => {
      run.forEach((next, i) => {
        next.isLoading = false;
        if (error || !next.isAlive) return;
        next.bytes = buffers[i];
        next.usedAt = this.#disk.tick;
      });
      if (this.#end) return;
      if (error || this.#isUnreadable) {
        this.#isUnreadable = error !== undefined;
        this.#place.unreadable(error);
      }
      if (error) this.#disk.retryLater(this.#readAgain);
      else this.onReadable?.();
    });
  }

  /** After a failed load: whoever is waiting asks again. */
  readonly #readAgain = (): void => this.onReadable?.();

  #readAhead(index: number): void {
    const { blocks } = this.#list;
    const place = this.#list.placeOf(index);
    for (let i = place; i < place + 2 && i < blocks.length; i++) {
      const block = blocks[i]!;
      if (block.isLoading) return;
      if (!block.bytes) {
        this.#load(block);
        return;
      }
    }
  }

  #apply(image: FileImage, tailIndex: number, cursors: Iterable<Cursor>): void {
    if (this.#image !== image || this.#isSwitching) throw new Error('the image can not be applied now');
    const old = this.#list;
    let place = old.blocks.length;
    if (tailIndex <= old.lastIndex) {
      place = old.placeOf(tailIndex);
      if (old.blocks[place]!.firstIndex !== tailIndex) old.split(place++, tailIndex);
    }
    const tail = old.blocks.slice(place);
    const tailStart = tail[0]?.start ?? old.endOffset;
    for (const block of old.blocks.slice(0, place)) block.isAlive = false;
    const list = new BlockList(old.lastIndex + 1, old.endOffset);
    list.adopt(image.blocks);
    const shift = list.endOffset - tailStart;
    const indexShift = list.lastIndex + 1 - tailIndex;
    list.adopt(tail);
    this.#list = list;
    this.#image = undefined;
    this.#moveToken++;
    this.#fork = image.fork;
    // Until the new file is made the tail is still read from the old one, and written there.
    this.#storedFrom = Math.max(tailStart, this.#storedFrom) + shift;
    this.#base -= shift;
    this.#writtenOffset += shift;
    this.#writtenIndex += indexShift;
    this.#readableOffset += shift;
    this.#readableIndex += indexShift;
    for (const cursor of cursors) {
      cursor.index += indexShift;
      if (cursor.offset !== unknownOffset) cursor.offset += shift;
    }
    this.#sweepLater();
    void this.#move();
  }

  /**
   * Brings the whole history into a new file and makes that the session's; tries until it succeeds. Until then the
   * old file is the session's and whole, so that a crash leaves the one or the other (formats.md §6.4). After a
   * streamed reset the old file goes on meanwhile but for the last moment; after a full one nothing of the new
   * history is shown before the end.
   */
  async #move(): Promise<void> {
    this.#isMoveWanted = true;
    if (this.#isMoving) return;
    this.#isMoving = true;
    while (this.#isMoveWanted && !this.#isOver) {
      try {
        await this.#moveOnce();
      } catch (error) {
        if (this.#end) break;
        this.#troubled(error as Error);
        await new Promise<void>((resolve) => {
          this.#whenRetried = resolve;
          this.#disk.retryLater(resolve);
        });
        this.#whenRetried = undefined;
      }
    }
    this.#isMoving = false;
    if (this.#writtenOffset < this.#list.endOffset) this.flush();
    this.#settle();
  }

  get #isOver(): boolean {
    return this.#end === 'delete' || this.#end === 'archive';
  }

  async #moveOnce(): Promise<void> {
    const token = this.#moveToken;
    const list = this.#list;
    const file = await this.#place.createNext(this.#fork);
    const headBytes = file.sizeBytes;
    let isCurrent = false;
    let end = 0;
    let index = 0;
    try {
      if (token !== this.#moveToken) return;
      await this.#copy(file, headBytes, token);
      if (token !== this.#moveToken) return;
      this.#isSwitching = true;
      if (this.#isWriting) {
        await new Promise<void>((resolve) => {
          this.#whenWritten = resolve;
        });
      }
      if (token !== this.#moveToken) return;
      end = list.endOffset;
      index = list.lastIndex;
      await this.#copy(file, headBytes, token);
      if (token !== this.#moveToken) return;
      await this.#place.makeCurrent(file, list.firstIndex);
      isCurrent = true;
    } finally {
      this.#isSwitching = false;
      if (!isCurrent) file.remove();
    }
    const old = this.#oldFile ?? this.#file;
    if (token === this.#moveToken) {
      this.#oldFile = undefined;
      this.#use(file, headBytes);
      this.#storedFrom = list.firstOffset;
      this.#writtenOffset = end;
      this.#writtenIndex = index;
      this.#fork = undefined;
      this.#isMoveWanted = false;
      if (this.#hasTrouble) this.#endTrouble();
      else this.#publishWritten();
    } else {
      this.#oldFile = file;
      this.#file = undefined;
    }
    if (old) this.#place.retire(old);
    // An image that waited for this may be applied now.
    this.onReadable?.();
  }

  /** Copies what the file does not have yet, up to the end as it is now, and forces it to the disk. */
  async #copy(file: AppendFile, headBytes: number, token: number): Promise<void> {
    const list = this.#list;
    const end = list.endOffset;
    const base = headBytes - list.firstOffset;
    while (file.sizeBytes - base < end) {
      const pieces: Uint8Array[] = [];
      let at = file.sizeBytes - base;
      const stop = Math.min(end, at + copyBytes);
      for (let place = list.placeOfOffset(at); at < stop; place++) {
        const block = list.blocks[place]!;
        const from = at - block.start;
        const to = Math.min(block.sizeBytes, stop - block.start);
        if (block.bytes) {
          pieces.push(block.bytes.subarray(from, to));
        } else {
          const buffer = Buffer.allocUnsafeSlow(to - from);
          await called((done) => this.#file!.read([buffer], at + this.#base, done));
          if (token !== this.#moveToken) return;
          pieces.push(buffer);
        }
        at = block.start + to;
      }
      await called((done) => file.write(pieces, done, { isOffLoop: true }));
      if (token !== this.#moveToken) return;
    }
    await called((done) => file.sync(done));
  }

  #settle(): void {
    if (!this.#end || this.#isSettled || this.#isWriting || this.#isMoving) return;
    this.#isSettled = true;
    this.#disk.forgetRetry(this.#retry);
    this.#disk.forgetRetry(this.#readAgain);
    const file = this.#file ?? this.#oldFile;
    if (this.#file && this.#oldFile) this.#place.retire(this.#oldFile);
    const unsavedBytes = this.#unscanned ? 0 : this.#list.endOffset - this.#writtenOffset;
    this.#place.ended(this.#end, file, unsavedBytes);
    this.#list.discard();
    for (const done of this.#whenSettled) done();
  }
}

interface ImageHost {
  isReady(): boolean;
  apply(tailIndex: number, cursors: Iterable<Cursor>): void;
  forget(): void;
}

/** The image of a streamed reset. It waits in memory; `apply` brings it into a new file, with the tail behind it. */
class FileImage implements ResetImage {
  /** Where the image's place is in the file it was made from. */
  readonly fork: number;
  readonly #disk: Disk;
  readonly #host: ImageHost;
  readonly #list = new BlockList(0, 0);

  constructor(disk: Disk, fork: number, host: ImageHost) {
    this.#disk = disk;
    this.fork = fork;
    this.#host = host;
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

  get isReady(): boolean {
    return this.#host.isReady();
  }

  append(bytes: Uint8Array, start: number, end: number, count: number): void {
    this.#list.append(bytes, start, end, count, this.#disk.tick);
  }

  apply(tailIndex: number, cursors: Iterable<Cursor>): void {
    this.#host.apply(tailIndex, cursors);
  }

  abort(): void {
    this.#host.forget();
  }
}

/** A promise for what calls back with an error or none. */
function called(run: (done: (error: Error | undefined) => void) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    run((error) => (error ? reject(error) : resolve()));
  });
}
