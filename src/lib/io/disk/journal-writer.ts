// Writes the lines of a journal: appended, or all of them to a file that replaces the old one in one step. Lines
// that cannot be written wait in order. There is one write at a time. If another program changed the file, it is
// rewritten completely. journal.ts has the content of the lines.
import { Buffer } from 'node:buffer';
import { type Disk, lastTries } from './disk.js';
import { JournalCompaction } from './journal-compaction.js';
import { type FoundLines, SealedFile } from './sealed-file.js';

/** What the writer does now. */
type Writing =
  /** Nothing is under way, and nothing is wrong. */
  | { name: 'idle' }
  /** What comes in this turn is written at its end. */
  | { name: 'gathering' }
  | { name: 'writing' }
  /** Writing has failed; it is tried again later. */
  | { name: 'waiting'; problem: Error }
  /** A write is under way after others have failed. */
  | { name: 'retrying'; problem: Error }
  /** The server stops, and what failed is tried again in a moment. */
  | { name: 'lasting'; problem: Error };

type WritingEvent =
  | 'gathered'
  | 'started'
  | 'written'
  | 'failed'
  /** The write is over, and the caller knows its result. */
  | 'ignored'
  /** It failed after the end, when nobody is notified any more; a few tries are left. */
  | 'postponed'
  /** There is nothing to be written after all. */
  | 'rested';

/** TABLE state -> event -> next state. What is not in it cannot happen. */
export const journalStates = {
  idle: { gathered: 'gathering', started: 'writing' },
  gathering: { started: 'writing', rested: 'idle' },
  writing: { written: 'idle', failed: 'waiting', ignored: 'idle', postponed: 'lasting' },
  waiting: { started: 'retrying' },
  retrying: { written: 'idle', failed: 'waiting', ignored: 'waiting', postponed: 'lasting' },
  lasting: { started: 'retrying', rested: 'idle' },
} as const satisfies Record<Writing['name'], Partial<Record<WritingEvent, Writing['name']>>>;

type Phase =
  | 'going on'
  /** The server stops: what waits is written, nothing comes any more. */
  | 'closed'
  /** The session is over: the file is about to get its last name. */
  | 'ending'
  /** It has it. */
  | 'ended';

/** Lines that are being written. */
interface Batch {
  lines: readonly string[];
  /** How many lines had been added by then. */
  count: number;
}

/** What the writer needs of the journal. */
export interface JournalHost {
  /** Everything that the journal has to say now. */
  allLines(): readonly string[];
  /** What is in doubt is kept as it was found. */
  readonly mayCompact: boolean;
  /** Lines cannot be written; undefined: they can again. */
  reportProblem(problem: Error | undefined): void;
  /** The file is not as it was written: it is written anew. */
  lost(why: string): void;
  /** So many lines could not be written at last. */
  unsaved(count: number, problem: Error): void;
}

export class JournalWriter {
  readonly #disk: Disk;
  readonly #host: JournalHost;
  readonly #file: SealedFile;
  #state: Writing = { name: 'idle' };
  #phase: Phase = 'going on';
  /** Whether new lines go behind the old ones, or all of it to a new file. */
  #wanted: 'lines' | 'everything' = 'lines';
  #lines: string[] = [];
  readonly #compaction: JournalCompaction;
  /** After the end: how often what fails is tried again. */
  #triesLeft = lastTries;
  #whenIdle: (() => void)[] = [];
  /** Lines that were ever added, and how many of them are written. */
  #addedCount = 0;
  #storedCount = 0;
  /** Who waits until so many are written. */
  #whenStored: { count: number; done: () => void }[] = [];

  /** `found`: what is in the file already; undefined: there is no file. */
  constructor(disk: Disk, path: string, host: JournalHost, found: FoundLines | undefined) {
    this.#disk = disk;
    this.#host = host;
    this.#file = new SealedFile(disk, path, found);
    this.#file.onLost = (why) => {
      if (this.#phase !== 'going on') return;
      this.#lose(why);
      this.flush();
    };
    const completeBytes = (): number =>
      host.allLines().reduce((sum, line) => sum + Buffer.byteLength(line) + 1, 0);
    this.#compaction = new JournalCompaction(completeBytes);
    if (found) this.#compaction.measured(completeBytes());
  }

  get sizeBytes(): number {
    return this.#file.sizeBytes;
  }

  /** What the file has, for a successor of this process; undefined: something is being written, or cannot be. */
  handOver(): FoundLines | undefined {
    const isSettled =
      this.#state.name === 'idle' && this.#phase === 'going on' && this.#wanted === 'lines' && !this.#hasMore;
    return isSettled ? this.#file.found : undefined;
  }

