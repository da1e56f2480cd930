// An administrator on a phone: accounts, tokens and logins; a setting by a name that is nearly right; what wants to be looked
// at; long lists.

import test from 'ava';
import { startAdminServer } from '../helpers/admin-server.js';
import { examine, openApp, phone, screens } from '../helpers/app-page.js';
import { withChromium } from '../helpers/chromium.js';
import { Client } from '../helpers/client.js';
import { isTitled, lacks, shows } from '../helpers/shown.js';
import { until } from '../helpers/until.js';

const patience = 180_000;
const { run, browser } = withChromium(test, { patience });
const baseOf = ({ admin }: Awaited<ReturnType<typeof startAdminServer>>) => `http://127.0.0.1:${admin.port}`;

for (const [name, size] of screens) {
  run(`accounts and tokens are made, changed and taken away (${name})`, async (t) => {
    t.timeout(patience);
    const server = await startAdminServer(t, { hasPort: true });
    const { accounts } = server.configuration.stores;
    const opened = await openApp(t, browser(), baseOf(server), '/admin/', size);
    const { page, faults } = opened;
    if (size === phone) {
      await page.getByRole('button', { name: 'More' }).click();
      await examine(t, opened, 'more');
      await page.getByRole('dialog').getByRole('link', { name: 'Accounts' }).click();
    } else await page.getByRole('link', { name: 'Accounts' }).click();
    await page.getByText('No accounts yet').waitFor();
    await examine(t, opened, 'accounts-empty');
    await page.getByRole('button', { name: 'New account' }).click();
    await page.getByLabel('Name').fill('<b>Mia</b>');
    await page.getByLabel('Password').fill('mias password');
    await page.getByText('moderates:').click();
    await examine(t, opened, 'account-new');
    await page.getByRole('dialog').getByText('In a terminal').click();
    await shows(t, page.locator('dialog code'), { text: "dp user add --mod '<b>Mia</b>'" });
    await page.getByRole('button', { name: 'Add account' }).click();
    await page.getByText('Account <b>Mia</b> added.').waitFor();
    t.like((await accounts.all())[0], { name: '<b>Mia</b>', flags: ['MOD'], isLocked: false });
    await page.getByRole('button', { name: /Mia/ }).click();
    await page.getByText('administers the server').click();
    await page.getByText('is locked: nobody').click();
    // somebody else gives it a flag meanwhile, which stays
    await server.request({
      method: 'POST',
      path: '/api/dp/1/user/change',
      body: { key: { name: '<b>Mia</b>' }, addFlags: ['HOST'] },
    });
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByText('Account changed.').waitFor();
    const [changed] = await accounts.all();
    t.deepEqual([...(changed?.flags ?? [])].sort(), ['ADMIN', 'HOST', 'MOD']);
    t.true(changed?.isLocked);
    await examine(t, opened, 'accounts');
    await page.getByRole('button', { name: /Mia/ }).click();
    await page.getByRole('button', { name: 'Remove account' }).click();
    const forGood = page.getByRole('button', { name: 'Remove it for good' });
    await forGood.waitFor();
    t.is((await accounts.all()).length, 1, 'asked once more');
    await forGood.click();
    await until('it is gone', async () => (await accounts.all()).length === 0);

    await page.getByRole('button', { name: 'Tokens' }).click();
    await page.getByRole('button', { name: 'New token' }).click();
    await page.getByLabel('Name').fill('backup script');
    await page.getByRole('button', { name: 'Create token' }).click();
    await page.getByRole('alert').waitFor();
    await page.getByLabel('Name').fill('backup-script');
    await page.getByRole('button', { name: 'Create token' }).click();
    await page.getByText('it is not shown again').waitFor();
    await examine(t, opened, 'token-made');
    await shows(t, page.locator('dialog code'), { text: (secret) => secret.startsWith('dp_') });
    await page.getByRole('button', { name: 'Close' }).click();
    await examine(t, opened, 'tokens');
    await page.getByRole('button', { name: 'Revoke: backup-script' }).click();
    await page.getByText('Token backup-script revoked.').waitFor();
    t.deepEqual(faults, []);
  });
}

run('a setting is found by a name that is nearly right', async (t) => {
  t.timeout(patience);
  const server = await startAdminServer(t, { hasPort: true });
  const { page, faults } = await openApp(t, browser(), baseOf(server), '/admin/settings?search=serverTitel');
  await page.getByText(/No setting has this name: .*serverTitle/).waitFor();
  await page.getByRole('button', { name: 'serverTitle' }).click();
  await page.getByRole('textbox', { name: 'serverTitle' }).waitFor();
  t.deepEqual(faults, []);
});

run('what wants to be looked at is counted in the title, wherever one is', async (t) => {
  t.timeout(patience);
  const server = await startAdminServer(t, { hasPort: true, settings: { serverTitle: 'Ink' } });
  const host = await Client.host(server.server.port, { name: 'Anna', title: 'A house by the sea' });
  const path = '/api/dp/1/session/get';
  const answer = await server.request({ method: 'POST', path, body: { session: host.sessionId } });
  const nearly = String(Math.ceil((answer.json as { size: number }).size * 1.1));
  await server.configuration.stores.settings.change(new Map([['sessionSizeLimit', nearly]]));
  const opened = await openApp(t, browser(), baseOf(server), '/admin/me');
  const { page, faults } = opened;
  await isTitled(t, page, '(1) You – Ink');
  await page.getByRole('heading', { name: 'Notifications' }).waitFor();
  await examine(t, opened, 'me-notifications');
  t.deepEqual(faults, []);
  await host.leave();
});

