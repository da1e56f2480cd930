// A configuration database opened by a command and by a server: files of the originals, and files in trouble.
import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { Fault, Refusal } from '../../../../src/lib/core/errors.js';
import { settingNames, settingRow } from '../../../../src/lib/core/settings/settings.js';
import { ConfigDatabase } from '../../../../src/lib/io/sqlite/config-database.js';
import Database from '../../../helpers/sqlite.js';

const now = Date.UTC(2026, 10, 22, 12);

function folderOf(t: ExecutionContext): string {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'dp-database-'));
  t.teardown(() => {
    fs.chmodSync(folder, 0o700);
    fs.rmSync(folder, { recursive: true, force: true });
  });
  return folder;
}

/** A database file made from a dump. */
function dumped(t: ExecutionContext, dump: string): string {
  const file = path.join(folderOf(t), 'config.db');
  const database = new Database(file);
  database.exec(dump.endsWith('.sql') ? fs.readFileSync(`test/vectors/formats/db/${dump}`, 'utf8') : dump);
  database.close();
  return file;
}

async function opened(t: ExecutionContext, file: string, role: 'server' | 'command' = 'command') {
  const database = await ConfigDatabase.open(file, { role, waitMs: 0, now: () => now });
  t.teardown(() => database.close());
  return database;
}

/** What another program sees. */
function look(file: string, sql: string): unknown[] {
  const database = new Database(file, { readonly: true });
  try {
    return database.prepare(sql).raw().all();
  } finally {
    database.close();
  }
}

test('a database of drawpile-srv 2.3 is read with the same meaning', async (t) => {
  const database = await opened(t, dumped(t, 'config-2.3.sql'));
  t.deepEqual(Object.fromEntries(database.settings.all()), {
    sessionSizeLimit: '20mb',
    persistence: 'true',
    archive: 'true',
    idleTimeLimit: '3h',
    serverTitle: 'T23',
    announceWhitelist: 'true',
  });
  const locks = database.locks.get();
  t.deepEqual(locks.sections, ['accounts']);
  t.regex(locks.passwordHash, /^sodium;\$argon2id\$v=19\$m=65536,t=2,p=1\$/);
  t.deepEqual(database.listServers.all(), ['^https://drawpile\\.net/']);
  t.deepEqual(
    database.accounts.all().map(({ id, name, isLocked, flags }) => [id, name, isLocked, flags]),
    [
      [1, 'mod', false, ['MOD']],
      [2, 'hosty', false, ['HOST']],
      [3, 'locked', true, []],
    ],
  );
  t.regex(database.accounts.all()[0]!.password, /^sodium;\$argon2id\$/);
  const expires = Date.UTC(2030, 0, 1);
  const added = Date.UTC(2026, 10, 22, 7, 6, 55);
  t.deepEqual(database.bans.all(), [
    { kind: 'ip', id: 1, address: '10.1.2.0', bits: 24, expires, comment: 'cmt', added },
    {
      kind: 'client',
      id: 1,
      sid: 'ffff0000111122223333444455556666',
      reaction: 'hang',
      expires,
      comment: 'cmt',
      reason: 'rsn',
      added,
    },
    { kind: 'user', id: 1, userId: 42, reaction: 'normal', expires, comment: 'cmt', reason: 'rsn', added },
  ]);
  t.deepEqual(database.disabledExternalBans.all(), []);
  t.deepEqual(database.problems(), []);
});

test('a database of drawpile-srv 2.1 is read with the same meaning, and has no bans of clients', async (t) => {
  const database = await opened(t, dumped(t, 'config-2.1.sql'));
  t.deepEqual(Object.fromEntries(database.settings.all()), {
    persistence: 'true',
    archive: 'true',
    serverTitle: 'My title',
  });
  t.deepEqual(database.accounts.all(), [
    { id: 1, name: 'mod', password: 'plain;modpw', isLocked: false, flags: ['MOD'] },
  ]);
  t.deepEqual(database.bans.all(), []);
  t.deepEqual(database.disabledExternalBans.all(), []);
  const ban = {
    kind: 'user',
    userId: 1,
    reaction: 'normal',
    reason: '',
    comment: '',
    expires: undefined,
  } as const;
  t.regex(t.throws(() => database.bans.add(ban), { instanceOf: Refusal }).hint!, /dp serve/);
});

