// Who is behind a proxy: forms that proxies really send, chains of them, and what nobody can read.
import test from 'ava';
import { TrustedProxies } from '../../../../src/lib/core/peer/client-address.js';

const proxies = new TrustedProxies(['10.0.0.0/8', '2001:db8:1::/48']);
const refused = undefined;

const rows: readonly (readonly [header: string, value: string, ip: string | undefined])[] = [
  ['X-Real-IP', '198.51.100.7', '198.51.100.7'],
  ['X-Real-IP', ' 198.51.100.7 ', '198.51.100.7'],
  ['X-Real-IP', '198.51.100.7:4711', '198.51.100.7'],
  ['X-Real-IP', '[2001:db8::7]:4711', '2001:db8::7'],
  ['X-Real-IP', '[2001:DB8::7]', '2001:db8::7'],
  ['X-Real-IP', '2001:db8::7', '2001:db8::7'],
  ['X-Real-IP', '"198.51.100.7"', '198.51.100.7'],
  ['X-Real-IP', '::ffff:198.51.100.7', '198.51.100.7'],
  ['X-Real-IP', '[::ffff:198.51.100.7]:80', '198.51.100.7'],
  ['X-Real-IP', 'fe80::7%eth0', 'fe80::7'],
  ['X-Real-IP', '203.0.113.9, 198.51.100.7', '198.51.100.7'],
  ['X-Real-IP', '127.0.0.1', '127.0.0.1'],
  ['X-Real-IP', '', refused],
  ['X-Real-IP', 'unknown', refused],
  ['X-Real-IP', 'unix:', refused],
  ['X-Real-IP', '_hidden', refused],
  ['X-Real-IP', '0.0.0.0', refused],
  ['X-Real-IP', '::', refused],
  ['X-Real-IP', '010.0.0.1', refused],
  ['X-Real-IP', '::198.51.100.7', refused],
  ['X-Real-IP', '198.51.100.7:port', refused],
  ['X-Real-IP', '198.51.100.7:123456', refused],
  ['X-Real-IP', '[198.51.100.7]', refused],
  ['X-Real-IP', '[2001:db8::7', refused],
  ['X-Real-IP', 'client.example', refused],
  ['X-Forwarded-For', '198.51.100.7', '198.51.100.7'],
  ['X-Forwarded-For', '198.51.100.7:4711', '198.51.100.7'],
  ['X-Forwarded-For', '[2001:db8::7]:4711', '2001:db8::7'],
  ['X-Forwarded-For', '"[2001:db8::7]:4711"', '2001:db8::7'],
  ['X-Forwarded-For', '192.0.2.1, 198.51.100.7', '198.51.100.7'],
  ['X-Forwarded-For', '192.0.2.1,198.51.100.7:99 ,10.0.0.3, 127.0.0.1', '198.51.100.7'],
  ['X-Forwarded-For', '127.0.0.1, 198.51.100.7', '198.51.100.7'],
  ['X-Forwarded-For', 'unknown, 198.51.100.7', '198.51.100.7'],
  ['X-Forwarded-For', '10.0.0.4, 10.0.0.3', '10.0.0.4'],
  ['X-Forwarded-For', '2001:db8:2::7, 2001:db8:1::1', '2001:db8:2::7'],
  ['X-Forwarded-For', '', refused],
  ['X-Forwarded-For', ',', refused],
  ['X-Forwarded-For', '198.51.100.7,', refused],
  ['X-Forwarded-For', '198.51.100.7, unknown', refused],
  ['X-Forwarded-For', '198.51.100.7, _mdn', refused],
  ['X-Forwarded-For', 'unknown, 10.0.0.3', refused],
  ['X-Forwarded-For', '198.51.100.7, 10.0.0.3:x', refused],
  ['X-Forwarded-For', '127.0.0.1, 10.0.0.3', '10.0.0.3'],
  ['Forwarded', 'for=198.51.100.7', '198.51.100.7'],
  ['Forwarded', 'For="198.51.100.7:4711"', '198.51.100.7'],
  ['Forwarded', 'for="[2001:db8:cafe::17]:4711"', '2001:db8:cafe::17'],
  ['Forwarded', 'for="[2001:db8:cafe::17]:_x";proto=https', '2001:db8:cafe::17'],
  ['Forwarded', 'proto=http;by=10.0.0.1;FOR=198.51.100.7;host="a, b; c"', '198.51.100.7'],
  ['Forwarded', 'for=192.0.2.43, for=198.51.100.17', '198.51.100.17'],
  ['Forwarded', 'for=192.0.2.43,for="198.51.100.17";by=10.0.0.2,for=10.0.0.3', '198.51.100.17'],
  ['Forwarded', 'for="198\\.51.100.7"', '198.51.100.7'],
  ['Forwarded', 'for=unknown', refused],
  ['Forwarded', 'for=_gazonk', refused],
  ['Forwarded', 'by=10.0.0.1;proto=https', refused],
  ['Forwarded', 'for=198.51.100.7;for=198.51.100.8', refused],
  ['Forwarded', 'for="198.51.100.7', refused],
  ['Forwarded', 'for=198.51.100.7, proto=https', refused],
  ['Forwarded', '198.51.100.7', refused],
  ['Forwarded', '', refused],
  ['Via', '1.1 proxy', refused],
  ['X-Forwarded-Proto', 'https', refused],
  ['X-Forwarded-Host', 'draw.example', refused],
  ['X-Forwarded-Scheme', 'https', refused],
  ['X-Forwarded', 'for=198.51.100.7', refused],
  ['Forwarded-For', '198.51.100.7', refused],
  ['CF-Connecting-IP', '198.51.100.7', refused],
  ['True-Client-IP', '198.51.100.7', refused],
  ['X-Client-IP', '198.51.100.7', refused],
  ['X-Cluster-Client-IP', '198.51.100.7', refused],
  ['X-Envoy-External-Address', '198.51.100.7', refused],
  ['User-Agent', 'curl', '127.0.0.1'],
  ['X-Requested-With', 'fetch', '127.0.0.1'],
];

