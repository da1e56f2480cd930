// Pictures of every screen of the app for somebody to look at: empty, loading, in trouble, with much in it, with a sheet
// open; on a phone and at a desk, light and dark; in German on a phone; on a small phone and a wide screen.
// `node .build/test/bench/app-pictures.js FOLDER [WORD…]`: only those whose names have one of the words.

import { randomBytes } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import * as path from 'node:path';
import type { ExecutionContext } from 'ava';
import type { Page } from 'playwright-core';
import { encodePng } from '../../src/lib/io/canvas/png.js';
import { startAdminServer } from '../helpers/admin-server.js';
import { desk, phone } from '../helpers/app-page.js';
import { launchChromium } from '../helpers/chromium.js';
import { Client } from '../helpers/client.js';
import { until } from '../helpers/until.js';

const [folder = 'pictures', ...words] = process.argv.slice(2);
mkdirSync(folder, { recursive: true });
const teardowns: (() => unknown)[] = [];
const t = {
  teardown: (run: () => unknown) => teardowns.push(run),
} as unknown as ExecutionContext;

type Server = Awaited<ReturnType<typeof startAdminServer>>;
const ask = async ({ request }: Server, at: string, body: object) => {
  const { status, text, json } = await request({ method: 'POST', path: `/api/dp/1/${at}`, body });
  if (status !== 200) throw new Error(`${at}: ${text}`);
  return json as Record<string, unknown>;
};

/** Something that looks drawn: bands of colour that wander. */
function drawn(seed: number): Buffer {
  const size = { width: 320, height: 200 };
  const rgba = new Uint8Array(size.width * size.height * 4);
  for (let at = 0; at < rgba.length; at += 4) {
    const [x, y] = [(at / 4) % size.width, Math.floor(at / 4 / size.width)];
    const wave = Math.sin((x + seed * 40) / 37) * 28 + Math.sin((x * seed) / 90) * 20;
    const band = y - 100 - wave;
    rgba.set(
      Math.abs(band) < 9 ? [70, 60, 190, 255] : band > 0 ? [240, 214, 160, 255] : [206, 228, 242, 255],
      at,
    );
  }
  return Buffer.from(encodePng({ ...size, rgba }));
}

const titles = [
  'A house by the sea',
  'Friday sketching with everybody who wants to come, beginners and professionals alike',
  'Birds',
  'Figure study, 30 minutes',
  'Collab canvas for the winter festival',
  'Pixel art only',
  'ערב ציור משותף',
];

async function full() {
  const trouble: string[] = [];
  const server = await startAdminServer(t, {
    hasPort: true,
    hasTrail: true,
    settings: { serverTitle: 'Friday sketching', sessionSizeLimit: '12kb', clientTimeout: '1d' },
    listeners: { storageProblems: () => trouble },
  });
  const port = server.server.port;
  const hosts: Client[] = [];
  for (const [index, title] of titles.entries()) {
    const host = await Client.host(port, {
      name: ['Anna', 'Bernhard Maximilian', 'Cleo', 'Dmitri', 'Eve', 'Finn', 'Gal'][index]!,
      title,
      ...(index === 3 && { password: 'x' }),
    });
    hosts.push(host);
    for (let guest = 0; guest < (index === 0 ? 14 : index % 3); guest++) {
      await Client.join(port, host.sessionId, {
        name: guest === 3 ? 'Scribbler' : `Guest ${index}${guest}`,
        ...(index === 3 && { password: 'x' }),
      });
    }
    const session = server.server.directory.find(host.sessionId)!;
    if (index !== 5)
      session.thumbnails.latest = { bytes: drawn(index + 1), at: Date.now() - index * 400_000 };
  }
  const [anna] = hosts as [Client];
  // near the limit, and not to be compressed
  for (let at = 0; at < 5; at++) anna.draw(randomBytes(2000));
  await anna.ping();
  const session = server.server.directory.find(anna.sessionId)!;
  const scribbler = session.people.byName('Scribbler')!.id;
  for (const text of [
    'Please do not draw over the roof',
    'I like the clouds!',
    'Can somebody lend me blue?',
  ]) {
    anna.chat(text);
    await anna.ping();
  }
  for (const reason of [
    'draws over everything',
    'and insults people, again and again, in the chat of this session',
  ])
    anna.command('report', [], { user: scribbler, reason });
  anna.command('report', [], { reason: 'this session is not what its title says' });
  await anna.ping();
  const { reports } = server.configuration.stores;
  await until('reports', async () => (await reports!.query({})).length === 3);
  await ask(server, 'report/close', { id: 3, comment: 'looked at it: it is' });
  for (const [name, flags] of [
    ['Mia', ['MOD']],
    ['Noa', ['MOD', 'HOST']],
    ['Olaf the administrator', ['ADMIN', 'MOD', 'HOST', 'TRUSTED', 'PERSIST']],
  ] as const)
    await ask(server, 'user/add', { name, password: 'a password', flags });
  await ask(server, 'token/create', { name: 'backup-script', role: 'administrator' });
  for (let n = 0; n < 9; n++) {
    await server.configuration.stores.bans.add({
      kind: 'ip',
      address: `198.51.100.${n * 7}`,
      bits: n === 2 ? 24 : 32,
      comment: n === 2 ? 'a school whose pupils come every afternoon to draw over everything' : 'spam',
      expires: n === 5 ? undefined : Date.now() + (n - 2) * 86_400_000,
    });
  }
  for (const text of ['Warned on Monday', 'Is kind when asked kindly'])
    await ask(server, 'note/add', { kind: 'name', target: 'Scribbler', text });
  await ask(server, 'config/change', {
    set: { serverTitle: 'Friday sketching!', welcomeMessage: 'Hello\nand welcome' },
  });
  await ask(server, 'session/invite', { session: anna.sessionId, maxUses: 3 });
  server.admin.live.log.write({
    time: Date.now(),
    level: 'error',
    topic: 'Status',
    message: 'cannot write /srv/dp/sessions/01m8k.dprec: the disk is full',
  });
  return { server, anna, trouble, base: `http://127.0.0.1:${server.admin.port}/admin/` };
}

