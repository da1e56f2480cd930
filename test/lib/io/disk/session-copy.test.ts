// What a backup copies of a session folder: each session with the history that its journal names, each at one moment.
import { appendFileSync, mkdirSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { seal } from '../../../../src/lib/core/session/journal-seals.js';
import { writeJournalLine } from '../../../../src/lib/core/session/journal-text.js';
import { type CopySource, plain, sessionSources } from '../../../../src/lib/io/disk/session-copy.js';
import { tempFolder } from '../../../helpers/temp-folder.js';

const journalOf = (...names: string[]) =>
  seal(
    names.map((name) => writeJournalLine({ key: 'file', name })),
    0,
  ).bytes;

const bytesOf = (source: CopySource) => Buffer.concat([...source.pieces()]);
const namesOf = (folder: string, archived = false) =>
  [...sessionSources(folder, archived)].map((source) => {
    bytesOf(source);
    return source.name;
  });

test('a session is its journal, the history that the journal names, and its picture', (t) => {
  const folder = tempFolder(t);
  writeFileSync(join(folder, 'a.session'), journalOf('a.dprec', 'a_r2.dprec'));
  for (const name of ['a.dprec', 'a_r2.dprec', 'a.thumbnail', 'b.thumbnail', 'notes.txt', 'c.dprec'])
    writeFileSync(join(folder, name), name);
  t.deepEqual(namesOf(folder), ['a.session', 'a_r2.dprec', 'a.thumbnail']);
});

test('archives are copied where that is wanted', (t) => {
  const folder = tempFolder(t);
  for (const name of ['x.session.archived', 'x.dprec.archived', 'x.dprec'])
    writeFileSync(join(folder, name), name);
  t.deepEqual(namesOf(folder), []);
  t.deepEqual(namesOf(folder, true), ['x.dprec.archived', 'x.session.archived']);
});

test('of a folder that is not there nothing is copied', (t) => {
  t.deepEqual(namesOf(join(tempFolder(t), 'missing')), []);
});

test('a session whose history is gone is copied with all that there is of it', (t) => {
  const folder = tempFolder(t);
  writeFileSync(join(folder, 'a.session'), journalOf('a_r2.dprec'));
  for (const name of ['a.dprec', 'b.dprec', 'a.dprec.archived']) writeFileSync(join(folder, name), name);
  writeFileSync(join(folder, 'b.session'), journalOf());
  writeFileSync(join(folder, 'c.old.session'), journalOf());
  t.deepEqual(namesOf(folder), ['a.session', 'a.dprec', 'b.session', 'b.dprec', 'c.old.session']);
});

test('a journal that names a history of another session does not copy it twice, nor from elsewhere', (t) => {
  const folder = tempFolder(t);
  const elsewhere = tempFolder(t);
  writeFileSync(join(elsewhere, 'a.dprec'), 'secret');
  writeFileSync(join(folder, 'a.session'), journalOf('b.dprec'));
  writeFileSync(join(folder, 'b.session'), journalOf('b.dprec'));
  writeFileSync(join(folder, 'b.dprec'), 'b');
  symlinkSync(join(elsewhere, 'a.dprec'), join(folder, 'a.dprec'));
  t.deepEqual(namesOf(folder), ['a.session', 'b.session', 'b.dprec']);
});

test('a link is not followed where files of sessions are copied, and is where any file is', (t) => {
  const folder = tempFolder(t);
  const elsewhere = tempFolder(t);
  writeFileSync(join(elsewhere, 'x'), 'elsewhere');
  symlinkSync(join(elsewhere, 'x'), join(folder, 'a.session.archived'));
  symlinkSync(join(elsewhere, 'x'), join(folder, 'a.thumbnail'));
  writeFileSync(join(folder, 'a.session'), journalOf('a.dprec'));
  writeFileSync(join(folder, 'a.dprec'), 'a');
  t.deepEqual(namesOf(folder, true), ['a.session', 'a.dprec']);
  const [found] = plain(folder, 'a.thumbnail');
  t.is(found && bytesOf(found).toString(), 'elsewhere');
});

test('a file that is none, or is not there, is left out', (t) => {
  const folder = tempFolder(t);
  mkdirSync(join(folder, 'a.session.archived'));
  symlinkSync('itself', join(folder, 'itself'));
  t.deepEqual(namesOf(folder, true), []);
  for (const name of ['missing', 'a.session.archived', 'itself', join('missing', 'x')])
    t.is([...plain(folder, name)].length, 0, name);
  writeFileSync(join(folder, 'file'), '');
  t.is([...plain(folder, join('file', 'x'))].length, 0);
});

test('a history that grows is copied as long as it was, with its time', (t) => {
  const folder = tempFolder(t);
  const long = Buffer.alloc(600_000, 'abc');
  writeFileSync(join(folder, 'a.session'), journalOf('a.dprec'));
  writeFileSync(join(folder, 'a.dprec'), long);
  utimesSync(join(folder, 'a.dprec'), 1000, 1000);
  const [, history] = sessionSources(folder, false);
  t.is(history?.sizeBytes, long.length);
  t.is(history?.modified, 1_000_000);
  appendFileSync(join(folder, 'a.dprec'), 'more');
  t.deepEqual(history && bytesOf(history), long);
});
