// The history of an open session that somebody else cuts, replaces, writes to or takes away with its folder: noticed
// within ten seconds, told, and all of it is in a sound file afterwards.
import {
  appendFileSync,
  copyFileSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import test, { type ExecutionContext } from 'ava';
import { readJournal } from '../../../../src/lib/core/session/journal-reading.js';
import { Disk } from '../../../../src/lib/io/disk/disk.js';
import { SessionFolder } from '../../../../src/lib/io/disk/session-folder.js';
import { add, numbered, readAll, settle } from '../../../contracts/history.js';
import { until } from '../../../helpers/until.js';

const id = '01m8112ne3k0d1f6kr701npyym';
/** Within ten seconds: sweeps come once a second. */
const sweepsAtMost = 10;

function openFolder(t: ExecutionContext, path: string) {
  t.teardown(() => rmSync(path, { recursive: true, force: true }));
  const reports: string[] = [];
  const disk = new Disk('os', () => 0);
  const folder = new SessionFolder({
    path,
    disk,
    isArchiving: () => false,
    report: (level, message) => reports.push(`${level}: ${message}`),
  });
  t.teardown(() => folder.stop());
  return { folder, disk, reports };
}

/** `isGone`: what was in the file is gone where nobody has it in memory any more. */
const harms: Record<
  string,
  { harm: (file: string, folder: string) => void; told: RegExp; isGone?: boolean }
> = {
  'cut in the middle': { harm: (file) => truncateSync(file, 100), told: /\.dprec was cut/, isGone: true },
  emptied: { harm: (file) => truncateSync(file, 0), told: /\.dprec was cut/, isGone: true },
  'appended to by another program': {
    harm: (file) => appendFileSync(file, Buffer.alloc(300, 1)),
    told: /\.dprec was written to by another program/,
  },
  'replaced by another file': {
    harm(file) {
      writeFileSync(`${file}.x`, 'something else');
      renameSync(`${file}.x`, file);
    },
    told: /\.dprec was replaced by another file/,
  },
  'taken away with its folder': {
    harm: (_file, folder) => renameSync(folder, `${folder}.away`),
    told: /is gone from its folder/,
  },
};

for (const [what, { harm, told, isGone }] of Object.entries(harms)) {
  for (const isBusy of [false, true]) {
    test(`the history of ${isBusy ? 'a busy' : 'a quiet'} session that is ${what} is noticed and written anew`, async (t) => {
      const path = mkdtempSync(join(tmpdir(), 'dp-harmed-'));
      t.teardown(() => rmSync(`${path}.away`, { recursive: true, force: true }));
      const { folder, disk, reports } = openFolder(t, path);
      const stored = folder.create({ id, protocol: 'dp:4.25.1', alias: '', founder: 'alice' });
      stored.journal.write({ key: 'flags', flags: ['persistent'] });
      for (let i = 0; i < 20; i++) add(stored.history, numbered(i));
      await settle(stored.history);
      harm(join(path, `${id}.dprec`), path);
      let count = 20;
      const named = () => {
        try {
          return readJournal(id, readFileSync(join(path, `${id}.session`))).fileNames.at(-1);
        } catch {
          return undefined;
        }
      };
      for (let second = 0; second < sweepsAtMost; second++) {
        disk.sweep();
        if (isBusy) {
          add(stored.history, numbered(count++));
          stored.history.flush();
        }
        for (let i = 0; i < 50; i++) await turn();
      }
      t.true(
        reports.some((report) => told.test(report)),
        reports.join('\n'),
      );
      // In a quiet session nothing of it is in memory after two seconds.
      if (isGone && !isBusy) return;
      await until('the history is in a new file', () => named() === `${id}_r2.dprec`);
      await settle(stored.history);
      const numbers = Array.from({ length: count }, (_, i) => i);
      t.deepEqual(await readAll(stored.history, stored.history.cursorAt(0)), numbers);
      await folder.stop();
      // What a server finds afterwards.
      const left = mkdtempSync(join(tmpdir(), 'dp-harmed-'));
      for (const name of [`${id}.session`, `${id}_r2.dprec`])
        copyFileSync(join(path, name), join(left, name));
      const again = openFolder(t, left);
      const [found] = again.folder.load();
      await new Promise((resolve) => found!.open(resolve));
      t.deepEqual(await readAll(found!.history, found!.history.cursorAt(0)), numbers);
    });
  }
}
