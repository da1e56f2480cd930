// Links that set a password, and what others try with them: used again, at once, later, for another account, from another
// page, in place of another kind of link.

import test from 'ava';
import { systemSecrets } from '../../../../src/lib/io/system/access-secrets.js';
import { type AdminServer, startAdminServer } from '../../../helpers/admin-server.js';

const post = (server: AdminServer, path: string, body: unknown, headers: Record<string, string> = {}) =>
  server.request({ method: 'POST', path: `/api/dp/1/${path}`, body, headers, port: server.admin.port });
const codeOf = ({ json }: { json: unknown }) => (json as { code?: string }).code;

async function start(t: Parameters<typeof startAdminServer>[0]) {
  const server = await startAdminServer(t, {
    hasPort: true,
    hasTrail: true,
    values: { 'web-admin-auth': 'o:wner' },
  });
  const local = (path: string, body: unknown) =>
    server.request({ method: 'POST', path: `/api/dp/1/${path}`, body });
  for (const name of ['Mia', 'Noa']) {
    await local('user/add', { name, password: `${name} first`, flags: ['MOD'] });
  }
  const makeLink = async (name: string) => {
    const { json } = await local('user/reset', { key: { name } });
    return (json as { path: string }).path.replace('/admin/#reset=', '');
  };
  const logIn = (name: string, password: string) => post(server, 'login', { name, password });
  return { server, local, makeLink, logIn };
}

test('a link sets the password once, says whose it is, and ends the logins of that account only', async (t) => {
  const { server, local, makeLink, logIn } = await start(t);
  const mia = await logIn('Mia', 'Mia first');
  const noa = await logIn('Noa', 'Noa first');
  const cookieOf = (answer: typeof mia) => ({
    cookie: String(answer.headers['set-cookie']).split(';')[0] ?? '',
  });
  const link = await makeLink('Mia');
  const whose = await post(server, 'login/reset', { link });
  t.like(whose.json, { name: 'Mia', isDone: false });
  const done = await post(server, 'login/reset', { link, password: 'Mia second' });
  t.is(done.status, 200);
  t.is(done.headers['set-cookie'], undefined, 'it logs nobody in');
  t.is((await logIn('Mia', 'Mia first')).status, 401);
  t.is((await logIn('Mia', 'Mia second')).status, 200);
  const path = '/api/dp/1/server/status';
  const look = (headers: Record<string, string>) =>
    server.request({ path, headers, port: server.admin.port });
  t.is((await look(cookieOf(mia))).status, 401);
  t.is((await look(cookieOf(noa))).status, 200);
  for (const body of [{ link }, { link, password: 'third' }]) {
    t.is(codeOf(await post(server, 'login/reset', body)), 'reset-link-wrong', 'once only');
  }
  const audit = JSON.stringify((await local('audit/query', { order: 'newest' })).json);
  t.regex(audit, /user\.reset/);
  t.regex(audit, /login\.reset/);
  t.notRegex(audit, new RegExp(`${link}|Mia second|argon2`));
});

test('of two who use a link at once, one sets the password', async (t) => {
  const { server, makeLink, logIn } = await start(t);
  const link = await makeLink('Mia');
  const answers = await Promise.all(
    ['one', 'two', 'three'].map((password) => post(server, 'login/reset', { link, password })),
  );
  t.deepEqual(answers.map(({ status }) => status).sort(), [200, 403, 403]);
  const winner = ['one', 'two', 'three'][answers.findIndex(({ status }) => status === 200)] ?? '';
  t.is((await logIn('Mia', winner)).status, 200);
});

