// Which differences of the two clocks are jumps.
import test from 'ava';
import { JumpDetector } from '../../../../src/lib/core/session/jump-detector.js';
import { ManualClock } from '../../../helpers/manual-clock.js';

const everyMs = 15_000;

function watch() {
  const clock = new ManualClock();
  return { clock, jumps: new JumpDetector(clock, everyMs) };
}

test('time that passes evenly is no jump, nor is a look that comes a little late', (t) => {
  const { clock, jumps } = watch();
  clock.advance(everyMs);
  t.false(jumps.look());
  clock.stall(everyMs + 5000);
  t.false(jumps.look());
});

test('small corrections of the time of day are no jump', (t) => {
  const { clock, jumps } = watch();
  clock.advance(everyMs);
  clock.setTimeOfDay(clock.now() + 2000);
  t.false(jumps.look());
});

for (const [what, jump] of [
  ['the time of day is set forward', (clock: ManualClock) => clock.setTimeOfDay(clock.now() + 61_000)],
  ['the time of day is set back', (clock: ManualClock) => clock.setTimeOfDay(clock.now() - 61_000)],
  ['both clocks go on while the process stands still', (clock: ManualClock) => clock.stall(90_000)],
] as const) {
  test(`a jump: ${what}; it is told once`, (t) => {
    const { clock, jumps } = watch();
    clock.advance(everyMs);
    jump(clock);
    t.true(jumps.look());
    clock.advance(everyMs);
    t.false(jumps.look());
  });
}
