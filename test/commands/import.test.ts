// dp import: data of real 2.1 and 2.3 servers is looked through, told, and taken over; the originals stay as they are.

import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import test, { type ExecutionContext } from 'ava';
import Import from '../../src/commands/import.js';
import { Disk } from '../../src/lib/io/disk/disk.js';
import { SessionFolder } from '../../src/lib/io/disk/session-folder.js';
import { ConfigDatabase } from '../../src/lib/io/sqlite/config-database.js';
import { graphicalDatabase } from '../../src/lib/server/adopt.js';
import { runCommand } from '../helpers/run-command.js';
import Database from '../helpers/sqlite.js';

const vectors = path.resolve('test/vectors/formats');

function temporaryFolder(t: ExecutionContext): string {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'dp-import-'));
  t.teardown(() => fs.rmSync(folder, { recursive: true, force: true }));
  return folder;
}

function makeDatabase(file: string, version: '2.1' | '2.3'): void {
  const database = new Database(file);
  database.exec(fs.readFileSync(path.join(vectors, 'db', `config-${version}.sql`), 'utf8'));
  database.close();
}

/** Names and contents, to see that nothing was touched. */
function pictureOf(folder: string): Record<string, string> {
  return Object.fromEntries(
    fs
      .readdirSync(folder)
      .sort()
      .map((name) => [name, fs.readFileSync(path.join(folder, name)).toString('base64')]),
  );
}

for (const version of ['2.1', '2.3'] as const) {
  test(`a server of ${version}: database and sessions are taken over, the original is untouched`, async (t) => {
    const folder = temporaryFolder(t);
    const original = path.join(folder, 'original');
    fs.mkdirSync(original);
    const database = path.join(original, 'config.db');
    makeDatabase(database, version);
    const sessions = path.join(vectors, `v${version.replace('.', '')}`, 'store');
    const before = [pictureOf(original), pictureOf(sessions)];
    const data = path.join(folder, 'data');
    const ran = await runCommand(Import, ['--database', database, '--sessions', sessions, '--data', data]);
    t.is(ran.status, 0, ran.stderr);
    t.regex(
      ran.stdout,
      /settings {2}.*config\.db: \d+ settings, \d+ accounts? \(passwords: \d (plain|argon2)\), \d+ bans/,
    );
    t.regex(ran.stdout, /sessions {2}.*: [12] usable, 0 unusable/);
    t.deepEqual([pictureOf(original), pictureOf(sessions)], before);

    const taken = await ConfigDatabase.open(path.join(data, 'dp.db'), { role: 'server' });
    const source = await ConfigDatabase.open(database, { role: 'command' });
    t.deepEqual([...taken.settings.all()], [...source.settings.all()]);
    t.deepEqual(taken.accounts.all(), source.accounts.all());
    t.deepEqual(taken.bans.all(), source.bans.all());
    taken.close();
    source.close();

    const store = new SessionFolder({
      path: path.join(data, 'sessions'),
      disk: new Disk(),
      isArchiving: () => false,
      report: (level, message) => level !== 'info' && t.fail(message),
    });
    const found = store.load();
    t.is(found.length, fs.readdirSync(sessions).filter((name) => name.endsWith('.session')).length);
    await Promise.all(found.map((session) => new Promise<void>((done) => session.open(() => done()))));
    t.true(found.every(({ history }) => history.lastIndex > 0));
    await store.stop();
  });
}

test('a settings file becomes a database with the same meaning', async (t) => {
  const folder = temporaryFolder(t);
  const config = path.join(folder, 'server.cfg');
  fs.writeFileSync(
    config,
    [
      '[config]',
      'serverTitle = Old server',
      'sessionCountLimit = 7',
      'announceWhitelist = true',
      '[users]',
      'ann:plain;pw:MOD,HOST',
      '[ipbans]',
      '10.0.0.0/8',
      '[announcewhitelist]',
      'https://list.example/api?x=1',
    ].join('\n'),
  );
  const data = path.join(folder, 'data');
  const ran = await runCommand(Import, ['--config', config, '--data', data]);
  t.is(ran.status, 0, ran.stderr);
  const database = await ConfigDatabase.open(path.join(data, 'dp.db'), { role: 'command' });
  t.is(database.settings.all().get('serverTitle'), 'Old server');
  t.like(database.accounts.all()[0], { name: 'ann', password: 'plain;pw', flags: ['MOD', 'HOST'] });
  t.like(database.bans.all()[0], { address: '10.0.0.0', bits: 8 });
  const [pattern] = database.listServers.all();
  t.true(new RegExp(pattern!).test('https://list.example/api?x=1'));
  t.false(new RegExp(pattern!).test('https://list.example/apixx=1'));
  database.close();
});

