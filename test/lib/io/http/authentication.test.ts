// Who asks the API: programs with a token, browsers with a login, each with a role; and how that ends.

import { createSecureContext } from 'node:tls';
import test, { type ExecutionContext } from 'ava';
import { memoryStores } from '../../../../src/lib/admin/memory-stores.js';
import { roles } from '../../../../src/lib/admin/needs.js';
import type { InputOf, OperationName, OutputOf } from '../../../../src/lib/admin/operations.js';
import type { Refusal } from '../../../../src/lib/core/errors.js';
import type { Change } from '../../../../src/lib/core/session/change.js';
import { GuessDelays } from '../../../../src/lib/io/http/access.js';
import { Authentication } from '../../../../src/lib/io/http/authentication.js';
import type { HttpNeeds } from '../../../../src/lib/io/http/original/route.js';
import { systemSecrets } from '../../../../src/lib/io/system/access-secrets.js';
import { SystemPasswords } from '../../../../src/lib/io/system/passwords.js';
import { type AdminServer, ask, type HttpAnswer, startAdminServer } from '../../../helpers/admin-server.js';
import { makePair } from '../../../helpers/certificates.js';
import { askSecurely } from '../../../helpers/https.js';
import { ManualClock } from '../../../helpers/manual-clock.js';

const auth = 'admin:configured:password';
const own = '/api/dp/1/';

async function serve(t: ExecutionContext, options: Parameters<typeof startAdminServer>[1] = {}) {
  const server = await startAdminServer(t, { hasPort: true, values: { 'web-admin-auth': auth }, ...options });
  const { port } = server.admin;
  const { accounts } = server.configuration.stores;
  const password = await server.configuration.passwords.hash('correct', 'argon2id');
  for (const [name, flags] of [
    ['mo', ['MOD']],
    ['ada', ['ADMIN']],
    ['plain', ['HOST']],
  ] as const) {
    await accounts.add({ name, password, isLocked: false, flags });
  }
  await accounts.add({ name: 'locked', password, isLocked: true, flags: ['ADMIN'] });
  const run = async (name: OperationName, input: object, headers: Record<string, string>) =>
    ask({ method: 'POST', path: `${own}${name.replace('.', '/')}`, port, headers, body: input });
  const logIn = (body: object) => ask({ method: 'POST', path: `${own}login`, port, body });
  return {
    ...server,
    port,
    run,
    logIn,
    local: <Name extends OperationName>(name: Name, input: InputOf<Name>) => locally(server, name, input),
  };
}

/** By the socket, where nobody is asked who they are. */
async function locally<Name extends OperationName>(
  server: AdminServer,
  name: Name,
  input: InputOf<Name>,
): Promise<OutputOf<Name>> {
  const answer = await server.request({
    method: 'POST',
    path: `${own}${name.replace('.', '/')}`,
    body: input,
  });
  return answer.json as OutputOf<Name>;
}

function cookieOf(answer: HttpAnswer): string {
  return String(answer.headers['set-cookie']).split(';')[0]!;
}

const bearer = (secret: string) => ({ authorization: `Bearer ${secret}` });
const codeOf = (answer: HttpAnswer) => [answer.status, (answer.json as { code?: string }).code];

