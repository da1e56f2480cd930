// Which files of sessions are archives, and which of them a rule deletes.
import { chmodSync, mkdirSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import test from 'ava';
import {
  findSessionFiles,
  type PruneRule,
  planPrune,
  type SessionFile,
  type SessionGroup,
  timeForAges,
} from '../../../../src/lib/io/disk/archives.js';
import { tempFolder } from '../../../helpers/temp-folder.js';

const day = 86_400_000;

function put(folder: string, name: string, sizeBytes: number, changedAt: number): void {
  const path = join(folder, name);
  writeFileSync(path, Buffer.alloc(sizeBytes));
  utimesSync(path, changedAt / 1000, changedAt / 1000);
}

test('the files of a session are found in all folders, oldest first, with what they take', async (t) => {
  const folder = tempFolder(t);
  const below = join(folder, 'old', 'older');
  mkdirSync(below, { recursive: true });
  put(folder, 'live.session', 10, 9000);
  put(folder, 'live_r2.dprec', 20, 8000);
  put(folder, 'live.dprec.archived', 30, 7000);
  put(below, 'over (3).dprec.archived', 40, 5000);
  put(below, 'over.session.archived', 50, 4000);
  put(below, 'over.thumbnail.archived', 60, 4000);
  for (const other of ['notes.txt', 'x.session.damaged', '.session', 'a b.session', 'x.dprec.archived.bak'])
    put(folder, other, 1000, 1000);
  mkdirSync(join(folder, 'folder.session'));
  const groups = await findSessionFiles([folder]);
  t.deepEqual(
    groups.map(({ id, folder: place, files, ...rest }) => ({
      id,
      place: relative(folder, place),
      files: files.map(({ path, kind, isArchived }) => [relative(place, path), kind, isArchived]),
      ...rest,
    })),
    [
      {
        id: 'over',
        place: 'old/older',
        files: [
          ['over.session.archived', 'session', true],
          ['over.thumbnail.archived', 'thumbnail', true],
          ['over (3).dprec.archived', 'dprec', true],
        ],
        isEnded: true,
        sizeBytes: 150,
        archivedBytes: 150,
        changedAt: 5000,
      },
      {
        id: 'live',
        place: '',
        files: [
          ['live.dprec.archived', 'dprec', true],
          ['live_r2.dprec', 'dprec', false],
          ['live.session', 'session', false],
        ],
        isEnded: false,
        sizeBytes: 60,
        archivedBytes: 30,
        changedAt: 9000,
      },
    ],
  );
});

test('sessions that changed at the same time are in the order of their ids, and so are files', async (t) => {
  const folder = tempFolder(t);
  for (const id of ['c', 'a', 'b']) put(folder, `${id}.session.archived`, 1, 5000);
  for (const name of ['a.thumbnail.archived', 'a.dprec.archived']) put(folder, name, 1, 5000);
  const groups = await findSessionFiles([folder]);
  t.deepEqual(
    groups.map(({ id }) => id),
    ['a', 'b', 'c'],
  );
  t.deepEqual(
    groups[0]?.files.map(({ kind }) => kind),
    ['dprec', 'session', 'thumbnail'],
  );
});

test('the same id in two folders is two sessions', async (t) => {
  const folder = tempFolder(t);
  for (const [name, at] of [
    ['one', 2000],
    ['two', 1000],
  ] as const) {
    mkdirSync(join(folder, name));
    put(join(folder, name), 'a.session', 1, at);
  }
  const groups = await findSessionFiles([join(folder, 'one'), join(folder, 'two')]);
  t.deepEqual(
    groups.map((group) => relative(folder, group.folder)),
    ['two', 'one'],
  );
});

test('a folder that was named and is not there, or cannot be read, is an error', async (t) => {
  const folder = tempFolder(t);
  const missing = join(folder, 'missing');
  const error = await t.throwsAsync(findSessionFiles([missing]));
  t.is((error as { code?: string }).code, 'sessions-folder-not-found');
  t.true(error.message.includes(missing));
  put(folder, 'file', 1, 1000);
  const other = await t.throwsAsync(findSessionFiles([join(folder, 'file')]));
  t.is((other as { code?: string }).code, 'sessions-folder-unreadable');
});

test('links are no session files, whatever they lead to', async (t) => {
  const folder = tempFolder(t);
  put(folder, 'a.session.archived', 1, 1000);
  symlinkSync(join(folder, 'a.session.archived'), join(folder, 'b.session.archived'));
  symlinkSync(folder, join(folder, 'again'));
  chmodSync(folder, 0o755);
  const groups = await findSessionFiles([folder]);
  t.deepEqual(
    groups.map(({ id }) => id),
    ['a'],
  );
});

// ---- rules ----------------------------------------------------------------------------------------------

/** `+` after a name: archived. */
function group(id: string, ...files: [name: string, sizeBytes: number, changedAt: number][]): SessionGroup {
  const all = files.map(
    ([name, sizeBytes, changedAt]): SessionFile => ({
      path: name.replace('+', ''),
      isArchived: name.endsWith('+'),
      kind: 'dprec',
      sizeBytes,
      changedAt,
    }),
  );
  const sum = (some: readonly SessionFile[]) => some.reduce((bytes, file) => bytes + file.sizeBytes, 0);
  return {
    id,
    folder: '',
    files: all,
    isEnded: all.every(({ isArchived }) => isArchived),
    sizeBytes: sum(all),
    archivedBytes: sum(all.filter(({ isArchived }) => isArchived)),
    changedAt: all.at(-1)?.changedAt ?? 0,
  };
}

const ended = group('ended', ['e1+', 10, 100], ['e2+', 10, 400]);
const live = group('live', ['l1+', 10, 50], ['l2+', 10, 300], ['l3', 10, 500]);
const groups = [ended, live];

function plan(rule: PruneRule, all: readonly SessionGroup[] = groups) {
  const { files, excessBytes } = planPrune(all, rule);
  return [files.map(({ path }) => path).join(' '), excessBytes];
}

test('so many archived files of a live session are kept, the newest; ended sessions keep theirs', (t) => {
  t.deepEqual(plan({ kind: 'count', files: 0 }), ['l1 l2', 0]);
  t.deepEqual(plan({ kind: 'count', files: 1 }), ['l1', 0]);
  t.deepEqual(plan({ kind: 'count', files: 2 }), ['', 0]);
  t.deepEqual(plan({ kind: 'count', files: 9 }), ['', 0]);
});

test('what is older than a time goes: ended sessions as one when their newest file is, or file by file', (t) => {
  t.deepEqual(plan({ kind: 'age', before: 400, by: 'session' }), ['l1 l2', 0]);
  t.deepEqual(plan({ kind: 'age', before: 401, by: 'session' }), ['e1 e2 l1 l2', 0]);
  t.deepEqual(plan({ kind: 'age', before: 300, by: 'file' }), ['l1 e1', 0]);
  t.deepEqual(plan({ kind: 'age', before: 301, by: 'file' }), ['l1 e1 l2', 0]);
  t.deepEqual(plan({ kind: 'age', before: 50, by: 'file' }), ['', 0]);
});

test('as much goes as is too much, ended sessions first and as one, or the oldest files', (t) => {
  t.deepEqual(plan({ kind: 'size', bytes: 50, by: 'session' }), ['', 0]);
  t.deepEqual(plan({ kind: 'size', bytes: 49, by: 'session' }), ['e1 e2', 0]);
  t.deepEqual(plan({ kind: 'size', bytes: 30, by: 'session' }), ['e1 e2', 0]);
  t.deepEqual(plan({ kind: 'size', bytes: 29, by: 'session' }), ['e1 e2 l1', 0]);
  t.deepEqual(plan({ kind: 'size', bytes: 49, by: 'file' }), ['l1', 0]);
  t.deepEqual(plan({ kind: 'size', bytes: 20, by: 'file' }), ['l1 e1 l2', 0]);
});

test('what is in use stays, and is said where it is too much', (t) => {
  t.deepEqual(plan({ kind: 'size', bytes: 10, by: 'file' }), ['l1 e1 l2 e2', 0]);
  t.deepEqual(plan({ kind: 'size', bytes: 4, by: 'session' }), ['e1 e2 l1 l2', 6]);
});

test('files of live sessions that changed at the same time go in the order of their paths', (t) => {
  const same = [group('x', ['c+', 1, 5], ['a+', 1, 5], ['b+', 1, 5], ['d', 1, 9])];
  t.deepEqual(plan({ kind: 'age', before: 100, by: 'file' }, same), ['a b c', 0]);
});

// ---- a clock that is wrong ------------------------------------------------------------------------------

const filesAt = (...times: number[]) => [
  group('x', ...times.map((at): [string, number, number] => ['f+', 1, at])),
];

test('now is the time by which files are old, as long as something happens', (t) => {
  const now = 1000 * day;
  t.is(timeForAges([], now), now);
  t.is(timeForAges(filesAt(now - day), now), now);
  t.is(timeForAges(filesAt(now - 180 * day), now), now, 'half a year without anybody is possible');
});

test('a clock that jumped ahead makes nothing old: the time is shortly after the last change before', (t) => {
  const before = 100 * day;
  const now = before + 180 * day + 1;
  t.is(timeForAges(filesAt(before - day, before), now), before + 7 * day);
  t.is(timeForAges(filesAt(before, now - day), now + day), now + day, 'not half a year between them');
  const written = before + 200 * day;
  t.is(
    timeForAges(filesAt(before, written), written + 7 * day - 1),
    before + 7 * day,
    'written after the jump',
  );
  t.is(
    timeForAges(filesAt(before, written), written + 7 * day),
    written + 7 * day,
    'a week shows that it is right',
  );
});

test('files from the future say nothing about the time', (t) => {
  const now = 1000 * day;
  t.is(timeForAges(filesAt(now + 1, now + 400 * day, now - day), now), now);
  t.is(timeForAges(filesAt(now), now), now);
});
