// What administrators change is recorded with who it was, from where, before and after; the log names them; secrets stand
// in neither.
import test, { type ExecutionContext } from 'ava';
import { localAdmin } from '../../../src/lib/admin/admin.js';
import { memoryStores } from '../../../src/lib/admin/memory-stores.js';
import type { Change } from '../../../src/lib/core/session/change.js';
import { systemSecrets } from '../../../src/lib/io/system/access-secrets.js';
import { startAdminServer } from '../../helpers/admin-server.js';

const passwords = {
  hash: async (password: string) => `plain;${password}`,
  verify: async (password: string, stored: string) => stored === `plain;${password}`,
};

function recordedAdmin() {
  const changes: Change[] = [];
  const admin = localAdmin({
    stores: memoryStores([], () => 5),
    passwords,
    secrets: systemSecrets,
    now: () => 7,
    caller: { name: 'bob', role: 'administrator', address: '192.0.2.9' },
    changes: { made: (change) => void changes.push(change) },
  });
  return { admin, changes, last: () => changes.at(-1) };
}

const byBob = { when: 7, actor: { kind: 'administrator', name: 'bob' }, address: '192.0.2.9' } as const;

test('an account is added, changed and removed with what was before and after, its password hidden', async (t) => {
  const { admin, changes, last } = recordedAdmin();
  await admin.run('user.add', { name: 'anna', password: 'first-secret' });
  t.deepEqual(last(), {
    ...byBob,
    what: 'user.add',
    on: { kind: 'account', name: 'anna' },
    after: { name: 'anna', flags: [], isLocked: false, password: '***' },
  });
  await admin.run('user.change', { key: { name: 'anna' }, addFlags: ['MOD'], password: 'second-secret' });
  t.like(last(), {
    what: 'user.change',
    before: { flags: [], password: '***' },
    after: { flags: ['MOD'], password: '***' },
  });
  await admin.run('user.change', { key: { name: 'anna' }, addFlags: ['MOD'] });
  t.is(changes.length, 2, 'what is so already is no change');
  await admin.run('user.remove', { key: { name: 'anna' } });
  t.like(last(), { what: 'user.remove', before: { name: 'anna', flags: ['MOD'] } });
  await t.throwsAsync(admin.run('user.remove', { key: { name: 'anna' } }));
  t.is(changes.length, 3, 'what is refused is no change');
  t.notRegex(JSON.stringify(changes), /secret/);
});

test('settings are recorded as text, all of one change together, secrets hidden', async (t) => {
  const { admin, changes, last } = recordedAdmin();
  await admin
    .run('config.change', { set: { serverTitle: 'Ink', externalBansCacheKey: 'x' } })
    .catch(() => {});
  await admin.run('config.change', { set: { serverTitle: 'Ink', sessionCountLimit: '9' } });
  t.like(last(), {
    ...byBob,
    what: 'config.change',
    on: { kind: 'settings', name: 'serverTitle sessionCountLimit' },
    before: {},
    after: { serverTitle: 'Ink', sessionCountLimit: '9' },
  });
  await admin.run('config.change', { unset: ['serverTitle'] });
  t.like(last(), { before: { serverTitle: 'Ink' }, after: {} });
  t.is(changes.length, 2);
});

test('bans are recorded one by one, list servers as a whole', async (t) => {
  const { admin, changes, last } = recordedAdmin();
  await admin.run('ban.add', { kind: 'ip', address: '10.0.0.0', bits: 8, comment: 'why' });
  t.like(last(), { ...byBob, what: 'ban.add', after: { target: '10.0.0.0/8', comment: 'why' } });
  await admin.run('ban.add', { kind: 'ip', address: '10.0.0.0', bits: 8 });
  t.is(changes.length, 1, 'the same again is there already');
  await admin.run('ban.add', { kind: 'user', userId: 5, reason: 'spam' });
  const ref = (last()?.on.name ?? '').split(':');
  t.is(ref[0], 'user');
  await admin.run('ban.change', { kind: 'user', id: Number(ref[1]), change: { reason: 'more spam' } });
  t.like(last(), { what: 'ban.change', before: { reason: 'spam' }, after: { reason: 'more spam' } });
  await admin.run('ban.remove', { which: 'active' });
  t.deepEqual(
    changes.filter(({ what }) => what === 'ban.remove').map(({ before }) => before?.target),
    ['10.0.0.0/8', '5'],
  );
  await admin.run('listserver.add', { entry: 'https://list.example/' });
  t.like(last(), { what: 'listserver.add', before: { entries: [] } });
});

