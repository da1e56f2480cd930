// A file that only grows: histories, journals and recordings are written through it. It knows where the valid bytes
// end, and cuts off what a failed write left behind before it writes more.
import type { Buffer } from 'node:buffer';
import * as fs from 'node:fs';
import { type Disk, type FileIdentity, OpenFile } from './disk.js';

/** Larger writes always run off the event loop. */
const longWriteBytes = 1024 * 1024;
/** Pieces per call; the system accepts at most 1024. */
const maxPieces = 512;

/** The file is shorter than what was to be read, by so many bytes. */
export class FileTooShort extends Error {
  readonly missingBytes: number;

  constructor(missingBytes: number) {
    super(`file ends ${missingBytes} bytes too early`);
    this.missingBytes = missingBytes;
  }
}

export class AppendFile {
  /** Bytes from the start of the file that are complete and known to be written. */
  sizeBytes: number;
  readonly #disk: Disk;
  readonly #file: OpenFile;
  /** Bytes of a failed write may follow `sizeBytes`. */
  #hasPartialWrite: boolean;
  #isCutReported = false;

  constructor(
    disk: Disk,
    path: string,
    sizeBytes: number,
    options: { hasPartialWrite?: boolean; identity?: FileIdentity | undefined } = {},
  ) {
    this.#disk = disk;
    this.#file = new OpenFile(disk, path, options.identity);
    this.#file.leastBytes = () => this.sizeBytes;
    // While something is written, or was not written to the end, there may be more.
    this.#file.mostBytes = () => (this.#hasPartialWrite ? Number.POSITIVE_INFINITY : this.sizeBytes);
    this.sizeBytes = sizeBytes;
    this.#hasPartialWrite = options.hasPartialWrite ?? false;
  }

  get path(): string {
    return this.#file.path;
  }

  /** Undefined: not known yet. */
  get identity(): FileIdentity | undefined {
    return this.#file.identity;
  }

  set onGone(run: ((why: string) => void) | undefined) {
    this.#file.onGone = run;
  }

  /** Called at each check that finds the file at its path and complete. */
  set onLook(run: ((stats: fs.Stats) => void) | undefined) {
    this.#file.onLook = run;
  }

  /** Marks the file as damaged: its content is not what was written. `why`: the end of a sentence. */
  markDamaged(why: string): void {
    this.#file.onGone?.(why);
  }

  /** Has the file checked also while it is closed; `onGone` is called. */
  watch(): void {
    this.#file.watch();
  }

  /** Why the path no longer leads to this file and all of it; undefined: it does. */
  lossNow(): string | undefined {
    return this.#file.lossNow();
  }

  /** Creates the file, which must not exist, with its first bytes. Throws errors of the system. */
  static create(disk: Disk, path: string, head: Uint8Array): AppendFile {
    const file = new AppendFile(disk, path, 0);
    file.#file.create();
    try {
      file.#writeNow([head], head.length);
    } catch (error) {
      file.remove();
      throw error;
    }
    return file;
  }

  /**
   * Writes the pieces at the end, immediately or off the loop, whichever serves everybody best; one call at a
   * time. `done` is called when they are written, and forced to the disk where that is wanted (`mustSync` is for
   * writes off the loop). Pieces whose writing failed are not in the file.
   */
  write(
    pieces: readonly Uint8Array[],
    done: (error: Error | undefined) => void,
    options: { isOffLoop?: boolean; mustSync?: boolean } = {},
  ): void {
    let length = 0;
    for (const piece of pieces) length += piece.length;
    if (options.isOffLoop || length > longWriteBytes || this.#disk.isOffLoop) {
      const mustSync = options.mustSync ?? this.#disk.durability === 'sync';
      this.#writeOffLoop(pieces, length, mustSync, done);
      return;
    }
    const started = this.#disk.now();
    let problem: Error | undefined;
    try {
      this.#writeNow(pieces, length);
    } catch (error) {
      problem = error as Error;
    }
    this.#disk.note(this.#disk.now() - started);
    done(problem);
  }

  /** Fills the buffers one after the other from `position` on, off the loop. Fewer bytes are an error. */
  read(buffers: readonly Buffer[], position: number, done: (error: Error | undefined) => void): void {
    let descriptor: number;
    try {
      descriptor = this.#file.hold();
    } catch (error) {
      process.nextTick(done, error as Error);
      return;
    }
    let wanted = 0;
    for (const buffer of buffers) wanted += buffer.length;
    const finish = (error?: Error | null): void => {
      this.#file.release();
      done(error ?? undefined);
    };
    const next = (left: readonly Buffer[], at: number, leftBytes: number): void => {
      fs.readv(descriptor, left, at, (error, count) => {
        if (error) finish(error);
        else if (count === 0) finish(new FileTooShort(leftBytes));
        else if (count === leftBytes) finish();
        else next(without(left, count) as Buffer[], at + count, leftBytes - count);
      });
    };
    next(buffers, position, wanted);
  }

