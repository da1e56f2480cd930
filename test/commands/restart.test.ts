// A process takes the place of the one that serves, and nobody notices.
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { Client } from '../helpers/client.js';
import { DrawingLoad } from '../helpers/drawing-load.js';
import { failingAt, failures } from '../helpers/failing-successor.js';
import { endsWith, hasLostNothing, joined, openSession, restarted } from '../helpers/restarted.js';
import { serveBinary } from '../helpers/serve-binary.js';
import { until } from '../helpers/until.js';

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
