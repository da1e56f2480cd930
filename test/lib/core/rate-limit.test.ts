// Token buckets by key.
import test from 'ava';
import { RateLimit } from '../../../src/lib/core/rate-limit.js';
import { ManualClock } from '../../helpers/manual-clock.js';

const rate = { burst: 3, perMinute: 6 };

function make(keysAtMost = 10) {
  const clock = new ManualClock();
  const limit = new RateLimit(() => clock.monotonic(), keysAtMost);
  const times = (key: string, count: number) =>
    Array.from({ length: count }, () => limit.take(key, rate)).filter(Boolean).length;
  return { clock, times };
}

test('a burst goes through, then as many as time has brought', (t) => {
  const { clock, times } = make();
  t.is(times('a', 10), 3);
  clock.advance(10_000);
  t.is(times('a', 10), 1);
  clock.advance(20_000);
  t.is(times('a', 10), 2);
  clock.advance(3_600_000);
  t.is(times('a', 10), 3, 'never more than the burst');
});

test('keys do not share', (t) => {
  const { times } = make();
  t.is(times('a', 5), 3);
  t.is(times('b', 5), 3);
});

test('asking in vain costs nothing, and the time of day does not matter', (t) => {
  const { clock, times } = make();
  times('a', 3);
  for (let i = 0; i < 9; i++) {
    clock.advance(1000);
    times('a', 5);
  }
  clock.setTimeOfDay(clock.now() + 1e9);
  t.is(times('a', 1), 0);
  clock.advance(1001);
  t.is(times('a', 5), 1);
});

test('the table never grows beyond its limit: the key used longest ago is forgotten', (t) => {
  const { times } = make(2);
  times('a', 3);
  times('b', 3);
  times('a', 1);
  times('c', 1);
  t.is(times('a', 1), 0);
  t.is(times('b', 3), 3);
});
