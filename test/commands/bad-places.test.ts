// Data that a command can't work on: one clear line, the way out, a status to rely on, and nothing touched.

import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import ConfigGet from '../../src/commands/config/get.js';
import ConfigSet from '../../src/commands/config/set.js';
import { runCommand } from '../helpers/run-command.js';
import { databaseFlags } from '../helpers/set-up.js';
import Database from '../helpers/sqlite.js';
import { tempFolder } from '../helpers/temp-folder.js';

const refused = test.macro(async (t, make: (folder: string) => string[], status: number, message: RegExp) => {
  const where = make(tempFolder(t));
  const before = isFile(where[1]!) ? readFileSync(where[1]!) : undefined;
  const ran = await runCommand(ConfigSet, ['serverTitle', 'New', ...where]);
  t.is(ran.status, status, ran.stderr);
  t.regex(ran.stderr, message);
  t.is(ran.stdout, '');
  t.true(ran.stderr.split('\n').length <= 3, ran.stderr);
  t.notRegex(ran.stderr, /internal error/);
  if (before !== undefined) t.deepEqual(readFileSync(where[1]!), before);
});

function isFile(path: string): boolean {
  try {
    readFileSync(path);
    return true;
  } catch {
    return false;
  }
}

test('no database', refused, (folder) => ['-d', join(folder, 'no.db')], 4, /there is no database/);
test(
  'no settings file',
  refused,
  (folder) => ['-c', join(folder, 'no.conf')],
  4,
  /there is no settings file/,
);
test('a folder for a database', refused, (folder) => ['-d', folder], 2, /is a folder/);
test('a folder for a settings file', refused, (folder) => ['-c', folder], 2, /is a folder/);
test(
  'a text for a database',
  refused,
  (folder) => {
    writeFileSync(join(folder, 'dp.db'), 'serverTitle = Old\n'.repeat(100));
    return ['-d', join(folder, 'dp.db')];
  },
  1,
  /is not an SQLite database/,
);
test(
  'a database from the future',
  refused,
  (folder) => {
    const file = join(folder, 'dp.db');
    const database = new Database(file);
    database.exec('CREATE TABLE settings (key PRIMARY KEY, value)');
    database.pragma('user_version = 99');
    database.close();
    return ['-d', file];
  },
  1,
  /created by a newer version/,
);
test(
  'another program’s database',
  refused,
  (folder) => {
    const file = join(folder, 'dp.db');
    const database = new Database(file);
    database.exec('CREATE TABLE settings (name, content)');
    database.close();
    return ['-d', file];
  },
  1,
  /no column key/,
);
test(
  'a way through a file',
  refused,
  (folder) => {
    writeFileSync(join(folder, 'file'), '');
    mkdirSync(join(folder, 'sub'));
    return ['-c', join(folder, 'file', 'dp.conf')];
  },
  4,
  /there is no settings file/,
);

test('a database that somebody holds can be read, and writing says so after a while', async (t) => {
  const where = await databaseFlags(t);
  await runCommand(ConfigSet, ['serverTitle', 'Old', ...where]);
  const other = new Database(where[1]!);
  t.teardown(() => other.close());
  other.exec('BEGIN IMMEDIATE');
  t.is((await runCommand(ConfigGet, ['serverTitle', ...where])).stdout, 'Old\n');
  const ran = await runCommand(ConfigSet, ['serverTitle', 'New', ...where]);
  t.is(ran.status, 1);
  t.regex(ran.stderr, /locked by another program; nothing was changed/);
  other.exec('ROLLBACK');
  t.is((await runCommand(ConfigSet, ['serverTitle', 'New', ...where])).status, 0);
});

test(
  'no way to a database',
  refused,
  (folder) => {
    writeFileSync(join(folder, 'file'), '');
    return ['-d', join(folder, 'file', 'dp.db')];
  },
  4,
  /there is no database/,
);
