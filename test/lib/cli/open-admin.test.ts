import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { kindOfFile, openAdmin } from '../../../src/lib/cli/open-admin.js';
import { Refusal } from '../../../src/lib/core/errors.js';
import { ConfigDatabase } from '../../../src/lib/io/sqlite/config-database.js';
import { testAdmin } from '../../contracts/admin.js';
import { tempFolder } from '../../helpers/temp-folder.js';

async function makeDatabase(file: string): Promise<string> {
  (await ConfigDatabase.open(file, { role: 'server' })).close();
  return file;
}

testAdmin(test, 'database', async (t) => {
  const database = await makeDatabase(join(tempFolder(t), 'dp.db'));
  return { admin: await openAdmin({ database, env: {} }) };
});

testAdmin(test, 'settings file', async (t) => {
  const config = join(tempFolder(t), 'dp.conf');
  writeFileSync(config, '');
  return { admin: await openAdmin({ config, env: {} }), isFile: true };
});

test('without a flag it is the database in the data folder', async (t) => {
  const folder = tempFolder(t);
  const error = await t.throwsAsync<Refusal>(openAdmin({ env: { DP_DATA: folder } }), {
    instanceOf: Refusal,
  });
  t.is(error?.kind, 'notFound');
  t.regex(error?.hint ?? '', /dp init/);
  const file = await makeDatabase(join(folder, 'dp.db'));
  const admin = await openAdmin({ env: { DP_DATA: folder } });
  t.is(admin.place, file);
  await admin.close();
});

test('a file that isn’t there is not made by a slip of the keyboard', async (t) => {
  const folder = tempFolder(t);
  for (const place of [{ database: join(folder, 'a.db') }, { config: join(folder, 'a.conf') }]) {
    const error = await t.throwsAsync<Refusal>(openAdmin({ ...place, env: {} }), { instanceOf: Refusal });
    t.is(error?.kind, 'notFound');
  }
});

test('a file is known by its first bytes', async (t) => {
  const folder = tempFolder(t);
  writeFileSync(join(folder, 'dp.conf'), '[config]\n');
  mkdirSync(join(folder, 'folder'));
  t.is(kindOfFile(join(folder, 'dp.conf')), 'config');
  t.is(kindOfFile(await makeDatabase(join(folder, 'dp.db'))), 'database');
  t.throws(() => kindOfFile(join(folder, 'folder')), { instanceOf: Refusal });
  t.throws(() => kindOfFile(join(folder, 'nothing')), { instanceOf: Refusal });
});
