// The journal of a session as a file: lines that are only ever added, with their check sums. What the lines say is
// core/session's journal-text.ts. Lines that cannot be written wait, in order, until they can. When the file is gone,
// was cut or replaced, or has grown far beyond what it says, all of it is written anew, whole or not at all.
import { Buffer } from 'node:buffer';
import * as fs from 'node:fs';
import { dirname } from 'node:path';
import { doubtLine, type JournalEnd } from '../../core/session/journal-reading.js';
import { seal } from '../../core/session/journal-seals.js';
import { addToSaved, entriesOf } from '../../core/session/journal-sum.js';
import { type JournalLine, writeJournalLine } from '../../core/session/journal-text.js';
import type { Journal } from '../../core/session/needs.js';
import type { Doubt, JournalEntry, SavedSession } from '../../core/session/saved.js';
import { syncFolder } from '../files/folders.js';
import { AppendFile } from './append-file.js';
import { type Disk, type FileIdentity, lastTries } from './disk.js';
import { writeWholeAsync } from './write-whole.js';

/** A journal that is smaller than this is not compacted. */
const compactBytes = 32 * 1024;
/** The same at a reset, when everything else is written anew as well. */
const compactBytesAtReset = 4 * 1024;
/** It is compacted when it is so many times what it was after the last time. */
const compactGrowth = 2;
/** What is added to the name of the journal of a session that is over: its files go; or they are kept. */
export const endedSuffix = '.ended';
export const archivedSuffix = '.archived';
/** What is added to the name of a file that was damaged, and is kept. */
export const damagedSuffix = '.damaged';
/** FILE lines that a compacted journal keeps; the originals number histories by how many there are. */
const keptFileNames = 100;

/** A journal that was found. */
export interface FoundJournal {
  end: JournalEnd;
  doubts: readonly Doubt[];
  identity: FileIdentity;
}

export interface JournalEvents {
  trouble(problem: Error | undefined): void;
  /** The file is not as it was written: it is written anew. */
  lost(why: string): void;
  /** So many lines could not be written at last. */
  unsaved(count: number, problem: Error): void;
}

export class JournalFile implements Journal {
  /** The sum of all lines. */
  readonly saved: SavedSession;
  /** Histories that were current so far; the last one is. */
  readonly fileNames: string[];
  /** Why not everything that was found is believed; written again with everything else. */
  #doubts: readonly Doubt[] = [];
  readonly #disk: Disk;
  readonly #path: string;
  readonly #events: JournalEvents;
  /** Undefined: the file is yet to be made. */
  #file: AppendFile | undefined;
  #lines: string[] = [];
  /** Written before the next lines. */
  #prefix = '';
  /** Sum of all sealed lines in the file. */
  #chain = 0;
  #isWriting = false;
  /** All of it is to be written to a new file. */
  #isRewriteWanted = false;
  #isWatched = false;
  #compactAtBytes = compactBytes;
  /** Why lines wait. */
  #problem: Error | undefined;
  #isClosed = false;
  /** After the end: how often what fails is tried again, and whether that is about to be. */
  #triesLeft = lastTries;
  #isPostponed = false;
  /** Undefined: the session is not over. `stored`: the file has its last name. */
  #end: 'wanted' | 'stored' | undefined;
  #whenIdle: (() => void)[] = [];
  /** Lines that were ever added, and how many of them are written. */
  #addedCount = 0;
  #storedCount = 0;
  /** Who waits until so many are written. */
  #whenStored: { count: number; done: () => void }[] = [];
  #isFlushDue = false;

  /** `found`: what is in the file already; undefined: there is no file. */
  constructor(
    disk: Disk,
    path: string,
    content: { saved: SavedSession; fileNames: string[]; found: FoundJournal | undefined },
    events: JournalEvents,
  ) {
    this.#disk = disk;
    this.#path = path;
    this.saved = content.saved;
    this.fileNames = content.fileNames;
    this.#events = events;
    const { found } = content;
    if (!found) return;
    this.#doubts = found.doubts;
    this.#chain = found.end.chain;
    this.#prefix = found.end.prefix;
    this.#use(new AppendFile(disk, path, found.end.sizeBytes, { isTorn: true, identity: found.identity }));
    this.#compactAtBytes = Math.max(compactBytes, compactGrowth * this.#textNow().bytes.length);
  }

