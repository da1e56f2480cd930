// Every stored form of a password (config.md §5), and that new ones are what libsodium writes and verifies.
import { createRequire } from 'node:module';
import { setImmediate as turn } from 'node:timers/promises';
import test from 'ava';
import { SystemPasswords } from '../../../../src/lib/io/system/passwords.js';

/** As far as it is used here; the package has no types. */
const sodium = createRequire(import.meta.url)('sodium-native') as {
  crypto_pwhash_STRBYTES: number;
  crypto_pwhash_OPSLIMIT_INTERACTIVE: number;
  crypto_pwhash_MEMLIMIT_INTERACTIVE: number;
  crypto_pwhash_str(out: Buffer, password: Buffer, opslimit: number, memlimit: number): void;
  crypto_pwhash_str_verify(encoded: Buffer, password: Buffer): boolean;
};
const passwords = new SystemPasswords();
const argon2id = (password: string) => {
  const out = Buffer.alloc(sodium.crypto_pwhash_STRBYTES);
  sodium.crypto_pwhash_str(
    out,
    Buffer.from(password),
    sodium.crypto_pwhash_OPSLIMIT_INTERACTIVE,
    sodium.crypto_pwhash_MEMLIMIT_INTERACTIVE,
  );
  return `sodium;${out.toString().replace(/\0+$/, '')}`;
};

const forms = test.macro({
  async exec(t, stored: string, right: string | undefined, wrong: string[]) {
    if (right !== undefined) t.true(await passwords.verify(right, stored));
    for (const password of wrong) t.false(await passwords.verify(password, stored), JSON.stringify(password));
  },
  title: (_: string | undefined, stored: string) => `the stored form ${JSON.stringify(stored.slice(0, 60))}`,
});

test(forms, '', '', ['x']);
test(forms, 'plain;passwd', 'passwd', ['', 'Passwd', 'passwd ', 'plain;passwd']);
test(forms, 'plain;a;b:ü', 'a;b:ü', ['a', 'a;b']);
test(forms, '*', undefined, ['', '*']);
test(forms, '*plain;x', undefined, ['', 'x', 'plain;x']);
// The forms of the sample file.
test(forms, 's+sha1;73616c74;da00ec2e6ff9ed4d342b24a16e262c82f3c8b10b', 'secret', ['', 'salt', 'Secret']);
test(forms, 'pbkdf2;1;AAAA', undefined, ['', 'AAAA']);
test(
  forms,
  'pbkdf2;2;MDEyMzQ1Njc4OWFiY2RlZg==;wc3ii0BKlC79LvQtM7u8cBX/RqYUBYnGfzULD6DfNXPKocKIHO8SCi0M15OX7JK7lDamlObNuFnNeHxvrAECcQ==',
  undefined,
  ['', 'pbpw'],
);
test(forms, 'plain;', undefined, ['', ' ']);
test(forms, 'secret', undefined, ['', 'secret']);
test(forms, 'md5;00;00', undefined, ['', '00']);
test(forms, 'sodium;$argon2id$v=19$t=2,m=65536,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAA', undefined, ['', 'x']);
test(forms, 'sodium;', undefined, ['']);
// A crafted row must not take all memory or time.
test(forms, `sodium;$argon2id$v=19$m=4294967295,t=2,p=1$${'A'.repeat(22)}$${'A'.repeat(43)}`, undefined, [
  'x',
]);
test(forms, `sodium;$argon2id$v=19$m=65536,t=4000000,p=1$${'A'.repeat(22)}$${'A'.repeat(43)}`, undefined, [
  'x',
]);

test('salted SHA-1 is of the salt bytes and the password', async (t) => {
  const { createHash } = await import('node:crypto');
  const salt = Buffer.from('00ff10', 'hex');
  const hash = createHash('sha1')
    .update(Buffer.concat([salt, Buffer.from('pä')]))
    .digest('hex');
  t.true(await passwords.verify('pä', `s+sha1;00ff10;${hash.toUpperCase()}`));
  t.false(await passwords.verify('pa', `s+sha1;00ff10;${hash}`));
});

test('libsodium verifies what we write, and writes what we verify', async (t) => {
  const stored = await passwords.hash('wönder', 'argon2id');
  t.regex(stored, /^sodium;\$argon2id\$v=19\$m=65536,t=2,p=1\$[A-Za-z0-9+/]{22}\$[A-Za-z0-9+/]{43}$/);
  const encoded = Buffer.alloc(sodium.crypto_pwhash_STRBYTES);
  encoded.write(stored.slice('sodium;'.length));
  t.true(sodium.crypto_pwhash_str_verify(encoded, Buffer.from('wönder')));
  t.false(sodium.crypto_pwhash_str_verify(encoded, Buffer.from('wonder')));
  const theirs = argon2id('builder');
  t.true(await passwords.verify('builder', theirs));
  t.false(await passwords.verify('Builder', theirs));
});

test('argon2i of older libsodium is verified as well', async (t) => {
  const { hash } = await import('@node-rs/argon2');
  const encoded = await hash('old', { algorithm: 1, memoryCost: 8192, timeCost: 3, parallelism: 1 });
  t.regex(encoded, /^\$argon2i\$/);
  t.true(await passwords.verify('old', `sodium;${encoded}`));
  t.false(await passwords.verify('new', `sodium;${encoded}`));
});

