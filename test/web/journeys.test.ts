// The journeys of those who look at a server in a browser: its owner at home, a moderator at night, the operator of several
// servers, and somebody who got a link. Each from its start to its end, with real protocol clients, on a phone and at a
// desk, light and dark, with the keyboard alone: a pointer that is used is a fault (helpers/keyboard.ts). At each step axe
// finds nothing, what has the focus is seen, and the focus is not lost.

import test, { type ExecutionContext } from 'ava';
import type { Locator, Page } from 'playwright-core';
import { openLocalApp } from '../../src/lib/io/http/local-app.js';
import { readServerAddress } from '../../src/lib/io/outside/admin-http.js';
import { remoteAdmin } from '../../src/lib/io/outside/remote-admin.js';
import { systemSecrets } from '../../src/lib/io/system/access-secrets.js';
import { startAdminServer } from '../helpers/admin-server.js';
import {
  desk,
  examine,
  type Opened,
  openApp,
  phone,
  type Size,
  type Theme,
  themes,
} from '../helpers/app-page.js';
import { moderator, startAppServer } from '../helpers/app-server.js';
import { withChromium } from '../helpers/chromium.js';
import { Client } from '../helpers/client.js';
import { freePort } from '../helpers/free-port.js';
import { type Keyboard, keyboardOf } from '../helpers/keyboard.js';
import { isAt, isTitled, lacks, shows } from '../helpers/shown.js';
import { guiHome, startGui } from '../helpers/start-gui.js';
import { until } from '../helpers/until.js';
import { openWebSocketClient } from '../helpers/web-socket-link.js';

const patience = 300_000;
const { run, browser } = withChromium(test, { patience });
/** One after the other: all at once would be slow for each. */
const runAlone = 'serial' in run ? run.serial : run;

interface Way {
  size: Size;
  theme: Theme;
}

async function open(t: ExecutionContext, { size, theme }: Way, base: string, at: string) {
  const opened = await openApp(t, browser(), base, at, size, { theme, isByKeyboard: true });
  return { opened, keys: keyboardOf(t, opened.page), ...opened };
}

/** A place of the navigation; on a phone the rarer ones are behind one more. */
async function goTo(
  keys: Keyboard,
  { page }: Opened,
  place: RegExp,
  heading: string,
  isRare = false,
): Promise<void> {
  if (isRare && page.viewportSize()?.width === phone.width) await keys.press(/^More$/);
  await keys.press(place);
  await page.getByRole('heading', { name: heading, level: 1 }).waitFor();
  await keys.keeps(`going to ${heading}`);
}

/** Pages of visitors are not live: loads it until that is on it. */
async function reloadUntil(page: Page, what: string, at: Locator): Promise<void> {
  await until(what, async () => {
    await page.reload();
    return at.waitFor({ timeout: 2000 }).then(
      () => true,
      () => false,
    );
  });
}

/** From nothing to a server that runs, and friends who draw on it. */
async function owner(t: ExecutionContext, way: Way): Promise<void> {
  const { env } = guiHome(t);
  const port = await freePort();
  const gui = await startGui(t, env, '--set-up');
  const { opened, page, keys, faults } = await open(
    t,
    way,
    gui.link.origin,
    gui.link.pathname + gui.link.hash,
  );
  await page.getByRole('heading', { name: 'Who will draw here?' }).waitFor();
  await keys.to(/My friends/);
  await page.keyboard.press('ArrowDown');
  await shows(t, page.getByRole('radio', { name: /A community/ }), { isChecked: true });
  await page.keyboard.press('ArrowUp');
  await examine(t, opened, 'journey-owner-who');
  await keys.press(/Continue/);
  await page.getByRole('heading', { name: 'What is it called?' }).waitFor();
  await keys.keeps('a step');
  await keys.type(/Server title/, 'Friday sketching');
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { name: 'How do people get in?' }).waitFor();
  await keys.type(/Port/, String(port));
  await keys.to(/made here/);
  await page.keyboard.press('ArrowUp');
  await shows(t, page.getByRole('radio', { name: 'None' }), { isChecked: true });
  await keys.press(/Continue/);
  await page.getByRole('heading', { name: 'Who looks after it?' }).waitFor();
  await keys.press(/Continue/);
  await page.getByText('setting serverTitle = Friday sketching').waitFor();
  await examine(t, opened, 'journey-owner-review');
  await keys.press(/Create and start/);
  await page.getByRole('heading', { name: 'Your server is running' }).waitFor();
  await keys.keeps('the set-up');
  await examine(t, opened, 'journey-owner-link');
  await keys.press(/Open the app/);
  await page.getByText('Nobody is drawing yet').waitFor();
  const link = `drawpile://127.0.0.1:${port}/`;
  await shows(t, page.locator('.friends code'), { text: link });
  const anna = await Client.host(Number(new URL(link).port), { name: 'Anna', title: 'A house by the sea' });
  t.teardown(() => anna.drop());
  await page.getByRole('heading', { name: 'A house by the sea' }).waitFor();
  await page.getByText('All is well').waitFor();
  await keys.press(/A house by the sea/);
  await page.getByRole('button', { name: /Anna/ }).waitFor();
  await keys.keeps('opening a session');
  await keys.type(/Message to everyone/, 'Hello Anna');
  await page.keyboard.press('Enter');
  await anna.next((frame) => frame.payload.toString().includes('Hello Anna'), 'the message');
  await keys.keeps('a message');
  await goTo(keys, opened, /^Now/, 'Now');
  await keys.press(/New session/);
  await keys.type(/^Title/, 'Birds');
  await keys.press(/Create session/);
  await page.getByRole('heading', { name: 'Birds', level: 1 }).waitFor();
  await keys.keeps('a new session');
  await keys.press(/New invite/);
  await page.getByText(/used 0 of/).waitFor();
  await keys.keeps('an invite');
  await examine(t, opened, 'journey-owner-session');
  t.deepEqual(faults, []);
  gui.child.kill('SIGINT');
  t.is((await gui.ended)[0], 0);
}

