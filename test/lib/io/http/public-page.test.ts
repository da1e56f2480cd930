// What everybody may see of a server at `/` and `/s/`, and what is never there.

import test, { type ExecutionContext } from 'ava';
import { ask, startAdminServer } from '../../../helpers/admin-server.js';
import { Client } from '../../../helpers/client.js';

interface StartOptions {
  settings?: Record<string, string>;
  more?: Parameters<typeof startAdminServer>[1];
}

async function start(t: ExecutionContext, { settings = {}, more }: StartOptions = {}) {
  const started = await startAdminServer(t, {
    settings: { publicPage: 'sessions', webSocketOrigins: '*', ...settings },
    values: { 'local-host': 'draw.example' },
    ...more,
    more: { web: { host: '127.0.0.1', port: 0 }, localHost: 'draw.example' },
  });
  const { server, request, configuration } = started;
  const visit = (path: string, headers: Record<string, string> = {}, method = 'GET') =>
    ask({ path, port: server.webPort, headers, method });
  const host = async (options: Parameters<typeof Client.host>[1] & { conf?: Record<string, unknown> }) => {
    const { conf, ...rest } = options;
    const client = await Client.host(server.port, rest);
    t.teardown(() => client.drop());
    if (conf) await change(client.sessionId, conf);
    return client;
  };
  const change = async (session: string, conf: Record<string, unknown>) => {
    const { status } = await request({ method: 'PUT', path: `/api/sessions/${session}`, body: conf });
    t.is(status, 200);
  };
  /** Settings end what was kept, so the next page shows how things are. */
  let turn = 0;
  const look = async (path: string, headers: Record<string, string> = {}) => {
    await configuration.stores.settings.change(new Map([['loginInfoUrl', `https://x.example/${turn++}`]]));
    return visit(path, headers);
  };
  return { ...started, visit, look, host, change };
}

const linksOf = (text: string) =>
  [...text.matchAll(/href="([^"]*)"/g)].map(([, link]) => link!.replaceAll('&#38;', '&'));

test('a session is listed with title, people and links, and its page has the same', async (t) => {
  const { look, host, change, server } = await start(t, {
    settings: { serverTitle: 'Drawing & more', ruleText: 'Be <kind>.', welcomeMessage: 'Hello there' },
  });
  const anna = await host({ name: 'anna', alias: 'tea-time' });
  await change(anna.sessionId, { title: 'Tea "time"', allowWeb: true });
  const desktop = `drawpile://draw.example:${server.port}/tea-time`;
  const browser = 'https://web.drawpile.net/?host=draw.example&session=tea-time';
  const front = await look('/');
  for (const text of [
    'Drawing &#38; more',
    'Be &#60;kind&#62;.',
    'Hello there',
    'Tea &#34;time&#34;',
    'anna',
    '1 of 254',
  ]) {
    t.true(front.text.includes(text), text);
  }
  for (const link of [`drawpile://draw.example:${server.port}/`, '/s/tea-time', desktop, browser]) {
    t.true(linksOf(front.text).includes(link), link);
  }
  for (const name of ['tea-time', anna.sessionId, anna.sessionId.toUpperCase()]) {
    const page = await look(`/s/${name}`);
    t.is(page.status, 200);
    t.true(page.text.includes('Tea &#34;time&#34;'));
    t.deepEqual(
      linksOf(page.text).filter((link) => /^drawpile:|web\.drawpile/.test(link)),
      [desktop, browser],
    );
  }
  // The browser client connects to the port at which the page was reached, if that was by the name of this server.
  for (const [reachedAs, at] of [
    ['draw.example', 'draw.example'],
    ['DRAW.example:443', 'draw.example'],
    ['draw.example:8443', 'draw.example%3A8443'],
    ['127.0.0.1:8443', 'draw.example'],
    ['elsewhere.example:8443', 'draw.example'],
    ['draw.example:99999', 'draw.example'],
  ] as const) {
    const page = await look('/s/tea-time', { host: reachedAs });
    t.true(
      linksOf(page.text).includes(`https://web.drawpile.net/?host=${at}&session=tea-time`),
      `${reachedAs}: ${page.status}`,
    );
  }
});

