// Backups of a running server are made and checked in a thread for each: reading and packing everything would delay those
// who draw.

import { Worker } from 'node:worker_threads';
import { reason } from '../core/errors/reason.js';
import { type ClonedError, fault, restoreError } from '../core/errors.js';
import type { BackupSummary, createBackup, DataPlaces } from './backup.js';

export type BackupTask =
  | { readonly is: 'create'; readonly places: DataPlaces; readonly file: string }
  | { readonly is: 'verify'; readonly file: string };

export type BackupAnswer = { readonly made: unknown } | { readonly error: ClonedError };

type Made = Awaited<ReturnType<typeof createBackup>>;

export const backUpInThread = (places: DataPlaces, file: string): Promise<Made> =>
  inThread({ is: 'create', places, file }) as Promise<Made>;

export const verifyInThread = (file: string): Promise<BackupSummary> =>
  inThread({ is: 'verify', file }) as Promise<BackupSummary>;

async function inThread(task: BackupTask): Promise<unknown> {
  const worker = new Worker(new URL('./backup-worker.js', import.meta.url), { workerData: task });
  const answer = await new Promise<BackupAnswer>((resolve, reject) => {
    worker.once('message', resolve);
    // it has no memory left, or its code cannot be read
    worker.once('error', (error) => reject(fault('backup-thread-failed', { problem: error.message }, error)));
    worker.once('exit', () => reject(fault('backup-thread-failed', { problem: reason('thread-ended') })));
  });
  if ('error' in answer) throw restoreError(answer.error);
  return answer.made;
}
