// A real Chromium logs in on the web port, and what other pages try with its login fails: a form and a request from another
// site, another login's CSRF token, a frame, a name that was made to mean this machine, plain HTTP.
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { createSecureContext } from 'node:tls';
import test, { type ExecutionContext } from 'ava';
import type { BrowserContext, Page } from 'playwright-core';
import { startAdminServer } from '../../helpers/admin-server.js';
import { makePair } from '../../helpers/certificates.js';
import { withChromium } from '../../helpers/chromium.js';

const patience = 90_000;

const { run, browser } = withChromium(test, {
  patience,
  args: [
    // DNS rebinding: a name of the attacker's that leads to this machine
    '--host-resolver-rules=MAP evil.example 127.0.0.1, MAP draw.example 127.0.0.1',
  ],
});

async function serve(t: ExecutionContext) {
  t.timeout(patience);
  const pair = await makePair();
  const context = createSecureContext({ cert: pair.certificate, key: pair.key });
  const server = await startAdminServer(t, {
    values: { 'local-host': 'draw.example' },
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
  return { ...server, visit, origin, title };
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

/** A page of somebody else, with this body. */
async function foreignPage(t: ExecutionContext, body: string): Promise<string> {
  const server = http.createServer((_request, response) => {
    response.setHeader('content-type', 'text/html');
    response.end(`<!doctype html><title>evil</title>${body}`);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.teardown(() => void server.close());
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
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
  t.is((await asked(page, '/api/dp/1/login', {})).status, 401);
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

run('no page is shown in a frame', async (t) => {
  const { visit, origin } = await serve(t);
  await logIn(visit, origin, 'ada');
  const evil = await foreignPage(t, `<iframe src="${origin}/livez"></iframe>`);
  const page = await visit.newPage();
  await page.goto(evil);
  const frame = page.frames().find((each) => each !== page.mainFrame());
  const text = await frame?.evaluate('document.body ? document.body.innerText : ""').catch(() => '');
  t.notRegex(String(text), /^ok/);
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
  t.is((await asked(here, '/api/dp/1/login', {})).status, 401);
});
