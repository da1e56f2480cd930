import { once } from 'node:events';
import http from 'node:http';
import { connect } from 'node:net';
import { createSecureContext } from 'node:tls';
import test, { type ExecutionContext } from 'ava';
import { MemorySettings } from '../../../../src/lib/core/settings/settings.js';
import type { WebSocketListenerOptions } from '../../../../src/lib/server/listeners.js';
import type { ServerOptions } from '../../../../src/lib/server/start.js';
import { makePair } from '../../../helpers/certificates.js';
import { Client } from '../../../helpers/client.js';
import { startTestServer } from '../../../helpers/server.js';
import {
  closeCodeOf,
  openWebSocketClient,
  type WebSocketClientOptions,
} from '../../../helpers/web-socket-link.js';
import { command, frame, jsonOf } from '../../../helpers/wire.js';

async function serve(
  t: ExecutionContext,
  listener: Partial<WebSocketListenerOptions> = {},
  more: Partial<ServerOptions> = {},
) {
  const server = await startTestServer({
    more: { webSocket: { host: '127.0.0.1', port: 0, ...listener }, ...more },
  });
  t.teardown(() => server.stop());
  const open = async (options: WebSocketClientOptions = {}) => {
    const opened = await openWebSocketClient(server.webSocketPort, options);
    t.teardown(() => opened.client.drop());
    return opened;
  };
  return { server, open };
}

test('people come by WebSocket and by TCP, and see the same', async (t) => {
  const { server, open } = await serve(t);
  const { client: host } = await open({ name: 'anna', path: '/drawpile-web/ws?user=x' });
  await host.logIn('host');
  await host.host();
  const tcp = await Client.join(server.port, host.sessionId, { name: 'bob' });
  const { client: web } = await open({ name: 'carol' });
  await web.logIn();
  await web.join(host.sessionId);
  for (const length of [0, 1, 123, 124, 1000, 65_000, 65_535]) tcp.draw(Buffer.alloc(length, 5), 150);
  host.draw('from the host');
  tcp.draw('last', 151);
  for (const client of [host, tcp, web]) await client.next(({ type }) => type === 151, 'the last message');
  const seen = (client: Client) =>
    client.canvas
      .filter(({ type }) => type === 150)
      .map(({ payload, context }) => `${context}:${payload.length}`);
  t.deepEqual(seen(web), seen(tcp));
  t.is(seen(web).length, 7);
  t.deepEqual(seen(host), seen(tcp));
});

test('wss and ws share the port', async (t) => {
  const pair = await makePair();
  const context = createSecureContext({ cert: pair.certificate, key: pair.key });
  const { open } = await serve(t, {}, { secureContext: () => context });
  for (const isSecure of [true, false]) {
    const { client } = await open({ isSecure, name: `user${isSecure}` });
    t.is((await client.logIn()).state, 'identOk');
    const flags = jsonOf(client.log[0]!)!.flags as string[];
    t.false(flags.includes('TLS'), 'TLS is not offered over WebSocket');
  }
});

test('--secure takes unencrypted connections from trusted proxies only', async (t) => {
  const pair = await makePair();
  const context = createSecureContext({ cert: pair.certificate, key: pair.key });
  const { open, server } = await serve(
    t,
    { host: '0.0.0.0', isSecureOnly: true },
    { secureContext: () => context },
  );
  const { client } = await open();
  t.is((await client.logIn()).state, 'identOk', 'this machine is trusted');
  const outside = Object.values((await import('node:os')).networkInterfaces())
    .flatMap((list) => list ?? [])
    .find(({ internal, family }) => !internal && family === 'IPv4');
  if (outside === undefined) {
    t.log('this machine has no other address');
    return;
  }
  const [response] = (await once(
    http.get({
      host: outside.address,
      port: server.webSocketPort,
      headers: {
        Connection: 'Upgrade',
        Upgrade: 'websocket',
        'Sec-WebSocket-Version': '13',
        'Sec-WebSocket-Key': 'dGhlIHNhbXBsZSBub25jZQ==',
      },
    }),
    'response',
  )) as [http.IncomingMessage];
  t.is(response.statusCode, 403);
  response.resume();
});

test('forwarded addresses are believed from this machine', async (t) => {
  const { open, server } = await serve(t);
  await (await open({ headers: { 'X-Real-IP': '192.0.2.7' } })).client.reply('login');
  await (await open({ headers: { Forwarded: 'for="[2001:db8::7]:4711";proto=https' } })).client.reply(
    'login',
  );
  await (await open({ headers: { 'X-Forwarded-For': '198.51.100.1, 203.0.113.9, 127.0.0.1' } })).client.reply(
    'login',
  );
  await (await open()).client.reply('login');
  t.deepEqual(
    [...server.running.peers.all].map(({ connection }) => connection.ip),
    ['192.0.2.7', '2001:db8::7', '203.0.113.9', '127.0.0.1'],
  );
});

test('a client whose address the proxy does not say readably is refused, and the log says why once', async (t) => {
  const { open, server } = await serve(t);
  for (const headers of [
    { 'X-Real-IP': 'nonsense' },
    { 'X-Forwarded-For': '198.51.100.1, unknown' },
    { Forwarded: 'for=_hidden' },
    { 'X-Forwarded-Proto': 'https' },
  ]) {
    await t.throwsAsync(open({ headers }), { message: 'status 400' }, JSON.stringify(headers));
  }
  t.is(server.running.peers.count, 0);
  const told = server.log.filter(({ message }) => message.includes('are refused: the proxy 127.0.0.1 sends'));
  t.is(told.length, 1);
  t.like(told[0], { level: 'warn' });
});