/** A report comes in: the right person is banned, that is undone, and done again; the report is closed. */
async function moderatorAtNight(t: ExecutionContext, way: Way): Promise<void> {
  const server = await startAppServer(t, 'owner:secret');
  const host = await Client.host(server.server.port, { name: 'Anna', title: 'A house by the sea' });
  const troll = await Client.join(server.server.port, host.sessionId, { name: 'Scribbler' });
  t.teardown(() => Promise.all([host.drop(), troll.drop()]));
  const session = server.server.directory.find(host.sessionId)!;
  troll.chat('I draw where I like');
  await troll.ping();
  const { opened, page, keys, faults } = await open(
    t,
    way,
    `http://127.0.0.1:${server.admin.port}`,
    '/admin/',
  );
  await keys.type(/^Name/, moderator.name);
  await keys.type(/Password/, moderator.password);
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { name: 'A house by the sea' }).waitFor();
  await keys.keeps('logging in');
  host.command('report', [], {
    user: session.people.byName('Scribbler')!.id,
    reason: 'draws over everything',
  });
  await isTitled(t, page, '(1) Now – Friday sketching');
  await page.getByText('A new report came in.').waitFor();
  await examine(t, opened, 'journey-moderator-now');
  await goTo(keys, opened, /Reports/, 'Reports');
  await keys.press(/Scribbler/);
  await page.getByText('I draw where I like').waitFor();
  await keys.keeps('opening a report');
  await examine(t, opened, 'journey-moderator-report');
  await keys.press(/Ban from session/, 'Space');
  await troll.closed;
  await page.getByText('Scribbler is banned from this session.').waitFor();
  await keys.keeps('a ban');
  await keys.press(/Undo/);
  await page.getByText('Undone: Scribbler is not banned.').waitFor();
  t.is(session.bans.all.length, 0);
  await keys.keeps('undoing');
  await page.keyboard.press('Control+z');
  await until('done again', () => session.bans.all.length === 1);
  await keys.type(/What was done/, 'banned');
  await keys.press(/Close report/);
  await page.getByText('Closed by Mia').waitFor();
  await keys.keeps('closing a report');
  await isTitled(t, page, 'Reports – Friday sketching');
  await keys.press(/Everything about this person/);
  await page.getByRole('heading', { name: 'Notes' }).waitFor();
  await keys.type(/New note/, 'Banned on Friday');
  await keys.press(/Add note/);
  await page.getByRole('button', { name: 'Delete: Banned on Friday' }).waitFor();
  await keys.keeps('a note');
  await keys.press(/Delete: Banned/);
  await page.getByText('Note deleted.').waitFor();
  await keys.keeps('deleting a note');
  await keys.press(/Ban from server/);
  await page.getByText('This hits 1 address').waitFor();
  await keys.keeps('opening a form');
  await keys.press(/Cancel/);
  await keys.keeps('cancelling');
  await examine(t, opened, 'journey-moderator-person');
  t.deepEqual(faults, []);
}

