// A process takes the place of the one that serves while something is under way: half a message, a login, an upload, a reset, a
// client that does not read, WebSockets.
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { Client, smallImage } from '../helpers/client.js';
import { DrawingLoad } from '../helpers/drawing-load.js';
import { freePort } from '../helpers/free-port.js';
import { endsWith, hasLostNothing, joined, openSession, restarted } from '../helpers/restarted.js';
import { serveBinary } from '../helpers/serve-binary.js';
import { until } from '../helpers/until.js';
import { openWebSocketClient } from '../helpers/web-socket-link.js';
import { frame } from '../helpers/wire.js';

/** As long as a message may be nearly, so that what a client does not read fills all buffers on the way. */
const largeStroke = frame(151, 0, Buffer.alloc(60_000, 7));

/** Of which an unprivileged server can make use. */
function tempFolder(t: ExecutionContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'dp-memory-'));
  chmodSync(folder, 0o777);
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

test('users by WebSocket stay, also with messages that are cut anywhere', async (t) => {
  const webSocketPort = await freePort();
  const server = await serveBinary(
    t,
    'socket',
    ...['--websocket-port', String(webSocketPort), '--websocket-listen', '127.0.0.1'],
  );
  endsWith(t, server);
  const all = await openSession(server, 1);
  for (let i = 0; i < 3; i++) {
    const { client } = await openWebSocketClient(webSocketPort, { name: `browser ${i}` });
    await client.logIn('join', all[0]?.sessionId);
    await client.join(all[0]?.sessionId ?? '');
    await client.caughtUp();
    all.push(client);
  }
  const load = new DrawingLoad(all);
  load.begin();
  for (let round = 0; round < 3; round++) {
    for (const client of all.slice(2)) client.send(largeStroke);
    await restarted(server);
  }
  await hasLostNothing(t, load, all);
  const large = all.map((client) => client.canvas.filter(({ type }) => type === 151).length);
  t.deepEqual(
    large,
    all.map(() => 9),
  );
});

test('half a message, half a login and half an upload are continued', async (t) => {
  const server = await serveBinary(t, 'socket');
  endsWith(t, server);
  const [host, guest] = (await openSession(server, 1)) as [Client, Client];
  const waiting = await Client.open(server.port, { name: 'waiting' });
  await until('it is greeted', () => waiting.log.length > 0);
  const chosen = await Client.open(server.port, { name: 'chosen' });
  await chosen.logIn('join', host.sessionId);
  const uploader = await Client.open(server.port, { name: 'uploader' });
  await uploader.logIn('host');
  await uploader.host({ complete: false });
  const stroke = frame(150, 0, Buffer.alloc(1000, 3));
  guest.send(stroke.subarray(0, 500));
  await restarted(server);
  guest.send(stroke.subarray(500));
  await until('the host has the message', () =>
    host.canvas.some(({ payload }) => payload.equals(stroke.subarray(4))),
  );
  await waiting.logIn('join', host.sessionId);
  await waiting.join(host.sessionId);
  await chosen.join(host.sessionId);
  await chosen.caughtUp();
  uploader.command('init-complete');
  await uploader.reply('status');
  await joined(server, uploader.sessionId, 'late');
  t.false([host, guest, waiting, chosen, uploader].some(({ isClosed }) => isClosed));
});

test('a full reset is continued, and what is drawn meanwhile is not lost', async (t) => {
  const server = await serveBinary(t, 'socket');
  endsWith(t, server);
  const [host, guest] = (await openSession(server, 1)) as [Client, Client];
  host.command('reset-session');
  await host.reply('reset', { state: 'init' });
  host.command('init-begin');
  const image = smallImage(host.userId);
  host.send(...image.slice(0, 1), largeStroke);
  await host.ping();
  await restarted(server);
  host.send(...image.slice(1));
  host.command('init-complete');
  await host.reply('reset', { state: 'reset' });
  await host.reply('caughtup', { key: 0 });
  await until(
    'the guest has the new canvas',
    () => guest.canvas.filter(({ type }) => type >= 128).length === image.length + 1,
  );
  t.true(guest.canvas.some(({ bytes }) => bytes.length === largeStroke.length));
  t.false(guest.isClosed || host.isClosed);
});

for (const stored of ['in files', 'in memory'] as const) {
  test(`a client that does not read gets everything afterwards, with sessions ${stored}`, async (t) => {
    const server =
      stored === 'in files'
        ? await serveBinary(t, 'socket')
        : await serveBinary(t, 'address', '--database', join(tempFolder(t), 'settings.db'));
    endsWith(t, server);
    const all = await openSession(server, 2);
    const [host, , slow] = all as [Client, Client, Client];
    slow.pauseReading();
    const load = new DrawingLoad(all);
    load.begin();
    for (let i = 0; i < 150; i++) host.send(largeStroke);
    await until('the others have it', () => host.canvas.filter(({ type }) => type === 151).length === 150);
    await restarted(server);
    await restarted(server);
    slow.resumeReading();
    await hasLostNothing(t, load, all);
    t.is(slow.canvas.filter(({ type }) => type === 151).length, 150);
  });
}
