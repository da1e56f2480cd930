// Hundreds of short random sessions: joins, draws, resets of every kind, kicks, disconnects at every step. After each
// all who are left hold identical canvas histories, and in the end nothing is left behind.
// So many that everything that can happen does; longer with DP_FUZZ_ROUNDS=1000, elsewhere with DP_FUZZ_SEED.

import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import test, { type ExecutionContext } from 'ava';
import { makeStorage } from '../../src/lib/server/storage.js';
import { Client } from '../helpers/client.js';
import { connectInMemory } from '../helpers/memory-connection.js';
import { firstSeed, rounds, Seeded } from '../helpers/seeded.js';
import { startTestServer, type TestServer } from '../helpers/server.js';
import { type Happening, happenings, liveOneSession, type Place } from './short-sessions.js';

/** In so many everything happens, several times. */
const usual = 400;

/** Settings under which sessions are reset often. */
const settings = {
  sessionCountLimit: '100',
  autoResetThreshold: '1kb',
  sessionSizeLimit: '64kb',
  clientTimeout: '1000d',
};

async function liveThrough(
  t: ExecutionContext,
  server: TestServer,
  count: number,
  idle: () => Promise<void>,
): Promise<Map<Happening, number>> {
  const counts = new Map<Happening, number>();
  const place: Place = {
    clock: server.clock,
    idle,
    // Without sockets: these are thousands of connections.
    connect: (options) => new Client(connectInMemory(server.running), options),
    happened: (what) => void counts.set(what, (counts.get(what) ?? 0) + 1),
  };
  await server.idle();
  const timersBefore = server.clock.waiting;
  const first = firstSeed();
  for (let seed = first; seed < first + count; seed++) {
    const problem =
      (await liveOneSession(place, new Seeded(seed), `s${seed}`)) ?? server.problems[0]?.message;
    if (problem !== undefined) {
      t.fail(`seed ${seed}: ${problem}`);
      return counts;
    }
  }
  await idle();
  // Some lost their connection: their sessions wait for them.
  server.clock.advance(150_000);
  t.is(server.sessionCount, 0, 'sessions are left');
  t.is(server.clock.waiting, timersBefore, 'timers are left');
  return counts;
}

test.serial('in hundreds of short sessions everybody always sees the same canvas', async (t) => {
  t.timeout(600_000);
  const server = await startTestServer({ settings });
  t.teardown(() => server.stop());
  const count = rounds(usual);
  const counts = await liveThrough(t, server, count, () => server.idle());
  t.log(Object.fromEntries(counts));
  if (count >= usual) {
    for (const what of happenings) {
      t.true((counts.get(what) ?? 0) > 0, `in ${count} sessions never: ${what}`);
    }
  }
});

test.serial('the same with sessions in files', async (t) => {
  t.timeout(600_000);
  const folder = await mkdtemp(join(tmpdir(), 'dp-sessions-'));
  const server = await startTestServer({
    settings,
    surround: async (base) => {
      const storage = await makeStorage({ ...base, sessions: folder });
      return { parts: { ...storage.parts, found: storage.open() }, stop: () => storage.stop() };
    },
  });
  t.teardown(async () => {
    await server.stop();
    await rm(folder, { recursive: true, force: true });
  });
  await liveThrough(t, server, rounds(40), async () => {
    await server.idle();
    await sleep(1);
  });
  await server.stop();
  t.deepEqual(await readdir(folder), [], 'files are left');
});
