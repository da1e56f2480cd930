// The whole life of the Debian package in a Debian of its own, made by debootstrap: `npm run test:deb`, as root, with network.
// There is no systemd in it: the server is started as its unit says. release.test.ts has the short form, without all that.

import { execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { Client } from '../helpers/client.js';
import { laterVersion, nodePackage, run } from '../helpers/debian-package.js';
import { tempFolder } from '../helpers/temp-folder.js';

const wanted = process.env.DP_TEST_DEB === '1' ? test : test.skip;

wanted('the Debian package is installed, started, upgraded, removed and purged', async (t) => {
  t.timeout(1_200_000);
  const folder = tempFolder(t);
  const root = join(folder, 'root');
  const release = /^VERSION_CODENAME=(\w+)$/m.exec(readFileSync('/etc/os-release', 'utf8'))?.[1] ?? 'stable';
  execFileSync('debootstrap', ['--variant=minbase', release, root, 'http://deb.debian.org/debian'], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const out = join(folder, 'out');
  execFileSync(
    process.execPath,
    ['scripts/release.mjs', '--no-build', '--out', out, '--maintainer', 'Test <test@example.org>'],
    { stdio: ['ignore', 'ignore', 'inherit'] },
  );
  const first = join(out, readdirSync(out).find((name) => name.endsWith('.deb'))!);
  const inside = (...args: string[]) => run('chroot', [root, ...args]);
  const install = (deb: string) => {
    const name = deb.split('/').at(-1)!;
    execFileSync('cp', [deb, join(root, 'tmp', name)]);
    const done = inside('dpkg', '-i', `/tmp/${name}`);
    t.is(done.status, 0, done.said);
    return done.said;
  };
  const has = (path: string) => existsSync(join(root, path));

  // Without Node it is refused and says why.
  execFileSync('cp', [first, join(root, 'tmp/early.deb')]);
  const early = inside('dpkg', '-i', '/tmp/early.deb');
  t.not(early.status, 0);
  t.regex(early.said, /dp-server depends on nodejs/);
  t.is(inside('dpkg', '--purge', 'dp-server').status, 0);

  install(nodePackage(folder));
  t.regex(install(first), /sudo dp init/);
  t.is(inside('dpkg', '--audit').said, '');
  t.is(inside('dpkg', '--verify', 'dp-server').said.replace(/^.*\/usr\/share\/.*\n/gm, ''), '');
  const account = inside('getent', 'passwd', 'dp').said;
  t.regex(account, /^dp:x:\d+:\d+::\/var\/lib\/dp:\/usr\/sbin\/nologin$/m);
  t.true(has('usr/lib/systemd/system/dp.service'));
  const versionOf = () => inside('dp', '--version').said.split('\n')[0];
  const before = versionOf();
  t.regex(before ?? '', /^dp \d/);
  t.is(inside('drawpile-srv', '--version').status, 0);

  // As the unit says; StateDirectory, RuntimeDirectory and User are systemd's work.
  const [, uid, gid] = /^dp:x:(\d+):(\d+):/m.exec(account)!;
  for (const place of ['var/lib/dp', 'run/dp']) {
    mkdirSync(join(root, place), { mode: 0o755 });
    execFileSync('chown', [`${uid}:${gid}`, join(root, place)]);
  }
  const start = async () => {
    const unit = readFileSync(join(root, 'usr/lib/systemd/system/dp.service'), 'utf8');
    const words = /^ExecStart=(.*)$/m.exec(unit)![1]!.split(' ');
    t.regex(unit, /^Environment="?DP_DATA=\/var\/lib\/dp"?$/m);
    const server = spawn('chroot', [`--userspec=${uid}:${gid}`, root, ...words], {
      env: {
        PATH: '/usr/sbin:/usr/bin:/sbin:/bin',
        DP_DATA: '/var/lib/dp',
        RUNTIME_DIRECTORY: '/run/dp',
        DP_PORT: '0',
        DP_LISTEN: '127.0.0.1',
        DP_PERSISTENCE: 'true',
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    t.teardown(() => server.kill('SIGKILL'));
    let said = '';
    const port = await new Promise<number>((resolve, reject) => {
      const hear = (text: Buffer) => {
        said += String(text);
        const found = /drawpile:\/\/127\.0\.0\.1:(\d+)/.exec(said)?.[1];
        if (found !== undefined) resolve(Number(found));
      };
      server.stdout.on('data', hear);
      server.stderr.on('data', hear);
      server.on('exit', () => reject(new Error(said)));
    });
    const stop = () =>
      new Promise<number | null>((resolve) => {
        server.on('exit', resolve);
        server.kill('SIGTERM');
      });
    return { port, stop };
  };
  const server = await start();
  const anna = await Client.host(server.port, {
    name: 'anna',
    title: 'Kept over an upgrade',
    settings: { persistent: true },
    patience: 60_000,
  });
  await anna.drop();
  t.is(await server.stop(), 0);
  writeFileSync(join(root, 'var/lib/dp/note'), 'of an administrator');

  install(laterVersion(first, '99.0.0', folder));
  t.is(versionOf(), 'dp 99.0.0');
  const again = await start();
  const userInfo = await Client.inLobby(again.port, { name: 'bob', patience: 60_000 });
  t.regex(inside('dp', 'session', 'list', '--json').said, /Kept over an upgrade/);
  await userInfo.drop();
  t.is(await again.stop(), 0);
  t.is(inside('getent', 'passwd', 'dp').said, account);

  t.is(inside('dpkg', '--remove', 'dp-server').status, 0);
  t.false(has('usr/bin/dp'));
  t.false(has('usr/lib/systemd/system/dp.service'));
  t.true(has('var/lib/dp/dp.db'));
  const purged = inside('dpkg', '--purge', 'dp-server');
  t.is(purged.status, 0);
  t.regex(purged.said, /\/var\/lib\/dp is kept/);
  t.true(has('var/lib/dp/note'));
  t.false(has('usr/lib/dp'), 'nothing of the program is left');
  t.not(inside('dpkg', '--status', 'dp-server').status, 0);
});
