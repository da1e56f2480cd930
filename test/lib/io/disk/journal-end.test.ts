// The end of a session as its journal sees it, while the disk takes its time over it.

import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import test from 'ava';
import { Disk } from '../../../../src/lib/io/disk/disk.js';
import { add, numbered, settle } from '../../../contracts/history.js';
import { type DiskCall, watchFolder } from '../../../helpers/disk-faults.js';
import { reportedFolder } from '../../../helpers/reported-folder.js';
import { tempFolder } from '../../../helpers/temp-folder.js';

const id = '01m8112ne3k0d1f6kr701npyym';

for (const how of ['delete', 'archive'] as const) {
  test(`a journal that has its last name is not reported as lost before that is stored: ${how}`, async (t) => {
    const path = tempFolder(t);
    const { folder, disk, reports } = reportedFolder(t, path, new Disk('sync', () => 0));
    const { history, journal } = folder.create({ id, protocol: 'dp:4.25.1', alias: '', founder: 'alice' });
    add(history, numbered(0));
    await settle(history);
    await new Promise<void>((resolve) => journal.whenStored(resolve));
    let looks = 0;
    const unwatch = watchFolder(path, async (call: DiskCall) => {
      const isRenamed = !existsSync(join(path, `${id}.session`));
      if (!isRenamed || journal.isStored || call.path !== path) return;
      looks++;
      for (let i = 0; i < 10; i++) {
        disk.sweep();
        for (let j = 0; j < 20; j++) await turn();
      }
    });
    journal.end(how);
    await new Promise<void>((resolve) => journal.whenStored(resolve));
    unwatch();
    history.close(how);
    t.true(looks > 0);
    t.deepEqual(reports, []);
  });
}
