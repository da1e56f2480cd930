// Sessions that are made usable again: a history without a journal, and a journal that is damaged or names another history.
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { Refusal } from '../../../../src/lib/core/errors.js';
import { readJournal } from '../../../../src/lib/core/session/journal-reading.js';
import { seal } from '../../../../src/lib/core/session/journal-seals.js';
import { writeJournalLine } from '../../../../src/lib/core/session/journal-text.js';
import { makeHead } from '../../../../src/lib/io/disk/history-head.js';
import { adoptHistory, repairSession } from '../../../../src/lib/io/disk/session-repair.js';
import { surveyFolder } from '../../../../src/lib/io/disk/session-survey.js';
import { tempFolder } from '../../../helpers/temp-folder.js';
import { frame } from '../../../helpers/wire.js';

const id = '01m8hdhttxh5gtea7j0bgk4z00';
const protocol = 'dp:4.25.1';

const config = (values: object) => frame(0, 0, JSON.stringify({ type: 'sessionconf', config: values }));
const join1 = frame(32, 1, Buffer.concat([Buffer.from([0, 3]), Buffer.from('ann')]));
const stroke = (text: string) => frame(148, 1, text);

const historyOf = (...frames: Buffer[]) => Buffer.concat([makeHead({ version: protocol }), ...frames]);
const plain = [join1, config({ title: 'Ink' }), stroke('line')];

type Lines = Parameters<typeof writeJournalLine>[0][];
const journalOf = (...lines: Lines) => seal(lines.map(writeJournalLine), 0).bytes;

function refusedWith(t: ExecutionContext, code: string, run: () => unknown): Refusal {
  const error = t.throws(run, { instanceOf: Refusal });
  t.is(String(error.code), code);
  return error;
}

const savedIn = (folder: string, name = id) =>
  readJournal(name, readFileSync(join(folder, `${name}.session`)));

// ---- adopt ----------------------------------------------------------------------------------------------

test('a history in the folder is used in its place, with what it says of its session', (t) => {
  const folder = tempFolder(t);
  const bytes = historyOf(...plain);
  writeFileSync(join(folder, `${id}.dprec`), bytes);
  t.deepEqual(adoptHistory(folder, join(folder, `${id}.dprec`)), {
    id,
    title: 'Ink',
    founder: 'ann',
    hasPassword: false,
    history: `${id}.dprec`,
    messages: 3,
    isShut: false,
    doubts: [],
    archived: [],
  });
  t.deepEqual(readFileSync(join(folder, `${id}.dprec`)), bytes);
  const { saved, doubts, fileNames } = savedIn(folder);
  t.deepEqual(
    [saved.title, saved.founder, [...saved.userIds], fileNames, doubts],
    ['Ink', 'ann', [['ann', 1]], [`${id}.dprec`], []],
  );
  t.deepEqual(
    surveyFolder(folder, { isForWriting: true }).sessions.map(({ id: found }) => found),
    [id],
  );
});

test('a password that a history cannot have leaves the session shut, and its journal says why', (t) => {
  const folder = tempFolder(t);
  writeFileSync(join(folder, `${id}.dprec`), historyOf(join1, config({ hasPassword: true })));
  const adopted = adoptHistory(folder, join(folder, `${id}.dprec`));
  t.true(adopted.isShut);
  t.is(adopted.doubts.length, 1);
  const { doubts } = savedIn(folder);
  t.deepEqual(
    doubts.map(({ isShut }) => isShut),
    [true],
  );
});

test('other histories of the name become archives, and nothing is overwritten by that', (t) => {
  const folder = tempFolder(t);
  for (const name of [`${id}.dprec`, `${id}_r2.dprec`, `${id}_r3 (1).dprec`, 'other.dprec'])
    writeFileSync(join(folder, name), historyOf(...plain));
  const adopted = adoptHistory(folder, join(folder, `${id}_r2.dprec`));
  t.is(adopted.history, `${id}_r2.dprec`);
  t.deepEqual([...adopted.archived].sort(), [`${id}.dprec`, `${id}_r3 (1).dprec`]);
  t.deepEqual(readdirSync(folder).sort(), [
    `${id}.dprec.archived`,
    `${id}.session`,
    `${id}_r2.dprec`,
    `${id}_r3 (1).dprec.archived`,
    'other.dprec',
  ]);
  const second = tempFolder(t);
  for (const name of [`${id}.dprec`, `${id}_r2.dprec`, `${id}.dprec.archived`])
    writeFileSync(join(second, name), historyOf(...plain));
  refusedWith(t, 'file-in-the-way', () => adoptHistory(second, join(second, `${id}_r2.dprec`)));
  t.false(existsSync(join(second, `${id}.session`)));
});

