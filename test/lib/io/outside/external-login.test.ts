// External login against the recorded tokens, flags and guest queries.

import * as fs from 'node:fs';
import test from 'ava';
import { externalAuthId, externalFlags } from '../../../../src/lib/core/login/external-user.js';
import type { GuestAnswer, TokenRefusal } from '../../../../src/lib/core/login/needs.js';
import { loginRefusals } from '../../../../src/lib/core/login/refusals.js';
import type { LogEntry } from '../../../../src/lib/core/session/needs.js';
import { MemorySettings } from '../../../../src/lib/core/settings/settings.js';
import { HttpExternalLogin } from '../../../../src/lib/io/outside/external-login.js';
import { HttpClient } from '../../../../src/lib/io/outside/http-client.js';
import { ManualClock } from '../../../helpers/manual-clock.js';
import { type MockReply, MockServer } from '../../../helpers/mock-server.js';

function readVectors<T>(name: string): T {
  return JSON.parse(fs.readFileSync(`test/vectors/extauth/${name}.json`, 'utf8')) as T;
}

function setUp(url: string | undefined, values: Record<string, unknown> = {}) {
  const clock = new ManualClock();
  const settings = new MemorySettings({ extauth: 'true', extauthkey: tokens.publicKeyBase64 });
  for (const [name, value] of Object.entries(values)) settings.set(name, String(value));
  const log: LogEntry[] = [];
  const client = new HttpClient({ clock });
  const options = {
    client,
    clock,
    settings,
    url,
    version: '1.2.3',
    log: { write: (e: LogEntry) => void log.push(e) },
  };
  return { login: new HttpExternalLogin(options), settings, log, clock };
}

// ---- tokens

interface TokenCase {
  name: string;
  expectedGroup: string;
  nonce: string;
  token: string;
  accepted: boolean;
  error?: { message: string };
  identOk?: { ident: string };
}

const tokens = readVectors<{ publicKeyBase64: string; cases: TokenCase[] }>('tokens');

/** Recorded as accepted, refused here. */
const refusedHere = new Map<string, TokenRefusal>([
  ['v1-username-too-long', 'tokenInvalid'], // http.md §7.8: our name rules hold for tokens too
  ['version-01-signed-as-1', 'tokenSignature'], // http.md §3.5: rejecting that is fine
]);

for (const { name, expectedGroup, nonce, token, accepted, error, identOk } of tokens.cases) {
  test(`token ${name}`, (t) => {
    const { login } = setUp('http://auth.example/', { extauthgroup: expectedGroup });
    const result = login.check(token, nonce);
    if (accepted && !refusedHere.has(name)) t.is((result as { username?: string }).username, identOk!.ident);
    else if (refusedHere.has(name)) t.deepEqual(result, { error: refusedHere.get(name)! });
    else t.is('error' in result ? `${loginRefusals[result.error].text}` : undefined, error!.message);
  });
}

test('all recorded tokens were there', (t) => t.is(tokens.cases.length, 54));

test('uid, flags and picture come out of a token', (t) => {
  const { login } = setUp('http://auth.example/');
  const check = (name: string) => {
    const { token, nonce } = tokens.cases.find((row) => row.name === name)!;
    return login.check(token, nonce);
  };
  t.like(check('v1-valid'), { uid: 42, flags: [], avatar: undefined });
  t.like(check('v1-uid-string'), { uid: 'abc-def' });
  t.like(check('v1-uid-missing'), { uid: undefined });
  t.like(check('v2-valid-avatar'), { avatar: Buffer.from('iVBORw0KGgoAAA==', 'base64') });
  t.like(check('v2-empty-avatar'), { avatar: undefined });
  t.like(check('v1-flags-nonstring-items'), { flags: ['X'] });
});

test('without a usable key, or for another nonce, no token counts', (t) => {
  const { login, settings } = setUp('http://auth.example/');
  const { token, nonce } = tokens.cases[0]!;
  t.deepEqual(login.check(token, 'c0ffee1234567891'), { error: 'tokenInvalid' });
  t.deepEqual(login.check(token, ''), { error: 'tokenInvalid' });
  settings.unset('extauthkey');
  t.deepEqual(login.check(token, nonce), { error: 'tokenSignature' });
  settings.set('extauthkey', tokens.publicKeyBase64);
  t.like(login.check(token, nonce), { username: 'extuser' });
});

// ---- flags

interface FlagCase {
  name: string;
  tokenFlags: string[];
  settings: Record<string, boolean>;
  ident?: { flags: string[] };
  host?: { authId?: string };
}

const everybodysFlags = {
  HOST: 'allowGuestHosts',
  WEB: 'allowGuestWeb',
  WEBHOST: 'allowGuestWebHosts',
  WEBSESSION: 'allowGuestWebSession',
} as const;

const flagCases = readVectors<{ cases: FlagCase[] }>('flags').cases;

for (const { name, tokenFlags, settings: values, ident } of flagCases) {
  test(`flags ${name}`, (t) => {
    const { settings } = setUp(undefined, values);
    const result = externalFlags(tokenFlags, settings);
    if (name === 'ghost-not-enabled') t.deepEqual(result, { error: 'ghostsNotAllowed' });
    else if (name === 'ghost-without-mod') t.deepEqual(result, { error: 'ghostWithoutMod' });
    else if ('flags' in result) {
      const flags = new Set(result.flags);
      for (const [flag, setting] of Object.entries(everybodysFlags))
        if (settings.get(setting)) flags.add(flag);
      if (flags.has('MOD')) flags.add('PERSIST');
      t.deepEqual([...flags].sort(), [...ident!.flags].sort());
    } else t.fail(result.error);
  });
}

