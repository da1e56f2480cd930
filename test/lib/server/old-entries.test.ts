// Old entries of the log and the audit trail, and clocks that are wrong.

import test, { type ExecutionContext } from 'ava';
import { memoryStores } from '../../../src/lib/admin/memory-stores.js';
import type { LogRow } from '../../../src/lib/admin/needs.js';
import { purgeOldEntries } from '../../../src/lib/server/old-entries.js';
import { ManualClock } from '../../helpers/manual-clock.js';

const hour = 3_600_000;
const day = 24 * hour;
const year = 365 * day;
const today = Date.UTC(2026, 10, 22, 12);

/** A log and an audit trail with an entry for each of these days before today. */
function stored(ages: readonly number[]) {
  const rows: LogRow[] = [];
  const stores = memoryStores(rows, () => today);
  const write = (time: number) => {
    rows.push({ id: rows.length + 1, time, level: 'info', topic: 'Status', message: 'x' });
    void stores.audit?.append([
      {
        when: time,
        actor: { kind: 'server', name: '' },
        address: '',
        what: 'config.change',
        on: { kind: 'settings', name: 'x' },
      },
    ]);
  };
  for (const age of ages) write(today - age * day);
  const times = async () => {
    const entries = (await stores.audit?.query({ order: 'oldest' })) ?? [];
    return { log: rows.map(({ time }) => time), audit: entries.map(({ when }) => when) };
  };
  return { rows, stores, write, times };
}

type Data = ReturnType<typeof stored>;

/** A server that runs at this time of day. */
async function started(t: ExecutionContext, { stores, write }: Data, start: number, days = 30) {
  const clock = new ManualClock(start);
  const timer = await purgeOldEntries(stores, { get: (() => days) as never }, clock, (_level, message) =>
    t.fail(message),
  );
  t.teardown(() => timer.cancel());
  write(start);
  const pass = async (ms: number) => {
    for (let left = ms; left > 0; left -= hour) {
      clock.advance(Math.min(hour, left));
      await new Promise(setImmediate);
    }
  };
  return { clock, pass, stop: () => timer.cancel() };
}

const weeks = Array.from({ length: 60 }, (_, index) => 60 - index);
const kept = (ages: readonly number[]) => ages.filter((age) => age <= 30).map((age) => today - age * day);

test('old entries go at the start and each day', async (t) => {
  const data = stored(weeks);
  const server = await started(t, data, today);
  const { log, audit } = await data.times();
  t.deepEqual(log.slice(0, -1), kept(weeks));
  t.deepEqual(audit, log);
  await server.pass(2 * day);
  t.deepEqual((await data.times()).log, log.slice(2));
});

for (const years of [2, -2, 10]) {
  test(`a clock that is ${years} years off at every start deletes nothing`, async (t) => {
    const data = stored(weeks);
    const wrong = today + years * year;
    for (let start = 0; start < 3; start += 1) {
      const server = await started(t, data, wrong + start * 26 * hour);
      await server.pass(25 * hour);
      server.stop();
    }
    const { log, audit } = await data.times();
    t.deepEqual(
      log.slice(0, weeks.length),
      weeks.map((age) => today - age * day),
    );
    t.deepEqual(audit, log);
    // right again: what is due goes, what the wrong clock wrote ahead of time does not stand in the way
    await started(t, data, today + 4 * day);
    const after = (await data.times()).log.filter((time) => Math.abs(time - today) < year);
    t.true(after.every((time) => time >= today - 27 * day));
  });

  test(`a running server whose clock is set ${years} years off and back deletes nothing by it`, async (t) => {
    const data = stored(weeks);
    const server = await started(t, data, today);
    const { log } = await data.times();
    await server.pass(hour);
    server.clock.setTimeOfDay(server.clock.now() + years * year);
    await server.pass(3 * day);
    data.write(server.clock.now());
    t.deepEqual((await data.times()).log.slice(0, log.length), log);
    server.clock.setTimeOfDay(server.clock.now() - years * year);
    // a quiet server: trusted by its own run
    await server.pass(8 * day);
    const left = (await data.times()).log.filter((time) => Math.abs(time - today) < year);
    t.is(Math.min(...left), today - 19 * day);
  });
}

test('a board without a battery, set right soon after each start, deletes what is old within hours', async (t) => {
  const data = stored(weeks);
  const server = await started(t, data, 1_000_000);
  await server.pass(hour);
  server.clock.setTimeOfDay(today + day);
  await server.pass(2 * hour);
  const left = (await data.times()).log.filter((time) => time > 30 * day);
  t.is(Math.min(...left), today - 29 * day);
});

test('a server that was off for two months deletes older entries when it has run for a week', async (t) => {
  const data = stored(weeks);
  const server = await started(t, data, today + 60 * day);
  await server.pass(6 * day);
  t.is((await data.times()).log.length, weeks.length + 1);
  await server.pass(2 * day);
  t.deepEqual((await data.times()).log, [today + 60 * day]);
});
