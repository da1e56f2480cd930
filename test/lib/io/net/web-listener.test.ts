// A listener for HTTP among people who mean it no good, and what certificate authorities look for.
import { once } from 'node:events';
import type http from 'node:http';
import http2 from 'node:http2';
import https from 'node:https';
import net from 'node:net';
import tls, { createSecureContext, type SecureContext } from 'node:tls';
import test, { type ExecutionContext } from 'ava';
import { makeSelfSigned } from '../../../../src/lib/io/net/self-signed.js';
import { WebListener, type WebListenerOptions } from '../../../../src/lib/io/net/web-listener.js';
import { makePair } from '../../../helpers/certificates.js';
import { askHttp2, askSecurely, closeOf, connectHttp2, sendBytes } from '../../../helpers/https.js';
import { until } from '../../../helpers/until.js';

let context: SecureContext;

test.before(async () => {
  const pair = await makePair();
  context = createSecureContext({ cert: pair.certificate, key: pair.key });
});

const patient = { headersMs: 60_000, requestMs: 60_000, keepAliveMs: 60_000, stalledMs: 60_000 };

interface ListenOptions extends Partial<Omit<WebListenerOptions, 'limits'>> {
  limits?: Partial<WebListenerOptions['limits']>;
}

async function listen(t: ExecutionContext, { limits, ...more }: ListenOptions = {}) {
  const listener = await WebListener.open({
    host: '127.0.0.1',
    flags: { port: '--web-port', host: '--web-listen' },
    limits: { connections: 100, perNetwork: 100, waiting: 100, firstRequestMs: 15_000, ...limits },
    secureContext: () => context,
    isProxy: () => false,
    takesPlain: () => true,
    answer: (request, response) => void echo(request, response).catch(() => response.destroy()),
    failed: (error) => {
      throw error;
    },
    ...more,
  });
  t.teardown(() => void listener.close());
  return listener;
}

async function echo(request: http.IncomingMessage, response: http.ServerResponse): Promise<void> {
  let length = 0;
  for await (const piece of request) length += (piece as Buffer).length;
  response.end(`${request.url} ${length}`);
}

async function connect(t: ExecutionContext, port: number): Promise<net.Socket> {
  const socket = net.connect(port, '127.0.0.1');
  socket.on('error', () => undefined);
  socket.resume();
  t.teardown(() => socket.destroy());
  await once(socket, 'connect');
  return socket;
}

/** Asked again where the machine was too slow for the limits of a test. */
async function isAlive(port: number): Promise<boolean> {
  await until('it answers', () =>
    askSecurely(port, { path: '/x' }).then(
      ({ status }) => status === 200,
      () => false,
    ),
  );
  return true;
}

test('who says nothing, half a handshake or half a request is sent away, whatever the others do', async (t) => {
  const { port } = await listen(t, { limits: { firstRequestMs: 500 } });
  const closed = await Promise.all(
    ['', '\x16\x03\x01', '\x16\x03\x01\x02\x00\x01\x00', 'GET / HT', 'GET / HTTP/1.1\r\nX: '].map(
      async (bytes) => {
        const socket = await connect(t, port);
        if (bytes !== '') socket.write(Buffer.from(bytes, 'latin1'));
        await closeOf(socket);
        return true;
      },
    ),
  );
  t.is(closed.length, 5);
  const secure = tls.connect({ port, host: '127.0.0.1', rejectUnauthorized: false, ALPNProtocols: ['h2'] });
  secure.on('error', () => undefined);
  secure.resume();
  await closeOf(secure);
  t.true(await isAlive(port));
});

