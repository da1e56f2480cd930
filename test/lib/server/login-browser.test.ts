// A real Chromium logs in on the web port, and what other pages try with its login fails: a form and a request from another
// site, another login's CSRF token, a frame, a name that was made to mean this machine, plain HTTP.
import http from 'node:http';
import https from 'node:https';
import type { AddressInfo } from 'node:net';
import { createSecureContext } from 'node:tls';
import test, { type ExecutionContext } from 'ava';
import type { BrowserContext, Page } from 'playwright-core';
import { startAdminServer } from '../../helpers/admin-server.js';
import { makePair, type Pair } from '../../helpers/certificates.js';
import { withChromium } from '../../helpers/chromium.js';
import { isAt } from '../../helpers/shown.js';

const patience = 90_000;

const { run, browser } = withChromium(test, { patience });

/** `auth`: nobody on this machine does without a password. */
async function serve(t: ExecutionContext, auth?: string) {
  t.timeout(patience);
  const pair = await makePair();
  const context = createSecureContext({ cert: pair.certificate, key: pair.key });
  const server = await startAdminServer(t, {
    values: { 'local-host': 'draw.example', 'web-admin-auth': auth },
    more: {
      web: { host: '127.0.0.1', port: 0 },
      secureContext: () => context,
      allowsPlaintext: true,
    },
  });
  const password = await server.configuration.passwords.hash('correct', 'argon2id');
  for (const name of ['ada', 'eve']) {
    await server.configuration.stores.accounts.add({ name, password, isLocked: false, flags: ['ADMIN'] });
  }
  const visit = await browser().newContext({ ignoreHTTPSErrors: true, bypassCSP: true });
  t.teardown(() => visit.close());
  const origin = `https://draw.example:${server.server.webPort}`;
  const title = async () => (await server.configuration.stores.settings.all()).get('serverTitle') ?? '';
  return { ...server, visit, origin, title, pair };
}

interface Asked {
  status: number;
  json: Record<string, string>;
}

/** A request of the page itself. */
function asked(page: Page, path: string, options: object): Promise<Asked> {
  return page.evaluate(
    async ([at, how]) => {
      const answer = await fetch(at as string, how as RequestInit);
      return { status: answer.status, json: (await answer.json()) as Record<string, string> };
    },
    [path, options] as const,
  );
}

const asJson = { 'content-type': 'application/json' };

async function logIn(context: BrowserContext, origin: string, name: string) {
  const page = await context.newPage();
  await page.goto(`${origin}/livez`);
  const body = JSON.stringify({ name, password: 'correct' });
  const { status, json } = await asked(page, '/api/dp/1/login', { method: 'POST', headers: asJson, body });
  return { page, status, csrf: json.csrf ?? '' };
}

const setTitle = (serverTitle: string, csrf: string) => ({
  method: 'POST',
  headers: { ...asJson, 'x-csrf-token': csrf },
  body: JSON.stringify({ set: { serverTitle } }),
});
const change = '/api/dp/1/config/change';