/** What is unusual right now, why, and what was done about the last one: on three servers, of which one is away. */
async function operator(t: ExecutionContext, way: Way): Promise<void> {
  const [one, two] = [
    await startAdminServer(t, { hasPort: true, settings: { serverTitle: 'Quiet' } }),
    await startAdminServer(t, {
      hasPort: true,
      hasTrail: true,
      settings: { serverTitle: 'Busy', clientTimeout: '1d' },
    }),
  ];
  const anna = await Client.host(two.server.port, { name: 'Anna', title: 'A house by the sea' });
  const troll = await Client.join(two.server.port, anna.sessionId, { name: 'Scribbler' });
  const bea = await Client.host(two.server.port, { name: 'Bea', title: 'Birds' });
  t.teardown(() => Promise.all([anna.drop(), troll.drop(), bea.drop()]));
  const session = two.server.directory.find(anna.sessionId)!;
  anna.draw(Buffer.alloc(4000));
  await anna.ping();
  const body = { session: anna.sessionId };
  const { json } = await two.request({ method: 'POST', path: '/api/dp/1/session/get', body });
  const limit = String(Math.ceil((json as { size: number }).size * 1.1));
  await two.configuration.stores.settings.change(new Map([['sessionSizeLimit', limit]]));
  const at = (port: number) => remoteAdmin(readServerAddress(`http://127.0.0.1:${port}`, undefined)!);
  const ports: Readonly<Record<string, number>> = { busy: two.admin.port!, away: 1 };
  const app = await openLocalApp(
    {
      first: { name: 'quiet', admin: at(one.admin.port!) },
      others: Object.keys(ports),
      open: async (name) => at(ports[name]!),
    },
    { secrets: systemSecrets, name: 'local' },
  );
  t.teardown(() => app.close());
  const { origin, pathname, hash } = new URL(app.link);
  const { opened, page, keys, faults } = await open(t, way, origin, pathname + hash);
  await page.getByText('Nobody is drawing yet').waitFor();
  anna.command('report', [], {
    user: session.people.byName('Scribbler')!.id,
    reason: 'draws over everything',
  });
  await anna.ping();
  await until('it is stored', async () => (await two.configuration.stores.reports!.query({})).length === 1);

  await keys.press(/Server:/);
  const sheet = page.getByRole('dialog');
  await sheet.getByRole('button', { name: /quiet.*shown now.*All is well/ }).waitFor();
  await sheet.getByRole('button', { name: /busy.*3 people.*1 open report/ }).waitFor();
  await sheet.getByRole('button', { name: /away.*Unreachable/ }).waitFor();
  await examine(t, opened, 'journey-operator-servers');
  await page.keyboard.press('Escape');
  await sheet.waitFor({ state: 'detached' });
  await keys.keeps('closing the sheet');
  await page.keyboard.press('Enter');
  await keys.press(/busy/);
  await isTitled(t, page, '(2) Now – Busy');
  await page.getByRole('heading', { name: 'Birds' }).waitFor();
  await page.getByText(/history \d+ % full/).waitFor();
  // what is unusual stands first
  await shows(t, page.getByRole('heading', { level: 2 }).first(), { text: 'A house by the sea' });
  await examine(t, opened, 'journey-operator-now');
  await keys.press(/A house by the sea/);
  await keys.press(/Scribbler/);
  await keys.type(/Reason/, 'enough');
  await keys.press(/^Kick/);
  await page.getByText('Scribbler was kicked').waitFor();
  await troll.closed;
  await keys.keeps('kicking');
  await goTo(keys, opened, /Reports/, 'Reports');
  await keys.press(/Scribbler/);
  await keys.type(/What was done/, 'kicked');
  await page.keyboard.press('Enter');
  await page.getByText('The report is closed.').waitFor();
  await isTitled(t, page, '(1) Reports – Busy');

  await goTo(keys, opened, /^Log/, 'Log', true);
  await keys.press(/^Changes/);
  await page.getByText('report.close').first().waitFor();
  await page.getByText('session.kick').first().waitFor();
  await keys.keeps('choosing');
  await examine(t, opened, 'journey-operator-changes');
  await goTo(keys, opened, /^Settings/, 'Settings', true);
  await keys.type(/Search settings/, 'serverTitle');
  await isAt(t, page, `${origin}/admin/settings?search=serverTitle`, 'what is seen can be given to others');
  await keys.type(/^serverTitle/, 'Calm');
  await keys.press(/Review and save/);
  await keys.press(/^Save/);
  await page.getByText('Settings saved.').waitFor();
  await keys.keeps('saving');
  t.is(two.configuration.settings.get('serverTitle'), 'Calm');
  t.is(one.configuration.settings.get('serverTitle'), 'Quiet');

  await keys.press(/Server:/);
  await keys.press(/away/);
  await page
    .getByText(/no server answers|cannot be reached|refused/i)
    .first()
    .waitFor();
  await examine(t, opened, 'journey-operator-away');
  await keys.press(/Server:/);
  await keys.press(/quiet/);
  await page.getByText('Nobody is drawing yet').waitFor();
  const cleo = await Client.host(one.server.port, { name: 'Cleo', title: 'In the first' });
  t.teardown(() => cleo.drop());
  await page.getByRole('heading', { name: 'In the first' }).waitFor();
  t.deepEqual(faults, []);
}

