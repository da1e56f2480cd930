import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import test from 'ava';
import {
  isCodeReadableByAll,
  isReadableByAll,
  loadLazyPackages,
} from '../../../../src/lib/io/system/lazy-packages.js';
import { tempFolder } from '../../../helpers/temp-folder.js';

test('code is readable by all when its file and every folder above it are', (t) => {
  const folder = path.join(tempFolder(t), 'code');
  const inner = path.join(folder, 'lib');
  const file = path.join(inner, 'a.js');
  mkdirSync(inner, { recursive: true });
  writeFileSync(file, '');
  chmodSync(path.dirname(folder), 0o755);
  chmodSync(folder, 0o711);
  chmodSync(inner, 0o755);
  chmodSync(file, 0o644);
  t.true(isReadableByAll(file));

  chmodSync(file, 0o640);
  t.false(isReadableByAll(file), 'the file is private');
  chmodSync(file, 0o644);
  chmodSync(inner, 0o750);
  t.false(isReadableByAll(file), 'its folder is private');
  chmodSync(inner, 0o755);
  chmodSync(folder, 0o700);
  t.false(isReadableByAll(file), 'a folder further up is private');
  chmodSync(folder, 0o711);
  t.false(isReadableByAll(path.join(inner, 'none.js')), 'there is no such file');
});

test('every package that is looked for is installed', (t) => {
  t.notThrows(loadLazyPackages);
  t.is(typeof isCodeReadableByAll(), 'boolean');
});
