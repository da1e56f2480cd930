// The time by which bans, logins and tokens end, under clocks that jump.

import test from 'ava';
import { BanTable } from '../../../../src/lib/core/login/ban-table.js';
import { SteadyTime } from '../../../../src/lib/core/session/steady-time.js';
import { ManualClock } from '../../../helpers/manual-clock.js';

const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;
const start = Date.UTC(2026, 10, 22, 12);

function settled() {
  const clock = new ManualClock(start);
  const time = new SteadyTime(clock);
  clock.advance(hour);
  return { clock, time };
}

test('a clock that is right, or corrected a little at a time, is followed', (t) => {
  const { clock, time } = settled();
  for (let count = 0; count < 100; count += 1) {
    clock.advance(10 * minute);
    clock.setTimeOfDay(clock.now() + 5 * minute);
    t.is(time.now(), clock.now());
  }
});

for (const days of [730, -730, 2, -2]) {
  test(`a jump of ${days} days and back changes nothing`, (t) => {
    const { clock, time } = settled();
    const before = time.now();
    clock.setTimeOfDay(clock.now() + days * day);
    for (let count = 1; count < 23; count += 1) {
      clock.advance(hour);
      t.is(time.now(), before + count * hour);
    }
    clock.setTimeOfDay(clock.now() - days * day);
    t.is(time.now(), clock.now());
  });

  test(`a jump of ${days} days that holds for a day counts`, (t) => {
    const { clock, time } = settled();
    clock.setTimeOfDay(clock.now() + days * day);
    for (let count = 0; count < 25; count += 1) {
      time.now();
      clock.advance(hour);
    }
    t.is(time.now(), clock.now());
  });
}

test('several jumps to different times: the last one has to hold', (t) => {
  const { clock, time } = settled();
  const before = time.now();
  for (let count = 1; count <= 40; count += 1) {
    clock.setTimeOfDay(clock.now() + 30 * day);
    clock.advance(hour);
    t.is(time.now(), before + count * hour);
  }
});

test('a clock that is set right after the start, or was before this program, is followed at once', (t) => {
  const clock = new ManualClock(start);
  const time = new SteadyTime(clock);
  clock.advance(minute);
  clock.setTimeOfDay(start + 100 * day);
  t.is(time.now(), start + 100 * day);
  const board = new ManualClock(0);
  const late = new SteadyTime(board);
  board.advance(5 * hour);
  t.is(late.now(), board.now());
  board.setTimeOfDay(start);
  t.is(late.now(), start);
});

test('a ban neither ends nor comes back because the clock jumps', (t) => {
  const { clock, time } = settled();
  const bans = new BanTable(() => time.now());
  const ban = (id: number, address: string, expires: number) =>
    ({ id, kind: 'ip', address, bits: 32, expires }) as const;
  bans.replace([ban(1, '192.0.2.1', start + 2 * day), ban(2, '192.0.2.2', start + 2 * hour)]);
  const banned = () => ['192.0.2.1', '192.0.2.2'].map((ip) => bans.forAddress(ip) !== undefined);
  t.deepEqual(banned(), [true, true]);
  clock.advance(2 * hour);
  t.deepEqual(banned(), [true, false]);
  clock.setTimeOfDay(clock.now() + 730 * day);
  t.deepEqual(banned(), [true, false]);
  clock.setTimeOfDay(clock.now() - 2 * 730 * day);
  t.deepEqual(banned(), [true, false]);
  clock.setTimeOfDay(clock.now() + 730 * day);
  clock.advance(2 * day);
  t.deepEqual(banned(), [false, false]);
});
