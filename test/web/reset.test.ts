// Somebody who forgot a password: an administrator makes a link, they open it, set another one and log in with it.

import test from 'ava';
import { examine, logIn, openApp, screens } from '../helpers/app-page.js';
import { startAppServer } from '../helpers/app-server.js';
import { withChromium } from '../helpers/chromium.js';
import { isAt, shows } from '../helpers/shown.js';

const patience = 180_000;
const { run, browser } = withChromium(test, { patience });

for (const [name, size] of screens) {
  run(`a forgotten password is set anew by a link, once (${name})`, async (t) => {
    t.timeout(patience);
    const server = await startAppServer(t, 'owner:secret');
    const base = `http://127.0.0.1:${server.admin.port}`;
    const office = await openApp(t, browser(), base, '/admin/accounts', size);
    await logIn(office.page, 'owner', 'secret');
    await office.page.getByRole('button', { name: /Mia/ }).click();
    await office.page.getByRole('button', { name: 'Create link for a new password' }).click();
    const line = office.page.locator('dialog code').filter({ hasText: '#reset=' });
    await line.waitFor();
    await line.scrollIntoViewIfNeeded();
    await examine(t, office, 'account-reset-link');
    let link = '';
    const isLink = (text: string) => {
      link = text;
      return text.startsWith(`${base}/admin/#reset=`);
    };
    await shows(t, line, { text: isLink });

    const hash = link.slice(link.indexOf('#'));
    const home = await openApp(t, browser(), base, `/admin/?next=//evil.example/${hash}`, size);
    const { page } = home;
    await page.getByRole('heading', { name: 'Set a new password' }).waitFor();
    await page.getByText('Mia', { exact: true }).waitFor();
    await isAt(t, page, `${base}/admin/`, 'the secret is not in the address any more');
    await page.getByLabel('New password').fill('a better one');
    await page.getByLabel('The same password again').fill('another one');
    await page.getByRole('button', { name: 'Set password' }).click();
    await page.getByText('The two passwords differ.').waitFor();
    await examine(t, home, 'reset-password');
    await page.getByLabel('The same password again').fill('a better one');
    await page.getByRole('button', { name: 'Set password' }).click();
    await page.getByRole('heading', { name: 'Your password is set' }).waitFor();
    await examine(t, home, 'reset-done');
    await page.getByRole('link', { name: 'To the login' }).click();
    await logIn(page, 'Mia', 'a better one');
    await page.getByText('Nobody is drawing yet').waitFor();
    await isAt(t, page, `${base}/admin/`);

    const thief = await openApp(t, browser(), base, `/admin/${hash}`, size);
    await thief.page.getByText('This link no longer works').waitFor();
    await examine(t, thief, 'reset-used');
    t.deepEqual([office.faults, home.faults, thief.faults].flat(), []);
  });
}
