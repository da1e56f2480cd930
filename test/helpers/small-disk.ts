// A disk of a megabyte, for tests that fill it. Only root may make one.

import { execFileSync } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';

function canMount(): boolean {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return false;
  const path = mkdtempSync(join(tmpdir(), 'dp-full-'));
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', path], { stdio: 'ignore' });
    execFileSync('umount', [path]);
    return true;
  } catch {
    return false;
  } finally {
    rmSync(path, { recursive: true });
  }
}

/** Tests that need such a disk. */
export const hasSmallDisk = canMount();
export const withSmallDisk = hasSmallDisk ? test : test.skip;

/** A folder on a file system of one megabyte, for the user of that id. */
export function mountSmall(t: ExecutionContext, place?: { path: string; user: number }): string {
  const path = place?.path ?? mkdtempSync(join(tmpdir(), 'dp-full-'));
  const owner = place === undefined ? '' : `,mode=0700,uid=${place.user},gid=${place.user}`;
  execFileSync('mount', ['-t', 'tmpfs', '-o', `size=1m${owner}`, 'tmpfs', path]);
  t.teardown(() => {
    execFileSync('umount', ['-l', path]);
    rmSync(path, { recursive: true });
  });
  return path;
}

/** Takes all the room that is left; returns how to give it back. */
export function fillDisk(folder: string): () => void {
  const ballast = join(folder, 'ballast');
  const descriptor = openSync(ballast, 'w');
  const piece = Buffer.alloc(4096);
  try {
    for (;;) if (writeSync(descriptor, piece) === 0) break;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
  } finally {
    closeSync(descriptor);
  }
  return () => rmSync(ballast, { force: true });
}
