// The journal of a session as a file: lines that are only ever added. What the lines say is core/session's
// journal-text.ts. Lines that can't be written wait, in order, until they can.
import { Buffer } from 'node:buffer';
import { existsSync } from 'node:fs';
import {
  addToSaved,
  entriesOf,
  type JournalLine,
  writeJournalLine,
} from '../../core/session/journal-text.js';
import type { Journal } from '../../core/session/needs.js';
import type { JournalEntry, SavedSession } from '../../core/session/saved.js';
import { AppendFile } from './append-file.js';
import type { Disk } from './disk.js';

export class JournalFile implements Journal {
  /** The sum of all lines. */
  readonly saved: SavedSession;
  /** Histories that were current so far; the last one is. */
  readonly fileNames: string[];
  readonly #disk: Disk;
  readonly #path: string;
  readonly #whenTrouble: (problem: Error | undefined) => void;
  /** Undefined: the file is yet to be made. */
  #file: AppendFile | undefined;
  #lines: string[] = [];
  #isWriting = false;
  /** Why lines wait. */
  #problem: Error | undefined;
  #isClosed = false;
  #whenIdle: (() => void)[] = [];

  /** `sizeBytes`: what is in the file already; undefined: there is no file. */
  constructor(
    disk: Disk,
    path: string,
    content: { saved: SavedSession; fileNames: string[]; sizeBytes: number | undefined },
    whenTrouble: (problem: Error | undefined) => void,
  ) {
    this.#disk = disk;
    this.#path = path;
    this.saved = content.saved;
    this.fileNames = content.fileNames;
    this.#whenTrouble = whenTrouble;
    if (content.sizeBytes !== undefined) this.#use(new AppendFile(disk, path, content.sizeBytes));
  }

  write(entry: JournalEntry): void {
    addToSaved(this.saved, entry);
    this.#add(entry);
  }

  /** A history file becomes the current one; resolves when that is safe on the disk, throws when it can't be. */
  async makeCurrent(name: string): Promise<void> {
    if (!existsSync(this.#path)) {
      this.#recreate();
      this.#flush();
    }
    while (this.#isWriting) await new Promise<void>((resolve) => this.#whenIdle.push(resolve));
    const file = this.#file;
    if (this.#problem || !file) throw this.#problem ?? new Error(`${this.#path} can't be written`);
    this.#isWriting = true;
    const line = Buffer.from(`${writeJournalLine({ key: 'file', name })}\n`);
    try {
      await new Promise<void>((resolve, reject) => {
        file.write([line], (error) => (error ? reject(error) : resolve()), {
          isOffLoop: true,
          mustSync: true,
        });
      });
      this.fileNames.push(name);
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

  /** What was added before is lost to a line that was never ended: ends it. */
  endTornLine(): void {
    this.#lines.unshift('');
    this.#flush();
  }

  close(): void {
    this.#isClosed = true;
    this.#disk.forgetRetry(this.#retry);
    this.#flush();
    this.#tellIdle();
  }

  #add(line: JournalLine): void {
    if (this.#isClosed) return;
    this.#lines.push(writeJournalLine(line));
    if (!this.#problem) this.#flush();
  }

  #use(file: AppendFile): void {
    this.#file = file;
    file.onGone = () => {
      if (this.#isClosed || this.#file !== file) return;
      this.#recreate();
      this.#flush();
    };
  }

  /** Everything is written again to a new file, because the old one is gone. */
  #recreate(): void {
    this.#file?.close();
    this.#file = undefined;
    const lines = this.fileNames.map((name) => writeJournalLine({ key: 'file', name }));
    for (const entry of entriesOf(this.saved)) lines.push(writeJournalLine(entry));
    this.#lines = lines;
  }

  #flush(): void {
    if (this.#isWriting || this.#lines.length === 0) return;
    const lines = this.#lines;
    this.#lines = [];
    this.#isWriting = true;
    const written = (error: Error | undefined): void => {
      this.#isWriting = false;
      if (error) {
        this.#lines = [...lines, ...this.#lines];
        this.#troubled(error);
      } else if (this.#problem) {
        this.#problem = undefined;
        this.#whenTrouble(undefined);
      }
      if (!error) this.#flush();
      this.#tellIdle();
    };
    const bytes = Buffer.from(lines.map((line) => `${line}\n`).join(''));
    if (this.#file) {
      this.#file.write([bytes], written, { isOffLoop: this.#problem !== undefined });
      return;
    }
    try {
      this.#use(AppendFile.create(this.#disk, this.#path, bytes));
    } catch (error) {
      written(error as Error);
      return;
    }
    written(undefined);
  }

  #tellIdle(): void {
    const waiting = this.#whenIdle;
    this.#whenIdle = [];
    for (const resolve of waiting) resolve();
    if (this.#isClosed && !this.#isWriting) this.#file?.close();
  }

  #troubled(error: Error): void {
    if (this.#isClosed) return;
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') this.#recreate();
    this.#disk.retryLater(this.#retry);
    const isNew = !this.#problem;
    this.#problem = error;
    if (isNew) this.#whenTrouble(error);
  }

  readonly #retry = (): void => {
    if (!this.#isClosed) this.#flush();
  };
}
