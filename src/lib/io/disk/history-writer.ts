// Writes a history to its file, once per turn, and says how far it can be read: as far as it is written, or to its
// end while writing fails. There is one write at a time. The history decides to which file.
import type { BlockList } from '../../core/session/block-list.js';
import type { AppendFile } from './append-file.js';
import { type Disk, lastTries } from './disk.js';

/** One write that is under way. */
interface Write {
  /** The history was replaced meanwhile: nobody wants to know how the write went. */
  isOutdated: boolean;
  /** More came meanwhile, to be written after it. */
  isFlushWanted: boolean;
  whenOver: (() => void) | undefined;
}

type Writing =
  /** Nothing is under way, and nothing is wrong. */
  | { name: 'idle' }
  | { name: 'writing'; write: Write }
  /** Writing has failed; it is tried again later, and everything is shown meanwhile. */
  | { name: 'waiting' }
  /** A write is under way after others have failed. */
  | { name: 'retrying'; write: Write }
  /** The session is over, and what failed is tried again in a moment. */
  | { name: 'lasting' };

type WritingEvent =
  | 'started'
  | 'written'
  | 'failed'
  /** The write is over and does not count. */
  | 'ignored'
  /** It failed after the end, when nobody is notified any more; a few tries are left. */
  | 'postponed'
  /** Something else than the write has failed: the file is gone, or the next one cannot be made. */
  | 'unstorable'
  /** All of it is in a new file. */
  | 'healed';

/** TABLE state -> event -> next state. What is not in it cannot happen. */
export const writingStates = {
  idle: { started: 'writing', unstorable: 'waiting' },
  writing: {
    written: 'idle',
    failed: 'waiting',
    ignored: 'idle',
    postponed: 'lasting',
    unstorable: 'retrying',
  },
  waiting: { started: 'retrying', unstorable: 'waiting', healed: 'idle' },
  retrying: {
    written: 'idle',
    failed: 'waiting',
    ignored: 'waiting',
    postponed: 'lasting',
    unstorable: 'retrying',
  },
  lasting: { started: 'retrying', healed: 'idle' },
} as const satisfies Record<Writing['name'], Partial<Record<WritingEvent, Writing['name']>>>;

/** What the writer needs of the disk. */
export type WriterDisk = Pick<Disk, 'retryLater' | 'forgetRetry'>;
export type WrittenFile = Pick<AppendFile, 'write'>;

/** What the writer needs of the history. */
export interface WriterHost {
  readonly list: BlockList;
  /** The file that is written to now; undefined: it is yet to be made, or another one takes its place just now. */
  readonly file: WrittenFile | undefined;
  /** A new file is being made, which heals everything. */
  readonly isMoving: boolean;
  readonly isEnded: boolean;
  /** More may be read than before. */
  readable(): void;
  reportProblem(problem: Error | undefined): void;
  /** A write is over. */
  written(): void;
}

export class HistoryWriter {
  /** Offsets up to here are in the file, the others only in memory. */
  writtenOffset: number;
  writtenIndex: number;
  readableOffset: number;
  readableIndex: number;
  readonly #disk: WriterDisk;
  readonly #host: WriterHost;
  #state: Writing = { name: 'idle' };
  /** After the end: how often what fails is tried again. */
  #triesLeft = 0;

  /** All of the list is written. */
  constructor(disk: WriterDisk, host: WriterHost, list: BlockList) {
    this.#disk = disk;
    this.#host = host;
    this.writtenOffset = this.readableOffset = list.endOffset;
    this.writtenIndex = this.readableIndex = list.lastIndex;
  }

  /** Something is being written, or will be in a moment though the session is over. */
  get isBusy(): boolean {
    return 'write' in this.#state || this.#state.name === 'lasting';
  }

  get isFailing(): boolean {
    return this.#state.name === 'waiting' || this.#state.name === 'retrying';
  }

  get unwrittenBytes(): number {
    return this.#host.list.endOffset - this.writtenOffset;
  }

