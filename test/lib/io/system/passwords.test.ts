// Every stored form of a password (config.md §5), and that new ones are what libsodium writes and verifies.
import { createRequire } from 'node:module';
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
  const stored = await new Promise<string>((resolve) => {
    passwords.hash('x', resolve);
  });
  t.regex(stored, /^sodium;/);
  let isLater = false;
  const answer = new Promise<boolean>((resolve) =>
    passwords.verify('x', 'plain;x', (matches) => {
      t.true(isLater);
      resolve(matches);
    }),
  );
  isLater = true;
  t.true(await answer);
});

test('a crowd at the door is served one after the other', async (t) => {
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