test('a history from elsewhere is copied: under its id where that is one and is free, else under a new one', (t) => {
  const elsewhere = tempFolder(t);
  const bytes = historyOf(...plain, stroke('x'.repeat(60_000)));
  for (const name of [`${id}.dprec`, 'drawing.dprec', 'my drawing.dprec'])
    writeFileSync(join(elsewhere, name), bytes);
  const folder = tempFolder(t);
  const first = adoptHistory(folder, join(elsewhere, `${id}.dprec`));
  t.is(first.id, id);
  t.deepEqual(readFileSync(join(folder, `${id}.dprec`)), bytes);
  t.deepEqual(first.archived, []);
  for (const name of [`${id}.dprec`, 'drawing.dprec', 'my drawing.dprec']) {
    const next = adoptHistory(folder, join(elsewhere, name));
    t.regex(next.id, /^[0-9a-z]{26}$/);
    t.not(next.id, id);
    t.is(next.history, `${next.id}.dprec`);
    t.deepEqual(readFileSync(join(folder, next.history)), bytes);
    t.is(next.messages, 4);
  }
  t.is(surveyFolder(folder, { isForWriting: true }).sessions.length, 4);
  t.deepEqual(readFileSync(join(elsewhere, `${id}.dprec`)), bytes, 'the other stays');
});

test("histories of a copied one's name are not touched", (t) => {
  const elsewhere = tempFolder(t);
  const folder = tempFolder(t);
  writeFileSync(join(elsewhere, `${id}.dprec`), historyOf(...plain));
  writeFileSync(join(folder, `${id}_r2.dprec`), historyOf(...plain));
  t.deepEqual(adoptHistory(folder, join(elsewhere, `${id}.dprec`)).archived, []);
  t.true(existsSync(join(folder, `${id}_r2.dprec`)));
});

test('a file in the folder whose name is none of a history is copied under an id', (t) => {
  const folder = tempFolder(t);
  const bytes = historyOf(...plain);
  writeFileSync(join(folder, 'my drawing.dprec'), bytes);
  const adopted = adoptHistory(folder, join(folder, 'my drawing.dprec'));
  t.deepEqual(readFileSync(join(folder, `${adopted.id}.dprec`)), bytes);
});

test('long histories are copied and read to their last byte, and one that is cut as far as it goes', (t) => {
  const elsewhere = tempFolder(t);
  const big = Array.from({ length: 40 }, (_, at) => stroke(String(at).padEnd(60_000, '.')));
  const whole = historyOf(...plain, ...big, config({ title: 'Last' }));
  writeFileSync(join(elsewhere, 'big.dprec'), whole);
  const folder = tempFolder(t);
  const adopted = adoptHistory(folder, join(elsewhere, 'big.dprec'));
  t.is(adopted.messages, 44);
  t.is(adopted.title, 'Last');
  t.deepEqual(readFileSync(join(folder, adopted.history)), whole);
  writeFileSync(join(elsewhere, 'cut.dprec'), whole.subarray(0, whole.length - 1));
  const cut = adoptHistory(folder, join(elsewhere, 'cut.dprec'));
  t.is(cut.messages, 43);
  t.is(cut.title, 'Ink');
});

test('what is in use, belongs to a session, is no history or is not there is refused', (t) => {
  const folder = tempFolder(t);
  writeFileSync(join(folder, `${id}.dprec`), historyOf(...plain));
  adoptHistory(folder, join(folder, `${id}.dprec`));
  const used = refusedWith(t, 'history-in-use', () => adoptHistory(folder, join(folder, `${id}.dprec`)));
  t.true(used.message.includes(id));
  writeFileSync(join(folder, `${id}_r2.dprec`), historyOf(...plain));
  refusedWith(t, 'history-of-session', () => adoptHistory(folder, join(folder, `${id}_r2.dprec`)));
  refusedWith(t, 'history-missing', () => adoptHistory(folder, join(folder, 'missing.dprec')));
  writeFileSync(join(folder, 'text.dprec'), 'hello');
  refusedWith(t, 'history-unusable', () => adoptHistory(folder, join(folder, 'text.dprec')));
  writeFileSync(join(folder, 'empty.dprec'), historyOf());
  refusedWith(t, 'history-unusable', () => adoptHistory(folder, join(folder, 'empty.dprec')));
  t.deepEqual(
    readdirSync(folder).filter((name) => name.endsWith('.session')),
    [`${id}.session`],
  );
});

