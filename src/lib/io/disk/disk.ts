// What all files of the server share: the number of open files, the speed of the disk, and the periodic sweeps that
// close idle files and free memory. One per server.
import * as fs from 'node:fs';
import { createRegular, fileModes, openRegular } from '../files/regular-file.js';

/** `os`: written to the operating system before it is shown. `sync`: forced to the disk as well. */
export type Durability = 'os' | 'sync';

/**
 * A write into the page cache takes 1 to 10 µs, a trip through the thread pool ten times that, so writes are made on
 * the spot. A disk that is throttled, far away or dying makes them wait. A single long write proves nothing (another
 * process may have had the processor), but when long ones have taken `mostStalledMs` ...
 */
const longWriteMs = 10;
const mostStalledMs = 150;
/** ... in little more than this time, ... */
const stallForgottenMs = 10_000;
/** ... then writes go through the thread pool, where nobody else waits for them, for so long. */
const slowForMs = 15_000;
const sweepMs = 1000;
const retryMs = 1000;
/** When the server stops, what fails is tried so many times more, `retryMs` apart: as long as a stop may take. */
export const lastTries = 4;
const maxOpenFiles = 1024;
/** Only so many files are read through at a time, so that memory and the thread pool stay free for others. */
const maxReadThrough = 2;
/** Sweeps that an unused file stays open. */
const idleSweeps = 5;
/** A file is looked at in every so many sweeps: is it still the one of that name, and as long as it was written? */
const checkSweeps = 8;

/** The identity of a file, independent of its name. */
export interface FileIdentity {
  dev: number;
  ino: number;
}

/** An object that frees what it no longer needs at each sweep. */
export interface Sweepable {
  /** Returns false if nothing is left to free: no more sweeps until the next `sweepLater`. */
  sweep(): boolean;
}

export class Disk {
  readonly durability: Durability;
  /** Immediate writes since the start. */
  readonly writes = { count: 0, seconds: 0, longestSeconds: 0 };
  /** Current write problems by owner. */
  readonly #problems = new Map<object, string>();
  /** Counts sweeps: what was last used at an older tick is idle. */
  tick = 0;
  #slowUntil = 0;
  #stalledMs = 0;
  #stalledAt = 0;
  #checkTurn = 0;
  readonly #files = new Set<OpenFile>();
  /** Files that are checked whether they are open or not. */
  readonly #watched = new Set<OpenFile>();
  readonly #swept = new Set<Sweepable>();
  readonly #retries = new Set<() => void>();
  #sweeper: NodeJS.Timeout | undefined;
  #retrier: NodeJS.Timeout | undefined;

  #readThrough = 0;
  readonly #whenReadThrough: (() => void)[] = [];
  /** Milliseconds of a monotonic clock, by which writes are measured. */
  readonly now: () => number;

  constructor(durability: Durability = 'os', now: () => number = () => performance.now()) {
    this.durability = durability;
    this.now = now;
  }

  /** Whether writes must stay off the event loop. */
  get isOffLoop(): boolean {
    return this.durability === 'sync' || this.now() < this.#slowUntil;
  }