  /** Bytes of the file. */
  get sizeBytes(): number {
    return this.#file?.sizeBytes ?? 0;
  }

  write(entry: JournalEntry): void {
    if (this.#end) return;
    addToSaved(this.saved, entry);
    this.#add(entry);
  }

  get isStored(): boolean {
    if (this.#end) return this.#end === 'stored';
    const isOver = this.#isClosed && !this.#isWriting && !this.#isPostponed;
    return this.#storedCount === this.#addedCount || this.#problem !== undefined || isOver;
  }

  whenStored(done: () => void): void {
    if (this.isStored) done();
    // An end is stored with the last name of the file, not with the last line.
    else this.#whenStored.push({ count: this.#end ? Number.POSITIVE_INFINITY : this.#addedCount, done });
  }

  /** The file gets a name under which no server takes it for a session. */
  end(how: 'delete' | 'archive'): void {
    if (this.#end || this.#isClosed) return;
    this.#flush();
    this.#end = 'wanted';
    this.#disk.forgetRetry(this.#retry);
    const target = `${this.#path}${how === 'archive' ? archivedSuffix : endedSuffix}`;
    if (this.#isWriting || this.#disk.isOffLoop) {
      void this.#endOffLoop(target);
      return;
    }
    try {
      // Archives are never overwritten.
      if (how === 'delete' || !fs.existsSync(target)) fs.renameSync(this.#path, target);
    } catch {
      // What cannot be renamed cannot be written either, which is told; or it is gone already.
    }
    this.#endStored();
  }

  async #endOffLoop(target: string): Promise<void> {
    await this.whenIdle();
    this.#isWriting = true;
    try {
      const isTaken = target.endsWith(archivedSuffix) && fs.existsSync(target);
      if (!isTaken) await fs.promises.rename(this.#path, target);
      await syncFolder(dirname(this.#path));
    } catch {
      // As above.
    }
    this.#isWriting = false;
    this.#endStored();
  }

  #endStored(): void {
    this.#end = 'stored';
    this.#isClosed = true;
    this.#lines = [];
    this.#isRewriteWanted = false;
    this.#tellIdle();
  }

  #tellStored(): void {
    const count = this.isStored ? Number.POSITIVE_INFINITY : this.#storedCount;
    while (this.#whenStored.length > 0 && this.#whenStored[0]!.count <= count)
      this.#whenStored.shift()!.done();
  }

  /** A history file, whose first message has this index, becomes the current one; resolves when that is safe on the disk, throws when it can't be. */
  async makeCurrent(name: string, firstIndex: number | undefined): Promise<void> {
    this.#lookAfter();
    this.#flush();
    await this.whenIdle();
    const file = this.#file;
    if (this.#problem || !file) throw this.#problem ?? new Error(`${this.#path} cannot be written`);
    this.#isWriting = true;
    const lines = [writeJournalLine({ key: 'file', name })];
    // Without it indexes of another file are not believed.
    const first: JournalEntry | undefined =
      firstIndex === undefined ? undefined : { key: 'first', index: firstIndex, file: name };
    if (first) lines.push(writeJournalLine(first));
    const { bytes, chain } = seal(lines, this.#chain);
    try {
      await new Promise<void>((resolve, reject) => {
        file.write([bytes], (error) => (error ? reject(error) : resolve()), {
          isOffLoop: true,
          mustSync: true,
        });
      });
      this.#chain = chain;
      this.fileNames.push(name);
      if (first) addToSaved(this.saved, first);
      this.#compactIfWorthIt(compactBytesAtReset);
    } finally {
      this.#isWriting = false;
      this.#flush();
      this.#tellIdle();
    }
  }

  /** Makes the lines of a new session, at once where that is possible. */
  begin(name: string): void {
    this.adopt(name);
    this.beginLater();
  }

  /** Makes the lines of a new session whose history file is yet to be made: FILE follows by `makeCurrent`. */
  beginLater(): void {
    for (const entry of entriesOf(this.saved)) {
      if (entry.key !== 'flags') this.#lines.push(writeJournalLine(entry));
    }
    this.#flush();
  }

  /** Another file turned out to be the current one. */
  adopt(name: string): void {
    if (this.fileNames.at(-1) !== name) this.fileNames.push(name);
    this.#lines.push(writeJournalLine({ key: 'file', name }));
    this.#flush();
  }

  /** The doubts are settled: what is remembered now is what counts, and is written anew. */
  settleDoubts(): void {
    if (this.#doubts.length === 0) return;
    this.#doubts = [];
    this.#isRewriteWanted = true;
    this.#flush();
  }

  get doubts(): readonly Doubt[] {
    return this.#doubts;
  }

  /** Looks at the file now; what was lost is written anew. */
  check(): void {
    if (this.#isClosed || this.#problem) return;
    this.#lookAfter();
    this.#flush();
  }

  /** The file is looked at from now on, also while it is closed. */
  watch(): void {
    this.#isWatched = true;
    this.#file?.watch();
  }

  /** Resolves when nothing is being written. */
  async whenIdle(): Promise<void> {
    while (this.#isWriting || this.#isPostponed)
      await new Promise<void>((resolve) => this.#whenIdle.push(resolve));
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#disk.forgetRetry(this.#retry);
    this.#flush();
    this.#tellIdle();
  }

  #add(line: JournalLine): void {
    if (this.#isClosed) return;
    this.#lines.push(writeJournalLine(line));
    this.#addedCount++;
    if (this.#problem || this.#isFlushDue) return;
    if (!this.#disk.isOffLoop) {
      this.#flush();
      return;
    }
    // A write that takes a while is made once for everything that happens in this turn.
    this.#isFlushDue = true;
    queueMicrotask(() => {
      this.#isFlushDue = false;
      if (!this.#problem && !this.#isClosed) this.#flush();
    });
  }

  #use(file: AppendFile): void {
    this.#file = file;
    if (this.#isWatched) file.watch();
    file.onGone = (why) => {
      if (this.#isClosed || this.#file !== file) return;
      this.#lose(why);
      this.#flush();
    };
  }

  /** The file is not what was written any more. */
  #lose(why: string): void {
    // After the end it has another name: that is no loss.
    if (this.#isRewriteWanted || this.#end) return;
    this.#isRewriteWanted = true;
    this.#events.lost(`${this.#path} ${why}`);
  }

  /** Looks whether the file is still there and as long as it was written. */
  #lookAfter(): void {
    const why = this.#file?.lossNow();
    if (why !== undefined) this.#lose(why);
  }

  /** Everything that a journal has to say now. */
  #textNow(): { bytes: Buffer; chain: number } {
    const lines = this.fileNames.slice(-keptFileNames).map((name) => writeJournalLine({ key: 'file', name }));
    for (const entry of entriesOf(this.saved)) lines.push(writeJournalLine(entry));
    for (const doubt of this.#doubts) lines.push(doubtLine(doubt));
    return seal(lines, 0);
  }

  /** Only a journal that is believed is compacted: what is in doubt is kept as it was found. */
  #compactIfWorthIt(leastBytes?: number): void {
    if (this.#doubts.length > 0 || this.sizeBytes < (leastBytes ?? this.#compactAtBytes)) return;
    const needed = compactGrowth * this.#textNow().bytes.length;
    this.#compactAtBytes = Math.max(compactBytes, needed);
    if (this.sizeBytes >= (leastBytes === undefined ? this.#compactAtBytes : needed)) {
      this.#isRewriteWanted = true;
    }
  }

  /** Whether what waits, all at once, says more often than not what does not count any more. */
  #isRewriteShorter(): boolean {
    if (this.#doubts.length > 0) return false;
    const waiting = this.#lines.reduce((sum, line) => sum + line.length, 0);
    if (waiting < compactBytes) return false;
    return waiting >= compactGrowth * this.#textNow().bytes.length;
  }

  #flush(): void {
    if (this.#isWriting || this.#end === 'stored') return;
    if (this.#isRewriteWanted) {
      void this.#rewrite();
      return;
    }
    if (this.#lines.length === 0 && this.#prefix === '') return;
    if (this.#file && !this.#isClosed) {
      this.#lookAfter();
      if (this.#isRewriteWanted || this.#isRewriteShorter()) {
        void this.#rewrite();
        return;
      }
    }
    const lines = this.#lines;
    const prefix = this.#prefix;
    const count = this.#addedCount;
    this.#lines = [];
    this.#prefix = '';
    this.#isWriting = true;
    const sealed = lines.length > 0 ? seal(lines, this.#chain) : undefined;
    const written = (error: Error | undefined): void => {
      this.#isWriting = false;
      if (error) {
        this.#lines = [...lines, ...this.#lines];
        this.#prefix = prefix;
        this.#troubled(error);
      } else {
        if (sealed) this.#chain = sealed.chain;
        this.#storedCount = count;
        this.#compactIfWorthIt();
        this.#wellAgain();
        this.#flush();
      }
      this.#tellIdle();
    };
    const pieces = [Buffer.from(prefix), ...(sealed ? [sealed.bytes] : [])];
    if (this.#file) {
      this.#file.write(pieces, written, { isOffLoop: this.#problem !== undefined });
      return;
    }
    let file: AppendFile;
    try {
      file = AppendFile.create(this.#disk, this.#path, Buffer.concat(pieces));
    } catch (error) {
      // Where the file was made but not filled, and cannot be deleted either, it is in the way of every later one.
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') this.#isRewriteWanted = true;
      written(error as Error);
      return;
    }
    this.#use(file);
    if (this.#disk.durability !== 'sync') {
      written(undefined);
      return;
    }
    const failed = (error: Error): void => {
      // Made anew when the lines are written again, also if it cannot be deleted now.
      file.remove();
      this.#file = undefined;
      this.#isRewriteWanted = true;
      written(error);
    };
    file.sync((error) => {
      if (error) failed(error);
      else syncFolder(dirname(this.#path)).then(() => written(undefined), failed);
    });
  }

  /** Writes everything to a file that takes the place of the old one in one step. */
  async #rewrite(): Promise<void> {
    this.#isWriting = true;
    this.#isRewriteWanted = false;
    const lines = this.#lines;
    const prefix = this.#prefix;
    const count = this.#addedCount;
    this.#lines = [];
    this.#prefix = '';
    const { bytes, chain } = this.#textNow();
    try {
      const identity = await writeWholeAsync(this.#path, bytes);
      await syncFolder(dirname(this.#path));
      this.#file?.close();
      this.#chain = chain;
      this.#use(new AppendFile(this.#disk, this.#path, bytes.length, { identity }));
      this.#compactAtBytes = Math.max(compactBytes, compactGrowth * bytes.length);
      this.#storedCount = count;
      this.#isWriting = false;
      this.#wellAgain();
      this.#flush();
    } catch (error) {
      this.#isWriting = false;
      this.#isRewriteWanted = true;
      this.#lines = [...lines, ...this.#lines];
      this.#prefix = prefix;
      this.#troubled(error as Error);
    }
    this.#tellIdle();
  }

  #wellAgain(): void {
    if (!this.#problem) return;
    this.#problem = undefined;
    this.#events.trouble(undefined);
  }

  #tellIdle(): void {
    const waiting = this.#whenIdle;
    this.#whenIdle = [];
    for (const resolve of waiting) resolve();
    this.#tellStored();
    if (this.#isClosed && !this.#isWriting && !this.#isPostponed) this.#file?.close();
  }

  #troubled(error: Error): void {
    if (this.#isClosed) {
      this.#postpone(error);
      return;
    }
    // What cannot be written on can be replaced, as long as the folder takes new files.
    const code = (error as NodeJS.ErrnoException).code ?? '';
    if (this.#file && code === 'ENOENT') this.#lose('is gone');
    if (this.#file && ['EACCES', 'EPERM', 'ELOOP'].includes(code)) this.#lose('can no longer be opened');
    this.#disk.retryLater(this.#retry);
    const isNew = !this.#problem;
    this.#problem = error;
    this.#tellStored();
    if (isNew) this.#events.trouble(error);
  }

  /** The server stops: a few tries are left. */
  #postpone(error: Error): void {
    if (this.#end) return;
    if (this.#triesLeft-- > 0) {
      this.#isPostponed = true;
      this.#disk.retryLater(this.#retry, { isLast: true });
      return;
    }
    if (this.#lines.length > 0) this.#events.unsaved(this.#lines.length, error);
    this.#lines = [];
    this.#isRewriteWanted = false;
  }

  readonly #retry = (): void => {
    this.#isPostponed = false;
    this.#flush();
  };
}
