// One dp server per set of data: a lock beside it that dies with the process, however it dies. A C++ server on the
// same data does not know of it and cannot be seen.

import type Database from 'better-sqlite3';
import { refusal } from '../../core/errors.js';
import { actAsNow } from '../files/acting-user.js';
import { ensureRegular, fileModes } from '../files/regular-file.js';
import { databaseFault, isBusy } from './faults.js';
import { openSqlite, rightsFor } from './library.js';

export interface DataLock {
  /** After `release`, or at first where it is taken later. Refusal `conflict` when another server has it. */
  take(): void;
  release(): void;
}

/** Takes the lock `PLACE.lock`. Refusal `conflict` when another server has it. */
export function lockData(place: string): DataLock {
  const lock = lockLater(place);
  lock.take();
  return lock;
}

/** The same for a server whose predecessor still has it. */
export function lockLater(place: string): DataLock {
  let release: (() => void) | undefined;
  return {
    take() {
      release ??= takeLock(place);
    },
    release() {
      release?.();
      release = undefined;
    },
  };
}

/** Returns how to release it. */
function takeLock(place: string): () => void {
  const file = `${place}.lock`;
  const owner = rightsFor(file);
  let lock: Database.Database | undefined;
  try {
    const taken = actAsNow(owner, () => {
      ensureRegular(file, fileModes.secret);
      lock = openSqlite(file, { timeout: 0 });
      // An open transaction on an empty database: nothing is ever written, the system drops the lock with the process.
      lock.exec('BEGIN EXCLUSIVE');
      return lock;
    });
    return () => actAsNow(owner, () => taken.close());
  } catch (cause) {
    actAsNow(owner, () => lock?.close());
    if (isBusy(cause)) {
      throw refusal('data-in-use', { place });
    }
    throw databaseFault(file, cause);
  }
}
