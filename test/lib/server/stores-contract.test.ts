// The contract of Stores on what a server without files, a command and a server with a database use.
import * as path from 'node:path';
import test from 'ava';
import { memoryStores } from '../../../src/lib/admin/memory-stores.js';
import type { LogRow } from '../../../src/lib/admin/needs.js';
import { ConfigDatabase } from '../../../src/lib/io/sqlite/config-database.js';
import { DatabaseThread } from '../../../src/lib/io/sqlite/database-thread.js';
import { testStores } from '../../contracts/stores.js';
import { makeFolder } from '../../helpers/certificates.js';

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
