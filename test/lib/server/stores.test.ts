// The contract of an Admin on every store that is kept: a command's database and settings file, a server's database.
import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { localAdmin } from '../../../src/lib/admin/admin.js';
import { SettingsFile } from '../../../src/lib/io/disk/settings-file-store.js';
import { ConfigDatabase } from '../../../src/lib/io/sqlite/config-database.js';
import { systemSecrets } from '../../../src/lib/io/system/access-secrets.js';
import { openConfiguration } from '../../../src/lib/server/configuration.js';
import { testAdmin } from '../../contracts/admin.js';
import { quickPasswords } from '../../helpers/quick-passwords.js';

const passwords = quickPasswords();

function folderOf(t: ExecutionContext): string {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'dp-stores-'));
  t.teardown(() => fs.rmSync(folder, { recursive: true, force: true }));
  return folder;
}

testAdmin(test, 'a command with a settings file', (t) => {
  const file = path.join(folderOf(t), 'dp.cfg');
  fs.writeFileSync(file, '');
  const stores = SettingsFile.open(file);
  return { admin: localAdmin({ stores, passwords, secrets: systemSecrets, now: Date.now }), isFile: true };
});

testAdmin(test, 'a command with a database', async (t) => {
  const database = path.join(folderOf(t), 'dp.db');
  await (await openConfiguration({ database })).stop();
  const stores = await ConfigDatabase.open(database, { role: 'command' });
  return {
    admin: localAdmin({ stores, passwords, secrets: systemSecrets, now: Date.now }, () => stores.close()),
  };
});

testAdmin(test, 'a server with a database', async (t) => {
  const configuration = await openConfiguration({ database: path.join(folderOf(t), 'dp.db') });
  const { stores } = configuration;
  return {
    admin: localAdmin({ stores, passwords, secrets: systemSecrets, now: Date.now }, () =>
      configuration.stop(),
    ),
  };
});
