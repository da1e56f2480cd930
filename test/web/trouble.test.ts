// The app when something goes wrong, in a real Chromium: the connection is lost and comes back, the server is restarted
// under the page, the login is over, two moderators act on one person, what is edited is changed elsewhere. Each has its
// words, and nothing that was typed is lost.

import { chmodSync } from 'node:fs';
import test, { type ExecutionContext } from 'ava';
import type { Page } from 'playwright-core';
import { desk, examine, logIn, openApp, phone, type Size } from '../helpers/app-page.js';
import { moderator, startAppServer } from '../helpers/app-server.js';
import { withChromium } from '../helpers/chromium.js';
import { Client } from '../helpers/client.js';
import { freePort } from '../helpers/free-port.js';
import { serveBinary } from '../helpers/serve-binary.js';
import { shows } from '../helpers/shown.js';
import { tempFolder } from '../helpers/temp-folder.js';
import { until } from '../helpers/until.js';

const patience = 240_000;
const { run, browser } = withChromium(test, { patience });
const other = { name: 'Noa', password: 'noas password' };
const owner = { name: 'owner', password: 'secret' };

async function openServer(t: ExecutionContext) {
  const server = await startAppServer(t, `${owner.name}:${owner.password}`);
  const host = await Client.host(server.server.port, { name: 'Anna', title: 'A house by the sea' });
  const troll = await Client.join(server.server.port, host.sessionId, { name: 'Scribbler' });
  t.teardown(() => Promise.all([host.drop(), troll.drop()]));
  const session = server.server.directory.find(host.sessionId)!;
  const open = async (at: string, who = moderator, size: Size = desk) => {
    const opened = await openApp(t, browser(), `http://127.0.0.1:${server.admin.port}`, `/admin/${at}`, size);
    await logIn(opened.page, who.name, who.password);
    return opened;
  };
  const ask = async (path: string, body: object) => {
    const { status, text } = await server.request({ method: 'POST', path: `/api/dp/1/${path}`, body });
    t.is(status, 200, text);
  };
  return { server, host, troll, session, open, ask };
}

const sheet = (page: Page) => page.getByRole('dialog');

run('a lost connection comes back: what was missed is shown, what was typed is there', async (t) => {
  t.timeout(patience);
  const { server, host, open } = await openServer(t);
  const opened = await open(`session/${host.sessionId}`, moderator, phone);
  const { page, faults } = opened;
  const box = page.getByLabel('Message to everyone in the session');
  await box.fill('half a thought');
  await page.context().setOffline(true);
  await page.getByRole('button', { name: 'Send' }).click();
  await page.getByText('The server cannot be reached').waitFor();
  await shows(t, box, { value: 'half a thought' });
  await page.context().setOffline(false);
  host.chat('said meanwhile');
  await page.getByText('said meanwhile').waitFor();
  await server.request({ method: 'POST', path: '/api/dp/1/login/end', body: {} });
  await box.press('Enter');
  await page.getByText('Your login has expired').waitFor();
  await examine(t, opened, 'expired');
  await page.getByLabel('Password').fill('mias password');
  await page.getByRole('button', { name: 'Log in' }).click();
  await sheet(page).waitFor({ state: 'detached' });
  await shows(t, box, { value: 'half a thought' });
  await page.getByRole('button', { name: 'Send' }).click();
  await host.next((frame) => frame.payload.toString().includes('half a thought'), 'the message');
  t.deepEqual(faults, []);
});

run('what changes between the first answers and the first news is on the screen', async (t) => {
  t.timeout(patience);
  const { server, open } = await openServer(t);
  const { page, faults } = await open('');
  const known = page.getByRole('heading', { name: 'A house by the sea' });
  await known.waitFor();
  let release = () => {};
  const released = new Promise<void>((resolve) => {
    release = resolve;
  });
  await page.route('**/api/dp/1/events', async (route) => {
    await released;
    await route.continue();
  });
  await page.reload();
  await known.waitFor();
  const late = await Client.host(server.server.port, { name: 'Ben', title: 'A boat' });
  t.teardown(() => late.drop());
  release();
  await page.getByRole('heading', { name: 'A boat' }).waitFor();
  t.deepEqual(faults, []);
});