test('a command takes the file as it is', async (t) => {
  const file = dumped(t, 'config-2.1.sql');
  const before = fs.readFileSync(file);
  const database = await opened(t, file);
  database.snapshot();
  database.problems();
  t.true(fs.readFileSync(file).equals(before));
  database.settings.change(new Map([['serverTitle', 'new']]));
  t.deepEqual(look(file, 'PRAGMA journal_mode'), [['delete']]);
  t.deepEqual(fs.readdirSync(path.dirname(file)), ['config.db']);
  t.deepEqual(look(file, "SELECT count(*) FROM sqlite_master WHERE type = 'table'"), [[5]]);
});

test('a server adds the tables of 2.3 and switches to WAL, with a backup beside', async (t) => {
  const file = dumped(t, 'config-2.1.sql');
  const rows = 'SELECT rowid, * FROM serverlog';
  const before = look(file, rows);
  const database = await opened(t, file, 'server');
  const backup = `${file}.20261122T120000Z.bak`;
  t.deepEqual(look(backup, rows), before);
  t.deepEqual(look(backup, 'PRAGMA journal_mode'), [['delete']]);
  t.deepEqual(look(backup, "SELECT count(*) FROM sqlite_master WHERE type = 'table'"), [[5]]);
  t.deepEqual(look(file, 'PRAGMA journal_mode'), [['wal']]);
  const tables = look(file, "SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name").flat();
  t.deepEqual(tables, [
    'disabledextbans',
    'ipbans',
    'listingservers',
    'serverlog',
    'settings',
    'systembans',
    'userbans',
    'users',
  ]);
  t.deepEqual(look(file, 'PRAGMA user_version'), [[0]]);
  database.close();
  fs.rmSync(backup);
  await opened(t, file, 'server');
  t.false(fs.existsSync(backup), 'there is nothing to do the second time');
});

test('tables are those of the originals to the column', async (t) => {
  const ours = path.join(folderOf(t), 'new.db');
  await opened(t, ours, 'server');
  const theirs = dumped(t, 'config-2.3.sql');
  const columns = (file: string) =>
    look(
      file,
      `SELECT m.name, c.name, c.type, c."notnull", c.dflt_value, c.pk FROM sqlite_master m, pragma_table_info(m.name) c
       WHERE m.type = 'table' ORDER BY m.name, c.cid`,
    );
  t.deepEqual(columns(ours), columns(theirs));
  const indexes = "SELECT tbl_name FROM sqlite_master WHERE type = 'index' ORDER BY 1";
  t.deepEqual(look(ours, indexes), look(theirs, indexes));
});

test('what is written has the storage classes of the originals', async (t) => {
  const file = path.join(folderOf(t), 'new.db');
  const database = await opened(t, file, 'server');
  database.settings.change(new Map([['sessionCountLimit', '7']]));
  database.accounts.add({ name: 'alice', password: 'plain;x', isLocked: true, flags: ['MOD', 'HOST'] });
  database.bans.add({
    kind: 'ip',
    address: '10.0.0.0',
    bits: 8,
    expires: Date.UTC(2030, 0, 1),
    comment: 'c',
  });
  database.bans.add({ kind: 'ip', address: '10.0.0.1', bits: 0, expires: undefined, comment: '' });
  database.locks.set({ sections: ['bans', 'server'], passwordHash: 'plain;l' });
  database.log.append([{ time: now, level: 'info', topic: 'Status', message: 'm' }]);
  const classes = (sql: string) => look(file, sql);
  t.deepEqual(classes('SELECT key, typeof(key), value, typeof(value) FROM settings ORDER BY key'), [
    ['_lock_admin_hash', 'text', Buffer.from('plain;l'), 'blob'],
    ['_lock_admin_section_bans', 'text', 1, 'integer'],
    ['_lock_admin_section_server', 'text', 1, 'integer'],
    ['sessionCountLimit', 'text', '7', 'text'],
  ]);
  t.deepEqual(
    classes(
      'SELECT username, typeof(password), password, locked, typeof(locked), flags, typeof(flags) FROM users',
    ),
    [['alice', 'blob', Buffer.from('plain;x'), 1, 'integer', 'MOD,HOST', 'text']],
  );
  t.deepEqual(
    classes('SELECT ip, subnet, typeof(subnet), expires, comment, added FROM ipbans ORDER BY rowid'),
    [
      ['10.0.0.0', 8, 'integer', '2030-01-01 00:00:00', 'c', '2026-11-22 12:00:00'],
      ['10.0.0.1', 0, 'integer', '9999-12-31 23:59:59', '', '2026-11-22 12:00:00'],
    ],
  );
  t.deepEqual(classes('SELECT *, typeof(level), typeof(user) FROM serverlog'), [
    ['2026-11-22T12:00:00Z', 2, 'Status', '', '', 'm', 'integer', 'text'],
  ]);
});

