import test from 'ava';
import { Figures } from '../../../src/lib/admin/figures.js';
import type { LiveServer } from '../../../src/lib/admin/live.js';
import { ManualClock } from '../../helpers/manual-clock.js';

test('figures are taken once a minute, and those of the last hour are kept', (t) => {
  const clock = new ManualClock();
  let people = 3;
  const session = { people: { count: 0, activeDrawerCount: 1 } };
  const directory = { all: [session] } as unknown as LiveServer['directory'];
  Object.defineProperty(session.people, 'count', { get: () => people });
  const figures = new Figures();
  figures.start({ clock, directory });
  t.like(figures.rows, [{ usersInSessions: 3, activeDrawers: 1, sessions: 1 }]);
  people = 5;
  clock.advance(59_000);
  t.is(figures.rows.length, 1);
  clock.advance(1_000);
  t.is(figures.rows.at(-1)?.usersInSessions, 5);
  for (let minute = 0; minute < 100; minute++) clock.advance(60_000);
  t.is(figures.rows.length, 61);
  t.is(figures.rows.at(-1)!.when - figures.rows[0]!.when, 3_600_000);
  figures.stop();
  clock.advance(120_000);
  t.is(figures.rows.at(-1)!.when, clock.now() - 120_000);
});
