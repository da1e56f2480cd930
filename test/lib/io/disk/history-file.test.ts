import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { MemoryHistory } from '../../../../src/lib/core/session/memory-history.js';
import { AppendFile } from '../../../../src/lib/io/disk/append-file.js';
import { Disk, type Durability } from '../../../../src/lib/io/disk/disk.js';
import { HistoryFile, type HistoryPlace } from '../../../../src/lib/io/disk/history-file.js';
import { historyContract } from '../../../contracts/history.js';

historyContract(test, { name: 'memory', make: () => ({ history: new MemoryHistory(), release: () => {} }) });

for (const durability of ['os', 'sync'] satisfies Durability[]) {
  historyContract(test, {
    name: `file, durability ${durability}`,
    make: (t) => {
      const folder = mkdtempSync(join(tmpdir(), 'dp-history-'));
      const disk = new Disk(durability);
      const head = Buffer.from('head');
      let files = 1;
      const place: HistoryPlace = {
        createNext: async () => AppendFile.create(disk, join(folder, `${++files}`), head),
        makeCurrent: async () => {},
        retire: (file) => file.remove(),
        trouble: (problem) => t.fail(`${problem}`),
        unreadable: (problem) => t.fail(`${problem}`),
        ended: (_, file) => file?.remove(),
      };
      const history = HistoryFile.begin(disk, place, AppendFile.create(disk, join(folder, '1'), head));
      t.teardown(async () => {
        history.close('delete');
        await new Promise<void>((resolve) => history.whenSettled(resolve));
        rmSync(folder, { recursive: true });
      });
      return {
        history,
        release: () => {
          for (let i = 0; i < 4; i++) disk.sweep();
        },
      };
    },
  });
}