/** What is this, is it still on, and one button that opens the client or the browser client. */
async function visitor(t: ExecutionContext, way: Way): Promise<void> {
  const { server, request } = await startAdminServer(t, {
    settings: {
      publicPage: 'sessions',
      serverTitle: 'Friday sketching',
      welcomeMessage: 'Draw what you like.',
      ruleText: '1. Be kind.\n2. Do not draw over others.',
      clientTimeout: '1d',
      webSocketOrigins: 'https://web.drawpile.net',
    },
    values: { 'local-host': '127.0.0.1' },
    more: { web: { host: '127.0.0.1', port: 0 }, allowsPlaintext: true, localHost: '127.0.0.1' },
  });
  const anna = await Client.host(server.port, { name: 'Anna', title: 'A house by the sea', alias: 'house' });
  t.teardown(() => anna.drop());
  const change = { title: 'A house by the sea', allowWeb: true, autotitle: 'x' };
  await request({ method: 'PUT', path: `/api/sessions/${anna.sessionId}`, body: change });
  const base = `http://127.0.0.1:${server.webPort}`;
  const { opened, page, keys, faults } = await open(t, way, base, '/s/house');
  await page.getByRole('heading', { name: 'A house by the sea' }).waitFor();
  await page.getByText(/1 of \d+ users, hosted by/).waitFor();
  await examine(t, opened, 'journey-visitor-session');
  await keys.to(/Join in Drawpile/);
  const link = new URL(
    String(await page.getByRole('link', { name: 'Join in Drawpile' }).getAttribute('href')),
  );
  t.is(link.protocol, 'drawpile:');
  const ben = await Client.join(Number(link.port), link.pathname.slice(1), {
    name: 'Ben',
    host: link.hostname,
  });
  t.teardown(() => ben.drop());
  await reloadUntil(page, 'the page has both', page.getByText(/2 of \d+ users/));
  await page.getByText(/Here:.*Ben/).waitFor();

  // the browser client is a page of somebody else; what it gets to know is enough to come in
  await page
    .context()
    .route('https://web.drawpile.net/**', (route) =>
      route.fulfill({ contentType: 'text/html', body: '<title>client</title>' }),
    );
  await keys.press(/Join in the browser/);
  await isTitled(t, page, 'client');
  const asked = new URL(page.url()).searchParams;
  t.is(asked.get('host'), `127.0.0.1:${server.webPort}`);
  const { client } = await openWebSocketClient(server.webPort, {
    name: 'Cleo',
    path: '/drawpile-web/ws',
    headers: { origin: 'https://web.drawpile.net' },
  });
  t.teardown(() => client.drop());
  await client.logIn('join');
  await client.join(String(asked.get('session')));
  t.truthy(server.directory.find('house')!.people.byName('Cleo'));
  await page.goBack();
  await page.getByRole('heading', { name: 'A house by the sea' }).waitFor();

  await keys.press(/Friday sketching/);
  await page.getByText('Do not draw over others.').waitFor();
  await page.getByText('Draw what you like.').waitFor();
  await examine(t, opened, 'journey-visitor-front');
  await keys.press(/A house by the sea/);
  await isAt(t, page, `${base}/s/house`);
  await request({ method: 'DELETE', path: `/api/sessions/${anna.sessionId}` });
  await reloadUntil(page, 'it has ended', page.getByRole('heading', { name: 'There is no such session' }));
  await examine(t, opened, 'journey-visitor-ended');
  await keys.press(/Friday sketching/);
  await lacks(t, page.getByText('A house by the sea'), page.getByText('There is none to show'));
  t.deepEqual(
    faults.filter((fault) => !fault.startsWith('https://web.drawpile.net/?')),
    [],
  );
}

/** TABLE of the journeys: who, and what they do. */
const journeys = {
  'an owner at home': owner,
  'a moderator at night': moderatorAtNight,
  'the operator of several servers': operator,
  'somebody who got a link': visitor,
} as const;

for (const [who, journey] of Object.entries(journeys)) {
  for (const [device, size] of Object.entries({ phone, desk })) {
    for (const theme of themes) {
      runAlone(`${who} comes to the end with the keyboard alone (${device}, ${theme})`, async (t) => {
        t.timeout(patience);
        await journey(t, { size, theme });
      });
    }
  }
}
