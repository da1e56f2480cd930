// Replays the recorded requests of the admin API (test/vectors/rest): each group is one server in the state that the
// recordings had, its cases in an order in which that state comes about.

import { readdirSync, readFileSync } from 'node:fs';
import { networkInterfaces } from 'node:os';
import test, { type ExecutionContext } from 'ava';
import { MemoryStore } from '../../src/lib/core/session/memory-store.js';
import { settingNames, settingRow } from '../../src/lib/core/settings/settings.js';
import { type AdminServer, startAdminServer, usualRoad } from '../helpers/admin-server.js';
import { Client } from '../helpers/client.js';
import { MockServer } from '../helpers/mock-server.js';
import { until } from '../helpers/until.js';
import { frame } from '../helpers/wire.js';
import { type RestDifference, restDifferences } from './rest-differences.js';

interface Recorded {
  name: string;
  method: string;
  path: string;
  reqHeaders?: Record<string, string>;
  reqBody?: unknown;
  status: number | null;
  headers: Record<string, string>;
  resBody: unknown;
  resBodyIsJson: boolean;
}

function load(name: string): Recorded {
  return JSON.parse(readFileSync(`test/vectors/rest/${name}.json`, 'utf8')) as Recorded;
}

/** Keys whose values differ from run to run: only their type counts. */
const volatile = new Set([
  'id',
  'uid',
  'started',
  'startTime',
  'timestamp',
  'lastActive',
  'lastActiveDrawing',
  'lastWithoutSession',
  'at',
  'generatedAt',
  'generatorCorrelator',
  'correlator',
  'added',
  'size',
  'effectiveResetThreshold',
  'historyFirstIndex',
  'historyLastIndex',
  'secret',
  'ext_host',
  'ext_port',
  'remaining',
  'timer',
  'delay',
  'msecsUntilNextCheck',
  'message',
  'session',
  'url',
  'extBansUrl',
  'extBansCacheUrl',
  // hosted with what the test's client offers
  'activeDrawingUserCount',
]);

interface Excuse {
  ignored: Set<string>;
  added: Set<string>;
}

/** Everything in which the two differ. */
function differences(recorded: unknown, actual: unknown, at: string, excuse: Excuse): string[] {
  const general = at.replace(/\[\d+\]/g, '[]');
  if (excuse.ignored.has(general)) return [];
  if (at === 'invitelist' && Array.isArray(recorded) && Array.isArray(actual)) {
    // In the recordings invites are in the order of a hash.
    return differences(byUses(recorded), byUses(actual), 'invites', excuse);
  }
  if (Array.isArray(recorded) && Array.isArray(actual)) {
    const found =
      recorded.length === actual.length ? [] : [`${at}: ${actual.length} items, not ${recorded.length}`];
    return [
      ...found,
      ...recorded.flatMap((item, i) =>
        i < actual.length ? differences(item, actual[i], `${at}[${i}]`, excuse) : [],
      ),
    ];
  }
  if (isObject(recorded) && isObject(actual)) {
    const found: string[] = [];
    for (const key of new Set([...Object.keys(recorded), ...Object.keys(actual)])) {
      const inner = at === '' ? key : `${at}.${key}`;
      if (excuse.ignored.has(inner.replace(/\[\d+\]/g, '[]'))) continue;
      if (!(key in actual)) found.push(`${inner} is missing`);
      else if (!(key in recorded)) {
        if (!excuse.added.has(key)) found.push(`${inner} is too much`);
      } else if (volatile.has(key) && !isObject(recorded[key])) {
        if (typeof recorded[key] !== typeof actual[key]) found.push(`${inner} is a ${typeof actual[key]}`);
      } else found.push(...differences(recorded[key], actual[key], inner, excuse));
    }
    return found;
  }
  return Object.is(recorded, actual)
    ? []
    : [`${at}: ${JSON.stringify(actual)}, not ${JSON.stringify(recorded)}`];
}

