// Moves a history to a new file, and retries until it succeeds. Until then the old file is complete and belongs to
// the session, so that a crash leaves the one or the other (formats.md §6.4). After a streamed reset, the old file
// is still written until the last moment; after a full reset, nothing of the new history is shown before the move is
// complete. Messages that are neither in memory nor intact in the old file, twice in a row, are left out; a read
// error delays the move until the server stops.
import { Buffer } from 'node:buffer';
import type { Block, BlockList } from '../../core/session/block-list.js';
import type { AppendFile } from './append-file.js';
import { type Disk, lastTries } from './disk.js';
import { canBe, completeFrames, isLostForGood, NotAsWritten } from './history-salvage.js';

/** Pieces in which a history is copied to another file. */
const copyBytes = 4 * 1024 * 1024;

/** What is to be brought into a new file. Another one takes its place when the history is reset meanwhile. */
interface Target {
  readonly list: BlockList;
  /** For the header of the file: where a streamed reset began in the old one. */
  readonly fork: number | undefined;
}

type Move =
  /** The history stays where it is. */
  | { name: 'none' }
  /** A new file is being made and filled; the old one continues. */
  | { name: 'copying'; target: Target }
  /** The new file is about to take the place of the old one: nothing is written meanwhile. */
  | { name: 'switching'; target: Target }
  /** It did not work; tried again when the disk says so, or at the end. */
  | { name: 'waiting'; target: Target; wake: () => void };

type MoveEvent =
  | 'wanted'
  /** The new file has everything up to some moment. */
  | 'copied'
  /** The new file is the session's. */
  | 'done'
  /** The history was reset meanwhile: all over again, with another file. */
  | 'outdated'
  | 'failed'
  | 'retried'
  /** The session is over. */
  | 'ended';

/** TABLE state -> event -> next state. What is not in it cannot happen. */
export const moveStates = {
  none: { wanted: 'copying' },
  copying: { copied: 'switching', outdated: 'copying', failed: 'waiting', ended: 'none' },
  switching: { done: 'none', outdated: 'copying', failed: 'waiting', ended: 'none' },
  waiting: { retried: 'copying', ended: 'none' },
} as const satisfies Record<Move['name'], Partial<Record<MoveEvent, Move['name']>>>;

/** How far the new file has everything, and what is not in it. */
interface Copied {
  toOffset: number;
  losses: Map<Block, { count: number; sizeBytes: number }>;
}

/** A new file with a history in it. */
export interface Moved {
  file: AppendFile;
  /** Bytes before its first message. */
  headBytes: number;
  /** How much of the history is in it. */
  endOffset: number;
  lastIndex: number;
  losses: Losses;
}

/** What is left of blocks that were neither in memory nor intact in the old file. */
type Losses = ReadonlyMap<Block, { count: number; sizeBytes: number }>;

export function lostBytesOf(losses: Iterable<readonly [Block, { sizeBytes: number }]>): number {
  let bytes = 0;
  for (const [block, left] of losses) bytes += block.sizeBytes - left.sizeBytes;
  return bytes;
}

/** What the move needs of the history. */
export interface MoveHost {
  /** The old file is not what was written any more: there is no going on with it. */
  readonly isDamaged: boolean;
  createFile(fork: number | undefined): Promise<AppendFile>;
  /** `firstIndex`: of its first message; undefined: messages are missing, so that indexes mean nothing any more. */
  makeCurrent(file: AppendFile, firstIndex: number | undefined): Promise<void>;
  /** Fills the buffer with what is in the file now, from this offset of the history on. */
  readStored(buffer: Buffer, offset: number): Promise<void>;
  /** The intact messages among these bytes, which could not be read, or not all of them. */
  salvage(bytes: Buffer, error: unknown): Buffer;
  whenNotWriting(): Promise<void>;
  /** The file is the session's now. `isOutdated`: but not the history's, which was reset meanwhile. */
  moved(moved: Moved, isOutdated: boolean): void;
  failed(error: Error): void;
  /** No move is under way any more. */
  isOver(): void;
}

export class HistoryMove {
  readonly #disk: Disk;
  readonly #host: MoveHost;
  #state: Move = { name: 'none' };
  /** What is wanted in the end; undefined: nothing. */
  #wanted: Target | undefined;
  /** How often what fails is tried again; undefined: until it succeeds. */
  #triesLeft: number | undefined;
  /** What is left out: what was overwritten or cut, from the second time on; and in the last try what cannot be read. */
  #mayLose: 'nothing' | 'what does not come back' | 'everything' = 'nothing';

  constructor(disk: Disk, host: MoveHost) {
    this.#disk = disk;
    this.#host = host;
  }

  get isMoving(): boolean {
    return this.#state.name !== 'none';
  }

  get isSwitching(): boolean {
    return this.#state.name === 'switching';
  }

