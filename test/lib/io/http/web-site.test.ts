// Files of a web interface as browsers and caches ask for them.
import { mkdirSync, utimesSync, writeFileSync } from 'node:fs';
import * as path from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { findSiteFile, hasUnchanged } from '../../../../src/lib/io/http/web-site.js';
import { ask, startAdminServer } from '../../../helpers/admin-server.js';
import { makeFolder } from '../../../helpers/certificates.js';

const changed = new Date('2026-03-01T10:00:00.700Z');
const changedText = 'Sun, 01 Mar 2026 10:00:00 GMT';

function writeSite(t: ExecutionContext) {
  const folder = makeFolder(t);
  const site = path.join(folder, 'drawpile', 'drawpile-srv', 'webadmin');
  mkdirSync(site, { recursive: true });
  const write = (name: string, text: string) => {
    writeFileSync(path.join(site, name), text);
    utimesSync(path.join(site, name), changed, changed);
  };
  write('index.html', '<p>hello');
  return { folder, site, write };
}

async function startSite(t: ExecutionContext) {
  const { folder, write } = writeSite(t);
  const server = await startAdminServer(t, { hasPort: true, environment: { XDG_DATA_HOME: folder } });
  const get = (at: string, headers: Record<string, string> = {}, method = 'GET') =>
    ask({ method, path: at, port: server.admin.port, headers });
  return { get, write };
}

test('a file comes with its tag, its date and its type; caches ask again', async (t) => {
  const { get } = await startSite(t);
  const { status, headers, text } = await get('/');
  t.is(status, 200);
  t.is(text, '<p>hello');
  t.like(headers, {
    'content-type': 'text/html; charset=utf-8',
    'content-length': '8',
    'last-modified': changedText,
    'cache-control': 'no-cache',
    'x-content-type-options': 'nosniff',
  });
  t.regex(headers.etag ?? '', /^"[\w-]{22}"$/);
});

test('HEAD tells the same without the content', async (t) => {
  const { get } = await startSite(t);
  const { date: _, ...whole } = (await get('/index.html')).headers;
  const head = await get('/index.html', {}, 'HEAD');
  const { date: __, ...told } = head.headers;
  t.is(head.status, 200);
  t.is(head.text, '');
  t.deepEqual(told, whole);
  t.is((await get('/nosuch', {}, 'HEAD')).status, 404);
  t.is((await get('/', {}, 'POST')).status, 405);
});

test('what a browser has is not sent again until it changes', async (t) => {
  const { get, write } = await startSite(t);
  const { etag } = (await get('/')).headers;
  const again = await get('/', { 'if-none-match': etag! });
  t.is(again.status, 304);
  t.is(again.text, '');
  t.like(again.headers, { etag, 'last-modified': changedText, 'cache-control': 'no-cache' });
  t.is(again.headers['content-type'], undefined);
  t.is((await get('/', { 'if-none-match': etag! }, 'HEAD')).status, 304);
  t.is((await get('/', { 'if-modified-since': changedText })).status, 304);
  // as long as before, and of the same date: an unpacked archive has such files
  write('index.html', '<p>HELLO');
  const after = await get('/', { 'if-none-match': etag!, 'if-modified-since': changedText });
  t.is(after.status, 200);
  t.is(after.text, '<p>HELLO');
  t.not(after.headers.etag, etag);
});

const file = { etag: '"abc"', lastModified: changedText };
for (const [tags, since, unchanged] of [
  [undefined, undefined, false],
  ['"abc"', undefined, true],
  ['W/"abc"', undefined, true],
  ['"x", W/"abc"', undefined, true],
  ['"x,y","abc"', undefined, true],
  ['*', undefined, true],
  ['abc', undefined, false],
  ['"abcd"', undefined, false],
  ['', changedText, false],
  ['"x"', changedText, false],
  [undefined, changedText, true],
  [undefined, 'Sun, 01 Mar 2026 10:00:01 GMT', true],
  [undefined, 'Sun, 01 Mar 2026 09:59:59 GMT', false],
  [undefined, 'yesterday', false],
] as const) {
  test(`If-None-Match ${tags}, If-Modified-Since ${since}: ${unchanged ? 'has it' : 'gets it'}`, (t) => {
    const headers = {
      ...(tags !== undefined && { 'if-none-match': tags }),
      ...(since !== undefined && { 'if-modified-since': since }),
    };
    t.is(hasUnchanged(headers, file), unchanged);
  });
}

test('files have the types that browsers want', async (t) => {
  const { site, write } = writeSite(t);
  for (const [name, type] of [
    ['a.html', 'text/html; charset=utf-8'],
    ['a.mjs', 'text/javascript; charset=utf-8'],
    ['a.CSS', 'text/css; charset=utf-8'],
    ['a.svg', 'image/svg+xml'],
    ['a.wasm', 'application/wasm'],
    ['a.webmanifest', 'application/manifest+json'],
    ['a.min.js.map', 'application/json'],
    ['a.avif', 'image/avif'],
    ['a.ttf', 'font/ttf'],
    ['LICENSE', 'application/octet-stream'],
    ['a.html.gz', 'application/octet-stream'],
  ] as const) {
    write(name, 'x');
    t.is((await findSiteFile({ folder: site }, `/${name}`))?.type, type, name);
  }
});
