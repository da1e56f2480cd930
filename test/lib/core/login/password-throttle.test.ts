// Guessing passwords gets slower and slower; mistyping does not.
import test from 'ava';
import { PasswordThrottle } from '../../../../src/lib/core/login/password-throttle.js';

test('the first ten wrong passwords cost nothing, each further one more than the last', (t) => {
  const throttle = new PasswordThrottle();
  const waits = Array.from({ length: 17 }, () => {
    const wait = throttle.waitMs('10.0.0.1', 0);
    throttle.failed('10.0.0.1', 0);
    return wait;
  });
  t.deepEqual(waits, [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1000, 2000, 4000, 8000, 16_000, 30_000, 30_000]);
  t.is(throttle.waitMs('10.0.0.2', 0), 0, 'other addresses are not slowed down');
});

test('a right password, or ten quiet minutes, end it', (t) => {
  const throttle = new PasswordThrottle();
  for (let i = 0; i < 12; i++) throttle.failed('10.0.0.1', 0);
  t.is(throttle.waitMs('10.0.0.1', 600_000), 4000);
  t.is(throttle.waitMs('10.0.0.1', 600_001), 0);
  throttle.succeeded('10.0.0.1');
  t.is(throttle.waitMs('10.0.0.1', 0), 0);
});

test('ten thousand addresses are remembered, then the oldest is forgotten', (t) => {
  const throttle = new PasswordThrottle();
  for (let i = 0; i < 11; i++) throttle.failed('first', 0);
  t.is(throttle.waitMs('first', 0), 2000);
  for (let i = 0; i < 10_000; i++) throttle.failed(`a${i}`, 0);
  t.is(throttle.waitMs('first', 0), 0);
});
