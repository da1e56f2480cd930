// A whole server and its external services: the recorded external logins, listings and reports by real connections, and
// services that are slow, dead or lying while people draw.

import { createPrivateKey, sign } from 'node:crypto';
import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { AccountTable } from '../../../src/lib/core/login/account-table.js';
import { BanTable } from '../../../src/lib/core/login/ban-table.js';
import { CombinedBans } from '../../../src/lib/core/login/combined-bans.js';
import type { LogEntry } from '../../../src/lib/core/session/needs.js';
import { MemorySettings } from '../../../src/lib/core/settings/settings.js';
import { Disk } from '../../../src/lib/io/disk/disk.js';
import { SessionFolder } from '../../../src/lib/io/disk/session-folder.js';
import { systemClock } from '../../../src/lib/io/system/clock.js';
import {
  type ExternalServiceOptions,
  makeExternalServices,
} from '../../../src/lib/server/external-services.js';
import { type ServerOptions, startServer } from '../../../src/lib/server/start.js';
import { Client } from '../../helpers/client.js';
import { type MockAnswer, type MockReply, MockServer } from '../../helpers/mock-server.js';
import { until } from '../../helpers/until.js';
import { command, type JsonObject, jsonOf } from '../../helpers/wire.js';

interface Settled {
  settings?: Record<string, unknown>;
  bannedUser?: number;
  hasAccount?: boolean;
  externalServices?: Partial<ExternalServiceOptions>;
  server?: Partial<ServerOptions>;
}

async function setUp(t: ExecutionContext, settled: Settled = {}) {
  const mock = await MockServer.start(t);
  const settings = new MemorySettings({
    extauth: 'true',
    extauthkey: tokens.publicKeyBase64,
    announceAllowPrivate: 'true',
  });
  for (const [name, value] of Object.entries(settled.settings ?? {})) settings.set(name, String(value));
  const log: LogEntry[] = [];
  const shared = { settings, log: { write: (entry: LogEntry) => void log.push(entry) } };
  const externalServices = makeExternalServices({
    ...shared,
    extauth: `${mock.origin}/ext-auth/`,
    reportUrl: `${mock.origin}/report`,
    localHost: 'drawpile.test',
    ...settled.externalServices,
  });
  const accounts = new AccountTable();
  if (settled.hasAccount) {
    accounts.replace([
      { name: 'someone', authId: 'internal:1', isLocked: false, password: 'plain;pw', flags: [] },
    ]);
  }
  const bans = new BanTable(() => Date.now());
  if (settled.bannedUser !== undefined) {
    bans.replace([
      { kind: 'user', id: 1, userId: settled.bannedUser, reaction: 'normal', reason: '', expires: undefined },
    ]);
  }
  const server = await startServer({
    ...shared,
    host: '127.0.0.1',
    port: 0,
    accounts,
    bans: new CombinedBans([bans, externalServices.externalBans]),
    listings: externalServices.listings,
    reports: externalServices.reports,
    externalLogin: externalServices.externalLogin,
    ...settled.server,
  });
  externalServices.start(server);
  t.teardown(async () => {
    await server.stop();
    await externalServices.stop();
  });
  return { mock, settings, log, server, externalServices };
}

const settle = (holds: () => boolean): Promise<void> => until('what was asked is answered', holds);

// ---- external login

interface GuestCase {
  name: string;
  settings: Record<string, unknown>;
  identKwargs: JsonObject;
  identPassword?: string;
  greetingMethods: Record<string, unknown>;
  greetingFlags: string[];
  httpRequests: { body: unknown; reply: MockReply }[];
  serverReplies: JsonObject[];
  disconnected: boolean;
}

interface FlagCase {
  name: string;
  tokenFlags: string[];
  settings: Record<string, unknown>;
  greetingMethods: Record<string, unknown>;
  ident?: { flags?: string[] };
  user?: { auth: boolean; mod: boolean; op: boolean };
  host?: { state?: string; code?: string; authId?: string };
}

const readVectors = <T>(name: string) =>
  JSON.parse(fs.readFileSync(`test/vectors/extauth/${name}.json`, 'utf8')) as T;
const tokens = readVectors<{ publicKeyBase64: string; privateKeyPkcs8Base64: string }>('tokens');
const guestCases = readVectors<{ cases: GuestCase[] }>('guest-query').cases;
const flagCases = readVectors<{ cases: FlagCase[] }>('flags').cases;

const withoutUrls = (methods: unknown) =>
  JSON.parse(JSON.stringify(methods).replace(/http:\/\/127\.0\.0\.1:\d+/g, ''));

