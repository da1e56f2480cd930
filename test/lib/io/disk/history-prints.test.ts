// A history that is not the one of its session is noticed: another one in its place, one that was cut and has grown
// since. Sound ones are believed whatever wrote them, and what is shorter than it was is used and told.
import {
  appendFileSync,
  copyFileSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import test, { type ExecutionContext } from 'ava';
import { readJournal } from '../../../../src/lib/core/session/journal-reading.js';
import { Disk } from '../../../../src/lib/io/disk/disk.js';
import { checkSessionFolder } from '../../../../src/lib/io/disk/session-check.js';
import { adoptHistory, repairSession } from '../../../../src/lib/io/disk/session-repair.js';
import { add, numbered, settle } from '../../../contracts/history.js';
import { reportedFolder } from '../../../helpers/reported-folder.js';

const ids = ['01m8112ne3k0d1f6kr701npyya', '01m8112ne3k0d1f6kr701npyyb'] as const;
const [a, b] = ids;

function makePath(t: ExecutionContext): string {
  const path = mkdtempSync(join(tmpdir(), 'dp-prints-'));
  t.teardown(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

const open = (t: ExecutionContext, path: string) => reportedFolder(t, path, new Disk());

/** Two sessions, the first messages of which are the same, with what was drawn in them. `end`: how the server ended. */
async function twoSessions(t: ExecutionContext, options: { end: 'stop' | 'kill'; count?: number }) {
  const path = makePath(t);
  const { folder, disk } = open(t, path);
  for (const id of ids) {
    const stored = folder.create({ id, protocol: 'dp:4.25.1', alias: '', founder: 'alice' });
    stored.journal.write({ key: 'flags', flags: ['persistent'] });
    add(stored.history, numbered(0));
    await settle(stored.history);
    const [offset, count] = [id === a ? 1000 : 5000, options.count ?? 20];
    for (let i = 0; i < count; i++) add(stored.history, numbered(offset + i));
    await settle(stored.history);
  }
  if (options.end === 'stop') await folder.stop();
  else {
    // A second goes by; then the files are as a killed server leaves them.
    disk.sweep();
    while (ids.some((id) => printsIn(path, id) === 0)) await turn();
  }
  const left = makePath(t);
  for (const id of ids)
    for (const end of ['session', 'dprec'])
      copyFileSync(join(path, `${id}.${end}`), join(left, `${id}.${end}`));
  return left;
}

const savedIn = (path: string, id: string) =>
  readJournal(id, readFileSync(join(path, `${id}.session`))).saved;
const printsIn = (path: string, id: string): number => savedIn(path, id).prints.length;
const dprec = (path: string, id: string): string => join(path, `${id}.dprec`);

/** What was done to the history of the first session (and the second), and what is said of it. */
const others: Record<string, (path: string) => void> = {
  'swapped with that of another session'(path) {
    renameSync(dprec(path, a), join(path, 'x'));
    renameSync(dprec(path, b), dprec(path, a));
    renameSync(join(path, 'x'), dprec(path, b));
  },
  'replaced by a copy of that of another session': (path) => copyFileSync(dprec(path, b), dprec(path, a)),
  'cut, and grown since'(path) {
    const bytes = readFileSync(dprec(path, a));
    const half = Math.trunc(bytes.length / 2);
    truncateSync(dprec(path, a), half);
    appendFileSync(dprec(path, a), readFileSync(dprec(path, b)).subarray(half));
    appendFileSync(dprec(path, a), 'x'.repeat(100));
  },
  'overwritten at its head, its header still right'(path) {
    const bytes = readFileSync(dprec(path, a));
    bytes.fill(0, 60, 200);
    writeFileSync(dprec(path, a), bytes);
  },
};

for (const [what, change] of Object.entries(others)) {
  for (const end of ['stop', 'kill'] as const) {
    test(`a history that was ${what} is not taken for the session's, after a ${end}`, async (t) => {
      const path = await twoSessions(t, { end });
      change(path);
      const before = readFileSync(dprec(path, a));
      const { folder, reports } = open(t, path);
      const found = folder.load();
      t.false(found.some(({ saved }) => saved.id === a));
      t.regex(
        reports.join('\n'),
        new RegExp(
          `error: session ${a} is set aside: .*${a}\\.dprec: .*differs from what this session wrote`,
        ),
      );
      t.true(folder.problems().setAside.some(({ id }) => id === a));
      t.regex(
        checkSessionFolder(path).sessions.find(({ id }) => id === a)?.problem ?? '',
        /differs from what this session wrote/,
      );
      await folder.stop();
      t.deepEqual(readFileSync(dprec(path, a)), before, 'it is left alone');
      const repaired = repairSession(path, a);
      t.regex(repaired.done.join('\n'), /is used as it is, although/);
      const again = open(t, path);
      t.true(again.folder.load().some(({ saved }) => saved.id === a));
    });
  }
}

test('a history of which little is left is not taken for the session', async (t) => {
  const path = await twoSessions(t, { end: 'stop' });
  truncateSync(dprec(path, a), 60);
  const { folder, reports } = open(t, path);
  t.deepEqual(
    folder.load().map(({ saved }) => saved.id),
    [b],
  );
  t.regex(reports.join('\n'), /it was truncated: 60 of \d+ bytes are left/);
});

test('a history that lost its end with the power is used, told, and goes on', async (t) => {
  const path = await twoSessions(t, { end: 'stop', count: 2000 });
  const whole = statSync(dprec(path, a)).size;
  truncateSync(dprec(path, a), whole - 10);
  t.regex(checkSessionFolder(path).sessions[0]!.warnings.join('\n'), /10 bytes are missing at the end/);
  const { folder, reports } = open(t, path);
  const found = folder.load().find(({ saved }) => saved.id === a)!;
  t.regex(reports.join('\n'), /error: .*10 bytes are missing at the end; the rest is used/);
  await new Promise((resolve) => found.open(resolve));
  for (let i = 0; i < 100; i++) add(found.history, numbered(9000 + i));
  await settle(found.history);
  await folder.stop();
  t.true(statSync(dprec(path, a)).size > whole);
  const again = open(t, path);
  t.is(again.folder.load().length, 2);
  t.deepEqual(again.reports, []);
});

test('a history that grew in the hands of an original server is believed', async (t) => {
  const path = await twoSessions(t, { end: 'stop' });
  appendFileSync(dprec(path, a), readFileSync(dprec(path, b)).subarray(-10));
  appendFileSync(join(path, `${a}.session`), 'TITLE from the original\n');
  const { folder, reports } = open(t, path);
  t.is(folder.load().length, 2);
  t.deepEqual(reports, []);
});

test('a history that an original server made at a reset is believed', async (t) => {
  const path = await twoSessions(t, { end: 'stop' });
  renameSync(dprec(path, b), join(path, `${a}_r2.dprec`));
  rmSync(join(path, `${b}.session`));
  rmSync(dprec(path, a));
  appendFileSync(join(path, `${a}.session`), `FILE ${a}_r2.dprec\n`);
  const { folder, reports } = open(t, path);
  t.is(folder.load().length, 1);
  t.deepEqual(reports, []);
});

test('a history that was adopted, and a session without prints, are believed', async (t) => {
  const path = await twoSessions(t, { end: 'stop' });
  const file = join(makePath(t), 'from-elsewhere.dprec');
  copyFileSync(dprec(path, b), file);
  adoptHistory(path, file);
  const lines = readFileSync(join(path, `${a}.session`), 'utf8').split('\n');
  writeFileSync(join(path, `${a}.session`), lines.filter((line) => !line.startsWith('#dp')).join('\n'));
  copyFileSync(dprec(path, b), dprec(path, a));
  const { folder } = open(t, path);
  t.is(folder.load().length, 3);
  t.deepEqual(folder.problems().setAside, []);
});

test('after a reset the prints are those of the new history, and few however long it is', async (t) => {
  const path = makePath(t);
  const { folder, disk } = open(t, path);
  const stored = folder.create({ id: a, protocol: 'dp:4.25.1', alias: '', founder: 'alice' });
  for (let round = 0; round < 200; round++) {
    for (let i = 0; i < 50; i++) add(stored.history, numbered(round * 50 + i));
    await settle(stored.history);
    for (let second = 0; second < 31; second++) disk.sweep();
    for (let i = 0; i < 10; i++) await turn();
  }
  await folder.stop();
  const long = savedIn(path, a).prints;
  t.true(long.length >= 3 && long.length < 12, `${long.length} prints`);
  t.is(long.at(-1)!.at, statSync(dprec(path, a)).size);
  const again = open(t, path);
  const [found] = again.folder.load();
  await new Promise((resolve) => found!.open(resolve));
  found!.history.replaceAll([numbered(1), numbered(2)], 2);
  await settle(found!.history);
  await again.folder.stop();
  const prints = savedIn(path, a).prints;
  t.deepEqual([...new Set(prints.map(({ file }) => file))], [`${a}_r2.dprec`]);
  const third = open(t, path);
  t.is(third.folder.load().length, 1);
  t.deepEqual(third.reports, []);
});
