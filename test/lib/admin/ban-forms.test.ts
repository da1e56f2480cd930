// Forms in which administrators, files, databases and other servers write an address with a prefix length: each
// means the same wherever it is given, or is refused there.
import test from 'ava';
import { formatSubnet, parseSubnet } from '../../../src/lib/core/addresses.js';
import { BanTable } from '../../../src/lib/core/login/ban-table.js';
import { readSettingsText } from '../../../src/lib/io/disk/settings-file.js';
import { type AdminServer, startAdminServer } from '../../helpers/admin-server.js';

/** Address, prefix length (undefined: none), what it means (undefined: refused), somebody inside, somebody outside. */
const forms: readonly (readonly [string, number | undefined, string | undefined, string?, string?])[] = [
  ['::ffff:127.0.0.0', 104, '127.0.0.0/8', '127.9.9.9', '128.0.0.1'],
  ['::ffff:10.1.2.0', 120, '10.1.2.0/24', '10.1.2.255', '10.1.3.0'],
  ['::ffff:10.1.2.3', 128, '10.1.2.3', '10.1.2.3', '10.1.2.4'],
  ['::FFFF:10.1.2.3', undefined, '10.1.2.3', '10.1.2.3', '10.1.2.2'],
  ['::ffff:7f00:1', undefined, '127.0.0.1', '127.0.0.1', '127.0.0.2'],
  ['::ffff:a01:200', 120, '10.1.2.0/24', '10.1.2.9', '10.1.1.9'],
  ['0:0:0:0:0:ffff:10.0.0.0', 105, '10.0.0.0/9', '10.127.0.1', '10.128.0.1'],
  ['::ffff:10.0.0.0', 97, '0.0.0.0/1', '127.0.0.1', '128.0.0.1'],
  ['10.1.2.3', 8, '10.0.0.0/8', '10.200.0.1', '11.0.0.1'],
  ['10.1.2.3', 32, '10.1.2.3', '10.1.2.3', '10.1.2.4'],
  ['2001:DB8::1', 32, '2001:db8::/32', '2001:db8:ffff::', '2001:db9::'],
  ['fe80::1%eth0', undefined, 'fe80::1', 'fe80::1', 'fe80::2'],
  ['64:ff9b::10.0.0.1', undefined, '64:ff9b::a00:1', '64:ff9b::a00:1', '10.0.0.1'],
  ['::ffff:10.0.0.0', 96, undefined],
  ['::ffff:10.0.0.0', 95, undefined],
  ['::ffff:10.0.0.0', 24, undefined],
  ['::ffff:10.0.0.0', 129, undefined],
  ['10.0.0.0', 33, undefined],
  ['10.0.0.0', 64, undefined],
  ['10.0.0.0', 96, undefined],
  ['2001:db8::', 129, undefined],
  ['::10.0.0.1', undefined, undefined],
  ['::7f00:1', undefined, undefined],
  ['10.1', undefined, undefined],
  ['010.0.0.1', undefined, undefined],
  ['0x7f000001', undefined, undefined],
  ['2130706433', undefined, undefined],
  ['10.0.0.1 ', undefined, undefined],
  ['fe80::1%', undefined, undefined],
  ['1.2.3.4%eth0', undefined, undefined],
  ['[2001:db8::1]', undefined, undefined],
];

const later = '2099-01-02 03:04:05';

async function overOriginalApi(server: AdminServer, address: string, bits: number | undefined) {
  const { status, json } = await server.request({
    method: 'POST',
    path: '/api/banlist',
    body: { ip: address, subnet: bits ?? 0, expires: later },
  });
  if (status === 400) return undefined;
  const { ip, subnet } = json as { ip: string; subnet: number };
  return formatSubnet(parseSubnet(subnet === 0 ? ip : `${ip}/${subnet}`)!);
}

async function overOwnApi(server: AdminServer, address: string, bits: number | undefined) {
  const { status, json } = await server.request({
    method: 'POST',
    path: '/api/dp/1/ban/add',
    body: { kind: 'ip', address, ...(bits !== undefined && { bits }) },
  });
  return status === 400 ? undefined : (json as { target: string }).target;
}

