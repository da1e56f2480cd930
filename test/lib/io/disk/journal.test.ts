// The journal of an open session as a file: taken away, cut, replaced, damaged, grown.
import {
  chmodSync,
  closeSync,
  existsSync,
  lstatSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import test, { type ExecutionContext } from 'ava';
import { readJournal } from '../../../../src/lib/core/session/journal-reading.js';
import type { FoundSession, StoredSession } from '../../../../src/lib/core/session/needs.js';
import { Disk } from '../../../../src/lib/io/disk/disk.js';
import { SessionFolder } from '../../../../src/lib/io/disk/session-folder.js';
import { add, numbered, readAll, settle } from '../../../contracts/history.js';
import { reportedFolder } from '../../../helpers/reported-folder.js';
import { until } from '../../../helpers/until.js';

const id = '01m8112ne3k0d1f6kr701npyym';
/** Within ten seconds: sweeps come once a second. */
const sweepsAtMost = 10;

function openFolder(
  t: ExecutionContext,
  path = mkdtempSync(join(tmpdir(), 'dp-journal-')),
  disk = new Disk('os', () => 0),
) {
  t.teardown(() => rmSync(path, { recursive: true, force: true }));
  return { path, ...reportedFolder(t, path, disk), journal: join(path, `${id}.session`) };
}

async function create(folder: SessionFolder): Promise<StoredSession> {
  const stored = folder.create({ id, protocol: 'dp:4.25.1', alias: 'room', founder: 'alice' });
  stored.journal.write({ key: 'flags', flags: ['persistent'] });
  stored.journal.write({ key: 'setting', name: 'title', value: 'Kept' });
  add(stored.history, numbered(0));
  await settle(stored.history);
  return stored;
}

const savedIn = (journal: string) => readJournal(id, readFileSync(journal)).saved;

const savedFileIn = (journal: string) => readJournal(id, readFileSync(journal)).fileNames.at(-1);

/** Sweeps until nothing is open any more. */
async function rest(disk: Disk): Promise<void> {
  let sweeps = 0;
  await until('no file is open', () => {
    disk.sweep();
    return ++sweeps >= 60 && disk.openCount === 0;
  });
}

/** Sweeps as ten seconds do. */
async function sweep(disk: Disk): Promise<void> {
  for (let i = 0; i < sweepsAtMost; i++) {
    disk.sweep();
    for (let j = 0; j < 100; j++) await turn();
  }
}

/** The same, and lets what it began come to its end. */
async function sweepUntil(disk: Disk, isDone: () => boolean): Promise<void> {
  await sweep(disk);
  await until('the sweep is done', isDone);
}

const losses: readonly (readonly [string, (journal: string) => void, RegExp])[] = [
  ['deleted', (journal) => rmSync(journal), /was deleted or moved; it is rewritten/],
  ['renamed', (journal) => renameSync(journal, `${journal}.bak`), /was deleted or moved; it is rewritten/],
  ['cut', (journal) => truncateSync(journal, 10), /was truncated; it is rewritten/],
  ['emptied', (journal) => truncateSync(journal, 0), /was truncated; it is rewritten/],
  [
    'replaced',
    (journal) => {
      writeFileSync(`${journal}.x`, 'TITLE other\n'.repeat(100));
      renameSync(`${journal}.x`, journal);
    },
    /was replaced by another file; it is rewritten/,
  ],
  [
    'replaced by a link to itself',
    (journal) => {
      rmSync(journal);
      symlinkSync(journal, journal);
    },
    /was replaced by a link that leads to itself; it is rewritten/,
  ],
];

/** Writes into the file, which stays as long as it is. */
function overwrite(file: string, at: number, bytes: Buffer): void {
  const descriptor = openSync(file, 'r+');
  writeSync(descriptor, bytes, 0, bytes.length, at);
  closeSync(descriptor);
}

/** Whether it says what was written, and nobody doubts it. */
function isWhole(journal: string): boolean {
  const { saved, doubts } = readJournal(id, readFileSync(journal));
  return saved.title === 'Kept' && doubts.length === 0;
}

const overwritings: readonly (readonly [string, (journal: string) => void])[] = [
  [
    'zeros from its start to its end',
    (journal) => overwrite(journal, 0, Buffer.alloc(statSync(journal).size)),
  ],
  ['zeros in its middle', (journal) => overwrite(journal, 30, Buffer.alloc(20))],
  ['a zero at its end', (journal) => overwrite(journal, statSync(journal).size - 1, Buffer.alloc(1))],
  [
    'another title of the same length',
    (journal) => overwrite(journal, readFileSync(journal).indexOf('TITLE Kept'), Buffer.from('TITLE Evil')),
  ],
  [
    'one changed bit in a check sum',
    (journal) => {
      const bytes = readFileSync(journal);
      const at = bytes.lastIndexOf('#dp sum ') + 12;
      overwrite(journal, at, Buffer.from([bytes[at]! ^ 1]));
    },
  ],
  [
    'the same lines without check sums, cut to the same length',
    (journal) => {
      const bytes = readFileSync(journal);
      const plain = bytes.toString().replace(/^#dp.*\n/gm, '');
      writeFileSync(journal, plain.padEnd(bytes.length, '#'));
    },
  ],
];

for (const [what, harm] of overwritings) {
  for (const isIdle of [false, true]) {
    test(`${isIdle ? 'a closed' : 'an open'} journal with ${what} is noticed within ten seconds and written anew in full`, async (t) => {
      const { folder, disk, reports, journal } = openFolder(t);
      await create(folder);
      await (isIdle ? rest(disk) : sweep(disk));
      t.deepEqual(reports, []);
      harm(journal);
      await sweepUntil(disk, () => reports.length > 0);
      await until('it is back', () => isWhole(journal));
      t.true(savedIn(journal).flags.has('persistent'));
      t.is(savedIn(journal).alias, 'room');
      t.regex(reports.join('\n'), /\.session was overwritten; it is rewritten/);
    });
  }

  test(`a journal of a session that was found, with ${what} afterwards, is written anew`, async (t) => {
    const { folder, path, journal } = openFolder(t);
    await create(folder);
    await folder.stop();
    const { folder: again, disk, reports } = openFolder(t, path);
    const [found] = again.load();
    await new Promise((resolve) => found!.open(resolve));
    await sweep(disk);
    t.deepEqual(reports, []);
    harm(journal);
    await sweepUntil(disk, () => reports.length > 0);
    await until('it is back', () => isWhole(journal));
    t.regex(reports.join('\n'), /\.session was overwritten; it is rewritten/);
  });
}

test('what is written after a journal was overwritten is in the new one, and looks do not read what nobody changed', async (t) => {
  const { folder, disk, reports, journal } = openFolder(t);
  const stored = await create(folder);
  await sweep(disk);
  await sweep(disk);
  overwrite(journal, 0, Buffer.alloc(statSync(journal).size));
  stored.journal.write({ key: 'setting', name: 'maxUserCount', value: 12 });
  await sweepUntil(disk, () => reports.length > 0);
  await until('it is back', () => isWhole(journal));
  t.is(savedIn(journal).maxUserCount, 12);
  t.is(reports.length, 1);
  // Our own writes are none of somebody else.
  for (let i = 0; i < 5; i++) {
    stored.journal.write({ key: 'setting', name: 'title', value: `Again ${i}` });
    await sweep(disk);
  }
  t.is(reports.length, 1, reports.join('\n'));
});

for (const [what, lose, why] of losses) {
  for (const isIdle of [false, true]) {
    const when = isIdle ? 'a closed journal' : 'an open journal';
    test(`${when} that is ${what} is noticed within ten seconds and written anew in full`, async (t) => {
      const { folder, disk, reports, journal } = openFolder(t);
      await create(folder);
      if (isIdle) {
        await rest(disk);
        for (let i = 0; i < 100; i++) await turn();
        t.deepEqual(reports, []);
      }
      lose(journal);
      const isBack = () => existsSync(journal) && savedIn(journal).title === 'Kept';
      await sweepUntil(disk, isBack);
      t.true(isBack());
      t.true(savedIn(journal).flags.has('persistent'));
      t.is(savedIn(journal).alias, 'room');
      t.true(reports.some((report) => why.test(report)));
    });
  }

  test(`what is written after a journal was ${what} is in the new one, at once`, async (t) => {
    const { folder, journal } = openFolder(t);
    const stored = await create(folder);
    lose(journal);
    stored.journal.write({ key: 'setting', name: 'title', value: 'After' });
    stored.journal.write({ key: 'setting', name: 'maxUserCount', value: 12 });
    await until('the journal is written', () => existsSync(journal) && savedIn(journal).maxUserCount === 12);
    t.is(savedIn(journal).title, 'After');
    t.true(savedIn(journal).flags.has('persistent'));
    t.deepEqual(readJournal(id, readFileSync(journal)).doubts, []);
  });
}

test('a journal in whose place a link to another one is put is written anew, and the other stays as it is', async (t) => {
  const { folder, disk, path, journal } = openFolder(t);
  const stored = await create(folder);
  const other = join(path, '01m8hdhttxh5gtea7j0bgk4zzz.session');
  writeFileSync(other, 'TITLE other\n'.repeat(100));
  const bytes = readFileSync(other);
  for (const what of ['at once', 'at the next look']) {
    rmSync(journal);
    symlinkSync('01m8hdhttxh5gtea7j0bgk4zzz.session', journal);
    if (what === 'at once') stored.journal.write({ key: 'setting', name: 'maxUserCount', value: 12 });
    const isBack = () => !lstatSync(journal).isSymbolicLink() && savedIn(journal).maxUserCount === 12;
    await sweepUntil(disk, isBack);
    t.deepEqual(readFileSync(other), bytes);
    t.is(savedIn(journal).title, 'Kept');
  }
});

// Root may open everything.
const testAsUser = process.getuid?.() === 0 ? test.skip : test;
testAsUser('a journal that can no longer be opened is written anew', async (t) => {
  const { folder, disk, journal, reports } = openFolder(t);
  const stored = await create(folder);
  for (let i = 0; i < 20; i++) disk.sweep();
  chmodSync(journal, 0);
  stored.journal.write({ key: 'setting', name: 'maxUserCount', value: 12 });
  await until('the journal has its rights', () => (statSync(journal).mode & 0o777) !== 0);
  t.is(savedIn(journal).maxUserCount, 12);
  t.true(reports.some((report) => report.includes('can no longer be opened; it is rewritten')));
});

test('a journal that was lost just before a reset is there afterwards, and names the new history', async (t) => {
  const { folder, journal } = openFolder(t);
  const { history } = await create(folder);
  rmSync(journal);
  history.replaceAll([numbered(10)], 1);
  await settle(history);
  t.is(readJournal(id, readFileSync(journal)).fileNames.at(-1), `${id}_r2.dprec`);
});

test('the journal of a session that was found and opened is looked after as well', async (t) => {
  const first = openFolder(t);
  await create(first.folder);
  await first.folder.stop();
  const { folder, disk, journal } = openFolder(t, first.path);
  const [found] = folder.load() as [FoundSession];
  await new Promise((resolve) => found.open(resolve));
  for (let i = 0; i < 20; i++) disk.sweep();
  rmSync(journal);
  await sweepUntil(disk, () => existsSync(journal));
  t.is(savedIn(journal).title, 'Kept');
});

test('the journal of a session that nobody has opened yet is written anew as well, unless all of it is gone', async (t) => {
  const first = openFolder(t);
  await create(first.folder);
  await first.folder.stop();
  const { folder, disk, journal, path } = openFolder(t, first.path);
  folder.load();
  rmSync(journal);
  await sweepUntil(disk, () => existsSync(journal));
  t.is(savedIn(journal).title, 'Kept');
  for (const name of readdirSync(path)) rmSync(join(path, name));
  await sweep(disk);
  t.deepEqual(readdirSync(path), []);
});

for (const isIdle of [false, true]) {
  test(`the history of ${isIdle ? 'an idle' : 'a busy'} session that is deleted is noticed and told`, async (t) => {
    const { folder, disk, path, reports } = openFolder(t);
    const stored = await create(folder);
    const troubles: (string | undefined)[] = [];
    stored.onProblem = (problem) => troubles.push(problem);
    if (isIdle) await rest(disk);
    t.is(disk.openCount > 0, !isIdle);
    rmSync(join(path, `${id}.dprec`));
    await sweepUntil(disk, () => troubles.length > 0);
    t.true(troubles.length > 0);
    t.true(reports.some((report) => report.includes('was deleted or moved')));
  });
}

test('the history of an idle session that is replaced by a copy of itself is written on', async (t) => {
  const { folder, disk, path } = openFolder(t);
  const stored = await create(folder);
  await rest(disk);
  const file = join(path, `${id}.dprec`);
  writeFileSync(`${file}.x`, readFileSync(file));
  renameSync(`${file}.x`, file);
  add(stored.history, numbered(1));
  await settle(stored.history);
  await folder.stop();
  const [found] = openFolder(t, path).folder.load() as [FoundSession];
  await new Promise((resolve) => found.open(resolve));
  t.deepEqual(await readAll(found.history, found.history.cursorAt(0)), [0, 1]);
});

for (const sweeps of [0, 2, 4, 5]) {
  for (const [what, lose] of [
    ['deleted', (file: string) => rmSync(file)],
    [
      'replaced',
      (file: string) => {
        writeFileSync(`${file}.x`, 'something else');
        renameSync(`${file}.x`, file);
      },
    ],
  ] as const) {
    test(`a history that is ${what} ${sweeps} seconds after its last use is written anew in full`, async (t) => {
      const { folder, disk, path, journal } = openFolder(t);
      const stored = await create(folder);
      for (let i = 0; i < sweeps; i++) disk.sweep();
      t.is(disk.openCount > 0, true);
      lose(join(path, `${id}.dprec`));
      await sweepUntil(disk, () => savedFileIn(journal) === `${id}_r2.dprec`);
      await settle(stored.history);
      t.true(readFileSync(join(path, `${id}_r2.dprec`)).includes(numbered(0)));
    });
  }
}

test('the journal of a session that ended does not come back', async (t) => {
  const { folder, disk, path } = openFolder(t);
  const { history } = await create(folder);
  history.close('delete');
  await until('the files are gone', () => readdirSync(path).length === 0);
  await sweep(disk);
  t.deepEqual(readdirSync(path), []);
});

function slowDisk(): Disk {
  const disk = new Disk('os', () => 0);
  for (let i = 0; i < 3; i++) disk.note(100);
  return disk;
}

for (const [name, makeDisk] of [
  ['durability sync', () => new Disk('sync')],
  ['a slow disk', slowDisk],
] as const) {
  for (const how of ['delete', 'archive'] as const) {
    test(`that a session is over is told when its journal has another name: ${name}, ${how}`, async (t) => {
      const { folder, journal, path } = openFolder(t, undefined, makeDisk());
      const stored = await create(folder);
      await new Promise<void>((resolve) => stored.journal.whenStored(resolve));
      const heldBack: string[] = [];
      stored.journal.end(how);
      stored.journal.whenStored(() => heldBack.push(...readdirSync(path)));
      stored.history.close(how);
      await new Promise<void>((resolve) => stored.journal.whenStored(resolve));
      t.true(heldBack.length > 0, 'told last of all, or never');
      t.false(heldBack.includes(basename(journal)), `${heldBack}`);
    });
  }
}

test('a journal does not grow without end: it is compacted, and says the same', async (t) => {
  const { folder, journal } = openFolder(t);
  const stored = await create(folder);
  let largest = 0;
  for (let i = 0; i < 5000; i++) {
    stored.journal.write({ key: 'setting', name: 'title', value: `${i}`.padStart(100, 'x') });
    // No more is added while all of it is written anew than a machine under load gets around to write.
    if (i % 100 === 0) await new Promise<void>((resolve) => stored.journal.whenStored(resolve));
    if (existsSync(journal)) largest = Math.max(largest, statSync(journal).size);
  }
  await until('the last title is kept', () => savedIn(journal).title.endsWith('x4999'));
  t.true(largest < 400_000, `${largest}`);
  const { saved, doubts, fileNames } = readJournal(id, readFileSync(journal));
  t.deepEqual(doubts, []);
  t.deepEqual(fileNames, [`${id}.dprec`]);
  t.is(saved.alias, 'room');
  t.true(saved.flags.has('persistent'));
});

test('whatever moment a compaction is cut at, the journal is the old one or the new one', async (t) => {
  const { folder, journal, path } = openFolder(t);
  const stored = await create(folder);
  for (let i = 0; i < 2000; i++) {
    stored.journal.write({ key: 'setting', name: 'title', value: `${i}`.padStart(100, 'x') });
    if (i % 20 !== 0) continue;
    await turn();
    const { saved, doubts, fileNames } = readJournal(id, readFileSync(journal));
    t.deepEqual(doubts, []);
    t.deepEqual(fileNames, [`${id}.dprec`]);
    t.true(saved.flags.has('persistent'));
  }
  await folder.stop();
  t.deepEqual(
    readdirSync(path).filter((name) => !/\.(session|dprec)$/.test(name)),
    [],
  );
});

test('a compacted journal keeps the numbers of histories going', async (t) => {
  const { folder, journal, path } = openFolder(t);
  const stored = await create(folder);
  const { history } = stored;
  for (let reset = 2; reset <= 130; reset++) {
    history.replaceAll([numbered(reset)], 1);
    await settle(history);
    for (let i = 0; i < 20; i++)
      stored.journal.write({ key: 'setting', name: 'title', value: `${i}`.padStart(99, 'x') });
  }
  const { fileNames } = readJournal(id, readFileSync(journal));
  t.is(fileNames.at(-1), `${id}_r130.dprec`);
  await folder.stop();
  const again = openFolder(t, path);
  const [found] = again.folder.load() as [FoundSession];
  await new Promise((resolve) => found.open(resolve));
  t.deepEqual(await readAll(found.history, found.history.cursorAt(0)), [130]);
});

test('whatever bit of a journal changes, starting loses no file and lets nobody in unnoticed', async (t) => {
  const first = openFolder(t);
  const stored = await create(first.folder);
  const password =
    'sodium;$argon2id$v=19$m=65536,t=2,p=1$rgvxp/63yXKr8130uTKPcg$v+EVD93M6mUWO5sk5yY2CwcF+dRiWYb/RCUguBL7HGs';
  stored.journal.write({ key: 'setting', name: 'password', value: password });
  stored.journal.write({ key: 'op', authId: 'internal:2' });
  await first.folder.stop();
  const sound = readFileSync(first.journal);
  const names = readdirSync(first.path);
  let doubtful = 0;
  for (let bit = 0; bit < sound.length * 8; bit += 3) {
    const damaged = Buffer.from(sound);
    damaged[bit >> 3]! ^= 1 << (bit & 7);
    writeFileSync(first.journal, damaged);
    const reports: string[] = [];
    const folder = new SessionFolder({
      path: first.path,
      disk: new Disk('os', () => 0),
      isArchiving: () => false,
      report: (level, message) => reports.push(`${level}: ${message}`),
    });
    const [found] = folder.load();
    await folder.stop();
    if (`${readdirSync(first.path)}` !== `${names}`) t.fail(`bit ${bit}: ${readdirSync(first.path)}`);
    if (!found) {
      if (folder.setAside.length !== 1) t.fail(`bit ${bit}: neither found nor set aside`);
    } else if (found.doubts!.length === 0) {
      const { saved } = found;
      if (saved.password !== password || !saved.flags.has('persistent')) t.fail(`bit ${bit} is believed`);
      if (`${[...saved.ops]}` !== 'internal:2') t.fail(`bit ${bit} makes an operator`);
    } else {
      doubtful++;
      if (!reports.some((report) => report.includes('is in doubt'))) t.fail(`bit ${bit} is not told`);
    }
  }
  t.true(doubtful > 100);
});
