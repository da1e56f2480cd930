// The stream of events over HTTP: who gets in, what is refused, how it ends.

import http from 'node:http';
import net from 'node:net';
import test from 'ava';
import { type AdminServer, startAdminServer, usualRoad } from '../../../helpers/admin-server.js';
import { connectHttp2 } from '../../../helpers/https.js';

interface Stream {
  readonly status: number;
  readonly headers: http.IncomingHttpHeaders;
  text: string;
  readonly ended: Promise<void>;
  /** Resolves when the text matches. */
  until(pattern: RegExp): Promise<void>;
  stop(): void;
}

function open(server: AdminServer, path: string, headers: Record<string, string> = {}): Promise<Stream> {
  return new Promise((resolve, reject) => {
    const request = http.request(
      { socketPath: server.admin.socketPath!, path: `/api/dp/1/events${path}`, headers, agent: false },
      (response) => {
        let check = () => {};
        const stream: Stream = {
          status: response.statusCode!,
          headers: response.headers,
          text: '',
          ended: new Promise((done) => response.once('close', () => done())),
          until: (pattern) =>
            new Promise((done) => {
              check = () => pattern.test(stream.text) && done();
              check();
            }),
          stop: () => request.destroy(),
        };
        response.setEncoding('utf8');
        response.on('data', (piece: string) => {
          stream.text += piece;
          check();
        });
        response.on('error', () => {});
        resolve(stream);
      },
    );
    request.on('error', reject);
    request.end();
  });
}

test('a change arrives as events that no cache or proxy keeps back', async (t) => {
  const server = await startAdminServer(t);
  const stream = await open(server, '?kinds=setting,audit');
  t.is(stream.status, 200);
  t.regex(stream.headers['content-type']!, /^text\/event-stream/);
  t.is(stream.headers['cache-control'], 'no-store');
  t.is(stream.headers['x-accel-buffering'], 'no');
  await stream.until(/^retry: \d+\n\nid: \w+-0\n\n/);
  await server.request({
    method: 'POST',
    path: '/api/dp/1/config/change',
    body: { set: { serverTitle: 'Ink' } },
  });
  await stream.until(/event: audit\ndata: .*"config\.change".*"Ink"/);
  await stream.until(/event: setting\ndata: .*"config\.change"/);
  stream.stop();
});

test('secrets are hidden from everybody', async (t) => {
  const server = await startAdminServer(t);
  const stream = await open(server, '');
  const body = { name: 'alice', password: 'very-secret-word', flags: [] };
  await server.request({ method: 'POST', path: '/api/dp/1/user/add', body });
  await stream.until(/event: account\n/);
  t.notRegex(stream.text, /very-secret-word/);
  stream.stop();
});

test('who comes back with the last id gets what was missed; with an unknown one, a gap', async (t) => {
  const server = await startAdminServer(t);
  const first = await open(server, '?kinds=account');
  await first.until(/id: \w+-0\n/);
  const id = /id: (\S+)/.exec(first.text)![1]!;
  first.stop();
  await server.request({
    method: 'POST',
    path: '/api/dp/1/user/add',
    body: { name: 'bob', password: 'x'.repeat(12), flags: [] },
  });
  const byHeader = await open(server, '?kinds=account', { 'last-event-id': id });
  await byHeader.until(/"name":"bob"/);
  const byQuery = await open(server, `?kinds=account&after=${id}`);
  await byQuery.until(/"name":"bob"/);
  const unknown = await open(server, '?after=abc-7');
  await unknown.until(/event: gap\ndata: \{\}/);
  t.notRegex(byHeader.text + byQuery.text, /event: gap/);
  for (const stream of [byHeader, byQuery, unknown]) stream.stop();
});

test('unknown kinds and parameters are refused with those that exist', async (t) => {
  const server = await startAdminServer(t);
  for (const query of ['?kinds=sessions', '?kinds=', '?kinds=log,,ban', '?kind=log']) {
    const answer = await server.request({ path: `/api/dp/1/events${query}` });
    t.is(answer.status, 400, query);
  }
  const { text } = await server.request({ path: '/api/dp/1/events?kinds=sessions' });
  t.regex(text, /session, person, chat/);
  t.regex(text, /'sessions'/);
});

async function makeToken(server: AdminServer, role: string) {
  const { json } = await server.request({
    method: 'POST',
    path: '/api/dp/1/token/create',
    body: { name: role, role },
  });
  return (json as { secret: string }).secret;
}

test('a stream shows what its role may see, and ends when its token is revoked', async (t) => {
  const server = await startAdminServer(t, { hasPort: true });
  const secret = await makeToken(server, 'moderator');
  const stream = await new Promise<http.IncomingMessage>((resolve, reject) =>
    http
      .get(
        {
          host: '127.0.0.1',
          port: server.admin.port,
          path: '/api/dp/1/events',
          headers: { authorization: `Bearer ${secret}` },
          agent: false,
        },
        resolve,
      )
      .on('error', reject),
  );
  t.is(stream.statusCode, 200);
  let text = '';
  stream.setEncoding('utf8').on('data', (piece: string) => {
    text += piece;
  });
  const ended = new Promise<void>((done) => stream.once('close', () => done()));
  await server.request({ method: 'POST', path: '/api/dp/1/token/revoke', body: { name: 'moderator' } });
  await ended;
  t.notRegex(text, /event: (audit|account|log)/);
});