const one = await full();
const bare = await startAdminServer(t, { hasPort: true, hasTrail: true });
const empty = `http://127.0.0.1:${bare.admin.port}/admin/`;
const locked = await startAdminServer(t, { hasPort: true, values: { 'web-admin-auth': 'owner:secret' } });
const closed = `http://127.0.0.1:${locked.admin.port}/admin/`;

interface Shot {
  name: string;
  at: string;
  /** Before the page is opened. */
  before?: (page: Page) => Promise<unknown>;
  after?: (page: Page) => Promise<unknown>;
}
const session = `${one.base}session/${one.anna.sessionId}`;
const press = (which: number | string | RegExp) => async (page: Page) => {
  if (typeof which === 'number') await page.locator('button.item').nth(which).click();
  else await page.getByRole('button', { name: which }).first().click();
  await page.getByRole('dialog').waitFor();
};
const hang = (page: Page) => page.route('**/api/dp/1/*/*', () => undefined);
const fail = (page: Page) =>
  page.route('**/api/dp/1/*/*', (route) =>
    route.fulfill({
      status: 500,
      json: { code: 'internal', message: 'internal error', hint: 'look at the log' },
    }),
  );

/** TABLE of the pictures. */
const shots: readonly Shot[] = [
  { name: 'login', at: closed },
  { name: 'now', at: one.base },
  {
    name: 'now-trouble',
    at: one.base,
    before: async () => one.trouble.push('cannot write /srv/dp/dp.db: the disk is full'),
    after: async () => one.trouble.splice(0),
  },
  { name: 'now-empty', at: empty },
  { name: 'now-loading', at: one.base, before: hang },
  { name: 'now-error', at: one.base, before: fail },
  { name: 'new-session', at: empty, after: (page) => page.locator('main button.button').first().click() },
  { name: 'session', at: session },
  { name: 'session-person', at: session, after: press(/Scribbler/) },
  { name: 'session-gone', at: `${one.base}session/0123` },
  { name: 'reports', at: `${one.base}reports` },
  { name: 'reports-empty', at: `${empty}reports` },
  { name: 'report', at: `${one.base}report/2` },
  { name: 'report-closed', at: `${one.base}report/3` },
  { name: 'people', at: `${one.base}people` },
  { name: 'people-empty', at: `${empty}people` },
  { name: 'people-none', at: `${one.base}people?search=nobody+of+this+name` },
  { name: 'people-sheet', at: `${one.base}people`, after: press(2) },
  { name: 'person', at: `${one.base}person/Scribbler` },
  { name: 'person-unknown', at: `${one.base}person/Nobody` },
  { name: 'bans', at: `${one.base}bans` },
  { name: 'bans-all', at: `${one.base}bans?status=all` },
  { name: 'bans-empty', at: `${empty}bans` },
  { name: 'ban-edit', at: `${one.base}bans`, after: press(0) },
  { name: 'accounts', at: `${one.base}accounts` },
  { name: 'accounts-empty', at: `${empty}accounts` },
  { name: 'account-edit', at: `${one.base}accounts`, after: press(0) },
  { name: 'tokens', at: `${one.base}accounts?show=tokens` },
  { name: 'log', at: `${one.base}log` },
  { name: 'log-empty', at: `${one.base}log?search=nothing+has+this` },
  { name: 'changes', at: `${one.base}log?show=changes` },
  { name: 'settings', at: `${one.base}settings` },
  { name: 'settings-changed', at: `${one.base}settings?changed=yes` },
  { name: 'files', at: `${one.base}files` },
  { name: 'me', at: `${one.base}me` },
  { name: 'unknown', at: `${one.base}nothing` },
];

const browser = await launchChromium();
for (const [device, size, theme, language] of [
  ['phone', phone, 'light', 'en-GB'],
  ['desk', desk, 'light', 'en-GB'],
  ['phone', phone, 'dark', 'en-GB'],
  ['desk', desk, 'dark', 'en-GB'],
  ['phone-de', phone, 'light', 'de-DE'],
  ['small', { width: 360, height: 1500 }, 'light', 'en-GB'],
  ['wide', { width: 2560, height: 1300 }, 'light', 'en-GB'],
] as const) {
  for (const { name, at, before, after } of shots) {
    const file = `${name}-${device}-${theme}`;
    if (words.length > 0 && !words.some((word) => file.includes(word))) continue;
    // a phone's page is shown longer than its screen is: all of it is to be looked at
    const height = size === phone ? 1500 : size.height;
    const context = await browser.newContext({
      viewport: { ...size, height },
      colorScheme: theme,
      locale: language,
      reducedMotion: 'reduce',
      hasTouch: size === phone,
    });
    const page = await context.newPage();
    page.setDefaultTimeout(20_000);
    await before?.(page);
    await page.goto(at);
    if (before !== hang)
      await page
        .locator('h1')
        .waitFor()
        .catch(() => undefined);
    await page.waitForTimeout(300);
    await after?.(page).catch((error: unknown) => process.stderr.write(`${file}: ${String(error)}\n`));
    await page.waitForTimeout(400);
    await page.screenshot({ path: path.join(folder, `${file}.png`) });
    await context.close();
  }
  process.stdout.write(`${device} ${theme}\n`);
}
await browser.close();
for (const run of teardowns.reverse()) await run();
process.exit(0);
