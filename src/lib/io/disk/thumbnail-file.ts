// The thumbnail of a session as a file: written completely or not at all, the newest one wins. A failed write is
// repeated a few times, also while the server stops.
import * as fs from 'node:fs';
import { fileModes, readRegularAsync, sizeLimits } from '../files/regular-file.js';
import { type Disk, lastTries } from './disk.js';

export class ThumbnailFile {
  readonly path: string;
  readonly #disk: Disk;
  /** It could not be written at last. */
  readonly #failed: (error: Error) => void;
  #state: 'idle' | 'writing' | 'waiting' = 'idle';
  #next: Uint8Array | undefined;
  #triesLeft = 0;
  /** It is to be removed before anything else is written. */
  #removals: ((error: Error | undefined) => void)[] = [];
  #whenIdle: (() => void)[] = [];

  constructor(disk: Disk, path: string, failed: (error: Error) => void) {
    this.path = path;
    this.#disk = disk;
    this.#failed = failed;
  }

  save(bytes: Uint8Array): void {
    this.#next = bytes;
    this.#triesLeft = lastTries;
    if (this.#state === 'idle') this.#write();
  }

  load(done: (thumbnail: { at: number; bytes: Uint8Array } | undefined) => void): void {
    readRegularAsync(this.path, sizeLimits.thumbnail).then(
      ({ bytes, stats }) => done({ at: stats.mtimeMs, bytes }),
      () => done(undefined),
    );
  }

  /** What was saved before is not there after a restart either. `done` gets what is in the way. */
  remove(done: (error: Error | undefined) => void): void {
    this.#next = undefined;
    this.#removals.push(done);
    this.#disk.forgetRetry(this.#write);
    if (this.#state !== 'writing') this.#write();
  }

  /** Nobody needs it any more. */
  forget(): void {
    this.#next = undefined;
    this.#disk.forgetRetry(this.#write);
    if (this.#state === 'waiting') this.#rest();
  }

  get isIdle(): boolean {
    return this.#state === 'idle';
  }

  /** Resolves when it is written, or is given up. */
  whenIdle(): Promise<void> {
    if (this.#state === 'idle') return Promise.resolve();
    return new Promise((resolve) => this.#whenIdle.push(resolve));
  }

  #rest(): void {
    this.#state = 'idle';
    for (const resolve of this.#whenIdle.splice(0)) resolve();
  }

  readonly #write = (): void => {
    if (this.#removals.length > 0) {
      const removals = this.#removals.splice(0);
      this.#state = 'writing';
      fs.unlink(this.path, (error) => {
        for (const done of removals) done(error && error.code !== 'ENOENT' ? error : undefined);
        this.#write();
      });
      return;
    }
    const bytes = this.#next;
    this.#next = undefined;
    if (!bytes) {
      this.#rest();
      return;
    }
    this.#state = 'writing';
    const draft = `${this.path}.new`;
    const done = (error: NodeJS.ErrnoException | null): void => {
      if (!error) this.#write();
      else this.#again(bytes, error);
    };
    // What is in the way is an older draft: not written on, and no link of that name is followed.
    fs.unlink(draft, () => {
      fs.writeFile(draft, bytes, { flag: 'wx', mode: fileModes.work }, (error) => {
        if (error) fs.unlink(draft, () => done(error));
        else fs.rename(draft, this.path, done);
      });
    });
  };

  #again(bytes: Uint8Array, error: Error): void {
    if (this.#removals.length > 0) {
      this.#write();
      return;
    }
    if (this.#triesLeft-- > 0) {
      this.#next ??= bytes;
      this.#state = 'waiting';
      this.#disk.retryLater(this.#write, { isLast: true });
      return;
    }
    this.#failed(error);
    this.#write();
  }
}
