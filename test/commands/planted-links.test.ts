// Root works in a folder that an ordinary user owns: links which that user put there lead root nowhere. And what a
// server that root starts needs: no folder that it does not use, a settings file that it may only read.
// Commands run in this process, one after the other: what they do as somebody else, the process does as somebody else. That
// a process of its own does the same is looked at once, with `backup restore`; servers have one always.

import {
  chmodSync,
  chownSync,
  copyFileSync,
  existsSync,
  lchownSync,
  linkSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { runBinary } from '../helpers/run-binary.js';
import { runLight } from '../helpers/run-command.js';
import { serveBinary } from '../helpers/serve-binary.js';

const whenRoot = process.geteuid?.() === 0 ? test.serial : test.skip;
/** An ordinary user without a name. */
const theirs = 54321;

const run = (argv: readonly string[]) => runLight(argv, { env: { HOME: process.env.HOME ?? '/' } });

/** A folder of the user's, with the data folder `data` in it, and one of root's. */
function makeFolders(t: ExecutionContext): { home: string; data: string; victim: string } {
  const top = mkdtempSync(join(tmpdir(), 'dp-planted-'));
  t.teardown(() => rmSync(top, { recursive: true, force: true }));
  chmodSync(top, 0o755);
  const [home, victim] = [join(top, 'home'), join(top, 'victim')];
  for (const folder of [home, victim]) mkdirSync(folder, { mode: 0o755 });
  const data = join(home, 'data');
  mkdirSync(data, { mode: 0o755 });
  for (const place of [home, data]) chownSync(place, theirs, theirs);
  return { home, data, victim };
}

function plant(target: string, link: string): void {
  symlinkSync(target, link);
  lchownSync(link, theirs, theirs);
}

/** Everything below the folder belongs to the user. */
function isAllTheirs(folder: string): boolean {
  return readdirSync(folder).every((name) => {
    const place = join(folder, name);
    const stats = lstatSync(place);
    return stats.uid === theirs && (!stats.isDirectory() || isAllTheirs(place));
  });
}

async function makeBackup(t: ExecutionContext): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'dp-backed-up-'));
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  const made = await run(['init', '--yes', '--data', join(folder, 'data')]);
  t.is(made.status, 0, made.stderr);
  const file = join(folder, 'monday.tar.gz');
  const backed = await run(['backup', 'create', file, '--data', join(folder, 'data')]);
  t.is(backed.status, 0, backed.stderr);
  // only root may read it
  t.is(statSync(file).mode & 0o077, 0);
  chmodSync(folder, 0o700);
  return file;
}

whenRoot('backup restore: what it writes is written as the owner, whatever is planted', async (t) => {
  const file = await makeBackup(t);
  const { data, victim } = makeFolders(t);
  const plain = await runBinary(['backup', 'restore', file, '--data', data]);
  t.is(plain.status, 0, plain.stderr);
  t.true(isAllTheirs(data));
  t.true(readdirSync(data).includes('dp.db'));

  for (const name of ['dp.db', 'serve.env']) rmSync(join(data, name));
  plant(join(victim, 'lock'), join(data, 'dp.db.lock'));
  plant(victim, join(data, 'templates'));
  plant(join(victim, 'made'), join(data, 'sessions'));
  await runBinary(['backup', 'restore', file, '--data', data, '--force']);
  t.deepEqual(readdirSync(victim), []);
  t.true(isAllTheirs(data));
});

whenRoot('backup restore and init into a folder that is to be made behind a link', async (t) => {
  const file = await makeBackup(t);
  const { home, victim } = makeFolders(t);
  plant(victim, join(home, 'way'));
  for (const argv of [
    ['backup', 'restore', file, '--data', join(home, 'way', 'deep')],
    ['init', '--yes', '--data', join(home, 'way', 'deep')],
    ['serve', '--port', '0', '--data', join(home, 'way', 'deep')],
    ['serve', '--port', '0', '--data', join(home, 'data'), '--sessions', join(home, 'way', 'sessions')],
    ['serve', '--port', '0', '--database', join(home, 'way', 'deep', 'x.db')],
  ]) {
    const ran = await run(argv);
    t.true(ran.status !== 0 && ran.status !== null, `${argv.join(' ')}: ${ran.stderr}`);
    t.notRegex(ran.stderr, /internal error|^ +at /m);
    t.deepEqual(readdirSync(victim), [], argv.join(' '));
  }
});

whenRoot('init in a folder of an ordinary user: all of it is theirs', async (t) => {
  const { home, data, victim } = makeFolders(t);
  plant(join(victim, 'db'), join(data, 'dp.db-wal'));
  const ran = await run(['init', '--yes', '--data', data]);
  t.deepEqual(readdirSync(victim), [], ran.stderr);
  const fresh = await run(['init', '--yes', '--data', join(home, 'fresh')]);
  t.is(fresh.status, 0, fresh.stderr);
  t.true(isAllTheirs(home));
});