for (const name of settingNames) {
  test(`${name} is stored and read back`, async (t) => {
    const database = await opened(t, dumped(t, 'CREATE TABLE settings (key PRIMARY KEY, value)'));
    const text = settingRow(name).default;
    database.settings.change(new Map([[name, text]]));
    t.is(database.settings.all().get(name), text);
    database.settings.change(new Map([[name, undefined]]));
    t.false(database.settings.all().has(name));
  });
}

test('accounts are added, changed and removed', async (t) => {
  const database = await opened(t, dumped(t, 'config-2.3.sql'));
  const alice = { name: 'Mod', password: 'plain;x', isLocked: false, flags: [] };
  t.deepEqual(database.accounts.add(alice), { ...alice, id: 4 });
  t.throws(() => database.accounts.add({ ...alice, name: 'mod' }), {
    instanceOf: Refusal,
    message: /already/,
  });
  t.throws(() => database.accounts.change(4, { name: 'hosty' }), { instanceOf: Refusal });
  t.true(database.accounts.change(4, { name: 'Mod', flags: ['WEB'], isLocked: true }));
  t.false(database.accounts.change(9, { isLocked: true }));
  t.deepEqual(database.accounts.all()[3], { ...alice, id: 4, flags: ['WEB'], isLocked: true });
  t.true(database.accounts.remove(4));
  t.false(database.accounts.remove(4));
});

test('bans are added once, changed and removed', async (t) => {
  const database = await opened(t, dumped(t, 'config-2.3.sql'));
  const same = { kind: 'ip', address: '10.1.2.0', bits: 24, expires: undefined, comment: 'other' } as const;
  t.is(database.bans.add(same).comment, 'cmt');
  const sid = 'a'.repeat(32);
  const ban = database.bans.add({
    kind: 'client',
    sid,
    reaction: 'timer',
    reason: 'r',
    comment: '',
    expires: undefined,
  });
  t.is(ban.id, 2);
  t.true(database.bans.change('client', 2, { expires: now, reason: 'new', comment: 'c', reaction: 'hang' }));
  t.deepEqual(database.bans.all()[2], {
    ...ban,
    expires: now,
    reason: 'new',
    comment: 'c',
    reaction: 'hang',
  });
  t.true(database.bans.change('ip', 1, { expires: undefined, comment: 'x' }));
  t.is(database.bans.all()[0]?.expires, undefined);
  t.false(database.bans.change('user', 9, { comment: 'x' }));
  t.is(
    database.bans.remove([
      { kind: 'ip', id: 1 },
      { kind: 'user', id: 1 },
      { kind: 'user', id: 2 },
    ]),
    2,
  );
  t.deepEqual(
    database.bans.all().map(({ kind, id }) => [kind, id]),
    [
      ['client', 1],
      ['client', 2],
    ],
  );
});

test('rows written by hand are read with weak typing', async (t) => {
  const database = await opened(
    t,
    dumped(
      t,
      `CREATE TABLE settings (key PRIMARY KEY, value);
       INSERT INTO settings VALUES ('persistence', 1), ('sessionCountLimit', 12), ('serverTitle', NULL), ('title', 'T');
       CREATE TABLE users (username UNIQUE, password, locked, flags);
       INSERT INTO users VALUES ('a', 'plain;x', NULL, NULL), (7, X'706c61696e3b79', '1', 'MOD,,HOST');
       CREATE TABLE ipbans (ip, subnet, expires, comment, added);
       INSERT INTO ipbans VALUES ('10.0.0.1', '24', 'never', NULL, NULL), ('10.0.0.2', NULL, NULL, 1, 'x'),
         ('10.0.0.3', 0, '2020', '', ''), ('10.0.0.4', 0, 20300101, '', ''), ('10.0.0.5', 40, '9999-12-31 23:59:59', '', '');`,
    ),
  );
  t.deepEqual(Object.fromEntries(database.settings.all()), {
    persistence: '1',
    sessionCountLimit: '12',
    serverTitle: '',
  });
  t.deepEqual(database.accounts.all(), [
    { id: 1, name: 'a', password: 'plain;x', isLocked: false, flags: [] },
    { id: 2, name: '7', password: 'plain;y', isLocked: true, flags: ['MOD', '', 'HOST'] },
  ]);
  t.deepEqual(
    database.bans.all().map((ban) => ban.kind === 'ip' && [ban.address, ban.bits, ban.expires]),
    [
      ['10.0.0.1', 24, undefined],
      ['10.0.0.2', 0, 0],
      ['10.0.0.3', 0, 0],
      ['10.0.0.4', 0, 0],
      ['10.0.0.5', 40, undefined],
    ],
  );
  t.deepEqual(
    database.problems().map(({ message }) => message.split(':')[0]),
    ['title', 'ban ip', 'ban ip', 'ban ip', 'ban ip', 'ban ip'],
  );
});