test('a token does what its role may, until it is revoked; its secret is stored nowhere', async (t) => {
  const { run, local, configuration } = await serve(t);
  const secrets: Record<string, string> = {};
  for (const role of roles) {
    const created = await local('token.create', { name: `of-${role}`, role, expires: null });
    secrets[role] = created.secret;
    t.like(created.token, { name: `of-${role}`, role, expires: null, lastUsed: null });
  }
  const may = async (operation: OperationName, input: object) =>
    Object.fromEntries(
      await Promise.all(
        Object.entries(secrets).map(async ([role, secret]) => [
          role,
          (await run(operation, input, bearer(secret))).status,
        ]),
      ),
    );
  t.deepEqual(await may('session.list', {}), { observer: 200, moderator: 200, administrator: 200 });
  t.deepEqual(await may('online.list', {}), { observer: 403, moderator: 200, administrator: 200 });
  t.deepEqual(await may('session.message', { text: 'hello' }), {
    observer: 403,
    moderator: 200,
    administrator: 200,
  });
  t.deepEqual(await may('config.change', { set: { serverTitle: 'x' } }), {
    observer: 403,
    moderator: 403,
    administrator: 200,
  });
  t.deepEqual(await may('token.list', {}), { observer: 403, moderator: 403, administrator: 200 });
  const listed = await local('token.list', {});
  t.true(listed.every(({ lastUsed, lastAddress }) => lastUsed !== null && lastAddress === '127.0.0.1'));
  const stored = JSON.stringify(await configuration.stores.grants!.all());
  for (const secret of Object.values(secrets)) {
    t.regex(secret, /^dp_[\w-]{43}$/);
    t.false(stored.includes(secret.slice(3)));
  }
  await local('token.revoke', { name: 'of-moderator' });
  t.deepEqual(codeOf(await run('online.list', {}, bearer(secrets.moderator!))), [401, 'login-needed']);
});

test('a token is refused: unknown, expired, of another kind, or a name taken', async (t) => {
  const { run, local } = await serve(t);
  const soon = await local('token.create', { name: 'soon', role: 'observer', expires: Date.now() + 1 });
  while (Date.now() <= (soon.token.expires ?? 0)) await new Promise((resolve) => setImmediate(resolve));
  const linkSecret = (await local('login.link', {})).path.replace(/^.*=/, '');
  for (const secret of [soon.secret, 'dp_unknown', `dp_${linkSecret}`, linkSecret]) {
    const answer = await run('session.list', {}, bearer(secret));
    t.is(answer.status, 401, secret);
  }
  await local('token.create', { name: 'bot', role: 'observer', expires: null });
  t.like(await local('token.create', { name: 'bot', role: 'observer' }), { code: 'token-exists' });
  t.like(await local('token.create', { name: '../bot', role: 'observer' }), { code: 'token-name-invalid' });
  t.like(await local('token.revoke', { name: 'nobody' }), { code: 'token-not-found' });
});

test('a moderator bans with an expiry, and leaves permanent bans to administrators', async (t) => {
  const changes: Change[] = [];
  const { run, local } = await serve(t, {
    values: { 'web-admin-auth': auth },
    more: { changes: { made: (change) => void changes.push(change) } },
  });
  const { secret } = await local('token.create', { name: 'mod', role: 'moderator' });
  const asModerator = (name: OperationName, input: object) => run(name, input, bearer(secret));
  const address = { kind: 'ip', address: '192.0.2.7' };
  const expires = Date.now() + 3_600_000;
  t.deepEqual(codeOf(await asModerator('ban.add', address)), [403, 'ban-permanent']);
  const added = await asModerator('ban.add', { ...address, expires });
  t.is(added.status, 200, added.text);
  const { id } = added.json as { id: number };
  t.like(changes.at(-1), { what: 'ban.add', actor: { kind: 'moderator', name: 'mod' } });
  t.deepEqual(codeOf(await asModerator('ban.change', { kind: 'ip', id, change: { expires: null } })), [
    403,
    'ban-permanent',
  ]);
  const forGood = await local('ban.add', { kind: 'ip', address: '192.0.2.8' });
  const refs = [
    { kind: 'ip', id },
    { kind: 'ip', id: forGood.id },
  ];
  t.deepEqual(codeOf(await asModerator('ban.remove', { refs })), [403, 'ban-permanent']);
  t.is((await local('ban.list', {})).length, 2, 'nothing is removed by half');
  t.is((await asModerator('ban.remove', { refs: refs.slice(0, 1) })).status, 200);
});

