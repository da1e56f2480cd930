// What the original admin API does with odd inputs and with people who never said anything: equal to drawpile-srv 2.3,
// or a row of docs/compatibility.md.
import { once } from 'node:events';
import net from 'node:net';
import test from 'ava';
import { startAdminServer } from '../../../helpers/admin-server.js';
import { Client } from '../../../helpers/client.js';
import { command, jsonOf } from '../../../helpers/wire.js';

test('flags of an account are a text or a list of texts, anything else changes nothing', async (t) => {
  const server = await startAdminServer(t);
  const send = (method: string, path: string, body: unknown) => server.request({ method, path, body });
  await send('POST', '/api/accounts', { username: 'anna', password: 'x', flags: 'MOD,HOST', locked: true });
  const put = async (body: unknown) => {
    const { status, json } = await send('PUT', '/api/accounts/1', body);
    return [status, (json as { flags?: string }).flags];
  };
  t.deepEqual(await put({ flags: ['MOD', 'WEB'] }), [200, 'MOD,WEB']);
  t.deepEqual(await put({ flags: [] }), [200, '']);
  t.deepEqual(await put({ flags: 'MOD' }), [200, 'MOD']);
  for (const flags of [5, true, {}, ['MOD', 5], [['MOD']], ['MOD,HOST']]) {
    t.deepEqual(await put({ flags }), [400, undefined], JSON.stringify(flags));
    t.is((await send('POST', '/api/accounts', { username: 'b', password: 'x', flags })).status, 400);
  }
  t.deepEqual(await put({ flags: null }), [200, 'MOD']);
  for (const locked of ['true', 0, null]) t.deepEqual(await put({ locked }), [400, undefined]);
  t.like((await server.get('/api/accounts')) as object, [{ flags: 'MOD', locked: true }]);
  t.is(((await server.get('/api/accounts')) as unknown[]).length, 1);
});

test('what is wrong is told as this API always told it, without words of our own around it', async (t) => {
  const server = await startAdminServer(t);
  const host = await Client.host(server.server.port, { name: 'anna', alias: 'room' });
  t.teardown(() => host.drop());
  const refused = await server.request({
    method: 'PUT',
    path: '/api/sessions/room',
    body: { nsfm: 'maybe' },
  });
  t.deepEqual(
    [refused.status, refused.json],
    [400, { status: 'error', message: "invalid value 'maybe' for nsfm: expected true or false" }],
  );
  const listing = { method: 'POST', path: '/api/sessions/room/listing', body: { url: 'nowhere' } };
  t.deepEqual((await server.request(listing)).json, { status: 'ok' });
  const [line] = (await server.get('/api/log?contains=not%20possible')) as { message: string }[];
  t.regex(line!.message, /^Announcing at nowhere is not possible: /);
  t.notRegex(line!.message, /cannot announce the session/);
});

test('of two texts for all sessions the one that fits arrives; blanks alone are nothing', async (t) => {
  const server = await startAdminServer(t);
  const host = await Client.host(server.server.port, { name: 'anna', alias: 'room' });
  t.teardown(() => host.drop());
  const body = { message: 'x'.repeat(70_000), alert: 'hear me' };
  t.is((await server.request({ method: 'PUT', path: '/api/sessions', body })).status, 200);
  t.like(await host.reply('alert'), { message: 'hear me' });
  const one = await server.request({ method: 'PUT', path: '/api/sessions/room', body });
  t.deepEqual([one.status, one.json], [400, { status: 'error', message: 'Message too long' }]);
  const blank = { method: 'PUT', path: '/api/sessions/room', body: { message: ' ' } };
  t.is((await server.request(blank)).status, 200);
  t.is((await server.request({ ...blank, body: { message: 'after it' } })).status, 200);
  t.like(await host.reply('msg'), { message: 'after it' });
});

