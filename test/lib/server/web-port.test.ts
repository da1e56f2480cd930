// The one port for everything that speaks HTTP: what is answered to whom, encrypted and not.
import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import https from 'node:https';
import type { Socket } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { connect, createSecureContext, type SecureContext } from 'node:tls';
import test, { type ExecutionContext } from 'ava';
import { Certificates } from '../../../src/lib/io/net/certificates.js';
import type { WebPortOptions } from '../../../src/lib/server/listeners.js';
import { type AdminServerOptions, ask, startAdminServer } from '../../helpers/admin-server.js';
import { makeFolder, makePair, type Pair, writePair } from '../../helpers/certificates.js';
import { Client } from '../../helpers/client.js';
import { askHttp2, askSecurely, connectHttp2, sendBytes } from '../../helpers/https.js';
import { openWebSocketClient } from '../../helpers/web-socket-link.js';

const basic = (text: string) => `Basic ${Buffer.from(text).toString('base64')}`;

/** An address of this machine that is not loopback: from there one is a stranger. */
const outside = Object.values(os.networkInterfaces())
  .flatMap((list) => list ?? [])
  .find(({ internal, family }) => !internal && family === 'IPv4')?.address;
const fromOutside = outside === undefined ? test.skip : test;

let pair: Pair;
let context: SecureContext;

test.before(async () => {
  pair = await makePair();
  context = createSecureContext({ cert: pair.certificate, key: pair.key });
});

interface WebServerOptions extends Omit<AdminServerOptions, 'more'> {
  web?: Partial<WebPortOptions>;
  hasTls?: boolean;
  secureContext?: () => SecureContext;
}

async function startWebServer(t: ExecutionContext, options: WebServerOptions = {}) {
  const { web, hasTls = true, secureContext = () => context, ...rest } = options;
  const started = await startAdminServer(t, {
    database: false,
    ...rest,
    more: {
      host: '0.0.0.0',
      web: { host: '0.0.0.0', port: 0, ...web },
      ...(hasTls && { secureContext }),
    },
  });
  return { ...started, port: started.server.webPort };
}

test('pages, API, machines and browsers come to one port, by HTTP/1.1, by HTTP/2 and unencrypted from here', async (t) => {
  const { port } = await startWebServer(t);
  const session = await connectHttp2(port);
  t.teardown(() => session.destroy());
  t.is(session.alpnProtocol, 'h2');
  for (const [path, status] of [
    ['/', 200],
    ['/livez', 200],
    ['/readyz', 200],
    ['/metrics', 200],
    ['/api/status', 200],
    ['/api/dp/1/server/status', 200],
    ['/nowhere', 404],
    ['/drawpile-web/ws', 404],
  ] as const) {
    t.is((await askSecurely(port, { path })).status, status, `https ${path}`);
    t.is((await askHttp2(session, { path })).status, status, `h2 ${path}`);
    t.is((await ask({ path, port })).status, status, `http ${path}`);
  }
  const body = '{"serverTitle":"Changed"}';
  const put = await askHttp2(session, { method: 'PUT', path: '/api/server', body });
  t.like(JSON.parse(put.text), { serverTitle: 'Changed' });
  t.is((await askHttp2(session, { method: 'HEAD', path: '/' })).text, '');
});

test('browsers draw by wss and by ws on it, and see those who came by TCP', async (t) => {
  const { port, server } = await startWebServer(t);
  const open = async (isSecure: boolean, name: string) => {
    const opened = await openWebSocketClient(port, { isSecure, name, path: '/drawpile-web/ws' });
    t.teardown(() => opened.client.drop());
    return opened.client;
  };
  const host = await open(true, 'anna');
  await host.logIn('host');
  await host.host();
  const plain = await open(false, 'bob');
  await plain.logIn();
  await plain.join(host.sessionId);
  host.draw('first', 150);
  plain.draw('second', 151);
  await host.next(({ type }) => type === 151, 'what came by ws');
  await plain.next(({ type }) => type === 150, 'what came by wss');
  t.is(server.webSocketPort, 0);
  const { status } = await ask({ path: '/drawpile-web/ws', port, headers: { Upgrade: 'websocket' } });
  t.is(status, 426, 'a proxy that loses the upgrade is told');
});

