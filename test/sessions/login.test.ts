// The way into a session where 2.3 was compared with, beyond the recordings: what is equal to it, and rows of
// docs/compatibility.md.

import test, { type ExecutionContext } from 'ava';
import { startAdminServer } from '../helpers/admin-server.js';
import { Client, type HostOptions } from '../helpers/client.js';
import { startTestServer, type TestServer, type TestServerOptions } from '../helpers/server.js';
import { openWebSocketClient } from '../helpers/web-socket-link.js';
import { command, type Json, type JsonObject, jsonOf } from '../helpers/wire.js';

const webSocket = { host: '127.0.0.1', port: 0 };

async function serve(t: ExecutionContext, options: TestServerOptions = {}) {
  const server = await startTestServer({ ...options, more: { webSocket, ...options.more } });
  t.teardown(() => server.stop());
  return server;
}

async function fromBrowser(
  t: ExecutionContext,
  server: TestServer,
  options: { name: string; password?: string },
): Promise<Client> {
  const headers = { Origin: 'https://web.example.com' };
  const { client } = await openWebSocketClient(server.webSocketPort, { headers, ...options });
  t.teardown(() => client.drop());
  return client;
}

/** The error that ends a login. */
async function refusal(client: Client): Promise<JsonObject> {
  const { code, message } = await client.reply('error');
  await client.closed;
  return { code: code!, message: message! };
}

function hostCommand(client: Client, more: JsonObject = {}): Buffer {
  return command('host', [], { ...client.clientInfo(), protocol: 'dp:4.25.1', user_id: 1, ...more });
}

// ---- browsers -------------------------------------------------------------------------------------------

test('guests without the WEB right log in from a browser, and hear at host and join what is not allowed', async (t) => {
  const server = await serve(t, { settings: { allowGuestWeb: 'false' } });
  const host = await Client.host(server.port, { name: 'host', settings: { allowWeb: true } });
  const userInfo = await fromBrowser(t, server, { name: 'visitor' });
  await userInfo.logIn();
  userInfo.send(command('join', [host.sessionId], userInfo.clientInfo()));
  t.deepEqual(await refusal(userInfo), {
    code: 'noWebJoin',
    message: 'Guests may not join sessions from a web browser on this server',
  });
  const hosting = await fromBrowser(t, server, { name: 'hosting' });
  await hosting.logIn('host');
  hosting.send(hostCommand(hosting));
  t.deepEqual(await refusal(hosting), {
    code: 'unauthorizedHost',
    message: 'Guests may not use this server from a web browser',
  });
});

test('accounts without the WEB right are refused at the login', async (t) => {
  const accounts = [
    { name: 'anna', password: 'pw', flags: [] },
    { name: 'webby', password: 'pw', flags: ['WEB'] },
  ];
  const server = await serve(t, { settings: { allowGuestWeb: 'false' }, accounts });
  const anna = await fromBrowser(t, server, { name: 'anna', password: 'pw' });
  await t.throwsAsync(anna.logIn(), { message: /ident refused: webNotAllowed/ });
  const host = await Client.host(server.port, { name: 'host', settings: { allowWeb: true } });
  const webby = await fromBrowser(t, server, { name: 'webby', password: 'pw' });
  await webby.logIn();
  await webby.join(host.sessionId);
  await webby.caughtUp();
  t.pass();
});

test('from a browser the code and the text of a refused host say why', async (t) => {
  const server = await serve(t, { settings: { allowGuestWebHosts: 'false' } });
  const client = await fromBrowser(t, server, { name: 'visitor' });
  await client.logIn('host');
  client.send(hostCommand(client));
  t.deepEqual(await refusal(client), {
    code: 'unauthorizedHost',
    message: 'You may not host sessions from a web browser here',
  });
});

test('browsers host only with a password where browser access follows it and they may not say so', async (t) => {
  const server = await serve(t, {
    settings: { passwordDependentWebSession: 'true', allowGuestWebSession: 'false' },
  });
  const open = await fromBrowser(t, server, { name: 'open' });
  await open.logIn('host');
  open.send(hostCommand(open));
  t.is((await refusal(open)).code, 'passwordedHost');
  const shut = await fromBrowser(t, server, { name: 'shut' });
  await shut.logIn('host');
  await shut.host({ password: 'pw' });
  t.pass();
});

