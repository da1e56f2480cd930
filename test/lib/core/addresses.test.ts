import test from 'ava';
import {
  countAddresses,
  formatAddress,
  formatSubnet,
  isInSubnet,
  isLoopback,
  isSubnetWithin,
  lastAddress,
  parseAddress,
  parseSubnet,
} from '../../../src/lib/core/addresses.js';

const address = test.macro((t, text: string, shown: string | undefined) => {
  const parsed = parseAddress(text);
  t.is(parsed && formatAddress(parsed), shown);
});

for (const [text, shown] of [
  ['10.0.0.1', '10.0.0.1'],
  ['255.255.255.255', '255.255.255.255'],
  ['256.0.0.1', undefined],
  ['10.0.0', undefined],
  ['010.0.0.1', undefined],
  ['2001:DB8::1', '2001:db8::1'],
  ['2001:db8:0:0:0:0:0:1', '2001:db8::1'],
  ['::', '::'],
  ['::1', '::1'],
  ['1::', '1::'],
  ['1:0:0:2:0:0:0:3', '1:0:0:2::3'],
  ['1:2:3:4:5:6:7:8', '1:2:3:4:5:6:7:8'],
  ['1:2:3:4:5:6:7::', '1:2:3:4:5:6:7:0'],
  ['1:2:3:4:5:6:7:8::', undefined],
  ['1::2::3', undefined],
  ['fe80::1%eth0', 'fe80::1'],
  ['::ffff:10.1.2.3', '10.1.2.3'],
  ['::ffff:0a01:0203', '10.1.2.3'],
  ['64:ff9b::10.1.2.3', '64:ff9b::a01:203'],
  ['12345::', undefined],
  ['', undefined],
  ['hello', undefined],
  [':', undefined],
] as const) {
  test(`address ${text || '(empty)'}`, address, text, shown);
}

const membership = test.macro((t, subnet: string, inside: string[], outside: string[]) => {
  const parsed = parseSubnet(subnet)!;
  for (const text of inside) t.true(isInSubnet(parseAddress(text)!, parsed), text);
  for (const text of outside) t.false(isInSubnet(parseAddress(text)!, parsed), text);
});

test(
  'a v4 subnet',
  membership,
  '10.0.0.0/8',
  ['10.0.0.0', '10.255.255.255', '::ffff:10.1.2.3'],
  ['9.255.255.255', '11.0.0.0', '::1'],
);
test(
  'a subnet that cuts a byte',
  membership,
  '192.168.4.0/22',
  ['192.168.4.0', '192.168.7.255'],
  ['192.168.3.255', '192.168.8.0'],
);
test('one address', membership, '10.0.0.1', ['10.0.0.1'], ['10.0.0.2']);
test(
  'a v6 subnet',
  membership,
  '2001:db8::/33',
  ['2001:db8::1', '2001:db8:7fff::'],
  ['2001:db8:8000::', '10.0.0.1'],
);
test('host bits do not count', membership, '10.1.2.3/8', ['10.9.9.9'], ['11.1.2.3']);
test('a mapped subnet is a v4 subnet', membership, '::ffff:10.0.0.0/104', ['10.5.5.5'], ['11.0.0.0']);
test('everything', membership, '0.0.0.0/0', ['0.0.0.0', '255.255.255.255'], ['::1']);

test('what is no subnet', (t) => {
  for (const text of [
    '10.0.0.0/33',
    '10.0.0.0/',
    '10.0.0.0/x',
    '10.0.0.0/-1',
    '::/129',
    '::ffff:1.2.3.4/8',
  ]) {
    t.is(parseSubnet(text), undefined, text);
  }
});

test('size, ends and text of a subnet', (t) => {
  const subnet = parseSubnet('10.1.2.3/8')!;
  t.is(countAddresses(subnet), 16_777_216n);
  t.is(formatSubnet(subnet), '10.0.0.0/8');
  t.is(formatAddress(lastAddress(subnet)), '10.255.255.255');
  t.is(formatSubnet(parseSubnet('::1/128')!), '::1');
  t.is(countAddresses(parseSubnet('::/0')!), 1n << 128n);
});

test('a subnet within another', (t) => {
  t.true(isSubnetWithin(parseSubnet('10.1.0.0/16')!, parseSubnet('10.0.0.0/8')!));
  t.false(isSubnetWithin(parseSubnet('10.0.0.0/8')!, parseSubnet('10.1.0.0/16')!));
});

test('loopback', (t) => {
  t.true(isLoopback(parseAddress('127.8.8.8')!));
  t.true(isLoopback(parseAddress('::1')!));
  t.false(isLoopback(parseAddress('::2')!));
});
