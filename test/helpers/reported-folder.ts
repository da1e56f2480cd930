// A folder of sessions on the disk, with what it reports.

import type { ExecutionContext } from 'ava';
import type { Disk } from '../../src/lib/io/disk/disk.js';
import { SessionFolder } from '../../src/lib/io/disk/session-folder.js';

/** `reports`: each as `LEVEL: MESSAGE`, in order. The folder is stopped at the end of the test. */
export function reportedFolder(t: ExecutionContext, path: string, disk: Disk) {
  const reports: string[] = [];
  const folder = new SessionFolder({
    path,
    disk,
    isArchiving: () => false,
    report: (level, message) => reports.push(`${level}: ${message}`),
  });
  t.teardown(() => folder.stop());
  return { folder, disk, reports };
}