async function allowWebAfter(
  server: TestServer,
  name: string,
  kwargs: JsonObject,
  settings: NonNullable<HostOptions['settings']> = {},
): Promise<Json | undefined> {
  const client = await Client.open(server.port, { name });
  await client.logIn('host');
  client.send(hostCommand(client, kwargs));
  await client.reply('result', { state: 'host' });
  client.command('sessionconf', [], { title: 'T', ...settings });
  const config = await client.next(
    (message) => (jsonOf(message)?.config as JsonObject | undefined)?.title === 'T',
  );
  return (jsonOf(config)!.config as JsonObject).allowWeb;
}

test('what a host says about browsers counts, with and without a password', async (t) => {
  for (const passwordDependentWebSession of ['true', 'false']) {
    const server = await serve(t, { settings: { passwordDependentWebSession } });
    const asked = async (name: string, kwargs: JsonObject, settings?: JsonObject) =>
      allowWebAfter(server, `${name}${passwordDependentWebSession}`, kwargs, settings);
    t.false(await asked('a', { web: false }));
    t.false(await asked('b', { web: false, password: 'pw' }));
    t.false(await asked('c', { web: 'false', password: 'pw' }));
    t.true(await asked('d', { web: true }));
    t.true(await asked('e', { web: 1 }));
    t.false(await asked('f', {}, { allowWeb: false, password: 'pw' }));
    t.true(await asked('g', {}, { allowWeb: true, password: '' }));
  }
});

test('without a word about browsers the password decides, where the server says so', async (t) => {
  const server = await serve(t, { settings: { passwordDependentWebSession: 'true' } });
  t.false(await allowWebAfter(server, 'a', {}));
  t.true(await allowWebAfter(server, 'b', { password: 'pw' }));
  t.true(await allowWebAfter(server, 'c', {}, { password: 'pw' }));
});

test('who may not say anything about browsers is not heard, the password decides', async (t) => {
  const server = await serve(t, {
    settings: { passwordDependentWebSession: 'true', allowGuestWebSession: 'false' },
  });
  t.true(await allowWebAfter(server, 'a', { web: false, password: 'pw' }));
  t.true(await allowWebAfter(server, 'b', {}, { allowWeb: false, password: 'pw' }));
});

// ---- passwords of another type --------------------------------------------------------------------------

test('a session password that is a number counts as its digits, one that is no text hosts nothing', async (t) => {
  const server = await serve(t);
  const host = await Client.open(server.port, { name: 'host' });
  await host.logIn('host');
  host.send(hostCommand(host, { password: 1234 }));
  const seat = (await host.reply('result', { state: 'host' })).join as JsonObject;
  host.command('init-complete');
  await server.idle();
  const guest = await Client.open(server.port, { name: 'guest' });
  await guest.logIn();
  guest.send(command('join', [seat.uniqueId as string], { ...guest.clientInfo(), password: 4321 }));
  t.is((await guest.reply('error')).code, 'badPassword');
  guest.send(command('join', [seat.uniqueId as string], { ...guest.clientInfo(), password: 1234 }));
  await guest.reply('result', { state: 'join' });
  for (const password of [null, true, ['secret'], {}]) {
    const client = await Client.open(server.port, { name: 'other' });
    await client.logIn('host');
    client.send(hostCommand(client, { password }));
    t.is((await refusal(client)).code, 'syntax');
  }
  t.is(server.sessionCount, 1);
});

// ---- invites --------------------------------------------------------------------------------------------

test('an unknown invite at the look-up is refused at once where the client has said who it is', async (t) => {
  const server = await serve(t);
  const host = await Client.host(server.port, { name: 'host' });
  const guest = await Client.open(server.port, { name: 'guest' });
  await t.throwsAsync(guest.logIn('join', `${host.sessionId}:unknown1`), {
    message: /look-up refused: inviteNotFound/,
  });
});

