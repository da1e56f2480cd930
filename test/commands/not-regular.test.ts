// Paths that name no regular file, and folders that cannot be made: the program neither waits nor reads on for ever.
// It says in one error what is wrong with which path; what a folder holds is set aside by name.

import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { makeSelfSigned } from '../../src/lib/io/net/self-signed.js';
import { runBinary } from '../helpers/run-binary.js';
import { runLight } from '../helpers/run-command.js';
import { serveBinary } from '../helpers/serve-binary.js';

const isRoot = process.getuid?.() === 0;

const kinds = {
  'a FIFO': { make: (path: string) => execFileSync('mkfifo', ['-m', '666', path]), name: /named pipe/ },
  'a link to a device': {
    make: (path: string) => symlinkSync('/dev/zero', path),
    // in a folder that everybody may write root follows no link, wherever it leads
    name: isRoot ? /it is a device|every user can change where/ : /it is a device/,
  },
  'a folder': { make: (path: string) => mkdirSync(path), name: /it is a folder/ },
};

/** Others may use it, too: a server that root starts is somebody else. */
function openFolder(t: ExecutionContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'dp-irregular-'));
  chmodSync(folder, 0o777);
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

const commands: Record<string, (path: string) => string[]> = {
  'config get, settings file': (path) => ['config', 'get', 'serverTitle', '--config', path],
  'config set, settings file': (path) => ['config', 'set', 'serverTitle', 'x', '--config', path],
  'config check': (path) => ['config', 'check', path],
  'user list, database': (path) => ['user', 'list', '--database', path],
  'cert show': (path) => ['cert', 'show', path],
  'rec info': (path) => ['rec', 'info', path],
  'rec verify': (path) => ['rec', 'verify', path],
  'rec convert': (path) => ['rec', 'convert', path, '/nonexistent/out.dprec'],
  'template validate': (path) => ['template', 'validate', path],
  'backup verify': (path) => ['backup', 'verify', path],
  'import, settings file': (path) => ['import', '--dry-run', '--config', path],
  'import, database': (path) => ['import', '--dry-run', '--database', path],
  'serve, settings file': (path) => ['serve', '--port', '0', '--config', path],
  'serve, database': (path) => ['serve', '--port', '0', '--database', path],
  'serve, certificate': (path) => [
    ...['serve', '--port', '0', '--sessions', `${path}-sessions`],
    ...['--ssl-cert', path, '--ssl-key', `${path}.key`],
  ],
  'serve, key': (path) => [
    ...['serve', '--port', '0', '--sessions', `${path}-sessions`],
    ...['--ssl-cert', `${path}.pem`, '--ssl-key', path],
  ],
};

for (const [what, { make, name }] of Object.entries(kinds)) {
  test(`${what} for each file that a command takes: one error that names it`, async (t) => {
    const folder = openFolder(t);
    const path = join(folder, 'thing');
    make(path);
    const pair = await makeSelfSigned({ names: ['localhost'], days: 2, nowMs: Date.now() });
    writeFileSync(`${path}.pem`, pair.certificate);
    writeFileSync(`${path}.key`, pair.key);
    for (const [command, argv] of Object.entries(commands)) {
      const ran = await runLight(argv(path), { env: { DP_DATA: join(folder, 'data'), NO_COLOR: '1' } });
      const said = ran.stdout + ran.stderr;
      t.true(ran.status !== 0 && ran.status !== null, `${command}: ${ran.status} ${said}`);
      t.regex(said, name, command);
      t.true(said.includes(path), `${command}: ${said}`);
      t.notRegex(said, /internal error|^ +at /m, command);
    }
  });
}

const noFolders = {
  'a FIFO': { make: kinds['a FIFO'].make, name: /is a named pipe \(FIFO\), not a folder/ },
  'a link to a device': { make: kinds['a link to a device'].make, name: /is a device, not a folder/ },
  'a file': { make: (path: string) => writeFileSync(path, ''), name: /is a file, not a folder/ },
};

const folderFlags: Record<string, (path: string) => string[]> = {
  'serve, templates': (path) => ['serve', '--port', '0', '--sessions', `${path}-s`, '--templates', path],
  'serve, sessions': (path) => ['serve', '--port', '0', '--sessions', path],
  'serve, data': (path) => ['serve', '--port', '0', '--data', path],
  'serve, web interface': (path) => [
    'serve',
    '--port',
    '0',
    '--sessions',
    `${path}-s`,
    '--web-admin-app',
    path,
  ],
  'init, data': (path) => ['init', '--yes', '--data', path],
  'template list': (path) => ['template', 'list', path],
};

