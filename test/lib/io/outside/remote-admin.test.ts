import http from 'node:http';
import type { AddressInfo } from 'node:net';
import * as path from 'node:path';
import test, { type ExecutionContext } from 'ava';
import type { Admin } from '../../../../src/lib/admin/admin.js';
import { Fault, Refusal } from '../../../../src/lib/core/errors.js';
import { readServerAddress } from '../../../../src/lib/io/outside/admin-http.js';
import { remoteAdmin } from '../../../../src/lib/io/outside/remote-admin.js';
import { testAdmin } from '../../../contracts/admin.js';
import { startAdminServer } from '../../../helpers/admin-server.js';
import { makeFolder } from '../../../helpers/certificates.js';
import { Client } from '../../../helpers/client.js';
import { until } from '../../../helpers/until.js';

testAdmin(test, 'over the socket of a running server', async (t) => {
  const { admin } = await startAdminServer(t);
  return { admin: remoteAdmin({ label: 'here', socketPath: admin.socketPath! }) };
});

/** Stands before a server of ours and knows only what an original does. */
async function original(t: ExecutionContext) {
  const server = await startAdminServer(t);
  const proxy = http.createServer((request, response) => {
    if (request.url!.startsWith('/api/dp/')) {
      request.resume();
      response.writeHead(404, { 'content-type': 'application/json' });
      response.end('{"message":"Not found","status":"error"}');
      return;
    }
    const { method, url, headers } = request;
    const inner = http.request(
      { socketPath: server.admin.socketPath!, method, path: url, headers },
      (answer) => {
        response.writeHead(answer.statusCode!, answer.headers);
        answer.pipe(response);
      },
    );
    request.pipe(inner);
  });
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
  t.teardown(() => {
    proxy.closeAllConnections();
    proxy.close();
  });
  const { port } = proxy.address() as AddressInfo;
  return { server, admin: remoteAdmin(readServerAddress(`http://127.0.0.1:${port}/api/`, undefined)!) };
}

test('an original server does what its API can say', async (t) => {
  const { admin, server } = await original(t);
  const [set] = await admin.run('config.change', { set: { idleTimeLimit: '90m' } });
  t.is(set?.value, 5400);
  t.is((await admin.run('config.get', { name: 'idleTimeLimit' })).text, '90m');
  await t.throwsAsync(admin.run('config.change', { set: { idleTimeLimit: 'soon' } }), {
    message: /rejected/,
  });
  const anna = await admin.run('user.add', { name: 'anna', password: 'pw', flags: ['MOD'] });
  t.deepEqual((await admin.run('user.change', { key: { name: 'anna' }, addFlags: ['host'] })).flags, [
    'MOD',
    'HOST',
  ]);
  t.is(await admin.run('user.login', { name: 'anna', password: 'pw' }), 'ok');
  t.is((await admin.run('user.remove', { key: { id: anna.id } })).name, 'anna');
  const ban = await admin.run('ban.add', { kind: 'ip', address: '10.0.0.0', bits: 8 });
  t.like(ban, { target: '10.0.0.0/8', expires: null, isActive: true });
  t.is((await admin.run('ban.list', {})).length, 1);
  t.is((await admin.run('ban.remove', { refs: [{ kind: 'ip', id: ban.id }] })).length, 1);
  t.deepEqual((await admin.run('listserver.add', { entry: 'https://drawpile.net/api/listing/' })).list, [
    '^https://drawpile\\.net/api/listing/',
  ]);

  const host = await Client.host(server.server.port, { name: 'hana', alias: 'room' });
  t.teardown(() => host.drop());
  t.is((await admin.run('session.get', { session: 'room' })).id, host.sessionId);
  t.is((await admin.run('session.set', { session: 'room', change: { title: 'New' } })).title, 'New');
  t.deepEqual(await admin.run('session.message', { session: 'room', text: 'hello' }), {
    sessions: 1,
    users: 1,
  });
  t.is((await host.reply('msg', { message: 'hello' })).message, 'hello');
  t.like(await admin.run('server.status', {}), { sessions: 1, users: 1, version: 'drawpile-srv' });
  t.true((await admin.run('log.query', { order: 'newest', topics: ['Join'] })).length > 0);
  await admin.run('session.kick', { session: 'room', user: 'hana', message: 'bye' });
  await host.closed;
});

test('what an original lacks is named, with status 5', async (t) => {
  const { admin } = await original(t);
  for (const lacking of [
    () => admin.run('session.ban', { session: 'x', user: 1 }),
    () => admin.run('server.stop', {}),
    () => admin.run('config.change', { set: { announceAllowPrivate: 'true' } }),
  ]) {
    const error = await t.throwsAsync<Refusal>(lacking, { instanceOf: Refusal });
    t.is(error?.kind, 'unsupported');
    t.regex(error?.message ?? '', /drawpile-srv/);
  }
});

