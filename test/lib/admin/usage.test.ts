import test from 'ava';
import type { LiveServer } from '../../../src/lib/admin/live.js';
import { UsageLog } from '../../../src/lib/admin/usage.js';
import { ManualClock } from '../../helpers/manual-clock.js';

test('one row a minute is taken, and those of the last hour are kept', (t) => {
  const clock = new ManualClock();
  let people = 3;
  const session = { people: { count: 0, activeDrawerCount: 1 } };
  const directory = { all: [session] } as unknown as LiveServer['directory'];
  Object.defineProperty(session.people, 'count', { get: () => people });
  const usage = new UsageLog();
  usage.start({ clock, directory, memoryBytes: 1 });
  t.like(usage.rows, [{ usersInSessions: 3, activeDrawers: 1, sessions: 1 }]);
  people = 5;
  clock.advance(59_000);
  t.is(usage.rows.length, 1);
  clock.advance(1_000);
  t.is(usage.rows.at(-1)?.usersInSessions, 5);
  for (let minute = 0; minute < 100; minute++) clock.advance(60_000);
  t.is(usage.rows.length, 61);
  t.is(usage.rows.at(-1)!.when - usage.rows[0]!.when, 3_600_000);
  usage.stop();
  clock.advance(120_000);
  t.is(usage.rows.at(-1)!.when, clock.now() - 120_000);
});
