// A process takes the place of the one that serves, and nobody notices.
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { makeFolder, makePair, writePair } from '../helpers/certificates.js';
import { Client } from '../helpers/client.js';
import { DrawingLoad } from '../helpers/drawing-load.js';
import { failingAt, failures } from '../helpers/failing-successor.js';
import { endsWith, hasLostNothing, joined, openSession, restarted } from '../helpers/restarted.js';
import { serveBinary } from '../helpers/serve-binary.js';
import { until } from '../helpers/until.js';
import { jsonOf } from '../helpers/wire.js';

test('people who draw stay where they are, and get every stroke once and in order', async (t) => {
  const server = await serveBinary(t, 'socket');
  endsWith(t, server);
  const all = await openSession(server, 5);
  const load = new DrawingLoad(all);
  load.begin();
  for (let round = 0; round < 3; round++) t.true((await restarted(server)) >= 0);
  await hasLostNothing(t, load, all);
  const late = await Client.open(server.port, { name: 'late' });
  await late.logIn('join', all[0]?.sessionId ?? '');
  await late.join(all[0]?.sessionId ?? '');
  await until('the one who came late has everything', () => load.hasAll(late));
  t.is(load.problemOf(late), undefined);
});

test('a successor that fails at any step leaves the old process serving', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'dp-failing-'));
  chmodSync(folder, 0o755);
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  const step = join(folder, 'step');
  const server = await serveBinary(
    { teardown: (run) => t.teardown(run), env: { NODE_OPTIONS: failingAt(step) } },
    'socket',
  );
  endsWith(t, server);
  const all = await openSession(server, 2);
  const load = new DrawingLoad(all);
  load.begin();
  const { pid } = await server.json<{ pid: number }>('status');
  for (const failure of failures) {
    writeFileSync(step, failure);
    const ran = await server.dp('restart');
    t.not(ran.status, 0, failure);
    t.is((await server.json<{ pid: number }>('status')).pid, pid, failure);
  }
  await hasLostNothing(t, load, all);
  // The data is still locked by the one that serves, and the next restart works.
  writeFileSync(step, 'none');
  await restarted(server);
  t.not((await server.json<{ pid: number }>('status')).pid, pid);
  await joined(server, all[0]?.sessionId ?? '', 'late');
});

test('what is in no file is not lost: the restart is refused with the way out, and works where there is nothing', async (t) => {
  const served = { teardown: (run: () => unknown) => t.teardown(run), env: { DP_DATA: '' } };
  const server = await serveBinary(served, 'address', '--ephemeral', '--set', 'serverTitle=Ink');
  endsWith(t, server);
  const all = await openSession(server, 1);
  await restarted(server);
  await server.json('ban', 'ip', '192.0.2.7');
  const { pid } = await server.json<{ pid: number }>('status');
  const refused = await server.dp('restart');
  t.not(refused.status, 0);
  t.regex(refused.stderr, /only in its memory would be lost/);
  t.regex(refused.stderr, /--data FOLDER/);
  t.is((await server.json<{ pid: number }>('status')).pid, pid);
  t.is((await server.json<unknown[]>('ban', 'list')).length, 1);
  t.true(all.every(({ isClosed }) => !isClosed));
});

test('with connections that the server encrypts it is refused, until they may be closed', async (t) => {
  const folder = makeFolder(t);
  chmodSync(folder, 0o755);
  const { certificate, key } = writePair(folder, await makePair());
  const server = await serveBinary(t, 'socket', '--ssl-cert', certificate, '--ssl-key', key);
  endsWith(t, server);
  const client = await Client.open(server.port, { name: 'host' });
  await client.startTls();
  await client.logIn('host');
  await client.host();
  const { pid } = await server.json<{ pid: number }>('status');
  const refused = await server.dp('restart');
  t.not(refused.status, 0);
  t.regex(refused.stderr, /1 connection/);
  t.regex(refused.stderr, /--close-tls/);
  t.false(client.isClosed);
  await server.json('restart', '--close-tls');
  t.not((await server.json<{ pid: number }>('status')).pid, pid);
  await client.closed;
  // An alert, then the reason for a shutdown with an empty text, for which clients of 2.3 have one of their language.
  t.deepEqual([...(client.log.at(-1)?.payload ?? [])], [2]);
  t.true(client.log.some((message) => jsonOf(message)?.type === 'alert'));
  const again = await Client.open(server.port, { name: 'host' });
  await again.startTls();
  await again.logIn('join', client.sessionId);
  await again.join(client.sessionId);
  t.pass();
});
