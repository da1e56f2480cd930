// The thread of backup-thread.ts: does one task, answers, and ends.

import { parentPort, workerData } from 'node:worker_threads';
import { cloneError } from '../core/errors.js';
import { createBackup, verifyBackup } from './backup.js';
import type { BackupAnswer, BackupTask } from './backup-thread.js';

const task = workerData as BackupTask;
const answer: BackupAnswer = await (task.is === 'create'
  ? createBackup(task.places, task.file, { archived: true, isForced: false })
  : verifyBackup(task.file)
).then(
  (made) => ({ made }),
  (error: unknown) => ({ error: cloneError(error) }),
);
parentPort?.postMessage(answer);
