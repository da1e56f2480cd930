// Replaces small files in one step and durably, so that readers find the old content or the new one, also after a
// crash; or continues them from a position that is known to be valid. The name is replaced: a link at that place
// goes, and the file that it leads to, which may be another session's, stays unchanged.
import * as fs from 'node:fs';
import { promisify } from 'node:util';
import { createRegular, fileModes, openRegular } from '../files/regular-file.js';
import type { FileIdentity } from './disk.js';

const writeFile = promisify(fs.writeFile);
const sync = promisify(fs.fsync);
const close = promisify(fs.close);

/** Returns the identity of the new file. */
export function writeAtomic(path: string, bytes: Uint8Array): FileIdentity {
  const draft = draftOf(path);
  fs.rmSync(draft, { force: true });
  const descriptor = createRegular(draft, fileModes.work);
  try {
    let identity: FileIdentity;
    try {
      keepOwner(descriptor, path);
      fs.writeFileSync(descriptor, bytes);
      fs.fsyncSync(descriptor);
      identity = identityOf(descriptor);
    } finally {
      fs.closeSync(descriptor);
    }
    fs.renameSync(draft, path);
    return identity;
  } catch (error) {
    fs.rmSync(draft, { force: true });
    throw error;
  }
}

/** The same off the event loop. */
export async function writeAtomicAsync(path: string, bytes: Uint8Array): Promise<FileIdentity> {
  const draft = draftOf(path);
  await fs.promises.rm(draft, { force: true });
  const descriptor = createRegular(draft, fileModes.work);
  try {
    let identity: FileIdentity;
    try {
      keepOwner(descriptor, path);
      await writeFile(descriptor, bytes);
      await sync(descriptor);
      identity = identityOf(descriptor);
    } finally {
      await close(descriptor);
    }
    await fs.promises.rename(draft, path);
    return identity;
  } catch (error) {
    await fs.promises.rm(draft, { force: true });
    throw error;
  }
}

const draftOf = (path: string): string => `${path}.new`;

/** A file that root replaces keeps its owner; other users cannot change owners. */
function keepOwner(descriptor: number, path: string): void {
  const before = fs.lstatSync(path, { throwIfNoEntry: false });
  if (process.getuid?.() !== 0 || !before?.isFile()) return;
  fs.fchownSync(descriptor, before.uid, before.gid);
}

function identityOf(descriptor: number): FileIdentity {
  const { dev, ino } = fs.fstatSync(descriptor);
  return { dev, ino };
}

/** Writes from `position` on, and replaces everything behind it. */
export function writeAt(path: string, position: number, bytes: Uint8Array): void {
  const { descriptor } = openRegular(path, { access: 'write' });
  try {
    fs.ftruncateSync(descriptor, position);
    fs.writeSync(descriptor, bytes, 0, bytes.length, position);
  } finally {
    fs.closeSync(descriptor);
  }
}