test('an invite in the link goes on to Drawpile and to the browser, and what is none does not', async (t) => {
  const { look, host, server } = await start(t);
  const { sessionId } = await host({ name: 'anna', alias: 'tea' });
  const page = await look('/s/tea?i=abc12345');
  t.true(linksOf(page.text).includes(`drawpile://draw.example:${server.port}/tea:abc12345`));
  t.true(linksOf(page.text).includes('https://web.drawpile.net/?host=draw.example&session=tea%3Aabc12345'));
  t.is(page.headers['referrer-policy'], 'no-referrer');
  for (const bad of ['a%22onclick=x', '%3Cscript%3E', 'a/../b', '', 'x'.repeat(65)]) {
    const { text } = await look(`/s/${sessionId}?i=${bad}`);
    t.true(linksOf(text).includes(`drawpile://draw.example:${server.port}/tea`), bad);
    t.false(text.includes('carries an invite'), bad);
  }
});

test('an unlisted session is nowhere, and its address answers as one that never was', async (t) => {
  const { look, host, change, request } = await start(t);
  const { sessionId } = await host({ name: 'anna', alias: 'secret' });
  await change(sessionId, { title: 'Hidden things', unlisted: true });
  const front = await look('/');
  const never = await look('/s/never');
  t.is(never.status, 404);
  for (const path of [
    'secret',
    sessionId,
    sessionId.toUpperCase(),
    'secret?i=wrong123',
    `${sessionId}?i=wrong123`,
  ]) {
    const answer = await look(`/s/${path}`);
    const { date: _date, ...headers } = answer.headers;
    const { date: _never, ...expected } = never.headers;
    t.is(answer.status, 404, path);
    t.is(answer.text, never.text, path);
    t.deepEqual(headers, expected, path);
  }
  for (const word of ['Hidden', 'secret', sessionId, 'anna']) t.false(front.text.includes(word), word);
  const made = await request({
    method: 'POST',
    path: `/api/sessions/${sessionId}/invites`,
    body: { maxUses: 1, op: false, trust: false },
  });
  const { secret } = made.json as { secret: string };
  const invited = await look(`/s/secret?i=${secret}`);
  t.is(invited.status, 200);
  t.true(invited.text.includes('Hidden things'));
});

test('of a session with a password there is the title and a lock', async (t) => {
  const { look, host, change } = await start(t);
  const { sessionId } = await host({ name: 'anna', password: 'geheim' });
  await change(sessionId, { title: 'Behind a door' });
  for (const path of ['/', `/s/${sessionId}`]) {
    const { text } = await look(path);
    t.true(text.includes('Behind a door'), path);
    t.true(/<svg class="lock".*<\/svg> password/.test(text), path);
    for (const word of ['anna', 'geheim', ' of 254']) t.false(text.includes(word), `${path} ${word}`);
  }
});

test('names are nowhere with privateUserList, and ghosts never', async (t) => {
  const { look, host, configuration, server } = await start(t, { settings: { enableGhosts: 'true' } });
  await configuration.stores.accounts.add({
    name: 'casper',
    password: 'plain;boo',
    isLocked: false,
    flags: ['MOD', 'GHOST'],
  });
  const { sessionId } = await host({ name: 'anna' });
  const ghost = await Client.open(server.port, { name: 'casper', password: 'boo' });
  t.teardown(() => ghost.drop());
  await ghost.logIn();
  await ghost.join(sessionId);
  t.is(server.directory.find(sessionId)?.people.count, 2);
  for (const path of ['/', `/s/${sessionId}`]) {
    const { text } = await look(path);
    t.true(text.includes('anna'), path);
    t.true(text.includes('1 of 254'), path);
    t.false(text.includes('casper'), path);
  }
  await configuration.stores.settings.change(new Map([['privateUserList', 'true']]));
  for (const path of ['/', `/s/${sessionId}`]) {
    const { text } = await look(path);
    t.true(text.includes('1 of 254'), path);
    t.false(text.includes('anna'), path);
  }
});

test('what is not suitable for minors is shown to those who ask for it, and marked', async (t) => {
  const { look, host, change } = await start(t);
  const { sessionId } = await host({ name: 'anna' });
  await change(sessionId, { title: 'Adults', nsfm: true });
  const front = await look('/');
  t.false(front.text.includes('Adults'));
  t.true(front.text.includes('1 not shown'));
  const all = await look('/?nsfm=show');
  t.true(all.text.includes('Adults'));
  t.true(all.text.includes('NSFM: not suitable for minors'));
  const page = await look(`/s/${sessionId}`);
  t.true(page.text.includes('NSFM: not suitable for minors'));
  t.regex(page.text, /<title>A session –/);
});

