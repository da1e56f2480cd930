// A password counts from the moment it is set, hashed or not.
import test from 'ava';
import { SessionPassword } from '../../../../src/lib/core/session/session-password.js';

test('a new password is checked before its hash is there, and the last one set wins', (t) => {
  const pending: (() => void)[] = [];
  const stored: string[] = [];
  const password = new SessionPassword(
    '',
    {
      hash: (plain, done) => pending.push(() => done(`hash(${plain})`)),
      verify: (text, hash, done) => done(hash === `hash(${text})`),
    },
    (text) => stored.push(text),
  );
  const matches = (text: string) => {
    let result: boolean | undefined;
    password.verify(text, (answer) => {
      result = answer;
    });
    return result;
  };
  t.false(password.isSet);
  t.true(matches(''));
  password.set('one');
  t.true(password.isSet);
  t.true(matches('one'));
  t.false(matches('two'));
  password.set('two');
  for (const run of pending) run();
  t.true(matches('two'));
  t.false(matches('one'));
  t.deepEqual(stored, ['hash(two)']);
  password.set('');
  t.false(password.isSet);
  t.deepEqual(stored, ['hash(two)', '']);
});
