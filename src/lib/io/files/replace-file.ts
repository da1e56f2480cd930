// Small files that are replaced atomically: a program that opens one finds the old content or the new one, also after a crash.

import { realpath } from 'node:fs/promises';
import { dirname } from 'node:path';
import writeFileAtomic from 'write-file-atomic';
import { syncFolder } from './folders.js';
import { statRegular } from './regular-file.js';

/**
 * Puts a file in the place of the regular file of that name, or of none, in one step; resolves when that survives a
 * power cut. Without `mode`, mode and owner stay. Throws UnusableFile where something else has the name, such as a
 * FIFO or device, or what the system says.
 */
export async function replaceFile(
  path: string,
  content: string | Buffer,
  options: { mode?: number } = {},
): Promise<void> {
  statRegular(path);
  await writeFileAtomic(path, content, options);
  // The file is where a link of that name leads.
  await syncFolder(dirname(await realpath(path)));
}
