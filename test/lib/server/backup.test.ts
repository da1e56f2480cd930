// Backups of a running server: made while people draw, checked, restored elsewhere, drawn on again.

import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import test, { type ExecutionContext } from 'ava';
import BackupCreate from '../../../src/commands/backup/create.js';
import BackupRestore from '../../../src/commands/backup/restore.js';
import BackupVerify from '../../../src/commands/backup/verify.js';
import { MemorySettings } from '../../../src/lib/core/settings/settings.js';
import { Disk } from '../../../src/lib/io/disk/disk.js';
import { SessionFolder } from '../../../src/lib/io/disk/session-folder.js';
import { makeSelfSigned } from '../../../src/lib/io/net/self-signed.js';
import { ConfigDatabase } from '../../../src/lib/io/sqlite/config-database.js';
import { lockData } from '../../../src/lib/io/sqlite/data-lock.js';
import { startServer } from '../../../src/lib/server/start.js';
import { Client } from '../../helpers/client.js';
import { runCommand } from '../../helpers/run-command.js';

function temporaryFolder(t: ExecutionContext): string {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'dp-backup-test-'));
  t.teardown(() => fs.rmSync(folder, { recursive: true, force: true }));
  return folder;
}

async function serve(t: ExecutionContext, data: string) {
  const store = new SessionFolder({
    path: path.join(data, 'sessions'),
    disk: new Disk(),
    isArchiving: () => false,
    report: () => {},
  });
  const server = await startServer({
    host: '127.0.0.1',
    port: 0,
    settings: new MemorySettings({ persistence: 'true' }),
    store,
    found: store.load(),
  });
  t.teardown(async () => {
    await server.stop();
    await store.stop();
  });
  return server;
}

async function makeData(t: ExecutionContext): Promise<string> {
  const data = temporaryFolder(t);
  const database = await ConfigDatabase.open(path.join(data, 'dp.db'), { role: 'server' });
  database.accounts.add({ name: 'ann', password: 'plain;pw', isLocked: false, flags: ['MOD'] });
  database.settings.change(new Map([['serverTitle', 'kept']]));
  t.teardown(() => database.close());
  return data;
}

test('made while people draw, checked, restored elsewhere: the canvas goes on', async (t) => {
  const data = await makeData(t);
  const server = await serve(t, data);
  const host = await Client.host(server.port, {
    name: 'ann',
    title: 'Kept',
    alias: 'kept',
    settings: { persistent: true },
  });
  for (let stroke = 0; stroke < 100; stroke += 1) host.draw(`stroke ${stroke}`);
  await host.ping();
  const file = path.join(data, 'backup.tar.gz');
  const drawing = (async () => {
    for (let stroke = 100; stroke < 400; stroke += 1) {
      host.draw(`stroke ${stroke}`);
      if (stroke % 10 === 0) await host.ping();
    }
  })();
  const created = await runCommand(BackupCreate, [file, '--data', data]);
  t.is(created.status, 0, created.stderr);
  t.regex(created.stdout, /1 session\b/);
  t.is(fs.statSync(file).mode & 0o077, 0, 'nobody else may read it');
  await drawing;

  const verified = await runCommand(BackupVerify, [file, '--json']);
  t.is(verified.status, 0, verified.stdout);
  const summary = verified.json<{
    accounts: number;
    hasSettings: string;
    sessions: { title: string; problem?: string }[];
  }>();
  t.is(summary.accounts, 1);
  t.is(summary.hasSettings, 'database');
  t.like(summary.sessions, [{ title: 'Kept' }]);

  const elsewhere = path.join(temporaryFolder(t), 'new');
  const restored = await runCommand(BackupRestore, [file, '--data', elsewhere]);
  t.is(restored.status, 0, restored.stderr);
  const database = await ConfigDatabase.open(path.join(elsewhere, 'dp.db'), { role: 'command' });
  t.is(database.settings.all().get('serverTitle'), 'kept');
  database.close();
  const second = await serve(t, elsewhere);
  const guest = await Client.join(second.port, 'kept', { name: 'bob' });
  await guest.caughtUp();
  const strokes = guest.canvas.filter(({ type }) => type === 148).map(({ payload }) => payload.toString());
  t.true(strokes.length >= 100);
  t.deepEqual(
    strokes,
    strokes.map((_, index) => `stroke ${index}`),
  );
  guest.draw('goes on');
  await guest.next(({ payload }) => payload.toString() === 'goes on');
  for (const client of [guest, host]) await client.leave();
});