/** Text for people and what the server makes up have no part in the comparison. */
function comparable(reply: JsonObject): JsonObject {
  const { message: _, nonce, extauthurl, flags, ...rest } = reply;
  return {
    ...rest,
    ...(nonce !== undefined && { nonce: /^[1-9a-f][0-9a-f]{0,15}$/.test(String(nonce)) }),
    ...(extauthurl !== undefined && { extauthurl: withoutUrls(extauthurl) }),
    ...(flags !== undefined && { flags: [...(flags as string[])].sort() }),
  };
}

for (const recorded of guestCases) {
  test(`recorded guest query: ${recorded.name}`, async (t) => {
    const hasAccount = recorded.name.startsWith('internal-account');
    const { mock, server } = await setUp(t, { settings: recorded.settings, hasAccount });
    mock.answers = recorded.httpRequests.map(({ reply }) => reply);
    const client = await Client.open(server.port);
    const greeting = await client.reply('login');
    // Where none is left ours leaves the key out: clients fail at an empty one (login.md §2).
    t.deepEqual(withoutUrls(greeting.methods ?? {}), withoutUrls(recorded.greetingMethods));
    const args = recorded.identPassword === undefined ? ['someone'] : ['someone', recorded.identPassword];
    client.send(command('ident', args, recorded.identKwargs));
    const [expected] = recorded.serverReplies;
    const reply = await client.reply(String(expected!.type));
    t.deepEqual(comparable(reply), comparable(expected!));
    if (recorded.disconnected) await client.next(({ type }) => type === 1);
    t.deepEqual(
      mock.asked.map(({ body }) => body),
      recorded.httpRequests.map(({ body }) => body),
    );
    await client.drop();
  });
}

function makeToken(payload: object): string {
  const signed = `1.${Buffer.from(JSON.stringify(payload)).toString('base64')}`;
  const key = createPrivateKey({
    key: Buffer.from(tokens.privateKeyPkcs8Base64, 'base64'),
    format: 'der',
    type: 'pkcs8',
  });
  return `${signed}.${sign(null, Buffer.from(signed), key).toString('base64')}`;
}

const uidOf: Record<string, unknown> = {
  'uid-string': 'u-77',
  'uid-null': null,
  'uid-float': 42.9,
  'userban-string-uid-not-matched': '42',
};

for (const recorded of flagCases) {
  test(`recorded flags: ${recorded.name}`, async (t) => {
    const isBanned = recorded.name.startsWith('userban');
    const { mock, server } = await setUp(t, {
      settings: recorded.settings,
      ...(isBanned && { bannedUser: 42 }),
    });
    mock.answers = [{ body: { status: 'auth' } }];
    const client = await Client.open(server.port, { name: 'extuser' });
    const greeting = await client.reply('login');
    t.deepEqual(withoutUrls(greeting.methods ?? {}), withoutUrls(recorded.greetingMethods));
    client.send(command('cinfo', ['127.0.0.1', client.clientInfo()]));
    await client.reply('result');
    client.send(command('lookup', []));
    await client.reply('result');
    client.send(command('ident', ['extuser']));
    const { nonce } = await client.reply('result', { state: 'needExtAuth' });
    const uid = recorded.name in uidOf ? uidOf[recorded.name] : 42;
    const extauth = makeToken({ username: 'extuser', nonce: String(nonce), flags: recorded.tokenFlags, uid });
    client.send(command('ident', ['extuser'], { extauth }));
    if (!recorded.ident?.flags) {
      const code = recorded.name === 'ghost-without-mod' ? 'ghostWithoutMod' : 'ghostsNotAllowed';
      t.like(await client.reply('error'), { code });
      return;
    }
    const ident = await client.reply('result');
    t.is(ident.state, 'identOk');
    t.false(ident.guest);
    t.deepEqual([...(ident.flags as string[])].sort(), recorded.ident.flags);
    await client.reply('login');
    const kwargs = { ...client.clientInfo(), protocol: 'dp:4.25.1', user_id: 1 };
    client.send(command('host', [], kwargs));
    if (recorded.host?.state === 'host') {
      await client.reply('result', { state: 'host' });
      const [session] = server.directory.all;
      t.is(session!.people.members[0]!.userInfo.authId, recorded.host.authId!);
      t.is(session!.people.members[0]!.userInfo.isModerator, recorded.user!.mod);
    } else if (recorded.host) {
      t.like(await client.reply('error'), { code: recorded.host.code! });
    } else {
      const { payload } = await client.next(({ type }) => type === 1);
      t.regex(payload.toString('latin1'), /banned from this server/i);
    }
    await client.drop();
  });
}

// ---- listing, by the commands of a client