test('bans whose expiry is no date are problems that say whether anybody is banned', async (t) => {
  const database = await opened(
    t,
    dumped(
      t,
      `CREATE TABLE ipbans (ip, subnet, expires, comment, added);
       INSERT INTO ipbans VALUES ('10.0.0.1', 0, '', '', ''), ('10.0.0.2', 0, NULL, '', ''), ('10.0.0.3', 0, 1900000000, '', ''),
         ('10.0.0.4', 0, 'never', '', ''), ('10.0.0.5', 0, X'323033302d30312d3031', '', ''), ('10.0.0.6', 0, '2030-01-01 12:00', '', ''),
         ('10.0.0.7', 0, '2030-01-01T12:00+02:00', '', ''), ('10.0.0.8', 0, '2030-01-01', '', ''), ('10.0.0.9', 0, '2030-02-31', '', ''), ('10.0.0.10', 0, 3.5, '', '');
       CREATE TABLE systembans (id integer primary key not null, sid text not null, reaction text, expires text, comment text, reason text, added text);
       INSERT INTO systembans VALUES (1, 'a', 'normal', NULL, '', '', ''), (2, 'b', 'normal', 4102444800, '', '', '');
       CREATE TABLE userbans (id integer primary key not null, userid integer, reaction text, expires text, comment text, reason text, added text);
       INSERT INTO userbans VALUES (7, 4711, 'normal', '', '', '', ''), (8, 4712, 'normal', '9999', '', '', '');`,
    ),
  );
  t.deepEqual(
    database.bans.all().map(({ kind, id, expires }) => [`${kind}:${id}`, expires]),
    [
      ['ip:1', 0],
      ['ip:2', 0],
      ['ip:3', 0],
      ['ip:4', undefined],
      ['ip:5', Date.UTC(2030, 0, 1)],
      ['ip:6', Date.UTC(2030, 0, 1, 12)],
      ['ip:7', Date.UTC(2030, 0, 1, 10)],
      ['ip:8', Date.UTC(2030, 0, 1)],
      ['ip:9', undefined],
      ['ip:10', 0],
      ['client:1', 0],
      ['client:2', undefined],
      ['user:7', 0],
      ['user:8', undefined],
    ],
  );
  const problems = database.problems();
  t.deepEqual(
    problems.map(({ message }) => message),
    [
      'ban ip:1 (10.0.0.1): the expiry is missing: the ban has no effect',
      'ban ip:2 (10.0.0.2): the expiry is missing: the ban has no effect',
      'ban ip:3 (10.0.0.3): the expiry is the number 1900000000, not a date: the ban has no effect',
      'ban ip:4 (10.0.0.4): the expiry "never" is not a date: the ban never expires',
      'ban ip:9 (10.0.0.9): the expiry "2030-02-31" is not a date: the ban never expires',
      'ban ip:10 (10.0.0.10): the expiry is the number 3.5, not a date: the ban has no effect',
      'ban client:1 (a): the expiry is missing: the ban has no effect',
      'ban client:2 (b): the expiry is the number 4102444800, not a date: the ban never expires',
      'ban user:7 (4711): the expiry is missing: the ban has no effect',
    ],
  );
  t.is(
    problems[0]?.hint,
    'set it with: dp ban edit ip:1 --expires never, or a date (2030-01-31); or remove the ban: dp ban remove ip:1',
  );
  database.bans.change('ip', 1, { expires: undefined });
  database.bans.change('client', 2, { expires: Date.UTC(2031, 0, 1) });
  t.is(database.problems().length, problems.length - 2);
});