test('bans: a system id that no client can have is refused, an ended ban of a subnet begins anew', async (t) => {
  const server = await startAdminServer(t);
  const post = (path: string, body: unknown) => server.request({ method: 'POST', path, body });
  const expires = '2099-01-01 00:00:00';
  for (const sid of ['a b', 'a:b', ' ']) {
    t.is((await post('/api/systembans', { sid, expires })).status, 400, sid);
  }
  t.is((await post('/api/systembans', { sid: 'ab', expires })).status, 200);
  const subnet = { ip: '10.0.0.0', subnet: 24 };
  const over = await post('/api/banlist', { ...subnet, expires: '2001-01-01 00:00:00' });
  const again = await post('/api/banlist', { ...subnet, expires });
  t.like(again.json as object, { id: (over.json as { id: number }).id, expires });
  t.is(((await server.get('/api/banlist')) as unknown[]).length, 1);
});

test('a body that is not an object, and a message that is not a text, are refused', async (t) => {
  const server = await startAdminServer(t);
  const host = await Client.host(server.server.port, { name: 'anna', alias: 'room' });
  t.teardown(() => host.drop());
  const put = async (path: string, body: unknown) =>
    (await server.request({ method: 'PUT', path, body })).status;
  for (const body of ['5', '"text"', 'true', 'null', '{"a"']) t.is(await put('/api/server', body), 400, body);
  t.is(await put('/api/server', '[1,2]'), 200, 'as recorded');
  for (const path of ['/api/sessions', '/api/sessions/room', `/api/sessions/room/${host.userId}`]) {
    for (const text of [5, true, [], {}, null]) {
      t.is(await put(path, { message: text }), 400, `${path} ${JSON.stringify(text)}`);
      t.is(await put(path, { alert: text }), 400);
    }
    t.is(await put(path, { message: 'hello' }), 200);
  }
  t.is(await put('/api/sessions/room', { title: 'changed', message: 5 }), 400);
  t.not(((await server.get('/api/sessions/room')) as { title: string }).title, 'changed');
});

test('bans: an end in the past is stored and over; floating user numbers are refused', async (t) => {
  const server = await startAdminServer(t);
  const post = async (path: string, body: unknown) =>
    (await server.request({ method: 'POST', path, body })).status;
  t.is(await post('/api/banlist', { ip: '10.0.0.1', expires: '2001-01-01 00:00:00' }), 200);
  t.falsy(server.configuration.bans.forAddress('10.0.0.1'));
  for (const userId of [1.5, '1', 0, -1, 2 ** 53, null]) {
    t.is(await post('/api/userbans', { userId, expires: '2099-01-01 00:00:00' }), 400, String(userId));
  }
});

test('bans: a prefix length in a text is meant, anything else is refused', async (t) => {
  const server = await startAdminServer(t);
  const post = async (ip: string, subnet: unknown) => {
    const body = { ip, subnet, expires: '2099-01-01 00:00:00' };
    const { status, json } = await server.request({ method: 'POST', path: '/api/banlist', body });
    return [status, (json as { subnet?: number }).subnet];
  };
  t.deepEqual(await post('10.1.0.0', '16'), [200, 16]);
  t.deepEqual(await post('::ffff:10.2.0.0', '112'), [200, 16]);
  t.truthy(server.configuration.bans.forAddress('10.1.2.3'));
  t.deepEqual(await post('10.3.0.1', null), [200, 0]);
  for (const subnet of [true, '/16', '16.5', 16.5, '', '33', [16], {}, -1, 1e20]) {
    t.deepEqual(await post('10.4.0.0', subnet), [400, undefined], JSON.stringify(subnet));
  }
});

test('bans: a comment or reason that is no text is refused, and would be lost', async (t) => {
  const server = await startAdminServer(t);
  const expires = '2099-01-01 00:00:00';
  const status = async (path: string, body: object) =>
    (await server.request({ method: 'POST', path, body: { expires, ...body } })).status;
  for (const words of [5, true, {}, ['x']]) {
    t.is(await status('/api/banlist', { ip: '10.0.0.1', comment: words }), 400);
    t.is(await status('/api/systembans', { sid: 'a', comment: words }), 400);
    t.is(await status('/api/systembans', { sid: 'a', reason: words }), 400);
    t.is(await status('/api/userbans', { userId: 1, reason: words }), 400);
  }
  t.is(await status('/api/banlist', { ip: '10.0.0.1', comment: null }), 200);
});