test('announce-session and unlist-session by a client: the list server and everybody in the session are told', async (t) => {
  const { mock, server } = await setUp(t, { settings: { extauth: false } });
  mock.answers = [{ body: { id: 7, key: 'k', message: 'hello' } }];
  const host = await Client.host(server.port, { name: 'ann', title: 'Open' });
  const url = `${mock.origin}/list`;
  host.command('announce-session', [url]);
  t.is((await host.reply('msg')).message, 'This session is now listed at 127.0.0.1: hello');
  const conf = await host.reply('sessionconf');
  t.deepEqual((conf.config as JsonObject).announcements, [{ url }]);
  t.like(mock.asked[0]!.body as object, {
    port: server.port,
    host: 'drawpile.test',
    title: 'Open',
    owner: 'ann',
    users: 1,
  });
  host.command('announce-session', []);
  await host.reply('error');
  host.command('announce-session', [url], { private: true });
  await host.reply('error');
  host.command('announce-session', ['nothing']);
  await host.reply('error');
  t.is(mock.asked.length, 1);
  mock.answers = [{ status: 204 }];
  host.command('unlist-session', [url]);
  await mock.until(2);
  t.like(mock.asked[1], { method: 'DELETE', path: '/list/sessions/7' });
  await host.drop();
});

test('a session that ends, and a server that stops, take their listings back', async (t) => {
  const { mock, server, externalServices } = await setUp(t, { settings: { extauth: false } });
  mock.answers = [{ body: { id: 1, key: 'one' } }, { body: { id: 2, key: 'two' } }, { status: 204 }];
  const first = await Client.host(server.port, { name: 'ann' });
  first.command('announce-session', [mock.origin]);
  await first.reply('msg');
  const second = await Client.host(server.port, { name: 'bob' });
  second.command('announce-session', [mock.origin]);
  await second.reply('msg');
  await first.leave();
  await mock.until(3);
  t.is(mock.asked[2]!.path, '/sessions/1');
  await server.stop();
  await externalServices.stop();
  t.is(mock.asked.length, 4);
  t.is(mock.asked[3]!.path, '/sessions/2');
});

test('a listing is there again after a restart; one that the list server refuses then goes', async (t) => {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'dp-listed-'));
  t.teardown(() => fs.rmSync(folder, { recursive: true }));
  const openStore = () =>
    new SessionFolder({ path: folder, disk: new Disk(), isArchiving: () => false, report: () => {} });
  const settings = { extauth: false, persistence: true };
  const store = openStore();
  const first = await setUp(t, { settings, server: { store } });
  first.mock.answers = [{ body: { id: 1, key: 'one' } }, { status: 204 }];
  const host = await Client.host(first.server.port, {
    name: 'ann',
    alias: 'kept',
    settings: { persistent: true },
  });
  host.command('announce-session', [`${first.mock.origin}/list`]);
  await host.reply('msg');
  await host.leave();
  await first.server.stop();
  await first.externalServices.stop();
  await store.stop();
  t.is(first.mock.asked[1]!.method, 'DELETE');

  const again = openStore();
  first.mock.answers = [{ body: { id: 2, key: 'two' } }, { status: 204 }];
  const second = await setUp(t, { settings, server: { store: again, found: again.load() } });
  await settle(() => first.mock.asked.length === 3);
  t.like(first.mock.asked[2], { method: 'POST', path: '/list/sessions/' });
  t.like(first.mock.asked[2]!.body as object, { id: 'kept', port: second.server.port });
  await settle(() => second.log.some(({ message }) => message.startsWith('Announced at')));
  await second.server.stop();
  await second.externalServices.stop();
  await again.stop();

  const last = openStore();
  first.mock.answers = [{ status: 410 }];
  const third = await setUp(t, { settings, server: { store: last, found: last.load() } });
  await settle(() => third.log.some(({ message }) => message.includes('ERROR 410 GONE')));
  await third.server.stop();
  await third.externalServices.stop();
  await last.stop();
  const journal = fs.readdirSync(folder).find((name) => name.endsWith('.session'))!;
  t.regex(fs.readFileSync(path.join(folder, journal), 'utf8'), /ANNOUNCE (.*)\n.*UNANNOUNCE \1\n/s);
});

test('an address inside the own network that a member gives is not fetched unless it is allowed', async (t) => {
  const { mock, server } = await setUp(t, { settings: { announceAllowPrivate: false, extauth: false } });
  const host = await Client.host(server.port, { name: 'ann' });
  for (const url of [
    mock.origin,
    `http://localhost:${mock.port}/`,
    `http://[::ffff:127.0.0.1]:${mock.port}/`,
  ]) {
    host.command('announce-session', [url]);
    t.regex(String((await host.reply('msg')).message), /private network, which this server does not allow/);
  }
  t.is(mock.asked.length, 0);
  await host.drop();
});

