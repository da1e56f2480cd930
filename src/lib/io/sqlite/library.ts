// SQLite itself: better-sqlite3 13, which brings programs for Node 22 and newer; or 12, where sqlite/install.mjs put that
// because 13 does not run. Loaded with the first database, so that a native part that does not load is an error of
// the command that needs it, with what to type.

import * as fs from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import type Database from 'better-sqlite3';
import { reason } from '../../core/errors/reason.js';
import { type Fault, fault } from '../../core/errors.js';
import { type ActingAs, ownerToActAs } from '../files/acting-user.js';
import { guardPath } from '../files/guarded-path.js';
import { statsOf } from '../files/stats.js';

type Library = typeof Database;

const load = createRequire(import.meta.url);
const major = Number.parseInt(process.versions.node, 10);
let library: Library | undefined;

/** Opens a database. Fault when the native part of the library does not load, else what SQLite says. */
export function openSqlite(file: string, options?: Database.Options): Database.Database {
  const Sqlite = loadSqlite();
  return new Sqlite(file, options);
}

/**
 * Whose rights root takes for everything that SQLite does with this file: it opens others beside it, by path and whenever
 * it likes, and in a folder of somebody else's each of them may be a link. The library is loaded before: they may not
 * be allowed to read it. Refusal `link-not-followed`: somebody else decides which file it is.
 */
export function rightsFor(file: string): ActingAs | undefined {
  if (process.geteuid?.() !== 0) return undefined;
  loadSqlite();
  if (statsOf(file)?.isFile()) guardPath(file, { followsLast: true }).release();
  return ownerToActAs(dirname(realPathOf(file)));
}

/** What is beside a link is beside what it leads to. */
function realPathOf(file: string): string {
  try {
    return fs.realpathSync(file);
  } catch {
    return resolve(file);
  }
}

/** Loads the library now, for those who cannot load anything later. Fault when its native part does not load. */
export function loadSqlite(): Library {
  library ??= firstThatLoads();
  return library;
}

function firstThatLoads(): Library {
  // 13 does not run on Node 20, and does not say so: it crashes.
  const names = major < 22 ? ['#sqlite-12'] : ['better-sqlite3', '#sqlite-13', '#sqlite-12'];
  const causes: unknown[] = [];
  for (const name of names) {
    try {
      const found = load(name) as Library;
      // The native part comes with the first database.
      new found(':memory:').close();
      return found;
    } catch (cause) {
      causes.push(cause);
    }
  }
  // It is not a fault that some are missing: what is wrong with one that is there is the reason.
  throw nativeFault(causes.find((cause) => !isMissing(cause)) ?? causes[0]);
}

function isMissing(cause: unknown): boolean {
  return (cause as NodeJS.ErrnoException).code === 'MODULE_NOT_FOUND';
}

/** Exported for its test. */
export function nativeFault(cause: unknown): Fault {
  const { message } = cause as Error;
  const [, own, wanted] = /NODE_MODULE_VERSION (\d+)[\s\S]*NODE_MODULE_VERSION (\d+)/.exec(message) ?? [];
  const why =
    own !== undefined
      ? reason('module-for-other-node', { built: own, wanted: String(wanted) })
      : isMissing(cause) || /Could not locate the bindings file/.test(message)
        ? reason('module-missing')
        : message.replace(/\n.*/s, '');
  return fault('sqlite-not-loaded', { version: process.version, reason: why, installer: installer() }, cause);
}

function installer(): string {
  return join(dirname(load.resolve('#sqlite-12')), '..', 'install.mjs');
}
