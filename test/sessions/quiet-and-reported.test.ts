// What everybody is told at once, and what nobody is: a limit that is lowered below what a session holds, and a reset
// as the lobby sees it.
import test from 'ava';
import { endSession } from '../../src/lib/core/session/ending.js';
import { MemorySettings } from '../../src/lib/core/settings/settings.js';
import { Client } from '../helpers/client.js';
import { startTestServer } from '../helpers/server.js';
import { frame, type JsonObject, jsonOf } from '../helpers/wire.js';

const heardOf = (client: Client, from: number): JsonObject[] =>
  client.log.slice(from).flatMap((message) => {
    const json = jsonOf(message);
    return json === undefined ? [] : [json];
  });

test('a limit below the size of sessions is told to all of them at once, and so is that they are full', async (t) => {
  const settings = new MemorySettings({ sessionSizeLimit: '1mb' });
  const server = await startTestServer({ more: { settings } });
  t.teardown(() => server.stop());
  const hosts = [];
  for (const name of ['first', 'second']) {
    const host = await Client.host(server.port, { name });
    for (let i = 0; i < 20; i++) host.draw(Buffer.alloc(10_000));
    await host.ping();
    hosts.push(host);
  }
  const small = await Client.host(server.port, { name: 'small' });
  await small.ping();
  const from = [...hosts, small].map(({ log }) => log.length);
  settings.set('sessionSizeLimit', '100kb');
  for (const [i, host] of hosts.entries()) {
    await host.ping();
    const heard = heardOf(host, from[i]!);
    t.true(heard.some(({ config }) => (config as JsonObject | undefined)?.maxSize === 102_400));
    t.true(heard.some(({ type }) => type === 'outofspace'));
    host.draw('refused');
    await host.ping();
    t.false(host.log.some(({ payload }) => Buffer.from(payload).includes('refused')));
  }
  await small.ping();
  const heard = heardOf(small, from[2]!);
  t.true(heard.some(({ config }) => (config as JsonObject | undefined)?.maxSize === 102_400));
  t.false(heard.some(({ type }) => type === 'outofspace'));
  settings.set('sessionSizeLimit', '1mb');
  hosts[0]!.draw('accepted');
  await hosts[0]!.next(({ payload }) => Buffer.from(payload).includes('accepted'));
});

test('the lobby hears nothing of a reset, done or cancelled', async (t) => {
  const server = await startTestServer();
  t.teardown(() => server.stop());
  const host = await Client.host(server.port, { name: 'host' });
  const watcher = await Client.inLobby(server.port, { name: 'watcher' });
  await watcher.ping();
  const from = watcher.log.length;
  await host.resetTo([frame(148, 1, 'new')]);
  host.command('reset-session');
  await host.reply('reset', { state: 'init' });
  host.command('init-cancel');
  await host.reply('alert', { reset: 'cancel' });
  await watcher.ping();
  t.deepEqual(heardOf(watcher, from), []);
  host.command('sessionconf', [], { title: 'Told' });
  await watcher.next((message) => JSON.stringify(jsonOf(message) ?? '').includes('Told'));
});

test('after a quiet end each hears their own messages, as they sent them, and nobody else', async (t) => {
  const server = await startTestServer();
  t.teardown(() => server.stop());
  const host = await Client.host(server.port, { name: 'host' });
  const guest = await Client.join(server.port, host.sessionId, { name: 'guest' });
  const from = host.log.length;
  endSession(server.running.directory.find(host.sessionId)!, { kind: 'server' }, { isQuiet: true });
  // The id of another: nothing puts the own one there any more.
  guest.send(frame(148, 77, 'mine'));
  const heard = await guest.next(({ payload }) => Buffer.from(payload).includes('mine'));
  t.is(heard.context, 77);
  await host.ping();
  t.deepEqual(
    host.log.slice(from).filter(({ payload }) => Buffer.from(payload).includes('mine')),
    [],
  );
  t.false(host.isClosed);
});
