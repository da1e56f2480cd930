// dp doctor: what it finds in servers that are well and in servers that are not, and that its advice can be typed.

import { execFileSync } from 'node:child_process';
import * as fs from 'node:fs';
import * as http from 'node:http';
import * as https from 'node:https';
import * as net from 'node:net';
import * as os from 'node:os';
import * as path from 'node:path';
import type { Duplex } from 'node:stream';
import { Config } from '@oclif/core';
import test, { type ExecutionContext } from 'ava';
import ConfigCheck from '../../src/commands/config/check.js';
import Doctor from '../../src/commands/doctor.js';
import { contradictions } from '../../src/lib/core/settings/contradictions.js';
import { startup } from '../../src/lib/core/settings/startup.js';
import { makeSelfSigned } from '../../src/lib/io/net/self-signed.js';
import { ConfigDatabase } from '../../src/lib/io/sqlite/config-database.js';
import { openSqlite } from '../../src/lib/io/sqlite/library.js';
import type { Finding } from '../../src/lib/server/doctor/catalogue.js';
import { startServer } from '../../src/lib/server/start.js';
import { makePair } from '../helpers/certificates.js';
import { MockServer } from '../helpers/mock-server.js';
import { runCommand } from '../helpers/run-command.js';

function temporaryFolder(t: ExecutionContext): string {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'dp-doctor-'));
  t.teardown(() => fs.rmSync(folder, { recursive: true, force: true }));
  return folder;
}

async function find(
  data: string,
  only: string,
  ...argv: string[]
): Promise<{ status: number; findings: Finding[] }> {
  const ran = await runCommand(Doctor, ['--json', '--only', only, ...argv], { env: { DP_DATA: data } });
  return { status: ran.status, findings: ran.json<{ findings: Finding[] }>().findings };
}

async function listen(t: ExecutionContext, server: net.Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.teardown(() => server.close());
  return (server.address() as net.AddressInfo).port;
}

test('a plain set-up is well: status 0, one line each, with what to type where it matters', async (t) => {
  const data = temporaryFolder(t);
  const database = await ConfigDatabase.open(path.join(data, 'dp.db'), { role: 'server' });
  database.accounts.add({ name: 'ann', password: 'plain;x', isLocked: false, flags: ['MOD'] });
  database.close();
  const { status, stdout } = await runCommand(Doctor, ['--port', '0'].slice(2), { env: { DP_DATA: data } });
  t.is(status, 0, stdout);
  t.regex(stdout, /^ok {6}database {4}.*dp\.db: intact$/m);
  t.regex(stdout, /^note {4}settings {4}the log is kept for ever.*\n {20}dp config set logpurgedays 30$/m);
  t.regex(stdout, /^No problems \(\d+ notes?\)\.$/m);
});

test('ports: free, taken by a Drawpile server, taken by something else, an address that is not ours', async (t) => {
  const data = temporaryFolder(t);
  const server = await startServer({ host: '127.0.0.1', port: 0 });
  t.teardown(() => server.stop());
  const running = await find(data, 'ports', '--listen', '127.0.0.1', '--port', String(server.port));
  t.like(running.findings, [{ level: 'ok', text: `--port ${server.port}: a Drawpile server answers` }]);

  const other = await listen(
    t,
    net.createServer((socket) => socket.end('SSH-2.0-x\r\n')),
  );
  const taken = await find(data, 'ports', '--listen', '127.0.0.1', '--port', String(other));
  t.is(taken.status, 7);
  t.like(taken.findings[0], { code: 'port-taken', level: 'problem' });
  // which one, where the system shows it
  t.regex(
    taken.findings[0]!.text,
    new RegExp(`^--port ${other} is in use by (?:node \\(process ${process.pid}\\)|another program)$`),
  );
  t.true(taken.findings[0]!.fix!.includes(`ss -ltnp 'sport = :${other}'`));

  const far = await find(data, 'ports', '--listen', '192.0.2.99');
  t.regex(far.findings[0]!.text, /EADDRNOTAVAIL/);
});