test('PBKDF2 is HMAC-SHA512 with 20000 rounds and 64 bytes', async (t) => {
  const { pbkdf2Sync } = await import('node:crypto');
  const salt = Buffer.from('0123456789abcdef');
  const key = pbkdf2Sync('pä', salt, 20_000, 64, 'sha512').toString('base64');
  const stored = `pbkdf2;1;${salt.toString('base64')};${key}`;
  t.true(await passwords.verify('pä', stored));
  t.false(await passwords.verify('pa', stored));
  t.false(await passwords.verify('pä', stored.replace('pbkdf2;1;', 'pbkdf2;2;')));
});

test('PBKDF2 is written on request, and no password stays none', async (t) => {
  const stored = await passwords.hash('x', 'pbkdf2');
  t.regex(stored, /^pbkdf2;1;[A-Za-z0-9+/=]+;[A-Za-z0-9+/=]{88}$/);
  t.true(await passwords.verify('x', stored));
  t.false(await passwords.verify('y', stored));
  t.is(await passwords.hash('', 'argon2id'), '');
});

test('answers by call-back come later and are the same', async (t) => {
  const stored = await new Promise<string | undefined>((resolve) => {
    passwords.hash('x', resolve);
  });
  t.regex(stored ?? '', /^sodium;/);
  let isLater = false;
  const answer = new Promise<boolean | undefined>((resolve) =>
    passwords.verify('x', 'plain;x', (matches) => {
      t.true(isLater);
      resolve(matches);
    }),
  );
  isLater = true;
  t.true(await answer);
});

test('a crowd at login is served one after the other', async (t) => {
  const one = new SystemPasswords(1);
  const order: number[] = [];
  const stored = await one.hash('x', 'pbkdf2');
  await Promise.all(
    [0, 1, 2, 3].map(async (number) => {
      t.true(await one.verify('x', stored));
      order.push(number);
    }),
  );
  t.deepEqual(order, [0, 1, 2, 3]);
});

/** A stored form whose check takes its turn, and is quick. */
const quick = (one: SystemPasswords) => one.hash('x', 'pbkdf2');
const hash = (one: SystemPasswords, address: string) =>
  new Promise<string | undefined>((resolve) => one.hash('new', resolve, address));
const check = (one: SystemPasswords, stored: string, address: string) =>
  new Promise<boolean | undefined>((resolve) => one.verify('x', stored, resolve, address));

test('one address has a share of the waiting changes, what is beyond it is refused at once', async (t) => {
  const one = new SystemPasswords();
  let refused = 0;
  const hashes: Promise<unknown>[] = [];
  for (let i = 0; i < 100; i++) {
    hashes.push(hash(one, '192.0.2.1').then((stored) => void (stored === undefined && refused++)));
  }
  await turn();
  t.is(refused, 100 - 1 - 8, 'one runs, eight wait');
  const other = hash(one, '192.0.2.2');
  t.regex((await other) ?? '', /^sodium;/, 'another address is not concerned');
  await one.stop(0);
  await Promise.all(hashes);
});

test('a login is checked at once, however many passwords are being set', async (t) => {
  const one = new SystemPasswords();
  const stored = await quick(one);
  let done = 0;
  const hashes = Array.from({ length: 60 }, (_, i) =>
    hash(one, `192.0.2.${i}`).then((result) => void (result !== undefined && done++)),
  );
  t.true(await check(one, stored, '192.0.2.1'));
  t.true(done <= 2, `${done} were set before the login was checked`);
  await one.stop(0);
  await Promise.all(hashes);
});

test('passwords are set in the end, however many people guess', async (t) => {
  const one = new SystemPasswords();
  const stored = await quick(one);
  let checked = 0;
  const checks = Array.from({ length: 200 }, (_, i) =>
    check(one, stored, `192.0.2.${i}`).then((result) => void (result !== undefined && checked++)),
  );
  t.regex((await hash(one, '198.51.100.1')) ?? '', /^sodium;/);
  t.true(checked < 200, 'it did not have to wait for all of them');
  await one.stop(0);
  await Promise.all(checks);
});

test('a stop finishes accepted changes, answers waiting checks, and takes nothing more', async (t) => {
  const one = new SystemPasswords();
  const stored = await quick(one);
  const changes = Array.from({ length: 4 }, () => hash(one, '192.0.2.1'));
  const checks = Array.from({ length: 10 }, () => check(one, stored, '192.0.2.1'));
  await one.stop(60_000);
  for (const change of changes) t.regex((await change) ?? '', /^sodium;/);
  const answers = await Promise.all(checks);
  t.true(answers.includes(undefined));
  t.false(answers.includes(false), 'nobody is told that a right password was wrong');
  t.is(await hash(one, '192.0.2.1'), undefined);
  t.is(await check(one, stored, '192.0.2.1'), undefined);
  await t.throwsAsync(one.hash('x', 'argon2id'), { message: /the server is shutting down/ });
});

test('a stop gives up what is not hashed in time', async (t) => {
  const one = new SystemPasswords();
  const changes = Array.from({ length: 100 }, (_, i) => hash(one, `192.0.2.${i}`));
  await one.stop(1);
  t.true((await Promise.all(changes)).filter((stored) => stored === undefined).length > 50);
});