test('accounts log in by their flag, the configured name as an administrator; others do not', async (t) => {
  const { logIn } = await serve(t);
  const role = async (name: string, password: string) => {
    const answer = await logIn({ name, password });
    return answer.status === 200 ? (answer.json as { role: string }).role : codeOf(answer)[1];
  };
  t.is(await role('mo', 'correct'), 'moderator');
  t.is(await role('ada', 'correct'), 'administrator');
  t.is(await role('admin', 'configured:password'), 'administrator');
  for (const [name, password] of [
    ['mo', 'wrong'],
    ['plain', 'correct'],
    ['locked', 'correct'],
    ['nobody', 'correct'],
    ['admin', 'wrong'],
    ['', ''],
  ] as const) {
    t.is(await role(name, password), 'login-wrong', name);
  }
  t.is((await logIn({ name: 'mo' })).status, 400);
  t.is((await logIn({ name: 'mo', password: 5 })).status, 400);
});

test('a login reads with its cookie, and changes with its own CSRF token only', async (t) => {
  const changes: Change[] = [];
  const { logIn, port } = await serve(t, {
    values: { 'web-admin-auth': auth },
    more: { changes: { made: (change) => void changes.push(change) } },
  });
  const [first, second] = [
    await logIn({ name: 'ada', password: 'correct' }),
    await logIn({ name: 'mo', password: 'correct' }),
  ];
  t.regex(
    String(first.headers['set-cookie']),
    /^dp-login=[\w-]{43}; HttpOnly; SameSite=Strict; Path=\/; Max-Age=604800$/,
  );
  const cookie = cookieOf(first);
  const csrf = (answer: HttpAnswer) => (answer.json as { csrf: string }).csrf;
  const send = (method: string, headers: Record<string, string>, path = `${own}session/message`) =>
    ask({
      method,
      path,
      port,
      headers: { cookie, ...headers },
      ...(method === 'POST' && { body: { text: 'hello' } }),
    });
  t.is((await send('GET', {}, `${own}session/list`)).status, 200);
  t.like((await send('GET', {}, `${own}login`)).json, {
    name: 'ada',
    role: 'administrator',
    csrf: csrf(first),
  });
  t.deepEqual(codeOf(await send('POST', {})), [403, 'csrf-token-wrong']);
  t.deepEqual(codeOf(await send('POST', { 'x-csrf-token': csrf(second) })), [403, 'csrf-token-wrong']);
  t.is((await send('POST', { 'x-csrf-token': csrf(first) })).status, 200);
  t.is((await send('PUT', {}, '/api/sessions')).status, 403, 'the original API as well');
  const path = `${own}config/change`;
  const set = await ask({
    method: 'POST',
    path,
    port,
    headers: { cookie, 'x-csrf-token': csrf(first) },
    body: { set: { serverTitle: 'x' } },
  });
  t.is(set.status, 200);
  const byAda = { actor: { kind: 'administrator', name: 'ada' }, address: '127.0.0.1' } as const;
  t.like(changes[0], { ...byAda, what: 'login.begin', on: { kind: 'login', name: 'ada' } });
  t.like(changes.at(-1), { ...byAda, what: 'config.change' });
  t.is((await send('DELETE', { 'x-csrf-token': csrf(first) }, `${own}login`)).status, 200);
  t.deepEqual(codeOf(await send('GET', {}, `${own}session/list`)), [401, 'login-needed']);
});

test('a login ends with its account: another password, no flag, a lock, removal; and by dp login end', async (t) => {
  const { logIn, port, configuration, local } = await serve(t);
  const { accounts } = configuration.stores;
  const logged = async (name: string, password = 'correct') => {
    const cookie = cookieOf(await logIn({ name, password }));
    return async () => (await ask({ path: `${own}session/list`, port, headers: { cookie } })).status;
  };
  const idOf = async (name: string) => (await accounts.all()).find((account) => account.name === name)!.id;
  const ada = await logged('ada');
  t.is(await ada(), 200);
  await accounts.change(await idOf('ada'), { flags: ['MOD'] });
  t.is(await ada(), 200, 'as a moderator');
  await accounts.change(await idOf('ada'), { flags: [] });
  t.is(await ada(), 401);
  const mo = await logged('mo');
  await accounts.change(await idOf('mo'), {
    password: await configuration.passwords.hash('new', 'argon2id'),
  });
  t.is(await mo(), 401);
  const again = await logged('mo', 'new');
  await accounts.change(await idOf('mo'), { isLocked: true });
  t.is(await again(), 401);
  await accounts.change(await idOf('mo'), { isLocked: false });
  const [one, other] = [await logged('mo', 'new'), await logged('mo', 'new')];
  const logins = await local('login.list', {});
  t.is(logins.length, 2);
  await local('login.end', { id: logins[0]!.id });
  t.deepEqual([await one(), await other()], [401, 200]);
  await accounts.remove(await idOf('mo'));
  t.is(await other(), 401);
  t.like(await local('login.end', { id: 99 }), { code: 'login-not-found' });
});