test('nobody is answered before a change is kept', async (t) => {
  let keep = () => {};
  const kept = new Promise<void>((resolve) => {
    keep = resolve;
  });
  const admin = localAdmin({
    stores: memoryStores([], () => 5),
    passwords,
    secrets: systemSecrets,
    now: () => 7,
    changes: { made: () => kept },
  });
  let isAnswered = false;
  const answer = admin.run('user.add', { name: 'anna', password: 'pw' }).then(() => {
    isAnswered = true;
  });
  await new Promise((resolve) => setImmediate(resolve));
  t.false(isAnswered);
  keep();
  await answer;
  t.true(isAnswered);
});

async function signedServer(t: ExecutionContext) {
  const changes: Change[] = [];
  const server = await startAdminServer(t, {
    hasPort: true,
    values: { 'web-admin-auth': 'bob:hunter2' },
    more: { changes: { made: (change) => void changes.push(change) } },
  });
  const headers = { authorization: `Basic ${Buffer.from('bob:hunter2').toString('base64')}` };
  const asBob = async (method: string, path: string, body: unknown) =>
    server.request({ method, path, body, headers, port: server.admin.port });
  return { server, changes, asBob };
}

test('the log says who changed accounts, settings, bans, list servers and locks, over every API', async (t) => {
  const { server, changes, asBob } = await signedServer(t);
  const steps: [method: string, path: string, body: unknown][] = [
    ['POST', '/api/accounts', { username: 'anna', password: 'an-secret', flags: '', locked: false }],
    ['PUT', '/api/accounts/1', { flags: 'MOD' }],
    ['POST', '/api/dp/1/user/add', { name: 'olga', password: 'ol-secret' }],
    ['PUT', '/api/server', { serverTitle: 'Ink' }],
    ['POST', '/api/banlist', { ip: '192.0.2.1', expires: '2040-01-01 00:00:00', comment: 'c' }],
    ['PUT', '/api/listserverwhitelist', { enabled: true, whitelist: ['^https://list'] }],
    ['PUT', '/api/locks', { sections: ['bans'], password: 'lock-secret' }],
  ];
  for (const [method, path, body] of steps) {
    const { status, text } = await asBob(method, path, body);
    t.is(status, 200, `${path} ${text}`);
  }
  t.deepEqual(
    changes.map(({ what }) => what),
    [
      'user.add',
      'user.change',
      'user.add',
      'config.change',
      'ban.add',
      'listserver.replace',
      'config.change',
      'server.lock',
    ],
  );
  for (const change of changes) {
    t.like(change, { actor: { kind: 'administrator', name: 'bob' }, address: '127.0.0.1' }, change.what);
  }
  const rows = (await server.get('/api/log')) as { message: string }[];
  const signed = rows.filter(({ message }) =>
    message.includes('by the server administrator [bob] from 127.0.0.1'),
  );
  t.is(signed.length, changes.length);
  t.truthy(
    signed.find(({ message }) => message.startsWith('Admin sections locked (with password): bans by ')),
  );
  t.truthy(
    signed.find(
      ({ message }) =>
        message ===
        `Account 'anna': user.change by the server administrator [bob] from 127.0.0.1 (flags [] to ["MOD"])`,
    ),
  );
  t.notRegex(JSON.stringify([changes, rows]), /secret|hunter2/);
});
