// Settings in the app: what contradicts a setting stands beside it, with what puts it right, and goes when that is done.

import test from 'ava';
import { readStartup } from '../../src/lib/core/settings/startup.js';
import { startAdminServer } from '../helpers/admin-server.js';
import { examine, openApp, screens } from '../helpers/app-page.js';
import { withChromium } from '../helpers/chromium.js';
import { lacks } from '../helpers/shown.js';

const patience = 180_000;
const { run, browser } = withChromium(test, { patience });

for (const [name, size] of screens) {
  run(`what contradicts a setting stands beside it (${name})`, async (t) => {
    t.timeout(patience);
    const server = await startAdminServer(t, {
      hasPort: true,
      settings: { sessionCountLimit: '0', announceWhitelist: 'true', extauth: 'true' },
      listeners: { setUp: { startup: readStartup({ 'web-plaintext': true }).values, keepsSessions: true } },
    });
    const base = `http://127.0.0.1:${server.admin.port}`;
    const opened = await openApp(t, browser(), base, '/admin/settings?search=sessionCountLimit', size);
    const { page, faults } = opened;
    const row = page
      .getByRole('listitem')
      .filter({ has: page.getByRole('textbox', { name: 'sessionCountLimit' }) });
    await row.getByText('sessionCountLimit is 0: nobody can host').waitFor();
    await row.getByText('dp config set sessionCountLimit 25').waitFor();
    await page.getByRole('region', { name: 'To look at' }).getByText('--web-plaintext').first().waitFor();
    await examine(t, opened, 'settings-contradictions');
    await page.getByRole('textbox', { name: 'sessionCountLimit' }).fill('25');
    await page.getByRole('button', { name: 'Review and save' }).click();
    await page.getByRole('button', { name: 'Save', exact: true }).click();
    await page.getByText('Settings saved.').waitFor();
    await lacks(
      t,
      page.getByText('nobody can host'),
      page.getByRole('textbox', { name: 'sessionCountLimit' }),
    );
    await page.getByLabel('Search settings').fill('announceWhitelist');
    await page.getByText('sessions cannot be announced anywhere').waitFor();
    t.deepEqual(faults, []);
  });
}