for (const [header, value, ip] of rows) {
  test(`${header}: ${value === '' ? '(empty)' : `(${value})`} is ${ip ?? 'refused'}`, (t) => {
    const headers = { [header.toLowerCase()]: value };
    const client = proxies.clientOf('127.0.0.1', headers);
    t.is('ip' in client ? client.ip : undefined, ip);
    if ('problem' in client) t.regex(client.problem.text, /the proxy 127\.0\.0\.1 sends/);
    t.deepEqual(
      proxies.clientOf('192.0.2.99', headers),
      { ip: '192.0.2.99', source: 'peer' },
      'a stranger is not believed',
    );
  });
}

test('the first of the headers that is there counts, readable or not', (t) => {
  const headers = { 'x-forwarded-for': '198.51.100.8', forwarded: 'for=198.51.100.9' };
  t.like(proxies.clientOf('10.0.0.1', { ...headers, 'x-real-ip': '198.51.100.7' }), { ip: '198.51.100.7' });
  t.like(proxies.clientOf('10.0.0.1', headers), { ip: '198.51.100.8', source: 'X-Forwarded-For' });
  t.true('problem' in proxies.clientOf('10.0.0.1', { ...headers, 'x-real-ip': 'unknown' }));
});

test('several headers of one name are one list', (t) => {
  t.like(proxies.clientOf('10.0.0.1', { 'x-forwarded-for': ['192.0.2.1', '198.51.100.7, 10.0.0.2'] }), {
    ip: '198.51.100.7',
  });
  t.like(proxies.clientOf('10.0.0.1', { forwarded: ['for=192.0.2.1', 'for=198.51.100.7'] }), {
    ip: '198.51.100.7',
  });
});

test('what another machine calls itself is never this machine', (t) => {
  for (const said of [
    '127.0.0.1',
    '::1',
    '127.8.8.8',
    '::ffff:127.0.0.1',
    '[::1]:99',
    '127.0.0.1, 127.0.0.1',
  ]) {
    t.like(proxies.clientOf('10.0.0.1', { 'x-forwarded-for': said }), { ip: '10.0.0.1' }, said);
    t.like(proxies.clientOf('127.0.0.1', { 'x-real-ip': `${said}, 10.0.0.5` }), { ip: '10.0.0.5' }, said);
  }
});