// ---- repair ---------------------------------------------------------------------------------------------

test('a journal that names no history gets the newest that can be used, and says so', (t) => {
  const folder = tempFolder(t);
  writeFileSync(join(folder, `${id}.dprec`), historyOf(...plain));
  writeFileSync(join(folder, `${id}_r2.dprec`), historyOf(...plain));
  writeFileSync(join(folder, `${id}_r3.dprec`), 'nothing');
  const damaged = journalOf({ key: 'setting', name: 'title', value: 'Old' });
  writeFileSync(join(folder, `${id}.session`), damaged);
  const repaired = repairSession(folder, id);
  t.like(repaired, { id, title: 'Old', history: `${id}_r2.dprec`, hasPassword: false });
  t.true(repaired.done.includes(`history used: ${id}_r2.dprec`));
  t.deepEqual(readFileSync(repaired.kept), damaged);
  t.is(repaired.kept, join(folder, `${id}.session.damaged`));
  t.deepEqual(savedIn(folder).fileNames, [`${id}_r2.dprec`]);
  refusedWith(t, 'session-intact', () => repairSession(folder, id));
});

test('a history that the journal named last is used, and the names before it are kept', (t) => {
  const folder = tempFolder(t);
  writeFileSync(join(folder, `${id}.dprec`), historyOf(...plain));
  writeFileSync(join(folder, `${id}_r2.dprec`), historyOf(...plain));
  const bytes = journalOf(
    { key: 'file', name: `${id}.dprec` },
    { key: 'file', name: `${id}_r2.dprec` },
    { key: 'setting', name: 'title', value: 'Ink' },
    { key: 'setting', name: 'password', value: 'plain;secret' },
  );
  const text = bytes.toString('latin1').replace('plain', 'pl\u0000in');
  writeFileSync(join(folder, `${id}.session`), text, 'latin1');
  const repaired = repairSession(folder, id);
  t.is(repaired.history, `${id}_r2.dprec`);
  t.false(repaired.done.some((each) => each.startsWith('history used')));
  t.deepEqual(savedIn(folder).fileNames, [`${id}.dprec`, `${id}_r2.dprec`]);
  t.deepEqual(savedIn(folder).doubts, []);
});

test('a session whose history is gone cannot be repaired, and its journal is as it was', (t) => {
  const folder = tempFolder(t);
  const bytes = journalOf({ key: 'file', name: `${id}.dprec` });
  writeFileSync(join(folder, `${id}.session`), bytes);
  refusedWith(t, 'session-not-repairable', () => repairSession(folder, id));
  writeFileSync(join(folder, `${id}.dprec`), 'nothing');
  const error = refusedWith(t, 'session-not-repairable', () => repairSession(folder, id));
  t.true(error.message.includes(`${id}.dprec`));
  t.deepEqual(readFileSync(join(folder, `${id}.session`)), bytes);
});

test('a session that claims the alias of another one cannot be repaired, and is as it was', (t) => {
  const folder = tempFolder(t);
  const other = `${id.slice(0, -1)}1`;
  for (const name of [id, other]) {
    writeFileSync(join(folder, `${name}.dprec`), historyOf(...plain));
    writeFileSync(
      join(folder, `${name}.session`),
      journalOf({ key: 'file', name: `${name}.dprec` }, { key: 'alias', alias: 'ink' }),
    );
  }
  const before = readFileSync(join(folder, `${other}.session`));
  refusedWith(t, 'session-not-repairable', () => repairSession(folder, other));
  t.deepEqual(readFileSync(join(folder, `${other}.session`)), before);
  renameSync(join(folder, `${other}.dprec`), join(folder, `${other}_r2.dprec`));
  refusedWith(t, 'session-not-repairable', () => repairSession(folder, other));
  t.deepEqual(readFileSync(join(folder, `${other}.session`)), before, 'put back after it was tried');
});

test('the protocol of a repaired session is that of its history', (t) => {
  const folder = tempFolder(t);
  mkdirSync(join(folder, 'sub'));
  writeFileSync(join(folder, `${id}.dprec`), Buffer.concat([makeHead({ version: 'dp:4.24.0' }), ...plain]));
  writeFileSync(join(folder, `${id}.session`), journalOf({ key: 'setting', name: 'title', value: 'Old' }));
  repairSession(folder, id);
  t.is(surveyFolder(folder, { isForWriting: true }).sessions[0]?.reading.saved.protocol, 'dp:4.24.0');
});
