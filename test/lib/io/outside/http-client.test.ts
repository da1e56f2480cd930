// Requests to others end in time, stay small, and go where they may; nothing here waits for real time.

import * as net from 'node:net';
import test from 'ava';
import {
  HttpClient,
  type HttpProblem,
  withoutCredentials,
} from '../../../../src/lib/io/outside/http-client.js';
import { isPublicAddress } from '../../../../src/lib/io/outside/private-networks.js';
import { ManualClock } from '../../../helpers/manual-clock.js';
import { MockServer } from '../../../helpers/mock-server.js';

const clock = new ManualClock();
const client = new HttpClient({ clock });
const privateNetwork = /leads to a private network/;

function problem(run: Promise<unknown>): Promise<string> {
  return run.then(
    () => 'no problem',
    (error: HttpProblem) => (error.name === 'Error' ? `unexpected: ${error.stack}` : error.message),
  );
}

test('what went wrong has a code, and what the system says is passed on', async (t) => {
  const mock = await MockServer.start(t);
  const url = mock.origin;
  await mock.stop();
  const failing = (code: string) =>
    new HttpClient({
      clock,
      lookup: (_host, _options, answer) => answer(Object.assign(new Error('of the system'), { code }), '', 0),
    });
  const reasonFor = async (from: HttpClient, to: string, isTrusted = true) => {
    const error = await t.throwsAsync<HttpProblem>(from.request({ method: 'GET', url: to, isTrusted }));
    return typeof error?.reason === 'string' ? error.reason : error?.reason.code;
  };
  t.is(await reasonFor(client, url), 'connection-refused');
  t.is(await reasonFor(client, 'ftp://draw.example.org/'), 'request-address-invalid');
  t.is(await reasonFor(client, 'http://127.0.0.1/', false), 'request-private-network');
  t.is(await reasonFor(failing('ENOTFOUND'), 'http://draw.example.org/'), 'host-not-found');
  t.is(await reasonFor(failing('EAI_AGAIN'), 'http://draw.example.org/'), 'host-not-looked-up');
  t.is(await reasonFor(failing('EOTHER'), 'http://draw.example.org/'), 'of the system');
});

const isPublic = test.macro({
  exec: (t, address: string, expected: boolean) => t.is(isPublicAddress(address), expected),
  title: (_, address, expected) => `${address} is ${expected ? '' : 'not '}public`,
});

for (const address of ['8.8.8.8', '172.32.0.1', '2a00:1450:4001::1', '::ffff:8.8.8.8', '64:ff9b::808:808']) {
  test(isPublic, address, true);
}
for (const address of [
  '127.0.0.1',
  '10.1.2.3',
  '172.16.0.1',
  '192.168.1.1',
  '169.254.169.254',
  '100.64.0.1',
  '0.0.0.0',
  '224.0.0.1',
  '255.255.255.255',
  '::1',
  '::',
  'fe80::1',
  'fe80::1%eth0',
  'fd00::1',
  '::ffff:127.0.0.1',
  '::ffff:10.0.0.1',
  '::127.0.0.1',
  '64:ff9b::a00:1',
  '2002:7f00:1::',
  '2001:db8::1',
  'ff02::1',
  'localhost',
  '',
]) {
  test(isPublic, address, false);
}

for (const host of [
  '127.0.0.1',
  '127.1',
  '0x7f.1',
  '2130706433',
  '[::1]',
  '[::ffff:127.0.0.1]',
  '[fe80::1]',
]) {
  test(`a stranger's address ${host} is not fetched`, async (t) => {
    const mock = await MockServer.start(t);
    const url = `http://${host}:${mock.port}/`;
    t.regex(await problem(client.request({ method: 'GET', url, isTrusted: false })), privateNetwork);
    t.is(mock.asked.length, 0);
  });
}

test("a stranger's name that resolves to a private address is not fetched", async (t) => {
  const mock = await MockServer.start(t);
  for (const found of [
    [{ address: '127.0.0.1', family: 4 }],
    [{ address: '::1', family: 6 }],
    [
      { address: '192.168.0.1', family: 4 },
      { address: '::ffff:127.0.0.1', family: 6 },
    ],
  ]) {
    const guarded = new HttpClient({ clock, lookup: (_host, _options, answer) => answer(null, found) });
    const url = `http://list.example:${mock.port}/`;
    t.regex(await problem(guarded.request({ method: 'GET', url, isTrusted: false })), privateNetwork);
  }
  t.is(mock.asked.length, 0);
});

