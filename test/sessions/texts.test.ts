// What people read when something is done to them, or the server stops.

import test, { type ExecutionContext } from 'ava';
import { makeStorage } from '../../src/lib/server/storage.js';
import { startAdminServer } from '../helpers/admin-server.js';
import { Client, isReply } from '../helpers/client.js';
import { startTestServer } from '../helpers/server.js';
import { tempFolder } from '../helpers/temp-folder.js';
import { until } from '../helpers/until.js';
import { type JsonObject, messageType } from '../helpers/wire.js';

/** The text of the message with which the server ends a connection. */
async function lastWords(client: Client): Promise<string> {
  await client.closed;
  const last = client.log.at(-1)!;
  return last.type === messageType.disconnect ? last.payload.toString('utf8', 1) : '';
}

async function company(t: ExecutionContext) {
  const server = await startAdminServer(t);
  const host = await Client.host(server.server.port, { name: 'host' });
  const guest = await Client.join(server.server.port, host.sessionId, { name: 'guest' });
  await guest.caughtUp();
  t.teardown(() => Promise.all([host.drop(), guest.drop()]));
  const run = (operation: string, input: JsonObject) =>
    server.request({
      method: 'POST',
      path: `/api/dp/1/${operation}`,
      body: { session: host.sessionId, ...input },
    });
  return { server, host, guest, run };
}

test('a ban by an administrator says so in the alert, in the line, and in the ban list', async (t) => {
  const { host, guest, run } = await company(t);
  await run('session/ban', { user: 'guest' });
  t.is(await lastWords(guest), 'the server administrator, who also banned you from this session');
  const line = await host.reply('msg', { T: 'ban' });
  t.is(line.message, 'guest was banned by the server administrator');
  t.deepEqual(line.P, { target: 'guest', by: 'the server administrator' });
});

test('a kick by an administrator says only that', async (t) => {
  const { host, guest, run } = await company(t);
  await run('session/kick', { user: 'guest' });
  t.is(await lastWords(guest), 'the server administrator');
  t.is((await host.reply('msg', { T: 'kick' })).message, 'guest was kicked by the server administrator');
});

test('a ban by an operator ends the connection with the name of the operator', async (t) => {
  const { host, guest } = await company(t);
  host.command('kick-user', ['guest'], { ban: true });
  t.is(await lastWords(guest), 'host');
  t.true(guest.log.some(isReply('msg', { T: 'ban', message: 'guest was banned by host' })));
});

test('a message to one person says that it is private, one to all does not', async (t) => {
  const { server, host, guest, run } = await company(t);
  const path = `/api/sessions/${host.sessionId}`;
  for (const report of [
    () => run('session/message', { user: 'guest', text: 'a word' }),
    () => server.request({ method: 'PUT', path: `${path}/${guest.userId}`, body: { message: 'a word' } }),
  ]) {
    await report();
    t.is((await guest.reply('msg')).message, 'Private message from the server administrator: a word');
  }
  await server.request({ method: 'PUT', path: `${path}/${guest.userId}`, body: { alert: 'a word' } });
  t.is((await guest.reply('alert')).message, 'Private message from the server administrator: a word');
  await run('session/message', { text: 'hello all' });
  t.is((await guest.reply('msg')).message, 'hello all');
});

test('who is muted is told, by an operator and by an administrator, and nobody else', async (t) => {
  const { host, guest, run } = await company(t);
  host.command('mute', ['guest', true]);
  t.is((await guest.reply('msg')).message, 'host muted you: nobody else sees what you write in the chat.');
  await run('session/role', { user: 'guest', muted: false });
  t.is(
    (await guest.reply('msg')).message,
    'the server administrator unmuted you: everyone sees your chat again.',
  );
  await host.ping();
  t.false(
    host.log.some(
      isReply('msg', { message: 'host muted you: nobody else sees what you write in the chat.' }),
    ),
  );
  const from = guest.log.length;
  host.command('mute', ['guest', false]);
  await host.ping();
  await guest.ping();
  t.is(guest.log.length, from, 'nothing changed');
});

test('a reset that an administrator asks for does not speak of a threshold', async (t) => {
  const { host, run } = await company(t);
  const from = host.log.length;
  await run('session/reset', {});
  const line = await host.reply('log', { topic: 'Status', level: 'Info' });
  await host.reply('autoreset', { query: true });
  const lines = host.log
    .slice(from)
    .filter(isReply('log'))
    .map(({ payload }) => payload.toString());
  t.truthy(line);
  t.true(lines.some((text) => text.includes('The server administrator asked for a session reset')));
  t.false(lines.some((text) => text.includes('threshold')));
});

test('a server that stops says whether sessions are kept', async (t) => {
  const inMemory = await startTestServer();
  const first = await Client.host(inMemory.port, { name: 'host' });
  await inMemory.stop();
  t.is(await lastWords(first), 'The server is shutting down.');
  const folder = tempFolder(t);
  const inFiles = await startTestServer({
    surround: async (base) => {
      const storage = await makeStorage({ ...base, sessions: folder });
      return { parts: { ...storage.parts, found: storage.open() }, stop: () => storage.stop() };
    },
  });
  const second = await Client.host(inFiles.port, { name: 'host' });
  const lobby = await Client.inLobby(inFiles.port, { name: 'lobby' });
  await inFiles.stop();
  const text = 'The server is shutting down. Sessions are kept: join again when the server is back.';
  t.is(await lastWords(second), text);
  t.is(await lastWords(lobby), text);
});

test('what the administrator says about the stop is the last that everyone reads', async (t) => {
  const { server, host, guest } = await company(t);
  const body = { message: 'Back in an hour.' };
  await server.request({ method: 'POST', path: '/api/dp/1/server/stop', body });
  t.is((await guest.reply('alert')).message, 'Back in an hour.');
  await until('the server is to stop', () => server.stops > 0);
  await server.server.stop();
  for (const client of [host, guest]) {
    t.is(await lastWords(client), 'The server is shutting down. Back in an hour.');
  }
});