  /** Forces what was written to the disk. */
  sync(done: (error: Error | undefined) => void): void {
    let descriptor: number;
    try {
      descriptor = this.#file.hold();
    } catch (error) {
      process.nextTick(done, error as Error);
      return;
    }
    fs.fdatasync(descriptor, (error) => {
      this.#file.release();
      done(error ?? undefined);
    });
  }

  /** Sets the number of valid bytes; the rest is cut off, now or before the next write. */
  shorten(sizeBytes: number): void {
    if (sizeBytes === this.sizeBytes && !this.#hasPartialWrite) return;
    this.sizeBytes = sizeBytes;
    this.#hasPartialWrite = true;
    this.#cutIfPossible();
  }

  /** Cuts off what follows the valid bytes. Throws errors of the system. */
  cut(): void {
    fs.ftruncateSync(this.#file.descriptor(), this.sizeBytes);
    this.#hasPartialWrite = false;
  }

  /** Keeps the file open, because nobody else can open it any more. */
  pin(): void {
    this.#file.isPinned = true;
  }

  /** Stops checking the file and closes it; a later use opens it again. */
  close(): void {
    this.#file.unwatch();
    this.#file.close();
  }

  /** Closes and deletes the file; that it cannot be deleted is nobody's concern any more. */
  remove(): void {
    this.close();
    try {
      fs.unlinkSync(this.path);
    } catch {}
  }

  #writeNow(pieces: readonly Uint8Array[], length: number): void {
    const descriptor = this.#file.descriptor();
    this.#requireUncut(descriptor);
    if (this.#hasPartialWrite) this.cut();
    this.#hasPartialWrite = true;
    try {
      let left = pieces;
      let at = this.sizeBytes;
      const end = at + length;
      while (at < end) {
        const [only] = left;
        const count =
          only !== undefined && left.length === 1
            ? fs.writeSync(descriptor, only, 0, only.length, at)
            : fs.writevSync(descriptor, left.slice(0, maxPieces), at);
        at += count;
        if (at < end) left = without(left, count);
      }
      this.sizeBytes = end;
      this.#hasPartialWrite = false;
    } catch (error) {
      this.#cutIfPossible();
      throw error;
    }
  }

  #writeOffLoop(
    pieces: readonly Uint8Array[],
    length: number,
    mustSync: boolean,
    done: (error: Error | undefined) => void,
  ): void {
    let descriptor: number;
    try {
      this.#requireUncut(this.#file.descriptor());
      if (this.#hasPartialWrite) this.cut();
      descriptor = this.#file.hold();
    } catch (error) {
      process.nextTick(done, error as Error);
      return;
    }
    const end = this.sizeBytes + length;
    this.#hasPartialWrite = true;
    const finish = (error: Error | null): void => {
      if (error) {
        this.#cutIfPossible();
      } else {
        this.sizeBytes = end;
        this.#hasPartialWrite = false;
      }
      this.#file.release();
      done(error ?? undefined);
    };
    const next = (left: readonly Uint8Array[], at: number): void => {
      fs.writev(descriptor, left.slice(0, maxPieces) as Uint8Array[], at, (error, count) => {
        if (error) finish(error);
        else if (at + count < end) next(without(left, count), at + count);
        else if (mustSync) fs.fdatasync(descriptor, finish);
        else finish(null);
      });
    };
    if (length === 0) process.nextTick(finish, null);
    else next(pieces, this.sizeBytes);
  }

  /**
   * What is written behind the end of a file that somebody cut would hide that. It is refused once: if what is missing
   * cannot be written anew, the rest is better there than nowhere.
   */
  #requireUncut(descriptor: number): void {
    if (this.#hasPartialWrite || this.#isCutReported || fs.fstatSync(descriptor).size >= this.sizeBytes)
      return;
    this.#isCutReported = true;
    process.nextTick(() => this.#file.onGone?.('was truncated'));
    throw new Error(`${this.path} was truncated`);
  }

  #cutIfPossible(): void {
    try {
      this.cut();
    } catch {
      // Tried again before the next write.
    }
  }
}

/** The pieces without their first `count` bytes. */
function without(pieces: readonly Uint8Array[], count: number): Uint8Array[] {
  const left: Uint8Array[] = [];
  let skip = count;
  for (const piece of pieces) {
    const skipped = Math.min(skip, piece.length);
    skip -= skipped;
    if (skipped < piece.length) left.push(skipped === 0 ? piece : piece.subarray(skipped));
  }
  return left;
}
