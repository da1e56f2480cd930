// Bans that are imported in the app: wrong lines are named, what would change is shown first; and they are exported.

import { readFileSync } from 'node:fs';
import test from 'ava';
import { startAdminServer } from '../helpers/admin-server.js';
import { examine, openApp, screens } from '../helpers/app-page.js';
import { withChromium } from '../helpers/chromium.js';
import { shows } from '../helpers/shown.js';

const patience = 180_000;
const { run, browser } = withChromium(test, { patience });

for (const [name, size] of screens) {
  run(`bans are imported after a look at them, and exported (${name})`, async (t) => {
    t.timeout(patience);
    const server = await startAdminServer(t, { hasPort: true });
    const { bans } = server.configuration.stores;
    const ban = { kind: 'ip', bits: 0, expires: undefined } as const;
    await bans.add({ ...ban, address: '192.0.2.1', comment: 'old note' });
    const base = `http://127.0.0.1:${server.admin.port}`;
    const opened = await openApp(t, browser(), base, '/admin/bans', size);
    const { page, faults } = opened;
    await page.getByRole('button', { name: 'Import' }).click();
    const sheet = page.getByRole('dialog');
    const text = 'ip,192.0.2.1,never,<b>new note</b>\nip,nonsense\n192.0.2.0/24\n';
    await sheet
      .getByLabel('File')
      .setInputFiles({ name: 'shared.csv', mimeType: 'text/csv', buffer: Buffer.from(text) });
    await sheet.getByText('line 2:').waitFor();
    await sheet.getByText('<b>new note</b>').waitFor();
    await shows(t, sheet.getByRole('button', { name: 'Show what would change' }), { isDisabled: true });
    await examine(t, opened, 'bans-import-wrong');
    t.is((await bans.all()).length, 1, 'nothing was done');
    await sheet.getByLabel('Bans, one in each line').fill('ip,192.0.2.1,never,new note\n192.0.2.0/24,7d');
    await sheet.getByRole('button', { name: 'Show what would change' }).click();
    await sheet.getByText('before:').waitFor();
    await examine(t, opened, 'bans-import');
    await sheet.getByRole('button', { name: 'Import 2 bans' }).click();
    await page.getByText('Bans added: 1, changed: 1').waitFor();
    t.deepEqual((await bans.all()).map(({ comment }) => comment).sort(), ['', 'new note']);
    const downloading = page.waitForEvent('download');
    await page.getByRole('button', { name: 'Export' }).click();
    const file = readFileSync(await (await downloading).path(), 'utf8');
    t.regex(file, /^kind,target,.*\nip,192\.0\.2\.1,never,new note,,\nip,192\.0\.2\.0\/24,/);
    await examine(t, opened, 'bans-exchange');
    t.deepEqual(faults, []);
  });
}