test('bans that do not end have an end that can be sent back', async (t) => {
  const server = await startAdminServer(t);
  const body = { kind: 'client', sid: 'abc', expires: null };
  await server.request({ method: 'POST', path: '/api/dp/1/ban/add', body });
  const [ban] = (await server.get('/api/systembans')) as { sid: string; expires: string }[];
  t.is(ban?.expires, '9999-12-31 23:59:59');
  t.is((await server.request({ method: 'POST', path: '/api/systembans', body: ban })).status, 200);
  for (const expires of [-1, 1e20, Date.UTC(10000, 0, 1)]) {
    const more = { ...body, expires };
    t.is((await server.request({ method: 'POST', path: '/api/dp/1/ban/add', body: more })).status, 400);
  }
});

test('a whitelist that is not a list stays as it is', async (t) => {
  const server = await startAdminServer(t);
  const put = async (body: unknown) =>
    (await server.request({ method: 'PUT', path: '/api/listserverwhitelist', body })).json as object;
  await put({ whitelist: ['^https://a/'], enabled: true });
  for (const whitelist of ['^https://b/', 5, {}, null]) {
    t.like(await put({ whitelist }), { whitelist: ['^https://a/'], enabled: true });
  }
});

test('who never said anything was active at the epoch', async (t) => {
  const server = await startAdminServer(t);
  const silent = net.connect(server.server.port, '127.0.0.1');
  t.teardown(() => silent.destroy());
  await once(silent, 'data');
  const epoch = '1970-01-01T00:00:00Z';
  const [user] = (await server.get('/api/users')) as Record<string, unknown>[];
  t.like(user!, { lastActive: epoch, lastActiveDrawing: epoch, lastWithoutSession: epoch, state: 'login' });
  const client = await Client.open(server.server.port, { name: 'anna' });
  t.teardown(() => client.drop());
  await client.logIn();
  const users = (await server.get('/api/users')) as Record<string, string>[];
  const anna = users.find(({ name }) => name === 'anna')!;
  t.regex(anna.lastActive!, /^20\d\d-/);
  t.regex(anna.lastWithoutSession!, /^20\d\d-/);
});

test('the log tells of the programs of clients before they are in a session, and of new sessions', async (t) => {
  const server = await startAdminServer(t);
  const client = await Client.open(server.server.port, { name: 'anna' });
  t.teardown(() => client.drop());
  await client.reply('login');
  client.send(command('cinfo', ['127.0.0.1', client.clientInfo()]));
  await client.reply('result');
  const host = await Client.host(server.server.port, { name: 'bob' });
  t.teardown(() => host.drop());
  const rows = (await server.get('/api/log')) as Record<string, string>[];
  const info = rows.filter(({ topic, session }) => topic === 'ClientInfo' && session === undefined);
  t.true(info.length >= 1);
  t.like(JSON.parse(info.at(-1)!.message!), { address: '127.0.0.1' });
  t.is(
    rows.filter(({ message, session }) => /created by bob/.test(message!) && session !== undefined).length,
    1,
  );
});

test('an administrator who gives roles or kicks is named to everybody', async (t) => {
  const server = await startAdminServer(t);
  const host = await Client.host(server.server.port, { name: 'anna', alias: 'room' });
  const guest = await Client.join(server.server.port, 'room', { name: 'bob' });
  t.teardown(() => host.drop());
  t.teardown(() => guest.drop());
  const at = `/api/sessions/room/${guest.userId}`;
  await server.request({ method: 'PUT', path: at, body: { op: true } });
  await server.request({ method: 'PUT', path: at, body: { trusted: true } });
  await server.request({ method: 'PUT', path: at, body: { op: false, trusted: false } });
  await server.request({ method: 'DELETE', path: `${at}?message=enough` });
  await host.ping();
  const replies = host.log.flatMap((message) => {
    const reply = jsonOf(message);
    return reply?.T === undefined ? [] : [[reply.T, (reply.P as { by?: string }).by]];
  });
  t.deepEqual(replies.filter(([key]) => /^(op|trust)(give|take)$|^kick$/.test(String(key))).slice(-5), [
    ['opgive', 'the server administrator'],
    ['trustgive', 'the server administrator'],
    ['optake', 'the server administrator'],
    ['trusttake', 'the server administrator'],
    ['kick', 'the server administrator (enough)'],
  ]);
});