test('one network has so many streams, and the next one is asked to wait', async (t) => {
  const server = await startAdminServer(t);
  const streams: Stream[] = [];
  for (let at = 0; at < 50; at++) streams.push(await open(server, ''));
  const answer = await server.request({ path: '/api/dp/1/events' });
  t.is(answer.status, 429);
  t.is(answer.headers['retry-after'], '5');
  streams[0]!.stop();
  await streams[0]!.ended;
  for (const stream of streams) stream.stop();
});

test('the end of the server ends streams', async (t) => {
  const server = await startAdminServer(t);
  const stream = await open(server, '');
  await server.admin.close();
  await stream.ended;
  t.pass();
});

test('the description of the API has the kinds with their roles', async (t) => {
  const server = await startAdminServer(t);
  const document = (await server.get('/api/dp/1/openapi.json')) as {
    paths: Record<string, { get: Record<string, unknown> }>;
  };
  const kinds = document.paths['/api/dp/1/events']!.get['x-events'] as Record<string, { 'x-role': string }>;
  t.is(kinds.audit!['x-role'], 'administrator');
  t.is(kinds.person!['x-role'], 'moderator');
});

test('who does not read is cut off, and others get everything', async (t) => {
  const server = await startAdminServer(t);
  const reader = await open(server, '?kinds=log');
  const stalled = net.connect(server.admin.socketPath!);
  const ended = new Promise<void>((done) => stalled.once('close', () => done()));
  stalled.on('error', () => {});
  stalled.write('GET /api/dp/1/events?kinds=log HTTP/1.1\r\nHost: localhost\r\n\r\n');
  await new Promise<void>((done) => stalled.once('readable', done));
  stalled.pause();
  const message = 'x'.repeat(50_000);
  for (let at = 0; at < 60; at++) {
    server.admin.live.log.write({
      time: at,
      level: 'info',
      topic: 'Status',
      message: `${message} end-${at}-`,
    });
    await reader.until(new RegExp(`end-${at}-`));
  }
  stalled.resume();
  await ended;
  t.is(reader.text.match(/event: log\n/g)?.length, 60);
  t.notRegex(reader.text, /event: gap/);
  reader.stop();
});

test('over HTTP/2 a stream is the same', async (t) => {
  usualRoad.name = 'http2';
  const server = await startAdminServer(t).finally(() => {
    usualRoad.name = 'socket';
  });
  const session = await connectHttp2(server.server.webPort);
  const stream = session.request({ ':path': '/api/dp/1/events?kinds=log' });
  let text = '';
  await new Promise<void>((done) => {
    stream.setEncoding('utf8').on('data', (piece: string) => {
      const isFirst = text === '';
      text += piece;
      if (isFirst) {
        const entry = { time: 1, level: 'info', topic: 'Status', message: 'over HTTP/2' } as const;
        setImmediate(() => server.admin.live.log.write(entry));
      }
      if (text.includes('over HTTP/2')) done();
    });
  });
  const ended = new Promise<void>((done) => stream.once('close', () => done()));
  await server.admin.close();
  await ended;
  t.regex(text, /^retry: 5000\n\nid: \w+-0\n\n/);
});

test('over HTTP/2, too, who does not read is cut off, and others get everything', async (t) => {
  usualRoad.name = 'http2';
  const server = await startAdminServer(t).finally(() => {
    usualRoad.name = 'socket';
  });
  const reader = await open(server, '?kinds=log');
  const session = await connectHttp2(server.server.webPort);
  t.teardown(() => session.destroy());
  const stalled = session.request({ ':path': '/api/dp/1/events?kinds=log' });
  stalled.on('error', () => {});
  await new Promise<void>((done) => stalled.once('response', () => done()));
  stalled.pause();
  const ended = new Promise<void>((done) => stalled.once('close', () => done()));
  const message = 'x'.repeat(50_000);
  for (let at = 0; at < 60; at++) {
    server.admin.live.log.write({
      time: at,
      level: 'info',
      topic: 'Status',
      message: `${message} end-${at}-`,
    });
    await reader.until(new RegExp(`end-${at}-`));
  }
  stalled.resume();
  await ended;
  t.is(reader.text.match(/event: log\n/g)?.length, 60);
  reader.stop();
});

test('a name and a password are enough for a stream, whatever cookie of an ended login comes with them', async (t) => {
  const server = await startAdminServer(t, { hasPort: true, values: { 'web-admin-auth': 'admin:secret' } });
  const basic = { authorization: `Basic ${Buffer.from('admin:secret').toString('base64')}` };
  const wrong = { authorization: `Basic ${Buffer.from('admin:wrong').toString('base64')}` };
  const stale = { cookie: 'dp-login=of-a-login-that-ended' };
  const statusOf = (headers: Record<string, string>) =>
    new Promise<number>((resolve, reject) => {
      const request = http
        .get(
          { host: '127.0.0.1', port: server.admin.port, path: '/api/dp/1/events', headers, agent: false },
          (response) => {
            resolve(response.statusCode!);
            request.destroy();
          },
        )
        .on('error', reject);
    });
  t.is(await statusOf({ ...basic, ...stale }), 200);
  t.is(await statusOf(basic), 200);
  for (const refused of [stale, {}, { ...wrong, ...stale }]) t.is(await statusOf(refused), 401);
});