run(
  'the server is restarted under the page: it says so, continues by itself, and keeps what was typed',
  async (t) => {
    t.timeout(patience);
    const folder = tempFolder(t);
    chmodSync(folder, 0o777);
    const port = await freePort();
    const args = [
      '--web-admin-port',
      String(port),
      '--web-admin-auth',
      'owner:secret',
      '--web-admin-access',
      'all',
    ];
    const first = await serveBinary({ teardown: t.teardown.bind(t), folder }, 'socket', ...args);
    const host = await Client.host(first.port, { name: 'Anna', title: 'A house by the sea' });
    const opened = await openApp(
      t,
      browser(),
      `http://127.0.0.1:${port}`,
      `/admin/session/${host.sessionId}`,
      phone,
    );
    const { page, faults } = opened;
    await logIn(page, owner.name, owner.password);
    const box = page.getByLabel('Message to everyone in the session');
    await box.fill('half a thought');
    await page.getByLabel('Title', { exact: true }).fill('A house by the lake');
    first.kill('SIGTERM');
    await first.ended;
    await page.getByText('Connection lost. Trying again…').waitFor();
    await examine(t, opened, 'restarting');
    await page.getByRole('button', { name: 'Send' }).click();
    await page.getByText('The server cannot be reached').waitFor();
    const second = await serveBinary({ teardown: t.teardown.bind(t), folder }, 'socket', ...args);
    await page.getByText('Connection lost. Trying again…').waitFor({ state: 'detached' });
    await shows(t, box, { value: 'half a thought' });
    await shows(t, page.getByLabel('Title', { exact: true }), { value: 'A house by the lake' });
    const guest = await Client.join(second.port, host.sessionId, { name: 'Guest' });
    await page.getByRole('button', { name: /Guest/ }).waitFor();
    await page.getByRole('button', { name: 'Send' }).click();
    await guest.next((frame) => frame.payload.toString().includes('half a thought'), 'the message');
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByRole('heading', { name: 'A house by the lake' }).waitFor();
    t.deepEqual(faults, []);
    await guest.leave();
  },
);

run('a login ends while a ban is written: it is made after logging in again', async (t) => {
  t.timeout(patience);
  const { server, open } = await openServer(t);
  const { page, faults } = await open('bans');
  await page.getByText('Nobody is banned').waitFor();
  await page.getByRole('button', { name: 'New ban' }).click();
  await page.getByLabel('Address or network').fill('192.0.2.0/24');
  await page.getByLabel('Note for moderators').fill('a long story');
  await server.request({ method: 'POST', path: '/api/dp/1/login/end', body: {} });
  // the stream of events ends with the login
  await page.getByText('Your login has expired').waitFor();
  await page.getByLabel('Password').fill(moderator.password);
  await page.getByRole('button', { name: 'Log in' }).click();
  await page.getByText('Your login has expired').waitFor({ state: 'detached' });
  await shows(t, page.getByLabel('Note for moderators'), { value: 'a long story' });
  await page.getByRole('button', { name: 'Ban', exact: true }).click();
  await page.getByText('192.0.2.0/24 is banned.').waitFor();
  t.like(await server.configuration.stores.bans.all(), [{ comment: 'a long story', bits: 24 }]);
  t.deepEqual(faults, []);
});