test('an Origin makes a browser, and only allowed pages may connect', async (t) => {
  const settings = new MemorySettings();
  const { open } = await serve(t, {}, { settings });
  const { client, upgradeHeaders } = await open({ headers: { Origin: 'https://elsewhere.example' } });
  await client.reply('login');
  client.send(command('cinfo', ['127.0.0.1', client.clientInfo()]));
  t.like((await client.reply('result')).cinfo, { browser: true });
  t.is(upgradeHeaders['access-control-allow-origin'], 'https://elsewhere.example');
  settings.set('webSocketOrigins', 'https://web.drawpile.net https://paint.example');
  await t.throwsAsync(open({ headers: { Origin: 'https://elsewhere.example' } }), { message: 'status 403' });
  await t.notThrowsAsync(open({ headers: { Origin: 'https://paint.example' } }));
  await t.notThrowsAsync(open(), 'no page at all');
});

test('text is ignored; a message of one byte ends the connection', async (t) => {
  const { open, server } = await serve(t);
  const { client, socket } = await open();
  await client.reply('login');
  socket.send('hello');
  socket.send('hello again');
  await client.ping();
  t.is(server.log.filter(({ message }) => message.includes('WebSocket text message')).length, 1);
  socket.send(Buffer.from([0]));
  await client.closed;
  t.true(server.log.some(({ message }) => message.includes('less than 2 bytes')));
});

test('pings of WebSocket are answered, also while history goes out', async (t) => {
  const { open, server } = await serve(t);
  const host = await Client.host(server.port, { name: 'anna' });
  t.teardown(() => host.drop());
  const { client, socket } = await open();
  await client.logIn();
  await client.join(host.sessionId);
  for (let round = 0; round < 20; round++) {
    for (let i = 0; i < 10; i++) host.draw(Buffer.alloc(60_000, round), 150);
    socket.ping(String(round));
  }
  host.draw('end', 151);
  await client.next(({ type }) => type === 151, 'the last message');
  t.is(client.canvas.filter(({ type }) => type === 150).length, 200);
});

test('after a Disconnect the connection is closed with 1000', async (t) => {
  const { open } = await serve(t);
  const { client, socket } = await open();
  const code = closeCodeOf(socket);
  await client.reply('login');
  client.send(command('ident', ['']));
  t.is(await code, 1000);
});

test('bad frames and garbage end one connection each', async (t) => {
  const { open, server } = await serve(t);
  const { client } = await open();
  await client.reply('login');
  const upgrade =
    'GET / HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n' +
    'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n';
  const masked = (head: number[], body = '') =>
    Buffer.concat([Buffer.from(head), Buffer.alloc(4), Buffer.from(body)]);
  const bad = [
    Buffer.alloc(100, 0xff),
    Buffer.from('16030100050100000100', 'hex'),
    Buffer.from('POST / HTTP/1.1\r\nContent-Length: 99999999\r\n\r\n'),
    Buffer.concat([Buffer.from(upgrade), Buffer.from([0x82, 0x02, 0, 0])]),
    Buffer.concat([Buffer.from(upgrade), masked([0xf2, 0x82], 'aa')]),
    Buffer.concat([Buffer.from(upgrade), masked([0x82, 0xff, 0, 0, 0, 0, 0, 2, 0, 0])]),
    Buffer.from(`GET / HTTP/1.1\r\nX: ${'a'.repeat(20_000)}\r\n\r\n`),
  ];
  for (const bytes of bad) {
    const socket = connect(server.webSocketPort, '127.0.0.1');
    socket.on('error', () => undefined);
    socket.resume();
    const closed = once(socket, 'close');
    socket.write(bytes);
    await closed;
  }
  await client.ping();
  t.false(client.isClosed);
  t.is([...server.running.peers.all].length, 1);
  t.deepEqual(server.problems, []);
});

test('a plain request is told what the port is for; 426 is for upgrades that are not complete', async (t) => {
  const { server } = await serve(t);
  for (const [method, path, headers, status] of [
    ['GET', '/', {}, 200],
    ['GET', '/?health', {}, 200],
    ['HEAD', '/', {}, 200],
    ['GET', '/', { Connection: 'Upgrade', Upgrade: 'h2c' }, 200],
    ['GET', '/elsewhere', {}, 404],
    ['POST', '/', {}, 405],
    ['GET', '/', { Upgrade: 'websocket' }, 426],
    ['GET', '/drawpile-web/ws', { 'Sec-WebSocket-Key': 'dGhlIHNhbXBsZSBub25jZQ==' }, 426],
  ] as const) {
    const request = http.request({ host: '127.0.0.1', port: server.webSocketPort, method, path, headers });
    request.end();
    const [response] = (await once(request, 'response')) as [http.IncomingMessage];
    t.is(response.statusCode, status, `${method} ${path} ${JSON.stringify(headers)}`);
    let text = '';
    for await (const piece of response) text += String(piece);
    t.is(text.split('\n').length, method === 'HEAD' ? 1 : 2, 'one line');
  }
});

test('the many small frames of one chunk arrive in order', async (t) => {
  const { open, server } = await serve(t);
  const { client: host } = await open({ name: 'anna' });
  await host.logIn('host');
  await host.host();
  const guest = await Client.join(server.port, host.sessionId, { name: 'bob' });
  t.teardown(() => guest.drop());
  for (let i = 0; i < 5000; i++) host.send(frame(150, 1, Buffer.from([i >> 8, i & 0xff])));
  await guest.next(
    ({ type, payload }) => type === 150 && payload.readUInt16BE(0) === 4999,
    'the last message',
  );
  const order = guest.canvas.filter(({ type }) => type === 150).map(({ payload }) => payload.readUInt16BE(0));
  t.deepEqual(order, [...Array(5000).keys()]);
});
