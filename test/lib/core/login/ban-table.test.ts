// Which bans hit whom: login.md §12, config.md §6.
import test from 'ava';
import {
  type BanEntry,
  BanTable,
  readReaction,
  readStoredExpiry,
  storedBanProblem,
} from '../../../../src/lib/core/login/ban-table.js';

const now = Date.UTC(2026, 10, 22);

function tableOf(...entries: BanEntry[]): BanTable {
  const table = new BanTable(() => now);
  table.replace(entries);
  return table;
}

const ip = (address: string, bits = 0, expires?: number): BanEntry => ({
  kind: 'ip',
  id: 3,
  address,
  bits,
  expires,
});

const matching = test.macro({
  exec(t, address: string, bits: number, hit: string[], missed: string[]) {
    const table = tableOf(ip(address, bits));
    for (const one of hit) t.is(table.forAddress(one)?.source, 'ip ban 3', `${one} is banned`);
    for (const one of missed) t.is(table.forAddress(one), undefined, `${one} is not banned`);
  },
  title: (_, address, bits) => `a ban of ${address}/${bits} hits what is inside and nothing else`,
});

test(
  matching,
  '10.0.0.1',
  0,
  ['10.0.0.1', '::ffff:10.0.0.1', '::ffff:a00:1'],
  ['10.0.0.2', '::10.0.0.1', ''],
);
test(matching, '10.0.0.1', 32, ['10.0.0.1'], ['10.0.0.0', '10.0.0.2']);
test(matching, '10.1.1.1', 24, ['10.1.1.0', '10.1.1.255', '::ffff:10.1.1.9'], ['10.1.0.255', '10.1.2.0']);
test(matching, '192.168.128.0', 17, ['192.168.128.0', '192.168.255.255'], ['192.168.127.255', '192.169.0.0']);
test(matching, '128.0.0.0', 1, ['128.0.0.0', '255.255.255.255'], ['127.255.255.255', '8000::']);
test(matching, '10.0.0.0', 31, ['10.0.0.0', '10.0.0.1'], ['10.0.0.2', '9.255.255.255']);
test(matching, '::ffff:10.0.0.0', 104, ['10.255.255.255'], ['11.0.0.0', '::a00:0']);
test(matching, '::ffff:10.0.0.7', 0, ['10.0.0.7'], ['10.0.0.8']);
test(
  matching,
  '2001:DB8::1',
  0,
  ['2001:db8::1', '2001:db8:0:0:0:0:0:1', '2001:db8::1%eth0'],
  ['2001:db8::2'],
);
test(
  matching,
  '2001:db8::',
  32,
  ['2001:db8::', '2001:db8:ffff:ffff:ffff:ffff:ffff:ffff'],
  ['2001:db9::', '2001:db7:ffff::'],
);
test(matching, '2001:db8::', 33, ['2001:db8:7fff::1'], ['2001:db8:8000::']);
test(matching, '2001:db8::1', 128, ['2001:db8::1'], ['2001:db8::']);
test(matching, '::', 1, ['::1', '7fff::'], ['8000::', '127.0.0.1']);
// Not usable: they ban nobody rather than everybody.
test(matching, '10.0.0.1', 33, [], ['10.0.0.1', '11.0.0.1']);
test(matching, '2001:db8::1', 129, [], ['2001:db8::1']);
test(matching, '10.0.0.1', -1, [], ['10.0.0.1']);
test(matching, 'bad', 8, [], ['10.0.0.1', 'bad']);
test(matching, '10.0.0', 8, [], ['10.0.0.1']);

test('a ban ends at its moment, in UTC', (t) => {
  t.is(tableOf(ip('10.0.0.1', 0, now)).forAddress('10.0.0.1'), undefined);
  t.is(tableOf(ip('10.0.0.1', 0, now - 1)).forAddress('10.0.0.1'), undefined);
  t.deepEqual(tableOf(ip('10.0.0.1', 0, now + 1)).forAddress('10.0.0.1'), {
    reaction: 'normal',
    expires: now + 1,
    reason: '',
    source: 'ip ban 3',
  });
});

test('an ended ban of one address does not hide a ban of its subnet', (t) => {
  const table = tableOf(ip('10.0.0.1', 0, now - 1), { ...ip('10.0.0.0', 8), id: 4 });
  t.is(table.forAddress('10.0.0.1')?.source, 'ip ban 4');
});

