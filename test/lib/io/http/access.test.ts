// Name and password of the admin API: guessing is slow, and costs nobody else anything.
import test from 'ava';
import { Credentials, GuessDelays } from '../../../../src/lib/io/http/access.js';
import { ask, startAdminServer } from '../../../helpers/admin-server.js';
import { until } from '../../../helpers/until.js';

const basic = (text: string) => `Basic ${Buffer.from(text).toString('base64')}`;
const right = basic('admin:a:b');

/** Waits are written down and end when they are released. */
function slowed() {
  const waits: number[] = [];
  const releases: (() => void)[] = [];
  const clock = { now: 0 };
  const credentials = new Credentials(
    'admin:a:b',
    () => clock.now,
    (ms) => {
      waits.push(ms);
      return new Promise((resolve) => releases.push(resolve));
    },
  );
  const release = () => {
    for (const each of releases.splice(0)) each();
  };
  /** The answer, whatever it waits for. */
  const check = async (ip: string, header: string | undefined) => {
    const answer = credentials.check(ip, header);
    release();
    return answer;
  };
  return { credentials, waits, clock, release, check };
}

test('wrong passwords are slowed down, the right one ends it', async (t) => {
  const { waits, check } = slowed();
  t.is(await check('10.0.0.1', right), 'ok');
  t.is(await check('10.0.0.1', undefined), 'wrong');
  t.deepEqual(waits, [], 'nobody guessed');
  for (let guess = 0; guess < 7; guess++) t.is(await check('10.0.0.1', basic(`admin:${guess}`)), 'wrong');
  t.deepEqual(waits, [100, 200, 400, 800, 1600, 2000, 2000]);
  t.is(await check('10.0.0.1', right), 'ok');
  t.is(await check('10.0.0.1', basic('admin:x')), 'wrong');
  t.is(waits.at(-1), 100);
});

test('the right password is taken however many wrong ones wait', async (t) => {
  const { credentials, waits, release } = slowed();
  const guesses = Array.from({ length: 200 }, (_, guess) =>
    credentials.check('10.0.0.1', basic(`admin:${guess}`)),
  );
  const own = credentials.check('10.0.0.1', right);
  t.is(await credentials.check('10.0.0.2', right), 'ok', 'others do not wait at all');
  t.true(Math.max(...waits) <= 2000);
  release();
  t.is(await own, 'ok');
  t.deepEqual(new Set(await Promise.all(guesses)), new Set(['wrong']));
});

test('guesses for other names, and of networks beside, keep nobody waiting', async (t) => {
  const { waits, check } = slowed();
  for (const wrong of ['root:a:b', 'Admin:a:b', 'adm:in', 'x']) await check('10.0.0.1', basic(wrong));
  await check('10.0.0.1', 'Bearer abc');
  const before = waits.length;
  t.is(await check('10.0.0.1', right), 'ok');
  await check('2001:db8::1', basic('admin:x'));
  t.is(waits.length, before + 1);
  await check('2001:db8::ffff', basic('admin:y'));
  t.is(waits.at(-1), 200, 'the same network is the same address');
  t.is(await check('2001:db8:0:1::1', right), 'ok');
  t.is(waits.length, before + 2);
});

test('a quarter of an hour without a guess is forgotten', async (t) => {
  const { clock, waits, check } = slowed();
  for (let guess = 0; guess < 5; guess++) await check('10.0.0.1', basic('admin:x'));
  clock.now += 15 * 60_000;
  const before = waits.length;
  t.is(await check('10.0.0.1', right), 'ok');
  t.is(waits.length, before);
});

test('behind a proxy on this machine each client is slowed down alone; an unreadable one is refused', async (t) => {
  const server = await startAdminServer(t, { hasPort: true, values: { 'web-admin-auth': 'admin:a:b' } });
  const get = (headers: Record<string, string>) =>
    ask({ path: '/api/status', port: server.admin.port, headers: { authorization: right, ...headers } });
  const wrong = { authorization: basic('admin:x') };
  const guesses = Array.from({ length: 30 }, () => get({ ...wrong, 'x-real-ip': '198.51.100.7:4711' }));
  t.is((await get({ 'x-real-ip': '198.51.100.8' })).status, 200);
  t.is((await get({})).status, 200);
  t.is((await get({ 'x-real-ip': '198.51.100.7' })).status, 200, 'the same client, with the right password');
  for (const { status } of await Promise.all(guesses)) t.is(status, 401);
  const logged = async () => JSON.stringify(await server.get('/api/log'));
  t.regex(await logged(), /Incorrect name or password for the admin API from 198\.51\.100\.7/);
  for (const headers of [{ 'x-real-ip': 'unknown' }, { forwarded: 'for=_x' }, { 'x-forwarded-for': '' }]) {
    t.is((await get(headers as Record<string, string>)).status, 400, JSON.stringify(headers));
  }
  t.is((await logged()).match(/Requests to the admin API are refused/g)?.length, 1);
});

test('no spelling of a path goes around the password', async (t) => {
  const { admin } = await startAdminServer(t, { hasPort: true, values: { 'web-admin-auth': 'admin:a:b' } });
  const paths = [
    '/api/server',
    '//api/server',
    '///api//server/',
    '/%61pi/server',
    '//%61%70i/server',
    '/api%2fserver',
    '/api/server#x',
    '/api/server;x',
    '/api/dp/1/server/status',
    '//api/dp/1/server/status',
    '/%61pi/dp/1/server/status',
    '/api/dp/1/openapi.json',
    '//api/dp/1/openapi.json',
    '//metrics',
    '/%6detrics',
    `http://127.0.0.1:${admin.port}/api/server`,
    `http://127.0.0.1:${admin.port}//api/server`,
  ];
  for (const path of paths) {
    for (const method of ['GET', 'HEAD', 'PUT', 'POST', 'DELETE', 'PATCH']) {
      const { status, json } = await ask({ method, path, port: admin.port });
      t.true([401, 404, 405].includes(status), `${method} ${path}: ${status}`);
      t.is(json, undefined, `${method} ${path}`);
    }
  }
  const { status } = await ask({ path: '//api/server', port: admin.port, headers: { authorization: right } });
  t.is(status, 200, 'the right one opens all spellings');
});

test('no spelling of a path goes around what pages of others may not do', async (t) => {
  const { admin } = await startAdminServer(t, { hasPort: true });
  const foreign = { 'sec-fetch-site': 'cross-site', 'sec-fetch-dest': 'document' };
  for (const path of ['/api/server', '//api/server', '/%61pi/server', '//metrics', '/%6detrics']) {
    t.is((await ask({ path, port: admin.port, headers: foreign })).status, 403, path);
  }
});

test('checks that take a while and come at once wait for each other, as those that come one by one', async (t) => {
  const waits: number[] = [];
  const delays = new GuessDelays(
    () => 0,
    async (ms) => void waits.push(ms),
  );
  const ends: ((isRight: boolean) => void)[] = [];
  const check = () => new Promise<boolean>((resolve) => void ends.push(resolve));
  const verdicts = [1, 2, 3].map(() => delays.around('a', check, () => undefined));
  await until('all are checked', () => ends.length === 3);
  t.deepEqual(waits, [200, 200], 'all but the first one wait, although none is decided');
  for (const end of ends) end(false);
  t.deepEqual(await Promise.all(verdicts), [false, false, false]);
});
