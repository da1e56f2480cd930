// How every adapter makes folders: one level after the other, so that it comes to an end. Node's own recursive mkdir
// tries for ever where a folder is there and yet takes no new ones (/proc, automounts).

import * as fs from 'node:fs';
import * as path from 'node:path';
import { type Reason, reason } from '../../core/errors/reason.js';
import { refusal } from '../../core/errors.js';
import { onGuardedPathNow } from './guarded-path.js';
import { nameOf, reasonOf, UnusableFile } from './regular-file.js';

/** Mode of folders that are made; the umask of the process can only take rights of others away. */
export const folderModes = {
  private: 0o700,
  /** The group may look into it, for backups. */
  work: 0o750,
  public: 0o755,
} as const;

/**
 * Makes the folder and those above it that are not there yet. Answers with the outermost one that was made,
 * undefined when all were there. Root makes none behind links of others. Throws UnusableFile, a Refusal, or what the
 * system says.
 */
export function makeFolder(folder: string, mode: number = folderModes.work): string | undefined {
  const missing: string[] = [];
  for (let at = path.resolve(folder); !isFolder(at); at = path.dirname(at)) missing.push(at);
  let made: string | undefined;
  for (const at of missing.reverse()) {
    try {
      onGuardedPathNow(at, (place) => makeOne(place, mode));
      made ??= at;
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === 'EEXIST') {
        // Somebody else was faster; a link that leads nowhere answers like this, too.
        if (isFolder(at)) continue;
        throw new UnusableFile(reason('place-link-to-nowhere', { place: at }));
      }
      if (code === 'ENOENT')
        throw Object.assign(new UnusableFile(reason('folder-takes-none', { folder: path.dirname(at) })), {
          code,
        });
      throw error;
    }
  }
  return made;
}

function makeOne(place: string, mode: number): void {
  fs.mkdirSync(place, { mode });
  // A umask that takes away the owner's own rights would shut us out.
  const stats = fs.lstatSync(place);
  if (stats.isDirectory() && (stats.mode & 0o700) !== 0o700)
    fs.chmodSync(place, (stats.mode & 0o777) | 0o700);
}

/** False: there is nothing of that name. Throws when it is something else than a folder. */
function isFolder(place: string): boolean {
  const stats = fs.statSync(place, { throwIfNoEntry: false });
  if (stats === undefined) return false;
  if (stats.isDirectory()) return true;
  const why = reason('folder-place-is-other', { place, what: nameOf(stats) });
  throw Object.assign(new UnusableFile(why), { code: 'ENOTDIR' });
}

/** Why a folder that has to be there cannot be used; `missing`: nothing has this name. Undefined: it is a folder. */
export function whyNoFolder(place: string): 'missing' | { reason: Reason | string } | undefined {
  try {
    const stats = fs.statSync(place);
    if (stats.isDirectory()) return undefined;
    return { reason: reason('folder-is-other', { what: nameOf(stats) }) };
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ENOENT' ? 'missing' : { reason: reasonOf(error) };
  }
}

/** Throws a Refusal `folder-unusable` that says what is there instead. */
export function requireFolder(folder: string): void {
  const why = whyNoFolder(folder);
  if (why === undefined) return;
  const found = why === 'missing' ? reason('folder-missing') : why.reason;
  throw refusal('folder-unusable', { folder, reason: found });
}

/** Forces the names in a folder to the disk, where the system can do that. */
export async function syncFolder(path: string): Promise<void> {
  let folder: fs.promises.FileHandle;
  try {
    folder = await fs.promises.open(path);
  } catch (error) {
    if (process.platform === 'win32') return;
    throw error;
  }
  try {
    await folder.sync();
  } catch (error) {
    // Some file systems know no such thing.
    if ((error as NodeJS.ErrnoException).code !== 'EINVAL') throw error;
  } finally {
    await folder.close();
  }
}
