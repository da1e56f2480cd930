// What `npm run release` makes: looked into with the programs of those who get it.

import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import test, { type ExecutionContext } from 'ava';
import { Client } from '../helpers/client.js';
import { laterVersion, run } from '../helpers/debian-package.js';
import { tempFolder } from '../helpers/temp-folder.js';

interface Manifest {
  name: string;
  version: string;
  bin: Record<string, string>;
  exports: object;
  dependencies: Record<string, string>;
}

interface Parts {
  bomFormat: string;
  metadata: { component: { name: string; version: string } };
  components: { name: string; version: string }[];
}

const here = JSON.parse(readFileSync('package.json', 'utf8')) as Manifest;
const hasDpkg = spawnSync('dpkg-deb', ['--version']).error === undefined;
const withDpkg = hasDpkg || process.env.CI === 'true' ? test : test.skip;

test('the package has a name of its own, and its commands keep theirs', (t) => {
  t.is(here.name, 'dp-server');
  t.false('private' in here);
  t.deepEqual(here.exports, {});
  t.deepEqual(Object.keys(here.bin), ['dp', 'drawpile-srv']);
});

withDpkg('a release: tarball, Debian package, parts, changes, and sums that are right', async (t) => {
  t.timeout(300_000);
  const folder = tempFolder(t);
  const out = join(folder, 'out');
  // dist is as the tests found it: a build would take it from under the others.
  execFileSync(
    process.execPath,
    [
      ...['scripts/release.mjs', '--no-build', '--quick', '--out', out],
      ...['--maintainer', 'Ada Example <ada@example.org>'],
    ],
    { stdio: ['ignore', 'ignore', 'inherit'] },
  );
  const names = readdirSync(out);
  const only = (pattern: RegExp) => {
    const found = names.filter((name) => pattern.test(name));
    t.is(found.length, 1, `${pattern}: ${names}`);
    return join(out, found[0]!);
  };
  const sums = readFileSync(join(out, 'SHA256SUMS'), 'utf8').trim().split('\n');
  t.is(sums.length, names.length - 1);
  for (const line of sums) {
    const [sum, name] = line.split('  ');
    t.is(
      createHash('sha256')
        .update(readFileSync(join(out, name!)))
        .digest('hex'),
      sum!,
    );
  }
  t.regex(readFileSync(join(out, 'CHANGES.md'), 'utf8'), /^## \d+\.\d+\.\d+/);

  const tarball = only(/^dp-server-.*\.tgz$/);
  const listed = execFileSync('tar', ['tzf', tarball], { encoding: 'utf8' }).split('\n');
  for (const name of [
    'bin/run.js',
    'dist/commands/serve.js',
    'oclif.manifest.json',
    'man/dp-serve.1',
    'completions/dp.bash',
    'completions/_dp',
    'completions/dp.fish',
    'sqlite/install.mjs',
    'sqlite/12/package-lock.json',
  ])
    t.true(listed.includes(`package/${name}`), name);
  t.false(listed.some((name) => /^package\/(src|test)\//.test(name)));
  t.deepEqual(bundledIn(listed), bundledInLockfile());
  execFileSync('tar', ['xzf', tarball, '-C', folder]);
  const released = JSON.parse(readFileSync(join(folder, 'package/package.json'), 'utf8')) as Manifest;
  t.false('devDependencies' in released);

  const parts = JSON.parse(readFileSync(only(/\.cdx\.json$/), 'utf8')) as Parts;
  t.is(parts.bomFormat, 'CycloneDX');
  t.is(parts.metadata.component.version, released.version);
  const listedParts = parts.components.map(({ name }) => name);
  for (const name of Object.keys(here.dependencies)) t.true(listedParts.includes(name), name);
  for (const name of ['typescript', 'ava', 'oclif']) t.false(listedParts.includes(name), name);
  const sqlite = parts.components.filter(({ name }) => name === 'better-sqlite3');
  t.deepEqual(sqlite.map(({ version }) => Number.parseInt(version, 10)).sort(), [12, 13]);

  const deb = only(/^dp-server_.*\.deb$/);
  const control = execFileSync('dpkg-deb', ['-I', deb], { encoding: 'utf8' });
  t.regex(control, /Package: dp-server\n/);
  t.regex(control, /Maintainer: Ada Example <ada@example\.org>\n/);
  t.regex(control, /Depends: nodejs \(>= 2\d/);
  for (const script of ['postinst', 'prerm', 'postrm']) t.regex(control, new RegExp(`${script} +#!/bin/sh`));
  const content = execFileSync('dpkg-deb', ['-c', deb], { encoding: 'utf8', maxBuffer: 1 << 24 });
  for (const line of [
    /root\/root .* \.\/usr\/bin\/dp -> \.\.\/lib\/dp\/bin\/run\.js$/m,
    /\.\/usr\/bin\/drawpile-srv -> /,
    /^-rw-r--r-- .* \.\/usr\/lib\/systemd\/system\/dp\.service$/m,
    /\.\/usr\/lib\/sysusers\.d\/dp\.conf$/m,
    /\.\/usr\/share\/man\/man1\/dp-serve\.1\.gz$/m,
    /\.\/usr\/share\/man\/man5\/dp\.conf\.5\.gz$/m,
    /\.\/usr\/share\/bash-completion\/completions\/dp$/m,
    /\.\/usr\/share\/zsh\/vendor-completions\/_dp$/m,
    /\.\/usr\/share\/fish\/vendor_completions\.d\/dp\.fish$/m,
  ])
    t.regex(content, line);
  t.notRegex(content, /node_modules\/(typescript|ava|@biomejs)\//);

  lives(t, deb, folder);

  const root = join(folder, 'root');
  mkdirSync(root);
  execFileSync('dpkg-deb', ['-x', deb, root]);
  t.regex(
    readFileSync(join(root, 'usr/lib/systemd/system/dp.service'), 'utf8'),
    /^ExecStart=\/usr\/bin\/node \/usr\/lib\/dp\/bin\/run\.js serve$/m,
  );
  const program = join(root, 'usr/bin/dp');
  const env = { PATH: process.env.PATH, HOME: folder };
  const version = execFileSync(process.execPath, [program, '--version'], { encoding: 'utf8', env });
  t.is(version.split('\n')[0], `dp ${released.version}`);
  // With SQLite, and with a client. Started by root it becomes another user, who must reach the folder.
  chmodSync(folder, 0o755);
  const data = join(folder, 'data');
  const server = spawn(
    process.execPath,
    [program, 'serve', '--listen', '127.0.0.1', '--port', '0', '--data', data],
    { env, stdio: ['ignore', 'pipe', 'ignore'] },
  );
  t.teardown(() => server.kill('SIGKILL'));
  let said = '';
  for await (const text of server.stdout!) {
    said += String(text);
    const port = /drawpile:\/\/127\.0\.0\.1:(\d+)/.exec(said)?.[1];
    if (port === undefined) continue;
    const client = await Client.host(Number(port), {
      name: 'anna',
      title: 'From a package',
      patience: 60_000,
    });
    client.drop();
    break;
  }
  t.true(existsSync(join(data, 'dp.db')), said);
  rmSync(resolve(root), { recursive: true, force: true });
});

/** Folders of packages that come in the tarball. */
function bundledIn(listed: readonly string[]): string[] {
  const found = listed.flatMap(
    (name) => /^package\/(.*node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(name)?.[1] ?? [],
  );
  return [...new Set(found)].toSorted();
}

/** inquirer and what it needs; that of it which also developers get is no part. */
function bundledInLockfile(): string[] {
  const { packages } = JSON.parse(readFileSync('package-lock.json', 'utf8')) as {
    packages: Record<string, { inBundle?: boolean; devOptional?: boolean }>;
  };
  return Object.entries(packages)
    .filter(([, { inBundle, devOptional }]) => inBundle && !devOptional)
    .map(([path]) => path)
    .toSorted();
}

/**
 * Installed, upgraded, removed and purged by the real dpkg, into a folder: its scripts find fakes of what would change this
 * machine.
 */
function lives(t: ExecutionContext, deb: string, folder: string): void {
  const root = join(folder, 'installed');
  const fakes = join(folder, 'fakes');
  const calls = join(folder, 'calls');
  mkdirSync(join(root, 'var/lib/dpkg/info'), { recursive: true });
  mkdirSync(join(root, 'var/lib/dpkg/updates'));
  for (const name of ['status', 'available']) writeFileSync(join(root, 'var/lib/dpkg', name), '');
  mkdirSync(fakes);
  for (const [name, script] of [
    ['getent', `grep -q useradd ${calls}`],
    ['useradd', `echo "useradd $*" >> ${calls}`],
    ['systemctl', `echo "systemctl $*" >> ${calls}`],
  ] as const)
    writeFileSync(join(fakes, name), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
  writeFileSync(calls, '');
  const dpkg = (...args: string[]) => {
    const done = run(
      'dpkg',
      [
        `--instdir=${root}`,
        `--admindir=${root}/var/lib/dpkg`,
        '--force-script-chrootless',
        '--force-not-root',
        '--force-depends',
        `--log=${folder}/dpkg.log`,
        ...args,
      ],
      { ...process.env, PATH: `${fakes}:${process.env.PATH}:/usr/sbin:/sbin` },
    );
    t.is(done.status, 0, done.said);
    return done.said;
  };
  const has = (path: string) => existsSync(join(root, path));
  t.regex(dpkg('-i', deb), /sudo dp init/);
  t.true(has('usr/lib/dp/bin/run.js'));
  t.regex(readFileSync(calls, 'utf8'), /^useradd --system .*\/var\/lib\/dp .* dp$/m);
  t.notRegex(dpkg('-i', laterVersion(deb, '99.0.0', folder)), /dp init/);
  t.is(readFileSync(calls, 'utf8').match(/useradd/g)?.length, 1, 'an upgrade finds the user');
  t.regex(readFileSync(join(root, 'usr/lib/dp/package.json'), 'utf8'), /"99\.0\.0"/);
  dpkg('--remove', 'dp-server');
  t.false(has('usr/bin/dp'));
  dpkg('--purge', 'dp-server');
  t.false(has('usr/lib/dp'));
}

const releaseWith = (...args: string[]) =>
  run(process.execPath, ['scripts/release.mjs', '--no-build', ...args], {
    PATH: process.env.PATH,
    HOME: process.env.HOME,
  });

withDpkg('without a maintainer there is no release, and it says how to name one', (t) => {
  const out = join(tempFolder(t), 'out');
  const { status, said } = releaseWith('--out', out);
  t.is(status, 2);
  t.regex(
    said,
    /^error: the Debian package has no maintainer\nhint: .*--maintainer "Name <name@example\.org>"/,
  );
  t.false(existsSync(out), 'nothing is begun');
});

test('a maintainer is whoever is given, an author with an address, or Debian’s variables, in this order', async (t) => {
  const { maintainerOf } = (await import(pathToFileURL('scripts/release-deb.mjs').href)) as {
    maintainerOf(given: string | undefined, manifest: object, variables: Record<string, string>): string;
  };
  const variables = { DEBFULLNAME: 'Deb', DEBEMAIL: 'deb@example.org' };
  const author = { name: 'Ada', email: 'ada@example.org' };
  t.is(maintainerOf('Bob <bob@example.org>', { author }, variables), 'Bob <bob@example.org>');
  t.is(maintainerOf(undefined, { author }, variables), 'Ada <ada@example.org>');
  t.is(maintainerOf(undefined, { author: 'Ada <ada@example.org>' }, variables), 'Ada <ada@example.org>');
  for (const nameOnly of [{ author: 'The dp authors' }, { author: { name: 'Ada' } }, {}]) {
    t.is(maintainerOf(undefined, nameOnly, variables), 'Deb <deb@example.org>');
    t.throws(() => maintainerOf(undefined, nameOnly, {}), { message: /no maintainer/ });
  }
});

for (const wrong of ['Ada', 'ada@example.org', 'Ada <ada>', 'Ada <ada@example.org>\nDepends: sl', '']) {
  withDpkg(`a maintainer ${JSON.stringify(wrong)} is refused`, (t) => {
    const out = join(tempFolder(t), 'out');
    const { status, said } = releaseWith('--out', out, '--maintainer', wrong);
    t.is(status, 2);
    t.regex(said, /error: invalid maintainer/);
  });
}
