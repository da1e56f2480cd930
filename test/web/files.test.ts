// The files of a server in the app: an archive becomes a session again, a backup is made, checked and downloaded, a template is
// checked and added, and file names that somebody made to hurt do nothing.

import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import * as path from 'node:path';
import test from 'ava';
import { examine, openApp, phone, screens } from '../helpers/app-page.js';
import { withChromium } from '../helpers/chromium.js';
import { Client } from '../helpers/client.js';
import { doodles, startFilesServer } from '../helpers/files-server.js';
import { isAt, lacks, shows } from '../helpers/shown.js';
import { until } from '../helpers/until.js';

const patience = 180_000;
const { run, browser } = withChromium(test, { patience });

for (const [name, size] of screens) {
  run(`archives, backups and templates are looked after (${name})`, async (t) => {
    t.timeout(patience);
    const server = await startFilesServer(t, {
      hasPort: true,
      hasTrail: true,
      settings: { clientTimeout: '1d' },
    });
    const host = await Client.host(server.server.port, { name: 'Anna', title: 'A house by the sea' });
    await server.request({
      method: 'POST',
      path: '/api/dp/1/session/kill',
      body: { session: host.sessionId },
    });
    const hostile =
      '<img src=x onerror=alert(1)>\u202edprec.a very long name that nobody would give a file.tar.gz';
    mkdirSync(server.folders.backups, { recursive: true });
    writeFileSync(path.join(server.folders.backups, hostile), 'no backup');
    const base = `http://127.0.0.1:${server.admin.port}`;
    const opened = await openApp(t, browser(), base, '/admin/', size);
    const { page, faults } = opened;
    if (size === phone) {
      await page.getByRole('button', { name: 'More' }).click();
      await page.getByRole('dialog').getByRole('link', { name: 'Files' }).click();
    } else await page.getByRole('link', { name: 'Files' }).click();
    await page.getByRole('button', { name: /A house by the sea/ }).waitFor();
    await page.getByText('started without --record').waitFor();
    await page.getByRole('button', { name: 'Create backup' }).click();
    await page.getByText(/Backup dp-backup-\S+ created/).waitFor();
    await page.getByRole('button', { name: /^dp-backup-/ }).waitFor();
    await examine(t, opened, 'files');

    await page.getByRole('button', { name: /^dp-backup-/ }).click();
    const sheet = page.getByRole('dialog');
    await sheet.getByRole('button', { name: 'Check backup' }).click();
    await sheet.getByText('intact').waitFor();
    await examine(t, opened, 'file-backup');
    const downloading = page.waitForEvent('download');
    await sheet.getByRole('link', { name: 'Download' }).click();
    const download = await downloading;
    t.regex(download.suggestedFilename(), /^dp-backup-.*\.tar\.gz$/);
    t.deepEqual(
      readFileSync(await download.path()),
      readFileSync(path.join(server.folders.backups, download.suggestedFilename())),
    );
    await sheet.getByRole('button', { name: 'Close' }).click();

    await page.getByLabel('Search files').fill('very long name');
    await page.getByRole('button', { name: /very long name/ }).click();
    await sheet.getByRole('button', { name: 'Check backup' }).click();
    await sheet.getByText('damaged', { exact: true }).waitFor();
    await examine(t, opened, 'file-hostile');
    await sheet.getByRole('button', { name: 'Delete' }).click();
    await sheet.getByRole('button', { name: 'Delete it for good' }).click();
    await page.getByText(/very long name.* deleted/).waitFor();
    await page.getByText('No file matches').waitFor();
    await page.getByLabel('Search files').fill('');

    await page.getByRole('button', { name: 'New template' }).click();
    const choose = (buffer: Buffer) =>
      sheet
        .getByLabel('Template file')
        .setInputFiles({ name: 'fresh.dptxt', mimeType: 'text/plain', buffer });
    await choose(Buffer.from('no template'));
    await sheet.getByRole('alert').waitFor();
    await shows(t, sheet.getByRole('button', { name: 'Add template' }), { isDisabled: true });
    await choose(Buffer.concat([Buffer.from(doodles), Buffer.from('\nnonsense <b>line</b>\n')]));
    await sheet.getByText(/^line \d+:$/).waitFor();
    await examine(t, opened, 'file-template');
    await sheet.getByRole('button', { name: 'Add template' }).click();
    await page.getByText('Template Doodles added').waitFor();
    t.truthy(server.server.directory.findTemplate('fresh'));

    await page.getByRole('button', { name: 'Archives' }).click();
    await isAt(t, page, `${base}/admin/files?kind=archive`);
    await lacks(
      t,
      page.getByRole('button', { name: /^Doodles/ }),
      page.getByRole('button', { name: /A house by the sea/ }),
    );
    await page.getByRole('button', { name: /A house by the sea/ }).click();
    await sheet.getByRole('button', { name: 'Open as a session' }).click();
    await shows(t, sheet.getByLabel('Title'), { value: 'A house by the sea' });
    await sheet.getByLabel('Title').fill('The house again');
    await examine(t, opened, 'file-archive');
    await sheet.getByRole('button', { name: 'Create session' }).click();
    await page.getByRole('heading', { name: 'The house again' }).waitFor();
    await until('it is there', () => [...server.server.directory.all].length === 1);
    t.deepEqual(faults, []);
  });
}

run('of two thousand files only what is in view is in the page', async (t) => {
  t.timeout(patience);
  const server = await startFilesServer(t, { hasPort: true });
  mkdirSync(server.folders.backups, { recursive: true });
  for (let n = 0; n < 2_000; n++) writeFileSync(path.join(server.folders.backups, `number-${n}.tar.gz`), '');
  const { page, faults } = await openApp(
    t,
    browser(),
    `http://127.0.0.1:${server.admin.port}`,
    '/admin/files',
    phone,
  );
  const items = page.getByRole('list', { name: 'Files' }).getByRole('button');
  await shows(t, items, { count: (count) => count > 0 && count < 80 });
  await page.getByLabel('Search files').fill('number-1377');
  await shows(t, items, { count: 1 });
  t.deepEqual(faults, []);
});
