// A server's database in its thread: other programs' locks never stop the server, their edits are noticed.
import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { Fault, Refusal } from '../../../../src/lib/core/errors.js';
import { lockData } from '../../../../src/lib/io/sqlite/data-lock.js';
import { DatabaseThread } from '../../../../src/lib/io/sqlite/database-thread.js';
import Database from '../../../helpers/sqlite.js';

function fileOf(t: ExecutionContext): string {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'dp-thread-'));
  t.teardown(() => fs.rmSync(folder, { recursive: true, force: true }));
  return path.join(folder, 'config.db');
}

async function opened(t: ExecutionContext, file: string) {
  const troubles: string[] = [];
  const thread = await DatabaseThread.open(file, { onProblem: (message) => troubles.push(message) });
  // Nothing but the thread may be there to keep the test alive while it waits for one of its messages.
  const alive = setInterval(() => undefined, 1000);
  t.teardown(async () => {
    clearInterval(alive);
    await thread.stop();
  });
  return { thread, troubles };
}

/** Another program with the same file. */
function other(t: ExecutionContext, file: string) {
  const database = new Database(file, { timeout: 5000 });
  t.teardown(() => database.close());
  return database;
}

function changed(thread: DatabaseThread): Promise<void> {
  return new Promise((resolve) => {
    const stop = thread.subscribe(() => {
      stop();
      resolve();
    });
  });
}

const entry = (message: string) => ({ time: 0, level: 'info', topic: 'Status', message }) as const;

test('what was written holds when its answer is there', async (t) => {
  const { thread } = await opened(t, fileOf(t));
  await thread.settings.change(new Map([['serverTitle', 'Hello']]));
  t.is(thread.snapshot.settings.get('serverTitle'), 'Hello');
  const alice = { name: 'alice', password: 'plain;x', isLocked: false, flags: ['MOD'] };
  t.deepEqual(await thread.accounts.add(alice), { ...alice, id: 1 });
  t.deepEqual(thread.snapshot.accounts, [{ ...alice, id: 1 }]);
  t.is((await thread.bans.all()).length, 0);
  await thread.locks.set({ sections: ['bans'], passwordHash: '' });
  t.deepEqual(thread.snapshot.locks, { sections: ['bans'], passwordHash: '' });
  await thread.disabledExternalBans.set(7, true);
  t.deepEqual(thread.snapshot.disabledExternalBans, [7]);
  t.deepEqual(await thread.problems(), []);
});

test('a refusal comes back as one', async (t) => {
  const { thread } = await opened(t, fileOf(t));
  const alice = { name: 'alice', password: '', isLocked: false, flags: [] };
  await thread.accounts.add(alice);
  const error = await t.throwsAsync(thread.accounts.add(alice), { instanceOf: Refusal });
  t.is(error.kind, 'conflict');
  t.is(typeof error.hint, 'string');
});

test('a file that can not be used is a fault at the start, and the thread is gone', async (t) => {
  const file = fileOf(t);
  fs.writeFileSync(file, 'no database at all, '.repeat(100));
  await t.throwsAsync(DatabaseThread.open(file, { onProblem: () => undefined }), {
    instanceOf: Fault,
    message: /is not an SQLite database/,
  });
});

test('edits by another program are noticed', async (t) => {
  const file = fileOf(t);
  const { thread } = await opened(t, file);
  const database = other(t, file);
  let noticed = changed(thread);
  database.exec("INSERT INTO settings VALUES ('serverTitle', 'by hand')");
  await noticed;
  t.is(thread.snapshot.settings.get('serverTitle'), 'by hand');
  noticed = changed(thread);
  database.exec("INSERT INTO ipbans VALUES ('10.0.0.1', 0, '2030-01-01 00:00:00', '', '')");
  await noticed;
  t.is(thread.snapshot.bans.length, 1);
});

test('a lock of another program stops nothing here, and what was wanted is done when it is gone', async (t) => {
  const file = fileOf(t);
  const { thread } = await opened(t, file);
  await thread.settings.change(new Map([['serverTitle', 'before']]));
  const database = other(t, file);
  database.exec('BEGIN IMMEDIATE');
  const order: string[] = [];
  const writes = [
    thread.settings.change(new Map([['serverTitle', 'one']])).then(() => order.push('one')),
    thread.settings.change(new Map([['serverTitle', 'two']])).then(() => order.push('two')),
  ];
  for (let index = 0; index < 1000; index++) thread.write(entry(`entry ${index}`));
  // Looking goes on, in the state before.
  t.is((await thread.settings.all()).get('serverTitle'), 'before');
  t.deepEqual(await thread.log.query({ order: 'oldest' }), []);
  t.deepEqual(order, []);
  database.exec("UPDATE settings SET value = 'theirs'");
  database.exec('COMMIT');
  await Promise.all(writes);
  t.deepEqual(order, ['one', 'two']);
  t.is(thread.snapshot.settings.get('serverTitle'), 'two');
  const rows = await thread.log.query({ order: 'oldest' });
  t.deepEqual(
    rows.map(({ message }) => message),
    Array.from({ length: 1000 }, (_, index) => `entry ${index}`),
  );
});

test('log entries are stored in order, and at the latest when the server stops', async (t) => {
  const file = fileOf(t);
  const { thread, troubles } = await opened(t, file);
  for (let index = 0; index < 1234; index++) thread.write(entry(String(index)));
  await thread.stop();
  const database = other(t, file);
  const rows = database.prepare('SELECT message FROM serverlog ORDER BY rowid').pluck().all();
  t.deepEqual(
    rows,
    Array.from({ length: 1234 }, (_, index) => String(index)),
  );
  t.deepEqual(troubles, []);
  await t.throwsAsync(thread.settings.all(), { instanceOf: Fault, message: /is closed/ });
  await thread.stop();
});

test('entries that were written just before are found', async (t) => {
  const { thread } = await opened(t, fileOf(t));
  thread.write({ ...entry('x'), user: { id: 1, ip: '::1', name: 'a;b' }, session: 's' });
  t.deepEqual(await thread.log.query({ order: 'newest' }), [
    { ...entry('x'), id: 1, user: { id: 1, ip: '::1', name: 'a;b' }, session: 's' },
  ]);
  t.is(await thread.log.purge(1000), 1);
});

test('one server per database', async (t) => {
  const file = fileOf(t);
  const lock = lockData(file);
  const error = t.throws(() => lockData(file), { instanceOf: Refusal, message: /another dp server/ });
  t.is(error.kind, 'conflict');
  lock.release();
  t.notThrows(() => lockData(file).release());
});

test('a database that is replaced by another file is said', async (t) => {
  const file = fileOf(t);
  const alive = setInterval(() => undefined, 1000);
  t.teardown(() => clearInterval(alive));
  let thread: DatabaseThread | undefined;
  const problem = new Promise<string>((resolve, reject) => {
    DatabaseThread.open(file, { onProblem: resolve }).then((opened) => {
      thread = opened;
      fs.copyFileSync(file, `${file}.new`);
      fs.renameSync(`${file}.new`, file);
    }, reject);
  });
  t.regex(await problem, /^the database .* was replaced by another file/);
  await thread?.stop();
});
