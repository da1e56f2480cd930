// The journal of a session as a file of lines that are only appended. It remembers their content, so that it can
// rewrite the file. core/session's journal-text.ts has the form of the lines, journal-writer.ts writes them.
import * as fs from 'node:fs';
import { dirname } from 'node:path';
import { doubtLine, type JournalEnd } from '../../core/session/journal-reading.js';
import { addToSaved, entriesOf } from '../../core/session/journal-sum.js';
import { writeJournalLine } from '../../core/session/journal-text.js';
import type { Journal } from '../../core/session/needs.js';
import type { Doubt, JournalEntry, SavedSession } from '../../core/session/saved.js';
import { syncFolder } from '../files/folders.js';
import type { Disk, FileIdentity } from './disk.js';
import { JournalWriter } from './journal-writer.js';

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
  /** Sum of all its good bytes. */
  sum: number;
  doubts: readonly Doubt[];
  identity: FileIdentity;
}

export interface JournalEvents {
  reportProblem(problem: Error | undefined): void;
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
  /** Why not everything that was found is trusted; written again with everything else. */
  #doubts: readonly Doubt[];
  readonly #path: string;
  readonly #writer: JournalWriter;

  /** `found`: what is in the file already; undefined: there is no file. */
  constructor(
    disk: Disk,
    path: string,
    content: { saved: SavedSession; fileNames: string[]; found: FoundJournal | undefined },
    events: JournalEvents,
  ) {
    this.#path = path;
    this.saved = content.saved;
    this.fileNames = content.fileNames;
    this.#doubts = content.found?.doubts ?? [];
    const journal = this;
    const host = {
      allLines: () => this.#allLines(),
      get mayCompact() {
        return journal.#doubts.length === 0;
      },
      reportProblem: (problem: Error | undefined) => events.reportProblem(problem),
      lost: (why: string) => events.lost(why),
      unsaved: (count: number, problem: Error) => events.unsaved(count, problem),
    };
    const { found } = content;
    const lines = found && { ...found.end, sum: found.sum, identity: found.identity };
    this.#writer = new JournalWriter(disk, path, host, lines);
  }

  /** Bytes of the file. */
  get sizeBytes(): number {
    return this.#writer.sizeBytes;
  }

  write(entry: JournalEntry): void {
    if (this.#writer.isEnding) return;
    addToSaved(this.saved, entry);
    this.#writer.add(writeJournalLine(entry));
  }

  get isStored(): boolean {
    return this.#writer.isStored;
  }

  whenStored(done: () => void): void {
    this.#writer.whenStored(done);
  }

  /** The file gets a name under which no server takes it for a session. */
  end(how: 'delete' | 'archive'): void {
    const path = this.#path;
    const target = `${path}${how === 'archive' ? archivedSuffix : endedSuffix}`;
    // Archives are never overwritten. What cannot be renamed cannot be written either, which is reported; or it is gone already.
    const isTaken = () => how === 'archive' && fs.existsSync(target);
    this.#writer.end({
      now() {
        try {
          if (!isTaken()) fs.renameSync(path, target);
        } catch {}
      },
      async offLoop() {
        try {
          if (!isTaken()) await fs.promises.rename(path, target);
          await syncFolder(dirname(path));
        } catch {}
      },
    });
  }

  /**
   * A history file, whose first message has this index, becomes the current one; resolves when that is safe on the disk,
   * throws when it cannot be.
   */
  async makeCurrent(name: string, firstIndex: number | undefined): Promise<void> {
    const lines = [writeJournalLine({ key: 'file', name })];
    // Without it, indexes of another file are not trusted.
    const first: JournalEntry | undefined =
      firstIndex === undefined ? undefined : { key: 'first', index: firstIndex, file: name };
    if (first) lines.push(writeJournalLine(first));
    await this.#writer.writeNow(lines, () => {
      this.fileNames.push(name);
      if (first) addToSaved(this.saved, first);
    });
  }

  /** Makes the lines of a new session, at once where that is possible. */
  begin(name: string): void {
    this.adopt(name);
    this.beginLater();
  }

  /** Makes the lines of a new session whose history file is yet to be made: FILE follows by `makeCurrent`. */
  beginLater(): void {
    const entries = [...entriesOf(this.saved)].filter(({ key }) => key !== 'flags');
    this.#writer.addFirst(entries.map(writeJournalLine));
  }

  /** Another file turned out to be the current one. */
  adopt(name: string): void {
    if (this.fileNames.at(-1) !== name) this.fileNames.push(name);
    this.#writer.addFirst([writeJournalLine({ key: 'file', name })]);
  }

  /** The doubts are settled: what is remembered now is what counts, and is written anew. */
  settleDoubts(): void {
    if (this.#doubts.length === 0) return;
    this.#doubts = [];
    this.#writer.rewrite();
  }

  get doubts(): readonly Doubt[] {
    return this.#doubts;
  }

  /** For a successor of this process; undefined: something is being written, or cannot be. */
  handOver(): FoundJournal | undefined {
    const lines = this.#writer.handOver();
    if (!lines) return undefined;
    const { sizeBytes, chain, prefix, sum, identity } = lines;
    const doubts = this.#doubts.map(({ isShut, why }) => ({ isShut, why: String(why) }));
    return { end: { sizeBytes, chain, prefix }, sum, doubts, identity };
  }

  /** Looks at the file now; what was lost is written anew. */
  check(): void {
    this.#writer.check();
  }

  /** The file is looked at from now on, also while it is closed. */
  watch(): void {
    this.#writer.watch();
  }

  /** Resolves when nothing is being written. */
  whenIdle(): Promise<void> {
    return this.#writer.whenIdle();
  }

  close(): void {
    this.#writer.close();
  }

  /** Everything that the journal has to say now. */
  #allLines(): string[] {
    const lines = this.fileNames.slice(-keptFileNames).map((name) => writeJournalLine({ key: 'file', name }));
    for (const entry of entriesOf(this.saved)) lines.push(writeJournalLine(entry));
    for (const doubt of this.#doubts) lines.push(doubtLine(doubt));
    return lines;
  }
}
