import { readFileSync } from 'node:fs';
import test from 'ava';
import BanAuto from '../../../src/commands/ban/auto.js';
import BanClient from '../../../src/commands/ban/client.js';
import BanEdit from '../../../src/commands/ban/edit.js';
import BanExplain from '../../../src/commands/ban/explain.js';
import BanIp from '../../../src/commands/ban/ip.js';
import BanList from '../../../src/commands/ban/list.js';
import BanRemove from '../../../src/commands/ban/remove.js';
import BanUser from '../../../src/commands/ban/user.js';
import type { BanView } from '../../../src/lib/admin/ban-shapes.js';
import type { LogEntry } from '../../../src/lib/core/session/needs.js';
import { runCommand } from '../../helpers/run-command.js';
import { databaseFlags, fileFlags } from '../../helpers/set-up.js';

const entry = (topic: LogEntry['topic'], ip: string, name: string, session = 's1'): LogEntry => ({
  time: Date.now() - 3_600_000,
  level: 'info',
  topic,
  user: { id: 1, ip, name },
  session,
  message: 'm',
});

test('a ban of one address', async (t) => {
  const where = await databaseFlags(t);
  const ran = await runCommand(BanIp, ['192.0.2.7', '--expires', '2999-01-01', '--reason', 'spam', ...where]);
  t.is(ran.stderr, 'Banned 192.0.2.7 until 2999-01-01 00:00:00 (ip:1).\n');
  const list = await runCommand(BanList, where);
  t.regex(list.stdout, /^ip:1 +192\.0\.2\.7 +2999-01-01 00:00:00 .*spam$/m);
});

test('an expiry may have no seconds, a zone, or be never', async (t) => {
  const where = await databaseFlags(t);
  for (const [address, expires, shown] of [
    ['192.0.2.1', '2999-01-31 12:00', '2999-01-31 12:00:00'],
    ['192.0.2.2', '2999-01-31T12:00+02:00', '2999-01-31 10:00:00'],
    ['192.0.2.3', 'never', 'further notice'],
  ] as const) {
    const ran = await runCommand(BanIp, [address, '--expires', expires, ...where]);
    t.is(ran.stderr, `Banned ${address} until ${shown} (ip:${address.at(-1)}).\n`);
  }
  const edited = await runCommand(BanEdit, [
    'ip:3',
    '--expires',
    '2999-01-31 12:00-0130',
    '--json',
    ...where,
  ]);
  t.like(edited.json(), { expires: Date.UTC(2999, 0, 31, 13, 30) });
  const user = await runCommand(BanUser, ['4711', '--expires', '2999-01-31 12:00Z', '--json', ...where]);
  t.like(user.json(), { expires: Date.UTC(2999, 0, 31, 12) });
  const refused = await runCommand(BanClient, ['abc', '--expires', '2999-01-31 12:00 CET', ...where]);
  t.is(refused.status, 2);
  t.regex(refused.stderr, /invalid ban expiry '2999-01-31 12:00 CET'/);
});

test('a ban that covers more than it seems to says how much, and whom', async (t) => {
  const where = await databaseFlags(t, [
    entry('Join', '10.4.4.4', 'alice'),
    entry('Join', '11.0.0.1', 'carol'),
  ]);
  const dry = await runCommand(BanIp, ['10.1.2.3/8', '--dry-run', ...where]);
  t.is(
    dry.stderr,
    '10.1.2.3/8 means 10.0.0.0/8.\n' +
      '10.0.0.0/8 covers 16,777,216 addresses, from 10.0.0.0 to 10.255.255.255.\n' +
      'Users seen there in the last 30 days: alice (10.4.4.4).\n',
  );
  t.regex((await runCommand(BanList, where)).stderr, /no bans/);
  const ran = await runCommand(BanIp, ['10.1.2.3/8', '--json', ...where]);
  t.like(ran.json(), { target: '10.0.0.0/8', ref: 'ip:1' });
  const preview = await runCommand(BanIp, ['10.1.2.3/8', '--dry-run', '--json', ...where]);
  t.like(preview.json(), { addresses: '16777216', seen: [{ name: 'alice' }] });
});

