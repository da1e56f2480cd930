// Whatever the umask of who starts it: what holds secrets or people's work is for its user, and at most its group.
import * as fs from 'node:fs';
import * as path from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { Client } from '../helpers/client.js';
import { runBinary } from '../helpers/run-binary.js';
import { serveBinary } from '../helpers/serve-binary.js';
import { tempFolder } from '../helpers/temp-folder.js';
import { until } from '../helpers/until.js';

/** Of every file below a folder, by its path there. */
function modesIn(folder: string): Record<string, number> {
  const modes: Record<string, number> = {};
  for (const name of fs.readdirSync(folder, { recursive: true }) as string[]) {
    const stats = fs.lstatSync(path.join(folder, name));
    if (stats.isFile()) modes[name] = stats.mode & 0o777;
  }
  return modes;
}

/** All are files of this many bits at most, and the names are there. */
function areClosed(t: ExecutionContext, folder: string, names: Readonly<Record<string, number>>): void {
  const modes = modesIn(folder);
  const wide = Object.entries(modes).filter(([, mode]) => (mode & 0o027) !== 0);
  t.deepEqual(
    wide.map(([name, mode]) => `${name} ${mode.toString(8)}`),
    [],
  );
  const found = (pattern: string) => {
    const name = Object.keys(modes).find((each) => new RegExp(`^${pattern}$`).test(each));
    return name === undefined ? undefined : modes[name];
  };
  t.deepEqual(
    Object.fromEntries(Object.keys(names).map((name) => [name, found(name)])),
    names,
    Object.keys(modes).join('\n'),
  );
}

for (const umask of ['000', '022']) {
  const shell = `umask ${umask}`;

  test(`umask ${umask}: database, sessions, recording, backup and export of a server`, async (t) => {
    const folder = tempFolder(t);
    const recordings = path.join(folder, 'rec');
    fs.mkdirSync(recordings);
    if (process.geteuid?.() === 0) for (const at of [folder, recordings]) fs.chmodSync(at, 0o777);
    const served = { teardown: t.teardown.bind(t), folder, shell };
    const server = await serveBinary(served, 'socket', '--record', `${recordings}/`);
    t.is((await server.dp('config', 'set', 'persistence', 'true')).status, 0);
    const host = await Client.host(server.port, { name: 'ann', alias: 'kept' });
    t.teardown(() => host.drop());
    host.command('sessionconf', [], { persistent: true, title: 'kept' });
    host.draw('a line');
    await host.ping();
    await until('a history is on the disk', () =>
      /\.dprec$/m.test(Object.keys(modesIn(server.data)).join('\n')),
    );
    await until('the recording has begun', () => fs.readdirSync(recordings).length > 0);
    const out = path.join(folder, 'out');
    fs.mkdirSync(out);
    const env = server.env;
    for (const argv of [
      ['session', 'export', 'kept', 'whole.dprec'],
      ['backup', 'create', 'all.backup'],
    ]) {
      const ran = await runBinary(argv, { env, cwd: out, shell });
      t.is(ran.status, 0, ran.stderr);
    }
    areClosed(t, out, { 'whole\\.dprec': 0o640, 'all\\.backup': 0o600 });
    areClosed(t, recordings, { '.*\\.dprec': 0o640 });
    areClosed(t, server.data, {
      'dp\\.db': 0o600,
      'dp\\.db-wal': 0o600,
      'dp\\.db-shm': 0o600,
      'sessions/[^/]*\\.session': 0o640,
      'sessions/[^/]*\\.dprec': 0o640,
    });
    server.kill('SIGTERM');
    await server.ended;
    areClosed(t, server.data, { 'dp\\.db': 0o600, 'sessions/[^/]*\\.session': 0o640 });
  });

  test(`umask ${umask}: settings file, start options, key and setup`, async (t) => {
    const folder = tempFolder(t);
    const data = path.join(folder, 'data');
    const env = { HOME: folder, DP_DATA: data, DP_RUNTIME: path.join(folder, 'run') };
    fs.writeFileSync(path.join(folder, 'new.conf'), '', { mode: 0o600 });
    fs.writeFileSync(path.join(folder, 'users.conf'), '', { mode: 0o600 });
    for (const [argv, stdin] of [
      [['init', '--yes', '--tls', 'self-signed', '--moderator', 'anna', '--password-stdin'], 'secret\n'],
      [['config', 'set', 'serverTitle', 'mine', '--config', 'new.conf'], ''],
      [['user', 'add', 'bob', '--password-stdin', '--config', 'users.conf'], 'secret\n'],
      [['cert', 'create', 'draw.example', '--ssl-cert', 'own.pem', '--ssl-key', 'own.key'], ''],
    ] as const) {
      const ran = await runBinary(argv, { env, cwd: folder, shell, stdin });
      t.is(ran.status, 0, `${argv.join(' ')}: ${ran.stdout}${ran.stderr}`);
    }
    t.like(modesIn(folder), {
      'new.conf': 0o600,
      'users.conf': 0o600,
      'own.key': 0o600,
      'own.pem': 0o644,
      'data/dp.db': 0o600,
      'data/serve.env': 0o600,
    });
  });

  test(`umask ${umask}: recordings that are made of recordings`, async (t) => {
    const folder = tempFolder(t);
    const env = { HOME: folder };
    const text = '!version=dp:4.24.0\n1 join name=ann\n1 chat message=hello\n';
    fs.writeFileSync(path.join(folder, 'in.dptxt'), text, { mode: 0o600 });
    for (const argv of [
      ['rec', 'convert', 'in.dptxt', 'binary.dprec'],
      ['rec', 'convert', 'binary.dprec', 'text.dptxt'],
      ['rec', 'convert', 'binary.dprec', 'packed.dprecz'],
      ['rec', 'verify', 'binary.dprec', '--repair', '--out', 'sound.dprec'],
    ]) {
      const ran = await runBinary(argv, { env, cwd: folder, shell });
      t.is(ran.status, 0, `${argv.join(' ')}: ${ran.stdout}${ran.stderr}`);
    }
    areClosed(t, folder, {
      'binary\\.dprec': 0o640,
      'text\\.dptxt': 0o640,
      'packed\\.dprecz': 0o640,
      'sound\\.dprec': 0o640,
    });
  });
}