test('a slow header, a slow body, and the second request of a connection have their time', async (t) => {
  const { port } = await listen(t, { times: { ...patient, headersMs: 250, requestMs: 500 } });
  const first = 'GET / HTTP/1.1\r\nHost: x\r\n\r\n';
  const slow = ['GET / HTTP/1.1\r\nX: ', 'POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\n1'];
  for (const before of ['', first]) {
    for (const bytes of slow) {
      const socket = await connect(t, port);
      socket.write(before + bytes);
      await closeOf(socket);
    }
  }
  const session = await connectHttp2(port);
  t.teardown(() => session.destroy());
  const stream = session.request({ ':method': 'POST', ':path': '/' });
  stream.on('error', () => undefined);
  stream.write('1');
  await closeOf(stream);
  t.is(stream.rstCode, http2.constants.NGHTTP2_CANCEL);
  t.is((await askHttp2(session, { path: '/y' })).status, 200, 'the others of the connection go on');
});

test('connections without requests end, by HTTP/1.1 and by HTTP/2', async (t) => {
  const { port } = await listen(t, { times: { ...patient, keepAliveMs: 200 } });
  const session = await connectHttp2(port);
  t.is((await askHttp2(session, { path: '/' })).status, 200);
  const socket = await connect(t, port);
  socket.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n');
  await Promise.all([closeOf(session), closeOf(socket)]);
  t.pass();
});

test('who takes nothing of an answer loses it, and who is told nothing for long does not', async (t) => {
  const quiet: http.ServerResponse[] = [];
  const large: http.ServerResponse[] = [];
  const { port } = await listen(t, {
    times: { ...patient, stalledMs: 400 },
    answer: (request, response) => {
      if (request.url === '/quiet') {
        response.writeHead(200);
        response.write('first');
        quiet.push(response);
      } else {
        if (request.url === '/large') large.push(response);
        response.end(Buffer.alloc(request.url === '/large' ? 50_000_000 : 100));
      }
    },
  });
  const session = await connectHttp2(port);
  t.teardown(() => session.destroy());
  const slow = askHttp2(session, { path: '/quiet' });
  const slowToo = askSecurely(port, { path: '/quiet' });
  await until('both are being answered', () => quiet.length === 2);

  for (const isSecure of [false, true]) {
    const socket = isSecure
      ? tls.connect({ port, host: '127.0.0.1', rejectUnauthorized: false })
      : net.connect(port, '127.0.0.1');
    socket.on('error', () => undefined);
    socket.write('GET /large HTTP/1.1\r\nHost: x\r\n\r\n');
    socket.pause();
    // The end is only seen by who reads: here it is the other side that is looked at.
    await until('the answer has been given up', () => large.at(-1)?.destroyed === true);
    large.length = 0;
    socket.destroy();
  }
  const stingy = http2.connect(`https://127.0.0.1:${port}`, {
    rejectUnauthorized: false,
    settings: { initialWindowSize: 0 },
  });
  t.teardown(() => stingy.destroy());
  const stream = stingy.request({ ':path': '/' });
  stream.on('error', () => undefined);
  await closeOf(stream);
  t.is(stream.rstCode, http2.constants.NGHTTP2_CANCEL);
  for (const response of quiet) response.end(' and last');
  t.is((await slow).text, 'first and last');
  t.is((await slowToo).text, 'first and last');
});

test('headers have a limit, in one piece and in thousands', async (t) => {
  const { port } = await listen(t);
  const long = `GET / HTTP/1.1\r\nHost: x\r\nX: ${'a'.repeat(40_000)}\r\n\r\n`;
  const many = `GET / HTTP/1.1\r\nHost: x\r\n${'A: b\r\n'.repeat(20_000)}\r\n`;
  for (const bytes of [long, many]) t.false((await sendBytes(port, bytes)).includes('200 OK'));
  for (const headers of [
    { x: 'a'.repeat(40_000) },
    Object.fromEntries(Array.from({ length: 3_000 }, (_, index) => [`x-${index}`, 'b'])),
  ]) {
    const session = await connectHttp2(port);
    t.teardown(() => session.destroy());
    const answer = await askHttp2(session, { path: '/', headers }).catch(() => ({ status: 0 }));
    t.not(answer.status, 200);
  }
  t.true(await isAlive(port));
});