test('two people behind one address are named', async (t) => {
  const where = await databaseFlags(t, [
    entry('Join', '10.4.4.4', 'alice'),
    entry('Join', '10.4.4.4', 'bob'),
  ]);
  const ran = await runCommand(BanIp, ['10.4.4.4', '-n', ...where]);
  t.regex(ran.stderr, /Users seen there in the last 30 days: (bob, alice|alice, bob)\./);
});

test('the machine itself is pointed out', async (t) => {
  const ran = await runCommand(BanIp, ['127.0.0.0/8', '-n', ...(await databaseFlags(t))]);
  t.regex(ran.stderr, /This machine is one of them/);
});

test('what is already banned is a conflict that names the ban', async (t) => {
  const where = await databaseFlags(t);
  await runCommand(BanIp, ['192.0.2.0/24', ...where]);
  const same = await runCommand(BanIp, ['192.0.2.9/24', ...where]);
  t.is(same.status, 6);
  t.regex(same.stderr, /dp ban edit ip:1/);
  const inner = await runCommand(BanIp, ['192.0.2.9', ...where]);
  t.is(inner.status, 0);
  t.regex(inner.stderr, /already banned by ip:1/);
});

test('an address that was banned once can be banned again when that is over', async (t) => {
  const where = await databaseFlags(t);
  await runCommand(BanIp, ['192.0.2.7', '--expires', '2999-01-01', ...where]);
  const { openAdmin } = await import('../../../src/lib/cli/open-admin.js');
  const admin = await openAdmin({ database: where[1], env: {} });
  await admin.run('ban.change', { kind: 'ip', id: 1, change: { expires: 1000 } });
  await admin.close();
  const ran = await runCommand(BanIp, ['192.0.2.7', '--expires', '2998-01-01', ...where]);
  t.regex(ran.stderr, /until 2998-01-01/);
  t.is((await runCommand(BanList, ['--expired', '--json', ...where])).json<BanView[]>().length, 1);
});

for (const [typed, problem] of [
  ['10.0.0', /is not an IP address/],
  ['10.0.0.1/0', /would ban all IPv4 addresses/],
  ['10.0.0.1/33', /prefix length 33 is out of range/],
  ['10.0.0.0/8/8', /is not a prefix length/],
] as const) {
  test(`${typed} is refused`, async (t) => {
    const ran = await runCommand(BanIp, [typed, ...(await databaseFlags(t))]);
    t.is(ran.status, 2);
    t.regex(ran.stderr, problem);
  });
}

test('an end in the past is refused, and one that nobody can read', async (t) => {
  const where = await databaseFlags(t);
  t.is((await runCommand(BanIp, ['10.0.0.1', '--expires', '2001-01-01', ...where])).status, 2);
  t.is((await runCommand(BanIp, ['10.0.0.1', '--expires', 'soon', ...where])).status, 2);
});

test('bans of users and clients', async (t) => {
  const where = await databaseFlags(t);
  t.is((await runCommand(BanUser, ['4711', '--reason', 'told', ...where])).status, 0);
  const client = await runCommand(BanClient, [
    '0123456789abcdef0123456789abcdef',
    '--reaction',
    'hang',
    ...where,
  ]);
  t.is(client.status, 0);
  const bans = (await runCommand(BanList, ['--json', ...where])).json<BanView[]>();
  t.deepEqual(bans.map(({ ref, reason, reaction }) => [ref, reason, reaction]).sort(), [
    ['client:1', '', 'hang'],
    ['user:1', 'told', 'normal'],
  ]);
  const named = await runCommand(BanUser, ['alice', ...where]);
  t.is(named.status, 2);
  t.regex(named.stderr, /dp user set 'alice' --lock/);
});