test('a cookie whose login is over is taken away, and is as none where a name and password help', async (t) => {
  const { logIn, local, port } = await serve(t);
  const cookie = cookieOf(await logIn({ name: 'ada', password: 'correct' }));
  await local('login.end', {});
  const basic = { authorization: `Basic ${Buffer.from(auth).toString('base64')}` };
  const cleared = /^dp-login=; HttpOnly; SameSite=Strict; Path=\/; Max-Age=0$/;
  for (const stale of [cookie, 'dp-login=never-was-one']) {
    const get = (path: string, headers: Record<string, string> = {}) =>
      ask({ method: 'GET', path, port, headers: { cookie: stale, ...headers } });
    const page = await get('/metrics');
    t.is(page.status, 401, stale);
    t.is(page.headers['www-authenticate'], 'Basic realm="drawpile-srv"', 'the browser asks');
    t.regex(String(page.headers['set-cookie']), cleared);
    t.is((await get('/metrics', basic)).status, 200);
    t.is((await get(`${own}session/list`, basic)).status, 200);
    const api = await get(`${own}session/list`);
    t.deepEqual(codeOf(api), [401, 'login-needed'], 'the web interface hears that its login is over');
    t.regex(String(api.headers['set-cookie']), cleared);
    // what is wrong with a token is not the cookie's fault
    t.deepEqual(codeOf(await get('/metrics', bearer('dp_unknown'))), [401, 'login-needed']);
  }
});