  /** Reads an entire file through, when it is its turn. */
  async inTurn<T>(read: () => Promise<T>): Promise<T> {
    if (this.#readThrough >= maxReadThrough) {
      await new Promise<void>((resolve) => this.#whenReadThrough.push(resolve));
    }
    this.#readThrough++;
    try {
      return await read();
    } finally {
      this.#readThrough--;
      this.#whenReadThrough.shift()?.();
    }
  }

  /** Records how long an immediate write took. */
  note(ms: number): void {
    this.writes.count++;
    this.writes.seconds += ms / 1000;
    if (ms > this.writes.longestSeconds * 1000) this.writes.longestSeconds = ms / 1000;
    if (ms < longWriteMs) return;
    const now = this.now();
    const forgotten = ((now - this.#stalledAt) / stallForgottenMs) * mostStalledMs;
    this.#stalledMs = Math.max(0, this.#stalledMs - forgotten) + ms;
    this.#stalledAt = now;
    if (this.#stalledMs > mostStalledMs) this.#slowUntil = now + slowForMs;
  }

  /** Sets the write problem of an owner; undefined: it can write again or is gone. */
  noteProblem(owner: object, problem: string | undefined): void {
    if (problem === undefined) this.#problems.delete(owner);
    else this.#problems.set(owner, problem);
  }

  /** Current write problems, each reason once. */
  get problems(): string[] {
    return [...new Set(this.#problems.values())];
  }

  get openCount(): number {
    return this.#files.size;
  }

  opened(file: OpenFile): void {
    if (this.#files.size >= maxOpenFiles) this.closeOldest();
    if (!this.#watched.has(file)) this.#giveTurn(file);
    this.#files.add(file);
    this.#startSweeps();
  }

  /** Has a file looked at also while it is closed. */
  watch(file: OpenFile): void {
    if (this.#watched.has(file)) return;
    if (!this.#files.has(file)) this.#giveTurn(file);
    this.#watched.add(file);
    this.#startSweeps();
  }

  unwatch(file: OpenFile): void {
    this.#watched.delete(file);
  }

  #giveTurn(file: OpenFile): void {
    file.checkTurn = this.#checkTurn++ % checkSweeps;
  }

  closed(file: OpenFile): void {
    this.#files.delete(file);
  }

  /** Asks for a call of `sweep` about once a second until it answers false. */
  sweepLater(swept: Sweepable): void {
    this.#swept.add(swept);
    this.#startSweeps();
  }

  /**
   * Calls `run` in a second; the same function only once, however often it asks. `isLast`: the process stays for it,
   * because the server stops.
   */
  retryLater(run: () => void, { isLast = false } = {}): void {
    this.#retries.add(run);
    this.#retrier ??= setTimeout(() => {
      this.#retrier = undefined;
      const due = [...this.#retries];
      this.#retries.clear();
      for (const retry of due) retry();
    }, retryMs).unref();
    if (isLast) this.#retrier.ref();
  }

  forgetRetry(run: () => void): void {
    this.#retries.delete(run);
  }

  /** One sweep; the timer does it, tests too. */
  sweep(): void {
    this.tick++;
    for (const swept of this.#swept) if (!swept.sweep()) this.#swept.delete(swept);
    for (const file of this.#files) {
      if (this.tick - file.usedAt > idleSweeps && !file.isPinned) file.closeIdle();
      else if (file.checkTurn === this.tick % checkSweeps && !this.#watched.has(file)) file.check();
    }
    for (const file of this.#watched) if (file.checkTurn === this.tick % checkSweeps) file.check();
    if (this.#swept.size === 0 && this.#files.size === 0 && this.#watched.size === 0) {
      clearInterval(this.#sweeper);
      this.#sweeper = undefined;
    }
  }

  #startSweeps(): void {
    this.#sweeper ??= setInterval(() => this.sweep(), sweepMs).unref();
  }

  /** Closes the file that was unused for longest; false: all are in use. */
  closeOldest(): boolean {
    let oldest: OpenFile | undefined;
    for (const file of this.#files) {
      if (!file.isBusy && !file.isPinned && (!oldest || file.usedAt < oldest.usedAt)) oldest = file;
    }
    oldest?.close({ isNow: true });
    return oldest !== undefined;
  }
}

/** A file that is opened when it is needed and closed when it is idle. Reads and writes are positioned. */
export class OpenFile {
  path: string;
  /** Tick of the last use. */
  usedAt = 0;
  /** In which sweeps it is looked at. */
  checkTurn = 0;
  /** Stays open while idle, because it could not be opened again. */
  isPinned = false;
  /**
   * Called when the path no longer leads to this file, or to less than was written. `why`: what follows its name in a
   * sentence.
   */
  onGone: ((why: string) => void) | undefined;
  /** Called when a check found no problem, to check the content of the file. */
  onLook: ((stats: fs.Stats) => void) | undefined;
  /** Minimum and maximum size of the file in bytes. */
  leastBytes: () => number = () => 0;
  mostBytes: () => number = () => Number.POSITIVE_INFINITY;
  readonly #disk: Disk;
  #descriptor = -1;
  /** Undefined: not known yet. */
  #identity: FileIdentity | undefined;
  #users = 0;
  #isChecking = false;
  #isClosing = false;

  constructor(disk: Disk, path: string, identity?: FileIdentity) {
    this.#disk = disk;
    this.path = path;
    this.#identity = identity;
  }

  watch(): void {
    this.#disk.watch(this);
  }

  unwatch(): void {
    this.#disk.unwatch(this);
  }

  get isBusy(): boolean {
    return this.#users > 0;
  }

  get identity(): FileIdentity | undefined {
    return this.#identity;
  }

  get isOpen(): boolean {
    return this.#descriptor >= 0;
  }

  /** The descriptor; opens the file if needed. Throws errors of the system. */
  descriptor(): number {
    this.usedAt = this.#disk.tick;
    this.#isClosing = false;
    if (this.#descriptor < 0) this.#open(() => openRegular(this.path, { access: 'write' }).descriptor);
    return this.#descriptor;
  }

  /** Creates the file, which must not exist. */
  create(): void {
    this.usedAt = this.#disk.tick;
    this.#open(() => createRegular(this.path, fileModes.work));
  }

  /** Keeps the descriptor open until `release`, for work off the loop. */
  hold(): number {
    const descriptor = this.descriptor();
    this.#users++;
    return descriptor;
  }

  release(): void {
    this.#users--;
    if (this.#users === 0 && this.#isClosing) this.close();
  }

  /** Closes when the work off the loop is done, or by now where it has to; a later use opens it again. */
  close(options: { isNow?: boolean } = {}): void {
    if (this.#users > 0) {
      this.#isClosing = true;
      return;
    }
    if (this.#descriptor < 0) return;
    const descriptor = this.#descriptor;
    this.#descriptor = -1;
    this.#disk.closed(this);
    if (options.isNow) fs.closeSync(descriptor);
    else fs.close(descriptor, () => {});
  }

  /** The same for a file that was not used lately; one that its path no longer leads to, so that its content would be lost, is notified first. */
  closeIdle(): void {
    const why = this.onGone && this.isOpen ? this.lossNow() : undefined;
    if (why !== undefined) this.onGone?.(why);
    if (!this.isPinned) this.close();
  }

  /** Checks off the event loop whether the path still leads to this file and all of its bytes. */
  check(): void {
    if (!this.onGone || this.#isChecking || !this.#identity) return;
    this.#isChecking = true;
    const { path } = this;
    const leastBytes = this.leastBytes();
    const mostBytes = this.mostBytes();
    fs.stat(path, (error, stat) => {
      this.#isChecking = false;
      if (path !== this.path) return;
      const why = error
        ? lossBy(error)
        : this.#lossIn(stat, {
            leastBytes: Math.min(leastBytes, this.leastBytes()),
            mostBytes: Math.max(mostBytes, this.mostBytes()),
          });
      if (why !== undefined) this.onGone?.(why);
      else if (!error) this.onLook?.(stat);
    });
  }

  /** The same at once; undefined: all is well, or it is unknown. */
  lossNow(): string | undefined {
    let stat: fs.Stats;
    try {
      stat = fs.statSync(this.path);
    } catch (error) {
      return lossBy(error as NodeJS.ErrnoException);
    }
    return this.#lossIn(stat, { leastBytes: this.leastBytes(), mostBytes: this.mostBytes() });
  }

  #lossIn(
    { dev, ino, size }: fs.Stats,
    { leastBytes, mostBytes }: { leastBytes: number; mostBytes: number },
  ): string | undefined {
    const known = this.#identity;
    if (known && (ino !== known.ino || dev !== known.dev)) return 'was replaced by another file';
    if (size < leastBytes) return 'was truncated';
    return size > mostBytes ? 'was modified by another program' : undefined;
  }

  #open(open: () => number): void {
    try {
      this.#descriptor = open();
    } catch (error) {
      // The process has as many open files as it may: one of ours goes.
      if ((error as NodeJS.ErrnoException).code !== 'EMFILE' || !this.#disk.closeOldest()) throw error;
      this.#descriptor = open();
    }
    const { dev, ino, size } = fs.fstatSync(this.#descriptor);
    const known = this.#identity;
    const isOther = known && (known.dev !== dev || known.ino !== ino);
    // A copy that was put back is as good; anything else is somebody else's file.
    if (isOther && size !== this.leastBytes()) {
      fs.closeSync(this.#descriptor);
      this.#descriptor = -1;
      throw new Error(`${this.path} was replaced by another file`);
    }
    this.#identity = { dev, ino };
    this.#disk.opened(this);
  }
}

/** What it means that a file cannot be looked at; undefined: nothing, it may still be there. */
function lossBy({ code }: NodeJS.ErrnoException): string | undefined {
  if (code === 'ENOENT') return 'was deleted or moved';
  return code === 'ELOOP' ? 'was replaced by a link that leads to itself' : undefined;
}
