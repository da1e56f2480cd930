// How a configuration database is opened (config.md §3): a command takes the file as it finds it; for a server it is made
// when missing, checked, brought up to the tables of 2.3 with a backup beside it, and switched to WAL.

import * as fs from 'node:fs';
import * as path from 'node:path';
import type Database from 'better-sqlite3';
import { fault, refusal } from '../../core/errors.js';
import { formatTimestamp } from '../../core/units.js';
import { actAs, actAsNow } from '../files/acting-user.js';
import { ensureRegular, fileModes, statRegular, UnusableFile } from '../files/regular-file.js';
import { Connection } from './connection.js';
import { databaseFault, isBusy } from './faults.js';
import { openSqlite, rightsFor } from './library.js';
import { hasTable, newestVersion, tableNames, tables } from './schema.js';

export interface OpenOptions {
  /** A server makes missing tables and switches to WAL; a command takes the file as it is. */
  role: 'server' | 'command';
  /** How long someone else's lock is waited for. */
  waitMs?: number;
  now?: () => number;
}

/**
 * Opens the file. For a server it is made when missing (its folder must be there), checked, brought up to the
 * tables of 2.3 with a backup beside it, and switched to WAL. Fault or Refusal with the way out.
 */
export async function openConnection(file: string, options: OpenOptions): Promise<Connection> {
  const place = path.resolve(file);
  const isServer = options.role === 'server';
  const now = options.now ?? Date.now;
  const owner = rightsFor(place);
  let database: Database.Database | undefined;
  try {
    const isNew = checkPlace(place, isServer);
    const opened = actAsNow(owner, () => {
      // SQLite would make it readable by everybody.
      if (isServer) ensureRegular(place, fileModes.secret);
      database = openSqlite(place, { fileMustExist: !isServer, timeout: options.waitMs ?? 3000 });
      // The originals switch foreign keys off (config.md §3); our tables have none.
      database.pragma('foreign_keys = OFF');
      // An answer means that it is on the disk; without this, WAL would leave the last ones to luck in a power cut.
      database.pragma('synchronous = FULL');
      checkTables(place, database);
      return database;
    });
    if (isServer) await actAs(owner, () => prepareForServer(place, opened, isNew, now()));
    return new Connection(place, opened, now, owner);
  } catch (cause) {
    actAsNow(owner, () => database?.close());
    throw databaseFault(place, cause);
  }
}

/** Whether the file has yet to be made. Refusal for a folder, for a command on nothing, for a missing folder. */
function checkPlace(place: string, mayCreate: boolean): boolean {
  const stat = statDatabase(place);
  if (stat) return stat.size === 0;
  if (!mayCreate) {
    throw refusal('database-not-found', { database: place });
  }
  const folder = path.dirname(place);
  if (!fs.existsSync(folder)) {
    throw fault('database-without-folder', { database: place, folder });
  }
  return true;
}

/** Refusal for what is not a regular file: SQLite would wait for it. */
function statDatabase(place: string): fs.Stats | undefined {
  try {
    return statRegular(place);
  } catch (cause) {
    if (!(cause instanceof UnusableFile)) throw cause;
    throw refusal('database-unusable', { database: place, reason: cause.reason });
  }
}

/** Refuses what is not a configuration database, or one of a time to come. Only reads. */
function checkTables(place: string, database: Database.Database): void {
  const version = database.pragma('user_version', { simple: true }) as number;
  if (version > newestVersion) {
    throw fault('database-too-new', { database: place, version });
  }
  for (const table of tableNames) {
    if (!hasTable(database, table)) continue;
    const columns = (database.pragma(`table_info(${table})`) as { name: string }[]).map(({ name }) => name);
    const missing = tables[table].columns.find((column) => !columns.includes(column));
    if (missing === undefined) continue;
    throw fault('database-foreign', { database: place, table, column: String(missing) });
  }
}

/** Integrity, backup, tables, WAL: only for a server that starts (config.md §3). */
async function prepareForServer(
  place: string,
  database: Database.Database,
  isNew: boolean,
  now: number,
): Promise<void> {
  checkIntegrity(place, database);
  const missing = tableNames.filter((table) => !hasTable(database, table));
  const isWal = database.pragma('journal_mode', { simple: true }) === 'wal';
  if (missing.length === 0 && isWal) return;
  if (!isNew) {
    // Not VACUUM INTO: that may number the rows anew, and row numbers are the identities of accounts.
    const backup = `${place}.${formatTimestamp(now).replaceAll(/[-:]/g, '')}.bak`;
    try {
      ensureRegular(backup, fileModes.secret);
      await database.backup(backup);
      const copy = openSqlite(backup, { readonly: true });
      try {
        checkIntegrity(backup, copy);
      } finally {
        copy.close();
      }
    } catch (cause) {
      fs.rmSync(backup, { force: true });
      throw cause;
    }
  }
  if (missing.length > 0) {
    database
      .transaction(() => {
        for (const table of missing) if (!hasTable(database, table)) database.exec(tables[table].sql);
      })
      .immediate();
  }
  try {
    database.pragma('journal_mode = WAL');
  } catch (error) {
    // Somebody reads it right now. The next start switches; until then it works as it is.
    if (!isBusy(error)) throw error;
  }
}

function checkIntegrity(place: string, database: Database.Database): void {
  const answer = database.pragma('quick_check(1)', { simple: true });
  if (answer === 'ok') return;
  // The first line is a heading.
  const found = String(answer).split('\n').at(-1);
  throw fault('database-damaged', { database: place, found: String(found) });
}
