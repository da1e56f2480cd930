// Copying a configuration database that somebody may be writing to, and checking that a file is an entire one.

import * as fs from 'node:fs';
import type Database from 'better-sqlite3';
import { ensureRegular, fileModes, statRegular } from '../files/regular-file.js';
import { databaseFault } from './faults.js';
import { loadSqlite, openSqlite } from './library.js';

/** One moment of `from`, as a separate file at `to` (which must not exist). Fault with the way out. */
export async function copyDatabase(from: string, to: string): Promise<void> {
  let source: Database.Database | undefined;
  try {
    statRegular(from);
    source = openSqlite(from, { readonly: true, fileMustExist: true, timeout: 10_000 });
    ensureRegular(to, fileModes.secret);
    await source.backup(to);
  } catch (cause) {
    fs.rmSync(to, { force: true });
    throw databaseFault(from, cause);
  } finally {
    source?.close();
  }
  // The copy is one file: no journal beside it that could be forgotten.
  const copy = openSqlite(to);
  try {
    copy.pragma('journal_mode = DELETE');
  } finally {
    copy.close();
  }
}

/** What SQLite finds wrong with the file; empty: nothing. */
export function findDatabaseDamage(file: string): string[] {
  // That SQLite does not load is not a damage of the file.
  loadSqlite();
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
}