test('explain tells which ban matches and why, and who came from there', async (t) => {
  const where = await databaseFlags(t, [
    entry('Ban', '10.4.4.4', 'eve'),
    entry('Ban', '10.4.4.4', 'eve', 's2'),
  ]);
  await runCommand(BanIp, ['10.0.0.0/8', '--comment', 'noise', ...where]);
  const ran = await runCommand(BanExplain, ['10.4.4.4', ...where]);
  t.regex(ran.stdout, /^10\.4\.4\.4 is banned\.$/m);
  t.regex(ran.stdout, /ip:1 \(10\.0\.0\.0\/8\), no expiry: 10\.4\.4\.4 is one of 16777216 addresses/);
  t.regex(ran.stdout, /Comment: noise/);
  t.regex(ran.stdout, /Banned from 2 sessions/);
  t.regex(ran.stdout, /Users seen from there in the last 30 days: eve\./);
  t.regex((await runCommand(BanExplain, ['11.0.0.1', ...where])).stdout, /is not banned/);
});

test('a ban is changed and lifted by its name or by what is banned', async (t) => {
  const where = await databaseFlags(t);
  await runCommand(BanIp, ['10.0.0.1', ...where]);
  await runCommand(BanIp, ['10.0.0.2', ...where]);
  const edit = await runCommand(BanEdit, [
    '10.0.0.1',
    '--comment',
    'sorry',
    '--expires',
    '2999-01-01',
    '--json',
    ...where,
  ]);
  t.like(edit.json(), { comment: 'sorry', expires: Date.UTC(2999, 0, 1) });
  t.like((await runCommand(BanEdit, ['ip:1', '--expires', 'never', '--json', ...where])).json(), {
    expires: null,
  });
  t.is((await runCommand(BanRemove, ['10.0.0.1', '10.0.0.9', ...where])).status, 4);
  const removed = await runCommand(BanRemove, ['10.0.0.1', 'ip:2', ...where]);
  t.is(removed.stdout, 'ip:1 (10.0.0.1) lifted\nip:2 (10.0.0.2) lifted\n');
  t.is((await runCommand(BanRemove, where)).status, 2);
});

test('only what has ended is thrown away with --expired', async (t) => {
  const where = await databaseFlags(t);
  await runCommand(BanIp, ['10.0.0.1', ...where]);
  t.is((await runCommand(BanRemove, ['--expired', ...where])).stderr, '0 bans lifted.\n');
  t.is((await runCommand(BanRemove, ['--all', ...where])).stderr, '1 ban lifted.\n');
});

test('auto bans by the rules, a dry run only says so', async (t) => {
  const log = ['s1', 's2', 's3'].map((session) => entry('Ban', '10.4.4.4', 'eve', session));
  const where = await databaseFlags(t, log);
  const dry = await runCommand(BanAuto, ['--dry-run', ...where]);
  t.regex(dry.stderr, /Dry run: 1 would be banned/);
  t.is((await runCommand(BanList, ['--json', ...where])).json<BanView[]>().length, 0);
  t.is((await runCommand(BanAuto, where)).stderr, '1 banned.\n');
  t.like((await runCommand(BanList, ['--json', ...where])).json<BanView[]>()[0], {
    target: '10.4.4.4',
    comment: 'Banned from 3 sessions. Names used: eve',
  });
  t.is((await runCommand(BanAuto, where)).stderr, '0 banned.\n');
});

test('bans in a settings file', async (t) => {
  const [flag, file] = fileFlags(t, '[ipbans]\n# trouble\n10.0.0.0/8\n');
  t.is((await runCommand(BanIp, ['192.0.2.7', flag, file])).status, 0);
  const ran = await runCommand(BanIp, ['192.0.2.8', '--expires', '7d', flag, file]);
  t.is(ran.status, 5);
  t.is(readFileSync(file, 'utf8'), '[ipbans]\n# trouble\n10.0.0.0/8\n192.0.2.7\n');
  t.is((await runCommand(BanRemove, ['10.0.0.0/8', flag, file])).status, 0);
  t.is(readFileSync(file, 'utf8'), '[ipbans]\n# trouble\n192.0.2.7\n');
  t.is((await runCommand(BanAuto, [flag, file])).status, 5);
});