test('a backup that was changed, cut off or is something else is found out, and restores nothing', async (t) => {
  const data = await makeData(t);
  const file = path.join(data, 'backup.tar.gz');
  t.is((await runCommand(BackupCreate, [file, '--data', data])).status, 0);
  const bytes = fs.readFileSync(file);
  const inside = gunzipSync(bytes);
  const at = inside.indexOf('SQLite format 3');
  const changed = Buffer.from(inside);
  changed[at + 5000]! ^= 0xff;
  for (const [name, content] of [
    ['changed', gzipSync(changed)],
    ['cut', bytes.subarray(0, bytes.length / 2)],
    ['empty', Buffer.alloc(0)],
    ['text', Buffer.from('hello')],
    ['no list', gzipSync(Buffer.alloc(1024))],
  ] as const) {
    const bad = path.join(data, 'bad.tar.gz');
    fs.writeFileSync(bad, content);
    t.is((await runCommand(BackupVerify, [bad])).status, 7, name);
    const elsewhere = path.join(data, 'elsewhere');
    const restored = await runCommand(BackupRestore, [bad, '--data', elsewhere]);
    t.is(restored.status, 7, name);
    t.regex(restored.stderr, /the backup is not intact: .*; nothing was changed\n/);
    t.deepEqual(fs.readdirSync(elsewhere), [], name);
  }
  t.is((await runCommand(BackupVerify, [path.join(data, 'none')])).status, 4);
});

test('what is there is only replaced with --force, and then set aside; never under a running server', async (t) => {
  const data = await makeData(t);
  const file = path.join(data, 'backup.tar.gz');
  t.is((await runCommand(BackupCreate, [file, '--data', data])).status, 0);
  t.is(
    (await runCommand(BackupCreate, [file, '--data', data])).status,
    6,
    'a backup is not overwritten either',
  );
  const target = temporaryFolder(t);
  fs.writeFileSync(path.join(target, 'dp.db'), 'precious');
  const refused = await runCommand(BackupRestore, [file, '--data', target]);
  t.is(refused.status, 6);
  t.regex(refused.stderr, /already contains server data \(dp\.db\)/);
  t.is(fs.readFileSync(path.join(target, 'dp.db'), 'utf8'), 'precious');

  const lock = lockData(path.join(target, 'dp.db'));
  const running = await runCommand(BackupRestore, [file, '--data', target, '--force']);
  lock.release();
  t.is(running.status, 6);
  t.regex(running.stderr, /another dp server is using/);

  const forced = await runCommand(BackupRestore, [file, '--data', target, '--force']);
  t.is(forced.status, 0, forced.stderr);
  const [aside] = fs.readdirSync(target).filter((name) => name.startsWith('before-'));
  t.is(fs.readFileSync(path.join(target, aside!, 'dp.db'), 'utf8'), 'precious');
  t.true(fs.readFileSync(path.join(target, 'dp.db'), 'latin1').startsWith('SQLite format 3'));
});

test('nothing to back up, and a place that is not there, are told', async (t) => {
  const folder = temporaryFolder(t);
  t.is((await runCommand(BackupCreate, ['--data', folder])).status, 4);
  t.is((await runCommand(BackupCreate, ['--sessions', path.join(folder, 'none')])).status, 4);
  t.deepEqual(fs.readdirSync(folder), []);
});

test('a backup into a folder that is not there, or is none, is told in one line', async (t) => {
  const folder = temporaryFolder(t);
  fs.writeFileSync(path.join(folder, 'settings'), 'serverTitle = A\n');
  for (const [place, reason] of [
    [path.join(folder, 'none'), /none\/b\.tar\.gz: there is no folder /],
    ['/proc/none', /: there is no folder \/proc\/none$/m],
    ['/sys/none/deep', /: there is no folder \/sys\/none\/deep$/m],
  ] as const) {
    const ran = await runCommand(BackupCreate, [
      path.join(place, 'b.tar.gz'),
      '--config',
      path.join(folder, 'settings'),
    ]);
    t.not(ran.status, 0);
    t.regex(ran.stderr, reason);
    t.notRegex(ran.stderr, /XXXXXX/);
  }
  t.deepEqual(fs.readdirSync(folder), ['settings']);
});