test('the log is filtered, counted and cut into pages', async (t) => {
  const { log } = await opened(t, dumped(t, 'config-2.3.sql'));
  const all = log.query({ order: 'oldest' });
  t.deepEqual(all[0], {
    id: 1,
    time: Date.UTC(2026, 10, 22, 7, 6, 22),
    level: 'info',
    topic: 'Status',
    message: 'Started listening for TCP connections on port 39220 at address 127.0.0.1',
  });
  const session = '01m8117n3gr05sv034sn5seq1e';
  const bans = log.query({ order: 'oldest', topics: ['Ban', 'Unban'] });
  t.deepEqual(
    bans.map(({ topic, user, session: where }) => [topic, user, where]),
    [
      ['Ban', { id: 2, ip: '127.0.0.1', name: 'bob b%ö' }, session],
      ['Unban', undefined, session],
    ],
  );
  const count = (filter: Parameters<typeof log.query>[0]) => log.query(filter).length;
  t.is(count({ order: 'newest', names: ['BOB B%Ö'] }), count({ order: 'newest', user: 'bob b%Ö' }));
  t.true(count({ order: 'newest', names: ['bob b%ö'] }) > 3);
  t.is(count({ order: 'newest', names: ['bob'] }), 0);
  t.true(count({ order: 'newest', addresses: ['127.0.0.1'] }) > 10);
  t.is(
    count({ order: 'newest', sessions: [session.toUpperCase()] }),
    all.filter((row) => row.session === session).length,
  );
  t.is(count({ order: 'newest', contains: 'TITLE Ä' }), 1);
  t.is(count({ order: 'newest', level: 'error' }), all.filter(({ level }) => level === 'error').length);
  t.is(
    count({ order: 'newest', level: 'warn' }),
    all.filter(({ level }) => level === 'error' || level === 'warn').length,
  );
  const page = log.query({ order: 'newest', limit: 10, skip: 10 });
  t.deepEqual(
    page.map(({ id }) => id),
    all
      .slice(-20, -10)
      .map(({ id }) => id)
      .reverse(),
  );
  t.deepEqual(
    log.query({ order: 'oldest', afterId: all.length - 1 }).map(({ id }) => id),
    [all.length],
  );
  const middle = Date.UTC(2026, 10, 22, 7, 8, 1);
  t.is(count({ order: 'newest', from: middle }) + count({ order: 'newest', until: middle }), all.length);
  t.true(all.filter(({ time }) => time === middle).length > 0);
  t.is(
    count({ order: 'newest', from: middle, until: middle + 1 }),
    all.filter(({ time }) => time === middle).length,
  );
  t.is(count({ order: 'newest', from: middle - 999, until: middle }), 0);
});

test('old entries are purged', async (t) => {
  const { log } = await opened(t, dumped(t, 'config-2.3.sql'));
  const all = log.query({ order: 'oldest' });
  const middle = Date.UTC(2026, 10, 22, 7, 8, 1);
  const removed = log.purge(middle);
  t.is(removed, all.filter(({ time }) => time < middle).length);
  t.is(log.query({ order: 'oldest' }).length, all.length - removed);
});

test('a change of several values is made whole or not at all', async (t) => {
  const file = dumped(t, 'config-2.3.sql');
  const database = await opened(t, file);
  const other = new Database(file);
  t.teardown(() => other.close());
  other.exec('BEGIN IMMEDIATE');
  const error = t.throws(() => database.listServers.replace(['a', 'b']), { instanceOf: Fault });
  t.regex(error.message, /is locked by another program/);
  t.is(typeof error.hint, 'string');
  other.exec('ROLLBACK');
  t.deepEqual(database.listServers.all(), ['^https://drawpile\\.net/']);
  database.listServers.replace(['a', 'b']);
  t.deepEqual(database.listServers.all(), ['a', 'b']);
});

