// Makes the prints (checksums, history-prints.ts) of a history while it grows: soon after it began, when its size
// has doubled, after a while in any case, and when it is closed. The bytes are read back from the file, so that a
// print describes what is stored. When the file was changed by another program, its content is compared with the
// prints.
import type { HistoryPrint } from '../../core/session/saved.js';
import type { AppendFile } from './append-file.js';
import { ChangeLog } from './change-log.js';
import type { Disk, Sweepable } from './disk.js';
import { firstPlace, readPrints, windowOf } from './history-prints.js';

/** A print is made when the file is so many times as long as at the last one, ... */
const growth = 2;
/** ... or after so many sweeps if it has grown at all. */
const sweepsAtMost = 30;

export type NewPrint = Omit<HistoryPrint, 'file'>;

export interface PrinterHost {
  /** The session's file, and how much of it will never change again; undefined: it is not to be read now. */
  readonly written: { file: AppendFile; bytes: number } | undefined;
  printed(file: AppendFile, prints: readonly NewPrint[]): void;
  printsOf(file: AppendFile): readonly NewPrint[];
  /** No print is being made any more. */
  idle(): void;
}

export class HistoryPrinter implements Sweepable {
  readonly #disk: Disk;
  readonly #host: PrinterHost;
  #file: AppendFile | undefined;
  /** Up to where in the file there are prints. */
  #printedBytes = 0;
  #printedAt = 0;
  #state: 'idle' | 'printing' | 'stopped' = 'idle';
  #isSwept = false;
  #isLastMade = false;
  readonly #changes = new ChangeLog();

  constructor(disk: Disk, host: PrinterHost) {
    this.#disk = disk;
    this.#host = host;
  }

  /** Up to where in the file there are prints. */
  get printedBytes(): number {
    return this.#printedBytes;
  }

  get isPrinting(): boolean {
    return this.#state === 'printing';
  }

  /** From now on the history is in this file, of which there are prints up to there. */
  use(file: AppendFile, printedBytes: number): void {
    this.#file = file;
    this.#printedBytes = printedBytes;
    this.#changes.forget();
  }

  /** Looks whether the file still has what was printed. `changedAt`: when it was changed last, by whomever. */
  look(file: AppendFile, changedAt: number): void {
    if (file !== this.#file || !this.#changes.isNew(changedAt)) return;
    const prints = this.#host.printsOf(file);
    const places = prints.map(({ at }) => at);
    readPrints(file, places).then(
      (found) => {
        if (file !== this.#file) return;
        const other = prints.find(({ sum }, i) => sum !== found[i]?.sum);
        if (other !== undefined)
          file.markDamaged(`was overwritten: ${windowOf(other.at)} differ from what was written`);
        else this.#changes.wasIntact(changedAt);
      },
      // That it was cut or cannot be read is noticed by who looks after it.
      () => {},
    );
  }

  /** The history grows. */
  grew(): void {
    if (this.#isSwept || this.#state === 'stopped') return;
    this.#isSwept = true;
    this.#disk.sweepLater(this);
  }

  sweep(): boolean {
    const grown = this.#grownBytes;
    const isLate = this.#disk.tick - this.#printedAt >= sweepsAtMost;
    if (grown > 0 && (isLate || grown >= this.#printedBytes * (growth - 1))) void this.#print();
    this.#isSwept = this.#state !== 'stopped' && (this.#host.written === undefined || this.#grownBytes > 0);
    return this.#isSwept;
  }

  /** The last print, if it is wanted. Whether one is being made, after which `idle` is called. */
  finish(): boolean {
    if (this.#state === 'idle' && !this.#isLastMade && this.#grownBytes > 0) {
      this.#isLastMade = true;
      void this.#print();
    }
    return this.isPrinting;
  }

  stop(): void {
    this.#state = 'stopped';
  }

  get #grownBytes(): number {
    const written = this.#host.written;
    return written && written.file === this.#file ? Math.max(0, written.bytes - this.#printedBytes) : 0;
  }

  /** What cannot be read back now is read back later. */
  async #print(): Promise<void> {
    const written = this.#host.written;
    if (!written || this.#state !== 'idle') return;
    const { file, bytes } = written;
    const first = this.#printedBytes === 0 ? firstPlace(bytes) : bytes;
    this.#state = 'printing';
    this.#printedAt = this.#disk.tick;
    try {
      const prints = await readPrints(file, first < bytes ? [first, bytes] : [bytes]);
      if (this.#state === 'printing' && this.#file === file) {
        this.#host.printed(file, prints);
        this.#printedBytes = bytes;
      }
    } catch {
      // The file is gone or was cut, which is noticed by who looks after it.
    }
    if (this.#state === 'printing') this.#state = 'idle';
    this.#host.idle();
  }
}
