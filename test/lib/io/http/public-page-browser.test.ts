// The public page in a real Chromium, on a phone and on a screen, with titles that mean harm.

import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { encodePng } from '../../../../src/lib/io/canvas/png.js';
import { startAdminServer } from '../../../helpers/admin-server.js';
import { withChromium } from '../../../helpers/chromium.js';
import { Client } from '../../../helpers/client.js';

const patience = 90_000;
/** Where pictures of the pages go for somebody to look at; unset: nowhere. */
const pictures = process.env.DP_TEST_PICTURES;

const { run, browser } = withChromium(test, { patience });

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

const hostile = [
  '<script>document.title="ran"</script><img src=x onerror="document.title=\'ran\'">',
  '"><a href="javascript:document.title=\'ran\'">click</a>',
  'abc \u202eevil\u2066 </title></style><style>*{display:none}</style>',
  'W'.repeat(4000),
  `Z${'\u0301\u0316'.repeat(90)}algo`,
  'שלום עולם (كتاب) 12',
];

async function start(t: ExecutionContext) {
  const started = await startAdminServer(t, {
    settings: {
      publicPage: 'sessions',
      serverTitle: `${hostile[0]} ${hostile[2]}`,
      welcomeMessage: hostile[1]!,
      ruleText: `1. Be kind. ${hostile[0]} ${'x'.repeat(3000)}`,
      loginInfoUrl: `https://x.example/"onclick="document.title='ran'`,
    },
    values: { 'local-host': 'draw.example' },
    more: { web: { host: '127.0.0.1', port: 0 }, localHost: 'draw.example' },
  });
  const { server, request } = started;
  const sessions: string[] = [];
  for (const [index, title] of hostile.entries()) {
    const name = `<b>u${index}</b>`;
    const client = await Client.host(server.port, { name, ...(index === 3 && { password: 'x' }) });
    t.teardown(() => client.drop());
    sessions.push(client.sessionId);
    const { status } = await request({
      method: 'PUT',
      path: `/api/sessions/${client.sessionId}`,
      body: { title, allowWeb: true },
    });
    t.is(status, 200, title.slice(0, 80));
  }
  // one of them has a picture
  const size = { width: 800, height: 600 };
  const pixels = new Uint8Array(size.width * size.height * 4);
  for (let at = 0; at < pixels.length; at += 4) {
    const [x, y] = [(at / 4) % size.width, Math.floor(at / 4 / size.width)];
    pixels.set((x - 400) ** 2 + (y - 300) ** 2 < 40_000 ? [200, 60, 40, 255] : [250, 248, 240, 255], at);
  }
  server.directory.find(sessions[4]!)!.thumbnails.latest = {
    bytes: encodePng({ ...size, rgba: pixels }),
    at: Date.UTC(2026, 10, 29, 9),
  };
  return { ...started, sessions };
}

for (const [device, width, colorScheme] of [
  ['phone', 360, 'dark'],
  ['phone', 360, 'light'],
  ['screen', 1280, 'dark'],
  ['screen', 1280, 'light'],
] as const) {
  run(
    `on a ${colorScheme} ${device} nothing runs, nothing is wider than the page, and buttons lead to the session`,
    async (t) => {
      t.timeout(patience);
      const { server, sessions } = await start(t);
      const context = await browser().newContext({
        viewport: { width, height: 800 },
        colorScheme,
        bypassCSP: false,
      });
      t.teardown(() => context.close());
      const page = await context.newPage();
      const said: string[] = [];
      page.on('console', (message) => said.push(message.text()));
      page.on('pageerror', (error) => said.push(String(error)));
      const asked: string[] = [];
      page.on('request', (request) => asked.push(new URL(request.url()).pathname));
      const at = `http://127.0.0.1:${server.webPort}`;
      const paths = ['/', ...sessions.map((id) => `/s/${id}`), `/s/${sessions[0]}?i=abc12345`, '/s/unknown'];
      for (const [index, place] of paths.entries()) {
        await page.goto(`${at}${place}`);
        if (pictures !== undefined) {
          await page.screenshot({
            path: path.join(pictures, `${device}-${colorScheme}-${index}.png`),
            fullPage: true,
          });
        }
        // the browser's own tool may look where the page itself may not run anything
        t.not(await page.title(), 'ran', place);
        const widths = await page.evaluate('[...document.images].map((image) => image.naturalWidth)');
        t.deepEqual(widths, place === `/s/${sessions[4]}` ? [800] : [], place);
        t.is(await page.locator('script, iframe, b, a[onclick]').count(), 0, place);
        t.is(await page.locator('style').count(), 1, place);
        const widest = await page.evaluate('document.documentElement.scrollWidth');
        t.true(Number(widest) <= width, `${place}: ${widest}`);
        if (index === 0 || index === 5 || place === '/s/unknown') {
          await page.evaluate(axe);
          const found = await page.evaluate(
            'axe.run().then(({ violations }) => violations.map(({ id, nodes }) => [id, ...nodes.map(({ html }) => html)].join(" ")))',
          );
          t.deepEqual(found, [], place);
        }
        for (const link of await page.locator('a').all()) {
          const target = String(await link.getAttribute('href'));
          t.regex(target, /^(drawpile:\/\/draw\.example|https:\/\/|\/)/, place);
        }
        for (const way of await page.locator('a.way').all()) {
          const box = await way.boundingBox();
          t.true(box !== null && box.height >= 44 && box.x >= 0 && box.x + box.width <= width, place);
        }
      }
      await page.goto(`${at}/`);
      const buttons = page.locator('li a.way');
      t.is(await buttons.count(), 2 * sessions.length);
      await page.goto(`${at}/s/${sessions[0]}?i=abc12345`);
      t.is(
        await page.locator('a.way').first().getAttribute('href'),
        `drawpile://draw.example:${server.port}/${sessions[0]}:abc12345`,
      );
      t.deepEqual(
        said.filter((text) => !/404/.test(text)),
        [],
      );
      t.deepEqual(
        asked.filter((each) => !/^\/(s\/\w+(\/picture)?|favicon\.ico)?$/.test(each)),
        [],
      );
    },
  );
}
