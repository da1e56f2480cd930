// Exported ban lists: packed, sealed, opened again, and everything that is none (sessions.md §17).
import { Buffer } from 'node:buffer';
import test from 'ava';
import { SealingBanArchive } from '../../../../src/lib/io/system/ban-archive.js';

const json = JSON.stringify({ v: 1, l: [{ u: 'eve' }] });
const sealing = new SealingBanArchive(Buffer.alloc(32, 7));
const plain = new SealingBanArchive();

test('a list is packed and opened', (t) => {
  t.deepEqual(plain.open(plain.pack(json)), { json, isSealed: false });
  t.regex(plain.pack(json), /^p[A-Za-z0-9+/]+=*$/);
});

test('a sealed list opens only with the key', (t) => {
  const text = sealing.seal(json)!;
  t.regex(text, /^c[A-Za-z0-9+/]{32}:[A-Za-z0-9+/]+=*$/);
  t.deepEqual(sealing.open(text), { json, isSealed: true });
  t.deepEqual(new SealingBanArchive(Buffer.alloc(32, 8)).open(text), { error: 'banimportcrypterror' });
  t.deepEqual(plain.open(text), { error: 'banimportunconfigured' });
  t.is(plain.seal(json), undefined);
});

test('what is no list is named as such', (t) => {
  for (const text of ['', 'x', 'p', 'p!!!!', 'cAAAA:AAAA']) {
    t.deepEqual(sealing.open(text), { error: 'banimportmalformed' }, text);
  }
  for (const text of ['pAAAA', 'p'.repeat(10_000)]) {
    t.deepEqual(sealing.open(text), { error: 'banimportinvalid' }, text.slice(0, 20));
  }
});
