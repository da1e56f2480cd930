// Finds files of a server that everybody on this machine can read although they contain secrets or drawings. Files
// that dp creates are not among them; older ones, and those of other programs, may be.

import * as fs from 'node:fs';
import * as path from 'node:path';
import { statsOf } from '../io/files/stats.js';

export interface ExposedPlaces {
  /** Files; what SQLite keeps beside them counts as well. */
  files: readonly string[];
  /** Folders whose files count, not those in folders below. */
  folders: readonly string[];
}

const ofSqlite = ['-wal', '-shm', '-journal'];
const othersMayRead = 0o004;
const othersMayPass = 0o001;

/** Paths of the files, by place and name. What cannot be looked at is not among them. */
export function exposedFiles({ files, folders }: ExposedPlaces): string[] {
  const candidates = [
    ...files.flatMap((file) => [file, ...besides(file)]),
    ...folders.flatMap((folder) => namesIn(folder).map((name) => path.join(folder, name))),
  ];
  return [...new Set(candidates)].filter((file) => {
    const stats = statsOf(file);
    if (!stats?.isFile() || (stats.mode & othersMayRead) === 0) return false;
    return isReachable(path.dirname(path.resolve(file)));
  });
}

/** `dp.db-wal`, `dp.db-shm`, `dp.db-journal`, and the backups that an update left: `dp.db.20260101T000000Z.bak`. */
function besides(file: string): string[] {
  const base = path.basename(file);
  return namesIn(path.dirname(file))
    .filter((name) => ofSqlite.some((end) => name === `${base}${end}`) || isBackupOf(base, name))
    .map((name) => path.join(path.dirname(file), name));
}

function isBackupOf(base: string, name: string): boolean {
  return name.startsWith(`${base}.`) && name.endsWith('.bak');
}

/** Whether others may pass through every folder on the way. */
function isReachable(folder: string): boolean {
  for (let at = folder; ; at = path.dirname(at)) {
    const stats = statsOf(at);
    if (stats === undefined || (stats.mode & othersMayPass) === 0) return false;
    if (path.dirname(at) === at) return true;
  }
}

function namesIn(folder: string): string[] {
  try {
    return fs.readdirSync(folder);
  } catch {
    return [];
  }
}