test('a name is looked up once, by the connection itself: nobody can answer differently later', async (t) => {
  const mock = await MockServer.start(t);
  let lookups = 0;
  const client = new HttpClient({
    clock,
    mayUsePrivate: () => true,
    lookup: (_host, _options, answer) => {
      lookups += 1;
      answer(null, [{ address: lookups === 1 ? '127.0.0.1' : '127.0.0.2', family: 4 }]);
    },
  });
  mock.answers = [{ body: 'ok' }];
  await client.request({ method: 'GET', url: `http://list.example:${mock.port}/`, isTrusted: false });
  t.is(lookups, 1);
  t.is(mock.asked[0]?.headers.host, `list.example:${mock.port}`);
});

test("the operator's own addresses may be private, and so may strangers' when that is allowed", async (t) => {
  const mock = await MockServer.start(t);
  mock.answers = [{ body: 'fine' }];
  const answer = await client.request({ method: 'GET', url: mock.origin, isTrusted: true });
  t.is(answer.text, 'fine');
  const open = new HttpClient({ clock, mayUsePrivate: () => true });
  t.is((await open.request({ method: 'GET', url: mock.origin, isTrusted: false })).status, 200);
});

test("a redirect of a stranger's server to a private address is not followed", async (t) => {
  const mock = await MockServer.start(t);
  let isOpen = true;
  const client = new HttpClient({ clock, mayUsePrivate: () => isOpen });
  mock.answers = [
    () => {
      isOpen = false;
      return { status: 307, headers: { location: '/inside' } };
    },
  ];
  t.regex(
    await problem(client.request({ method: 'GET', url: mock.origin, isTrusted: false })),
    privateNetwork,
  );
  t.is(mock.asked.length, 1);
});

test('two redirects are followed, with method and body; a third is too many', async (t) => {
  const mock = await MockServer.start(t);
  mock.answers = [
    { status: 307, headers: { location: '/two' } },
    { status: 308, headers: { location: `${mock.origin}/three` } },
    { body: 'there' },
  ];
  const request = { method: 'POST', url: mock.origin, body: { a: 1 }, isTrusted: true } as const;
  t.is((await client.request(request)).text, 'there');
  t.deepEqual(
    mock.asked.map(({ method, path, body }) => [method, path, body]),
    [
      ['POST', '/', { a: 1 }],
      ['POST', '/two', { a: 1 }],
      ['POST', '/three', { a: 1 }],
    ],
  );
  mock.answers = [{ status: 307, headers: { location: '/again' } }];
  t.is(await problem(client.request(request)), 'Too many redirects');
  t.is(mock.asked.length, 6);
});

test('a redirect that would make a GET of a POST is told, not followed', async (t) => {
  const mock = await MockServer.start(t);
  mock.answers = [{ status: 301, headers: { location: 'https://new.example/list' } }];
  const request = { method: 'POST', url: mock.origin, body: {}, isTrusted: true } as const;
  t.regex(await problem(client.request(request)), /moved to https:\/\/new\.example: use that address/);
});

test('an authorization header stays with the server that it is for', async (t) => {
  const first = await MockServer.start(t);
  const second = await MockServer.start(t);
  first.answers = [{ status: 307, headers: { location: second.origin } }];
  second.answers = [{ body: 'ok' }];
  const headers = { Authorization: 'Token secret', 'X-Other': '1' };
  await client.request({ method: 'POST', url: first.origin, headers, body: {}, isTrusted: true });
  t.is(first.asked[0]?.headers.authorization, 'Token secret');
  t.is(second.asked[0]?.headers.authorization, undefined);
  t.is(second.asked[0]?.headers['x-other'], '1');
});

test('user and password of an address are sent only when the server asks', async (t) => {
  const mock = await MockServer.start(t);
  mock.answers = [{ status: 401, headers: { 'www-authenticate': 'Basic realm="x"' } }, { body: 'in' }];
  const url = `http://ann:p%40ss@127.0.0.1:${mock.port}/`;
  t.is((await client.request({ method: 'GET', url, isTrusted: true })).text, 'in');
  t.deepEqual(
    mock.asked.map(({ headers }) => headers.authorization),
    [undefined, `Basic ${Buffer.from('ann:p@ss').toString('base64')}`],
  );
  mock.answers = [{ status: 401, headers: { 'www-authenticate': 'Basic' } }];
  t.is((await client.request({ method: 'GET', url, isTrusted: true })).status, 401, 'and only once');
});

test('a server that does not answer is given up', async (t) => {
  const mock = await MockServer.start(t);
  mock.answers = [() => undefined];
  const clock = new ManualClock();
  const run = problem(
    new HttpClient({ clock }).request({ method: 'GET', url: mock.origin, isTrusted: true }),
  );
  await mock.until(1);
  clock.advance(10_000);
  t.is(await run, 'no answer within 10 seconds');
  t.is(clock.waiting, 0);
});