test('--dry-run tells the same and copies nothing; --json tells programs', async (t) => {
  const folder = temporaryFolder(t);
  const database = path.join(folder, 'config.db');
  makeDatabase(database, '2.3');
  const data = path.join(folder, 'data');
  const ran = await runCommand(Import, ['--database', database, '--data', data, '--dry-run', '--json']);
  t.is(ran.status, 0);
  t.true(ran.json<{ settings: { accounts: number } }>().settings.accounts > 0);
  t.false(fs.existsSync(data));
});

test('sessions that nobody can use are told, and copied for whoever looks into them', async (t) => {
  const folder = temporaryFolder(t);
  const sessions = path.join(folder, 'sessions');
  fs.cpSync(path.join(vectors, 'v23', 'store'), sessions, { recursive: true });
  fs.writeFileSync(path.join(sessions, 'lost.session'), 'FILE lost.dprec\nTITLE Lost\n');
  fs.writeFileSync(path.join(sessions, 'bad.session'), 'FILE bad.dprec\n');
  fs.writeFileSync(path.join(sessions, 'bad.dprec'), 'not a recording');
  fs.writeFileSync(path.join(sessions, 'stray.dprec'), 'DPREC');
  const history = fs.readdirSync(sessions).find((name) => name.endsWith('_r2.dprec'))!;
  fs.appendFileSync(path.join(sessions, history), Buffer.from([0, 50, 148, 1, 1, 2]));
  const data = path.join(folder, 'data');
  const ran = await runCommand(Import, ['--sessions', sessions, '--data', data]);
  t.is(ran.status, 0, ran.stderr);
  t.regex(ran.stdout, /2 usable, 2 unusable/);
  t.regex(ran.stdout, /Lost.*lost\.dprec: it is missing/);
  t.regex(ran.stdout, /bad\.dprec: it is not a recording/);
  t.regex(ran.stderr, /the last 6 bytes are an incomplete message/);
  t.regex(ran.stderr, /belong to no session, not copied: stray\.dprec/);
  t.true(fs.existsSync(path.join(data, 'sessions', 'bad.dprec')));
  t.false(fs.existsSync(path.join(data, 'dp.db')));
});

test('what is not there, is damaged, or would overwrite data is refused, and nothing happens', async (t) => {
  const folder = temporaryFolder(t);
  const data = path.join(folder, 'data');
  t.is((await runCommand(Import, ['--database', path.join(folder, 'none.db'), '--data', data])).status, 4);
  const broken = path.join(folder, 'broken.db');
  fs.writeFileSync(broken, `SQLite format 3\0${'x'.repeat(5000)}`);
  t.is((await runCommand(Import, ['--database', broken, '--data', data])).status, 7);
  t.false(fs.existsSync(data));
  const good = path.join(folder, 'config.db');
  makeDatabase(good, '2.1');
  t.is((await runCommand(Import, ['--database', good, '--data', data])).status, 0);
  t.is((await runCommand(Import, ['--database', good, '--data', data])).status, 6);
  t.is((await runCommand(Import, ['--database', good, '--data', data, '--force'])).status, 0);
  t.is(fs.readdirSync(data).filter((name) => name.startsWith('before-')).length, 1);
});

test("the graphical server's database is found by itself, where each platform has it", async (t) => {
  const home = temporaryFolder(t);
  const env = { HOME: home, DP_DATA: path.join(home, 'data') };
  const missing = await runCommand(Import, [], { env });
  t.is(missing.status, 4);
  t.regex(missing.stderr, /looked for .*guiserver\.db/);
  const place = path.join(home, '.local/share/drawpile/drawpile-srv');
  fs.mkdirSync(place, { recursive: true });
  makeDatabase(path.join(place, 'guiserver.db'), '2.1');
  if (process.platform === 'linux') {
    const ran = await runCommand(Import, [], { env });
    t.is(ran.status, 0, ran.stderr);
    t.regex(ran.stdout, /the graphical server's database .*guiserver\.db/);
    t.true(fs.existsSync(path.join(home, 'data', 'dp.db')));
  }
  t.deepEqual(graphicalDatabase({ HOME: '/home/a', XDG_DATA_HOME: '/x' }, 'linux'), [
    '/x/drawpile/drawpile-srv/guiserver.db',
  ]);
  t.is(
    graphicalDatabase({ HOME: '/Users/a' }, 'darwin')[0],
    '/Users/a/Library/Application Support/drawpile-srv/guiserver.db',
  );
  t.is(
    graphicalDatabase({ LOCALAPPDATA: 'C:\\Users\\a\\AppData\\Local' }, 'win32')[0],
    'C:\\Users\\a\\AppData\\Local\\drawpile-srv\\guiserver.db',
  );
});