// ---- reports

test('a report goes to the report server and the session is told', async (t) => {
  const { mock, server } = await setUp(t, { settings: { abusereport: true, reporttoken: 'tok' } });
  mock.answers = [{ body: { status: 'guest' } }];
  const host = await Client.host(server.port, { name: 'ann' });
  mock.answers = [{ status: 204 }];
  mock.asked.length = 0;
  host.command('report', [], { reason: 'bad stuff', user: 1 });
  await mock.until(1);
  t.is(mock.asked[0]!.headers.authorization, 'Token tok');
  t.like(mock.asked[0]!.body as object, { user: 'ann', message: 'bad stuff', perp: 1, auth: false });
  await host.next((message) => {
    const json = jsonOf(message);
    return json?.type === 'log' && json.topic === 'Status' && /reported/.test(String(json.message));
  });
  await host.drop();
});

// ---- services that are slow, dead or lying

const misbehaviours: Record<string, MockAnswer> = {
  slow: () => undefined,
  huge: (_, response) => {
    response.writeHead(200, { 'content-type': 'application/json' });
    const pour = () => {
      while (!response.destroyed && response.write('['.repeat(16_384)));
      if (!response.destroyed) response.once('drain', pour);
    };
    pour();
    return undefined;
  },
  malformed: { body: '{"id":"x","key":7,"expires":-1,"message":{"a":[]},"status":' },
  'wrong in shape': {
    body: { id: 'x', key: 7, expires: 'never', message: { a: [] }, status: 7, bans: { x: 1 }, responses: [] },
  },
  redirecting: { status: 307, headers: { location: '/again' } },
  dead: (asked, response) => {
    void asked;
    response.destroy();
    return undefined;
  },
};

for (const [name, answer] of Object.entries(misbehaviours)) {
  test(`all external services are ${name}: people come in, draw and leave as always`, async (t) => {
    const { mock, server, settings, log } = await setUp(t, { settings: { abusereport: true } });
    // The login server is asked before anybody comes in, so it is well until both are there.
    mock.answers = [{ body: { status: 'guest' } }];
    const host = await Client.host(server.port, { name: 'ann' });
    const guest = await Client.join(server.port, host.sessionId, { name: 'bob' });
    mock.answers = [answer];
    const asked = mock.asked.length;
    settings.set('extBansUrl', `${mock.origin}/bans`);
    host.command('announce-session', [`${mock.origin}/list`]);
    host.command('report', [], { reason: 'x' });
    const late = await Client.open(server.port, { name: 'eve' });
    late.send(command('ident', ['eve']));
    // Ban list, listing, report, login: all of them have been asked and none has helped.
    await mock.until(asked + 4);
    for (let stroke = 0; stroke < 50; stroke += 1) host.draw(`stroke ${stroke}`);
    await guest.next(({ type, payload }) => type === 148 && payload.toString() === 'stroke 49');
    guest.draw('answer');
    await host.next(({ type, payload }) => type === 148 && payload.toString() === 'answer');
    await guest.next(({ type, payload }) => type === 148 && payload.toString() === 'answer');
    t.is(guest.canvas.filter(({ type }) => type === 148).length, 51);
    for (const client of [late, guest, host]) await client.drop();
    t.false(log.some(({ message }) => /TypeError|undefined/.test(message)));
  });
}

test('the external ban list keeps people out once it is there', async (t) => {
  const { mock, server, settings, externalServices } = await setUp(t);
  mock.answers = [
    {
      body: {
        bans: [
          {
            id: 1,
            ips: [{ from: '127.0.0.0', to: '127.255.255.255' }],
            expires: '2099-01-01 00:00:00',
            reason: 'listed',
          },
        ],
      },
    },
    { body: { status: 'guest' } },
  ];
  settings.set('extBansUrl', `${mock.origin}/bans`);
  await settle(() => externalServices.externalBans.list.length === 1);
  const client = await Client.open(server.port, { name: 'eve' });
  await client.logIn('host');
  client.send(command('host', [], { ...client.clientInfo(), protocol: 'dp:4.25.1', user_id: 1 }));
  const { payload } = await client.next(({ type }) => type === 1);
  t.regex(payload.toString(), /banned from this server until 2099-01-01.*listed/i);
  await client.drop();
});

test('the clock of the system is what external services use when nothing else is said', (t) => {
  const { listings, reports, externalLogin } = makeExternalServices({
    settings: new MemorySettings(),
    log: { write: () => {} },
  });
  t.is(externalLogin.url, undefined);
  t.false(reports.isEnabled);
  t.is(listings.refusal('x')?.code, 'list-url-invalid');
  t.true(systemClock.now() > 0);
});