run(
  'two moderators act on one person, one report and one ban: the second sees what the first did',
  async (t) => {
    t.timeout(patience);
    const { server, host, troll, session, open } = await openServer(t);
    const { id } = session.people.byName('Scribbler')!;
    host.command('report', [], { user: id, reason: 'draws over everything' });
    await host.ping();
    const mia = await open(`session/${host.sessionId}`);
    const noa = await open(`session/${host.sessionId}`, other, phone);
    const choose = (page: Page) =>
      page
        .getByRole('button', { name: /^S? ?Scribbler/ })
        .first()
        .click();
    await choose(mia.page);
    await mia.page.getByLabel('Reason (optional)').fill('this is too much');
    await choose(noa.page);
    await noa.page.getByRole('button', { name: 'Kick' }).click();
    await troll.closed;
    await mia.page.getByText('This person has left meanwhile').waitFor();
    await examine(t, mia, 'left-meanwhile');
    await shows(t, mia.page.getByLabel('Reason (optional)'), { value: 'this is too much' });
    await mia.page.getByRole('button', { name: 'Ban from session' }).click();
    await mia.page.getByText('Scribbler is banned from this session.').waitFor();
    t.is(session.bans.all.length, 1);
    await noa.page.getByRole('button', { name: 'Lift: Scribbler' }).click();
    await noa.page.getByText('Scribbler may come back').waitFor();
    await mia.page.getByRole('button', { name: 'Undo' }).click();
    await mia.page.getByText('Somebody else has already lifted this ban.').waitFor();

    await mia.page.goto(`${mia.base}/admin/report/1`);
    await mia.page.getByLabel('What was done (optional)').fill('talked with them');
    await noa.page.goto(`${noa.base}/admin/report/1`);
    await noa.page.getByRole('button', { name: 'Close report' }).click();
    await mia.page.getByText('Closed by Noa').waitFor();
    await shows(t, mia.page.getByLabel('What was done (optional)'), { value: 'talked with them' });

    await server.configuration.stores.bans.add({
      kind: 'ip',
      address: '192.0.2.7',
      bits: 32,
      comment: 'spam',
      expires: Date.now() + 86_400_000,
    });
    await mia.page.goto(`${mia.base}/admin/bans`);
    await mia.page.getByRole('button', { name: /192\.0\.2\.7/ }).click();
    await mia.page.getByLabel('Note for moderators').fill('spam from a school');
    await noa.page.goto(`${noa.base}/admin/bans`);
    await noa.page.getByRole('button', { name: /192\.0\.2\.7/ }).click();
    await noa.page.getByLabel('Note for moderators').fill('spam, as always');
    await noa.page.getByRole('button', { name: 'Save' }).click();
    await mia.page.getByText('Changed by somebody else meanwhile').waitFor();
    await sheet(mia.page).getByText('spam, as always').waitFor();
    await shows(t, mia.page.getByLabel('Note for moderators'), { value: 'spam from a school' });
    await noa.page.getByRole('button', { name: /192\.0\.2\.7/ }).click();
    await noa.page.getByRole('button', { name: 'Lift ban' }).click();
    await mia.page.getByText('Somebody else has lifted this ban meanwhile.').waitFor();
    await examine(t, mia, 'ban-gone');
    await mia.page.getByRole('button', { name: 'Ban', exact: true }).click();
    await until('banned again', async () => {
      const [ban] = await server.configuration.stores.bans.all();
      return ban?.comment === 'spam from a school';
    });
    t.deepEqual([...mia.faults, ...noa.faults], []);
  },
);

run('a setting of the server and of a session is changed elsewhere while it is edited', async (t) => {
  t.timeout(patience);
  const { server, host, open, ask } = await openServer(t);
  const opened = await open('settings?search=serverTitle', owner);
  const { page, faults } = opened;
  const box = page.getByRole('textbox', { name: 'serverTitle' });
  await box.fill('Saturday sketching');
  await ask('config/change', { set: { serverTitle: 'Sunday sketching' } });
  await page.getByText('Changed elsewhere to “Sunday sketching”').waitFor();
  await shows(t, box, { value: 'Saturday sketching' });
  await examine(t, opened, 'setting-elsewhere');
  await page.getByRole('button', { name: 'Review and save' }).click();
  await page.getByRole('button', { name: 'Save', exact: true }).click();
  await page.getByText('Settings saved.').waitFor();
  t.is(server.configuration.settings.get('serverTitle'), 'Saturday sketching');

  await page.goto(`${opened.base}/admin/session/${host.sessionId}`);
  const title = page.getByLabel('Title', { exact: true });
  await title.fill('A house by the lake');
  await page.getByLabel('Maximum number of people').fill('20');
  await ask('session/set', {
    session: host.sessionId,
    change: { title: 'A house in the hills', nsfm: true },
  });
  await page.getByRole('heading', { name: 'A house in the hills' }).waitFor();
  await page.getByText('Title: Changed elsewhere to “A house in the hills”').waitFor();
  await shows(t, title, { value: 'A house by the lake' });
  await shows(
    t,
    page.getByLabel('Not suitable for minors'),
    { isChecked: true },
    'what was not touched is as it is now',
  );
  await page.getByRole('button', { name: 'Save', exact: true }).click();
  await page.getByRole('heading', { name: 'A house by the lake' }).waitFor();
  const session = server.server.directory.find(host.sessionId)!;
  t.like(session.options, { title: 'A house by the lake', maxUserCount: 20 });
  t.deepEqual(faults, []);
});
