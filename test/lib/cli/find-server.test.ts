import { chmodSync, chownSync, mkdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import * as path from 'node:path';
import test from 'ava';
import { isTrusted, openAdmin } from '../../../src/lib/cli/open-admin.js';
import { type Fault, Refusal } from '../../../src/lib/core/errors.js';
import { startAdminServer } from '../../helpers/admin-server.js';
import { makeFolder } from '../../helpers/certificates.js';

test('a command finds the server that runs on its data, and the data when it has stopped', async (t) => {
  const running = await startAdminServer(t);
  const { database, env } = running;
  const live = await openAdmin({ database, env });
  t.is(live.place, running.admin.socketPath!);
  t.is((await live.run('server.status', {})).users, 0);
  await running.admin.close();
  const stored = await openAdmin({ database, env });
  t.teardown(() => stored.close());
  t.is(stored.place, database!);
  const error = await t.throwsAsync<Refusal>(stored.run('session.list', {}), { instanceOf: Refusal });
  t.is(error?.kind, 'unreachable');
  t.regex(error?.hint ?? '', /dp serve/);
});

test('a server with its data somewhere else is found when it is the only one', async (t) => {
  const running = await startAdminServer(t, { database: false });
  const env = { ...running.env, HOME: makeFolder(t), DP_DATA: makeFolder(t) };
  const found = await openAdmin({ env });
  t.is(found.place, running.admin.socketPath!);
});

test('a server is named by address, or by a name of our own', async (t) => {
  const running = await startAdminServer(t, { hasPort: true, values: { 'web-admin-auth': 'admin:secret' } });
  const url = `http://127.0.0.1:${running.admin.port}`;
  const config = makeFolder(t);
  const env = { XDG_CONFIG_HOME: config };
  mkdirSync(path.join(config, 'dp'));
  const file = path.join(config, 'dp', 'servers.ini');
  writeFileSync(file, `[studio]\nurl = ${url}/api\nauth = admin:secret\n[bare]\nurl = ${url}\n`, {
    mode: 0o600,
  });
  const named = await openAdmin({ server: 'studio', env });
  t.is((await named.run('server.status', {})).users, 0);
  const bare = await openAdmin({ server: 'bare', auth: 'admin:secret', env });
  t.is((await bare.run('server.status', {})).users, 0);
  const unknown = await t.throwsAsync<Refusal>(openAdmin({ server: 'other', env }), { instanceOf: Refusal });
  t.regex(unknown?.hint ?? '', /studio bare/);
  chmodSync(file, 0o644);
  await t.throwsAsync(openAdmin({ server: 'studio', env }), { message: /can be read by others/ });
  const direct = await openAdmin({ server: url, env: {} });
  const refused = await t.throwsAsync<Refusal | Fault>(direct.run('server.status', {}));
  t.is(refused?.kind, 'refused');
});

test('a socket that a stranger has put there is not talked to', async (t) => {
  const folder = makeFolder(t);
  const socket = path.join(folder, 'x.sock');
  const data = path.join(folder, 'dp.db');
  writeFileSync(data, '');
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(socket, resolve));
  t.teardown(() => server.close());
  t.true(isTrusted(socket, data));
  t.false(isTrusted(path.join(folder, 'nothing.sock'), data));
  if (process.getuid?.() !== 0) {
    t.log('only root can make files of others');
    return;
  }
  chownSync(socket, 65_534, 65_534);
  t.false(isTrusted(socket, data));
  t.false(isTrusted(socket));
  chownSync(data, 65_534, 65_534);
  t.true(isTrusted(socket, data), 'who owns the data may run the server');
});