whenRoot('session adopt and repair on a stopped server work as the owner of the folder', async (t) => {
  const { data, victim } = makeFolders(t);
  chmodSync(victim, 0o700);
  const history = join(victim, 'history.dprec');
  copyFileSync('test/vectors/formats/v21/all-types.dprec', history);
  chmodSync(history, 0o600);
  const sessions = join(data, 'sessions');
  plant(victim, sessions);
  const astray = await run(['session', 'adopt', history, '--sessions', sessions]);
  t.not(astray.status, 0);
  t.deepEqual(readdirSync(victim), ['history.dprec'], astray.stderr);

  rmSync(sessions);
  mkdirSync(sessions);
  chownSync(sessions, theirs, theirs);
  const adopted = await run(['session', 'adopt', history, '--sessions', sessions, '--json']);
  t.is(adopted.status, 0, adopted.stderr);
  t.true(isAllTheirs(sessions), 'the server can use it');
  const { id } = JSON.parse(adopted.stdout) as { id: string };
  const repaired = await run(['session', 'repair', id, '--sessions', sessions]);
  t.is(repaired.status, 0, repaired.stderr);
  t.true(isAllTheirs(sessions));
});

whenRoot('archive prune deletes nothing behind a link', async (t) => {
  const { data, victim } = makeFolders(t);
  const name = '01m8hdhttxh5gtea7j0bgk4z01.dprec.archived';
  const prune = (folder: string) => run(['archive', 'prune', folder, '--max-size', '0', '--yes']);
  plant(victim, join(data, 'sessions'));
  mkdirSync(join(victim, 'below'));
  for (const folder of [victim, join(victim, 'below')]) writeFileSync(join(folder, name), 'work');
  const astray = await prune(join(data, 'sessions'));
  t.is(astray.status, 1, astray.stderr);
  t.regex(astray.stderr, /permission denied/);
  t.deepEqual(readdirSync(victim).sort(), [name, 'below']);
  t.deepEqual(readdirSync(join(victim, 'below')), [name]);
  writeFileSync(join(data, name), 'work');
  t.is((await prune(data)).status, 0);
  t.false(readdirSync(data).includes(name));
});

whenRoot('import reads what only root may read, and writes as the owner', async (t) => {
  const { data, victim } = makeFolders(t);
  chmodSync(victim, 0o700);
  writeFileSync(join(victim, 'srv.conf'), '[users]\nann:plain;x:MOD\n', { mode: 0o600 });
  mkdirSync(join(victim, 'templates'));
  writeFileSync(join(victim, 'templates', 'a.dptxt'), '!version=dp:4.24.0\n', { mode: 0o600 });
  const from = ['--config', join(victim, 'srv.conf'), '--templates', join(victim, 'templates')];
  const ran = await run(['import', ...from, '--data', data]);
  t.is(ran.status, 0, ran.stderr);
  t.true(isAllTheirs(data));
  t.deepEqual(readdirSync(join(data, 'templates')), ['a.dptxt']);
  const list = await run(['user', 'list', '--json', '--database', join(data, 'dp.db')]);
  t.is(JSON.parse(list.stdout)[0].name, 'ann');
});

whenRoot('a start file that is a link of theirs is not followed', async (t) => {
  const { data, victim } = makeFolders(t);
  writeFileSync(join(victim, 'secret'), 'root:$6$hash:1\n', { mode: 0o600 });
  plant(join(victim, 'secret'), join(data, 'serve.env'));
  const ran = await run(['serve', '--port', '0', '--data', data]);
  t.is(ran.status, 7, ran.stderr);
  t.regex(ran.stderr, /serve\.env: it is a symbolic link/);
  t.notRegex(ran.stderr + ran.stdout, /\$6\$/);
});

whenRoot('a settings file that only root may write is enough; one that nobody may read is not', async (t) => {
  const { victim } = makeFolders(t);
  const file = join(victim, 'dp.conf');
  writeFileSync(file, 'serverTitle = From a file\n', { mode: 0o644 });
  const server = await serveBinary(t, 'address', '--config', file);
  t.regex(server.output(), /serving as nobody/);
  chmodSync(file, 0o600);
  const ran = await run(['serve', '--port', '0', '--config', file]);
  t.is(ran.status, 5, ran.stderr);
  t.regex(
    ran.stderr,
    /dp\.conf: nobody .* cannot read it\nhint: allow its group to read it: chgrp \d+ .* && chmod g\+r /,
  );
});

