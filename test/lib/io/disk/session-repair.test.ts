// Which session is meant by an id, or by the beginning of one.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { Refusal } from '../../../../src/lib/core/errors.js';
import { repairSession } from '../../../../src/lib/io/disk/session-repair.js';
import { tempFolder } from '../../../helpers/temp-folder.js';

const ids = Array.from({ length: 6 }, (_, i) => `01m8hdhttxh5gtea7j0bgk4z0${i}`);

test('a beginning that fits several sessions is refused with the first five of them', (t) => {
  const folder = tempFolder(t);
  for (const id of ids) writeFileSync(join(folder, `${id}.session`), '');
  const error = t.throws(() => repairSession(folder, '01M8'), { instanceOf: Refusal });
  t.regex(error.message, /\b6\b/);
  const said = `${error.message} ${error.hint}`;
  for (const id of ids.slice(0, 5)) t.true(said.includes(id), id);
  t.false(said.includes(ids[5] ?? ''));
});

test('two that fit are refused as well, but not the one that is named in full', (t) => {
  const folder = tempFolder(t);
  for (const id of ['abc', 'abcd']) writeFileSync(join(folder, `${id}.session`), '');
  t.regex(t.throws(() => repairSession(folder, 'ab')).message, /\b2\b/);
  for (const [given, id] of [
    ['abc', 'abc'],
    ['abcd', 'abcd'],
    ['ABCD', 'abcd'],
  ] as const) {
    // found, and then refused because there is nothing in it
    const error = t.throws(() => repairSession(folder, given), { instanceOf: Refusal });
    t.regex(error.message, new RegExp(`\\b${id}\\b`));
    t.not(error.code, 'session-ambiguous');
    t.not(error.code, 'stored-session-not-found');
  }
});

test('where no session fits that is said, with the folder', (t) => {
  const folder = tempFolder(t);
  writeFileSync(join(folder, 'abc.session.damaged'), '');
  const error = t.throws(() => repairSession(folder, 'abc'), { instanceOf: Refusal });
  t.is(error.code, 'stored-session-not-found');
  t.true(error.message.includes(folder));
});