/** A page of somebody else, with this body. `neighbour`: another port of the same name, to which browsers send cookies. */
async function foreignPage(
  t: ExecutionContext,
  body: string,
  neighbour?: Pair,
  seen: (cookie: string) => void = () => {},
): Promise<string> {
  const answer: http.RequestListener = (request, response) => {
    seen(request.headers.cookie ?? '');
    response.setHeader('content-type', 'text/html');
    response.end(`<!doctype html><title>evil</title>${body}`);
  };
  const server =
    neighbour === undefined
      ? http.createServer(answer)
      : https.createServer({ cert: neighbour.certificate, key: neighbour.key }, answer);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.teardown(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  return neighbour === undefined ? `http://127.0.0.1:${port}/` : `https://draw.example:${port}/`;
}

run('a person logs in, changes something and logs out', async (t) => {
  const { visit, origin, title } = await serve(t);
  const { page, status, csrf } = await logIn(visit, origin, 'ada');
  t.is(status, 200);
  t.is((await asked(page, change, setTitle('by ada', csrf))).status, 200);
  t.is(await title(), 'by ada');
  const [cookie] = await visit.cookies();
  t.like(cookie, { name: '__Host-dp-login', httpOnly: true, secure: true, sameSite: 'Strict', path: '/' });
  t.is(await page.evaluate('document.cookie'), '', 'no script can read it');
  await asked(page, '/api/dp/1/login', { method: 'DELETE', headers: { 'x-csrf-token': csrf } });
  t.is((await asked(page, '/api/dp/1/login', {})).json.name, 'local', 'whoever is at this machine');
  t.deepEqual(await visit.cookies(), []);
});

run('a page of another site cannot use the login: not by a form, not by a request', async (t) => {
  const { visit, origin, title } = await serve(t);
  await logIn(visit, origin, 'ada');
  const evil = await foreignPage(
    t,
    `<form method="post" enctype="text/plain" action="${origin}${change}">
       <input name='{"set":{"serverTitle":"evil"},"x":"' value='"}'></form>
     <script>
       window.done = fetch('${origin}${change}', { method: 'POST', credentials: 'include', mode: 'no-cors',
         body: '{"set":{"serverTitle":"evil"}}' }).then(() => 'sent', () => 'failed');
       window.read = fetch('${origin}/api/dp/1/user/list', { credentials: 'include' }).then(() => 'read', () => 'failed');
     </script>`,
  );
  const page = await visit.newPage();
  await page.goto(evil);
  await page.evaluate('window.done');
  t.is(await page.evaluate('window.read'), 'failed');
  const [answer] = await Promise.all([
    page.waitForResponse(
      (response) => response.url() === `${origin}${change}` && response.request().method() === 'POST',
    ),
    page.evaluate('document.forms[0].submit()'),
  ]);
  t.true(answer.status() >= 400, String(answer.status()));
  t.is(await title(), '');
});

run('the CSRF token of another login is refused', async (t) => {
  const { visit, origin, title } = await serve(t);
  const other = await browser().newContext({ ignoreHTTPSErrors: true, bypassCSP: true });
  t.teardown(() => other.close());
  const stolen = (await logIn(other, origin, 'eve')).csrf;
  const { page, csrf } = await logIn(visit, origin, 'ada');
  t.not(stolen, csrf);
  t.is((await asked(page, change, setTitle('stolen', stolen))).status, 403);
  t.is((await asked(page, change, setTitle('none', ''))).status, 403);
  t.is(await title(), '');
});

run('a page on another port of the same name has the cookie, and can do nothing with it', async (t) => {
  const { visit, origin, title, pair } = await serve(t, 'owner:secret');
  await logIn(visit, origin, 'ada');
  const page = await visit.newPage();
  const cookies: string[] = [];
  await page.goto(
    await foreignPage(
      t,
      `<form method="post" enctype="text/plain" action="${origin}${change}">
       <input name='{"set":{"serverTitle":"evil"},"x":"' value='"}'></form>`,
      pair,
      (cookie) => cookies.push(cookie),
    ),
  );
  t.regex(cookies[0] ?? '', /^__Host-dp-login=/);
  /** What the server answers to something of that page; scripts do not get to see it. */
  const answered = async (path: string, method: string, script: string) => {
    const [response] = await Promise.all([
      page.waitForResponse(
        (each) => each.url().startsWith(`${origin}${path}`) && each.request().method() === method,
      ),
      page.evaluate(script),
    ]);
    return response;
  };
  const body = JSON.stringify(JSON.stringify({ set: { serverTitle: 'evil' } }));
  const list = '/api/dp/1/user/list';
  for (const [path, method, script] of [
    [
      change,
      'POST',
      `void fetch('${origin}${change}', { method: 'POST', mode: 'no-cors', credentials: 'include', body: ${body} })`,
    ],
    [
      change,
      'POST',
      `void fetch('${origin}${change}', { method: 'POST', mode: 'no-cors', credentials: 'include', body: new Blob([${body}], { type: 'text/plain' }) })`,
    ],
    [list, 'GET', `void fetch('${origin}${list}', { mode: 'no-cors', credentials: 'include' })`],
  ] as const) {
    t.is((await answered(path, method, script)).status(), 403, script);
  }
  for (const script of [
    `document.head.append(Object.assign(document.createElement('script'), { src: '${origin}${list}?callback=x', onload, onerror }))`,
    `document.body.append(Object.assign(new Image(), { src: '${origin}${list}?image', onload, onerror }))`,
    `Object.assign(new EventSource('${origin}/api/dp/1/events', { withCredentials: true }), { onopen: onload, onerror })`,
  ]) {
    const seen = await page.evaluate(`new Promise((resolve) => {
      const [onload, onerror] = [() => resolve('read'), () => resolve('failed')];
      ${script};
    })`);
    t.is(seen, 'failed', script);
  }
  await page.evaluate(`navigator.sendBeacon('${origin}${change}', ${body})`);
  const read = await page.evaluate(
    `fetch('${origin}${list}', { credentials: 'include' }).then(() => 'read', () => 'failed')`,
  );
  t.is(read, 'failed');
  t.is((await answered(change, 'POST', 'document.forms[0].submit()')).status(), 403);
  t.is(await title(), '');
});

run('nobody is logged in as somebody else by a page of theirs', async (t) => {
  const { visit, origin, pair } = await serve(t);
  const login = '/api/dp/1/login';
  for (const neighbour of [undefined, pair]) {
    const evil = await foreignPage(
      t,
      `<form method="post" enctype="text/plain" action="${origin}${login}">
       <input name='{"name":"eve","password":"correct","x":"' value='"}'></form>`,
      neighbour,
    );
    const page = await visit.newPage();
    await page.goto(evil);
    const body = JSON.stringify(JSON.stringify({ name: 'eve', password: 'correct' }));
    for (const type of ['text/plain', 'application/json']) {
      await page.evaluate(
        `fetch('${origin}${login}', { method: 'POST', credentials: 'include', headers: { 'content-type': '${type}' }, body: ${body} }).catch(() => {})`,
      );
    }
    const [answer] = await Promise.all([
      page.waitForResponse(
        (each) => each.url() === `${origin}${login}` && each.request().method() === 'POST',
      ),
      page.evaluate('document.forms[0].submit()'),
    ]);
    t.is(answer.status(), 403);
    t.deepEqual(await visit.cookies(), []);
  }
});

run('a login leads to no other server, whatever the address says', async (t) => {
  const { visit, origin } = await serve(t, 'owner:secret');
  for (const next of [
    '//evil.example/admin/',
    '/\\evil.example/admin/',
    '\\\\evil.example',
    'https://evil.example/admin/',
    '/\t/evil.example/admin/',
    '/admin/\\..\\..\\/evil.example',
    'javascript:document.title="evil"',
  ]) {
    const context = await browser().newContext({ ignoreHTTPSErrors: true });
    const page = await context.newPage();
    const elsewhere: string[] = [];
    context.on('request', (request) => {
      if (!request.url().startsWith(`${origin}/`)) elsewhere.push(request.url());
    });
    await page.goto(`${origin}/admin/?next=${encodeURIComponent(next)}`);
    await page.getByLabel('Name').fill('ada');
    await page.getByLabel('Password').fill('correct');
    await page.getByRole('button', { name: 'Log in' }).click();
    await page.getByRole('link', { name: 'Settings' }).waitFor();
    await isAt(t, page, `${origin}/admin/`, next);
    t.notRegex((await page.evaluate('document.title')) as string, /evil/);
    t.deepEqual(elsewhere, []);
    await context.close();
  }
  // nor does the way from http to https
  const page = await visit.newPage();
  for (const path of ['//evil.example/', '/\\evil.example/', '/%2f%2fevil.example/', '/@evil.example/']) {
    await page.goto(`${origin}${path}`);
    t.true(page.url().startsWith(`${origin}/`), page.url());
  }
});

run('a WebSocket comes from allowed pages only, and has no login', async (t) => {
  const { visit, origin, request } = await serve(t);
  const set = { webSocketOrigins: 'https://web.example' };
  await request({ method: 'POST', path: change, body: { set } });
  await logIn(visit, origin, 'ada');
  const page = await visit.newPage();
  await page.goto(await foreignPage(t, ''));
  const tried = (path: string) =>
    page.evaluate(
      `new Promise((resolve) => {
        const socket = new WebSocket('${origin.replace('https', 'wss')}${path}');
        socket.onmessage = () => resolve('read');
        socket.onclose = () => resolve('closed');
      })`,
    );
  for (const path of ['/drawpile-web/ws', '/api/dp/1/events']) t.is(await tried(path), 'closed', path);
});

run('no page is shown in a frame', async (t) => {
  const { visit, origin, pair } = await serve(t);
  await logIn(visit, origin, 'ada');
  const page = await visit.newPage();
  // bypassCSP: pages are kept out by the older header as well as by their policy
  for (const path of ['/', '/admin/', '/s/x', '/livez', '/api/dp/1/login']) {
    for (const neighbour of [undefined, pair]) {
      const evil = await foreignPage(t, `<iframe src="${origin}${path}"></iframe>`, neighbour);
      const framed = page.waitForResponse(`${origin}${path}`);
      await page.goto(evil);
      const headers = (await framed).headers();
      t.is(headers['x-frame-options'], 'DENY', path);
      if (path.endsWith('/'))
        t.regex(headers['content-security-policy'] ?? '', /frame-ancestors 'none'/, path);
      const frame = page.frames().find((each) => each !== page.mainFrame());
      const text = await frame?.evaluate('document.body ? document.body.innerText : ""').catch(() => '');
      t.is(String(text).replace(/^.*(?:refused to connect|blocked).*$/s, ''), '', path);
    }
  }
});

run('a name that was made to mean this machine has no login, and is refused', async (t) => {
  const { visit, origin, server, title } = await serve(t);
  const { csrf } = await logIn(visit, origin, 'ada');
  const page = await visit.newPage();
  await page.goto(`https://evil.example:${server.webPort}/livez`);
  const answer = await asked(page, change, setTitle('rebound', csrf));
  t.true(answer.status >= 400);
  const body = JSON.stringify({ name: 'ada', password: 'correct' });
  const login = await asked(page, '/api/dp/1/login', { method: 'POST', headers: asJson, body });
  t.like(login, { status: 403, json: { code: 'host-unknown' } });
  t.is(await title(), '');
});

run('the cookie of a login is never sent over plain HTTP', async (t) => {
  const { visit, origin, server } = await serve(t);
  await logIn(visit, origin, 'ada');
  const seen: string[] = [];
  const plain = http.createServer((request, response) => {
    seen.push(request.headers.cookie ?? '');
    response.end('plain');
  });
  await new Promise<void>((resolve) => plain.listen(0, '127.0.0.1', resolve));
  t.teardown(() => void plain.close());
  const page = await visit.newPage();
  await page.goto(`http://draw.example:${(plain.address() as AddressInfo).port}/`);
  t.deepEqual([...new Set(seen)], ['']);
  const here = await visit.newPage();
  await here.goto(`http://draw.example:${server.webPort}/livez`);
  t.is((await asked(here, '/api/dp/1/login', {})).json.name, 'local', 'whoever is at this machine');
});
