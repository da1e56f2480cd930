// Files that appear under their name when they are complete: written beside it first, then renamed. After an error
// there is none, and whatever had the name before is still there.

import { createWriteStream, rmSync } from 'node:fs';
import { rename, rm, stat } from 'node:fs/promises';
import type { Transform, Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { Fault, fault, Refusal, refusal } from '../../core/errors.js';
import { folderModes, makeFolder } from '../files/folders.js';
import { onGuardedPath } from '../files/guarded-path.js';
import {
  createRegular,
  diskFull,
  fileModes,
  reasonOf,
  statRegular,
  UnusableFile,
} from '../files/regular-file.js';

/** A path that means standard input or output. */
export const standardStream = '-';

const chunkBytes = 256 * 1024;

export interface WriteOptions {
  /** Replaces an existing file. */
  overwrites?: boolean;
  stdout?: Writable;
}

/** Paths of the files that are being written. */
const parts = new Set<string>();

/** Removes unfinished files, for a program that is being terminated. */
export function removeParts(): void {
  for (const part of parts) rmSync(part, { force: true });
  parts.clear();
}

/**
 * Throws a Refusal when the file exists already or cannot be made, a Fault when writing fails. Without `mode` it is a
 * file to show around: others may read it, and never write it.
 */
export async function writeOutput(
  path: string,
  pieces: AsyncIterable<Uint8Array>,
  options: WriteOptions & { transform?: () => Transform; mode?: number } = {},
): Promise<void> {
  const { overwrites = false, stdout = process.stdout, transform, mode = fileModes.public } = options;
  if (path === standardStream) {
    await pipeline(pieces, stdout, { end: false }).catch((error: unknown) => {
      // the reader of the pipe has closed it
      if ((error as NodeJS.ErrnoException).code !== 'EPIPE')
        throw diskFull('standard output', error) ?? error;
    });
    return;
  }
  await makeOutput(path, { overwrites }, async (part) => {
    const descriptor = createRegular(part, mode);
    const sink = createWriteStream(part, { fd: descriptor, highWaterMark: chunkBytes, flush: true });
    if (transform) await pipeline(pieces, transform(), sink);
    else await pipeline(pieces, sink);
  });
}

/** The same for a file `part` that is written in another way, by a program for example. */
export async function makeOutput(
  path: string,
  { overwrites = false }: Pick<WriteOptions, 'overwrites'>,
  write: (part: string) => Promise<void>,
): Promise<void> {
  if (!overwrites && (await exists(path))) {
    throw refusal('file-exists', { file: path });
  }
  try {
    statRegular(path);
  } catch (error) {
    if (!(error instanceof UnusableFile)) throw error;
    throw refusal('file-not-replaceable', { file: path, reason: error.reason });
  }
  try {
    await onGuardedPath(path, (place) => makeAt(place, write));
  } catch (error) {
    throw writingFailed(path, error);
  }
}

async function makeAt(path: string, write: (part: string) => Promise<void>): Promise<void> {
  const part = `${path}.part`;
  try {
    // What is left of an earlier attempt is not written on, nor is a link of that name followed.
    await rm(part, { force: true });
    parts.add(part);
    await write(part);
    await rename(part, path);
  } catch (error) {
    await rm(part, { force: true });
    throw error;
  } finally {
    parts.delete(part);
  }
}

/** A folder for files that anybody may see, and those above it. Throws a Refusal or Fault as `writeOutput`. */
export function makePublicFolder(folder: string): void {
  try {
    makeFolder(folder, folderModes.public);
  } catch (error) {
    if (error instanceof UnusableFile) throw refusal('folder-unusable', { folder, reason: error.reason });
    throw writingFailed(folder, error);
  }
}

/** What the system says of a file that cannot be written, in words; any other error as it is. */
export function writingFailed(path: string, error: unknown): unknown {
  if (error instanceof Refusal || error instanceof Fault || !isSystemError(error)) return error;
  if (error.code === 'ENOENT') return refusal('folder-of-file-missing', { file: path });
  if (error.code === 'EACCES') return refusal('file-write-refused', { file: path });
  return diskFull(path, error) ?? fault('file-unwritable', { file: path, reason: reasonOf(error) }, error);
}

function isSystemError(error: unknown): error is NodeJS.ErrnoException {
  return error instanceof Error && typeof (error as NodeJS.ErrnoException).syscall === 'string';
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}