test('certificate: expired, for another name, with a key that does not belong to it', async (t) => {
  const folder = temporaryFolder(t);
  const write = async (name: string, daysLeft: number) => {
    const nowMs = Date.now() - (365 - daysLeft) * 86_400_000;
    const made = await makeSelfSigned({ names: ['draw.example'], days: 365, nowMs });
    fs.writeFileSync(path.join(folder, `${name}.pem`), made.certificate);
    fs.writeFileSync(path.join(folder, `${name}.key`), made.key, { mode: 0o600 });
    return ['--ssl-cert', path.join(folder, `${name}.pem`), '--ssl-key', path.join(folder, `${name}.key`)];
  };
  const good = await write('good', 365);
  t.like((await find(folder, 'certificate', ...good, '--local-host', 'draw.example')).findings, [
    { level: 'ok' },
  ]);
  const named = await find(folder, 'certificate', ...good, '--local-host', 'other.example');
  t.regex(named.findings[0]!.text, /is not valid for the name other\.example/);
  const soon = await write('soon', 1);
  const expiring = await find(folder, 'certificate', ...soon);
  t.is(expiring.status, 7, JSON.stringify(expiring.findings));
  t.regex(expiring.findings[0]!.text, /expires (today|in one day)/);
  const mixed = await find(folder, 'certificate', good[0]!, good[1]!, soon[2]!, soon[3]!);
  t.is(mixed.status, 7);
  t.regex(mixed.findings[0]!.text, /does not belong to the certificate/);
  fs.chmodSync(path.join(folder, 'good.key'), 0o644);
  const open = await find(folder, 'permissions', ...good);
  t.true(
    open.findings.some(
      ({ text, fix }) =>
        /all users of this machine can read the private key/.test(text) && fix?.startsWith('chmod o-r'),
    ),
  );
});

test('permissions: files of older versions that everybody can read are named, with what to type', async (t) => {
  const data = temporaryFolder(t);
  fs.chmodSync(data, 0o755);
  const sessions = path.join(data, 'sessions');
  fs.mkdirSync(sessions, { mode: 0o755 });
  const database = await ConfigDatabase.open(path.join(data, 'dp.db'), { role: 'server' });
  database.close();
  t.is(fs.statSync(path.join(data, 'dp.db')).mode & 0o777, 0o600);
  const exposed = async () =>
    (await find(data, 'permissions')).findings.filter(({ text }) =>
      text.includes('all users of this machine'),
    );
  t.deepEqual(await exposed(), []);

  const open = ['dp.db', 'dp.db.20260101T000000Z.bak', 'serve.env', 'sessions/a b.session'];
  for (const name of open) {
    fs.writeFileSync(path.join(data, name), '', { flag: 'a' });
    fs.chmodSync(path.join(data, name), 0o644);
  }
  const [finding, ...others] = await exposed();
  t.deepEqual(others, []);
  t.is(finding!.level, 'problem');
  for (const name of open) t.true(finding!.fix!.includes(path.join(data, name)), finding!.fix);
  execFileSync('/bin/sh', ['-c', finding!.fix!]);
  t.deepEqual(await exposed(), []);

  fs.chmodSync(path.join(data, 'dp.db'), 0o644);
  t.is((await exposed()).length, 1);
  // nobody gets there
  fs.chmodSync(data, 0o700);
  t.deepEqual(await exposed(), []);
});

test('permissions: so are what SQLite keeps beside a database, settings files, and recordings in each form of --record', async (t) => {
  const data = temporaryFolder(t);
  fs.chmodSync(data, 0o755);
  const recordings = path.join(data, 'rec');
  for (const folder of [recordings, path.join(data, 'sessions')]) fs.mkdirSync(folder);
  const exposed = async (...argv: string[]) =>
    (await find(data, 'permissions', ...argv)).findings.filter(({ text }) =>
      text.includes('all users of this machine'),
    );
  const settings = path.join(data, 'dp.conf');
  for (const [name, argv] of [
    // the database itself has to be there
    ['dp.db', []],
    ['dp.db-wal', []],
    ['dp.db-shm', []],
    ['dp.db-journal', []],
    ['sessions/a.dprec', []],
    ['dp.conf', ['--config', settings]],
    ['rec/a.dprec', ['--record', recordings]],
    ['rec/b.dprec', ['--record', `${recordings}/`]],
    ['rec/c.dprec', ['--record', `${recordings}/%d %i.dprec`]],
  ] as const) {
    const file = path.join(data, name);
    fs.writeFileSync(file, '');
    fs.chmodSync(file, 0o644);
    const found = await exposed(...argv);
    t.is(found.length, 1, file);
    fs.chmodSync(file, 0o640);
    t.true(found[0]?.fix?.includes(file), `${file}: ${found[0]?.fix}`);
  }
});

