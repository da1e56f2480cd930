// Small files that are replaced atomically: a program that opens one finds the old content or the new one, also after a crash.

import { randomBytes } from 'node:crypto';
import * as fs from 'node:fs';
import { dirname } from 'node:path';
import { promisify } from 'node:util';
import { syncFolder } from './folders.js';
import { onGuardedPath } from './guarded-path.js';
import { createRegular, fileModes, statRegular } from './regular-file.js';

const writeFile = promisify(fs.writeFile);
const sync = promisify(fs.fsync);
const close = promisify(fs.close);

/**
 * Puts a file in the place of the regular file of that name, or of none, in one step; resolves when that survives a
 * power cut. Without `mode`, mode and owner stay. A link of that name leads to the file that is replaced; root follows
 * only those that nobody else can change. Throws UnusableFile where something else has the name, such as a FIFO or
 * device, a Refusal, or what the system says.
 */
export async function replaceFile(
  path: string,
  content: string | Buffer,
  options: { mode?: number } = {},
): Promise<void> {
  await onGuardedPath(path, (place) => replaceIn(place, content, options.mode), { followsLast: true });
}

async function replaceIn(path: string, content: string | Buffer, mode: number | undefined): Promise<void> {
  const before = statRegular(path);
  // On a guarded path, root has come past all links already.
  const file = before && process.geteuid?.() !== 0 ? await fs.promises.realpath(path) : path;
  const draft = `${file}.${process.pid}.${randomBytes(4).toString('hex')}.new`;
  const remove = () => fs.rmSync(draft, { force: true });
  // Ended in between, nothing is left of it.
  process.once('exit', remove);
  try {
    const descriptor = createRegular(draft, before ? fileModes.secret : (mode ?? fileModes.secret));
    try {
      await writeFile(descriptor, content);
      if (before) keepOwner(descriptor, before);
      // After the owner, whose change takes some bits of it away.
      if (before) fs.fchmodSync(descriptor, mode ?? before.mode & 0o7777);
      await sync(descriptor);
    } finally {
      await close(descriptor);
    }
    await fs.promises.rename(draft, file);
  } catch (error) {
    remove();
    throw error;
  } finally {
    process.off('exit', remove);
  }
  await syncFolder(dirname(file));
}

/** Only root can give files away; what others replace becomes theirs. */
function keepOwner(descriptor: number, { uid, gid }: fs.Stats): void {
  try {
    fs.fchownSync(descriptor, uid, gid);
  } catch (error) {
    if (process.geteuid?.() === 0) throw error;
  }
}