test('what cannot be read ends the backup, is told, and leaves nothing behind', async (t) => {
  const folder = temporaryFolder(t);
  const file = path.join(folder, 'backup.tar.gz');
  const database = path.join(folder, 'dp.db');
  fs.writeFileSync(database, 'this is no database, whatever it is called'.repeat(100));
  const fifo = path.join(folder, 'templates');
  fs.mkdirSync(fifo);
  t.is(spawnSync('mkfifo', [path.join(fifo, 'a.dptxt')]).status, 0);
  fs.writeFileSync(path.join(fifo, 'b.dptxt'), '!version=dp:4.24.0\n');
  const broken = await runCommand(BackupCreate, [file, '--database', database]);
  t.not(broken.status, 0);
  t.regex(broken.stderr, /dp\.db/);
  // Files before one that fails do not matter, and neither does how far the archive has come.
  const both = await runCommand(BackupCreate, [file, '--database', database, '--templates', fifo]);
  t.not(both.status, 0);
  t.deepEqual(fs.readdirSync(folder).sort(), ['dp.db', 'templates']);
});

test('a disk that cannot take it ends the backup and is told', async (t) => {
  const data = await makeData(t);
  fs.mkdirSync(path.join(data, 'templates'));
  // more than all buffers hold, and not to be packed
  fs.writeFileSync(path.join(data, 'templates', 'large.dptxt'), randomBytes(8 * 1024 * 1024));
  const { status, stderr } = spawnSync(
    'bash',
    [
      '-c',
      `ulimit -f 1024; exec node bin/run.js backup create ${path.join(data, 'b.tar.gz')} --data ${data}`,
    ],
    { encoding: 'utf8' },
  );
  t.not(status, 0);
  t.regex(stderr, /cannot write/);
  t.deepEqual(
    fs.readdirSync(data).filter((name) => /^b\.tar|^\.dp-backup/.test(name)),
    [],
  );
});

const withTar = spawnSync('tar', ['--version']).status === 0 || process.env.CI === 'true' ? test : test.skip;

for (const format of ['pax', 'gnu']) {
  withTar(`a backup that somebody unpacked and packed again is restored (${format})`, async (t) => {
    const data = await makeData(t);
    fs.mkdirSync(path.join(data, 'templates'));
    fs.writeFileSync(
      path.join(data, 'templates', `${'a long name '.repeat(10)}ü.dptxt`),
      '!version=dp:4.24.0\n',
    );
    const folder = temporaryFolder(t);
    const file = path.join(folder, 'backup.tar.gz');
    t.is((await runCommand(BackupCreate, [file, '--data', data])).status, 0);
    const unpacked = path.join(folder, 'unpacked');
    fs.mkdirSync(unpacked);
    const run = (...argv: string[]) => spawnSync('tar', argv, { encoding: 'utf8' });
    t.is(run('-xzf', file, '-C', unpacked).status, 0);
    const again = path.join(folder, 'again.tar.gz');
    const packed = run('-czf', again, `--format=${format}`, '-C', unpacked, '.');
    t.is(packed.status, 0, packed.stderr);
    const target = path.join(folder, 'target');
    const restored = await runCommand(BackupRestore, [again, '--data', target]);
    t.is(restored.status, 0, restored.stderr + restored.stdout);
    t.deepEqual(fs.readdirSync(path.join(target, 'templates')), fs.readdirSync(path.join(data, 'templates')));
    const database = await ConfigDatabase.open(path.join(target, 'dp.db'), { role: 'command' });
    t.teardown(() => database.close());
    t.is(database.settings.all().get('serverTitle'), 'kept');
  });
}

test('a settings file and templates go along', async (t) => {
  const folder = temporaryFolder(t);
  fs.writeFileSync(path.join(folder, 'my.conf'), '[config]\nserverTitle = x\n');
  fs.mkdirSync(path.join(folder, 'tpl'));
  fs.writeFileSync(path.join(folder, 'tpl', 'demo.dptxt'), '!version=dp:4.25.1\n');
  const file = path.join(folder, 'b.tar.gz');
  const argv = [file, '--config', path.join(folder, 'my.conf'), '--templates', path.join(folder, 'tpl')];
  t.is((await runCommand(BackupCreate, argv)).status, 0);
  const target = path.join(folder, 'new');
  const restored = await runCommand(BackupRestore, [file, '--data', target]);
  t.is(restored.status, 0, restored.stderr);
  t.is(fs.readFileSync(path.join(target, 'dp.conf'), 'utf8'), '[config]\nserverTitle = x\n');
  t.true(fs.existsSync(path.join(target, 'templates', 'demo.dptxt')));
  t.regex(restored.stdout, /--config .*dp\.conf/);
});