  get #isWriting(): boolean {
    return this.#state.name === 'writing' || this.#state.name === 'retrying';
  }

  get #isFailing(): boolean {
    return this.#state.name === 'waiting' || this.#state.name === 'retrying';
  }

  get #isBusy(): boolean {
    return this.#isWriting || this.#state.name === 'lasting';
  }

  /** The session is over: nothing is added any more. */
  get isEnding(): boolean {
    return this.#phase === 'ending' || this.#phase === 'ended';
  }

  /** Whether everything that was added is written, or cannot be: then nobody waits for it. */
  get isStored(): boolean {
    if (this.isEnding) return this.#phase === 'ended';
    const isOver = this.#phase === 'closed' && !this.#isBusy;
    return this.#storedCount === this.#addedCount || this.#isFailing || isOver;
  }

  whenStored(done: () => void): void {
    // An end is stored with the last name of the file, not with the last line.
    const count = this.isEnding ? Number.POSITIVE_INFINITY : this.#addedCount;
    if (this.isStored) done();
    else this.#whenStored.push({ count, done });
  }

  /** A line that somebody may wait for; written at once, or with everything of this turn where that takes a while. */
  add(line: string): void {
    if (this.#phase !== 'going on') return;
    this.#lines.push(line);
    this.#addedCount++;
    if (this.#state.name !== 'idle') return;
    if (!this.#disk.isOffLoop) {
      this.flush();
      return;
    }
    this.#become('gathered');
    queueMicrotask(() => {
      if (this.#state.name !== 'gathering') return;
      this.#become('rested');
      this.flush();
    });
  }

  /** Lines for which nobody waits. */
  addFirst(lines: readonly string[]): void {
    this.#lines.push(...lines);
    this.flush();
  }

  /** All of it is written anew. */
  rewrite(): void {
    this.#wanted = 'everything';
    this.flush();
  }

  /**
   * Writes lines when everything before them is written, and forces them to the disk; throws when that cannot be done.
   * `written` is called before what comes next is written.
   */
  async writeNow(lines: readonly string[], written: () => void): Promise<void> {
    this.#lookAfter();
    this.flush();
    await this.whenIdle();
    if (this.#state.name === 'waiting') throw this.#state.problem;
    if (!this.#file.isThere) throw new Error(`${this.#file.path} cannot be written`);
    this.#become('started');
    try {
      await new Promise<void>((resolve, reject) => {
        const done = (error: Error | undefined): void => (error ? reject(error) : resolve());
        this.#file.write(lines, done, { isOffLoop: true, mustSync: true });
      });
      written();
      if (this.#host.mayCompact && this.#compaction.isDueAtReset(this.sizeBytes)) this.#wanted = 'everything';
    } finally {
      this.#become('ignored');
      this.flush();
      this.#notifyIdle();
    }
  }

  /** Looks at the file now; what was lost is written anew. */
  check(): void {
    if (this.#phase !== 'going on' || this.#isFailing) return;
    this.#lookAfter();
    this.flush();
  }

  /** The file is looked at from now on, also while it is closed. */
  watch(): void {
    this.#file.watch();
  }

  /** Resolves when nothing is being written. */
  async whenIdle(): Promise<void> {
    while (this.#isBusy) await new Promise<void>((resolve) => this.#whenIdle.push(resolve));
  }

  /** What waits is written at last. */
  close(): void {
    if (this.#phase === 'closed' || this.#phase === 'ended') return;
    if (this.#phase === 'going on') this.#phase = 'closed';
    this.#disk.forgetRetry(this.#retry);
    this.flush();
    this.#notifyIdle();
  }

  /** The session is over: `putAway` gives the file its last name, now or off the loop. */
  end(putAway: { now(): void; offLoop(): Promise<void> }): void {
    if (this.#phase !== 'going on') return;
    this.flush();
    this.#phase = 'ending';
    this.#disk.forgetRetry(this.#retry);
    if (this.#isWriting || this.#disk.isOffLoop) {
      void this.#endOffLoop(putAway.offLoop);
      return;
    }
    putAway.now();
    this.#ended();
  }

  async #endOffLoop(putAway: () => Promise<void>): Promise<void> {
    await this.whenIdle();
    this.#become('started');
    await putAway();
    this.#become('ignored');
    this.#ended();
  }

  #ended(): void {
    this.#phase = 'ended';
    this.#lines = [];
    this.#wanted = 'lines';
    this.#notifyIdle();
  }

  /** The one place in which the state changes. `problem`: of an event that is one. */
  #become(event: WritingEvent, problem?: Error): void {
    const before = this.#state;
    const row: Partial<Record<WritingEvent, Writing['name']>> = journalStates[before.name];
    const name = row[event];
    const why = problem ?? ('problem' in before ? before.problem : undefined);
    if (name === 'idle' || name === 'gathering' || name === 'writing') this.#state = { name };
    else if (name !== undefined && why) this.#state = { name, problem: why };
    else throw new Error(`a journal that is ${before.name} got the event ${event}`);
  }

  /** The file is not what was written any more. */
  #lose(why: string): void {
    // After the end it has another name: that is no loss.
    if (this.#wanted === 'everything' || this.isEnding) return;
    this.#wanted = 'everything';
    this.#host.lost(`${this.#file.path} ${why}`);
  }

  /** Looks whether the file is still there and as long as it was written. */
  #lookAfter(): void {
    const why = this.#file.lossNow();
    if (why !== undefined) this.#lose(why);
  }

  get #hasMore(): boolean {
    return this.#lines.length > 0 || this.#file.isUnsealed;
  }

  /** Writes what waits, unless something is being written. */
  flush(): void {
    if (this.#isWriting || this.#phase === 'ended') return;
    if (this.#hasMore && this.#file.isThere && this.#phase === 'going on') {
      this.#lookAfter();
      if (this.#host.mayCompact && this.#compaction.isShorterThan(this.#lines)) this.#wanted = 'everything';
    }
    if (this.#wanted === 'everything') {
      void this.#writeEverything();
    } else if (this.#hasMore) {
      this.#writeLines();
    } else if (this.#state.name === 'lasting') {
      this.#become('rested');
      this.#notifyIdle();
    }
  }

  #take(): Batch {
    const batch = { lines: this.#lines, count: this.#addedCount };
    this.#lines = [];
    this.#become('started');
    return batch;
  }

  #writeLines(): void {
    const wasThere = this.#file.isThere;
    const batch = this.#take();
    const written = (error: Error | undefined): void => {
      if (!error) {
        if (this.#host.mayCompact && this.#compaction.isDue(this.sizeBytes)) this.#wanted = 'everything';
        this.#succeeded(batch);
        return;
      }
      // It may have been made but not filled, and could not be deleted either: then it is in the way of every later one.
      const isOthers = (error as NodeJS.ErrnoException).code === 'EEXIST';
      if (!wasThere && !isOthers) this.#wanted = 'everything';
      this.#failed(batch, error);
    };
    this.#file.write(batch.lines, written, { isOffLoop: this.#state.name === 'retrying' });
  }

  async #writeEverything(): Promise<void> {
    const batch = this.#take();
    this.#wanted = 'lines';
    try {
      await this.#file.replace(this.#host.allLines());
    } catch (error) {
      this.#wanted = 'everything';
      this.#failed(batch, error as Error);
      return;
    }
    this.#compaction.measured(this.sizeBytes);
    this.#succeeded(batch);
  }

  #succeeded({ count }: Batch): void {
    this.#storedCount = count;
    const wasFailing = this.#isFailing;
    this.#become('written');
    if (wasFailing) this.#host.reportProblem(undefined);
    this.flush();
    this.#notifyIdle();
  }

  #failed({ lines }: Batch, error: Error): void {
    this.#lines = [...lines, ...this.#lines];
    if (this.#phase === 'going on') this.#failing(error);
    else this.#postpone(error);
    this.#notifyIdle();
  }

  #failing(error: Error): void {
    // What cannot be written on can be replaced, as long as the folder takes new files.
    const code = (error as NodeJS.ErrnoException).code ?? '';
    if (this.#file.isThere && code === 'ENOENT') this.#lose('was deleted or moved');
    if (this.#file.isThere && ['EACCES', 'EPERM', 'ELOOP'].includes(code))
      this.#lose('can no longer be opened');
    this.#disk.retryLater(this.#retry);
    const isNew = this.#state.name === 'writing';
    this.#become('failed', error);
    if (isNew) this.#host.reportProblem(error);
  }

  /** Nothing comes any more. When the server stops a few tries are left. */
  #postpone(error: Error): void {
    if (this.#phase === 'closed' && this.#triesLeft-- > 0) {
      this.#become('postponed', error);
      this.#disk.retryLater(this.#retry, { isLast: true });
      return;
    }
    this.#become('ignored');
    if (this.#phase !== 'closed') return;
    if (this.#lines.length > 0) this.#host.unsaved(this.#lines.length, error);
    this.#lines = [];
    this.#wanted = 'lines';
  }

  #notifyIdle(): void {
    const waiting = this.#whenIdle;
    this.#whenIdle = [];
    for (const resolve of waiting) resolve();
    const count = this.isStored ? Number.POSITIVE_INFINITY : this.#storedCount;
    for (
      let [first] = this.#whenStored;
      first !== undefined && first.count <= count;
      [first] = this.#whenStored
    ) {
      this.#whenStored.shift();
      first.done();
    }
    if ((this.#phase === 'closed' || this.#phase === 'ended') && !this.#isBusy) this.#file.close();
  }

  readonly #retry = (): void => this.flush();
}
