// Folders with those above them: made, or refused at once with one reason.

import { existsSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { makeFolder } from '../../../../src/lib/io/files/folders.js';
import { tempFolder } from '../../../helpers/temp-folder.js';

test('folders are made with those above them, and the outermost new one is told', (t) => {
  const folder = tempFolder(t);
  t.is(makeFolder(join(folder, 'a', 'b', 'c')), join(folder, 'a'));
  t.true(statSync(join(folder, 'a', 'b', 'c')).isDirectory());
  t.is(makeFolder(join(folder, 'a', 'b', 'd')), join(folder, 'a', 'b', 'd'));
  t.is(makeFolder(join(folder, 'a')), undefined);
});

// Node's own recursive mkdir never comes back from these.
for (const place of ['/proc/none/x', '/proc/none', '/proc/self/task/none/deep/deeper', '/sys/none/x']) {
  test(`${place} comes to an end`, (t) => {
    t.throws(() => makeFolder(place), { message: /no folders can be made in|EACCES|EPERM|EROFS|read-only/ });
  });
}

test('what is in the way is named', (t) => {
  const folder = tempFolder(t);
  writeFileSync(join(folder, 'file'), '');
  t.throws(() => makeFolder(join(folder, 'file')), { message: /file is a file, not a folder/ });
  t.throws(() => makeFolder(join(folder, 'file', 'x', 'y')), { code: 'ENOTDIR' });
  symlinkSync(join(folder, 'nowhere'), join(folder, 'link'));
  t.throws(() => makeFolder(join(folder, 'link')), { message: /link that leads nowhere/ });
  t.throws(() => makeFolder(join(folder, 'link', 'x')), { message: /link that leads nowhere/ });
  symlinkSync(join(folder, 'round'), join(folder, 'round'));
  t.throws(() => makeFolder(join(folder, 'round', 'x')), { code: 'ELOOP' });
  t.false(existsSync(join(folder, 'nowhere')));
});

test('a link to a folder is a folder', (t) => {
  const folder = tempFolder(t);
  makeFolder(join(folder, 'real'));
  symlinkSync(join(folder, 'real'), join(folder, 'link'));
  t.is(makeFolder(join(folder, 'link', 'x')), join(folder, 'link', 'x'));
  t.true(existsSync(join(folder, 'real', 'x')));
});
