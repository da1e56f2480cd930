// What hostile and broken clients do to a whole server: it goes on, its memory stays bounded, the log stays short.

import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { createSecureContext } from 'node:tls';
import test, { type ExecutionContext } from 'ava';
import { startAdminServer } from '../../helpers/admin-server.js';
import { makePair } from '../../helpers/certificates.js';
import { Client } from '../../helpers/client.js';
import { startTestServer } from '../../helpers/server.js';
import { until } from '../../helpers/until.js';
import { command, frame, messageType, ping } from '../../helpers/wire.js';

async function open(t: ExecutionContext, port: number, localAddress = '127.0.0.1'): Promise<Socket> {
  const socket = connect({ port, host: '127.0.0.1', localAddress });
  socket.on('error', () => undefined);
  t.teardown(() => socket.destroy());
  await once(socket, 'connect');
  return socket;
}

test('one who floods with pings is cut off', async (t) => {
  const server = await startTestServer();
  t.teardown(() => server.stop());
  const socket = await open(t, server.port);
  socket.pause();
  const flood = Buffer.concat(Array<Buffer>(10_000).fill(ping));
  let unsent = 0;
  const pump = (error?: Error | null) => {
    if (error) return;
    for (const { connection } of server.running.peers.all) unsent = Math.max(unsent, connection.unsentBytes);
    if (!socket.destroyed) socket.write(flood, pump);
  };
  const [peer] = [...server.running.peers.all];
  pump();
  await until('the flood is cut off', () => peer!.isClosed);
  socket.destroy();
  t.true(server.log.some(({ message }) => message.includes('flood of pings')));
  t.true(unsent < 8 * 1024 * 1024, `${unsent} bytes waited`);
});

test('garbage by the thousand costs the log a few lines', async (t) => {
  const server = await startTestServer();
  t.teardown(() => server.stop());
  const host = await Client.host(server.port, { name: 'hana' });
  t.teardown(() => host.drop());
  for (let round = 0; round < 300; round++) {
    const socket = await open(t, server.port, '127.0.9.1');
    const closed = once(socket, 'close');
    socket.resume();
    socket.write(frame(31, 0, 'no such message'));
    await closed;
  }
  await host.ping();
  t.false(host.isClosed);
  const lines = server.log.filter(({ level, user }) => level !== 'debug' && user?.ip === '127.0.9.1');
  t.true(lines.length <= 25, `${lines.length} lines`);
});

test('a message that never ends is given up, others go on', async (t) => {
  const server = await startTestServer({ settings: { clientTimeout: '5' } });
  t.teardown(() => server.stop());
  const sockets = await Promise.all(Array.from({ length: 50 }, () => open(t, server.port)));
  for (const socket of sockets) {
    socket.resume();
    socket.write(Buffer.from([0xff, 0xff, 150, 0, 1]));
  }
  const closed = Promise.all(sockets.map((socket) => once(socket, 'close')));
  const good = await Client.inLobby(server.port, { name: 'good' });
  t.teardown(() => good.drop());
  for (let second = 0; second < 8; second++) {
    await good.ping();
    server.clock.advance(1000);
  }
  await closed;
  await good.ping();
  t.false(good.isClosed);
});

test('one address has only so many connections', async (t) => {
  const server = await startTestServer({
    settings: { connectionsPerAddress: '5', newConnectionsPerSecond: '0' },
  });
  t.teardown(() => server.stop());
  const sockets: Socket[] = [];
  for (let i = 0; i < 5; i++) {
    const socket = await open(t, server.port, '127.0.8.1');
    await once(socket, 'data');
    sockets.push(socket);
  }
  const sixth = await open(t, server.port, '127.0.8.1');
  sixth.resume();
  await once(sixth, 'close');
  const other = await open(t, server.port, '127.0.8.2');
  await once(other, 'data');
  sockets[0]!.destroy();
  await until('the server has noticed that one left', () => [...server.running.peers.all].length <= 5);
  const seventh = await open(t, server.port, '127.0.8.1');
  await once(seventh, 'data');
  t.is(server.log.filter(({ message }) => message.includes('refused: it has 5')).length, 1);
});

test('half-open handshakes and silent connections of WebSocket are bounded', async (t) => {
  const pair = await makePair();
  const context = createSecureContext({ cert: pair.certificate, key: pair.key });
  const server = await startTestServer({
    more: { webSocket: { host: '127.0.0.1', port: 0 }, secureContext: () => context },
  });
  t.teardown(() => server.stop());
  const sockets: Socket[] = [];
  for (let i = 0; i < 600; i++) {
    const socket = await open(t, server.webSocketPort);
    socket.resume();
    sockets.push(socket);
    // the start of a ClientHello, of a request, or nothing
    if (i % 3 === 0) socket.write(Buffer.from('1603010200010001fc0303', 'hex'));
    if (i % 3 === 1) socket.write('GET / HTTP/1.1\r\nHost: x\r\n');
  }
  await until(
    'those beyond the limit are closed',
    () => sockets.filter(({ destroyed, closed }) => destroyed || closed).length >= 100,
  );
  t.true(sockets.filter(({ destroyed }) => !destroyed).length <= 500);
  t.is([...server.running.peers.all].length, 0);
});

test('a slow request to the admin API is ended, others are answered', async (t) => {
  const server = await startAdminServer(t, { hasPort: true });
  const slow = await open(t, server.admin.port);
  slow.resume();
  slow.write('POST /api/server HTTP/1.1\r\nHost: x\r\nContent-Le');
  const status = await server.request({ path: '/api/status', port: server.admin.port });
  t.is(status.status, 200);
  const garbage = await open(t, server.admin.port);
  garbage.resume();
  const closed = once(garbage, 'close');
  garbage.write(Buffer.alloc(1000, 0xff));
  await closed;
  const many = await Promise.all(Array.from({ length: 300 }, () => open(t, server.admin.port)));
  for (const socket of many) socket.resume();
  // beyond the limit they are closed; the ones that are let in keep nobody out for long
  await until('some are closed', () => many.filter(({ destroyed }) => destroyed).length >= 40);
  for (const socket of many) socket.destroy();
  t.is(
    (await server.request({ path: '/api/status' })).status,
    200,
    'the socket of this machine is always free',
  );
});

test('commands that are no JSON, too deep or too many end nothing else', async (t) => {
  const server = await startTestServer();
  t.teardown(() => server.stop());
  const host = await Client.host(server.port, { name: 'hana' });
  t.teardown(() => host.drop());
  const bad = [
    frame(messageType.command, 0, '{'),
    frame(messageType.command, 0, `${'['.repeat(30_000)}${']'.repeat(30_000)}`),
    frame(messageType.command, 0, '{"cmd":"ident","args":{"0":"x"}}'),
    command('ident', ['x'.repeat(60_000)]),
    command('__proto__', []),
    command('constructor', [{ length: -1 }]),
  ];
  for (const bytes of bad) {
    const socket = await open(t, server.port);
    socket.resume();
    socket.write(bytes);
    socket.end();
    await once(socket, 'close');
  }
  await host.ping();
  t.false(host.isClosed);
  t.deepEqual(server.problems, []);
});
