import { mkdirSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import net from 'node:net';
import * as path from 'node:path';
import test from 'ava';
import { loadOperations } from '../../../../src/lib/admin/operations.js';
import { originalRoutes } from '../../../../src/lib/io/http/original/routes.js';
import { findSiteFile } from '../../../../src/lib/io/http/web-site.js';
import { ask, startAdminServer } from '../../../helpers/admin-server.js';
import { makeFolder } from '../../../helpers/certificates.js';
import { Client } from '../../../helpers/client.js';

interface Described {
  paths: Record<string, Record<string, { requestBody?: unknown }>>;
}

test('the description has every route, and every described route answers', async (t) => {
  const server = await startAdminServer(t);
  const { paths } = (await server.get('/api/dp/1/openapi.json')) as Described;
  for (const { path: at, methods } of originalRoutes) {
    const described = paths[`/api/${at.replace(/:(\w+)/g, '{$1}')}`];
    for (const method of Object.keys(methods)) t.truthy(described?.[method.toLowerCase()], `${method} ${at}`);
  }
  for (const [name, { isChange }] of Object.entries(await loadOperations())) {
    const described = paths[`/api/dp/1/${name.replace('.', '/')}`];
    t.truthy(described?.post?.requestBody, name);
    t.is(described?.get !== undefined, !isChange, name);
  }
  for (const [at, methods] of Object.entries(paths)) {
    // these answers have no end
    if (/\/(log\/follow|dp\/1\/events)$/.test(at) || !at.startsWith('/api/')) continue;
    for (const method of Object.keys(methods)) {
      const real = at.replace(/\{\w+\}/g, 'nobody');
      const answer = await server.request({
        method: method.toUpperCase(),
        path: real,
        body: method === 'get' ? undefined : {},
      });
      const isUnknownRoute = answer.status === 404 && at.startsWith('/api/dp/');
      t.false(isUnknownRoute && !JSON.stringify(answer.json).includes('"code"'), `${method} ${at}`);
      t.true(answer.status < 500 || answer.status === 502, `${method} ${at}: ${answer.status}`);
    }
  }
});

test('the description names parts of paths, inputs and answers, and each operation once', async (t) => {
  interface Route {
    operationId?: string;
    parameters?: { in: string; name: string; required: boolean }[];
    responses: Record<string, { description?: string; content?: unknown }>;
  }
  const server = await startAdminServer(t);
  const { paths } = (await server.get('/api/dp/1/openapi.json')) as { paths: Record<string, object> };
  const ids: string[] = [];
  for (const [at, methods] of Object.entries(paths)) {
    for (const [method, route] of Object.entries(methods) as [string, Route][]) {
      const named = (place: string) =>
        (route.parameters ?? []).filter((each) => each.in === place).map(({ name }) => name);
      t.deepEqual(
        named('path'),
        [...at.matchAll(/\{(\w+)\}/g)].map(([, name]) => name!),
        `${method} ${at}`,
      );
      t.true(Object.values(route.responses).every(({ description }) => description !== undefined));
      if (route.operationId === undefined) continue;
      ids.push(route.operationId);
      t.deepEqual(Object.keys(route.responses), ['200', 'default'], at);
      t.deepEqual(named('query'), method === 'get' ? ['input'] : [], at);
    }
  }
  t.true(ids.length > 40);
  t.is(new Set(ids).size, ids.length);
  t.false(Object.values(paths).some((methods) => 'head' in methods));
});

test('operations run over HTTP, and what is wrong comes back with its code', async (t) => {
  const server = await startAdminServer(t);
  const run = (name: string, body: unknown) =>
    server.request({ method: 'POST', path: `/api/dp/1/${name}`, body });
  const added = await run('user/add', { name: 'anna', password: 'pw', flags: ['MOD'] });
  t.like(added.json, { name: 'anna', flags: ['MOD'], password: 'argon2id' });
  t.like((await run('user/add', { name: 'anna', password: 'pw' })).json, {
    status: 'error',
    kind: 'conflict',
  });
  t.is((await run('user/add', { name: 'anna', password: 'pw' })).status, 409);
  t.is((await run('user/add', { name: 5 })).status, 400);
  t.is((await run('user/nothing', {})).status, 404);
  const ban = (await run('ban/add', { kind: 'ip', address: '192.0.2.1', expires: 4_000_000_000_000 }))
    .json as { id: number };
  const lifted = await run('ban/change', { kind: 'ip', id: ban.id, change: { expires: null } });
  t.like(lifted.json, { expires: null });
  const listed = await server.get(`/api/dp/1/ban/list?input=${encodeURIComponent('{"kind":"ip"}')}`);
  t.is((listed as unknown[]).length, 1);
  const wrong = await server.request({ path: '/api/dp/1/ban/list?input=%7B%22kind%22%3A5%7D' });
  t.is(wrong.status, 400);
  t.like(wrong.json, { code: 'input-invalid', reason: 'input-not-expected', kind: 'badInput' });
});

test('locked sections are locked for our own routes too', async (t) => {
  const server = await startAdminServer(t);
  await server.request({ method: 'PUT', path: '/api/locks', body: { sections: ['accounts'] } });
  const answer = await server.request({
    method: 'POST',
    path: '/api/dp/1/user/add',
    body: { name: 'anna', password: 'pw' },
  });
  t.is(answer.status, 403);
  t.is((await server.request({ path: '/api/dp/1/user/list' })).status, 200);
  const unknown = await server.request({ method: 'POST', path: '/api/accounts/1/2/3', body: {} });
  t.is(unknown.status, 403, 'unknown paths of a locked section, too');
});

test('bodies and headers have limits, and the server goes on', async (t) => {
  const server = await startAdminServer(t);
  const large = await server.request({
    method: 'PUT',
    path: '/api/server',
    body: `{"x":"${'a'.repeat(2_000_000)}"}`,
  });
  t.is(large.status, 413);
  await t.throwsAsync(server.request({ path: '/api/status', headers: { x: 'a'.repeat(30_000) } }));
  t.is((await server.request({ path: '/api/status' })).status, 200);
});

test('a DELETE with a body is carried out and answered', async (t) => {
  const server = await startAdminServer(t);
  await server.request({ method: 'POST', path: '/api/accounts', body: { username: 'a', password: 'b' } });
  const answer = await server.request({ method: 'DELETE', path: '/api/accounts/1', body: '{"broken' });
  t.deepEqual(answer.json, { status: 'ok', deleted: 1 });
});

test('settings reach the running server at once', async (t) => {
  const server = await startAdminServer(t);
  await server.request({
    method: 'PUT',
    path: '/api/server',
    body: { allowGuests: false },
  });
  const client = await Client.open(server.server.port, { name: 'guest' });
  t.teardown(() => client.drop());
  t.is((await client.logIn()).state, 'needPassword');
});

test('the socket is for its owner only, and a dead one is replaced', async (t) => {
  const server = await startAdminServer(t);
  const { socketPath } = server.admin;
  t.is(statSync(socketPath!).mode & 0o777, 0o600);
  t.regex(path.basename(socketPath!), /^[0-9a-f]{16}\.sock$/);
  const { openHttpSocket } = await import('../../../../src/lib/io/http/http-listener.js');
  const { default: fastify } = await import('fastify');
  const second = fastify();
  await t.throwsAsync(
    openHttpSocket(async () => second, socketPath!),
    { message: /another server is listening/ },
  );
  const dead = path.join(server.folder, 'dead.sock');
  const left = net.createServer();
  await new Promise<void>((resolve) => left.listen(dead, resolve));
  const { linkSync } = await import('node:fs');
  linkSync(dead, `${dead}2`);
  await new Promise((resolve) => left.close(resolve));
  const listener = await openHttpSocket(async () => second, `${dead}2`);
  t.teardown(() => listener.close());
  t.is(statSync(`${dead}2`).mode & 0o777, 0o600);
});

test('files of a web interface stay inside their folder', async (t) => {
  const folder = makeFolder(t);
  const site = path.join(folder, 'site');
  mkdirSync(path.join(site, 'sub'), { recursive: true });
  writeFileSync(path.join(folder, 'secret.txt'), 'secret');
  writeFileSync(path.join(site, 'index.html'), 'root');
  writeFileSync(path.join(site, 'app.js'), 'code');
  symlinkSync(path.join(folder, 'secret.txt'), path.join(site, 'link.txt'));
  const find = async (at: string) => (await findSiteFile({ folder: site }, at))?.bytes.toString();
  t.is(await find('/'), 'root');
  t.is(await find('/nosuch/'), 'root');
  t.is(await find('/sub/'), 'root');
  t.is(await find('/app.js'), 'code');
  t.is((await findSiteFile({ folder: site }, '/app.js'))?.type, 'text/javascript; charset=utf-8');
  for (const at of [
    '/../secret.txt',
    '/%2e%2e/secret.txt',
    '/..%2fsecret.txt',
    '/link.txt',
    '/nosuch',
    '/%00',
    '/%zz',
  ]) {
    t.is(await find(at), undefined, at);
  }
});

test('what somebody sends to log in is small: nobody has been looked at yet', async (t) => {
  const { admin } = await startAdminServer(t, { hasPort: true });
  const { port } = admin;
  const logIn = (password: string) =>
    ask({ method: 'POST', path: '/api/dp/1/login', port: port!, body: { name: 'anna', password } });
  const usual = await logIn('x'.repeat(4000));
  t.not(usual.status, 413);
  const large = await logIn('x'.repeat(9000));
  t.is(large.status, 413);
  t.like(large.json, { code: 'request-invalid' });
});