test.serial('folders that are not used are not needed', async (t) => {
  const top = mkdtempSync(join(tmpdir(), 'dp-unused-'));
  t.teardown(() => rmSync(top, { recursive: true, force: true }));
  chmodSync(top, 0o777);
  // what would be the data folder holds a start file that cannot be read
  mkdirSync(join(top, 'share', 'dp', 'serve.env'), { recursive: true });
  const env = { XDG_DATA_HOME: join(top, 'share'), DP_DATA: '' };
  for (const flags of [['--sessions', join(top, 'sessions')], ['--ephemeral']]) {
    const server = await serveBinary({ teardown: t.teardown, env }, 'socket', ...flags);
    server.kill('SIGTERM');
    t.deepEqual(await server.ended, { status: 0 });
  }
});

whenRoot('what root writes goes by no link that somebody else may change, last or on the way', async (t) => {
  const { home, victim } = makeFolders(t);
  plant(victim, join(home, 'way'));
  writeFileSync(join(victim, 'dp.conf'), 'serverTitle = theirs\n');
  plant(join(victim, 'dp.conf'), join(home, 'dp.conf'));
  const recording = 'test/vectors/formats/v21/all-types.dprec';
  const source = join(victim, 'src.conf');
  writeFileSync(source, 'serverTitle = x\n');
  writeFileSync(join(victim, 'x.db'), '');
  plant(join(victim, 'x.db'), join(home, 'x.db'));
  for (const argv of [
    ['backup', 'create', join(home, 'way', 'b.tar.gz'), '--config', source],
    ['config', 'set', '-c', join(home, 'dp.conf'), 'serverTitle=changed'],
    ['config', 'set', '-c', join(home, 'way', 'dp.conf'), 'serverTitle=changed'],
    ['user', 'add', 'ann', '--generate', '-c', join(home, 'dp.conf')],
    ['rec', 'convert', recording, join(home, 'way', 'x.dptxt')],
    ['template', 'new', join(home, 'way', 'x.dptxt')],
    ['cert', 'create', '--ssl-cert', join(home, 'way', 'c.pem'), '--ssl-key', join(home, 'way', 'k.pem')],
    ['cert', 'create', '--ssl-cert', join(home, 'way', 'd', 'c.pem'), '--ssl-key', join(home, 'k.pem')],
    ['service', 'install', '--root', join(home, 'way')],
    ['user', 'list', '--database', join(home, 'way', 'x.db')],
    ['config', 'list', '--database', join(home, 'x.db')],
  ]) {
    const ran = await run(argv);
    t.is(ran.status, 5, `${argv.join(' ')}: ${ran.stdout}${ran.stderr}`);
    t.regex(ran.stderr, /root does not follow .*: user 54321 can change/, argv.join(' '));
    t.regex(ran.stderr, /hint: use the path behind it: /);
    t.deepEqual(readdirSync(victim).sort(), ['dp.conf', 'src.conf', 'x.db'], argv.join(' '));
    t.is(readFileSync(join(victim, 'dp.conf'), 'utf8'), 'serverTitle = theirs\n');
  }
});

whenRoot('links of root lead on, and files in folders of others are replaced as they were', async (t) => {
  const { home, victim } = makeFolders(t);
  symlinkSync(home, join(victim, 'way'));
  const file = join(home, 'dp.conf');
  writeFileSync(file, 'serverTitle = before\n');
  chmodSync(file, 0o664);
  chownSync(file, theirs, theirs);
  symlinkSync(join('way', 'dp.conf'), join(victim, 'dp.conf'));
  const ran = await run(['config', 'set', '-c', join(victim, 'dp.conf'), 'serverTitle=after']);
  t.is(ran.status, 0, ran.stderr);
  t.regex(readFileSync(file, 'utf8'), /after/);
  const { uid, gid, mode } = statSync(file);
  t.deepEqual([uid, gid, mode & 0o777], [theirs, theirs, 0o664]);
  const made = await run(['backup', 'create', join(victim, 'way', 'b.tar.gz'), '--config', file]);
  t.is(made.status, 0, made.stderr);
  t.is(statSync(join(home, 'b.tar.gz')).mode & 0o077, 0);
  t.deepEqual(readdirSync(home).sort(), ['b.tar.gz', 'data', 'dp.conf']);
});

