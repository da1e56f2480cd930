// Copying a configuration database that somebody may be writing to, and checking that a file is an entire one.

import * as fs from 'node:fs';
import type Database from 'better-sqlite3';
import { actAsNow } from '../files/acting-user.js';
import { createRegular, ensureRegular, fileModes, statRegular } from '../files/regular-file.js';
import { databaseFault } from './faults.js';
import { loadSqlite, openSqlite, rightsFor } from './library.js';

/** One moment of `from`, as a separate file at `to` (which must not exist). Fault with the way out. */
export async function copyDatabase(from: string, to: string): Promise<void> {
  const owner = rightsFor(from);
  let source: Database.Database | undefined;
  try {
    statRegular(from);
    const opened = actAsNow(owner, () => {
      source = openSqlite(from, { readonly: true, fileMustExist: true, timeout: 10_000 });
      return source;
    });
    if (owner === undefined) {
      ensureRegular(to, fileModes.secret);
      await opened.backup(to);
    } else {
      // Their rights are for one of the two files only, and SQLite may open others for it at each step.
      writeNew(
        to,
        actAsNow(owner, () => opened.serialize()),
      );
    }
  } catch (cause) {
    fs.rmSync(to, { force: true });
    throw databaseFault(from, cause);
  } finally {
    actAsNow(owner, () => source?.close());
  }
  // The copy is one file: no journal beside it that could be forgotten.
  const copy = openSqlite(to);
  try {
    copy.pragma('journal_mode = DELETE');
  } finally {
    copy.close();
  }
}

function writeNew(file: string, bytes: Buffer): void {
  const descriptor = createRegular(file, fileModes.secret);
  try {
    fs.writeFileSync(descriptor, bytes);
  } finally {
    fs.closeSync(descriptor);
  }
}

/** What SQLite finds wrong with the file; empty: nothing. */
export function findDatabaseDamage(file: string): string[] {
  // That SQLite does not load is not a damage of the file.
  loadSqlite();
  return actAsNow(rightsFor(file), () => {
    let database: Database.Database | undefined;
    try {
      statRegular(file);
      database = openSqlite(file, { readonly: true, fileMustExist: true });
      const rows = database.pragma('integrity_check(10)') as { integrity_check: string }[];
      return rows.map(({ integrity_check: text }) => text).filter((text) => text !== 'ok');
    } catch (error) {
      return [(error as Error).message];
    } finally {
      database?.close();
    }
  });
}
