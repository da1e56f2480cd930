// The configuration of a server in each kind of store: the same facts, found by the same look-ups, live.
import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { Refusal } from '../../../src/lib/core/errors.js';
import { defaultSetting, settingNames, settingRow } from '../../../src/lib/core/settings/settings.js';
import { ConfigDatabase } from '../../../src/lib/io/sqlite/config-database.js';
import {
  type ConfigurationOptions,
  openConfiguration,
  prepareConfiguration,
} from '../../../src/lib/server/configuration.js';
import { ManualClock } from '../../helpers/manual-clock.js';
import Database from '../../helpers/sqlite.js';
import { until } from '../../helpers/until.js';

function folderOf(t: ExecutionContext): string {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'dp-configuration-'));
  t.teardown(() => fs.rmSync(folder, { recursive: true, force: true }));
  return folder;
}

async function opened(t: ExecutionContext, options: ConfigurationOptions) {
  const problems: string[] = [];
  const configuration = await openConfiguration({
    ...options,
    onProblem: (_, message) => problems.push(message),
  });
  const alive = setInterval(() => undefined, 1000);
  t.teardown(async () => {
    clearInterval(alive);
    await configuration.stop();
  });
  return { configuration, problems };
}

const kinds = {
  memory: () => ({}),
  file: (folder: string) => ({ config: path.join(folder, 'dp.cfg') }),
  database: (folder: string) => ({ database: path.join(folder, 'dp.db') }),
};

for (const [kind, place] of Object.entries(kinds)) {
  test(`${kind}: what operations change is live when they answer`, async (t) => {
    const { configuration } = await opened(t, place(folderOf(t)));
    const { stores, settings, accounts, bans } = configuration;
    t.is(stores.kind as string, kind);
    t.false(accounts.hasAny);
    t.is(settings.source('archive').origin, 'default');
    await stores.settings.change(new Map([['archive', 'true']]));
    t.true(settings.get('archive'));
    t.is(settings.source('archive').origin as string, kind);
    await stores.settings.change(new Map([['archive', undefined]]));
    t.false(settings.get('archive'));

    const alice = { name: 'alice', password: 'plain;wonder', isLocked: false, flags: ['HOST'] };
    const { id } = await stores.accounts.add(alice);
    t.true(accounts.hasAny);
    t.like(accounts.find('alice'), {
      ...alice,
      authId: kind === 'file' ? 'internal:alice' : `internal:${id}`,
    });
    t.is(accounts.find('Alice')?.name, 'alice');
    t.is(accounts.find('bob'), undefined);
    await stores.accounts.change(id, { isLocked: true });
    t.true(accounts.find('alice')?.isLocked);

    let heard = 0;
    bans.subscribe(() => {
      heard += 1;
    });
    await stores.bans.add({ kind: 'ip', address: '10.0.0.0', bits: 8, expires: undefined, comment: '' });
    t.is(bans.forAddress('::ffff:10.1.2.3')?.reaction, 'normal');
    t.is(bans.forAddress('11.0.0.1'), undefined);
    t.is(heard, 1);
    await configuration.externalBans.setDisabled(3, true);
    t.true(configuration.externalBans.isDisabled(3));
    await configuration.externalBans.setDisabled(3, false);
    t.false(configuration.externalBans.isDisabled(3));
    t.is(heard, 1, 'no ban changed');
  });

  test(`${kind}: the log is kept and found`, async (t) => {
    const { configuration } = await opened(t, place(folderOf(t)));
    configuration.log.write({ time: 1000, level: 'warn', topic: 'Kick', message: 'one' });
    configuration.log.write({ time: 2000, level: 'info', topic: 'Status', message: 'two' });
    const rows = await configuration.stores.log!.query({ order: 'newest', level: 'warn' });
    t.deepEqual([...rows], [{ id: 1, time: 1000, level: 'warn', topic: 'Kick', message: 'one' }]);
  });

  test(`${kind}: only a database has locks`, async (t) => {
    const { configuration } = await opened(t, place(folderOf(t)));
    const locks = { sections: ['bans'], passwordHash: 'plain;x' };
    t.is(configuration.locks.isSupported, kind === 'database');
    if (kind === 'database') {
      await configuration.locks.set(locks);
      t.deepEqual(configuration.locks.get(), locks);
    } else {
      await t.throwsAsync(configuration.locks.set(locks), { instanceOf: Refusal });
    }
  });
}

