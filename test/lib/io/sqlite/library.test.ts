// The native part of SQLite: loaded with the first database, and named with what to type when it does not load.

import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import test from 'ava';
import { Fault } from '../../../../src/lib/core/errors.js';
import { loadSqlite, nativeFault, openSqlite } from '../../../../src/lib/io/sqlite/library.js';
import { tempFolder } from '../../../helpers/temp-folder.js';

test('a database opens', (t) => {
  const database = openSqlite(':memory:');
  t.is(database.pragma('user_version', { simple: true }), 0);
  database.close();
  t.is(loadSqlite(), loadSqlite());
});

const causes: [what: string, cause: Error, reason: RegExp][] = [
  [
    'built for another Node',
    new Error(
      "The module '/x.node'\nwas compiled against a different Node.js version using\nNODE_MODULE_VERSION 115. This version of Node.js requires\nNODE_MODULE_VERSION 137. Please try",
    ),
    /built for another Node \(modules of version 115, this one has 137\)/,
  ],
  ['not built', new Error('Could not locate the bindings file. Tried:\n → a\n → b'), /could not be built/],
  [
    'not there',
    Object.assign(new Error('Cannot find module'), { code: 'MODULE_NOT_FOUND' }),
    /could not be built/,
  ],
  ['for another system', new Error('/x.node: invalid ELF header\nmore'), /: \/x\.node: invalid ELF header$/],
];
for (const [what, cause, reason] of causes) {
  test(`a native part that is ${what} is named with what to type`, (t) => {
    const fault = nativeFault(cause);
    t.true(fault instanceof Fault);
    t.regex(fault.message, /^cannot load the native part of better-sqlite3 with Node v/);
    t.regex(fault.message, reason);
    const [, script] = /^run 'node (\/.*\.mjs)'/.exec(fault.hint!) ?? [];
    t.true(existsSync(script!), `${what}: ${fault.hint}`);
  });
}

test('every command that needs it says so, doctor too, and none speaks of an internal error', (t) => {
  // The program as it is, but with a native part that is none.
  const copy = tempFolder(t);
  for (const name of [
    'bin',
    'sqlite/12/index.cjs',
    'sqlite/13/index.cjs',
    'dist',
    'package.json',
    'oclif.manifest.json',
  ])
    cpSync(name, join(copy, name), { recursive: true });
  mkdirSync(join(copy, 'node_modules'));
  const own = spawnSync('ls', ['-A', 'node_modules'], { encoding: 'utf8' }).stdout.trim().split('\n');
  for (const name of own) {
    if (['better-sqlite3'].includes(name)) continue;
    symlinkSync(resolve('node_modules', name), join(copy, 'node_modules', name));
  }
  for (const parent of [copy, join(copy, 'sqlite/12'), join(copy, 'sqlite/13')]) {
    const broken = join(parent, 'node_modules', 'better-sqlite3');
    mkdirSync(broken, { recursive: true });
    writeFileSync(
      join(broken, 'package.json'),
      '{"name":"better-sqlite3","version":"12.0.0","main":"index.js"}',
    );
    writeFileSync(join(broken, 'thing.node'), 'not a program');
    writeFileSync(join(broken, 'index.js'), "module.exports = function () { require('./thing.node'); };");
  }
  const file = join(copy, 'dp.db');
  writeFileSync(file, 'SQLite format 3\0');
  for (const argv of [
    ['config', 'list', '--database', file],
    ['user', 'list', '--database', file],
    ['config', 'check', file],
    ['serve', '--port', '0', '--database', file],
    ['serve', '--port', '0', '--sessions', join(copy, 'sessions')],
    ['init', '--yes', '--data', join(copy, 'fresh')],
    ['import', '--database', file, '--data', join(copy, 'fresh')],
    ['backup', 'create', join(copy, 'b.tar.gz'), '--database', file],
    ['doctor', '--only', 'program', '--database', file],
    ['doctor', '--only', 'database', '--database', file],
  ]) {
    const { status, stdout, stderr } = spawnSync(process.execPath, [join(copy, 'bin', 'run.js'), ...argv], {
      encoding: 'utf8',
      env: { PATH: process.env.PATH, HOME: copy, DP_DATA: '' },
      timeout: 60_000,
    });
    const said = stdout + stderr;
    t.true(status !== 0 && status !== null, `${argv.join(' ')}: ${status} ${said}`);
    t.regex(said, /native part of better-sqlite3/, argv.join(' '));
    t.regex(said, /node .*sqlite\/install\.mjs/, argv.join(' '));
    t.notRegex(said, /internal error|^ +at /m, argv.join(' '));
  }
});