test('a ban means the same over both APIs, in a settings file and in a database, or is refused', async (t) => {
  for (const [address, bits, meaning, inside, outside] of forms) {
    const name = `${address}/${bits ?? ''}`;
    const server = await startAdminServer(t);
    t.is(await overOriginalApi(server, address, bits), meaning, `${name} over the original API`);
    t.is(await overOwnApi(server, address, bits), meaning, `${name} over the API of dp`);
    const { bans } = readSettingsText(`[ipbans]\n${address}${bits === undefined ? '' : `/${bits}`}\n`);
    const fromFile = new BanTable(() => 0);
    fromFile.replace(bans);
    const fromRow = new BanTable(() => 0);
    fromRow.replace([{ kind: 'ip', id: 1, address, bits: bits ?? 0, expires: undefined }]);
    if (meaning === undefined) {
      // blanks at the end of a line do not count in a file
      if (!address.endsWith(' ')) t.is(bans.length, 0, `${name} in a file`);
      continue;
    }
    for (const [table, where] of [
      [server.configuration.bans, 'in the server'],
      [fromFile, 'in a file'],
      [fromRow, 'in a row'],
    ] as const) {
      t.truthy(table.forAddress(inside!), `${name} ${where} hits ${inside}`);
      t.falsy(table.forAddress(outside!), `${name} ${where} spares ${outside}`);
    }
  }
});

test('prefix lengths that are no whole numbers above zero are refused', async (t) => {
  const server = await startAdminServer(t);
  for (const subnet of [-1, 8.5, 1e9]) t.is(await overOriginalApi(server, '10.0.0.0', subnet), undefined);
  for (const bits of [0, -1, 8.5]) t.is(await overOwnApi(server, '10.0.0.0', bits), undefined);
});

test('netmasks mean their prefix length, other masks are refused', (t) => {
  t.is(formatSubnet(parseSubnet('192.168.1.7/255.255.255.0')!), '192.168.1.0/24');
  t.is(formatSubnet(parseSubnet('10.0.0.0/255.128.0.0')!), '10.0.0.0/9');
  t.is(parseSubnet('10.0.0.0/255.0.255.0'), undefined);
  t.is(parseSubnet('2001:db8::/255.0.0.0'), undefined);
  const { bans } = readSettingsText('[ipbans]\n10.1.0.0/255.255.0.0\n');
  t.like(bans[0], { address: '10.1.0.0', bits: 16 });
});

test('what earlier versions stored of mapped addresses is applied as it was meant, shown so and reported', async (t) => {
  const server = await startAdminServer(t);
  const add = (address: string, bits: number) =>
    server.configuration.stores.bans.add({ kind: 'ip', address, bits, expires: undefined, comment: '' });
  await add('127.0.0.0', 104);
  await add('10.1.2.3', 128);
  await add('10.2.0.0', 40);
  const { bans } = server.configuration;
  t.truthy(bans.forAddress('127.8.8.8'));
  t.truthy(bans.forAddress('10.1.2.3'));
  t.falsy(bans.forAddress('10.1.2.4'));
  t.falsy(bans.forAddress('10.2.0.0'), 'nobody knows what 40 bits were');
  const shown = (await server.get('/api/banlist')) as { ip: string; subnet: number }[];
  t.deepEqual(
    shown.map(({ ip, subnet }) => [ip, subnet]),
    [
      ['127.0.0.0', 8],
      ['10.1.2.3', 0],
      ['10.2.0.0', 40],
    ],
  );
  const { json } = await server.request({ method: 'POST', path: '/api/dp/1/config/check', body: {} });
  t.deepEqual(
    (json as { message: string }[]).map(({ message }) => message),
    [
      'ban ip:1 (127.0.0.0/104): prefix length 104 counts the bits of a mapped address; applied as 127.0.0.0/8',
      'ban ip:2 (10.1.2.3/128): prefix length 128 counts the bits of a mapped address; applied as 10.1.2.3',
      'ban ip:3 (10.2.0.0/40): it has no effect: prefix length 40 is out of range: 0 to 32 for IPv4',
    ],
  );
});