function byUses(invites: readonly unknown[]): unknown[] {
  const uses = (invite: unknown) => Number((invite as { maxUses: number }).maxUses);
  return [...invites].sort((a, b) => uses(a) - uses(b));
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Headers that mean something to clients. */
const comparedHeaders = [
  'content-type',
  'www-authenticate',
  'access-control-allow-origin',
  'access-control-allow-methods',
  'access-control-allow-headers',
  'access-control-max-age',
];

/** What a server has by the port at which it is asked: it is one for browsers. */
const addedByRoad =
  usualRoad.name === 'socket'
    ? []
    : [...settingNames.filter((name) => settingRow(name).needs === 'websocket'), 'allowWeb'];

const played = new Set<string>();

interface PlayOptions {
  port?: number;
  host?: string;
  /** Texts to be put in place of recorded ones, in path and body. */
  replace?: Readonly<Record<string, string>>;
  /** Lists are compared by the shape of their first item only. */
  isLoose?: boolean;
}

async function play(t: ExecutionContext, server: AdminServer, name: string, options: PlayOptions = {}) {
  played.add(name);
  const recorded = load(name);
  const about = restDifferences.filter(({ cases }) =>
    cases.some((each) => (each.endsWith('*') ? name.startsWith(each.slice(0, -1)) : each === name)),
  );
  const excuse = {
    ignored: new Set(about.flatMap(({ ignored }) => ignored ?? [])),
    added: new Set([...about.flatMap(({ added }) => added ?? []), ...addedByRoad]),
  };
  const put = (text: string) => {
    let result = text;
    for (const [from, to] of Object.entries(options.replace ?? {})) result = result.replaceAll(from, to);
    return result;
  };
  const { reqBody } = recorded;
  const body =
    reqBody === undefined ? undefined : put(typeof reqBody === 'string' ? reqBody : JSON.stringify(reqBody));
  const expectedStatus = last(about, 'status') ?? recorded.status;
  const request = {
    method: recorded.method,
    path: put(recorded.path),
    ...(body !== undefined && { body }),
    headers: recorded.reqHeaders ?? {},
    ...(options.port !== undefined && { port: options.port }),
    ...(options.host !== undefined && { host: options.host }),
  };
  if (expectedStatus === null) {
    await t.throwsAsync(server.request(request), undefined, `${name}: the connection is to be closed`);
    return undefined;
  }
  const answer = await server.request(request);
  const found: string[] = [];
  if (answer.status !== expectedStatus) found.push(`status ${answer.status}, not ${expectedStatus}`);
  for (const header of comparedHeaders) {
    const isHtml = header === 'content-type' && String(recorded.headers[header] ?? 'html').includes('html');
    if (isHtml || excuse.ignored.has(header) || last(about, 'body') !== undefined) continue;
    if (answer.headers[header] !== recorded.headers[header]) {
      found.push(`${header}: ${answer.headers[header]}, not ${recorded.headers[header]}`);
    }
  }
  const expected = last(about, 'body') ?? recorded.resBody;
  if (!excuse.ignored.has('')) {
    const isJson = recorded.resBodyIsJson || last(about, 'body') !== undefined;
    const actual = isJson ? answer.json : answer.text;
    const [a, b] = options.isLoose ? [loosened(expected), loosened(actual)] : [expected, actual];
    found.push(...differences(a, b, '', excuse));
  }
  t.deepEqual(found, [], `${name}: ${recorded.method} ${request.path} -> ${answer.text.slice(0, 300)}`);
  return answer;
}

function last<Key extends 'status' | 'body'>(
  about: readonly RestDifference[],
  key: Key,
): RestDifference[Key] | undefined {
  return about.findLast((each) => each[key] !== undefined)?.[key];
}

/** Only the first item of a list, and of its texts only that they are there. */
function loosened(value: unknown): unknown {
  if (!Array.isArray(value)) return value;
  return value.slice(0, 1).map((item) => {
    if (!isObject(item)) return item;
    const { session, user, ...rest } = item;
    return Object.fromEntries(Object.entries(rest).map(([key, inner]) => [key, typeof inner]));
  });
}

const fresh = (t: ExecutionContext) => startAdminServer(t, { database: true });

test('status, paths and methods', async (t) => {
  const server = await fresh(t);
  for (const name of [
    'status-get',
    'status-get-trailing-slash',
    'status-double-slash',
    'status-head',
    'status-options',
    'status-put-badmethod',
    'status-subpath-notfound',
    'api-noslash-notfound',
    'api-root-notfound',
    // the page for everybody, where it is the web port that is asked
    ...(usualRoad.name === 'socket' ? ['outside-api'] : []),
    'outside-api-2',
    'prefix-apix',
    'unknown-section',
    'method-patch',
    'users-get-empty',
    'users-get-empty-v2',
    'users-deep',
    'users-delete-missing',
    'users-delete-nopath',
    'users-get-by-uid-missing',
    'users-put-badmethod',
    'users-get-after-session-end',
    'session-get-missing',
    'session-get-after-delete',
    'sessions-delete-badmethod',
    'sessions-post-badmethod',
  ]) {
    await play(t, server, name);
  }
});

test('settings', async (t) => {
  const server = await fresh(t);
  for (const name of [
    'put-text-content-type',
    'server-get-defaults',
    'server-post-badmethod',
    'server-delete-badmethod',
    'server-subpath-notfound',
    'server-put-types',
    'server-put-numbers',
    'server-put-invalid-ignored',
    'server-put-float-string',
    'server-put-size-overflow',
    'server-put-reset',
    'put-empty-body',
    'put-json-array',
    'post-bad-json',
    'post-form-content-type',
  ]) {
    await play(t, server, name);
  }
});

test('bans', async (t) => {
  const server = await fresh(t);
  for (const name of [
    'banlist-get-empty',
    'banlist-get-empty-v2',
    'banlist-post',
    'banlist-post-duplicate',
    'banlist-post-ipv6',
    'banlist-post-badip',
    'banlist-post-badexpires',
    'banlist-post-noexpires',
    'banlist-post-emptybody',
    'banlist-post-subnet-string',
    'banlist-get',
    'banlist-get-v2',
    'banlist-id-get-badmethod',
    'banlist-put-badmethod',
    'banlist-deep-notfound',
    'banlist-delete',
    'banlist-delete-missing',
    'banlist-delete-nonnumeric',
    'systembans-get-empty',
    'systembans-post',
    'systembans-post-default-reaction',
    'systembans-post-duplicate',
    'systembans-post-nosid',
    'systembans-post-badexpires',
    'systembans-post-badreaction',
    'systembans-get-v2',
    'systembans-id-put-badmethod',
    'systembans-delete',
    'systembans-delete-missing',
    'userbans-get-empty-v2',
    'userbans-post',
    'userbans-post-timer',
    'userbans-post-zero',
    'userbans-post-string',
    'userbans-post-badexpires',
    'userbans-post-badreaction',
    'userbans-get',
    'userbans-delete',
    'userbans-delete-missing',
  ]) {
    await play(t, server, name);
  }
});

test('what 2.1 has and nothing changed since (http.md §1.15)', async (t) => {
  const server = await fresh(t);
  for (const name of ['v21-accounts-post', 'v21-banlist-post', 'v21-banlist-delete'])
    await play(t, server, name);
  server.admin.live.log.write({
    time: Date.now(),
    level: 'info',
    topic: 'Status',
    message: 'Started listening',
  });
  await play(t, server, 'v21-log-get', { isLoose: true });
});

test('accounts', async (t) => {
  const server = await fresh(t);
  for (const name of [
    'accounts-get-empty',
    'accounts-post',
    'accounts-post-minimal',
    'accounts-post-locked',
    'accounts-post-duplicate',
    'accounts-post-case-variant',
    'accounts-post-badname',
    'accounts-post-longname',
    'accounts-post-nopass',
    'accounts-post-nouser',
    'accounts-post-otherpath',
    'accounts-get',
    'accounts-get-v2',
    'accounts-id-get-badmethod',
    'accounts-auth-ok',
    'accounts-auth-badpass',
    'accounts-auth-notfound',
    'accounts-auth-locked',
    'accounts-auth-case',
    'accounts-auth-missing-fields',
    'accounts-put',
    'accounts-put-partial',
    'accounts-put-badname-ignored',
    'accounts-put-duplicate-name',
    'accounts-put-empty',
    'accounts-put-missing',
    'accounts-delete',
    'accounts-delete-missing',
    'accounts-post-id-reuse',
  ]) {
    await play(t, server, name);
  }
});

test('list servers', async (t) => {
  const server = await fresh(t);
  for (const name of [
    'whitelist-get',
    'whitelist-put',
    'whitelist-put-bad-regex',
    'whitelist-put-enabled-only',
    'whitelist-put-list-only',
    'whitelist-post-treated-as-get',
    'whitelist-delete-treated-as-get',

    'whitelist-subpath',
  ]) {
    await play(t, server, name);
  }
});

test('locks and the log', async (t) => {
  const server = await fresh(t);
  for (const name of [
    'locks-get',
    'locks-post-badmethod',
    'locks-subpath',
    'locks-put-nopassword',
    'locked-server-get',
    'locked-server-put',
    'locks-put-password',
    'locks-get-password',
    'locked-accounts-post',
    'locked-accounts-auth',
    'locked-banlist-delete',
    'locked-users-delete',
    'locked-extbans-refresh',
    'locks-put-wrong-password',
    'locks-put-missing-password',
    'locks-put-unlock',
    'log-post',
    'log-post-minimal',
    'log-post-badlevel',
    'log-post-badtopic',
    'log-post-badsession',
    'log-post-badmessage',
    'log-put-badmethod',
    'log-subpath',
  ]) {
    await play(t, server, name);
  }
  for (const name of ['log-get', 'log-get-badpage', 'log-get-negative-page', 'log-get-empty-filters']) {
    await play(t, server, name, { isLoose: true });
  }
  for (const name of [
    'log-get-page',
    'log-get-session',
    'log-get-user',
    'log-get-contains',
    'log-get-after',
    'log-get-after-future',
    'log-get-after-bad',
  ]) {
    await play(t, server, name);
  }
});

test('a server with a settings file', async (t) => {
  const server = await startAdminServer(t, {
    config:
      '[config]\nserverTitle=From config file\nsessionCountLimit=5\n[users]\nconfmod=plain;secret:MOD\n',
  });
  server.admin.live.log.write({
    time: Date.now(),
    level: 'info',
    topic: 'Status',
    message: 'Started listening for TCP connections',
  });
  for (const name of [
    'cfgfile-server-get',
    'cfgfile-server-put-ignored',
    'cfgfile-accounts',
    'cfgfile-accounts-auth',
    'cfgfile-banlist',
    'cfgfile-systembans',
    'cfgfile-userbans',
    'cfgfile-listserverwhitelist',
    'cfgfile-locks',
    'cfgfile-locks-put',
    'cfgfile-extbans',
    'cfgfile-log',
  ]) {
    await play(t, server, name);
  }
  t.is(server.configuration.settings.get('serverTitle'), 'From config file');
  // §1.12: these two filters are turned round in the original, which is not to be copied.
  played.add('cfgfile-log-user-filter').add('cfgfile-log-contains-filter');
  t.deepEqual(await server.get('/api/log?user=zzz'), []);
  t.is(((await server.get('/api/log?contains=Started')) as unknown[]).length, 1);
});

test('a server that keeps nothing', async (t) => {
  const server = await startAdminServer(t, { database: false });
  for (const name of ['mem-accounts', 'mem-banlist', 'mem-locks', 'mem-extbans-put', 'mem-server-put']) {
    await play(t, server, name);
  }
});

test('a server with everything', async (t) => {
  const server = await startAdminServer(t, {
    database: true,
    values: {
      'local-host': 'drawpile.test',
      'announce-port': 27750,
      extauth: 'http://127.0.0.1:1/',
      'report-url': 'http://127.0.0.1:1/',
    },
    more: { webSocket: { host: '127.0.0.1', port: 0 } },
  });
  await play(t, server, 'full-status');
  await play(t, server, 'full-server-get-all-keys', { isLoose: true });
});

test('names and passwords', async (t) => {
  const server = await startAdminServer(t, {
    hasPort: true,
    values: {
      'web-admin-auth': 'admin:pass:word',
      'web-admin-allowed-origin': 'https://ui.example.com',
      'web-admin-access': 'all',
    },
  });
  const { port } = server.admin;
  for (const name of [
    'auth-ok',
    'auth-none',
    'auth-none-xhr',
    'auth-wrong',
    'auth-wrong-user',
    'auth-bearer',
    'auth-post-none',
    'auth-cors-other-origin',
    'auth-options-no-credentials',
    'auth-outside-404-no-credentials',
  ]) {
    await play(t, server, name, { port });
  }
});

const outside = Object.values(networkInterfaces())
  .flatMap((list) => list ?? [])
  .find(({ internal, family }) => !internal && family === 'IPv4')?.address;

test('from where', async (t) => {
  const open = (access: string | undefined) =>
    startAdminServer(t, { hasPort: true, values: { 'web-admin-access': access } });
  const nowhere = await open('10.99.0.0/16');
  await play(t, nowhere, 'access-subnet-nomatch-loopback', { port: nowhere.admin.port });
  if (outside === undefined) {
    t.log('this machine has no address but its own');
    return;
  }
  const host = outside;
  await play(t, nowhere, 'access-subnet-nomatch', { port: nowhere.admin.port, host });
  const byDefault = await open(undefined);
  await play(t, byDefault, 'access-default-nonloopback', { port: byDefault.admin.port, host });
  const all = await startAdminServer(t, {
    hasPort: true,
    values: {
      'web-admin-access': 'all',
      'web-admin-auth': 'admin:pass:word',
      'web-admin-allowed-origin': 'https://ui.example.com',
    },
  });
  await play(t, all, 'access-all-nonloopback', { port: all.admin.port, host });
  const subnet = await open(`${outside}/24`);
  await play(t, subnet, 'access-subnet-match', { port: subnet.admin.port, host });
});

const recordedSession = '01m8119tv7hpye9dm5dd5379zm';

/** The recorded session: alice hosts, bob and the moderator Mod are there. */
async function withPeople(t: ExecutionContext) {
  const list = await MockServer.start(t);
  const store = new MemoryStore();
  const server = await startAdminServer(t, {
    database: true,
    settings: { announceAllowPrivate: 'true', enableGhosts: 'true' },
    more: {
      webSocket: { host: '127.0.0.1', port: 0 },
      store,
      templates: {
        all: [template],
        find: (alias) => (alias === 'mytemplate' ? template : undefined),
        onChange: undefined,
      },
    },
  });
  await server.request({
    method: 'POST',
    path: '/api/accounts',
    body: { username: 'Mod', password: 'secret', flags: 'MOD' },
  });
  const port = server.server.port;
  const sid = (n: number) => `0123456789abcdef0123456789abcde${n}`;
  const join = async (name: string, n: number, more: object = {}) => {
    const client = await Client.open(port, {
      name,
      sid: sid(n),
      generation: '2.3',
      capabilities: '',
      ...more,
    });
    t.teardown(() => client.drop());
    return client;
  };
  const alice = await join('alice', 1, { capabilities: 'KEEPALIVE,THUMBNAIL' });
  await alice.logIn('host');
  await alice.host({
    alias: 'mysess',
    password: 'sesspw',
    title: 'Test session',
    settings: { allowWeb: true },
  });
  await server.request({
    method: 'PUT',
    path: '/api/sessions/mysess',
    body: { invites: true, allowWeb: true },
  });
  // as in the recording: clients without capabilities
  const bob = await join('bob', 2);
  await bob.logIn('join', alice.sessionId);
  await bob.join(alice.sessionId, { password: 'sesspw' });
  await bob.caughtUp();
  const mod = await join('Mod', 3, { password: 'secret' });
  await mod.logIn('join', alice.sessionId);
  await mod.join(alice.sessionId, {});
  await mod.caughtUp();
  const replace: Record<string, string> = { [recordedSession]: alice.sessionId };
  const users = (await server.get('/api/users')) as { name: string; uid: string }[];
  const uids: Record<string, string> = { alice: '5631a8deb950', bob: '5631a8e395c0', Mod: '5631a8e5df10' };
  for (const { name, uid } of users) if (uids[name]) replace[uids[name]] = uid;
  return { server, alice, bob, mod, list, replace, join, port };
}

const template = {
  alias: 'mytemplate',
  protocol: 'dp:4.25.1',
  announce: '',
  load: () => ({ error: 'not needed' }),
  saved: {
    alias: 'mytemplate',
    protocol: 'dp:4.25.1',
    id: '',
    founder: '-',
    title: '',
    password: '',
    opword: '',
    maxUserCount: 25,
    flags: new Set(),
  },
} as never;

test('a session and its people', async (t) => {
  const { server, alice, bob, mod, list, replace, join, port } = await withPeople(t);
  const step = (name: string, options: PlayOptions = {}) => play(t, server, name, { replace, ...options });
  for (const name of [
    'sessions-get',
    'sessions-get-v2',
    'sessions-get-listed',
    'session-get',
    'session-get-by-alias',
    'session-get-template-notfound',
    'session-post-treated-as-get',
    'users-get-v1',
    'users-get-v2',
    'users-get-by-uid-empty-body',
    'users-delete-long-message',
    'session-user-get',
    'session-user-get-missing',
    'session-user-nonnumeric',
    'session-user-zero',
    'session-user-deep',
    'session-user-post-badmethod',
    'session-put-config',
    'session-put-resets',
    'session-put-max-high',
    'session-put-empty',
    'session-put-message',
    'session-put-message-empty',
    'session-put-alert-empty',
    'session-put-message-huge',
    'session-put-archive',
    'sessions-put-message',
    'session-put-unlisted',
    'sessions-get-listed-hides-unlisted',
    'session-listing-post-unlisted',
    'session-put-listed-again',
    'session-user-put-op',
    'session-user-put-deop',
    'session-user-put-deop-mod',
    'session-auth-ok',
    'session-auth-bad',
    'session-auth-nopw',
    'session-auth-other',
    'session-auth-get',
    'session-auth-op-none-set',
    'session-auth-op-none-set-empty',
  ]) {
    await step(name);
  }

  // invites
  await step('invites-get-empty');
  for (const name of ['invites-post-missing', 'invites-post-zero', 'invites-put-badmethod', 'invites-deep'])
    await step(name);
  await step('invites-post-min');
  const made = (await step('invites-post'))!.json as { secret: string };
  replace.rf3bqq9k = made.secret;
  const invitee = await join('invitee', 4);
  await invitee.logIn('join', `${alice.sessionId}:${made.secret}`);
  await invitee.join(alice.sessionId, { invite: made.secret, password: made.secret });
  await invitee.ping();
  for (const name of [
    'invites-get-used',
    'invites-get-one',
    'invites-get-one-missing',
    'invites-one-put-badmethod',
    'invites-delete',
    'invites-delete-missing',
  ]) {
    await step(name);
  }
  await invitee.leave();
  for (let count = 1; count < 50; count++) {
    await server.request({
      method: 'POST',
      path: `/api/sessions/${alice.sessionId}/invites`,
      body: { maxUses: 1 },
    });
  }
  await step('invites-post-too-many');

  // listings
  await step('listing-get-empty');
  for (const name of [
    'listing-post-missing-url',
    'listing-post-bad-url',
    'listing-put-badmethod',
    'listing-deep',
  ]) {
    await step(name);
  }
  list.answers = [{ body: { id: 100, key: 'k', expires: 6 } }];
  replace['http://127.0.0.1:39313'] = list.origin;
  await step('listing-post');
  await list.until(1);
  await until('the session is listed', async () => {
    await alice.ping();
    return ((await server.get(`/api/sessions/${alice.sessionId}/listing`)) as unknown[]).length > 0;
  });
  for (const name of [
    'listing-get',
    'listing-id-get-badmethod',
    'listing-delete-missing',
    'listing-delete',
  ]) {
    await step(name);
  }

  // chat
  for (const name of [
    'chat-get-notconnected',
    'chat-put-notconnected',
    'chat-delete-notconnected',
    'chat-deep',
    'chat-post-nomessage',
    'chat-post-short-timeout',
    'chat-post-long-timeout',
    'chat-post',
    'chat-post-conflict',
  ]) {
    await step(name);
  }
  bob.chat('hello from bob');
  bob.chat('bypass', { bypass: true });
  bob.chat('action', { flags: 2 });
  await bob.ping();
  for (const name of [
    'chat-get',
    'chat-get-beyond',
    'chat-get-bad-offset',
    'chat-put',
    'chat-put-nomessage',
  ]) {
    await step(name);
  }
  await step('session-get-with-chat', { isLoose: true });
  const chat = ((await server.get(`/api/sessions/${alice.sessionId}`)) as { chat: object }).chat;
  t.like(chat, { offset: 0, count: 5, timeout: 30_000 });
  await step('chat-delete');

  // thumbnails
  for (const name of [
    'thumbnail-get-none',
    'thumbnail-put-badmethod',
    'thumbnail-deep',
    'thumbnail-user-post-nocap',
    'thumbnail-user-post-badtype',
    'thumbnail-user-get-badmethod',
    'thumbnail-user-delete-none',
    'thumbnail-user-post',
    'thumbnail-user-post-conflict',
  ]) {
    await step(name);
  }
  const state = async () => (await server.get(`/api/sessions/${alice.sessionId}`)) as Record<string, object>;
  played.add('session-get-thumbnail-generating').add('session-get-thumbnail-present');
  const generating = load('session-get-thumbnail-generating').resBody as { thumbnail: object };
  t.deepEqual(Object.keys((await state()).thumbnail!).sort(), Object.keys(generating.thumbnail).sort());
  await step('thumbnail-user-delete');
  const again = await step('thumbnail-user-post');
  const { correlator } = again!.json as { correlator: string };
  await alice.reply('thumbnail', { correlator });
  alice.send(frame(4, alice.userId, `${correlator}FAKEIMAGEDATA`));
  await alice.ping();
  await step('thumbnail-get');
  t.deepEqual(Object.keys((await state()).thumbnail!), ['generatedAt']);
  await step('thumbnail-delete-flags');
  await step('thumbnail-delete');
  t.deepEqual((await state()).thumbnail, {});

  // leaving
  await step('session-user-delete');
  await bob.closed;
  played.add('session-get-past-user');
  const past = (load('session-get-past-user').resBody as { users: object[] }).users.at(-2)!;
  const shown = ((await state()).users as object[]).find(
    (user) => (user as { name: string }).name === 'bob',
  )!;
  t.deepEqual(differences(past, shown, '', { ignored: new Set(), added: new Set() }), []);
  await step('users-delete');
  await mod.closed;
  await step('log-get-mod', { isLoose: true });
  await step('session-delete-reason');
  await alice.closed;
  await step('session-get-after-delete');
  await step('sessions-get-template-only');

  // one who has not chosen, and one whose session ends quietly
  const waiting = await Client.open(port, { name: 'alice', generation: '2.1' });
  t.teardown(() => waiting.drop());
  await waiting.logIn();
  await step('users-get-login-state');
  await waiting.leave();
  const quiet = await join('quiet', 5);
  await quiet.logIn('host');
  await quiet.host();
  await step('session-delete-quiet', { replace: { '01m8119z46d8djycy8g6fk4czt': quiet.sessionId } });
  await quiet.ping();
  t.false(quiet.isClosed);
  const [left] = (await server.get('/api/users')) as { state: string }[];
  t.is(left?.state, 'quiet_disconnect');
  await step('log-get-full', { isLoose: true });
});

const recordedFiled = '01m811w00nftv0b223hrgyagma';

test('a session in files', async (t) => {
  const store = new (class extends MemoryStore {
    override readonly isPersistent = true as false;
  })();
  const server = await startAdminServer(t, { database: true, more: { store } });
  const filer = await Client.open(server.server.port, {
    name: 'filer',
    generation: '2.2',
    capabilities: '',
    sid: (load('filed-session-get').resBody as { users: { s: string }[] }).users[0]!.s,
  });
  t.teardown(() => filer.drop());
  await filer.logIn('host');
  await filer.host({ userId: 3, title: '', protocol: 'dp:4.25.1' });
  await server.request({ method: 'PUT', path: `/api/sessions/${filer.sessionId}`, body: { invites: true } });
  const replace = {
    [recordedFiled]: filer.sessionId,
    [recordedFiled.toUpperCase()]: filer.sessionId.toUpperCase(),
    [recordedFiled.slice(1)]: filer.sessionId.slice(1),
  };
  for (const name of [
    'filed-session-get',
    'filed-session-uppercase-id',
    'session-percent-encoded-id',
    'filed-session-put-archive-true',
    'filed-session-put-archive-false',
    'filed-session-put-archive-null',
    'filed-session-put-archive-string',
    'session-put-password-types',
    'session-put-overridesize',
    'session-put-invalid-reset',
  ]) {
    await play(t, server, name, { replace });
  }
});

test('external bans', async (t) => {
  const mock = await MockServer.start(t);
  const server = await startAdminServer(t, {
    database: true,
    settings: { announceAllowPrivate: 'true' },
    values: { extauth: 'http://127.0.0.1:1/', 'report-url': 'http://127.0.0.1:1/' },
    more: { webSocket: { host: '127.0.0.1', port: 0 } },
  });
  for (const name of [
    'extbans-get-inactive',
    'extbans-refresh-inactive',
    'extbans-post-badmethod',
    'extbans-deep',
  ]) {
    await play(t, server, name);
  }
  const { bans } = load('extbans-get-active').resBody as { bans: { ips: { reaction: string }[] }[] };
  mock.answers = [{ headers: { etag: '"v1"' }, body: { bans } }];
  await server.request({
    method: 'PUT',
    path: '/api/server',
    body: {
      extBansUrl: `${mock.origin}/bans?key=K`,
      reporttoken: 'tok en',
      abusereport: true,
      extauthkey: 'A6EHv/POEL4dcN0Y50vAmWfk1jCbpQ1fHdyGZBJVMbg=',
    },
  });
  await mock.until(1);
  const isKept = async () => {
    const { config } = (await server.get('/api/extbans')) as { config: { extBansCacheKey: string } };
    return config.extBansCacheKey !== '';
  };
  await until('the list of bans is kept', isKept);
  for (const name of [
    'extbans-get-active',
    'extbans-refresh-get-badmethod',
    'extbans-id-get-badmethod',
    'extbans-put-disable',
    'extbans-put-string-enabled',
    'extbans-put-missing-enabled',
    'extbans-put-nonexistent-ok',
    'extbans-put-nonnumeric',
    'extbans-get-disabled',
    'extbans-refresh',
    'server-put-extbans-interval-low',
  ]) {
    await play(t, server, name);
  }
  await server.request({ method: 'PUT', path: '/api/server', body: { extBansCheckInterval: 900 } });
  await play(t, server, 'extbans-delete-clears');
});

if (usualRoad.name !== 'socket') played.add('outside-api');

test.after('every recorded case was played', (t) => {
  const all = readdirSync('test/vectors/rest').filter((name) => !name.startsWith('_'));
  t.deepEqual(
    all
      .map((name) => name.replace(/\.json$/, ''))
      .filter((name) => !played.has(name) && (outside || !name.startsWith('access-'))),
    [],
  );
});