test('a server that drips its answer is given up too', async (t) => {
  const mock = await MockServer.start(t);
  let hasDripped = () => {};
  const dripped = new Promise<void>((resolve) => {
    hasDripped = resolve;
  });
  mock.answers = [
    (_, response) => {
      response.writeHead(200);
      response.write('a', () => hasDripped());
      return undefined;
    },
  ];
  const clock = new ManualClock();
  const run = problem(
    new HttpClient({ clock }).request({
      method: 'GET',
      url: mock.origin,
      isTrusted: true,
      timeLimitMs: 2000,
    }),
  );
  await dripped;
  clock.advance(2000);
  t.is(await run, 'no answer within 2 seconds');
});

test('an endless answer is cut off', async (t) => {
  const mock = await MockServer.start(t);
  mock.answers = [
    (_, response) => {
      response.writeHead(200);
      const pour = () => {
        while (!response.destroyed && response.write('x'.repeat(10_000)));
        if (!response.destroyed) response.once('drain', pour);
      };
      pour();
      return undefined;
    },
  ];
  const message = await problem(client.request({ method: 'GET', url: mock.origin, isTrusted: true }));
  t.is(message, 'the answer is larger than 65536 bytes');
});

for (const [name, bytes, expected] of [
  ['something else than HTTP', 'SSH-2.0-OpenSSH_9.2\r\n', 'the answer is not HTTP'],
  ['endless headers', `HTTP/1.1 200 OK\r\nx: ${'x'.repeat(100_000)}`, 'the answer is not HTTP'],
  ['nothing', '', 'Connection closed'],
  ['half an answer', 'HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nabc', /middle of the answer/],
] as const) {
  test(`a server that says ${name} is a problem in words`, async (t) => {
    const server = net.createServer((socket) => {
      socket.on('error', () => {});
      socket.once('data', () => socket.end(bytes));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    t.teardown(() => server.close());
    const url = `http://127.0.0.1:${(server.address() as net.AddressInfo).port}/`;
    const message = await problem(client.request({ method: 'GET', url, isTrusted: true }));
    if (typeof expected === 'string') t.is(message, expected);
    else t.regex(message, expected);
  });
}

test('nobody there, no such name, no such scheme are problems in words', async (t) => {
  const mock = await MockServer.start(t);
  const url = mock.origin;
  await mock.stop();
  t.is(await problem(client.request({ method: 'GET', url, isTrusted: true })), 'Connection refused');
  const lost = new HttpClient({
    clock,
    lookup: (_host, _options, answer) => answer(Object.assign(new Error('x'), { code: 'ENOTFOUND' }), '', 0),
  });
  t.is(
    await problem(lost.request({ method: 'GET', url: 'http://lost.example/', isTrusted: true })),
    'Host lost.example not found',
  );
  t.is(
    await problem(client.request({ method: 'GET', url: 'file:///etc/passwd', isTrusted: true })),
    'not an http or https address: file:///etc/passwd',
  );
});

test("strangers' look-ups run two at a time", async (t) => {
  const open: (() => void)[] = [];
  const slow = new HttpClient({
    clock,
    lookup: (host, _options, answer) => {
      open.push(() => answer(Object.assign(new Error(host), { code: 'ENOTFOUND' }), '', 0));
    },
  });
  const all = [1, 2, 3, 4].map((n) =>
    problem(slow.request({ method: 'GET', url: `http://host${n}.example/`, isTrusted: false })),
  );
  await new Promise((resolve) => setImmediate(resolve));
  t.is(open.length, 2);
  for (let done = 0; done < 4; done += 1) {
    open[done]!();
    await new Promise((resolve) => setImmediate(resolve));
  }
  t.deepEqual(
    await Promise.all(all),
    [1, 2, 3, 4].map((n) => `Host host${n}.example not found`),
  );
});

test('closing ends what is under way', async (t) => {
  const mock = await MockServer.start(t);
  mock.answers = [() => undefined];
  const client = new HttpClient({ clock });
  const run = problem(client.request({ method: 'GET', url: mock.origin, isTrusted: true }));
  await mock.until(1);
  client.close();
  t.is(await run, 'this server is stopping');
});

test('credentials are taken out of what is shown', (t) => {
  t.is(withoutCredentials('http://user:pw@host/list?x=a@b'), 'http://host/list?x=a@b');
  t.is(withoutCredentials('https://host/~user@x'), 'https://host/~user@x');
  t.is(withoutCredentials('http://a:b@c@host/'), 'http://host/');
});