test('a link ends with a new password, another name, the account, another link, and its time', async (t) => {
  const { server, local, makeLink } = await start(t);
  const isOver = async (link: string, why: string) =>
    t.is(codeOf(await post(server, 'login/reset', { link, password: 'stolen' })), 'reset-link-wrong', why);
  let link = await makeLink('Mia');
  await local('user/change', { key: { name: 'Mia' }, password: 'by an administrator' });
  await isOver(link, 'another password');
  link = await makeLink('Mia');
  await local('user/change', { key: { name: 'Mia' }, name: 'Maja' });
  await isOver(link, 'another name');
  link = await makeLink('Maja');
  const newer = await makeLink('Maja');
  await isOver(link, 'another link');
  await local('user/remove', { key: { name: 'Maja' } });
  await isOver(newer, 'no account');
  await local('user/add', { name: 'Maja', password: 'somebody else' });
  await isOver(newer, 'another account of that name');
  const secret = systemSecrets.make();
  const fresh = await makeLink('Noa');
  const known = (await server.configuration.stores.grants?.all())?.findLast(({ kind }) => kind === 'reset');
  t.true(known !== undefined);
  if (!known) return;
  const { kind, name, role, proof, created } = known;
  await server.configuration.stores.grants?.add({
    kind,
    name,
    role,
    proof,
    created,
    digest: systemSecrets.digest(secret),
    expires: Date.now() - 1,
  });
  await isOver(secret, 'its time');
  t.is(
    (await post(server, 'login/reset', { link: fresh })).status,
    200,
    'the other one is as good as before',
  );
});

test('links of one kind are none of another', async (t) => {
  const { server, local, makeLink } = await start(t);
  const reset = await makeLink('Mia');
  t.is(codeOf(await post(server, 'login', { link: reset })), 'login-link-wrong', 'it logs nobody in');
  const { path } = (await local('login/link', {})).json as { path: string };
  const login = path.replace('/admin/#link=', '');
  t.is(codeOf(await post(server, 'login/reset', { link: login, password: 'x' })), 'reset-link-wrong');
  const bearer = await server.request({
    path: '/api/dp/1/server/status',
    port: server.admin.port,
    headers: { authorization: `Bearer ${reset}`, cookie: `dp-login=${reset}` },
  });
  t.is(bearer.status, 401, 'nor is it a token or a login');
  t.is((await post(server, 'login/reset', { link: reset })).status, 200);
});

test('other pages, and wrong requests, set no password', async (t) => {
  const { server, makeLink, logIn } = await start(t);
  const link = await makeLink('Mia');
  for (const headers of [{ origin: 'https://evil.example' }, { 'sec-fetch-site': 'cross-site' }]) {
    t.true((await post(server, 'login/reset', { link, password: 'stolen' }, headers)).status >= 400);
  }
  for (const body of [
    {},
    { password: 'x' },
    { link: 7 },
    { link, password: '' },
    { link, password: 'x', name: 'Noa' },
    { link: '', password: 'x' },
    { link: "' OR 1=1 --", password: 'x' },
    { link: link.slice(0, -1), password: 'x' },
  ]) {
    t.true((await post(server, 'login/reset', body)).status >= 400, JSON.stringify(body));
  }
  const long = { link, password: 'x'.repeat(20_000) };
  t.true((await post(server, 'login/reset', long)).status >= 400);
  t.is((await logIn('Mia', 'Mia first')).status, 200, 'it is as before');
  t.is((await post(server, 'login/reset', { link })).status, 200);
});

test('links are made by administrators, and none works while accounts are locked', async (t) => {
  const { server, local, makeLink, logIn } = await start(t);
  const mia = await logIn('Mia', 'Mia first');
  const { csrf } = mia.json as { csrf: string };
  const cookie = String(mia.headers['set-cookie']).split(';')[0] ?? '';
  const byModerator = await post(
    server,
    'user/reset',
    { key: { name: 'Noa' } },
    { cookie, 'x-csrf-token': csrf },
  );
  t.is(codeOf(byModerator), 'role-insufficient');
  const link = await makeLink('Mia');
  await local('server/lock', { sections: ['accounts'] });
  t.is(codeOf(await post(server, 'login/reset', { link, password: 'x' })), 'section-locked');
  t.is(codeOf(await local('user/reset', { key: { name: 'Mia' } })), 'section-locked');
  t.is((await logIn('Mia', 'Mia first')).status, 200);
});
