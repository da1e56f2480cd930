import test from 'ava';
import { localAdmin } from '../../../src/lib/admin/admin.js';
import { memoryStores } from '../../../src/lib/admin/memory-stores.js';
import type { LogRow, PasswordForms } from '../../../src/lib/admin/needs.js';
import { systemSecrets } from '../../../src/lib/io/system/access-secrets.js';
import { testAdmin } from '../../contracts/admin.js';

/** In the form of libsodium's, with the password itself in the place of its hash. */
const stored = (password: string) =>
  `sodium;$argon2id$v=19$m=65536,t=2,p=1$${'A'.repeat(22)}$${Buffer.from(password.padEnd(32, '-')).toString('base64').replaceAll('=', '')}`;
const passwords: PasswordForms = {
  hash: async (password) => stored(password),
  verify: async (password, hash) => hash === stored(password),
};

testAdmin(test, 'in memory', () => ({
  admin: localAdmin({ stores: memoryStores([], Date.now), passwords, secrets: systemSecrets, now: Date.now }),
}));

const now = Date.UTC(2026, 10, 22, 12);
const hour = 3_600_000;

function adminWithLog(rows: Omit<LogRow, 'id' | 'level' | 'message'>[]) {
  const log = rows.map((row, index): LogRow => ({ id: index + 1, level: 'info', message: 'm', ...row }));
  return localAdmin({
    stores: memoryStores(log, () => now),
    passwords,
    secrets: systemSecrets,
    now: () => now,
  });
}

const banned = (ip: string, name: string, session: string, hoursAgo: number) => ({
  time: now - hoursAgo * hour,
  topic: 'Ban' as const,
  user: { id: 3, ip, name },
  session,
});

test('an address that was banned from three sessions in two days is banned for five days each', async (t) => {
  const admin = adminWithLog([
    banned('10.0.0.1', 'eve', 's1', 1),
    banned('10.0.0.1', 'mallory', 's2', 2),
    banned('10.0.0.1', 'eve', 's3', 3),
    banned('10.0.0.2', 'bob', 's1', 1),
    banned('10.0.0.2', 'bob', 's1', 1),
    banned('10.0.0.2', 'bob', 's2', 1),
    banned('10.0.0.3', 'old', 's1', 50),
    banned('10.0.0.3', 'old', 's2', 50),
    banned('10.0.0.3', 'old', 's3', 50),
  ]);
  const dry = await admin.run('ban.auto', { isDryRun: true });
  t.deepEqual(dry, [
    {
      address: '10.0.0.1',
      sessions: 3,
      names: ['eve', 'mallory'],
      expires: now + 15 * 24 * hour,
      comment: 'Banned from 3 sessions. Names used: eve, mallory',
    },
  ]);
  t.deepEqual(await admin.run('ban.list', {}), []);
  t.deepEqual(await admin.run('ban.auto', {}), dry);
  t.like((await admin.run('ban.list', {}))[0], {
    target: '10.0.0.1',
    comment: dry[0]?.comment,
    expires: dry[0]?.expires,
  });
});

test('an address that has a ban of its own is left alone, a banned subnet around it does not count', async (t) => {
  const admin = adminWithLog(['s1', 's2', 's3'].map((session) => banned('10.0.0.1', 'eve', session, 1)));
  await admin.run('ban.add', { kind: 'ip', address: '10.0.0.0', bits: 8 });
  t.is((await admin.run('ban.auto', {}))[0]?.skipped, undefined);
  t.is((await admin.run('ban.auto', {}))[0]?.skipped, 'has a ban already');
  t.is((await admin.run('ban.list', {})).length, 2);
});

test('who was seen lately in a subnet is named before it is banned, newest first', async (t) => {
  const join = (ip: string, name: string, hoursAgo: number) => ({
    ...banned(ip, name, 's', hoursAgo),
    topic: 'Join' as const,
  });
  const admin = adminWithLog([
    join('10.0.0.9', 'ancient', 24 * 40),
    join('10.0.0.1', 'alice', 30),
    join('10.0.0.2', 'bob', 20),
    join('10.0.0.1', 'alice', 10),
    join('11.0.0.1', 'carol', 5),
  ]);
  const { seen } = await admin.run('ban.preview', { address: '10.0.0.0', bits: 24 });
  t.deepEqual(seen, [
    { name: 'alice', address: '10.0.0.1', lastSeen: now - 10 * hour },
    { name: 'bob', address: '10.0.0.2', lastSeen: now - 20 * hour },
  ]);
});

test('entries older than a moment are purged; a dry run only counts', async (t) => {
  const admin = adminWithLog([banned('10.0.0.1', 'a', 's', 5), banned('10.0.0.1', 'b', 's', 1)]);
  t.deepEqual(await admin.run('log.purge', { before: now - 2 * hour, isDryRun: true }), { removed: 1 });
  t.deepEqual(await admin.run('log.purge', { before: now - 2 * hour }), { removed: 1 });
  t.deepEqual(
    (await admin.run('log.query', { order: 'newest' })).map(({ user }) => user?.name),
    ['b'],
  );
});

test('a stored setting that nobody can read is a problem, an unknown one too', async (t) => {
  const stores = memoryStores([], Date.now);
  await stores.settings.change(
    new Map([
      ['clientTimeout', 'soon'],
      ['title', 'Ink'],
      ['reporttoken', 'hush'],
      ['_lock_admin_section_bans', '1'],
    ]),
  );
  await stores.accounts.add({ name: 'alice', password: 'abc123', isLocked: false, flags: [] });
  const admin = localAdmin({ stores, passwords, secrets: systemSecrets, now: () => now });
  const problems = await admin.run('config.check', {});
  t.is(problems.length, 3);
  t.regex(problems[0]!.message, /clientTimeout 'soon'/);
  t.like(problems[1], { hint: "use the name 'serverTitle'" });
  t.regex(problems[2]!.message, /alice/);
  t.false(JSON.stringify(problems).includes('hush'));
});