test('every setting is the same from a file and from a database', async (t) => {
  const folder = folderOf(t);
  const other = { flag: 'true', count: '99', duration: '17m', size: '17kb', choice: 'WEB', line: 'x' };
  const texts = settingNames.map((name) => {
    const { kind, default: text } = settingRow(name);
    return [name, text === 'true' ? 'false' : other[kind.name]] as const;
  });
  const config = path.join(folder, 'dp.cfg');
  fs.writeFileSync(config, texts.map(([name, text]) => `${name} = ${text}\n`).join(''));
  const database = path.join(folder, 'dp.db');
  const { configuration: fromDatabase } = await opened(t, { database });
  await fromDatabase.stores.settings.change(new Map(texts));
  const { configuration: fromFile } = await opened(t, { config });
  for (const [name, text] of texts) {
    t.is(fromFile.settings.get(name) as unknown, settingRow(name).kind.parse(text), name);
    t.is(fromDatabase.settings.get(name), fromFile.settings.get(name), name);
    t.not(fromFile.settings.get(name), defaultSetting(name), name);
  }
});

test('flags and environment go before what is stored', async (t) => {
  const config = path.join(folderOf(t), 'dp.cfg');
  fs.writeFileSync(config, 'sessionCountLimit = 1\nserverTitle = file\narchive = true\n');
  const { configuration } = await opened(t, {
    config,
    environment: { DP_SESSION_COUNT_LIMIT: '2', DP_SERVER_TITLE: 'environment' },
    flags: [
      { name: 'sessionCountLimit', text: '3' },
      { name: 'sessionCountLimit', text: '4' },
    ],
  });
  t.is(configuration.settings.get('sessionCountLimit'), 4);
  t.is(configuration.settings.get('serverTitle'), 'environment');
  t.true(configuration.settings.get('archive'));
  await t.throwsAsync(openConfiguration({ environment: { DP_IDLE_TIME_LIMIT: 'never' } }), {
    instanceOf: Refusal,
    message: /^DP_IDLE_TIME_LIMIT: 'never'/,
  });
});

test('a file with problems is used as far as it goes, and each problem is said with its line', async (t) => {
  const config = path.join(folderOf(t), 'dp.cfg');
  fs.copyFileSync('test/vectors/formats/db/cfgtest.cfg', config);
  const { configuration, problems } = await opened(t, { config });
  t.is(configuration.settings.get('sessionCountLimit'), 7);
  t.is(configuration.settings.get('idleTimeLimit'), 5400);
  t.is(configuration.settings.get('sessionSizeLimit'), 1.5 * 1024 ** 3);
  t.is(configuration.bans.forAddress('10.1.1.77')?.source, 'ip ban 1');
  t.true(configuration.accounts.find('banned')?.isLocked);
  t.is(problems.length, 10);
  t.true(problems.every((message) => /^line \d+: /.test(message)));
  t.deepEqual((await configuration.stores.problems?.())?.length, 10);
});

test('edits of a file are live, and one with an error is not', async (t) => {
  const config = path.join(folderOf(t), 'dp.cfg');
  fs.writeFileSync(config, 'serverTitle = a\n');
  const { configuration, problems } = await opened(t, { config });
  fs.writeFileSync(config, 'serverTitle = b\n[users]\nalice:plain;x:MOD\n');
  await until('the title is taken up', () => configuration.settings.get('serverTitle') === 'b');
  t.deepEqual(configuration.accounts.find('alice')?.flags, ['MOD']);
  t.deepEqual(problems, []);
});

test('edits of a database by another program are live, with their problems', async (t) => {
  const database = path.join(folderOf(t), 'dp.db');
  const { configuration, problems } = await opened(t, { database });
  const other = await ConfigDatabase.open(database, { role: 'command' });
  t.teardown(() => other.close());
  await other.accounts.add({ name: 'bob', password: 'plain;x', isLocked: false, flags: [] });
  await until('the account is taken up', () => configuration.accounts.hasAny);
  const byHand = new Database(database);
  t.teardown(() => byHand.close());
  byHand.exec("INSERT INTO settings VALUES ('idleTimeLimit', 'soon'), ('serverTitle', 'x')");
  await until('the title is taken up', () => configuration.settings.get('serverTitle') === 'x');
  t.is(configuration.settings.get('idleTimeLimit'), 0);
  t.deepEqual(problems.length, 1);
  t.regex(problems[0]!, /^idleTimeLimit: 'soon'/);
});

test('list servers: patterns in a database, whole addresses in a file, everything without a store', async (t) => {
  const folder = folderOf(t);
  const url = 'https://drawpile.net/api/listing/';
  const flags = [{ name: 'announceWhitelist', text: 'true' }] as const;
  const { configuration: database } = await opened(t, { database: path.join(folder, 'dp.db'), flags });
  t.false(database.isListServerAllowed(url), 'an empty list allows nothing');
  await database.stores.listServers.replace(['(', '^https://drawpile\\.net/']);
  t.true(database.isListServerAllowed(url));
  t.false(database.isListServerAllowed(`http://x/?${url}`));
  const config = path.join(folder, 'dp.cfg');
  fs.writeFileSync(config, `announceWhitelist = true\n[announcewhitelist]\n${url}\n`);
  const { configuration: file } = await opened(t, { config });
  t.true(file.isListServerAllowed(url));
  t.false(file.isListServerAllowed(`${url}x`));
  await file.stores.settings.change(new Map([['announceWhitelist', 'false']]));
  t.true(file.isListServerAllowed('https://else/'));
  const { configuration: memory } = await opened(t, { flags });
  t.true(memory.isListServerAllowed(url));
});