fromOutside('unencrypted requests from elsewhere are sent to https, or refused', async (t) => {
  const { port } = await startWebServer(t, { values: { 'web-admin-auth': 'admin:secret' } });
  const host = outside!;
  const at = `draw.example:${port}`;
  for (const [method, path, headers, status, location] of [
    ['GET', '/', { host: at }, 307, `https://${at}/`],
    ['HEAD', '/s/x?y=1', { host: at }, 307, `https://${at}/s/x?y=1`],
    ['GET', '/livez', { host: '[::1]:80' }, 307, 'https://[::1]:80/livez'],
    ['GET', '/', { host: 'a b' }, 403, undefined],
    ['GET', '/', { host: 'x"><script>' }, 403, undefined],
    ['GET', '/', { host: 'evil.example/..' }, 403, undefined],
    ['POST', '/', { host: at }, 403, undefined],
    ['GET', '/api/status', { host: at }, 403, undefined],
    ['GET', '//api/status', { host: at }, 403, undefined],
    ['GET', '/api/status', { host: at, authorization: basic('admin:secret') }, 403, undefined],
    ['GET', '/', { host: at, authorization: basic('admin:wrong') }, 403, undefined],
    ['GET', '/', { host: at, cookie: 'dp=x' }, 403, undefined],
  ] as const) {
    const answer = await ask({ method, path, headers: { ...headers }, port, host });
    t.is(answer.status, status, `${method} ${path} ${JSON.stringify(headers)}`);
    t.is(answer.headers.location, location);
    t.is(answer.headers.connection, 'close');
  }
  await t.throwsAsync(openWebSocketClient(port, { host }), { message: 'status 403' });
  const { status } = await askSecurely(port, { path: '/', host });
  t.is(status, 200);
});

fromOutside('a body is not asked for where it may not be read', async (t) => {
  const { port } = await startWebServer(t);
  const answer = await sendBytes(
    port,
    'PUT /api/server HTTP/1.1\r\nHost: x\r\nContent-Length: 999999\r\nExpect: 100-continue\r\n\r\n',
    outside,
  );
  t.regex(answer, /^HTTP\/1\.1 403 /);
  t.false(answer.includes('100 Continue'));
});

fromOutside('without a certificate the port is for this machine, and --web-plaintext opens it', async (t) => {
  const shut = await startWebServer(t, { hasTls: false });
  t.is((await ask({ path: '/', port: shut.port })).status, 200);
  const refused = await ask({ path: '/', port: shut.port, host: outside! });
  t.is(refused.status, 403);
  t.regex(refused.text, /--web-plaintext/);
  const open = await startWebServer(t, { hasTls: false, web: { takesPlaintext: true } });
  t.is((await ask({ path: '/', port: open.port, host: outside! })).status, 200);
  const { client } = await openWebSocketClient(open.port, { host: outside! });
  t.is((await client.logIn()).state, 'identOk');
  client.drop();
});

fromOutside('a trusted proxy may come unencrypted, and speaks for somebody', async (t) => {
  const { port } = await startWebServer(t, {
    web: { trustedProxies: [outside!] },
    values: { 'trusted-proxy': [outside!] },
  });
  const headers = { 'x-real-ip': '192.0.2.7' };
  t.is((await ask({ path: '/', port, host: outside!, headers })).status, 200);
  const { status, json } = await ask({ path: '/api/status', port, host: outside!, headers });
  t.is(status, 403);
  t.like(json, { code: 'address-refused' });
});

fromOutside('from elsewhere the API needs a password, whatever addresses are allowed', async (t) => {
  const host = outside!;
  const open = await startWebServer(t, { values: { 'web-admin-access': 'all' } });
  t.is((await askSecurely(open.port, { path: '/api/status', host })).status, 403);
  t.is((await askSecurely(open.port, { path: '/metrics', host })).status, 403);
  t.is((await askSecurely(open.port, { path: '/livez', host })).status, 200);
  t.is((await askSecurely(open.port, { path: '/api/status' })).status, 200, 'this machine');
  const guarded = await startWebServer(t, { values: { 'web-admin-auth': 'admin:secret' } });
  for (const path of ['/api/status', '//api/status', '/%61pi/status', '/metrics']) {
    t.is((await askSecurely(guarded.port, { path, host })).status, 401, path);
    const headers = { authorization: basic('admin:secret') };
    t.is((await askSecurely(guarded.port, { path, host, headers })).status, 200, path);
  }
  const limited = await startWebServer(t, {
    values: { 'web-admin-auth': 'admin:secret', 'web-admin-access': '203.0.113.0/24' },
  });
  const headers = { authorization: basic('admin:secret') };
  t.is((await askSecurely(limited.port, { path: '/api/status', host, headers })).status, 403);
  t.is((await askSecurely(limited.port, { path: '/', host })).status, 200);
});

test('the log is followed by HTTP/2 as by HTTP/1.1, and too large a body is refused by both', async (t) => {
  const { port, admin } = await startWebServer(t);
  const session = await connectHttp2(port);
  t.teardown(() => session.destroy());
  const follow = session.request({ ':path': '/api/dp/1/log/follow' });
  t.teardown(() => follow.close());
  follow.setEncoding('utf8');
  await once(follow, 'response');
  const message = 'something happened';
  admin.live.log.write({ time: Date.now(), level: 'info', topic: 'Status', message });
  const [line] = (await once(follow, 'data')) as [string];
  t.like(JSON.parse(line), { message });
  const body = JSON.stringify({ serverTitle: 'x'.repeat(1_100_000) });
  const headers = { 'content-type': 'application/json' };
  const request = { method: 'PUT', path: '/api/server', body, headers };
  t.is((await askHttp2(session, request)).status, 413);
  t.is((await askSecurely(port, request)).status, 413);
  t.is((await askHttp2(session, { path: '/livez' })).status, 200, 'the connection goes on');
});

