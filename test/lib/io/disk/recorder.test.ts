import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { MemoryHistory } from '../../../../src/lib/core/session/memory-history.js';
import { Disk } from '../../../../src/lib/io/disk/disk.js';
import { makeHead } from '../../../../src/lib/io/disk/history-head.js';
import {
  Recordings,
  recordingHead,
  recordingPath,
  recordingsFolder,
} from '../../../../src/lib/io/disk/recorder.js';
import { add, numbered } from '../../../contracts/history.js';
import { until } from '../../../helpers/until.js';

const session = { id: '01m8112ne3k0d1f6kr701npyym', alias: 'room', protocol: 'dp:4.25.1' };
const now = new Date(2026, 10, 22, 7, 5, 9);

function makeFolder(t: ExecutionContext): string {
  const path = mkdtempSync(join(tmpdir(), 'dp-record-'));
  t.teardown(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

function makeRecordings(pattern: string): { recordings: Recordings; reports: string[] } {
  const reports: string[] = [];
  const recordings = new Recordings({
    pattern,
    disk: new Disk('os', () => 0),
    now: () => now,
    report: (level, message) => reports.push(`${level}: ${message}`),
  });
  return { recordings, reports };
}

for (const [pattern, path] of [
  ['/rec/%a.dprec', '/rec/room.dprec'],
  ['/rec/%i/%d/%t.dprec', `/rec/${session.id}/2026-11-22/07.05.09.dprec`],
  ['/rec/%d %h.dprec', '/rec/2026-11-22 07.05.09.dprec'],
  ['~/rec/%a', `${homedir()}/rec/room`],
  ['/rec/%x%%a', '/rec/%x%room'],
] as const) {
  test(`the pattern ${pattern}`, (t) => {
    t.is(recordingPath(pattern, session, now), path);
  });
}

test('an alias that is not there is the id; a folder gets names of its own', (t) => {
  const folder = makeFolder(t);
  t.is(recordingPath('%a', { ...session, alias: '' }, now), session.id);
  t.is(recordingPath(folder, session, now), join(folder, `2026-11-22 07.05.09 session ${session.id}.dprec`));
});

test('a folder that is not there yet is one: its files get names of their own', (t) => {
  const folder = makeFolder(t);
  const name = `2026-11-22 07.05.09 session ${session.id}.dprec`;
  for (const place of ['rec', 'deep/rec', 'rec.d', 'rec/']) {
    t.is(recordingPath(join(folder, place), session, now), join(folder, place, name));
  }
  for (const place of ['one.dprec', 'ONE.DPREC', '%a', '%d/rec'])
    t.not(recordingPath(join(folder, place), session, now), join(folder, place, name));
});

test('a name that ends with a slash is a folder, and so are the home folder and what is relative', (t) => {
  const folder = makeFolder(t);
  const name = `2026-11-22 07.05.09 session ${session.id}.dprec`;
  for (const [pattern, place] of [
    [`${folder}/rec/`, join(folder, 'rec')],
    [`${folder}/rec//`, join(folder, 'rec')],
    [`${folder}/x.dprec/`, join(folder, 'x.dprec')],
    [`${folder}/%a/`, join(folder, 'room')],
    ['~', homedir()],
    ['~/', homedir()],
    ['no-such/rec', 'no-such/rec'],
    ['no-such/../rec/', 'rec'],
    ['.', '.'],
  ] as const) {
    t.is(recordingPath(pattern, session, now), join(place, name), pattern);
  }
});

test('where a file stands is no folder: the recording says so and the file stays', async (t) => {
  const folder = makeFolder(t);
  for (const place of ['rec', 'notes.txt', 'rec.d']) {
    writeFileSync(join(folder, place), 'mine');
    const { recordings, reports } = makeRecordings(`${join(folder, place)}/`);
    const history = new MemoryHistory();
    add(history, numbered(0));
    recordings.make(session).restart(history);
    t.is(reports.length, 1);
    t.regex(reports[0]!, new RegExp(`^warn: Cannot write recording .*${place}.*: .*not a folder`));
    await recordings.stop();
    t.is(readFileSync(join(folder, place), 'utf8'), 'mine');
  }
  t.deepEqual(readdirSync(folder).sort(), ['notes.txt', 'rec', 'rec.d']);
});

test('the folder of all recordings is known from the pattern', (t) => {
  const folder = makeFolder(t);
  for (const [pattern, place] of [
    [folder, folder],
    [`${folder}/rec`, `${folder}/rec`],
    [`${folder}/rec/`, `${folder}/rec`],
    [`${folder}/one.dprec`, folder],
    [`${folder}/%d %i.dprec`, folder],
    [`${folder}/by/%a/%i.dprec`, `${folder}/by`],
    [`${folder}/100%/rec-%i.dprec`, `${folder}/100%`],
    ['one.dprec', '.'],
  ] as const) {
    t.is(recordingsFolder(pattern), place, pattern);
  }
});

test('the head is that of 2.3', (t) => {
  const original = readFileSync('test/vectors/formats/v23/recordings/first.dprec');
  const head = recordingHead('dp:4.25.1');
  t.deepEqual(original.subarray(0, head.length), head);
});

test('a recording holds the history from its start, and a new one each life of it', (t) => {
  const folder = makeFolder(t);
  const { recordings } = makeRecordings(join(folder, 'deep', '%a.dprec'));
  const history = new MemoryHistory();
  add(history, numbered(0), numbered(1));
  const recorder = recordings.make(session);
  t.false(existsSync(join(folder, 'deep')));
  recorder.restart(history);
  add(history, numbered(2));
  recorder.wake();
  const read = (name: string): Buffer => readFileSync(join(folder, 'deep', name));
  const head = recordingHead('dp:4.25.1');
  t.deepEqual(read('room.dprec'), Buffer.concat([head, numbered(0), numbered(1), numbered(2)]));
  history.replaceAll([numbered(10)], 1);
  recorder.restart(history);
  add(history, numbered(11));
  recorder.stop();
  t.deepEqual(read('room (1).dprec'), Buffer.concat([head, numbered(10), numbered(11)]));
  t.deepEqual(readdirSync(join(folder, 'deep')).sort(), ['room (1).dprec', 'room.dprec']);
});

test('names that are taken are never written to', (t) => {
  const folder = makeFolder(t);
  for (const name of ['x', 'x.dprec', 'y.DPREC.old', 'y (1).DPREC.old'])
    writeFileSync(join(folder, name), 'mine');
  for (const [name, expected] of [
    ['x', 'x (1).dprec'],
    ['y.DPREC.old', 'y (2).DPREC.old'],
  ]) {
    const { recordings } = makeRecordings(join(folder, name!));
    const history = new MemoryHistory();
    add(history, numbered(0));
    const recorder = recordings.make(session);
    recorder.restart(history);
    recorder.stop();
    t.true(readFileSync(join(folder, expected!)).length > 100);
    t.is(readFileSync(join(folder, name!), 'utf8'), 'mine');
  }
});

test('nothing to record leaves no file', (t) => {
  const folder = makeFolder(t);
  const { recordings } = makeRecordings(join(folder, '%a.dprec'));
  const recorder = recordings.make(session);
  recorder.restart(new MemoryHistory());
  recorder.wake();
  recorder.stop();
  t.deepEqual(readdirSync(folder), []);
});

test('a recording of a 2.1 session has no control messages in it', (t) => {
  const folder = makeFolder(t);
  const { recordings } = makeRecordings(join(folder, 'a.dprec'));
  const history = new MemoryHistory();
  const command = Buffer.from([0, 2, 0, 0, 0x7b, 0x7d]);
  add(history, command, numbered(0), command, command, numbered(1), command);
  const recorder = recordings.make({ ...session, protocol: 'dp:4.21.2' });
  recorder.restart(history);
  recorder.stop();
  const head = makeHead({ version: 'dp:4.21.2', 'server-recording': 'true' });
  t.deepEqual(readFileSync(join(folder, 'a.dprec')), Buffer.concat([head, numbered(0), numbered(1)]));
});

test('what can not be written waits, and nothing is missing when it can', async (t) => {
  const folder = makeFolder(t);
  writeFileSync(join(folder, 'way'), 'in the way');
  const { recordings, reports } = makeRecordings(join(folder, 'way', 'a.dprec'));
  const history = new MemoryHistory();
  add(history, numbered(0));
  const recorder = recordings.make(session);
  recorder.restart(history);
  add(history, numbered(1));
  recorder.wake();
  t.is(reports.length, 1);
  rmSync(join(folder, 'way'));
  mkdirSync(join(folder, 'way'));
  await until('the recording goes on', () => reports.length === 2);
  recorder.stop();
  await recordings.stop();
  t.deepEqual(
    readFileSync(join(folder, 'way', 'a.dprec')),
    Buffer.concat([recordingHead('dp:4.25.1'), numbered(0), numbered(1)]),
  );
});
