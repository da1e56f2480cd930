// A thousand short random sessions: joins, draws, resets of every kind, kicks, disconnects at every step. After each
// all who are left hold identical canvas histories, and in the end nothing is left behind.
// Longer with DP_FUZZ_ROUNDS, elsewhere with DP_FUZZ_SEED.

import test from 'ava';
import { Client } from '../helpers/client.js';
import { connectInMemory } from '../helpers/memory-connection.js';
import { firstSeed, rounds, Seeded } from '../helpers/seeded.js';
import { startTestServer } from '../helpers/server.js';
import { type Happening, happenings, liveOneSession, type Place } from './short-sessions.js';

test('in a thousand short sessions everybody always sees the same canvas', async (t) => {
  t.timeout(600_000);
  const server = await startTestServer({
    settings: {
      sessionCountLimit: '100',
      autoResetThreshold: '1kb',
      sessionSizeLimit: '64kb',
      clientTimeout: '1000d',
    },
  });
  t.teardown(() => server.stop());
  const { clock } = server;
  const counts = new Map<Happening, number>();
  const place: Place = {
    clock,
    idle: () => server.idle(),
    // Without sockets: a thousand sessions are some ten thousand connections.
    connect: (options) => new Client(connectInMemory(server.running), options),
    happened: (what) => void counts.set(what, (counts.get(what) ?? 0) + 1),
  };
  await server.idle();
  const timersBefore = clock.waiting;
  const first = firstSeed();
  const count = rounds(1000);
  for (let round = 0; round < count; round++) {
    const seed = first + round;
    const problem = await liveOneSession(place, new Seeded(seed), `s${seed}`);
    if (problem !== undefined) {
      t.fail(`seed ${seed}: ${problem}`);
      return;
    }
    if (server.problems.length > 0) {
      t.fail(`seed ${seed}: ${server.problems[0]!.message}`);
      return;
    }
  }
  await server.idle();
  t.is(server.sessionCount, 0, 'sessions are left');
  t.is(clock.waiting, timersBefore, 'timers are left');
  t.log(Object.fromEntries(counts));
  if (count >= 1000) {
    for (const what of happenings) {
      t.true((counts.get(what) ?? 0) > 0, `in ${count} sessions never: ${what}`);
    }
  }
});
