// Files in a folder of a server that people list, download and delete by name. A name leads to a regular file in that
// folder or one below, never through a link, to a hidden file, or elsewhere.

import * as fs from 'node:fs/promises';
import * as path from 'node:path';
import { fault, refusal } from '../../core/errors.js';
import { openRegularAsync, reasonOf, UnusableFile } from '../files/regular-file.js';

export interface FoundFile {
  /** Below the folder, with / between. */
  readonly name: string;
  readonly sizeBytes: number;
  /** Last change, milliseconds since 1970. */
  readonly changed: number;
}

/** Folders in folders in folders are nobody's recordings. */
const depthAtMost = 8;
export const readBytesAtMost = 1024 * 1024;

/** Of a folder that is not there: none. `isWanted` by the last part of the name. */
export async function findFiles(folder: string, isWanted: (name: string) => boolean): Promise<FoundFile[]> {
  const found: FoundFile[] = [];
  const look = async (below: string, depth: number): Promise<void> => {
    let entries: import('node:fs').Dirent[];
    try {
      entries = await fs.readdir(path.join(folder, below), { withFileTypes: true });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT' || below !== '') return;
      throw fault('folder-unreadable', { folder, reason: reasonOf(error) }, error);
    }
    for (const entry of entries) {
      if (entry.name.startsWith('.')) continue;
      const name = below === '' ? entry.name : `${below}/${entry.name}`;
      if (entry.isDirectory() && depth < depthAtMost) await look(name, depth + 1);
      if (!entry.isFile() || !isWanted(entry.name)) continue;
      const stats = await fs.lstat(path.join(folder, name)).catch(() => undefined);
      if (stats?.isFile()) found.push({ name, sizeBytes: stats.size, changed: Math.round(stats.mtimeMs) });
    }
  };
  await look('', 0);
  return found;
}

/** The path of a file by its name. Refusal where there is none that `findFiles` would find. */
export async function pathOfFile(
  folder: string,
  name: string,
  isWanted: (name: string) => boolean,
): Promise<string> {
  const missing = () => refusal('stored-file-not-found', { name: name.slice(0, 200) });
  const parts = name.split('/');
  const isPlain = (part: string) => part !== '' && !part.startsWith('.') && !/[\0\\]/.test(part);
  if (parts.length > depthAtMost + 1 || !parts.every(isPlain) || !isWanted(parts.at(-1) ?? ''))
    throw missing();
  let place = folder;
  for (const [index, part] of parts.entries()) {
    place = path.join(place, part);
    const stats = await fs.lstat(place).catch(() => undefined);
    const isLast = index === parts.length - 1;
    if (!(isLast ? stats?.isFile() : stats?.isDirectory())) throw missing();
  }
  return place;
}

/**
 * A part of a file. `until`: how long the file was when it was begun; what came since then is left out. Refusal where it has
 * become shorter.
 */
export async function readPart(
  place: string,
  name: string,
  from: number,
  until?: number,
): Promise<{ bytes: Buffer; sizeBytes: number }> {
  let opened: Awaited<ReturnType<typeof openRegularAsync>>;
  try {
    opened = await openRegularAsync(place, { refusesLink: true });
  } catch (error) {
    const isGone = (error as NodeJS.ErrnoException).code === 'ENOENT' || error instanceof UnusableFile;
    if (isGone) throw refusal('stored-file-not-found', { name });
    throw fault('file-unreadable', { file: name, reason: reasonOf(error) }, error);
  }
  const { handle, stats } = opened;
  try {
    const sizeBytes = until ?? stats.size;
    if (from > sizeBytes || sizeBytes > stats.size) throw refusal('stored-file-changed', { name });
    const bytes = Buffer.allocUnsafe(Math.min(readBytesAtMost, sizeBytes - from));
    let length = 0;
    while (length < bytes.length) {
      const { bytesRead } = await handle.read(bytes, length, bytes.length - length, from + length);
      if (bytesRead === 0) throw refusal('stored-file-changed', { name });
      length += bytesRead;
    }
    return { bytes, sizeBytes };
  } finally {
    await handle.close();
  }
}

/** Deletes what is there of these; answers with the bytes that are free now. */
export async function deleteFiles(places: readonly string[]): Promise<number> {
  let sizeBytes = 0;
  for (const place of places) {
    try {
      const { size } = await fs.lstat(place);
      await fs.unlink(place);
      sizeBytes += size;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') continue;
      throw fault('file-not-deleted', { file: path.basename(place), reason: reasonOf(error) }, error);
    }
  }
  return sizeBytes;
}
