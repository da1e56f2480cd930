// How changes that others make to files are noticed, for all adapters: by a look, three times a second, at what the
// system says of the files. Events of the system are fewer looks, but they differ between systems, and are missing on
// network folders, in containers and for files that are replaced.

import * as fs from 'node:fs';

const lookEveryMs = 300;

/**
 * Looks again and again, never twice at the same time, and keeps no process alive. `look` compares stamps and
 * does not throw. Returns how to stop.
 */
export function lookRepeatedly(look: () => void | Promise<void>): () => void {
  let isLooking = false;
  const timer = setInterval(async () => {
    if (isLooking) return;
    isLooking = true;
    try {
      await look();
    } finally {
      isLooking = false;
    }
  }, lookEveryMs);
  timer.unref();
  return () => clearInterval(timer);
}

/** Changes whenever the file was written or replaced, or became something else. */
export function stampOf({ dev, ino, size, mtimeMs, mode }: fs.Stats): string {
  return [dev, ino, size, mtimeMs, mode & fs.constants.S_IFMT].join(':');
}

/** The stamp of what is at a path; where nothing can be seen, the system's code for the reason. */
export function stampAt(path: string): string {
  try {
    return stampOf(fs.statSync(path));
  } catch (error) {
    return String((error as NodeJS.ErrnoException).code);
  }
}

/**
 * Finds out when a file is no longer being written: a stamp counts when two looks in a row have seen it. `hasSettled` is
 * asked once a look.
 */
export class Settling {
  #seen: string | undefined;

  hasSettled(stamp: string): boolean {
    if (stamp === this.#seen) {
      this.#seen = undefined;
      return true;
    }
    this.#seen = stamp;
    return false;
  }

  forget(): void {
    this.#seen = undefined;
  }
}