test('a second server on the same database is refused, and the first goes on', async (t) => {
  const database = path.join(folderOf(t), 'dp.db');
  const { configuration } = await opened(t, { database });
  const error = await t.throwsAsync(openConfiguration({ database }), { instanceOf: Refusal });
  t.is(error.kind, 'conflict');
  await configuration.stores.settings.change(new Map([['archive', 'true']]));
  t.true(configuration.settings.get('archive'));
  await configuration.stop();
  const again = await openConfiguration({ database });
  t.true(again.settings.get('archive'));
  await again.stop();
});

test('old log entries go at the start', async (t) => {
  const database = path.join(folderOf(t), 'dp.db');
  const day = 86_400_000;
  const now = Date.UTC(2026, 10, 22, 12);
  const { configuration } = await opened(t, { database });
  for (const age of [4, 3, 2, 0]) {
    configuration.log.write({
      time: now - age * day,
      level: 'info',
      topic: 'Status',
      message: `${age} days`,
    });
  }
  // A quarter to midnight of the first day that is kept is still inside.
  configuration.log.write({ time: Date.UTC(2026, 10, 20), level: 'info', topic: 'Status', message: 'edge' });
  await configuration.stores.settings.change(new Map([['logpurgedays', '2']]));
  await configuration.stop();
  const { configuration: later } = await opened(t, { database, clock: new ManualClock(now) });
  const rows = await later.stores.log!.query({ order: 'oldest' });
  t.deepEqual(
    rows.map(({ message }) => message),
    ['2 days', '0 days', 'edge'],
  );
});

for (const [what, years] of [
  ['two years ahead', 2],
  ['ten years ahead', 10],
] as const) {
  test(`a clock that is ${what} at the start deletes no log entries`, async (t) => {
    const database = path.join(folderOf(t), 'dp.db');
    const now = Date.UTC(2026, 10, 22, 12);
    const { configuration } = await opened(t, { database });
    for (const age of [4, 0]) {
      const time = now - age * 86_400_000;
      configuration.log.write({ time, level: 'info', topic: 'Status', message: `${age} days` });
    }
    await configuration.stores.settings.change(new Map([['logpurgedays', '2']]));
    await configuration.stop();
    const wrong = now + years * 365 * 86_400_000;
    const { configuration: later } = await opened(t, { database, clock: new ManualClock(wrong) });
    await new Promise(setImmediate);
    const rows = await later.stores.log!.query({ order: 'oldest' });
    t.deepEqual(
      rows.map(({ message }) => message),
      ['4 days', '0 days'],
    );
  });
}

test('places that can not be used are told, each in its words', async (t) => {
  const folder = folderOf(t);
  await t.throwsAsync(openConfiguration({ config: folder }), { message: /settings file .*it is a folder/ });
  await t.throwsAsync(openConfiguration({ database: folder }), { message: /database .*it is a folder/ });
  await t.throwsAsync(openConfiguration({ database: path.join(folder, 'none', 'dp.db') }), {
    message: /its folder does not exist/,
  });
  await t.throwsAsync(openConfiguration({ config: 'a', database: 'b' }), { message: /cannot be combined/ });
  t.deepEqual(fs.readdirSync(folder), []);
});

test('everything can be loaded before any file is touched', async (t) => {
  const database = path.join(folderOf(t), 'later', 'dp.db');
  const open = await prepareConfiguration({ database });
  fs.mkdirSync(path.dirname(database));
  const configuration = await open();
  await configuration.stores.settings.change(new Map([['archive', 'true']]));
  t.true(configuration.settings.get('archive'));
  await configuration.stop();
});

test('what nobody can use in a database is said', async (t) => {
  const database = path.join(folderOf(t), 'dp.db');
  await (await openConfiguration({ database })).stop();
  const byHand = new Database(database);
  byHand.exec(`INSERT INTO users VALUES ('bob', 'secret', 0, '');
    INSERT INTO ipbans VALUES ('10.0.0', 0, '2030-01-01 00:00:00', '', '')`);
  byHand.close();
  const { problems } = await opened(t, { database });
  t.is(problems.length, 2);
  t.regex(problems[0]!, /^account 'bob': nobody can log in/);
  t.notRegex(problems[0]!, /secret/);
  t.regex(problems[1]!, /^ban ip:1 .*: it has no effect/);
});
