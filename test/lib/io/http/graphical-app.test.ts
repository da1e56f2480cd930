// The app as the server sends it: its headers, its packed forms, and where it is not.
import { mkdirSync, writeFileSync } from 'node:fs';
import * as path from 'node:path';
import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import test from 'ava';
import { loadAppFiles } from '../../../../src/lib/io/http/graphical-app.js';
import { startAdminServer } from '../../../helpers/admin-server.js';
import { makeFolder } from '../../../helpers/certificates.js';

const bytesAtMost = 100 * 1024;

test('the first view has at most 100 kB with gzip, and is packed as it is', async (t) => {
  let bytes = 0;
  for (const [name, { bytes: plain, packed }] of await loadAppFiles()) {
    bytes += packed.gzip!.length;
    t.deepEqual(gunzipSync(packed.gzip!), plain, name);
    t.deepEqual(brotliDecompressSync(packed.br!), plain, name);
  }
  t.log(`${bytes} bytes`);
  t.true(bytes > 10_000 && bytes <= bytesAtMost, `${bytes} bytes`);
});

test('everybody gets the page, which may load from here only, at every address of the app', async (t) => {
  const server = await startAdminServer(t, { hasPort: true, values: { 'web-admin-auth': 'a:b' } });
  const { port } = server.admin;
  for (const at of ['/admin', '/admin/', '/admin/people', '/admin/session/0123', '/admin/nothing/here']) {
    const page = await server.request({ path: at, port });
    t.is(page.status, 200, at);
    t.is(page.headers['content-type'], 'text/html; charset=utf-8');
    t.regex(
      page.headers['content-security-policy'] as string,
      /default-src 'none'; script-src 'self'; style-src 'self'/,
    );
    t.notRegex(page.headers['content-security-policy'] as string, /unsafe|https?:|\*/);
    t.is(page.headers['x-frame-options'], 'DENY');
    t.is(page.headers['cache-control'], 'no-cache');
    t.notRegex(
      page.text,
      /<script(?![^>]* src=)|\sstyle=|\son\w+=|https?:/,
      'nothing in the page itself, nothing from elsewhere',
    );
  }
  const page = await server.request({ path: '/admin/', port });
  const again = await server.request({
    path: '/admin/',
    port,
    headers: { 'if-none-match': page.headers.etag! },
  });
  t.is(again.status, 304);
  const api = await server.request({ path: '/api/dp/1/server/status', port });
  t.is(api.status, 401, 'the rest is for those who log in');
});

test('files with their content in their name are kept for a year, in the form that the browser knows', async (t) => {
  const server = await startAdminServer(t, { hasPort: true });
  const { port } = server.admin;
  const page = await server.request({ path: '/admin/', port });
  const script = /src="([^"]+)"/.exec(page.text)![1]!;
  const plain = await server.request({ path: script, port });
  t.is(plain.headers['cache-control'], 'public, max-age=31536000, immutable');
  t.is(plain.headers['content-type'], 'text/javascript; charset=utf-8');
  t.is(plain.headers['content-encoding'], undefined);
  for (const [accepted, coding] of [
    ['gzip, deflate, br', 'br'],
    ['gzip', 'gzip'],
    ['br;q=0, gzip;q=0.5', 'gzip'],
    ['identity', undefined],
  ] as const) {
    const answer = await server.request({ path: script, port, headers: { 'accept-encoding': accepted } });
    t.is(answer.headers['content-encoding'], coding, accepted);
    t.is(answer.headers.vary, 'Accept-Encoding');
  }
  for (const at of ['nothing.js', 'index.html', '..%2Findex.html', '%2e%2e%2fpackage.json', 'x.map']) {
    t.is((await server.request({ path: `/admin/assets/${at}`, port })).status, 404, at);
  }
});

test('a web interface of the administrator takes the place of the app', async (t) => {
  const folder = makeFolder(t);
  mkdirSync(path.join(folder, 'sub'));
  writeFileSync(path.join(folder, 'index.html'), 'theirs');
  writeFileSync(path.join(folder, 'sub', 'a.js'), 'their script');
  const server = await startAdminServer(t, { hasPort: true, values: { 'web-admin-app': folder } });
  const { port } = server.admin;
  t.is((await server.request({ path: '/admin/', port })).text, 'theirs');
  t.is((await server.request({ path: '/admin/sub/a.js', port })).text, 'their script');
  for (const at of ['/sub/a.js', '/index.html', '/administration/a.js']) {
    t.is((await server.request({ path: at, port })).status, 404, at);
  }
});

test('a login that is over is forgotten, so that it keeps nobody out where nobody needs one', async (t) => {
  const server = await startAdminServer(t, { hasPort: true });
  const { port } = server.admin;
  const headers = { cookie: 'dp-login=nothing' };
  const refused = await server.request({ path: '/api/dp/1/server/status', port, headers });
  t.is(refused.status, 401);
  t.regex(String(refused.headers['set-cookie']), /^dp-login=;.*Max-Age=0/);
  t.is((await server.request({ path: '/api/dp/1/server/status', port })).status, 200);
});
