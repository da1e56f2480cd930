// Whether a server is ready, in everything that says so: /readyz, /metrics, `dp status`.
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import * as path from 'node:path';
import test from 'ava';
import { MemorySettings } from '../../../src/lib/core/settings/settings.js';
import { makeStorage } from '../../../src/lib/server/storage.js';
import { startAdminServer } from '../../helpers/admin-server.js';
import { makeFolder } from '../../helpers/certificates.js';
import { Client } from '../../helpers/client.js';
import { until } from '../../helpers/until.js';

test('while session files cannot be written the server is not ready, and says why', async (t) => {
  const folder = path.join(makeFolder(t), 'sessions');
  mkdirSync(folder);
  const log = { write: () => {} };
  const storage = await makeStorage({ settings: new MemorySettings(), log, sessions: folder });
  storage.open();
  const server = await startAdminServer(t, {
    more: storage.parts,
    listeners: { storageProblems: () => storage.problems },
  });
  t.teardown(() => storage.stop());
  const ready = async () => server.request({ path: '/readyz' });
  const status = async () =>
    (await server.request({ method: 'POST', path: '/api/dp/1/server/status', body: {} })).json as {
      problems: string[];
    };
  t.is((await ready()).text, 'ok\n');
  t.deepEqual((await status()).problems, []);
  rmSync(folder, { recursive: true });
  writeFileSync(folder, 'in the way');
  const host = await Client.host(server.server.port, { name: 'alice' });
  t.teardown(() => host.drop());
  await host.ping();
  t.is((await ready()).status, 503);
  t.regex((await ready()).text, /cannot write session files in .*/);
  t.regex((await status()).problems.join(), /cannot write session files in .*/);
  t.regex((await server.request({ path: '/metrics' })).text, /^dp_ready 0$/m);
  rmSync(folder);
  mkdirSync(folder);
  await until('the server is ready again', async () => (await ready()).status === 200);
  t.deepEqual((await status()).problems, []);
});
