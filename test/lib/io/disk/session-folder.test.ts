import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  promises,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import type { FoundSession, OpenedSession } from '../../../../src/lib/core/session/needs.js';
import { Disk } from '../../../../src/lib/io/disk/disk.js';
import { makeHead } from '../../../../src/lib/io/disk/history-head.js';
import { SessionFolder } from '../../../../src/lib/io/disk/session-folder.js';
import { add, numbered, numbersIn, readAll, settle } from '../../../contracts/history.js';
import { until } from '../../../helpers/until.js';

const vectors = 'test/vectors';
const id = '01m8112ne3k0d1f6kr701npyym';

interface Under {
  path: string;
  folder: SessionFolder;
  disk: Disk;
  reports: string[];
}

function makePath(t: ExecutionContext, ...copies: string[]): string {
  const path = mkdtempSync(join(tmpdir(), 'dp-sessions-'));
  t.teardown(() => rmSync(path, { recursive: true, force: true }));
  for (const from of copies) {
    for (const name of readdirSync(from)) copyFileSync(join(from, name), join(path, name));
  }
  return path;
}

function openFolder(t: ExecutionContext, path: string, options: { isArchiving?: boolean } = {}): Under {
  const reports: string[] = [];
  const disk = new Disk('os', () => 0);
  const folder = new SessionFolder({
    path,
    disk,
    isArchiving: () => options.isArchiving ?? false,
    report: (level, message) => reports.push(`${level}: ${message}`),
  });
  t.teardown(() => folder.stop());
  return { path, folder, disk, reports };
}

async function open(found: FoundSession): Promise<readonly number[]> {
  const opened = await new Promise<OpenedSession>((resolve) => found.open(resolve));
  if ('error' in opened) throw new Error(opened.error);
  return opened.usedIds;
}

