// Loads blocks of a history from its file when they are read, and frees the memory of blocks that were not read for
// a while.
import { Buffer } from 'node:buffer';
import type { Block, BlockList } from '../../core/session/block-list.js';
import type { AppendFile } from './append-file.js';
import type { Disk, Sweepable } from './disk.js';
import { canBe, NotAsWritten } from './history-salvage.js';

/** Sweeps that a block stays in memory after its last use. */
const residentSweeps = 2;
/** Sweeps without any block in memory before the list of blocks is packed. */
const packSweeps = 30;
/** Number of blocks per read. */
const loadBlocks = 4;

/** The place of stored blocks: position in the file = offset + base. */
export interface StoredAt {
  file: AppendFile;
  base: number;
  /** Offsets from here on are in the file. */
  from: number;
}

/** What the cache needs of the disk. */
export type CacheDisk = Pick<Disk, 'tick' | 'sweepLater' | 'retryLater' | 'forgetRetry'>;

/** What the cache needs of the history. */
export interface CacheHost {
  readonly list: BlockList;
  /** Undefined: nothing is stored, all of it is in memory. */
  readonly stored: (Omit<StoredAt, 'file'> & { file: Pick<AppendFile, 'read'> }) | undefined;
  /** What is written ends here. */
  readonly writtenOffset: number;
  /** What may be freed: nothing now, blocks without joining them, or everything. */
  readonly release: 'nothing' | 'blocks' | 'everything';
  readonly isEnded: boolean;
  readable(): void;
  /** Reports that messages cannot be read back; undefined: they can again. */
  unreadable(problem: Error | undefined): void;
}

/** Whether sweeps free memory. */
type Sweeping =
  /** No sweeps: nothing is in memory. */
  | { name: 'resting' }
  /** The disk sweeps every second. */
  | { name: 'sweeping'; sweepsWithout: number };

export class BlockCache implements Sweepable {
  readonly #disk: CacheDisk;
  readonly #host: CacheHost;
  #sweeping: Sweeping = { name: 'resting' };
  #reading: 'fine' | 'failing' = 'fine';

  constructor(disk: CacheDisk, host: CacheHost) {
    this.#disk = disk;
    this.#host = host;
  }

  /** Blocks are in memory again. */
  used(): void {
    if (this.#sweeping.name === 'resting') this.sweepLater();
  }

  sweepLater(): void {
    this.#sweeping = { name: 'sweeping', sweepsWithout: 0 };
    this.#disk.sweepLater(this);
  }

  sweep(): boolean {
    const { isEnded, release, list, stored, writtenOffset } = this.#host;
    if (isEnded || this.#sweeping.name === 'resting') {
      this.#sweeping = { name: 'resting' };
      return false;
    }
    if (release === 'nothing') return true;
    const from = stored?.from ?? list.endOffset;
    list.release(from, writtenOffset, this.#disk.tick - residentSweeps, release === 'blocks');
    if (release === 'blocks') return true;
    if (list.isResident) {
      this.#sweeping.sweepsWithout = 0;
      return true;
    }
    if (++this.#sweeping.sweepsWithout < packSweeps) return true;
    list.pack();
    this.#sweeping = { name: 'resting' };
    return false;
  }

  /** Loads the block and some of those behind it; `readable` is called when they are there. */
  load(block: Block): void {
    const { list, stored } = this.#host;
    if (block.isLoading || !stored) return;
    const { blocks } = list;
    const run: Block[] = [];
    const from = list.placeOf(block.firstIndex);
    for (const next of blocks.slice(from, from + loadBlocks)) {
      if (next.bytes || next.isLoading) break;
      next.isLoading = true;
      run.push(next);
    }
    const loads = run.map((next) => ({ next, bytes: Buffer.allocUnsafeSlow(next.sizeBytes) }));
    const buffers = loads.map(({ bytes }) => bytes);
    this.used();
    stored.file.read(buffers, block.start + stored.base, (error) => {
      // Nobody is shown what somebody else has put there.
      const isIntact = error || loads.every(({ next, bytes }) => canBe(bytes, next.count - next.missing));
      this.#loaded(run, buffers, isIntact ? error : new NotAsWritten());
    });
  }

  /** Loads the next block before it is needed. */
  readAhead(index: number): void {
    const { list } = this.#host;
    const { blocks } = list;
    const place = list.placeOf(index);
    for (const block of blocks.slice(place, place + 2)) {
      if (block.isLoading) return;
      if (!block.bytes) {
        this.load(block);
        return;
      }
    }
  }

  /** Stops retrying. */
  stop(): void {
    this.#disk.forgetRetry(this.#readAgain);
  }

  #loaded(run: readonly Block[], buffers: readonly Buffer[], error: Error | undefined): void {
    run.forEach((block, i) => {
      block.isLoading = false;
      if (error || !block.isAlive) return;
      block.bytes = buffers[i];
      block.usedAt = this.#disk.tick;
    });
    if (this.#host.isEnded) return;
    if (error || this.#reading === 'failing') {
      this.#reading = error ? 'failing' : 'fine';
      this.#host.unreadable(error);
    }
    if (error) this.#disk.retryLater(this.#readAgain);
    else this.#host.readable();
  }

  /** Waiting readers try again. */
  readonly #readAgain = (): void => this.#host.readable();
}