test('live sessions over the socket', async (t) => {
  const { admin: listeners, server, configuration } = await startAdminServer(t);
  await configuration.stores.settings.change(new Map([['persistence', 'true']]));
  const admin: Admin = remoteAdmin({ label: 'here', socketPath: listeners.socketPath! });
  const host = await Client.host(server.port, { name: 'hana', alias: 'room', title: 'Ink' });
  const guest = await Client.join(server.port, host.sessionId, { name: 'gus' });
  t.teardown(async () => {
    await host.drop();
    await guest.drop();
  });
  const id = host.sessionId;
  t.is((await admin.run('session.list', {})).length, 1);
  t.is(
    (await admin.run('session.get', { session: id.slice(0, 20) })).title,
    'Ink',
    'the beginning of an id will do',
  );
  t.deepEqual(
    (await admin.run('session.users', { session: 'room' })).map(({ name }) => name),
    ['hana', 'gus'],
  );
  await admin.run('session.role', { session: 'room', user: 'gus', op: true, muted: true });
  const [, gus] = await admin.run('session.users', { session: 'room' });
  t.like(gus, { op: true, muted: true });
  const invite = await admin.run('session.invite', { session: 'room', maxUses: 3 });
  t.like(invite, { maxUses: 3, session: id });
  await admin.run('session.uninvite', { session: 'room', secret: String(invite.secret) });
  const set = await admin.run('session.set', {
    session: 'room',
    change: { maxUserCount: 7, persistent: true },
  });
  t.like(set, { maxUserCount: 7, persistent: true });
  const wrong = await t.throwsAsync<Refusal>(
    admin.run('session.set', { session: 'room', change: { titel: 'x' } }),
  );
  t.regex(wrong?.hint ?? '', /'title'/);
  const part = await admin.run('session.export', { session: 'room' });
  t.true(Buffer.from(part.frames, 'base64').includes(Buffer.from('hana')));
  t.is(part.next, undefined);
  await admin.run('session.reset', { session: 'room' });
  await host.reply('autoreset');
  const { bans } = await admin.run('session.ban', { session: 'room', user: 'gus' });
  await guest.closed;
  t.like(bans[0], { username: 'gus' });
  t.deepEqual((await admin.run('session.unban', { session: 'room', ban: Number(bans[0]?.id) })).bans, []);
  t.like((await admin.run('online.list', {}))[0], { name: 'hana', session: id });
  const nobody = await t.throwsAsync<Refusal>(admin.run('session.kick', { session: 'room', user: 'nobody' }));
  t.is(nobody?.kind, 'notFound');
  t.deepEqual(await admin.run('session.kill', { session: 'room', reason: 'time to go' }), { id, users: 1 });
  t.like(await host.reply('alert', { T: 'terminatesessionadmin' }), { P: { reason: 'time to go' } });
  await host.closed;
});

test('the log is followed as it is written', async (t) => {
  const { admin: listeners, server } = await startAdminServer(t);
  const admin = remoteAdmin({ label: 'here', socketPath: listeners.socketPath! });
  const messages: string[] = [];
  let seen = () => {};
  const joined = new Promise<void>((resolve) => {
    seen = resolve;
  });
  const following = await admin.follow(({ topic, message }) => {
    messages.push(message);
    if (topic === 'Join') seen();
  });
  const host = await Client.host(server.port, { name: 'hana' });
  t.teardown(() => host.drop());
  await joined;
  t.true(messages.includes('Joined session'));
  following.stop();
  await following.ended;
});

