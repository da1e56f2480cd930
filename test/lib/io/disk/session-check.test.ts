// What is said of the sessions in a folder, without changing anything.
import { mkdirSync, readdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { seal } from '../../../../src/lib/core/session/journal-seals.js';
import { writeJournalLine } from '../../../../src/lib/core/session/journal-text.js';
import { makeHead } from '../../../../src/lib/io/disk/history-head.js';
import { checkSessionFolder } from '../../../../src/lib/io/disk/session-check.js';
import { tempFolder } from '../../../helpers/temp-folder.js';
import { frame } from '../../../helpers/wire.js';

const protocol = 'dp:4.25.1';
const history = (...frames: Buffer[]) => Buffer.concat([makeHead({ version: protocol }), ...frames]);
const stroke = (bytes = 10) => frame(148, 1, Buffer.alloc(bytes));

type Lines = Parameters<typeof writeJournalLine>[0][];

function put(folder: string, id: string, bytes: Buffer, ...lines: Lines): void {
  const all: Lines = [{ key: 'file', name: `${id}.dprec` }, ...lines];
  writeFileSync(join(folder, `${id}.session`), seal(all.map(writeJournalLine), 0).bytes);
  writeFileSync(join(folder, `${id}.dprec`), bytes);
}

test('sessions are listed in the order of their ids, with what is in them', (t) => {
  const folder = tempFolder(t);
  const bytes = history(stroke(), stroke(), stroke());
  put(folder, 'b', bytes, { key: 'alias', alias: 'ink' }, { key: 'flags', flags: ['persistent'] });
  put(
    folder,
    'a',
    bytes,
    { key: 'setting', name: 'title', value: 'Title' },
    { key: 'setting', name: 'founder', value: 'ann' },
  );
  writeFileSync(join(folder, 'c.session'), '');
  const { sessions } = checkSessionFolder(folder);
  t.deepEqual(
    sessions.map(({ id }) => id),
    ['a', 'b', 'c'],
  );
  t.deepEqual(sessions[0], {
    id: 'a',
    alias: '',
    title: 'Title',
    founder: 'ann',
    protocol,
    history: 'a.dprec',
    messages: 3,
    sizeBytes: bytes.length,
    isPersistent: false,
    problem: undefined,
    warnings: [],
    doubts: [],
  });
  t.like(sessions[1], { alias: 'ink', isPersistent: true });
  t.regex(sessions[2]?.problem ?? '', /^c\.session: /);
  t.like(sessions[2], { messages: 0, sizeBytes: 0, history: '', protocol: '' });
});

test('nothing in the folder is changed by that', (t) => {
  const folder = tempFolder(t);
  put(folder, 'a', history(stroke()));
  truncateSync(join(folder, 'a.session'), 20);
  const before = readFileSync(join(folder, 'a.session'));
  checkSessionFolder(folder);
  t.deepEqual(readFileSync(join(folder, 'a.session')), before);
  t.deepEqual(readdirSync(folder).sort(), ['a.dprec', 'a.session']);
});

test('a history that ends in the middle of a message has a warning with how much is lost', (t) => {
  const folder = tempFolder(t);
  const bytes = history(stroke(), stroke(100));
  for (const [id, length, messages, rest] of [
    ['a', bytes.length - 1, 1, 103],
    ['b', bytes.length - 103, 1, 1],
    ['c', bytes.length - 104, 1, 0],
  ] as const) {
    put(folder, id, bytes.subarray(0, length));
    const session = checkSessionFolder(folder).sessions.find((each) => each.id === id);
    t.is(session?.messages, messages);
    t.deepEqual(
      session?.warnings,
      rest === 0
        ? []
        : [`${id}.dprec: the last ${rest} bytes are an incomplete message and will be discarded`],
    );
  }
});

test('the messages of a long history are counted across the pieces in which it is read', (t) => {
  const folder = tempFolder(t);
  const frames = Array.from({ length: 50 }, (_, at) => stroke(60_000 + at));
  put(folder, 'a', history(...frames));
  t.like(checkSessionFolder(folder).sessions[0], { messages: 50, warnings: [] });
});

test('a message without content at the end is a message', (t) => {
  const folder = tempFolder(t);
  put(folder, 'a', history(stroke(), frame(33, 1)));
  t.like(checkSessionFolder(folder).sessions[0], { messages: 2, warnings: [] });
});

test('a journal that cannot be read is named with what is in the way', (t) => {
  const folder = tempFolder(t);
  mkdirSync(join(folder, 'c.session'));
  t.like(checkSessionFolder(folder).sessions[0], { id: 'c', title: '', messages: 0 });
  t.regex(checkSessionFolder(folder).sessions[0]?.problem ?? '', /^c\.session: /);
});

test('archives, histories and pictures without a journal are named', (t) => {
  const folder = tempFolder(t);
  put(folder, 'a', history(stroke()));
  for (const name of ['a.thumbnail', 'x.thumbnail', 'y.session.archived', 'y.dprec.archived'])
    writeFileSync(join(folder, name), 'x');
  writeFileSync(join(folder, 'z.dprec'), history(stroke()));
  mkdirSync(join(folder, 'sub'));
  const { archivedFiles, orphans, strays } = checkSessionFolder(folder);
  t.deepEqual(
    { archivedFiles, orphans, strays },
    { archivedFiles: 2, orphans: ['z.dprec'], strays: ['x.thumbnail'] },
  );
});

test('a session that uses another history than its journal names, and a last line that is cut, have a warning', (t) => {
  const folder = tempFolder(t);
  put(folder, 'a', history(stroke()), { key: 'file', name: 'a_r2.dprec' });
  const { sessions } = checkSessionFolder(folder);
  t.is(sessions[0]?.history, 'a.dprec');
  t.is(sessions[0]?.warnings.length, 1);
  t.regex(sessions[0]?.warnings[0] ?? '', /^a_r2\.dprec: .*; a\.dprec is used instead$/);
  put(folder, 'b', history(stroke()));
  const bytes = readFileSync(join(folder, 'b.session'));
  writeFileSync(join(folder, 'b.session'), Buffer.concat([bytes, Buffer.from('T')]));
  const cut = checkSessionFolder(folder).sessions.find(({ id }) => id === 'b');
  t.true(cut?.warnings.includes('b.session: the last line is incomplete and ignored'));
});