test('a link logs in once', async (t) => {
  const { logIn, local } = await serve(t);
  const { path } = await local('login.link', { role: 'moderator' });
  const link = path.replace(/^\/admin\/#link=/, '');
  const answers = await Promise.all([logIn({ link }), logIn({ link })]);
  t.deepEqual(answers.map(({ status }) => status).sort(), [200, 401]);
  t.like(answers.find(({ status }) => status === 200)!.json, { role: 'moderator' });
  t.deepEqual(codeOf(await logIn({ link: 'unknown' })), [401, 'login-link-wrong']);
});

test('over TLS the cookie is for TLS only', async (t) => {
  const pair = await makePair();
  const context = createSecureContext({ cert: pair.certificate, key: pair.key });
  const { server } = await serve(t, {
    more: { web: { host: '127.0.0.1', port: 0 }, secureContext: () => context, allowsPlaintext: true },
  });
  const body = JSON.stringify({ name: 'mo', password: 'correct' });
  const headers = { 'content-type': 'application/json', 'content-length': String(body.length) };
  const answer = await askSecurely(server.webPort, { method: 'POST', path: `${own}login`, headers, body });
  t.is(answer.status, 200, answer.text);
  t.regex(String(answer.headers['set-cookie']), /^__Host-dp-login=.*; Secure$/);
  const cookie = String(answer.headers['set-cookie']).split(';')[0]!;
  const path = `${own}online/list`;
  t.is((await askSecurely(server.webPort, { path, headers: { cookie } })).status, 200);
  const plain = cookie.replace('__Host-', '');
  t.is((await askSecurely(server.webPort, { path, headers: { cookie: plain } })).status, 401);
});

test('without a configured password this machine asks freely, a token or a login still has its role', async (t) => {
  const { run, local, logIn, port } = await serve(t, { values: {} });
  t.is((await run('config.list', {}, {})).status, 200);
  const who = async (headers = {}) => (await ask({ path: `${own}login`, port, headers })).json;
  t.deepEqual(await who(), { name: 'local', role: 'administrator', csrf: '' });
  const { secret } = await local('token.create', { name: 'bot', role: 'observer' });
  t.deepEqual(await who(bearer(secret)), { name: 'bot', role: 'observer', csrf: '' });
  t.is((await run('config.get', { name: 'reporttoken' }, bearer(secret))).status, 403);
  const cookie = cookieOf(await logIn({ name: 'mo', password: 'correct' }));
  t.is((await ask({ path: `${own}user/list`, port, headers: { cookie } })).status, 403);
  t.like(await who({ cookie }), { name: 'mo', role: 'moderator' });
});

test('a settings file keeps none: in memory while the server runs', async (t) => {
  const server = await startAdminServer(t, { config: '[config]\n', hasPort: true });
  const created = await locally(server, 'token.create', { name: 'bot', role: 'observer' });
  const answer = await ask({
    path: `${own}session/list`,
    port: server.admin.port,
    headers: bearer(created.secret),
  });
  t.is(answer.status, 200);
});

test('a right password is taken while wrong ones are in flight, behind a trusted proxy too', async (t) => {
  const { port } = await serve(t);
  const body = (password: string) => ({ name: 'mo', password });
  const from = (ip: string, password: string) =>
    ask({
      ...{ method: 'POST', path: `${own}login`, port, body: body(password) },
      headers: { 'x-forwarded-for': ip, 'x-forwarded-proto': 'https' },
    });
  const guesses = [1, 2, 3].map((guess) => from('198.51.100.7', `wrong${guess}`));
  t.is((await from('198.51.100.8', 'correct')).status, 200);
  t.is((await from('198.51.100.7', 'correct')).status, 200, 'the same client');
  t.is((await from('198.51.100.7', 'still-wrong')).status, 401);
  t.deepEqual(
    (await Promise.all(guesses)).map(({ status }) => status),
    [401, 401, 401],
  );
});

test('1,500 wrong logins at once keep neither people who draw nor other logins waiting', async (t) => {
  const passwords = new SystemPasswords(1, { memoryCost: 1024, timeCost: 1 });
  const stored = await passwords.hash('correct', 'argon2id');
  const account = { authId: 'internal:1', name: 'mo', isLocked: false, password: stored, flags: ['MOD'] };
  const authentication = new Authentication({
    needs: {
      stores: memoryStores([], Date.now),
      passwords,
      secrets: systemSecrets,
      now: Date.now,
    } as unknown as HttpNeeds,
    accounts: { find: (name) => (name === 'mo' ? account : undefined) },
    passwords,
    credentials: undefined,
    delays: new GuessDelays(undefined, (ms) => new Promise((resolve) => setTimeout(resolve, ms / 1000))),
  });
  const asking = (address: string) => ({ method: 'POST', headers: {}, address, isSecure: true });
  let ended = 0;
  const guesses = Array.from({ length: 1500 }, (_, guess) =>
    authentication.logIn('mo', `wrong${guess}`, asking('198.51.100.7')).catch((error: Refusal) => {
      ended++;
      return error.code;
    }),
  );
  const isRight = await new Promise((resolve) => passwords.verify('correct', stored, resolve, '192.0.2.1'));
  t.true(isRight);
  t.like(await authentication.logIn('mo', 'correct', asking('192.0.2.2')), {
    login: { caller: { name: 'mo' } },
  });
  t.true(ended < 200, `${ended} were checked first`);
  for (const code of new Set(await Promise.all(guesses))) {
    t.true(['login-wrong', 'password-check-busy'].includes(String(code)), String(code));
  }
});

test('the last use of a token is told also after the clock was set back', async (t) => {
  const stores = memoryStores([], Date.now);
  let now = 2_000_000_000_000;
  const needs = { stores, secrets: systemSecrets, now: () => now } as unknown as HttpNeeds;
  const authentication = new Authentication({
    needs,
    accounts: { find: () => undefined },
    passwords: { verify: () => {} },
    credentials: undefined,
  });
  const secret = `dp_${systemSecrets.make()}`;
  await stores.grants!.add({
    ...{ kind: 'token', name: 'bot', role: 'observer', proof: '', created: now, expires: null },
    digest: systemSecrets.digest(secret),
  });
  const asking = { method: 'GET', headers: bearer(secret), address: '192.0.2.1', isSecure: true };
  for (const step of [0, -365 * 86_400_000, 30_000, 3_600_000]) {
    now += step;
    t.like(await authentication.identify(asking), { name: 'bot' });
    const lastUsed = (await stores.grants!.all())[0]!.lastUsed!;
    t.true(lastUsed <= now && now - lastUsed < 60_000, `${step}: ${lastUsed - now}`);
  }
});

for (const years of [2, -2]) {
  test(`tokens, logins and links end when they shall, whatever the clock does meanwhile: ${years} years and back`, async (t) => {
    const hour = 3_600_000;
    const clock = new ManualClock(Date.UTC(2026, 10, 22));
    const { run, local, logIn, port, configuration } = await serve(t, {
      listeners: { clock },
    });
    const jump = (by: number) => clock.setTimeOfDay(clock.now() + by * 365 * 24 * hour);
    clock.advance(hour);
    const token = async (name: string, inMs: number) =>
      (await local('token.create', { name, role: 'observer', expires: clock.now() + inMs })).secret;
    const [long, short] = [await token('long', 30 * 24 * hour), await token('short', hour)];
    const isTaken = async (secret: string) => (await run('session.list', {}, bearer(secret))).status === 200;
    const isIn = async (cookie: string) =>
      (await ask({ path: `${own}login`, port, headers: { cookie } })).status === 200;
    const login = cookieOf(await logIn({ name: 'mo', password: 'correct' }));
    t.true(await isIn(login));
    clock.advance(2 * hour);
    t.deepEqual([await isTaken(long), await isTaken(short)], [true, false]);

    jump(years);
    t.deepEqual([await isTaken(long), await isTaken(short), await isIn(login)], [true, false, true]);
    const link = (await local('login.link', {})).path.split('link=')[1]!;
    const wrong = cookieOf(await logIn({ name: 'mo', password: 'correct' }));
    t.true(await isIn(wrong));
    jump(-years);
    t.deepEqual([await isTaken(long), await isTaken(short), await isIn(login)], [true, false, true]);
    clock.advance(hour);
    t.deepEqual(codeOf(await logIn({ link })), [401, 'login-link-wrong']);
    clock.advance(7 * 24 * hour);
    t.deepEqual([await isIn(login), await isIn(wrong)], [false, false]);

    // expired tokens are deleted by nobody, so that none is lost to a clock that was wrong at the start
    await logIn({ name: 'mo', password: 'correct' });
    const names = (await configuration.stores.grants!.all()).map(({ name }) => name);
    t.true(names.includes('long') && names.includes('short'));
  });
}

for (const kind of ['memory', 'database'] as const) {
  test(`a start with a clock that is years ahead loses no token (${kind})`, async (t) => {
    const server = await startAdminServer(t, { database: kind === 'database' });
    const { grants } = kind === 'database' ? server.configuration.stores : memoryStores([], Date.now);
    const facts = { role: 'observer', proof: '', created: 0 } as const;
    await grants!.add({ ...facts, kind: 'token', name: 'kept', digest: 'a', expires: Date.now() + 1000 });
    await grants!.add({ ...facts, kind: 'login', name: 'mo', digest: 'b', expires: Date.now() + 1000 });
    const ahead = Date.now() + 2 * 365 * 86_400_000;
    await grants!.add({
      ...facts,
      kind: 'login',
      name: 'mo',
      digest: 'c',
      created: ahead,
      expires: ahead + 1,
    });
    t.deepEqual(
      (await grants!.all()).map(({ digest }) => digest),
      ['a', 'c'],
    );
  });
}
