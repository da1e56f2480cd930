// A session in the app: recorded and not recorded any more, and how quickly each answers.

import test from 'ava';
import { examine, openApp, screens } from '../helpers/app-page.js';
import { withChromium } from '../helpers/chromium.js';
import { Client } from '../helpers/client.js';
import { startFilesServer } from '../helpers/files-server.js';

const patience = 180_000;
const { run, browser } = withChromium(test, { patience });

for (const [name, size] of screens) {
  run(`a session is recorded, and people have their pings (${name})`, async (t) => {
    t.timeout(patience);
    const server = await startFilesServer(t, {
      records: 'asked',
      hasPort: true,
      hasTrail: true,
      settings: { clientTimeout: '1d' },
    });
    const host = await Client.host(server.server.port, { name: 'Anna', title: 'A house by the sea' });
    const base = `http://127.0.0.1:${server.admin.port}`;
    const opened = await openApp(t, browser(), base, `/admin/session/${host.sessionId}`, size);
    const { page, faults } = opened;
    await page.getByText(/^\d+ ms$/).waitFor();
    const card = page.getByRole('region', { name: 'Recording' });
    await card.getByRole('button', { name: 'Start recording' }).click();
    await card.getByText('is recorded').waitFor();
    await card.getByText(/\.dprec/).waitFor();
    await card.scrollIntoViewIfNeeded();
    await examine(t, opened, 'session-recording');
    await card.getByRole('button', { name: 'Stop recording' }).click();
    await card.getByText('not recorded').waitFor();
    await card.getByRole('link', { name: 'Recordings' }).click();
    await page.getByRole('list', { name: 'Files' }).getByRole('button').first().waitFor();
    t.deepEqual(faults, []);
    await host.leave();
  });
}