test('keys that are not known are ignored, beside known ones and alone', async (t) => {
  const server = await startAdminServer(t);
  const host = await Client.host(server.server.port, { name: 'anna', alias: 'room' });
  t.teardown(() => host.drop());
  const send = (method: string, path: string, body: unknown) => server.request({ method, path, body });
  const odd = { nonsense: 1, Title: 'wrong case', '': null, constructor: {}, ['__proto__']: { title: 'x' } };
  for (const [path, body] of [
    ['/api/accounts', { username: 'anna', password: 'x', flags: 'MOD' }],
    ['/api/banlist', { ip: '198.51.100.1', expires: '2099-01-01 00:00:00' }],
  ] as const) {
    const made = await send('POST', path, { ...odd, ...body });
    t.is(made.status, 200, `${path}: ${made.text}`);
  }
  for (const [path, known, key] of [
    ['/api/server', { serverTitle: 'mine' }, 'serverTitle'],
    ['/api/sessions/room', { title: 'sketches' }, 'title'],
    ['/api/accounts/1', { flags: 'HOST' }, 'flags'],
  ] as const) {
    const shown = async () => {
      const { json } = await send('GET', path === '/api/accounts/1' ? '/api/accounts' : path, undefined);
      return (Array.isArray(json) ? json[0] : json) as Record<string, unknown>;
    };
    const both = await send('PUT', path, { ...odd, ...known });
    t.is(both.status, 200, `${path}: ${both.text}`);
    t.is((await shown())[key], Object.values(known)[0], path);
    const before = await shown();
    const alone = await send('PUT', path, odd);
    t.is(alone.status, 200, `${path}: ${alone.text}`);
    t.is((await shown())[key], before[key], path);
    t.false('nonsense' in (await shown()), path);
  }
});

test('accounts: a name or password that is no text is refused, not left out', async (t) => {
  const server = await startAdminServer(t);
  const add = await server.request({
    method: 'POST',
    path: '/api/accounts',
    body: { username: 'Plain', password: 'old' },
  });
  const { id } = add.json as { id: number };
  const put = async (body: unknown) =>
    (await server.request({ method: 'PUT', path: `/api/accounts/${id}`, body })).status;
  for (const password of [5, true, ['new'], { a: 1 }])
    t.is(await put({ password }), 400, JSON.stringify(password));
  for (const username of [5, ['x'], true]) t.is(await put({ username }), 400, JSON.stringify(username));
  for (const body of [{ password: '' }, { password: null }, { username: null }, {}])
    t.is(await put(body), 200);
  const check = { username: 'Plain', password: 'old' };
  t.deepEqual((await server.request({ method: 'POST', path: '/api/accounts/auth', body: check })).json, {
    status: 3,
  });
});

test('accounts: names that people cannot tell apart are one, also over this API', async (t) => {
  const server = await startAdminServer(t);
  const post = async (username: string) =>
    (await server.request({ method: 'POST', path: '/api/accounts', body: { username, password: 'x' } }))
      .status;
  t.is(await post('Alice'), 200);
  for (const name of ['Alice', 'Alice ', ' Alice', 'Al\u200bice', 'Al\u00adice', 'Ａlice', 'ALICE\u2060'])
    t.is(await post(name), 400, JSON.stringify(name));
  // as the originals do
  t.is(await post('alice'), 200);
  t.is(await post('Bob'), 200);
  const rename = { method: 'PUT', path: '/api/accounts/3', body: { username: 'Alice\u200b' } };
  t.is((await server.request(rename)).status, 404);
});