test('of several bans the one counts that lasts longest', (t) => {
  const client = { kind: 'client', sid: 'AB'.repeat(16), reaction: 'normal', reason: '' } as const;
  const table = tableOf(
    { ...client, id: 1, expires: now + 5 },
    { ...client, id: 2, expires: undefined, reaction: 'hang' },
    { ...client, id: 3, expires: now + 9 },
  );
  t.is(table.forSystem('ab'.repeat(16))?.source, 'system ban 2');
  t.is(table.forSystem('AB'.repeat(16))?.reaction, 'hang');
  t.is(table.forSystem('cd'.repeat(16)), undefined);
});

test('people from outside are banned by their number', (t) => {
  const table = tableOf({
    kind: 'user',
    id: 1,
    userId: 42,
    reaction: 'timer',
    reason: 'no',
    expires: undefined,
  });
  t.deepEqual(table.forUser(42), {
    reaction: 'timer',
    expires: undefined,
    reason: 'no',
    source: 'user ban 1',
  });
  t.is(table.forUser(43), undefined);
});

test('listeners hear of each new list', (t) => {
  const table = new BanTable(() => now);
  let heard = 0;
  const stop = table.subscribe(() => {
    heard += 1;
  });
  table.replace([ip('10.0.0.1')]);
  stop();
  table.replace([]);
  t.is(heard, 1);
  t.is(table.forAddress('10.0.0.1'), undefined);
});

test('reactions are known by their names, and an empty one is the normal one', (t) => {
  t.deepEqual(['', 'normal', 'neterror', 'garbage', 'hang', 'timer', 'Normal', 'x'].map(readReaction), [
    'normal',
    'normal',
    'neterror',
    'garbage',
    'hang',
    'timer',
    undefined,
    undefined,
  ]);
});

test('an expiry is read from a database as the originals compare it, whatever is stored there', (t) => {
  const bytes = (text: string) => new TextEncoder().encode(text);
  const forGood = 'the ban never expires';
  const noEffect = 'the ban has no effect';
  for (const [stored, expires, problem] of [
    ['2026-11-23 00:00:00', Date.UTC(2026, 10, 23), undefined],
    ['9999-12-31 23:59:59', undefined, undefined],
    [bytes('2026-11-23 00:00:00'), Date.UTC(2026, 10, 23), undefined],
    ['soon', undefined, `the expiry "soon" is not a date: ${forGood}`],
    ['1 day', 0, `the expiry "1 day" is not a date: ${noEffect}`],
    [bytes('1 day'), undefined, `the expiry "1 day" is not a date: ${forGood}`],
    ['', 0, `the expiry is missing: ${noEffect}`],
    [null, 0, `the expiry is missing: ${noEffect}`],
    [undefined, 0, `the expiry is missing: ${noEffect}`],
    [1_800_000_000, 0, `the expiry is the number 1800000000, not a date: ${noEffect}`],
    [1.5, 0, `the expiry is the number 1.5, not a date: ${noEffect}`],
    ['7', undefined, `the expiry is the number 7, not a date: ${forGood}`],
  ] as const) {
    const read = readStoredExpiry(stored, now);
    t.is(read.expires, expires, `${stored}`);
    t.is(read.problem, problem, `${stored}`);
  }
});

test('a stored ban says what is wrong with it, and whether it counts all the same', (t) => {
  const problemOf = (address: string, bits: number) => storedBanProblem({ address, bits });
  for (const [address, bits] of [
    ['10.0.0.1', 0],
    ['10.0.0.0', 8],
    ['2001:db8::', 32],
    ['::ffff:10.0.0.0', 104],
  ] as const)
    t.is(problemOf(address, bits), undefined, `${address}/${bits}`);
  t.like(problemOf('10.0.0.0', 104), {
    isEffective: true,
    reason: {
      code: 'ban-of-mapped-address',
      text: 'prefix length 104 counts the bits of a mapped address; applied as 10.0.0.0/8',
      hint: 'remove it, then ban 10.0.0.0/8',
    },
  });
  for (const [address, bits] of [
    ['10.0.0.1', 33],
    ['2001:db8::1', 129],
    ['10.0.0.1', -1],
    ['nowhere', 0],
  ] as const)
    t.like(problemOf(address, bits), { isEffective: false }, `${address}/${bits}`);
});
