// A file of lines with checksums (core/session's journal-seals.ts): creates, appends and replaces. It does not know
// the content, and reports when another program has moved, truncated or modified the file.
import { Buffer } from 'node:buffer';
import { dirname } from 'node:path';
import { crc32, seal } from '../../core/session/journal-seals.js';
import { syncFolder } from '../files/folders.js';
import { AppendFile } from './append-file.js';
import { writeAtomicAsync } from './atomic-write.js';
import { ChangeLog } from './change-log.js';
import type { Disk, FileIdentity } from './disk.js';

/** A file that was found. */
export interface FoundLines {
  /** Of which so many bytes are good. */
  sizeBytes: number;
  /** Their sum, and that of all sealed lines among them. */
  sum: number;
  chain: number;
  /** Written before the next lines. */
  prefix: string;
  identity: FileIdentity;
}

export class SealedFile {
  readonly path: string;
  /** Called when the file is not what was written any more. `why`: the end of a sentence. */
  onLost: ((why: string) => void) | undefined;
  readonly #disk: Disk;
  /** Undefined: it is yet to be made. */
  #file: AppendFile | undefined;
  /** Sum of all sealed lines in the file, and of all its bytes. */
  #chain = 0;
  #sum = 0;
  #prefix = '';
  readonly #changes = new ChangeLog();
  #isWatched = false;
  /** Another file of ours is taking its place: that is no loss. */
  #isReplaced = false;

  constructor(disk: Disk, path: string, found: FoundLines | undefined) {
    this.#disk = disk;
    this.path = path;
    if (!found) return;
    this.#chain = found.chain;
    this.#sum = found.sum;
    this.#prefix = found.prefix;
    this.#use(
      new AppendFile(disk, path, found.sizeBytes, { hasPartialWrite: true, identity: found.identity }),
    );
  }

  /** The file as somebody would find it who reads it now; undefined: it is not there, or is being replaced. */
  get found(): FoundLines | undefined {
    const identity = this.#isReplaced ? undefined : this.#file?.identity;
    if (identity === undefined) return undefined;
    return {
      sizeBytes: this.sizeBytes,
      sum: this.#sum,
      chain: this.#chain,
      prefix: this.#prefix,
      identity,
    };
  }

  get isThere(): boolean {
    return this.#file !== undefined;
  }

  get sizeBytes(): number {
    return this.#file?.sizeBytes ?? 0;
  }

  /** Something is to be written though no line waits. */
  get isUnsealed(): boolean {
    return this.#prefix !== '';
  }

  /** It is looked at from now on, also while it is closed. */
  watch(): void {
    this.#isWatched = true;
    this.#file?.watch();
  }

  /** Why the path no longer leads to this file and all of it; undefined: it does, as far as a glance shows. */
  lossNow(): string | undefined {
    return this.#isReplaced ? undefined : this.#file?.lossNow();
  }

  /** Writes the lines behind the others; makes the file where there is none. `done` may be called at once. */
  write(
    lines: readonly string[],
    done: (error: Error | undefined) => void,
    options: { isOffLoop?: boolean; mustSync?: boolean } = {},
  ): void {
    const sealed = lines.length > 0 ? seal(lines, this.#chain) : undefined;
    const bytes = Buffer.concat([Buffer.from(this.#prefix), ...(sealed ? [sealed.bytes] : [])]);
    const written = (): void => {
      this.#prefix = '';
      if (sealed) this.#chain = sealed.chain;
      this.#sum = crc32(bytes, this.#sum);
    };
    if (!this.#file) {
      this.#make(bytes, written, done);
      return;
    }
    const ended = (error: Error | undefined): void => {
      if (!error) written();
      done(error);
    };
    this.#file.write([bytes], ended, options);
  }

  /** Throws what the system says; then the old file is as it was. */
  async replace(lines: readonly string[]): Promise<void> {
    const { bytes, chain } = seal(lines, 0);
    this.#isReplaced = true;
    try {
      const identity = await writeAtomicAsync(this.path, bytes);
      await syncFolder(dirname(this.path));
      this.#file?.close();
      this.#chain = chain;
      this.#sum = crc32(bytes);
      this.#prefix = '';
      this.#use(new AppendFile(this.#disk, this.path, bytes.length, { identity }));
    } finally {
      this.#isReplaced = false;
    }
  }

  /** No longer looked at; a later use opens it again. */
  close(): void {
    this.#file?.close();
  }

  #make(bytes: Buffer, written: () => void, done: (error: Error | undefined) => void): void {
    let file: AppendFile;
    try {
      file = AppendFile.create(this.#disk, this.path, bytes);
    } catch (error) {
      done(error as Error);
      return;
    }
    written();
    this.#use(file);
    if (this.#disk.durability !== 'sync') {
      done(undefined);
      return;
    }
    const failed = (error: Error): void => {
      // All of it is written again, also where the file cannot be deleted now.
      file.remove();
      this.#file = undefined;
      this.#chain = this.#sum = 0;
      done(error);
    };
    file.sync((error) => {
      if (error) failed(error);
      else syncFolder(dirname(this.path)).then(() => done(undefined), failed);
    });
  }

  #use(file: AppendFile): void {
    this.#file = file;
    this.#changes.forget();
    if (this.#isWatched) file.watch();
    file.onGone = (why) => {
      if (this.#file === file && !this.#isReplaced) this.onLost?.(why);
    };
    file.onLook = ({ ctimeMs }) => this.#compare(file, ctimeMs);
  }

  /** Whether somebody has written something else to the file than we did. */
  #compare(file: AppendFile, changedAt: number): void {
    if (file !== this.#file || !this.#changes.isNew(changedAt)) return;
    const sum = this.#sum;
    const bytes = Buffer.alloc(file.sizeBytes);
    file.read([bytes], 0, (error) => {
      // That it was cut or cannot be read is noticed by who looks after it.
      if (error || file !== this.#file) return;
      if (crc32(bytes) === sum) this.#changes.wasIntact(changedAt);
      else file.markDamaged('was overwritten');
    });
  }
}