test('a journal that names a file elsewhere brings nothing from there', async (t) => {
  const folder = temporaryFolder(t);
  fs.writeFileSync(path.join(folder, 'secret.dprec'), 'secret');
  const sessions = path.join(folder, 'sessions');
  fs.mkdirSync(sessions);
  fs.writeFileSync(path.join(sessions, 'abc.session'), 'FILE ../secret.dprec\n');
  fs.symlinkSync(path.join(folder, 'secret.dprec'), path.join(sessions, 'abc.dprec'));
  const file = path.join(folder, 'b.tar.gz');
  t.is((await runCommand(BackupCreate, [file, '--sessions', sessions])).status, 0);
  t.false(gunzipSync(fs.readFileSync(file)).includes('secret\0'));
});

test('certificates, keys and the account go along, readable for the server only; --no-certificates leaves them', async (t) => {
  const data = await makeData(t);
  const issued = makeSelfSigned({ names: ['draw.example.org'], days: 90, nowMs: Date.now() });
  const own = makeSelfSigned({ names: ['old.example.org'], days: 90, nowMs: Date.now() });
  const files: Record<string, string> = {
    'acme/certificate.pem': `${issued.key}${issued.certificate}`,
    'acme/account.json': '{"key":"secret of the account"}',
    'acme/state.json': '{}',
    'cert.pem': own.certificate,
    'key.pem': own.key,
  };
  fs.mkdirSync(path.join(data, 'acme'));
  for (const [name, text] of Object.entries(files)) fs.writeFileSync(path.join(data, name), text);
  fs.writeFileSync(path.join(data, 'acme', 'certificate.pem.damaged-1'), 'half');
  const folder = temporaryFolder(t);
  const file = path.join(folder, 'with.tar.gz');
  t.is((await runCommand(BackupCreate, [file, '--data', data])).status, 0);
  const verified = await runCommand(BackupVerify, [file]);
  t.is(verified.status, 0, verified.stdout);
  t.regex(verified.stdout, /1 account, 0 sessions, the certificate of draw\.example\.org/);
  t.false(verified.stdout.includes('PRIVATE'));
  const target = path.join(folder, 'new');
  const restored = await runCommand(BackupRestore, [file, '--data', target]);
  t.is(restored.status, 0, restored.stderr);
  const modeOf = (name: string) => fs.statSync(path.join(target, name)).mode & 0o777;
  for (const [name, text] of Object.entries(files)) {
    t.is(fs.readFileSync(path.join(target, name), 'utf8'), text, name);
    t.is(modeOf(name), name === 'cert.pem' ? 0o644 : 0o600, name);
  }
  t.is(modeOf('acme'), 0o700);
  t.deepEqual(fs.readdirSync(path.join(target, 'acme')).sort(), [
    'account.json',
    'certificate.pem',
    'state.json',
  ]);

  const without = path.join(folder, 'without.tar.gz');
  t.is((await runCommand(BackupCreate, [without, '--data', data, '--no-certificates'])).status, 0);
  // one without certificates leaves those that are there, one with them sets them aside
  fs.writeFileSync(path.join(target, 'key.pem'), 'known to clients');
  const again = await runCommand(BackupRestore, [without, '--data', target, '--force']);
  t.is(again.status, 0, again.stderr);
  t.is(fs.readFileSync(path.join(target, 'key.pem'), 'utf8'), 'known to clients');
  const other = path.join(folder, 'other');
  fs.mkdirSync(other);
  fs.writeFileSync(path.join(other, 'key.pem'), 'known to clients');
  const refused = await runCommand(BackupRestore, [file, '--data', other]);
  t.regex(refused.stderr, /already contains server data \(key\.pem\)/);
  t.deepEqual(fs.readdirSync(other), ['key.pem']);
  const forced = await runCommand(BackupRestore, [file, '--data', other, '--force']);
  t.is(forced.status, 0, forced.stderr);
  const aside = fs.readdirSync(other).find((name) => name.startsWith('before-'))!;
  t.is(fs.readFileSync(path.join(other, aside, 'key.pem'), 'utf8'), 'known to clients');
  t.is(fs.readFileSync(path.join(other, 'key.pem'), 'utf8'), own.key);
});

test('a backup whose certificate cannot be used is intact: the server orders another one', async (t) => {
  const data = await makeData(t);
  fs.mkdirSync(path.join(data, 'acme'));
  fs.writeFileSync(path.join(data, 'acme', 'certificate.pem'), 'half');
  const file = path.join(temporaryFolder(t), 'b.tar.gz');
  t.is((await runCommand(BackupCreate, [file, '--data', data])).status, 0);
  const verified = await runCommand(BackupVerify, [file]);
  t.is(verified.status, 0, verified.stdout);
  t.false(verified.stdout.includes('certificate'));
});