run('of a long list only what is in view is in the page, and all of it can be reached', async (t) => {
  t.timeout(patience);
  const server = await startAdminServer(t, { hasPort: true });
  const count = 400;
  for (let n = 0; n < count; n++) {
    await server.configuration.stores.bans.add({
      kind: 'ip',
      address: `10.0.${Math.floor(n / 250)}.${n % 250}`,
      bits: 32,
      expires: undefined,
      comment: `number ${n}`,
    });
  }
  const opened = await openApp(t, browser(), baseOf(server), '/admin/bans', phone);
  const { page, faults } = opened;
  const items = page.getByRole('list', { name: 'Bans' }).getByRole('button');
  await items.first().waitFor();
  const isInView = { count: (count: number) => count > 0 && count < 80 };
  await shows(t, items, isInView);
  await shows(t, items.first(), { text: (text) => text.includes('10.0.') });
  await examine(t, opened, 'bans-long');
  for (let n = 0; n < 3; n++) {
    await page.evaluate('scrollTo(0, document.documentElement.scrollHeight)');
    await page.evaluate('new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))');
  }
  await page.locator(`[aria-posinset="${count}"]`).waitFor();
  await lacks(t, page.locator('[aria-posinset="1"]'), page.locator(`[aria-posinset="${count}"]`));
  await shows(t, items, isInView);
  await page.evaluate('scrollTo(0, 0)');
  await page.locator('[aria-posinset="1"]').waitFor();
  await page.getByLabel('Search bans, or explain an address').fill('number 377');
  await page.getByText('number 377').waitFor();
  t.deepEqual(faults, []);
});

run('a long list that scrolls by itself has its rows wherever one comes to in it', async (t) => {
  t.timeout(patience);
  const server = await startAdminServer(t, { hasPort: true });
  const host = await Client.host(server.server.port, { name: 'Anna', title: 'A crowd' });
  t.teardown(() => host.drop());
  const count = 120;
  for (let n = 1; n < count; n++) {
    const guest = await Client.join(server.server.port, host.sessionId, { name: `Guest ${n}` });
    t.teardown(() => guest.drop());
  }
  const { page, faults } = await openApp(
    t,
    browser(),
    baseOf(server),
    `/admin/session/${host.sessionId}`,
    phone,
  );
  const list = page.getByRole('list', { name: 'People' });
  const row = (n: number) => list.locator(`[aria-posinset="${n}"]`);
  await list.scrollIntoViewIfNeeded();
  await row(1).waitFor();
  for (const [part, n] of [
    [0.5, 60],
    [1, count],
    [0, 1],
  ] as const) {
    await list.evaluate((at, part) => {
      at.scrollTop = at.scrollHeight * part;
    }, part);
    await row(n).waitFor();
    await shows(t, list.getByRole('button'), { count: (count) => count > 0 && count < 60 });
  }
  await page.evaluate('scrollTo(0, document.documentElement.scrollHeight)');
  await page.evaluate('scrollTo(0, 0)');
  await row(1).waitFor();
  t.deepEqual(faults, []);
});

run('of a long chat the newest lines are in the page; those before come where one scrolls up', async (t) => {
  t.timeout(patience);
  const server = await startAdminServer(t, { hasPort: true });
  const host = await Client.host(server.server.port, { name: 'Anna', title: 'A talk' });
  t.teardown(() => host.drop());
  const { page, faults } = await openApp(
    t,
    browser(),
    baseOf(server),
    `/admin/session/${host.sessionId}`,
    phone,
  );
  const chat = page.getByRole('log', { name: 'Chat' });
  host.chat('line 0.');
  await chat.getByText('line 0.').waitFor();
  const count = 140;
  for (let n = 1; n < count; n++) host.chat(`line ${n}.`);
  await chat.getByText(`line ${count - 1}.`).waitFor();
  await shows(t, chat.getByRole('paragraph'), { count: 100 });
  await lacks(t, chat.getByText('line 0.'), chat.getByText(`line ${count - 1}.`));
  await chat.evaluate((at) => {
    at.scrollTop = 0;
  });
  await chat.getByText('line 0.').waitFor();
  await shows(t, chat.getByRole('paragraph'), { count });
  const top = await chat.evaluate((at) => at.scrollTop);
  t.true(top > 1000, 'what was read stays where it is');
  host.chat('one more');
  await chat.getByText('one more').waitFor();
  t.is(await chat.evaluate((at) => at.scrollTop), top, 'whoever reads what was before stays there');
  await chat.evaluate((at) => {
    at.scrollTop = at.scrollHeight;
  });
  await shows(t, chat.getByRole('paragraph'), { count: 100 });
  t.deepEqual(faults, []);
});
