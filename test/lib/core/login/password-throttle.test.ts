// Guessing passwords gets slower and slower; mistyping does not, nor does what others of the same address guess.
import test from 'ava';
import { PasswordThrottle } from '../../../../src/lib/core/login/password-throttle.js';

const ip = '10.0.0.1';

test('the first ten wrong passwords cost nothing, each further one more than the last', (t) => {
  const throttle = new PasswordThrottle();
  const waits = Array.from({ length: 17 }, () => {
    const wait = throttle.waitMs(ip, 'account anna', 0);
    throttle.failed(ip, 'account anna', 0);
    return wait;
  });
  t.deepEqual(waits, [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1000, 2000, 4000, 8000, 16_000, 30_000, 30_000]);
  t.is(throttle.waitMs('10.0.0.2', 'account anna', 0), 0, 'other addresses are not slowed down');
  t.is(throttle.waitMs(ip, 'account bob', 0), 0, 'other accounts are not slowed down');
  t.is(throttle.waitMs(ip, 'session anna', 0), 0, 'sessions are not slowed down');
});

test('a right password, or ten quiet minutes, end it', (t) => {
  const throttle = new PasswordThrottle();
  for (let i = 0; i < 12; i++) throttle.failed(ip, 'account anna', 0);
  t.is(throttle.waitMs(ip, 'account anna', 600_000), 4000);
  t.is(throttle.waitMs(ip, 'account anna', 600_001), 0);
  throttle.succeeded(ip, 'account bob');
  t.is(throttle.waitMs(ip, 'account anna', 0), 4000, 'a right password for something else does not');
  throttle.succeeded(ip, 'account anna');
  t.is(throttle.waitMs(ip, 'account anna', 0), 0);
});

test('who tries one name after the other is slowed down a little for all of them', (t) => {
  const throttle = new PasswordThrottle();
  for (let i = 0; i < 100; i++) throttle.failed(ip, `account ${i}`, 0);
  t.is(throttle.waitMs(ip, 'account anna', 0), 1000);
  for (let i = 0; i < 100; i++) throttle.failed(ip, `account ${i}`, 0);
  t.is(throttle.waitMs(ip, 'account anna', 0), 4000, 'never long');
  t.is(throttle.waitMs('10.0.0.2', 'account anna', 0), 0);
});

test('ten thousand are remembered, then the oldest is forgotten; long names are cut', (t) => {
  const throttle = new PasswordThrottle();
  for (let i = 0; i < 11; i++) throttle.failed('first', 'x'.repeat(1000), 0);
  t.is(throttle.waitMs('first', 'x'.repeat(999), 0), 2000);
  for (let i = 0; i < 10_000; i++) throttle.failed(`a${i}`, 'x', 0);
  t.is(throttle.waitMs('first', 'x'.repeat(1000), 0), 0);
});