whenRoot('a database in a folder of an ordinary user is worked on with their rights only', async (t) => {
  const { data, victim } = makeFolders(t);
  const made = await run(['init', '--yes', '--data', data]);
  t.is(made.status, 0, made.stderr);
  const database = join(data, 'dp.db');
  const argvs = [
    ['user', 'add', 'ann', '--generate'],
    ['ban', 'ip', '192.0.2.7'],
    ['config', 'set', 'serverTitle=Changed'],
    ['listserver', 'add', 'https://list.example/'],
    ['token', 'create', 'script'],
    ['user', 'passwd', 'ann', '--generate'],
  ];
  for (const argv of argvs) {
    const ran = await run([...argv, '--database', database]);
    t.is(ran.status, 0, `${argv.join(' ')}: ${ran.stderr}`);
    t.true(isAllTheirs(data), argv.join(' '));
  }
  // root's own database, under a second name in their folder
  const own = join(victim, 'own.db');
  copyFileSync(database, own);
  chmodSync(own, 0o600);
  const before = readFileSync(own);
  rmSync(database);
  linkSync(own, database);
  for (const argv of [...argvs, ['user', 'list'], ['config', 'list'], ['audit'], ['doctor']]) {
    const ran = await run([...argv, '--database', database]);
    t.not(ran.status, 0, `${argv.join(' ')}: ${ran.stdout}`);
    t.regex(ran.stderr + ran.stdout, /unable to open|cannot open the database/, argv.join(' '));
    t.deepEqual(readFileSync(own), before, argv.join(' '));
  }
  const backup = await run(['backup', 'create', join(victim, 'b.tar.gz'), '--data', data]);
  t.not(backup.status, 0, backup.stdout);
  t.false(readdirSync(victim).includes('b.tar.gz'));
});

whenRoot('backup create and import copy nothing that only root may read, behind whatever link', async (t) => {
  const { home, data, victim } = makeFolders(t);
  const made = await run(['init', '--yes', '--data', data]);
  t.is(made.status, 0, made.stderr);
  chmodSync(victim, 0o700);
  const secret = join(victim, 'secret');
  writeFileSync(secret, 'root:hash-of-root:1\n', { mode: 0o600 });
  mkdirSync(join(victim, 'sessions'));
  const id = '01m8hdhttxh5gtea7j0bgk4z01';
  writeFileSync(join(victim, 'sessions', `${id}.session`), 'TITLE hash-of-root\n', { mode: 0o600 });
  writeFileSync(join(victim, 'sessions', 'a.dptxt'), 'hash-of-root\n', { mode: 0o600 });
  const fill = (folder: string) => {
    mkdirSync(folder);
    chownSync(folder, theirs, theirs);
    return folder;
  };
  const templates = fill(join(home, 'templates'));
  plant(secret, join(templates, 'a.dptxt'));
  const sessions = fill(join(home, 'sessions'));
  plant(join(victim, 'sessions', `${id}.session`), join(sessions, `${id}.session`));
  plant(victim, join(home, 'way'));
  plant(secret, join(home, 'dp.conf'));
  for (const name of ['serve.env', 'cert.pem', 'key.pem']) {
    rmSync(join(data, name), { force: true });
    plant(secret, join(data, name));
  }
  for (const [index, places] of [
    ['--data', data],
    ['--data', join(home, 'data'), '--templates', templates],
    ['--sessions', sessions],
    ['--sessions', join(home, 'way', 'sessions')],
    ['--templates', join(home, 'way', 'sessions')],
    ['--config', join(home, 'dp.conf')],
    ['--config', join(home, 'way', 'secret')],
  ].entries()) {
    const file = join(victim, `${index}.tar.gz`);
    const ran = await run(['backup', 'create', file, ...places]);
    t.not(ran.status, 0, `${places.join(' ')}: ${ran.stdout}`);
    t.regex(ran.stderr, /cannot read .*: permission denied|root does not follow/, places.join(' '));
    t.false(existsSync(file));
  }
  for (const places of [
    ['--templates', templates],
    ['--sessions', sessions],
    ['--sessions', join(home, 'way', 'sessions')],
    ['--config', join(home, 'dp.conf')],
  ]) {
    const to = join(home, 'imported');
    const ran = await run(['import', ...places, '--data', to]);
    t.not(ran.status, 0, `${places.join(' ')}: ${ran.stdout}`);
    const found = existsSync(to) ? readdirSync(to, { recursive: true, withFileTypes: true }) : [];
    for (const entry of found.filter((entry) => entry.isFile())) {
      t.notRegex(
        readFileSync(join(entry.parentPath, entry.name), 'latin1'),
        /hash-of-root/,
        places.join(' '),
      );
    }
  }
});

test.serial(
  'a backup that cannot be complete is none: unreadable files are named, links are followed',
  async (t) => {
    const folder = mkdtempSync(join(tmpdir(), 'dp-incomplete-'));
    t.teardown(() => rmSync(folder, { recursive: true, force: true }));
    writeFileSync(join(folder, 'real.conf'), 'serverTitle = Linked\n');
    symlinkSync('real.conf', join(folder, 'dp.conf'));
    const templates = join(folder, 'templates');
    mkdirSync(templates);
    symlinkSync('../real.conf', join(templates, 'a.dptxt'));
    const file = join(folder, 'b.tar.gz');
    const made = await run([
      ...['backup', 'create', file, '--config', join(folder, 'dp.conf'), '--templates', templates, '--json'],
    ]);
    t.is(made.status, 0, made.stderr);
    t.is(JSON.parse(made.stdout).files, 2);
  },
);
