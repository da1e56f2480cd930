// Replaces the data in a data folder: prepared beside the old data, then put in its place, completely or not at all.

import * as fs from 'node:fs';
import * as path from 'node:path';
import { refusal } from '../core/errors.js';
import { type AsSelf, actAs, ownerToActAs } from '../io/files/acting-user.js';
import { folderModes, makeFolder } from '../io/files/folders.js';
import { lockData } from '../io/sqlite/data-lock.js';
import { loadSqlite } from '../io/sqlite/library.js';
import { systemClock } from '../io/system/clock.js';

/** Names in a data folder; those of `dataFiles`, and a settings file that came from a backup. */
export const databaseName = 'dp.db';
export const configName = 'dp.conf';
export const startupName = 'serve.env';
const names = [databaseName, configName, startupName, 'sessions', 'templates'];
/** Stay where they are unless the new data brings its own: clients know what is there. */
export const certificateNames = ['cert.pem', 'key.pem', 'acme'];

/**
 * Calls `fill` with an empty folder; what it puts there becomes the data. Root does all of it with the rights of the
 * folder's owner, so that nothing put there leads it astray; `asSelf` reads what only root may read. Refusal
 * `conflict` when there is data already (with `isForced` it is set aside) or a server works with it; when `fill`
 * throws nothing has changed.
 */
export async function replaceData<T>(
  folder: string,
  isForced: boolean,
  fill: (scratch: string, asSelf: AsSelf) => Promise<T>,
): Promise<{ result: T; setAside: string | undefined }> {
  // Its owner may not be allowed to read our own program.
  loadSqlite();
  return actAs(ownerToActAs(folder), (asSelf) =>
    replace(folder, isForced, (scratch) => fill(scratch, asSelf)),
  );
}

async function replace<T>(
  folder: string,
  isForced: boolean,
  fill: (scratch: string) => Promise<T>,
): Promise<{ result: T; setAside: string | undefined }> {
  makeFolder(folder);
  const isThere = (name: string) => hasContent(path.join(folder, name));
  const requireFree = (present: readonly string[]) => {
    if (present.length === 0 || isForced) return present;
    throw refusal('data-exist', { folder, present: present.join(', ') });
  };
  const present = requireFree(names.filter(isThere));
  const lock = lockData(path.join(folder, databaseName));
  const scratch = fs.mkdtempSync(path.join(folder, '.dp-new-'));
  try {
    const result = await fill(scratch);
    const brought = fs.readdirSync(scratch);
    const replaced = certificateNames.some((name) => brought.includes(name))
      ? requireFree(certificateNames.filter(isThere))
      : [];
    const setAside =
      present.length + replaced.length > 0 ? moveAside(folder, [...present, ...replaced]) : undefined;
    for (const name of brought) {
      const target = path.join(folder, name);
      // An empty folder may be in the way.
      fs.rmSync(target, { recursive: true, force: true });
      fs.renameSync(path.join(scratch, name), target);
    }
    return { result, setAside };
  } finally {
    fs.rmSync(scratch, { recursive: true, force: true });
    lock.release();
    fs.rmSync(path.join(folder, `${databaseName}.lock`), { force: true });
  }
}

function hasContent(place: string): boolean {
  const stat = fs.statSync(place, { throwIfNoEntry: false });
  if (stat === undefined) return false;
  return stat.isDirectory() ? fs.readdirSync(place).length > 0 : true;
}

function moveAside(folder: string, present: readonly string[]): string {
  const aside = path.join(folder, `before-${new Date(systemClock.now()).toISOString().replace(/[:.]/g, '')}`);
  makeFolder(aside, folderModes.private);
  for (const name of present) fs.renameSync(path.join(folder, name), path.join(aside, name));
  for (const suffix of ['-wal', '-shm']) {
    const beside = path.join(folder, databaseName + suffix);
    if (fs.existsSync(beside)) fs.renameSync(beside, path.join(aside, databaseName + suffix));
  }
  return aside;
}