for (const [what, { make, name }] of Object.entries(noFolders)) {
  test(`${what} for each folder that a command takes: one error that names it, and what to do`, async (t) => {
    const path = join(openFolder(t), 'thing');
    make(path);
    for (const [command, argv] of Object.entries(folderFlags)) {
      const ran = await runLight(argv(path), { env: { DP_DATA: `${path}-data`, NO_COLOR: '1' } });
      t.true(ran.status !== 0 && ran.status !== null, `${command}: ${ran.status} ${ran.stdout}`);
      t.regex(ran.stderr, name, command);
      t.true(ran.stderr.includes(path), `${command}: ${ran.stderr}`);
      t.regex(ran.stderr, /^hint: name another folder/m, command);
    }
    const doctor = await runLight(
      ['doctor', '--templates', path, '--web-admin-app', path, '--sessions', path],
      {
        env: { DP_DATA: `${path}-data`, NO_COLOR: '1' },
      },
    );
    t.is(doctor.stdout.match(new RegExp(name, 'g'))?.length, 3, doctor.stdout);
  });
}

test('a folder for the web interface that does not exist, and a certificate that is a FIFO, lead on', async (t) => {
  const folder = openFolder(t);
  const site = await runLight([
    'serve',
    '--port',
    '0',
    '--ephemeral',
    '--web-admin-app',
    join(folder, 'none'),
  ]);
  t.is(
    site.stderr,
    `error: cannot use ${join(folder, 'none')} as a folder: it does not exist\nhint: name another folder\n`,
  );
  const pipe = join(folder, 'pipe');
  kinds['a FIFO'].make(pipe);
  const certificate = await runLight(['cert', 'show', pipe]);
  t.regex(certificate.stderr, new RegExp(`^hint: check what is there with: ls -l ${pipe}$`, 'm'));
});

test('serve.env that is a FIFO, a device or a folder: one error', async (t) => {
  for (const { make, name } of Object.values(kinds)) {
    const data = join(openFolder(t), 'data');
    mkdirSync(data);
    make(join(data, 'serve.env'));
    const ran = await runBinary(['serve', '--port', '0', '--data', data]);
    t.not(ran.status, 0);
    t.regex(ran.stderr, name);
    t.true(ran.stderr.includes(join(data, 'serve.env')), ran.stderr);
  }
});

test('folders that cannot be made: one error, at once', async (t) => {
  const rows = [
    ['--database', '/proc/none/x.db'],
    ['--database', '/sys/none/deep/x.db'],
    ['--sessions', '/proc/none/sessions'],
    ['--sessions', '/proc/self/task/none/deep'],
    ['--data', '/proc/none/data'],
    ['--config', '/proc/none/dp.conf', '--sessions', '/proc/none/s'],
  ];
  for (const [flag, place, ...more] of rows) {
    const ran = await runBinary(['serve', '--port', '0', flag!, place!, ...more]);
    t.true(ran.status !== 0 && ran.status !== null, `${flag} ${place}: ${ran.status} ${ran.stderr}`);
    t.regex(ran.stderr, /\/(proc|sys)\//, `${flag} ${place}`);
    t.notRegex(ran.stderr, /internal error|^ +at /m);
  }
  for (const argv of [
    ['cert', 'create', '--ssl-cert', '/proc/none/c.pem', '--ssl-key', '/proc/none/k.pem'],
    ['init', '--yes', '--data', '/proc/none/data'],
  ]) {
    const ran = await runLight(argv);
    t.true(ran.status !== 0 && ran.status !== null, `${argv.join(' ')}: ${ran.status} ${ran.stderr}`);
  }
});

test('a recording that cannot be made fails alone: the server starts, and says so', async (t) => {
  const server = await serveBinary(t, 'socket', '--record', '/proc/nowhere/x.dprec');
  t.is((await server.dp('status')).status, 0);
  server.kill('SIGTERM');
  t.deepEqual(await server.ended, { status: 0 });
});

test('what is no file in the folders for sessions and templates is set aside by name', async (t) => {
  const folder = openFolder(t);
  const sessions = join(folder, 'sessions');
  const templates = join(folder, 'templates');
  for (const place of [sessions, templates]) {
    mkdirSync(place);
    chmodSync(place, 0o777);
  }
  const ids = ['01m8hdhttxh5gtea7j0bgk4z01', '01m8hdhttxh5gtea7j0bgk4z02', '01m8hdhttxh5gtea7j0bgk4z03'];
  Object.values(kinds).forEach(({ make }, i) => {
    make(join(sessions, `${ids[i]}.session`));
    make(join(templates, `t${i}.dptxt`));
  });
  const history = '01m8hdhttxh5gtea7j0bgk4z04';
  writeFileSync(join(sessions, `${history}.session`), `FILE ${history}.dprec\nALIAS room\n`, { mode: 0o666 });
  chmodSync(join(sessions, `${history}.session`), 0o666);
  kinds['a FIFO'].make(join(sessions, `${history}.dprec`));
  const server = await serveBinary(t, 'socket', '--sessions', sessions, '--templates', templates);
  // what it logged at the start has arrived by the time it answers
  await server.dp('status');
  for (const id of ids) t.regex(server.output(), new RegExp(`${id}\\.session: it is a .*not a regular file`));
  t.regex(server.output(), new RegExp(`${history}\\.dprec: it is a named pipe`));
  for (const i of [0, 1, 2]) t.regex(server.output(), new RegExp(`t${i}\\.dptxt is ignored: .*it is a `));
});
