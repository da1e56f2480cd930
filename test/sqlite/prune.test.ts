// What the installation takes away of better-sqlite3, and that what is left runs.
import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import test, { type ExecutionContext } from 'ava';
import { tempFolder } from '../helpers/temp-folder.js';

interface Prune {
  pruneReadyMade(library: string): void;
  pruneBuilt(packages: string): void;
}

const { pruneReadyMade, pruneBuilt } = (await import(
  pathToFileURL(resolve('sqlite/prune.mjs')).href
)) as Prune;
const own = `${process.platform}-${process.arch}.node`;
const ownMusl = `${process.platform}musl-${process.arch}.node`;

function filesOf(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => statSync(join(folder, name)).isFile())
    .sort();
}

function makeFiles(t: ExecutionContext, names: readonly string[]): string {
  const folder = tempFolder(t);
  for (const name of names) {
    mkdirSync(join(folder, dirname(name)), { recursive: true });
    writeFileSync(join(folder, name), '');
  }
  return folder;
}

test('of version 13 the programs of this system stay, for either C library, and no sources', (t) => {
  const stays = [
    'LICENSE',
    'lib/index.js',
    'package.json',
    `prebuilds/${own}`,
    `prebuilds/${ownMusl}`,
  ].sort();
  const library = makeFiles(t, [
    ...stays,
    'prebuilds/otheros-x64.node',
    `prebuilds/${process.platform}-other.node`,
    `prebuilds/x${own}`,
    'deps/sqlite3/sqlite3.c',
    'src/better_sqlite3.cpp',
  ]);
  pruneReadyMade(library);
  t.deepEqual(filesOf(library), stays);
  pruneReadyMade(library);
  t.deepEqual(filesOf(library), stays);
});

for (const [what, names] of [
  ['no program for this system', ['deps/sqlite3.c', 'prebuilds/otheros-x64.node', 'src/a.cpp']],
  ['no program at all', ['deps/sqlite3.c', 'package.json', 'src/a.cpp']],
] as const) {
  test(`of version 13 with ${what} nothing is taken: it may be built`, (t) => {
    const library = makeFiles(t, names);
    pruneReadyMade(library);
    t.deepEqual(filesOf(library), [...names]);
  });
}

test('a folder that is not there is no trouble', (t) => {
  const folder = tempFolder(t);
  t.notThrows(() => pruneReadyMade(join(folder, 'better-sqlite3')));
  t.notThrows(() => pruneBuilt(join(folder, 'node_modules')));
  t.deepEqual(readdirSync(folder), []);
});

test('of version 12 only what runs stays', (t) => {
  const stays = [
    'better-sqlite3/LICENSE',
    'better-sqlite3/build/Release/better_sqlite3.node',
    'better-sqlite3/lib/index.js',
    'better-sqlite3/package.json',
    'bindings/bindings.js',
    'file-uri-to-path/index.js',
  ];
  const packages = makeFiles(t, [
    ...stays,
    'better-sqlite3/binding.gyp',
    'better-sqlite3/deps/sqlite3.c',
    'better-sqlite3/build/Makefile',
    'better-sqlite3/build/Release/obj/a.o',
    'better-sqlite3/build/Release/test_extension.node',
    'prebuild-install/bin.js',
    'tar-fs/index.js',
  ]);
  pruneBuilt(packages);
  t.deepEqual(filesOf(packages), stays);
});

// Node 20 has no ready-made version; `.ci/run` runs this on a newer line.
const readyMade = 'node_modules/better-sqlite3';
const withReadyMade = existsSync(join(readyMade, 'prebuilds', own)) ? test : test.skip;

withReadyMade('the ready-made library runs after it', (t) => {
  const library = join(tempFolder(t), 'node_modules/better-sqlite3');
  cpSync(readyMade, library, { recursive: true });
  pruneReadyMade(library);
  const script = `const D = require(${JSON.stringify(library)}); const d = new D(':memory:');
    d.exec('CREATE TABLE t (a); INSERT INTO t VALUES (5)'); console.log(d.prepare('SELECT a FROM t').get().a);`;
  t.is(execFileSync(process.execPath, ['-e', script], { encoding: 'utf8' }), '5\n');
  const bytes = filesOf(library).reduce((sum, name) => sum + statSync(join(library, name)).size, 0);
  t.true(bytes < 6_000_000, `${bytes} bytes`);
});