test('all recorded flag mappings were there', (t) => t.is(flagCases.length, 21));

test('the lasting identity is host and number, else the name', (t) => {
  const url = 'http://auth.example:8080/ext-auth/';
  t.is(externalAuthId(url, { uid: 42, username: 'a' }), 'auth.example:42');
  t.is(externalAuthId(url, { uid: 'u-77', username: 'a' }), 'auth.example:u-77');
  t.is(externalAuthId(url, { uid: undefined, username: 'extuser' }), 'auth.example:extuser');
});

// ---- guest queries

interface GuestCase {
  name: string;
  settings: Record<string, unknown>;
  authServer: { extauth?: string; extauthRaw?: unknown; extauthCode?: number };
  httpRequests: {
    method: string;
    path: string;
    headers: Record<string, string>;
    body: unknown;
    reply: MockReply;
  }[];
  serverReplies: { state?: string; code?: string; extauthfallback?: boolean }[];
}

const guestCases = readVectors<{ cases: GuestCase[] }>('guest-query').cases;

/** What the login has to be told for the recorded reply to follow. */
function expectedAnswer({ serverReplies: [reply], authServer }: GuestCase): GuestAnswer {
  if (authServer.extauthRaw === 'garbage' || authServer.extauthCode !== undefined) return 'unreachable';
  if (reply!.code === 'extauthOutgroup') return 'outgroup';
  if (reply!.code === 'extauthLocked') return 'banned';
  if (reply!.code === 'extauth') return 'refused';
  return authServer.extauth === 'auth' ? 'auth' : 'guest';
}

for (const recorded of guestCases.filter(({ httpRequests }) => httpRequests.length > 0)) {
  test(`guest query ${recorded.name}`, async (t) => {
    const mock = await MockServer.start(t);
    const [request] = recorded.httpRequests;
    mock.answers = [request!.reply];
    const { login } = setUp(`${mock.origin}/ext-auth/`, recorded.settings);
    const answer = await new Promise<GuestAnswer>((done) => login.queryGuest('someone', done, '192.0.2.1'));
    t.is(answer, expectedAnswer(recorded));
    t.is(mock.asked.length, 1);
    const { method, path, headers, body } = mock.asked[0]!;
    t.deepEqual(
      { method, path, body },
      { method: request!.method, path: request!.path, body: request!.body },
    );
    t.is(headers['content-type'], request!.headers['content-type']);
    t.is(headers.authorization, undefined);
  });
}

test('all recorded guest queries were there', (t) => {
  t.is(guestCases.length, 25);
  t.is(guestCases.filter(({ httpRequests }) => httpRequests.length > 0).length, 18);
});

test('not configured or switched off, there is no login server', (t) => {
  const { login, settings } = setUp('http://auth.example/');
  t.is(login.url, 'http://auth.example/');
  settings.set('extauth', 'false');
  t.is(login.url, undefined);
  t.is(setUp(undefined).login.url, undefined);
});

test('a login server that is slow or lies is unreachable, and the log says so once', async (t) => {
  const mock = await MockServer.start(t);
  const { login, log, clock } = setUp(mock.origin);
  const ask = () => new Promise<GuestAnswer>((done) => login.queryGuest('someone', done, '192.0.2.1'));
  mock.answers = [() => undefined];
  const slow = ask();
  await mock.until(1);
  clock.advance(10_000);
  t.is(await slow, 'unreachable');
  mock.answers = [{ body: `{"status":"auth","x":"${'x'.repeat(100_000)}"}` }];
  t.is(await ask(), 'unreachable');
  mock.answers = [{ status: 307, headers: { location: '/' } }];
  t.is(await ask(), 'unreachable');
  t.is(log.length, 1);
  t.regex(
    log[0]!.message,
    /Cannot reach the login server .*: no answer within 10 seconds; until it answers, guests may log in/,
  );
  mock.answers = [{ body: { status: 'auth' } }, { status: 500 }];
  t.is(await ask(), 'auth');
  t.is(await ask(), 'unreachable');
  t.is(log.length, 2);
});

test('strangers have only so much asked: a few questions at a time, the others wait in turn or are refused', async (t) => {
  const clock = new ManualClock();
  const pending: (() => void)[] = [];
  let most = 0;
  const client = {
    request: () =>
      new Promise((resolve) => {
        pending.push(() => resolve({ status: 200, text: '{"status":"guest"}' }));
        most = Math.max(most, pending.length);
      }),
  } as unknown as HttpClient;
  const login = new HttpExternalLogin({
    client,
    clock,
    settings: new MemorySettings({ extauth: 'true' }),
    log: { write: () => {} },
    url: 'http://auth.example/',
    version: '1',
  });
  const answers: GuestAnswer[] = [];
  for (let i = 0; i < 100; i++) login.queryGuest(`a${i}`, (answer) => answers.push(answer), '192.0.2.1');
  t.is(answers.length, 100 - 8 - 16);
  t.deepEqual([...new Set(answers)], ['busy']);
  let other: GuestAnswer | undefined;
  login.queryGuest('other', (answer) => (other = answer), '192.0.2.2');
  while (pending.length > 0) {
    pending.shift()!();
    await new Promise(setImmediate);
  }
  t.is(other, 'guest');
  t.is(answers.filter((answer) => answer === 'guest').length, 24);
  t.is(most, 8);
});