test('settings: what means nothing changes nothing, and no restriction is lifted by it', async (t) => {
  const server = await startAdminServer(t, { settings: { requireMatchingHost: 'true', serverTitle: 'Ink' } });
  for (const value of [null, [], {}, ['true']]) {
    const body = {
      allowGuests: value,
      requireMatchingHost: value,
      serverTitle: value,
      sessionCountLimit: value,
    };
    const { json } = await server.request({ method: 'PUT', path: '/api/server', body });
    const { _invalid: invalid, ...settings } = json as Record<string, Record<string, string>>;
    t.deepEqual(Object.keys(invalid!).sort(), Object.keys(body).sort(), JSON.stringify(value));
    t.like(settings, { allowGuests: true, serverTitle: 'Ink', sessionCountLimit: 25 });
  }
  const list = async (enabled: unknown) =>
    server.request({ method: 'PUT', path: '/api/listserverwhitelist', body: { enabled } });
  t.like((await list(true)).json, { enabled: true });
  for (const enabled of [null, [], {}]) t.is((await list(enabled)).status, 400, JSON.stringify(enabled));
  t.like((await list('true')).json, { enabled: true });
  t.like((await list(1)).json, { enabled: true });
  t.like((await list(false)).json, { enabled: false });
});

test('settings: a flag that is neither true nor false is refused by name, and keeps its value', async (t) => {
  const flags = { allowGuests: 'true', forceNsfm: 'true', requireMatchingHost: 'true', archive: 'false' };
  const server = await startAdminServer(t, { settings: flags });
  const put = async (body: unknown) =>
    (await server.request({ method: 'PUT', path: '/api/server', body })) as { status: number; json: object };
  for (const value of ['maybe', 'yes', 'on', '', ' true', 2, -1, 0.5]) {
    const body = Object.fromEntries(Object.keys(flags).map((name) => [name, value]));
    const { json, status } = await put(body);
    t.is(status, 200, JSON.stringify(value));
    t.like(
      json,
      {
        allowGuests: true,
        forceNsfm: true,
        archive: false,
        _invalid: Object.fromEntries(Object.keys(flags).map((name) => [name, 'expected true or false'])),
      },
      JSON.stringify(value),
    );
    const list = { method: 'PUT', path: '/api/listserverwhitelist', body: { enabled: value } };
    t.is((await server.request(list)).status, 400, JSON.stringify(value));
  }
  for (const [value, isOn] of [
    ['FALSE', false],
    ['True', true],
    ['0', false],
    [1, true],
    [0, false],
    ['1', true],
    [false, false],
  ] as const) {
    const { json } = await put({ allowGuests: value, forceNsfm: value });
    t.like(json, { allowGuests: isOn, forceNsfm: isOn }, JSON.stringify(value));
    t.false('_invalid' in json, JSON.stringify(value));
  }
});

test('settings: of a request with a value that means nothing the others are taken', async (t) => {
  const server = await startAdminServer(t);
  const body = { allowGuests: 'maybe', serverTitle: 'Ink', sessionCountLimit: '7' };
  const { json } = await server.request({ method: 'PUT', path: '/api/server', body });
  t.like(json, { allowGuests: true, serverTitle: 'Ink', sessionCountLimit: 7 });
  t.deepEqual((json as Record<string, unknown>)._invalid, { allowGuests: 'expected true or false' });
});

test('locks: sections that are no list and a password that is no text are refused', async (t) => {
  const server = await startAdminServer(t);
  const put = async (body: unknown) => server.request({ method: 'PUT', path: '/api/locks', body });
  t.is((await put({ sections: ['bans'], password: 1234 })).status, 400);
  t.is((await put({ sections: 'bans', password: 'secret' })).status, 400);
  t.is((await put({ sections: { bans: true }, password: 'secret' })).status, 400);
  t.like((await put({ sections: ['bans'], password: 'secret' })).json, {
    password: true,
    sections: { bans: true },
  });
  t.is((await put({ sections: 'none', password: 'secret' })).status, 400);
  t.is((await put({ sections: [], password: ['secret'] })).status, 400);
  t.like((await server.request({ path: '/api/locks' })).json, { sections: { bans: true } });
});
