import test from 'ava';
import { ManualClock } from './manual-clock.js';

test('timers run in the order in which they fall due, at their time', (t) => {
  const clock = new ManualClock(1000);
  const seen: Array<[string, number]> = [];
  clock.after(300, () => seen.push(['late', clock.now()]));
  clock.after(100, () => {
    seen.push(['early', clock.now()]);
    clock.after(100, () => seen.push(['between', clock.now()]));
  });
  clock.after(50, () => seen.push(['never', clock.now()])).cancel();
  clock.advance(250);
  t.deepEqual(seen, [
    ['early', 1100],
    ['between', 1200],
  ]);
  t.is(clock.now(), 1250);
  t.is(clock.waiting, 1);
  clock.advance(50);
  t.is(seen.length, 3);
  t.is(clock.waiting, 0);
});
