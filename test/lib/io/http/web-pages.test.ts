// Which web pages may use the admin API: by what browsers say of a request, on every route.
import { mkdirSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import * as path from 'node:path';
import test from 'ava';
import { loadOperations } from '../../../../src/lib/admin/operations.js';
import { httpStatusOf } from '../../../../src/lib/core/errors.js';
import { originalRoutes } from '../../../../src/lib/io/http/original/routes.js';
import { WebPages } from '../../../../src/lib/io/http/web-pages.js';
import { ask, startAdminServer } from '../../../helpers/admin-server.js';
import { makeFolder } from '../../../helpers/certificates.js';

type Headers = Record<string, string>;

const rows: readonly (readonly [method: string, headers: Headers, status: 403 | undefined, why: string])[] = [
  ['POST', { host: '127.0.0.1:27780' }, undefined, 'a program'],
  ['POST', { host: 'localhost:27780' }, undefined, 'a program'],
  ['POST', { host: '[::1]:27780' }, undefined, 'a program'],
  ['POST', { host: 'srv:27780' }, undefined, 'a name of the local network'],
  ['POST', { host: 'admin.localhost' }, undefined, 'a name that is always this machine'],
  ['POST', { host: 'draw.example' }, undefined, 'the name that the server is started with'],
  ['POST', { host: 'DRAW.example.:443' }, undefined, 'the same name'],
  ['POST', { host: 'ui.example' }, undefined, 'the name of an allowed origin'],
  ['POST', { host: hostname() }, undefined, 'the name of this machine'],
  ['POST', { host: 'any.cert.example:1' }, undefined, 'a name of the certificate'],
  ['POST', { host: 'a.b.cert.example' }, 403, 'two labels where the certificate is for one'],
  ['POST', { host: 'cert.example' }, 403, 'none where the certificate is for one'],
  ['GET', { host: 'evil.example:27780' }, 403, 'a page that rebinds its name'],
  ['GET', { host: 'evil.example', 'sec-fetch-site': 'same-origin' }, 403, 'the same'],
  ['GET', { host: '127.0.0.1.evil.example' }, 403, 'a name that looks like an address'],
  ['GET', { host: 'draw.example.evil.example' }, 403, 'a name that begins like ours'],
  ['GET', { host: 'xdraw.example' }, 403, 'a name that ends like ours'],
  ['POST', { host: '127.0.0.1:1', origin: 'http://127.0.0.1:1' }, undefined, 'our own page'],
  ['POST', { host: 'draw.example', origin: 'https://draw.example' }, undefined, 'our own page behind TLS'],
  ['POST', { host: 'draw.example:443', origin: 'https://draw.example' }, undefined, 'the same'],
  ['POST', { host: '127.0.0.1:1', origin: 'https://ui.example' }, undefined, 'an allowed page'],
  ['POST', { host: '127.0.0.1:1', origin: 'https://UI.example' }, undefined, 'the same'],
  ['POST', { host: '127.0.0.1:1', origin: 'https://evil.example' }, 403, 'another page'],
  ['GET', { host: '127.0.0.1:1', origin: 'https://evil.example' }, 403, 'another page'],
  ['POST', { host: '127.0.0.1:1', origin: 'null' }, 403, 'a page without an origin'],
  ['POST', { host: '127.0.0.1:1', origin: 'http://127.0.0.1:2' }, 403, 'another server of this machine'],
  [
    'POST',
    { host: '127.0.0.1:1', origin: 'https://ui.example.evil.example' },
    403,
    'begins like an allowed one',
  ],
  ['POST', { host: '127.0.0.1:1', origin: 'http://ui.example' }, 403, 'another scheme than the allowed one'],
  ['POST', { host: '127.0.0.1:1', 'sec-fetch-site': 'cross-site' }, 403, 'another page'],
  ['GET', { host: '127.0.0.1:1', 'sec-fetch-site': 'same-site' }, 403, 'another page of the domain'],
  ['GET', { host: '127.0.0.1:1', 'sec-fetch-site': 'none' }, undefined, 'somebody typed the address'],
  [
    'POST',
    { host: '127.0.0.1:1', origin: 'https://proxied.example', 'sec-fetch-site': 'same-origin' },
    undefined,
    'our own page behind a proxy that changes Host',
  ],
  [
    'GET',
    { host: '127.0.0.1:1', 'sec-fetch-site': 'cross-site', 'sec-fetch-dest': 'document' },
    403,
    'a link to the API',
  ],
];

const pages = new WebPages({
  allowedOrigins: 'https://ui.example/, https://other.example',
  names: () => ['draw.example', '*.cert.example'],
  hasCredentials: false,
});
const withPassword = new WebPages({
  allowedOrigins: 'https://ui.example',
  names: () => ['draw.example', '*.cert.example'],
  hasCredentials: true,
});
const judge = (method: string, headers: Headers, more: { isApi?: boolean; isFromProxy?: boolean } = {}) => {
  const refused = pages.problem({ method, headers, isApi: true, isFromProxy: false, ...more });
  return refused && httpStatusOf(refused);
};

for (const [method, headers, status, why] of rows) {
  test(`${method} ${JSON.stringify(headers)}: ${status ?? 'let in'}, ${why}`, (t) => {
    t.is(judge(method, headers), status);
  });
}

test('a page sends JSON, a program what it wants', (t) => {
  const body = { host: '127.0.0.1', 'content-length': '5' };
  const own = { ...body, origin: 'http://127.0.0.1' };
  for (const type of [
    'text/plain',
    'application/x-www-form-urlencoded',
    'multipart/form-data',
    'application/jsonx',
  ]) {
    t.is(judge('POST', { ...own, 'content-type': type }), 415, type);
    t.is(judge('POST', { ...body, 'content-type': type }), undefined, type);
  }
  t.is(judge('POST', own), 415);
  t.is(
    judge('POST', { host: '127.0.0.1', 'sec-fetch-site': 'same-origin', 'transfer-encoding': 'chunked' }),
    415,
  );
  t.is(judge('PUT', { ...own, 'content-type': 'Application/JSON; charset=utf-8' }), undefined);
});

test('a link may lead to the web site, a frame may not', (t) => {
  const link = { host: '127.0.0.1', 'sec-fetch-site': 'cross-site', 'sec-fetch-dest': 'document' };
  t.is(judge('GET', link, { isApi: false }), undefined);
  t.is(judge('GET', { ...link, 'sec-fetch-dest': 'iframe' }, { isApi: false }), 403);
  t.is(judge('POST', link, { isApi: false }), 403);
});

test('a proxy that changes Host is believed when it names the one that was asked', (t) => {
  const headers = { host: '127.0.0.1:1', origin: 'http://lan.example', 'x-forwarded-host': 'lan.example' };
  t.is(judge('POST', headers, { isFromProxy: true }), undefined);
  t.is(judge('POST', headers), 403);
  t.is(judge('POST', { ...headers, origin: 'http://evil.example' }, { isFromProxy: true }), 403);
});

const browserRows: readonly (readonly [headers: Headers, why: string])[] = [
  [{ origin: 'http://evil.example' }, 'a page that sends'],
  [{ origin: 'null' }, 'a page without an origin'],
  [{ 'sec-fetch-site': 'same-origin' }, 'a page that reads'],
  [{ 'sec-fetch-site': 'none' }, 'an address that was typed'],
  [{ 'sec-fetch-dest': 'document' }, 'a link'],
  [{ 'user-agent': 'Mozilla/5.0 (X11; Linux x86_64)' }, 'a browser that says nothing else, over plain HTTP'],
];

for (const [headers, why] of browserRows) {
  test(`with a password, an unknown name is refused to ${why}, and a known one is not`, (t) => {
    const judged = (host: string, more = {}) =>
      withPassword.hostProblem({ headers: { host, ...headers }, isApi: true, isFromProxy: false, ...more })
        ?.code;
    for (const host of [
      'evil.example:27780',
      '127.0.0.1.evil.example',
      'draw.example.evil.example',
      '[evil.example]',
    ]) {
      t.is(judged(host), 'host-unknown', host);
      t.is(judged(host, { isFromProxy: true }), 'host-unknown', `${host} through a proxy that says nothing`);
    }
    for (const host of [
      '127.0.0.1',
      '[::1]:80',
      'srv',
      'draw.example',
      'ui.example',
      'x.cert.example',
      hostname(),
    ])
      t.is(judged(host), undefined, host);
  });
}

test('with a password, programs call the server what they like', (t) => {
  const judged = (headers: Headers, isApi = true) =>
    withPassword.problem({ method: 'POST', headers, isApi, isFromProxy: false });
  t.is(judged({ host: 'any.example' }), undefined);
  t.is(judged({ host: 'any.example', 'user-agent': 'curl/8.5.0' }), undefined);
  t.is(
    judged({ host: 'any.example', 'sec-fetch-mode': 'cors', 'user-agent': 'node' }),
    undefined,
    'fetch in Node',
  );
  t.is(judged({ host: 'any.example', 'user-agent': 'Mozilla/5.0 (a monitor)' }, false), undefined);
});

test('with a password, a proxy that passes the public name on says so, and allowed pages may come by any name', (t) => {
  const judged = (headers: Headers, isFromProxy: boolean) =>
    withPassword.hostProblem({
      headers: { 'sec-fetch-site': 'same-origin', ...headers },
      isApi: true,
      isFromProxy,
    })?.code;
  const proxied = { host: 'public.example', 'x-forwarded-host': 'public.example' };
  t.is(judged(proxied, true), undefined);
  t.is(judged({ ...proxied, 'x-forwarded-host': 'outer.example, Public.example:443' }, true), undefined);
  t.is(judged(proxied, false), 'host-unknown', 'nobody whom we trust');
  t.is(judged({ ...proxied, 'x-forwarded-host': 'other.example' }, true), 'host-unknown');
  t.is(judged({ host: 'public.example', origin: 'https://ui.example' }, false), undefined);
  t.is(judged({ host: 'public.example', origin: 'https://evil.example' }, false), 'host-unknown');
  const refused = pages.hostProblem({ headers: proxied, isApi: true, isFromProxy: true });
  t.is(refused?.code, 'host-unknown', 'a page could say that too: without a password it is not believed');
});

test('* lets every page in', (t) => {
  const all = new WebPages({ allowedOrigins: '*', names: () => [], hasCredentials: true });
  const headers = { host: 'proxied.example', origin: 'https://evil.example' };
  t.is(all.problem({ method: 'POST', headers, isApi: true, isFromProxy: false }), undefined);
  t.deepEqual(all.corsHeaders('https://evil.example'), { 'access-control-allow-origin': '*' });
});

test('the answer names the allowed origin that asked', (t) => {
  t.deepEqual(pages.corsHeaders('https://other.example'), {
    vary: 'Origin',
    'access-control-allow-origin': 'https://other.example',
  });
  t.deepEqual(pages.corsHeaders('https://evil.example'), { vary: 'Origin' });
  t.deepEqual(
    new WebPages({ allowedOrigins: undefined, names: () => [], hasCredentials: false }).corsHeaders('x'),
    {},
  );
});

async function everyRoute(): Promise<(readonly [method: string, at: string])[]> {
  return [
    ...originalRoutes.flatMap((route) =>
      Object.keys(route.methods).map((method) => [method, `/api/${route.path}`] as const),
    ),
    ...Object.keys(await loadOperations()).map(
      (name) => ['POST', `/api/dp/1/${name.replace('.', '/')}`] as const,
    ),
    ...[
      '/api/dp/1/openapi.json',
      '/api/dp/1/log/follow',
      '/api/dp/1/events',
      '/api/nowhere',
      '/metrics',
      '/livez',
      '/readyz',
      '/',
    ].map((at) => ['GET', at] as const),
    ['POST', '/nowhere'],
    ['OPTIONS', '/api/accounts'],
    ['HEAD', '/api/status'],
  ];
}

test('every route is shut to other pages and other names, with one exception: what asks whether it may', async (t) => {
  const server = await startAdminServer(t, { hasPort: true });
  const send = async (method: string, at: string, headers: Headers) =>
    (await ask({ method, path: at.replace(/:\w+/g, '1'), port: server.admin.port, headers })).status;
  for (const [method, at] of await everyRoute()) {
    t.is(await send(method, at, { host: 'evil.example' }), 403, `${method} ${at}, another name`);
    if (method === 'OPTIONS') continue;
    t.is(await send(method, at, { origin: 'https://evil.example' }), 403, `${method} ${at}, another origin`);
    t.is(await send(method, at, { 'sec-fetch-site': 'cross-site' }), 403, `${method} ${at}, another site`);
  }
  t.is(await send('OPTIONS', '/api/accounts', { origin: 'https://evil.example' }), 204);
});

test('with a password every route is shut to browsers that call the server by another name, whatever password they send', async (t) => {
  const server = await startAdminServer(t, { hasPort: true, values: { 'web-admin-auth': 'admin:secret' } });
  const right = `Basic ${Buffer.from('admin:secret').toString('base64')}`;
  const send = async (method: string, at: string, headers: Headers) =>
    ask({ method, path: at.replace(/:\w+/g, '1'), port: server.admin.port, headers });
  for (const [method, at] of await everyRoute()) {
    const page = { host: 'evil.example', 'sec-fetch-site': 'same-origin' };
    t.is((await send(method, at, page)).status, 403, `${method} ${at}, no password`);
    t.is(
      (await send(method, at, { ...page, authorization: right })).status,
      403,
      `${method} ${at}, right one`,
    );
  }
  const wrong = `Basic ${Buffer.from('admin:guess').toString('base64')}`;
  const page = { host: 'evil.example', origin: 'http://evil.example' };
  const refused = await send('GET', '/api/status', { ...page, authorization: wrong });
  t.like(refused, { status: 403, json: { code: 'host-unknown' } });
  t.regex(refused.text, /--local-host evil\.example/);
  const program = { host: 'evil.example' };
  t.is((await send('GET', '/api/status', program)).status, 401, 'a program without');
  t.is(
    (await send('GET', '/api/status', { ...program, authorization: wrong })).status,
    401,
    'a program that guesses',
  );
  t.is((await send('GET', '/api/status', { ...program, authorization: right })).status, 200, 'a program');
  const proxied = {
    host: 'public.example',
    'x-forwarded-host': 'public.example',
    'x-forwarded-for': '192.0.2.7',
    'sec-fetch-site': 'none',
  };
  t.is(
    (await send('GET', '/api/status', { ...proxied, authorization: right })).status,
    200,
    'through a proxy',
  );
  t.is((await send('GET', '/api/status', proxied)).status, 401, 'through a proxy without');
});

test('files of the web site are for its own pages and those who open it', async (t) => {
  const folder = makeFolder(t);
  const site = path.join(folder, 'drawpile', 'drawpile-srv', 'webadmin');
  mkdirSync(site, { recursive: true });
  writeFileSync(path.join(site, 'index.html'), '<p>hello');
  const server = await startAdminServer(t, { hasPort: true, environment: { XDG_DATA_HOME: folder } });
  const get = async (headers: Headers) => (await ask({ path: '/', port: server.admin.port, headers })).status;
  t.is(await get({}), 200);
  t.is(await get({ 'sec-fetch-site': 'none' }), 200);
  t.is(await get({ host: 'evil.example' }), 403);
  t.is(await get({ origin: 'https://evil.example' }), 403);
  t.is(await get({ 'sec-fetch-site': 'cross-site', 'sec-fetch-dest': 'iframe' }), 403);
});