test('database and sessions: damaged ones are named', async (t) => {
  const data = temporaryFolder(t);
  fs.writeFileSync(path.join(data, 'dp.db'), `SQLite format 3\0${'x'.repeat(4000)}`);
  const { status, stderr, stdout } = await runCommand(Doctor, ['--only', 'database'], {
    env: { DP_DATA: data },
  });
  t.not(status, 0);
  t.regex(stderr + stdout, /is not an SQLite database|malformed|not a database/);
  fs.rmSync(path.join(data, 'dp.db'));
  fs.mkdirSync(path.join(data, 'sessions'));
  fs.writeFileSync(path.join(data, 'sessions', 'abc.session'), 'FILE abc.dprec\n');
  fs.writeFileSync(path.join(data, 'sessions', 'stray.dprec'), 'x');
  const sessions = await find(data, 'sessions');
  t.is(sessions.status, 7);
  t.true(sessions.findings.some(({ text }) => text === 'session abc is set aside: abc.dprec: it is missing'));
  t.true(
    sessions.findings.some(
      ({ text }) => text === 'histories without a journal, used by no session: stray.dprec',
    ),
  );
});

test('database: bans with an empty, missing or numeric expiry are named by doctor and check', async (t) => {
  const data = temporaryFolder(t);
  const file = path.join(data, 'dp.db');
  const opened = await ConfigDatabase.open(file, { role: 'server' });
  opened.close();
  const database = openSqlite(file);
  for (const [id, expiry] of [`''`, 'NULL', '1900000000', `'2030-01-01 12:00:00'`].entries()) {
    database.exec(
      `INSERT INTO ipbans (ip, subnet, expires, comment, added) VALUES ('10.0.0.${id}', 0, ${expiry}, '', '')`,
    );
  }
  database.close();
  const doctor = await find(data, 'database');
  t.is(doctor.status, 7);
  const texts = doctor.findings.map(({ text }) => text).join('\n');
  const check = await runCommand(ConfigCheck, [file]);
  t.is(check.status, 7);
  for (const said of [texts, check.stdout]) {
    t.regex(said, /10\.0\.0\.0\): the expiry is missing: the ban has no effect/);
    t.regex(said, /10\.0\.0\.1\): the expiry is missing: the ban has no effect/);
    t.regex(said, /10\.0\.0\.2\): the expiry is the number 1900000000, not a date: the ban has no effect/);
    t.notRegex(said, /10\.0\.0\.3/);
  }
});

test('services: one that answers, one that fails, one that is not there, and a clock that is wrong', async (t) => {
  const folder = temporaryFolder(t);
  const mock = await MockServer.start(t);
  const config = path.join(folder, 'my.conf');
  fs.writeFileSync(
    config,
    `[config]\nextauth = true\nabusereport = true\n[announcewhitelist]\n${mock.origin}/list\n`,
  );
  const gone = await MockServer.start(t);
  const goneOrigin = gone.origin;
  await gone.stop();
  mock.answers = [
    (asked) => ({
      status: asked.path === '/list' ? 500 : 405,
      headers: { date: 'Thu, 01 Jan 2026 00:00:00 GMT' },
    }),
  ];
  const argv = ['--config', config, '--extauth', `${mock.origin}/auth`, '--report-url', goneOrigin];
  const { status, findings } = await find(folder, 'services', ...argv);
  t.is(status, 7);
  t.like(
    findings.find(({ text }) => text.startsWith('login server')),
    { level: 'ok' },
  );
  t.like(
    findings.find(({ text }) => text.startsWith('report server')),
    { level: 'problem' },
  );
  t.regex(findings.find(({ text }) => text.startsWith('list server'))!.text, /HTTP status 500/);
  t.regex(findings.find(({ subject }) => subject === 'clock')!.text, /differ by \d+ seconds/);
});