const refused = test.macro({
  async exec(
    t,
    make: (folder: string) => string,
    role: 'server' | 'command',
    expected: { message: RegExp; hint: RegExp },
  ) {
    const file = make(folderOf(t));
    const before = fs.statSync(file, { throwIfNoEntry: false })?.isFile() ? fs.readFileSync(file) : undefined;
    const names = fs.existsSync(path.dirname(file)) ? fs.readdirSync(path.dirname(file)) : undefined;
    const error = await t.throwsAsync(ConfigDatabase.open(file, { role, waitMs: 0 }), {
      message: expected.message,
    });
    t.true(error instanceof Fault || error instanceof Refusal);
    t.regex((error as Fault).hint ?? '', expected.hint);
    t.notRegex(error.message, /\n/);
    if (before) t.true(fs.readFileSync(file).equals(before));
    if (names) t.deepEqual(fs.readdirSync(path.dirname(file)), names);
  },
  title: (what, _make, role) => `refused by a ${role}: ${what}`,
});

function made(folder: string, sql: string): string {
  const file = path.join(folder, 'config.db');
  const database = new Database(file);
  database.exec(sql);
  database.close();
  return file;
}

for (const role of ['server', 'command'] as const) {
  test('a folder', refused, (folder: string) => fs.mkdtempSync(path.join(folder, 'x')), role, {
    message: /is a folder/,
    hint: /path of a file/,
  });
  test(
    'a file that is no database',
    refused,
    (folder: string) => {
      const file = path.join(folder, 'config.db');
      fs.writeFileSync(file, 'serverTitle = this is the other kind of configuration\n'.repeat(50));
      return file;
    },
    role,
    { message: /is not an SQLite database/, hint: /another file/ },
  );
  test(
    'a database of the future',
    refused,
    (folder: string) =>
      made(folder, 'CREATE TABLE settings (key PRIMARY KEY, value); PRAGMA user_version = 7'),
    role,
    { message: /newer version of dp \(schema version 7/, hint: /update dp/ },
  );
  test(
    'a database of something else',
    refused,
    (folder: string) => made(folder, 'CREATE TABLE users (id, email)'),
    role,
    { message: /table users .* has no column username/, hint: /another file/ },
  );
  test(
    'a folder that does not exist',
    refused,
    (folder: string) => path.join(folder, 'none', 'config.db'),
    role,
    role === 'server'
      ? { message: /its folder does not exist/, hint: /mkdir -p/ }
      : { message: /there is no database/, hint: /dp init/ },
  );
}
test('nothing there', refused, (folder: string) => path.join(folder, 'config.db'), 'command', {
  message: /there is no database/,
  hint: /dp serve --database/,
});
test(
  'a damaged database',
  refused,
  (folder: string) => {
    const rows = "INSERT INTO serverlog SELECT hex(randomblob(500)), 1, '', '', '', '' FROM serverlog;";
    const file = made(
      folder,
      `CREATE TABLE serverlog (timestamp, level, topic, user, session, message);
       INSERT INTO serverlog VALUES ('x', 1, '', '', '', ''); ${rows.repeat(8)}`,
    );
    const handle = fs.openSync(file, 'r+');
    fs.writeSync(handle, Buffer.alloc(4096, 0x5a), 0, 4096, 4096 * 5);
    fs.closeSync(handle);
    return file;
  },
  'server',
  { message: /is damaged/, hint: /backup/ },
);

test('a database that is locked at the start is said to be, and is not touched', async (t) => {
  const file = dumped(t, 'config-2.1.sql');
  const other = new Database(file);
  t.teardown(() => other.close());
  other.exec('BEGIN EXCLUSIVE');
  for (const role of ['server', 'command'] as const) {
    await t.throwsAsync(ConfigDatabase.open(file, { role, waitMs: 0 }), {
      instanceOf: Fault,
      message: /is locked by another program/,
    });
  }
  other.exec('ROLLBACK');
  t.deepEqual(fs.readdirSync(path.dirname(file)), ['config.db']);
});

// Root may write everything.
const testAsUser = process.getuid?.() === 0 ? test.skip : test;
testAsUser('a database that may not be written is read, and says so when it is to be changed', async (t) => {
  const file = dumped(t, 'config-2.3.sql');
  fs.chmodSync(file, 0o400);
  fs.chmodSync(path.dirname(file), 0o500);
  const database = await opened(t, file);
  t.is(database.settings.all().get('serverTitle'), 'T23');
  const error = t.throws(() => database.settings.change(new Map([['archive', 'true']])), {
    instanceOf: Fault,
  });
  t.regex(error.message, /read-only/);
});