test('before 2.2.2 the look-up goes on with any invite, and the join names what is wrong with it', async (t) => {
  const server = await serve(t);
  const host = await Client.host(server.port, { name: 'host', protocol: 'dp:4.24.0', password: 'pw' });
  host.command('invite-create', [], { maxUses: 1 });
  const { secret } = await host.reply('invitecreated');
  const first = await Client.join(server.port, host.sessionId, {
    name: 'first',
    generation: '2.2',
    invite: secret as string,
  });
  t.is(first.sessionId, host.sessionId);
  for (const [invite, code] of [
    ['unknown1', 'inviteNotFound'],
    [secret as string, 'inviteLimitReached'],
  ] as const) {
    const late = await Client.open(server.port, { name: 'late', generation: '2.2' });
    await late.logIn('join', `${host.sessionId}:${invite}`);
    late.send(command('join', [host.sessionId], late.clientInfo()));
    t.is((await refusal(late)).code, code);
  }
});

// ---- flags ----------------------------------------------------------------------------------------------

test('account flags that the server does not know are passed on', async (t) => {
  const config = '[users]\nanna:plain;pw:HOST,BAR,x-future\n';
  const database = await startAdminServer(t);
  const body = { username: 'anna', password: 'pw', flags: 'HOST,BAR,x-future' };
  await database.request({ method: 'POST', path: '/api/accounts', body });
  for (const { server } of [database, await startAdminServer(t, { config })]) {
    const anna = await Client.open(server.port, { name: 'anna', password: 'pw' });
    t.teardown(() => anna.drop());
    const { flags } = await anna.logIn();
    for (const flag of ['HOST', 'BAR', 'x-future']) t.true((flags as string[]).includes(flag), flag);
  }
});

// ---- rows -----------------------------------------------------------------------------------------------

test('row: startTls without TLS is answered with noTls', async (t) => {
  const server = await serve(t);
  const client = await Client.open(server.port, { name: 'secure' });
  client.send(command('startTls'));
  t.is((await refusal(client)).code, 'noTls');
});

test('row: the fraction of a user id is cut off', async (t) => {
  const server = await serve(t);
  const client = await Client.open(server.port, { name: 'host' });
  await client.logIn('host');
  client.send(hostCommand(client, { user_id: 1.5 }));
  const { join } = await client.reply('result', { state: 'host' });
  t.is((join as JsonObject).user, 1);
  for (const user_id of [0.5, 254.5 + 1, -1, '1', null]) {
    const other = await Client.open(server.port, { name: 'other' });
    await other.logIn('host');
    other.send(hostCommand(other, { user_id }));
    t.is((await refusal(other)).code, 'syntax', JSON.stringify(user_id));
  }
});

test('row: a session id may be typed in upper case, an alias may not', async (t) => {
  const server = await serve(t);
  const host = await Client.host(server.port, { name: 'host', alias: 'Sketches' });
  const id = host.sessionId.toUpperCase();
  const guest = await Client.open(server.port, { name: 'guest' });
  await guest.logIn('join', id);
  await guest.join(id);
  t.is(guest.sessionId, host.sessionId);
  const other = await Client.open(server.port, { name: 'other' });
  await t.throwsAsync(other.logIn('join', 'SKETCHES'), { message: /look-up refused: lookupFailed/ });
});

test('row: a login token that nobody asked for is refused', async (t) => {
  const server = await serve(t);
  const client = await Client.open(server.port, { name: 'someone' });
  client.send(command('ident', ['someone'], { extauth: '1.e30=.AAAA' }));
  t.is((await refusal(client)).code, 'extAuthError');
});

test('row: an account with GHOST but not MOD hears what it lacks', async (t) => {
  for (const enableGhosts of ['true', 'false']) {
    const server = await serve(t, {
      settings: { enableGhosts },
      accounts: [{ name: 'casper', password: 'pw', flags: ['GHOST'] }],
    });
    const casper = await Client.open(server.port, { name: 'casper', password: 'pw' });
    await t.throwsAsync(casper.logIn(), { message: /ident refused: ghostWithoutMod/ });
  }
});