  /** Moves this list, and no longer what was wanted before. */
  want(list: BlockList, fork: number | undefined): void {
    this.#wanted = { list, fork };
    if (this.#state.name === 'none') void this.#run();
  }

  /** The server stops: a few tries are left. */
  finish(): void {
    this.#triesLeft = lastTries;
    if (this.#state.name === 'waiting') this.#state.wake();
  }

  /** The session is over: no file is needed any more. */
  giveUp(): void {
    this.#wanted = undefined;
    this.#triesLeft = 0;
    if (this.#state.name === 'waiting') this.#state.wake();
  }

  /** The one place in which the state changes. */
  #become(event: MoveEvent, details?: { target?: Target; wake?: () => void }): void {
    const before = this.#state;
    const row: Partial<Record<MoveEvent, Move['name']>> = moveStates[before.name];
    const name = row[event];
    const target = details?.target ?? ('target' in before ? before.target : undefined);
    if (name === 'none') this.#state = { name };
    else if (name === 'waiting' && target && details?.wake)
      this.#state = { name, target, wake: details.wake };
    else if ((name === 'copying' || name === 'switching') && target) this.#state = { name, target };
    else throw new Error(`a move that is ${before.name} got the event ${event}`);
  }

  async #run(): Promise<void> {
    for (let target = this.#wanted; target; target = this.#wanted) {
      this.#become(this.#nextEvent, { target });
      try {
        const moved = await this.#moveOnce(target);
        if (moved && this.#reportMoved(moved, target)) return;
      } catch (error) {
        // Somebody may just be writing it anew.
        if (isLostForGood(error) && this.#mayLose === 'nothing') this.#mayLose = 'what does not come back';
        if (this.#triesLeft !== undefined && !this.#mayTryAgain) break;
        const retried = this.#retry();
        this.#host.failed(error as Error);
        await retried;
      }
    }
    if (this.isMoving) this.#become('ended');
    this.#host.isOver();
  }

  /** At the end. */
  get #mayTryAgain(): boolean {
    this.#triesLeft = (this.#triesLeft ?? 0) - 1;
    if (this.#triesLeft === 0 && this.#host.isDamaged) this.#mayLose = 'everything';
    return this.#triesLeft >= 0;
  }

  /** True: that was what is wanted in the end. The callback may request another move at once. */
  #reportMoved(moved: Moved, target: Target): boolean {
    const isDone = this.#wanted === target;
    if (isDone) {
      this.#wanted = undefined;
      this.#mayLose = 'nothing';
      this.#become('done');
    } else if (this.#wanted) {
      this.#become('outdated', { target: this.#wanted });
    }
    this.#host.moved(moved, !isDone);
    if (isDone) this.#host.isOver();
    return isDone;
  }

  get #nextEvent(): MoveEvent {
    if (this.#state.name === 'none') return 'wanted';
    return this.#state.name === 'waiting' ? 'retried' : 'outdated';
  }

  #retry(): Promise<void> {
    return new Promise((resolve) => {
      const wake = (): void => {
        this.#disk.forgetRetry(wake);
        resolve();
      };
      this.#become('failed', { wake });
      // The server waits for it.
      if (this.#triesLeft !== undefined && this.#mayLose !== 'nothing') setImmediate(wake);
      else this.#disk.retryLater(wake, { isLast: this.#triesLeft !== undefined });
    });
  }

  /** Undefined: the history was reset meanwhile, and the new file is gone again. */
  async #moveOnce(target: Target): Promise<Moved | undefined> {
    const { list } = target;
    const file = await this.#host.createFile(target.fork);
    const headBytes = file.sizeBytes;
    const isOutdated = (): boolean => this.#wanted !== target;
    let moved: Moved;
    try {
      const copied: Copied = { toOffset: list.firstOffset, losses: new Map() };
      await this.#copy(target, file, copied);
      if (!isOutdated()) {
        this.#become('copied');
        await this.#host.whenNotWriting();
      }
      // Nothing is written to the old file from here on, so this is everything that was ever reported.
      const { endOffset, lastIndex } = list;
      await this.#copy(target, file, copied);
      moved = { file, headBytes, endOffset, lastIndex, losses: copied.losses };
      if (isOutdated()) {
        file.remove();
        return undefined;
      }
      await this.#host.makeCurrent(file, moved.losses.size > 0 ? undefined : list.firstIndex);
    } catch (error) {
      file.remove();
      throw error;
    }
    return moved;
  }

  /** Copies what the file does not have yet, up to the end as it is now, and forces it to the disk. */
  async #copy(target: Target, file: AppendFile, copied: Copied): Promise<void> {
    const { list } = target;
    const end = list.endOffset;
    while (copied.toOffset < end) {
      const pieces: Uint8Array[] = [];
      const start = copied.toOffset;
      let at = start;
      for (let place = list.placeOfOffset(at); at < end && at - start < copyBytes; place++) {
        const block = list.blocks[place];
        if (this.#wanted !== target || block === undefined) return;
        const from = at - block.start;
        const to = Math.min(block.sizeBytes, end - block.start);
        pieces.push(block.bytes?.subarray(from, to) ?? (await this.#readBlock(block, from, to, copied)));
        at = block.start + to;
      }
      if (this.#wanted !== target) return;
      await called((done) => file.write(pieces, done, { isOffLoop: true }));
      copied.toOffset = at;
    }
    if (this.#wanted === target) await called((done) => file.sync(done));
  }

  /** What the old file has of a block. Throws where that is not what was written, unless something may be left out. */
  async #readBlock(block: Block, from: number, to: number, copied: Copied): Promise<Buffer> {
    const buffer = Buffer.alloc(to - from);
    const { start, sizeBytes } = block;
    const count = block.count - block.missing;
    try {
      await this.#host.readStored(buffer, start + from);
      if (!canBe(buffer, to - from === sizeBytes ? count : undefined)) throw new NotAsWritten();
      return buffer;
    } catch (error) {
      const mayLose = this.#mayLose === 'everything' || (this.#mayLose !== 'nothing' && isLostForGood(error));
      if (!mayLose) throw error;
      const found = this.#host.salvage(buffer, error);
      const left = completeFrames(found, count);
      copied.losses.set(block, { count: left.count, sizeBytes: from + left.bytes });
      return found.subarray(0, left.bytes);
    }
  }
}

/** A promise for what calls back with an error or none. */
export function called(run: (done: (error: Error | undefined) => void) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    run((error) => (error ? reject(error) : resolve()));
  });
}