fromOutside(
  'a web interface in its folder is for those who have the password, the page for everybody',
  async (t) => {
    const folder = makeFolder(t);
    const place = path.join(folder, 'drawpile', 'drawpile-srv', 'webadmin');
    mkdirSync(place, { recursive: true });
    writeFileSync(path.join(place, 'index.html'), 'the interface');
    writeFileSync(path.join(place, 'app.js'), 'its script');
    const { port } = await startWebServer(t, {
      environment: { XDG_DATA_HOME: folder, XDG_DATA_DIRS: folder },
      values: { 'web-admin-auth': 'admin:secret' },
    });
    const host = outside!;
    t.is((await askSecurely(port, { path: '/', host })).status, 200);
    for (const at of ['/app.js', '//app.js', '/index.html', '/%61pp.js', '/../index.html', '/nothing']) {
      t.is((await askSecurely(port, { path: at, host })).status, 401, at);
    }
    const headers = { authorization: basic('admin:secret') };
    t.is((await askSecurely(port, { path: '/app.js', host, headers })).text, 'its script');
    t.is((await askSecurely(port, { path: '/index.html', host, headers })).text, 'the interface');
  },
);

test('an offer of another protocol is a request as any other', async (t) => {
  const { port } = await startWebServer(t);
  const headers = { Connection: 'Upgrade', Upgrade: 'h2c' };
  t.is((await ask({ path: '/', port, headers })).status, 200);
  t.is((await ask({ method: 'POST', path: '/', port, headers })).status, 400);
});

test('garbage ends one connection each, and the rest go on', async (t) => {
  const { port } = await startWebServer(t);
  const session = await connectHttp2(port);
  t.teardown(() => session.destroy());
  const bad = [
    Buffer.alloc(100, 0xff),
    Buffer.from('16030100050100000100', 'hex'),
    Buffer.from('160301ffff01', 'hex').subarray(0, 5),
    Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'),
    Buffer.from(`GET / HTTP/1.1\r\nX: ${'a'.repeat(20_000)}\r\n\r\n`),
  ];
  for (const bytes of bad.filter((each) => each.length !== 5)) await sendBytes(port, bytes);
  t.is((await askHttp2(session, { path: '/livez' })).status, 200);
});

test('a new certificate serves at once everywhere, and nobody who is there notices', async (t) => {
  const folder = makeFolder(t);
  const files = writePair(folder, pair);
  const certificates = new Certificates(files, { writeLog: () => undefined });
  const { port, server } = await startWebServer(t, { secureContext: () => certificates.context });
  const native = async (name: string) => {
    const client = await Client.open(server.port, { name });
    t.teardown(() => client.drop());
    const socket = await client.startTls();
    return { client, fingerprint: socket.getPeerCertificate().fingerprint256 };
  };
  const { client: host, fingerprint: before } = await native('anna');
  await host.logIn('host');
  await host.host();
  const { client: browser } = await openWebSocketClient(port, { isSecure: true, name: 'bob' });
  t.teardown(() => browser.drop());
  await browser.logIn();
  await browser.join(host.sessionId);
  const session = await connectHttp2(port);
  t.teardown(() => session.destroy());
  const agent = new https.Agent({ keepAlive: true, maxSockets: 1 });
  t.teardown(() => agent.destroy());
  const seen = new Set<number | undefined>();
  agent.on('free', (socket: Socket) => seen.add(socket.localPort));
  t.is((await askSecurely(port, { path: '/', agent })).status, 200);

  writePair(folder, await makePair());
  t.true(certificates.reload());

  const { fingerprint: after } = await native('carol');
  t.not(after, before);
  const newcomer = connect({ port, host: '127.0.0.1', rejectUnauthorized: false });
  await once(newcomer, 'secureConnect');
  t.is(newcomer.getPeerCertificate().fingerprint256, after, 'the web port shows the new one');
  newcomer.destroy();
  t.is((await askSecurely(port, { path: '/livez', agent })).status, 200);
  t.is(seen.size, 1, 'by the connection that was there');
  t.is((await askHttp2(session, { path: '/livez' })).status, 200);
  host.draw('by TCP', 150);
  browser.draw('by wss', 151);
  await browser.next(({ type }) => type === 150, 'what the desktop drew');
  await host.next(({ type }) => type === 151, 'what the browser drew');
});