  flush(): void {
    if (this.writtenOffset === this.#host.list.endOffset) return;
    const state = this.#state;
    switch (state.name) {
      case 'idle': {
        const { file } = this.#host;
        if (file) this.#write(file, { isOffLoop: false });
        return;
      }
      case 'writing':
        state.write.isFlushWanted = true;
        return;
      default:
        this.#publishAll();
    }
  }

  /** Writes what is left before the end, also where that has failed so far. */
  flushAtLast(): void {
    this.#triesLeft = lastTries;
    const { file } = this.#host;
    if (this.#state.name === 'waiting' && file) this.#write(file, { isOffLoop: false });
    else if (!this.isFailing) this.flush();
  }

  /** Resolves when no write is under way. */
  whenIdle(): Promise<void> {
    const state = this.#state;
    if (!('write' in state)) return Promise.resolve();
    return new Promise((resolve) => {
      state.write.whenOver = resolve;
    });
  }

  /** A full reset: nothing of the list is written, and nothing of it may be read before it is. */
  begin(list: BlockList): void {
    this.writtenOffset = this.readableOffset = list.firstOffset;
    this.writtenIndex = this.readableIndex = list.firstIndex - 1;
    if ('write' in this.#state) {
      this.#state.write.isOutdated = true;
      this.#state.write.isFlushWanted = false;
    }
    if (this.isFailing) this.#publishAll();
  }

  /** A streamed reset: the same messages have other numbers, also those that are just being written. */
  shift(offsets: number, indexes: number): void {
    this.writtenOffset += offsets;
    this.writtenIndex += indexes;
    this.readableOffset += offsets;
    this.readableIndex += indexes;
  }

  /** All of the history up to here was found in its file, or is in a new one that takes its place. */
  stored(endOffset: number, lastIndex: number): void {
    this.writtenOffset = endOffset;
    this.writtenIndex = lastIndex;
    if (this.#state.name === 'waiting' || this.#state.name === 'lasting') this.#repair();
    else this.#publishWritten();
  }

  /** The history cannot be kept safe any more: everything is shown, though it is in memory only. */
  unstorable(problem: Error): void {
    if (this.#host.isEnded) return;
    this.#become('unstorable', problem);
  }

  /** No retry is made any more. */
  stop(): void {
    this.#disk.forgetRetry(this.#retry);
  }

  /** The one place in which the state changes. `problem`: of an event that is one. */
  #become(event: WritingEvent, problem?: Error, write?: Write): void {
    const before = this.#state;
    const row: Partial<Record<WritingEvent, Writing['name']>> = writingStates[before.name];
    const name = row[event];
    if (name === undefined) throw new Error(`a history that is ${before.name} got the event ${event}`);
    const under = write ?? ('write' in before ? before.write : undefined);
    if (name === 'idle' || name === 'waiting' || name === 'lasting') this.#state = { name };
    else if (under) this.#state = { name, write: under };
    if (!problem) return;
    if (before.name === 'idle' || before.name === 'writing') this.#host.reportProblem(problem);
    this.#publishAll();
  }

  #write(file: WrittenFile, options: { isOffLoop: boolean }): void {
    const { list } = this.#host;
    const length = list.endOffset - this.writtenOffset;
    const count = list.lastIndex - this.writtenIndex;
    const write: Write = { isOutdated: false, isFlushWanted: false, whenOver: undefined };
    this.#become('started', undefined, write);
    file.write(
      list.pieces(this.writtenOffset, list.endOffset),
      (error) => this.#isOver(write, length, count, error),
      options,
    );
  }

  #isOver(write: Write, length: number, count: number, error: Error | undefined): void {
    if (write.isOutdated) {
      this.#become('ignored');
    } else if (error) {
      const isLast = this.#host.isEnded;
      // At the end nobody is notified any more: what is lost is counted then.
      if (!isLast) this.#become('failed', error);
      else if (this.#triesLeft-- > 0) this.#become('postponed');
      else this.#become('ignored');
      this.#disk.retryLater(this.#retry, { isLast });
    } else {
      // After a streamed reset the numbers have moved with the messages.
      this.writtenOffset += length;
      this.writtenIndex += count;
      const wasFailing = this.isFailing;
      this.#become('written');
      if (wasFailing) this.#reportRecovery();
      else this.#publishWritten();
    }
    write.whenOver?.();
    // What came while the old part was being written follows at once.
    if (write.isFlushWanted) this.flush();
    this.#host.written();
  }

  /** After the end, while another file takes the place of this one: which of them it is shows soon. */
  #waitForFile(): void {
    if (this.#triesLeft-- > 0) {
      this.#disk.retryLater(this.#retry, { isLast: true });
      return;
    }
    this.#become('healed');
    this.#host.written();
  }

  #repair(): void {
    this.#become('healed');
    this.#reportRecovery();
  }

  /** Everything was shown meanwhile; what is not written yet follows at once. */
  #reportRecovery(): void {
    this.#publishWritten();
    this.#host.reportProblem(undefined);
    this.flush();
  }

  readonly #retry = (): void => {
    const { file, isMoving, isEnded, list } = this.#host;
    if (this.#state.name !== (isEnded ? 'lasting' : 'waiting')) return;
    if (isEnded && !file) {
      this.#waitForFile();
      return;
    }
    // A new file that is being made for it has all of it in the end.
    if (!file || (isMoving && !isEnded)) return;
    if (this.writtenOffset === list.endOffset) this.#repair();
    else this.#write(file, { isOffLoop: true });
  };

  #publishWritten(): void {
    if (this.readableOffset >= this.writtenOffset) return;
    this.readableOffset = this.writtenOffset;
    this.readableIndex = this.writtenIndex;
    this.#host.readable();
  }

  /** The exception to the promise: what cannot be written is shown all the same. */
  #publishAll(): void {
    const { list } = this.#host;
    if (this.readableOffset === list.endOffset) return;
    this.readableOffset = list.endOffset;
    this.readableIndex = list.lastIndex;
    this.#host.readable();
  }
}