/** What the originals see of a journal. */
const withoutSums = (text: string): string => text.replace(/^#.*\n/gm, '');

/** Types and context ids of everything in a history. */
async function typesIn(found: FoundSession): Promise<string[]> {
  const types: string[] = [];
  const cursor = found.history.cursorAt(0);
  let wake = (): void => {};
  found.history.onReadable = () => wake();
  while (cursor.index <= found.history.lastIndex) {
    const readable = new Promise<void>((resolve) => {
      wake = resolve;
    });
    const slice = found.history.read(cursor);
    if (!slice) {
      await readable;
      continue;
    }
    for (let at = 0; at < slice.length; at += 4 + (slice[at]! << 8) + slice[at + 1]!) {
      types.push(`${slice[at + 2]}/${slice[at + 3]}`);
    }
  }
  return types;
}

for (const [from, protocol, alias] of [
  ['formats/v21/store', 'dp:4.21.2', 'myalias'],
  ['formats/v23/store', 'dp:4.25.1', 'my23'],
  ['formats/v23/template', 'dp:4.25.1', 'full'],
  ['real-client/recordings/21-persist-on-21.sessions', 'dp:4.21.2', ''],
  ['real-client/recordings/21-persist-on-23.sessions', 'dp:4.21.2', ''],
  ['real-client/recordings/23-persist-on-23.sessions', 'dp:4.25.1', ''],
] as const) {
  test(`a folder of the original loads: ${from}`, async (t) => {
    const { folder, path, reports } = openFolder(t, makePath(t, join(vectors, from)));
    const found = folder.load();
    t.is(found.length, readdirSync(path).filter((name) => name.endsWith('.session')).length);
    t.deepEqual(folder.setAside, []);
    t.deepEqual(reports, []);
    t.is(found[0]!.saved.protocol, protocol);
    t.is(found[0]!.saved.alias, alias);
    for (const session of found) {
      const { sizeBytes } = session.history;
      await open(session);
      t.true(session.history.sizeBytes >= sizeBytes);
      t.is((await typesIn(session)).length, session.history.lastIndex + 1);
    }
  });
}

test('a session that is not open yet has only its size in memory and no open file', async (t) => {
  const { folder, disk } = openFolder(t, makePath(t, join(vectors, 'formats/v23/store')));
  const [found] = folder.load();
  t.is(disk.openCount, 0);
  t.is(found!.history.sizeBytes, 1704 - 8 - '{"version":"dp:4.25.1"}'.length);
  t.throws(() => add(found!.history, numbered(1)), { message: /before it was opened/ });
});

test('what a crash of 2.1 left behind is put right', async (t) => {
  const { folder, path, reports } = openFolder(t, makePath(t, join(vectors, 'formats/v21/crash/before')));
  const [found] = folder.load();
  t.deepEqual(
    reports.map((report) => report.replace(path, 'DIR')),
    [
      `warn: DIR/${id}.session:20: unknown keyword 'BOGUS'; ignored`,
      `warn: DIR/${id}.session:21: unknown flag 'weird'; ignored`,
    ],
  );
  t.is(found!.saved.title, 'spaced   title');
  const before = readFileSync(join(path, `${id}_r2.dprec`));
  const usedIds = await open(found!);
  await settle(found!.history);
  const after = readFileSync(join(path, `${id}_r2.dprec`));
  // The torn message is gone, and whoever never left has left.
  const types = await typesIn(found!);
  const present = types.filter((type) => type.startsWith('32/')).map((type) => type.slice(3));
  t.true(present.length > 0);
  for (const user of present) t.true(types.lastIndexOf(`33/${user}`) > types.lastIndexOf(`32/${user}`));
  t.is(usedIds.length, new Set(present).size);
  t.is(found!.history.sizeBytes, after.length - 8 - after.readUInt16BE(6));
  t.deepEqual(after.subarray(after.length - 4), Buffer.from([0, 0, 33, usedIds.at(-1)!]));
  t.notDeepEqual(before, after);
  await folder.stop();
  const again = openFolder(t, path);
  const [reopened] = again.folder.load();
  t.deepEqual(await open(reopened!), usedIds);
  t.deepEqual(await typesIn(reopened!), types);
});

test('the file of a streamed reset that was never finished is deleted, the session stays', async (t) => {
  const { folder, path, reports } = openFolder(t, makePath(t, join(vectors, 'formats/v23/stream-orphan')));
  const [found] = folder.load();
  t.is(found!.history.sizeBytes, 3489 - 31);
  await until('the file is gone', () => !existsSync(join(path, '01m811bm3qasbpjqw2j2jnckxx_r2.dprec')));
  t.regex(reports[0]!, /never completed/);
});

test('the old file of a reset that was done goes, or is archived', async (t) => {
  for (const isArchiving of [false, true]) {
    const path = makePath(t, join(vectors, 'formats/v21/crash/before'));
    copyFileSync(join(path, `${id}_r2.dprec`), join(path, `${id}.dprec`));
    const { folder } = openFolder(t, path, { isArchiving });
    t.is(folder.load().length, 1);
    await until('the file is gone', () => !existsSync(join(path, `${id}.dprec`)));
    t.true(existsSync(join(path, `${id}_r2.dprec`)));
    t.is(existsSync(join(path, `${id}.dprec.archived`)), isArchiving);
  }
});

test('when the current file is gone another one of the session is used', async (t) => {
  const path = makePath(t, join(vectors, 'formats/v21/crash/before'));
  copyFileSync(join(path, `${id}_r2.dprec`), join(path, `${id}_r3.dprec`));
  rmSync(join(path, `${id}_r2.dprec`));
  const { folder, reports } = openFolder(t, path);
  t.is(folder.load().length, 1);
  t.true(reports.some((report) => report.includes(`${id}_r3.dprec is used instead`)));
  t.regex(readFileSync(join(path, `${id}.session`), 'utf8'), new RegExp(`\nFILE ${id}_r3.dprec\n$`));
});

const broken: readonly (readonly [string, (path: string) => void, RegExp])[] = [
  [
    'no FILE line',
    (path) => writeFileSync(join(path, `${id}.session`), 'TITLE x\n'),
    /session: it has no FILE line/,
  ],
  [
    'an empty journal',
    (path) => writeFileSync(join(path, `${id}.session`), ''),
    /session: it has no FILE line/,
  ],
  ['no history', (path) => rmSync(join(path, `${id}_r2.dprec`)), /_r2\.dprec: it is missing/],
  ['a history of nothing', (path) => truncateSync(join(path, `${id}_r2.dprec`), 0), /it is not a recording/],
  ['a cut head', (path) => truncateSync(join(path, `${id}_r2.dprec`), 20), /ends within its header/],
  ['only a head', (path) => truncateSync(join(path, `${id}_r2.dprec`), 56), /the session is empty/],
  ['only a torn message', (path) => truncateSync(join(path, `${id}_r2.dprec`), 59), /the session is empty/],
  [
    'another server',
    (path) => writeFileSync(join(path, `${id}_r2.dprec`), makeHead({ version: 'dp:5.1.0' })),
    /version 'dp:5\.1\.0' is not supported/,
  ],
];

for (const [what, damage, why] of broken) {
  test(`a session with ${what} is set aside, the others load`, (t) => {
    const path = makePath(t, join(vectors, 'formats/v21/crash/before'), join(vectors, 'formats/v23/store'));
    damage(path);
    const names = readdirSync(path);
    const { folder, reports } = openFolder(t, path);
    t.is(folder.load().length, 2);
    t.is(folder.setAside.length, 1);
    t.is(folder.setAside[0]!.id, id);
    t.regex(reports.at(-1)!, why);
    t.deepEqual(readdirSync(path), names);
    folder.load();
    t.is(folder.setAside.length, 1);
  });
}

test('a new session is written as 2.3 writes it, and loads again', async (t) => {
  const under = openFolder(t, makePath(t));
  const stored = under.folder.create({ id, protocol: 'dp:4.25.1', alias: 'room', founder: 'alice' });
  stored.journal.write({ key: 'setting', name: 'resetThreshold', value: 15_728_640 });
  stored.journal.write({ key: 'flags', flags: ['allowWeb', 'invites'] });
  add(stored.history, numbered(0), numbered(1));
  t.is(stored.history.readableIndex, -1);
  await settle(stored.history);
  const head = Buffer.from('DPREC\0\0\x17{"version":"dp:4.25.1"}', 'latin1');
  const path = join(under.path, `${id}.dprec`);
  t.deepEqual(readFileSync(path), Buffer.concat([head, numbered(0), numbered(1)]));
  t.is(
    withoutSums(readFileSync(join(under.path, `${id}.session`), 'utf8')),
    `FILE ${id}.dprec\nALIAS room\nFOUNDER alice\nAUTORESET 15728640\nFLAGS allowweb invites\n`,
  );
  await under.folder.stop();
  const { folder } = openFolder(t, under.path);
  const [found] = folder.load();
  await open(found!);
  t.is(found!.saved.alias, 'room');
  t.deepEqual(await readAll(found!.history, found!.history.cursorAt(0)), [0, 1]);
  add(found!.history, numbered(2));
  await settle(found!.history);
  t.is(statSync(path).size, head.length + 3 * 24);
});

test('a full reset makes the next file, then the FILE line, then deletes the old one', async (t) => {
  const under = openFolder(t, makePath(t));
  const { history, journal } = under.folder.create({ id, protocol: 'dp:4.25.1', alias: '', founder: 'a' });
  add(history, numbered(0));
  await settle(history);
  history.replaceAll([numbered(10)], 1);
  journal.write({ key: 'setting', name: 'title', value: 'meanwhile' });
  add(history, numbered(11));
  await settle(history);
  const names = (): string[] => readdirSync(under.path).sort();
  await until('the file is gone', () => !existsSync(join(under.path, `${id}.dprec`)));
  t.deepEqual(names(), [`${id}.session`, `${id}_r2.dprec`]);
  const lines = readFileSync(join(under.path, `${id}.session`), 'utf8').split('\n');
  t.true(lines.includes(`FILE ${id}_r2.dprec`));
  await under.folder.stop();
  const [found] = openFolder(t, under.path).folder.load();
  await open(found!);
  t.deepEqual(await readAll(found!.history, found!.history.cursorAt(0)), [10, 11]);
});

test('a name that is taken gets a number, archives stay', async (t) => {
  const under = openFolder(t, makePath(t), { isArchiving: true });
  writeFileSync(join(under.path, `${id}_r2.dprec`), 'mine');
  const { history } = under.folder.create({ id, protocol: 'dp:4.25.1', alias: '', founder: 'a' });
  add(history, numbered(0));
  await settle(history);
  history.replaceAll([numbered(10)], 1);
  await settle(history);
  await until('the file is there', () => existsSync(join(under.path, `${id}.dprec.archived`)));
  t.is(readFileSync(join(under.path, `${id}_r2.dprec`), 'utf8'), 'mine');
  t.true(existsSync(join(under.path, `${id}_r2 (1).dprec`)));
});

test('a streamed reset keeps the fork in the header, and image and tail in the file', async (t) => {
  const under = openFolder(t, makePath(t));
  const { history } = under.folder.create({ id, protocol: 'dp:4.25.1', alias: '', founder: 'a' });
  add(history, numbered(0), numbered(1));
  await settle(history);
  const fork = statSync(join(under.path, `${id}.dprec`)).size;
  const cursor = history.cursorAt(2);
  const image = history.beginImage();
  add(history, numbered(2));
  await settle(history);
  const bytes = numbered(50);
  image.append(bytes, 0, bytes.length, 1);
  image.apply(2, [cursor]);
  add(history, numbered(3));
  history.flush();
  await until('the file is gone', () => !existsSync(join(under.path, `${id}.dprec`)));
  await settle(history);
  t.deepEqual(
    readFileSync(join(under.path, `${id}_r2.dprec`)),
    Buffer.concat([
      makeHead({ version: 'dp:4.25.1', streamfork: fork }),
      numbered(50),
      numbered(2),
      numbered(3),
    ]),
  );
});

for (const [end, suffix] of [
  ['delete', undefined],
  ['archive', '.archived'],
] as const) {
  test(`the end of a session: ${end}`, async (t) => {
    const under = openFolder(t, makePath(t));
    const stored = under.folder.create({ id, protocol: 'dp:4.25.1', alias: '', founder: 'a' });
    stored.saveThumbnail(Buffer.from('picture'));
    await until('the file is there', () => existsSync(join(under.path, `${id}.thumbnail`)));
    stored.history.close(end);
    stored.journal.write({ key: 'setting', name: 'title', value: 'too late' });
    const expected = suffix ? ['dprec', 'session', 'thumbnail'].map((kind) => `${id}.${kind}${suffix}`) : [];
    await until('these files are left', () => `${readdirSync(under.path).sort()}` === `${expected}`);
    t.pass();
  });
}

test('a thumbnail is kept, the newest one', async (t) => {
  const under = openFolder(t, makePath(t));
  const stored = under.folder.create({ id, protocol: 'dp:4.25.1', alias: '', founder: 'a' });
  const load = (): Promise<{ at: number; bytes: Uint8Array } | undefined> =>
    new Promise((resolve) => stored.loadThumbnail!(resolve));
  t.is(await load(), undefined);
  stored.saveThumbnail(Buffer.from('one'));
  stored.saveThumbnail(Buffer.from('two'));
  stored.saveThumbnail(Buffer.from('three'));
  for (let text = ''; text !== 'three'; ) text = `${Buffer.from((await load())?.bytes ?? [])}`;
  t.true((await load())!.at > 1_600_000_000_000);
  t.false(readdirSync(under.path).some((name) => name.endsWith('.new')));
});

test('a thumbnail that is removed is not there again, in whatever is under way', async (t) => {
  const under = openFolder(t, makePath(t));
  const stored = under.folder.create({ id, protocol: 'dp:4.25.1', alias: '', founder: 'a' });
  const remove = () => new Promise((resolve) => stored.removeThumbnail!(resolve));
  const left = () => readdirSync(under.path).filter((name) => name.includes('.thumbnail'));
  t.is(await remove(), undefined, 'there is none');
  stored.saveThumbnail(Buffer.from('being written'));
  stored.saveThumbnail(Buffer.from('waits for it'));
  t.is(await remove(), undefined);
  t.deepEqual(left(), []);
  stored.saveThumbnail(Buffer.from('one'));
  await until('it is there', () => left().join() === `${id}.thumbnail`);
  const removed = remove();
  stored.saveThumbnail(Buffer.from('one after it'));
  await removed;
  await until('the later one is there', () => left().join() === `${id}.thumbnail`);
  t.is(readFileSync(join(under.path, `${id}.thumbnail`), 'utf8'), 'one after it');
  rmSync(join(under.path, `${id}.thumbnail`));
  mkdirSync(join(under.path, `${id}.thumbnail`));
  t.true((await remove()) instanceof Error);
});

test('a folder that was removed is made again, with everything in it', async (t) => {
  const under = openFolder(t, makePath(t));
  const stored = under.folder.create({ id, protocol: 'dp:4.25.1', alias: 'room', founder: 'a' });
  const told: (string | undefined)[] = [];
  stored.onProblem = (problem) => told.push(problem);
  let count = 50;
  const frames = Array.from({ length: count }, (_, i) => numbered(i, 20_000));
  for (const frame of frames) add(stored.history, frame);
  await settle(stored.history);
  // Sweeps are so far apart that a look at the disk is done before the next one.
  const sweep = async (): Promise<void> => {
    under.disk.sweep();
    await promises.stat('.');
    await new Promise(setImmediate);
  };
  for (let i = 0; i < 4; i++) await sweep();
  rmSync(under.path, { recursive: true });
  for (let i = 50; told.length < 2; i++) {
    add(stored.history, numbered(i));
    stored.history.flush();
    count++;
    await sweep();
  }
  // A look at the disk or the next write notices it first.
  t.regex(told[0]!, /deleted or moved|no such file/);
  t.is(told[1], undefined);
  await settle(stored.history);
  await under.folder.stop();
  const [found] = openFolder(t, under.path).folder.load();
  t.is(found!.saved.alias, 'room');
  await open(found!);
  t.deepEqual(
    await readAll(found!.history, found!.history.cursorAt(0)),
    Array.from({ length: count }, (_, i) => i),
  );
});

test('a session that can not be written at first goes on in memory and is written later', async (t) => {
  const path = makePath(t);
  const under = openFolder(t, join(path, 'inner'));
  writeFileSync(join(path, 'inner'), 'in the way');
  const stored = under.folder.create({ id, protocol: 'dp:4.25.1', alias: 'room', founder: 'a' });
  const told: (string | undefined)[] = [];
  stored.onProblem = (problem) => told.push(problem);
  add(stored.history, numbered(0));
  await settle(stored.history);
  t.deepEqual(await readAll(stored.history, stored.history.cursorAt(0)), [0]);
  add(stored.history, numbered(1));
  await settle(stored.history);
  t.is(under.disk.problems.length, 1);
  t.regex(under.disk.problems[0]!, /cannot write session files in .*inner/);
  rmSync(join(path, 'inner'));
  mkdirSync(join(path, 'inner'));
  await until('it is told that writing goes on', () => told.includes(undefined));
  t.deepEqual(under.disk.problems, []);
  add(stored.history, numbered(2));
  await settle(stored.history);
  t.true(under.reports.some((report) => report.startsWith('error:')));
  t.true(under.reports.some((report) => report.startsWith('info:')));
  await under.folder.stop();
  const [found] = openFolder(t, join(path, 'inner')).folder.load();
  t.is(found!.saved.alias, 'room');
  await open(found!);
  t.deepEqual(await readAll(found!.history, found!.history.cursorAt(0)), [0, 1, 2]);
});

test('a last line without an end is left out, and what is written next does not continue it', async (t) => {
  const path = makePath(t, join(vectors, 'formats/v23/store'));
  const journal = join(path, '01m8117n3gr05sv034sn5seq1e.session');
  writeFileSync(journal, `${readFileSync(journal, 'utf8')}TITLE without an end`);
  const first = openFolder(t, path)
    .folder.load()
    .find(({ saved }) => saved.alias === 'my23')!;
  t.is(first.saved.title, 'Test title ä');
  first.journal.write({ key: 'setting', name: 'maxUserCount', value: 9 });
  t.regex(readFileSync(journal, 'utf8'), /\n#dp all .*\n#dp sum .*\nMAXUSERS 9\n$/);
  t.notRegex(readFileSync(journal, 'utf8'), /without an end/);
  const again = openFolder(t, path)
    .folder.load()
    .find(({ saved }) => saved.alias === 'my23')!;
  t.is(again.saved.maxUserCount, 9);
  t.is(again.saved.title, 'Test title ä');
});

test('a history that is gone when it is needed is an error, and found again when it is back', async (t) => {
  const path = makePath(t, join(vectors, 'formats/v21/store'));
  const { folder, reports } = openFolder(t, path);
  const [found] = folder.load();
  const file = join(path, `${id}_r2.dprec`);
  const bytes = readFileSync(file);
  rmSync(file);
  await t.throwsAsync(open(found!), { message: /cannot read .*_r2\.dprec: ENOENT/ });
  t.is(reports.length, 1);
  writeFileSync(file, bytes);
  await open(found!);
  t.true(found!.history.lastIndex > 0);
});

test('old messages that can not be read back are told, and waited for', async (t) => {
  const under = openFolder(t, makePath(t));
  const { history } = under.folder.create({ id, protocol: 'dp:4.25.1', alias: '', founder: 'a' });
  const numbers = Array.from({ length: 30 }, (_, i) => i);
  for (const number of numbers) add(history, numbered(number, 20_000));
  await settle(history);
  // At rest: nothing in memory, no file open.
  let sweeps = 0;
  await until('no file is open', () => {
    under.disk.sweep();
    return ++sweeps >= 10 && under.disk.openCount === 0;
  });
  const file = join(under.path, `${id}.dprec`);
  renameSync(file, `${file}.away`);
  const cursor = history.cursorAt(0);
  t.is(history.read(cursor), null);
  // That the file is gone may be noticed as well.
  await until('it is reported', () =>
    under.reports.some((report) => report.includes('users who need it wait')),
  );
  renameSync(`${file}.away`, file);
  let hasMore = true;
  history.onReadable = () => {
    hasMore = true;
  };
  const seen: number[] = [];
  while (seen.length < numbers.length) {
    await until('more can be read', () => hasMore);
    hasMore = false;
    for (let slice = history.read(cursor); slice; slice = history.read(cursor))
      seen.push(...numbersIn(slice));
  }
  t.deepEqual(seen, numbers);
  await until('it is reported', () => under.reports.some((report) => report.includes('can be read again')));
});

test('many sessions share few open files', async (t) => {
  const under = openFolder(t, makePath(t));
  const sessions = Array.from({ length: 700 }, (_, i) =>
    under.folder.create({ id: `s${i}`, protocol: 'dp:4.25.1', alias: '', founder: 'a' }),
  );
  for (const { history } of sessions) {
    add(history, numbered(1));
    history.flush();
  }
  t.true(under.disk.openCount <= 1024);
  await until('no file is open', () => {
    under.disk.sweep();
    return under.disk.openCount === 0;
  });
  for (const { history } of sessions) {
    add(history, numbered(2));
    history.flush();
    // At once, unless the disk is slow at the moment.
    await until('it is written', () => history.readableIndex === 1);
  }
});

for (const how of ['delete', 'archive'] as const) {
  test(`a session that is over is never taken in again, whenever the server was killed: ${how}`, async (t) => {
    const path = makePath(t);
    const { folder } = openFolder(t, path, { isArchiving: how === 'archive' });
    const session = folder.create({ id, protocol: 'dp:4.24.0', alias: '', founder: 'alice' });
    add(session.history, numbered(1), numbered(2));
    await settle(session.history);
    session.saveThumbnail(Buffer.from('picture'));
    await until('the file is there', () => existsSync(join(path, `${id}.thumbnail`)));
    session.journal.end(how);
    t.true(session.journal.isStored);
    // This is what a kill leaves now, and after it somebody's own files.
    session.journal.write({ key: 'setting', name: 'title', value: 'too late' });
    writeFileSync(join(path, 'note.txt'), 'mine');
    const copy = makePath(t, path);
    session.history.close(how);
    await folder.stop();
    const next = openFolder(t, copy);
    t.deepEqual(next.folder.load(), []);
    t.deepEqual(next.folder.problems(), { folder: copy, setAside: [], orphans: [] });
    const kept = [`${id}.dprec.archived`, `${id}.session.archived`, `${id}.thumbnail.archived`];
    const expected = how === 'archive' ? [...kept, 'note.txt'] : ['note.txt'];
    t.deepEqual(readdirSync(copy).sort(), expected);
    t.deepEqual(readdirSync(path).sort(), expected);
    t.is(next.reports.length, 1);
  });
}

test('a session that was put back beside the mark of its end is taken in', async (t) => {
  const path = makePath(t);
  const { folder } = openFolder(t, path);
  const session = folder.create({ id, protocol: 'dp:4.24.0', alias: '', founder: 'alice' });
  add(session.history, numbered(1), numbered(2));
  await settle(session.history);
  await folder.stop();
  copyFileSync(join(path, `${id}.session`), join(path, `${id}.session.ended`));
  copyFileSync(join(path, `${id}.session`), join(path, `${id}.session.archived`));
  const next = openFolder(t, path);
  t.deepEqual(
    next.folder.load().map(({ saved }) => saved.id),
    [id],
  );
  t.deepEqual(readdirSync(path).sort(), [`${id}.dprec`, `${id}.session`, `${id}.session.archived`]);
});
