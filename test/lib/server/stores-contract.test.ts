// The contract of Stores on what a server without files, a command and a server with a database use.
import * as path from 'node:path';
import test, { type ExecutionContext } from 'ava';

import { memoryStores } from '../../../src/lib/admin/memory-stores.js';
import { type LogRow, notesAtMost, type Stores } from '../../../src/lib/admin/needs.js';
import { ConfigDatabase } from '../../../src/lib/io/sqlite/config-database.js';
import { DatabaseThread } from '../../../src/lib/io/sqlite/database-thread.js';
import { testStores } from '../../contracts/stores.js';
import { makeFolder } from '../../helpers/certificates.js';
import Database from '../../helpers/sqlite.js';

testStores(test, 'in memory', () => {
  const rows: LogRow[] = [];
  return {
    stores: memoryStores(rows, Date.now),
    append: (entries) =>
      void rows.push(...entries.map((entry, index) => ({ ...entry, id: rows.length + index + 1 }))),
  };
});

testStores(test, 'SQLite', async (t) => {
  const stores = await ConfigDatabase.open(path.join(makeFolder(t), 'dp.db'), { role: 'server' });
  t.teardown(() => stores.close());
  return { stores, append: (entries) => stores.log.append(entries) };
});

testStores(test, 'SQLite in a thread of its own', async (t) => {
  const thread = await DatabaseThread.open(path.join(makeFolder(t), 'dp.db'), {
    onProblem: (message) => t.fail(message),
  });
  t.teardown(() => thread.stop());
  return {
    stores: thread,
    append(entries) {
      for (const entry of entries) thread.write(entry);
    },
  };
});

/** Of a server that has as many notes as it may. */
async function areFull(t: ExecutionContext, { notes }: Stores): Promise<void> {
  const note = { kind: 'name', target: 'bob', text: 'x', by: 'mia', when: 0 } as const;
  const add = async () => notes!.add(note);
  t.is((await notes!.all()).length, notesAtMost);
  await t.throwsAsync(add(), { code: 'notes-full' });
  t.true(await notes!.remove((await notes!.all())[0]!.id));
  await add();
  await t.throwsAsync(add(), { code: 'notes-full' });
}

test('in memory there is room for so many notes', async (t) => {
  const stores = memoryStores([], Date.now);
  for (let i = 0; i < notesAtMost; i++)
    await stores.notes!.add({ kind: 'name', target: 'bob', text: 'x', by: '', when: i });
  await areFull(t, stores);
});

test('in a database there is room for so many notes', async (t) => {
  const file = path.join(makeFolder(t), 'dp.db');
  const stores = await ConfigDatabase.open(file, { role: 'server' });
  t.teardown(() => stores.close());
  await stores.notes.add({ kind: 'name', target: 'bob', text: 'x', by: '', when: 0 });
  const database = new Database(file);
  database.exec(
    `INSERT INTO dp_notes (kind, target, text, author, time) WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1
     FROM n WHERE i < ${notesAtMost - 1}) SELECT 'name', 'bob', 'x', '', i FROM n`,
  );
  database.close();
  await areFull(t, stores);
});
