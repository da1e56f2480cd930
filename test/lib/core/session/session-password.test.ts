// A password counts from the moment it is set, hashed or not; what is stored meanwhile lets nobody in.
import test from 'ava';
import { type PasswordOutcome, SessionPassword } from '../../../../src/lib/core/session/session-password.js';
import { isPendingPassword, readPasswordForm } from '../../../../src/lib/core/settings/password-form.js';

/** Hashes when it is told to. */
class SlowHashes {
  readonly pending: ((stored: string | undefined) => void)[] = [];
  readonly asked: string[] = [];
  isFull = false;

  hash(plain: string, done: (stored: string | undefined) => void): void {
    if (this.isFull) {
      done(undefined);
      return;
    }
    this.asked.push(plain);
    this.pending.push((stored) => done(stored === undefined ? undefined : `plain;${plain}`));
  }

  verify(text: string, stored: string, done: (matches: boolean) => void): void {
    done(stored === `plain;${text}`);
  }

  finish(): void {
    for (const done of this.pending.splice(0)) done('hashed');
  }

  lose(): void {
    for (const done of this.pending.splice(0)) done(undefined);
  }
}

function setUp(stored = '') {
  const hashes = new SlowHashes();
  const written: string[] = [];
  const random = { bytes: (count: number) => new Uint8Array(count).fill(7) };
  const password = new SessionPassword(stored, { passwords: hashes, random }, (text) => written.push(text));
  const outcomes: PasswordOutcome[] = [];
  return {
    hashes,
    written,
    password,
    outcomes,
    set: (plain: string) => password.set(plain, (outcome) => outcomes.push(outcome)),
    matches(text: string) {
      let result: boolean | undefined;
      password.verify(text, (answer) => {
        result = answer;
      });
      return result;
    },
  };
}

test('a new password is checked before its hash is there, and the last one set wins', (t) => {
  const { hashes, written, password, outcomes, set, matches } = setUp();
  t.false(password.isSet);
  t.true(matches(''));
  set('one');
  t.true(password.isSet);
  t.true(matches('one'));
  t.false(matches('two'));
  set('two');
  hashes.finish();
  t.true(matches('two'));
  t.false(matches('one'));
  t.deepEqual(outcomes, ['replaced']);
  hashes.finish();
  t.deepEqual(outcomes, ['replaced', 'stored']);
  t.is(written.at(-1), 'plain;two');
  t.true(matches('two'));
  set('');
  t.false(password.isSet);
  t.is(written.at(-1), '');
});

test('what is stored until the hash is there has a sound form and lets nobody in', (t) => {
  for (const before of ['', 'plain;before']) {
    const { hashes, written, outcomes, set } = setUp(before);
    set('new');
    t.is(written.length, 1);
    t.is(readPasswordForm(written[0]!).form, 'pbkdf2');
    t.true(isPendingPassword(written[0]!));
    t.deepEqual(outcomes, [], 'nobody is told');
    hashes.finish();
    t.deepEqual(written.slice(1), ['plain;new']);
    t.deepEqual(outcomes, ['stored']);
  }
});

test('people are told of a password when it is stored, of a removal at once', (t) => {
  const { hashes, password, set } = setUp();
  set('one');
  t.deepEqual([password.isSet, password.isAnnounced], [true, false]);
  hashes.finish();
  t.true(password.isAnnounced);
  set('two');
  t.true(password.isAnnounced, 'there is one, before and after');
  set('');
  t.false(password.isAnnounced);
});

test('one hash at a time, however often a password is set and removed', (t) => {
  const { hashes, written, outcomes, set, matches } = setUp();
  for (let i = 0; i < 100; i++) {
    set(`password ${i}`);
    if (i % 3 === 0) set('');
  }
  set('last');
  t.is(hashes.pending.length, 1);
  hashes.finish();
  t.is(hashes.pending.length, 1);
  t.true(isPendingPassword(written.at(-1)!), 'shut between the two');
  hashes.finish();
  t.deepEqual(hashes.asked, ['password 0', 'last']);
  t.is(written.at(-1), 'plain;last');
  t.true(matches('last'));
  t.is(outcomes.at(-1), 'stored');
});

test('a password that was removed while it was hashed stays removed', (t) => {
  const { hashes, written, password, set } = setUp();
  set('one');
  set('');
  hashes.finish();
  t.false(password.isSet);
  t.is(written.at(-1), '');
});

test('a refused change leaves what was there before', (t) => {
  const { hashes, written, outcomes, set, matches } = setUp('plain;before');
  hashes.isFull = true;
  set('new');
  t.deepEqual(outcomes, ['busy']);
  t.deepEqual(written, []);
  t.true(matches('before'));
});

test('a hash that never comes leaves the session shut', (t) => {
  const { hashes, written, password, outcomes, set, matches } = setUp();
  set('new');
  hashes.lose();
  t.deepEqual(outcomes, ['busy']);
  t.true(password.isSet);
  t.true(isPendingPassword(written.at(-1)!));
  t.false(matches(''));
});