test('websocket: a port that upgrades, and one that does not', async (t) => {
  const folder = temporaryFolder(t);
  const server = http.createServer((_, response) => response.end('web page'));
  const port = await listen(t, server);
  const argv = ['--websocket-listen', '127.0.0.1', '--websocket-port', String(port)];
  const plain = await find(folder, 'websocket', ...argv);
  t.regex(plain.findings[0]!.text, /HTTP status 200 instead of an upgrade/);
  server.on('upgrade', (_, socket) =>
    socket.end('HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\nconnection: upgrade\r\n\r\n'),
  );
  t.like((await find(folder, 'websocket', ...argv)).findings, [{ level: 'ok' }]);
});

test('websocket: the web port is looked at encrypted and not, and under its name and port', async (t) => {
  const folder = temporaryFolder(t);
  const upgraded = (_: unknown, socket: Duplex) =>
    socket.end('HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\nconnection: upgrade\r\n\r\n');
  const { certificate: cert, key } = await makePair();
  const secure = https.createServer({ cert, key }).on('upgrade', upgraded);
  const securePort = String(await listen(t, secure));
  const plainPort = String(await listen(t, http.createServer().on('upgrade', upgraded)));
  for (const port of [securePort, plainPort]) {
    const { findings } = await find(folder, 'websocket', '--web-listen', '127.0.0.1', '--web-port', port);
    t.like(findings, [{ level: 'ok', text: `port ${port} accepts WebSocket connections` }]);
  }
  const named = ['--web-port', securePort, '--local-host', 'localhost'];
  const { findings } = await find(folder, 'websocket', ...named);
  t.is(findings.length, 2);
  t.true(findings[1]!.text.includes(`https://localhost:${securePort}/drawpile-web/ws`), findings[1]!.text);
  t.regex(findings[1]!.fix!, /dp doctor --only certificate/);
});

test('name: one that leads nowhere', async (t) => {
  const { status, findings } = await find(temporaryFolder(t), 'name', '--local-host', 'no-such-host.invalid');
  t.is(status, 7);
  t.regex(findings[0]!.text, /^cannot resolve no-such-host\.invalid/);
});

test('settings that contradict each other are a problem', async (t) => {
  const folder = temporaryFolder(t);
  const config = path.join(folder, 'my.conf');
  fs.writeFileSync(config, '[config]\nallowGuests = false\n');
  const { status, findings } = await find(folder, 'settings', '--config', config);
  t.is(status, 7);
  t.regex(findings[0]!.text, /nobody can log in/);
});

test('every command of dp in an advice exists, with its flags', async (t) => {
  const config = await Config.load({ root: path.resolve('.') });
  const checks = 'src/lib/server/doctor';
  const source = fs
    .readdirSync(checks)
    .map((name) => fs.readFileSync(path.join(checks, name), 'utf8'))
    .join('\n');
  const texts = [
    ...contradictions.map(({ fix }) => fix),
    ...[...source.matchAll(/fix: ['"`](.*)['"`]/g)].map(([, text]) => text!),
  ];
  const commands = texts.flatMap((text) => [
    ...text.replace('sudo -u dp ', '').matchAll(/\bdp ((?:[a-z]+ ?)+)((?: ?--?[a-z-]+)*)/g),
  ]);
  t.true(commands.length > 25);
  for (const [whole, words] of commands) {
    const known = words!
      .trim()
      .split(' ')
      .map((_, index, all) => all.slice(0, all.length - index).join(':'));
    const command = known.map((id) => config.findCommand(id)).find((found) => found !== undefined);
    t.truthy(command, whole);
  }
  for (const text of texts) {
    const [, id = '', rest = ''] =
      /\bdp ((?:user|config|cert|listserver|backup|service) [a-z]+|serve|init)(.*)/.exec(text) ?? [];
    if (id === '' || rest.includes('--   ')) continue;
    const command = config.findCommand(id.replace(' ', ':'));
    const flags = rest.split(/ {3}| -- |[;(]/)[0]!.match(/--[a-z-]+/g) ?? [];
    const known = id === 'serve' ? startup : command!.flags;
    for (const flag of flags) t.true(Object.hasOwn(known, flag.slice(2)), `${id} ${flag}`);
  }
});