test('what is followed is believed only in the shape of an entry', async (t) => {
  const entry = { time: 1, level: 'info', topic: 'Status', message: 'first' };
  const server = http.createServer((_request, response) => {
    response.writeHead(200, { 'content-type': 'application/x-ndjson' });
    for (const line of [
      'no JSON',
      '',
      'null',
      JSON.stringify({ ...entry, time: 'now' }),
      JSON.stringify({ ...entry, topic: 'Weather' }),
      JSON.stringify({ ...entry, user: 'hana' }),
      JSON.stringify(entry),
      JSON.stringify({ ...entry, message: 'second', added: 'by a newer server' }),
    ]) {
      response.write(`${line}\n`);
    }
    response.end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.teardown(() => server.close());
  const { port } = server.address() as AddressInfo;
  const admin = remoteAdmin({ label: 'other', base: new URL(`http://127.0.0.1:${port}`) });
  const messages: string[] = [];
  const following = await admin.follow(({ message }) => messages.push(message));
  await following.ended;
  t.deepEqual(messages, ['first', 'second']);
});

test('sections are locked, unlocked with their password only, and an entry is added to the log', async (t) => {
  const running = await startAdminServer(t);
  const admin = remoteAdmin({ label: 'here', socketPath: running.admin.socketPath! });
  const options = { sections: ['accounts'], password: 'secret' } as const;
  t.deepEqual(await admin.run('server.lock', options), {
    isSupported: true,
    hasPassword: true,
    sections: ['accounts'],
  });
  t.deepEqual((await running.get('/api/locks')) as object, {
    supported: true,
    password: true,
    sections: {
      accounts: true,
      bans: false,
      extbans: false,
      listserverwhitelist: false,
      server: false,
      sessions: false,
    },
  });
  await t.throwsAsync(admin.run('server.lock', { sections: [] }), {
    instanceOf: Refusal,
    message: /wrong password/,
  });
  t.deepEqual((await admin.run('server.locks', {})).sections, ['accounts']);
  t.deepEqual(await admin.run('server.lock', { sections: [], password: 'secret' }), {
    isSupported: true,
    hasPassword: false,
    sections: [],
  });
  const entry = { level: 'warn', topic: 'Status', message: '[bot] wrote this' } as const;
  t.like(await admin.run('log.write', entry), entry);
  t.like((await admin.run('log.query', { order: 'newest', contains: '[bot]' }))[0], entry);
  t.deepEqual(await admin.run('extban.clear', {}), { removed: 0 });
});

test('accounts are kept as they are written where that is asked for, and by the rules of dp elsewhere', async (t) => {
  const running = await startAdminServer(t);
  const admin = remoteAdmin({ label: 'here', socketPath: running.admin.socketPath! });
  await admin.run('user.add', { name: 'anna', password: 'x', flags: ['mod'] });
  await t.throwsAsync(admin.run('user.add', { name: 'Anna', password: 'x' }), { instanceOf: Refusal });
  const { id } = await admin.run('user.add', {
    name: 'Anna',
    password: 'x',
    flags: ['m o d'],
    isVerbatim: true,
  });
  await admin.run('user.change', { key: { id }, flags: ['', 'Mod', 'Mod'], isVerbatim: true });
  t.like((await running.get('/api/accounts')) as object, [
    { username: 'anna', flags: 'MOD' },
    { username: 'Anna', flags: ',Mod,Mod' },
  ]);
});

test('a stop in a while is told and can be taken back', async (t) => {
  const running = await startAdminServer(t);
  const admin = remoteAdmin({ label: 'here', socketPath: running.admin.socketPath! });
  const host = await Client.host(running.server.port, { name: 'hana' });
  t.teardown(() => host.drop());
  const { stopsAt } = await admin.run('server.stop', { seconds: 300, message: 'New disk.' });
  t.true(stopsAt > Date.now() + 290_000);
  t.regex(String((await host.reply('alert')).message), /stop in 5 min.*New disk\./);
  t.is((await admin.run('server.status', {})).stopsAt, stopsAt);
  t.true((await admin.run('server.keep', {})).wasAhead);
  t.is((await admin.run('server.status', {})).stopsAt, null);
  await admin.run('server.stop', {});
  await until('the server is to stop', () => running.stops > 0);
  t.is(running.stops, 1);
});

test('wrong addresses, wrong passwords, nobody there', async (t) => {
  const { admin } = await startAdminServer(t, {
    hasPort: true,
    values: { 'web-admin-auth': 'admin:secret' },
  });
  const url = `http://127.0.0.1:${admin.port}`;
  const at = (text: string, auth?: string) => remoteAdmin(readServerAddress(text, auth)!);
  t.is((await at(url, 'admin:secret').run('server.status', {})).sessions, 0);
  t.is((await at(url.replace('//', '//admin:secret@')).run('server.status', {})).sessions, 0);
  const unnamed = await t.throwsAsync<Refusal>(at(url).run('server.status', {}), { instanceOf: Refusal });
  t.regex(unnamed?.hint ?? '', /--auth/);
  await t.throwsAsync(at(url, 'admin:wrong').run('server.status', {}), {
    message: /rejected the name/,
  });
  const gone = await t.throwsAsync<Fault>(at('http://127.0.0.1:1').run('server.status', {}), {
    instanceOf: Fault,
  });
  t.is(gone?.kind, 'unreachable');
  const dead = at(path.join(makeFolder(t), 'nothing.sock'));
  t.is((await t.throwsAsync<Fault>(dead.run('server.status', {})))?.kind, 'unreachable');
  const page = http.createServer((_request, response) => response.end('<html>hello</html>'));
  await new Promise<void>((resolve) => page.listen(0, '127.0.0.1', resolve));
  t.teardown(() => page.close());
  const { port } = page.address() as AddressInfo;
  await t.throwsAsync(at(`http://127.0.0.1:${port}`).run('server.status', {}), {
    message: /is not an admin API/,
  });
  t.is(readServerAddress('studio', undefined), undefined);
});

test('a connection that breaks: what looks is asked again, what changes is not', async (t) => {
  let asked = 0;
  const server = http.createServer((request, response) => {
    asked += 1;
    if (asked % 2 === 1) return void request.socket.destroy();
    response.writeHead(200, { 'content-type': 'application/json' });
    response.end('[]');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.teardown(() => server.close());
  const { port } = server.address() as AddressInfo;
  const admin = remoteAdmin(readServerAddress(`http://127.0.0.1:${port}`, undefined)!);
  t.deepEqual(await admin.run('session.list', {}), []);
  t.is(asked, 2);
  const error = await t.throwsAsync<Fault>(admin.run('session.kill', { session: 'x' }));
  t.is(error?.kind, 'unreachable');
  t.is(asked, 3);
});