/** A frame of HTTP/2 (RFC 9113 §4.1). */
function frame(type: number, flags: number, stream: number, payload: Buffer): Buffer {
  const head = Buffer.alloc(9);
  head.writeUIntBE(payload.length, 0, 3);
  head[3] = type;
  head[4] = flags;
  head.writeUInt32BE(stream, 5);
  return Buffer.concat([head, payload]);
}

const settingsFrame = frame(4, 0, 0, Buffer.alloc(0));
const preface = Buffer.concat([Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'), settingsFrame]);
/** :method GET, :scheme https, :path /, :authority empty, all by their number in the static table. */
const smallHeaders = Buffer.from([0x82, 0x87, 0x84, 0x81]);

for (const [what, frames] of [
  [
    'headers that never end',
    () => [
      frame(1, 0, 1, smallHeaders),
      ...Array.from({ length: 50_000 }, () => frame(9, 0, 1, Buffer.from([0x82]))),
    ],
  ],
  [
    'requests that are taken back at once',
    () =>
      Array.from({ length: 20_000 }, (_, index) =>
        Buffer.concat([
          frame(1, 5, 2 * index + 1, smallHeaders),
          frame(3, 0, 2 * index + 1, Buffer.from([0, 0, 0, 8])),
        ]),
      ),
  ],
  ['pings and settings without end', () => Array.from({ length: 50_000 }, () => settingsFrame)],
] as const) {
  test(`a flood of HTTP/2 ends its own connection: ${what}`, async (t) => {
    const { port } = await listen(t);
    const other = await connectHttp2(port);
    t.teardown(() => other.destroy());
    const secure = tls.connect({ port, host: '127.0.0.1', rejectUnauthorized: false, ALPNProtocols: ['h2'] });
    secure.on('error', () => undefined);
    await once(secure, 'secureConnect');
    // Nothing of what comes back is read: what the server would have to say piles up on its side.
    secure.pause();
    secure.write(Buffer.concat([preface, ...frames()]));
    t.is((await askHttp2(other, { path: '/x' })).status, 200);
    secure.resume();
    await closeOf(secure);
    t.true(await isAlive(port));
  });
}

test('one address has only so many connections, a proxy as many as it wants', async (t) => {
  const limited = await listen(t, { limits: { perNetwork: 3 } });
  const proxied = await listen(t, { limits: { perNetwork: 3 }, isProxy: () => true });
  const first = await connect(t, limited.port);
  await connect(t, limited.port);
  await connect(t, limited.port);
  const fourth = net.connect(limited.port, '127.0.0.1');
  fourth.on('error', () => undefined);
  fourth.resume();
  await closeOf(fourth);
  first.destroy();
  await until('there is room again', () =>
    askSecurely(limited.port, { path: '/' }).then(
      () => true,
      () => false,
    ),
  );
  for (let count = 0; count < 10; count++) await connect(t, proxied.port);
  t.true(await isAlive(proxied.port));
});

test('when all places are taken the one that has been idle for longest goes, never one that is answered', async (t) => {
  const held: http.ServerResponse[] = [];
  const { port } = await listen(t, {
    limits: { connections: 3 },
    answer: (request, response) => {
      if (request.url === '/held') held.push(response);
      else response.end('done');
    },
  });
  const agent = new https.Agent({ keepAlive: true });
  t.teardown(() => agent.destroy());
  const slow = askSecurely(port, { path: '/held' });
  await until('it is being answered', () => held.length === 1);
  const idle = await connect(t, port);
  const later = await connect(t, port);
  const gone = closeOf(idle);
  t.is((await askSecurely(port, { path: '/', agent })).text, 'done');
  await gone;
  t.false(later.destroyed);
  held[0]!.end('at last');
  t.is((await slow).text, 'at last');
});

test('of those who wait the oldest goes', async (t) => {
  const listener = await listen(t, { limits: { waiting: 5 } });
  const oldest = await connect(t, listener.port);
  const gone = closeOf(oldest);
  for (let count = 0; count < 5; count++) await connect(t, listener.port);
  await gone;
  t.is(listener.waitingCount, 5);
});

test('a certificate authority sees what it looks for, before there is any certificate', async (t) => {
  const pair = await makeSelfSigned({ names: ['proof.example'], days: 1, nowMs: Date.now() });
  const proof = createSecureContext({ cert: pair.certificate, key: pair.key });
  const { port } = await listen(t, {
    secureContext: () => undefined,
    takesPlain: () => false,
    challenges: {
      answerFor: (token) => (token === 'tok-en_1' ? 'tok-en_1.thumb' : undefined),
      contextFor: (name) => (name === 'proof.example' ? proof : undefined),
    },
  });
  const path = '/.well-known/acme-challenge/tok-en_1';
  const plain = await sendBytes(port, `GET ${path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`);
  t.true(plain.endsWith('tok-en_1.thumb'), plain);
  const other = await sendBytes(port, `GET ${path}x HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`);
  t.regex(other, /^HTTP\/1\.1 403 /);

  const look = async (servername: string, protocols: string[]) => {
    const secure = tls.connect({
      port,
      host: '127.0.0.1',
      servername,
      ALPNProtocols: protocols,
      rejectUnauthorized: false,
    });
    let seen: string | undefined;
    secure.on('error', () => undefined);
    secure.once('secureConnect', () => {
      seen = `${secure.alpnProtocol} ${secure.getPeerCertificate().subject?.CN ?? secure.getPeerX509Certificate()?.subjectAltName}`;
    });
    secure.resume();
    await closeOf(secure);
    return seen;
  };
  t.regex((await look('proof.example', ['acme-tls/1']))!, /^acme-tls\/1 .*proof\.example/);
  t.is(await look('other.example', ['acme-tls/1']), undefined);
  t.is(await look('proof.example', ['h2']), undefined, 'pages have no certificate yet');
});

test('while a name is proven pages go on, each with its own certificate', async (t) => {
  const pair = await makeSelfSigned({ names: ['proof.example'], days: 1, nowMs: Date.now() });
  const proof = createSecureContext({ cert: pair.certificate, key: pair.key });
  const { port } = await listen(t, {
    challenges: { answerFor: () => undefined, contextFor: () => proof },
  });
  t.true(await isAlive(port));
  const session = await connectHttp2(port);
  t.teardown(() => session.destroy());
  t.is((await askHttp2(session, { path: '/z' })).text, '/z 0');
});

test('a body comes whole by each protocol', async (t) => {
  const { port } = await listen(t);
  const session = await connectHttp2(port);
  t.teardown(() => session.destroy());
  const body = 'x'.repeat(300_000);
  t.is((await askSecurely(port, { method: 'POST', path: '/a', body })).text, '/a 300000');
  t.is((await askHttp2(session, { method: 'POST', path: '/b', body })).text, '/b 300000');
});

test('people wait until they are let in, and are sent away where there are no descriptors', async (t) => {
  const waiting: (() => void)[] = [];
  const early = await listen(t, { whenOpen: (run) => void waiting.push(run) });
  const answer = askSecurely(early.port, { path: '/early' });
  await until('somebody waits', () => waiting.length === 1);
  for (const enter of waiting) enter();
  t.is((await answer).text, '/early 0');
  const full = await listen(t, { hasRoom: () => false });
  await t.throwsAsync(askSecurely(full.port, { path: '/' }));
});

test('what is closed lets go of its port at once, with connections open', async (t) => {
  const listener = await listen(t);
  const { port } = listener;
  await connect(t, port);
  const session = await connectHttp2(port);
  await askHttp2(session, { path: '/' });
  const gone = closeOf(session);
  await listener.close();
  await gone;
  await listen(t, { port });
  t.true(await isAlive(port));
});