test('sessions are listed only where the operator says so, and not where links are needed', async (t) => {
  for (const settings of [
    { publicPage: 'on' },
    { publicPage: '' },
    { publicPage: 'sessions', mandatoryLookup: 'true' },
  ]) {
    const { look, host } = await start(t, { settings });
    const { sessionId } = await host({ name: 'anna', alias: 'tea' });
    const front = await look('/');
    t.is(front.status, 200);
    for (const word of [sessionId, 'tea', 'anna', 'Sessions']) t.false(front.text.includes(word), word);
    t.is((await look('/s/tea')).status, 200);
  }
});

test('where guests are not let in, an alias that somebody guessed shows nothing', async (t) => {
  const settings = { publicPage: 'on', welcomeMessage: 'Members: read this' };
  const { look, host, configuration } = await start(t, { settings });
  const { sessionId } = await host({ name: 'anna', alias: 'tea' });
  t.true((await look('/')).text.includes('Members: read this'));
  await configuration.stores.settings.change(new Map([['allowGuests', 'false']]));
  t.is((await look('/s/tea')).status, 404);
  t.is((await look(`/s/${sessionId}`)).status, 200);
  t.false((await look('/')).text.includes('Members: read this'));
});

test('it is off with publicPage=off, at once, and with any word that is none', async (t) => {
  const { look, visit, host, configuration } = await start(t, { settings: { serverTitle: 'Ours' } });
  const { sessionId } = await host({ name: 'anna' });
  const unknown = await visit('/nowhere');
  for (const word of ['off', 'false', 'sessions off']) {
    t.is((await look('/')).status, 200);
    await configuration.stores.settings.change(new Map([['publicPage', word]]));
    for (const path of ['/', `/s/${sessionId}`, '/s/x']) {
      const { status, text } = await visit(path);
      t.is(status, 404, word);
      t.is(text, unknown.text, word);
    }
    await configuration.stores.settings.change(new Map([['publicPage', 'sessions']]));
  }
});

test('the page is kept by browsers, asked for by HEAD, and may do nothing', async (t) => {
  const { look, visit } = await start(t);
  const first = await look('/');
  const { etag } = first.headers;
  const again = await visit('/', { 'if-none-match': String(etag) });
  t.is(again.status, 304);
  t.is(again.text, '');
  const head = await visit('/', {}, 'HEAD');
  t.is(head.status, 200);
  t.is(head.text, '');
  t.is(head.headers['content-length'], String(Buffer.byteLength(first.text)));
  t.is((await visit('/s/x', {}, 'HEAD')).status, 404);
  for (const { headers } of [first, again, head, await visit('/s/x')]) {
    t.regex(
      String(headers['content-security-policy']),
      /^default-src 'none'; style-src 'sha256-[^']+'; img-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'$/,
    );
    t.is(headers['cache-control'], 'max-age=5');
    t.is(headers['x-content-type-options'], 'nosniff');
  }
  t.false(/<script|\son\w+=|javascript:|style="/i.test(first.text));
});

test('however many ask, sessions are looked at once a second', async (t) => {
  const { admin, look, visit, host } = await start(t);
  await host({ name: 'anna', alias: 'tea' });
  const { directory } = admin.live;
  const original = directory.describeAll.bind(directory);
  let count = 0;
  directory.describeAll = (seesUnlisted) => {
    count++;
    return original(seesUnlisted);
  };
  const from = Date.now();
  await look('/');
  const paths = ['/', '/?nsfm=show', '/s/tea', '/s/tea?i=abc', '/s/unknown', '/s/other'];
  for (let round = 0; round < 10; round++) await Promise.all(paths.map((path) => visit(path)));
  t.true(count >= 1);
  t.true(count <= 1 + Math.ceil((Date.now() - from) / 1000), String(count));
});

test('without --local-host, the first name of the certificate from an authority is in the links', async (t) => {
  const acme = ['pics.example.org', 'www.example.org'];
  const { look, server } = await start(t, { more: { values: { acme } } });
  const page = await look('/');
  t.true(linksOf(page.text).includes(`drawpile://pics.example.org:${server.port}/`), page.text);
});
