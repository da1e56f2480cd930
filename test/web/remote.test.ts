// The app against other servers: the admin APIs of both originals, as they were recorded, and several servers in one app.

import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import * as path from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { namedServers } from '../../src/lib/io/disk/server-profile.js';
import { openLocalApp } from '../../src/lib/io/http/local-app.js';
import { readServerAddress } from '../../src/lib/io/outside/admin-http.js';
import { remoteAdmin } from '../../src/lib/io/outside/remote-admin.js';
import { systemSecrets } from '../../src/lib/io/system/access-secrets.js';
import { startAdminServer } from '../helpers/admin-server.js';
import { examine, openApp, phone } from '../helpers/app-page.js';
import { withChromium } from '../helpers/chromium.js';
import { Client } from '../helpers/client.js';
import { type OriginalVersion, originals, startOriginal } from '../helpers/original-server.js';
import { lacks, shows } from '../helpers/shown.js';
import { tempFolder } from '../helpers/temp-folder.js';

const patience = 180_000;
const { run, browser } = withChromium(test, { patience });

async function openFor(t: ExecutionContext, url: string, others: Readonly<Record<string, string>> = {}) {
  const at = (address: string) => remoteAdmin(readServerAddress(address, undefined)!);
  const app = await openLocalApp(
    {
      first: { name: 'first', admin: at(url) },
      others: Object.keys(others),
      open: async (name) => at(others[name]!),
    },
    { secrets: systemSecrets, name: 'local' },
  );
  t.teardown(() => app.close());
  const { origin, pathname, hash } = new URL(app.link);
  return { base: origin, at: pathname + hash };
}

const places = [
  'now',
  'reports',
  'person/alice',
  'people',
  'bans',
  'log',
  'log?show=changes',
  'settings',
  'me',
];
/** Requests that the originals answer with 404 because they have nothing of the kind: nobody recorded that. */
const absent: Readonly<Record<OriginalVersion, readonly string[]>> = { '2.1': [], '2.3': [] };

for (const version of Object.keys(originals) as OriginalVersion[]) {
  run(`a drawpile-srv ${version} is administered without an error, and says what it lacks`, async (t) => {
    t.timeout(patience);
    const original = await startOriginal(t, version);
    const { base, at } = await openFor(t, original.url);
    const opened = await openApp(t, browser(), base, at, phone);
    const { page, faults } = opened;
    const title = version === '2.1' ? 'Old' : 'Test session';
    await page.getByRole('heading', { name: title }).waitFor();
    await page.getByText('This server does not send live updates').waitFor();
    const noError = async (name: string) => {
      await page.getByText('Loading…').waitFor({ state: 'detached' });
      await lacks(t, page.locator('.problem'), page.locator('main h1'), name);
    };
    for (const name of places) {
      await page.goto(`${base}/admin/${name === 'now' ? '' : name}`);
      await page.locator('main h1').waitFor();
      await noError(name);
      await examine(t, opened, `original-${version}-${name.replace(/\W/g, '-')}`);
    }
    await page.goto(`${base}/admin/log?show=changes`);
    await page.getByText(/The admin API of this server \(drawpile-srv.*has no such function/).waitFor();
    await page.goto(`${base}/admin/log?level=warn`);
    await page.getByLabel('Minimum severity').waitFor();
    await noError('a filter that the original does not have');

    await page.goto(`${base}/admin/`);
    await page.getByRole('link', { name: title }).click();
    await page
      .getByRole('button', { name: /^A?\s*alice/ })
      .first()
      .click();
    await page.getByRole('dialog').getByText('has no such function').first().waitFor();
    for (const [action, isDisabled] of [
      ['Mute', true],
      ['Ban from session', true],
      ['Trust', version === '2.1'],
    ] as const) {
      await shows(t, page.getByRole('button', { name: action, exact: true }), { isDisabled });
    }
    await examine(t, opened, `original-${version}-person`);
    await page.getByRole('button', { name: 'Close' }).click();
    await page.getByLabel('Message to everyone in the session').fill('hello');
    await page.getByRole('button', { name: 'Send' }).click();
    const box = page.getByLabel('Message to everyone in the session');
    await shows(t, box, { value: '' }, 'it is sent');
    await noError('a message');
    t.true(
      original.asked.includes(version === '2.1' ? 'PUT /api/sessions/:id' : 'PUT /api/sessions/:id/chat'),
    );

    await page.goto(`${base}/admin/bans`);
    await page.getByRole('button', { name: 'New ban' }).click();
    const network = page.getByLabel('Address or network');
    await network.waitFor();
    const ofClients = page.getByRole('button', { name: 'client', exact: true });
    await (version === '2.1' ? lacks(t, ofClients, network) : shows(t, ofClients, { count: 1 }));
    await network.fill('192.0.2.10/24');
    await page.getByRole('button', { name: 'Ban', exact: true }).click();
    await page.getByText('192.0.2.0/24 is banned.').waitFor();
    t.true(original.asked.includes('POST /api/banlist'));

    await page.goto(`${base}/admin/settings?search=serverTitle`);
    await page.getByRole('textbox', { name: 'serverTitle' }).fill('x');
    await page.getByRole('button', { name: 'Review and save' }).click();
    await page.getByRole('button', { name: 'Save', exact: true }).waitFor();
    t.deepEqual(faults, []);
    t.deepEqual(
      original.unknown.filter((each) => !each.includes('/api/dp/') && !absent[version].includes(each)),
      [],
    );
  });
}

run('several servers are one app: what is seen and done is of the chosen one, live', async (t) => {
  t.timeout(patience);
  const one = await startAdminServer(t, { hasPort: true, settings: { serverTitle: 'One' } });
  const two = await startAdminServer(t, { hasPort: true, settings: { serverTitle: 'Two' } });
  const url = (server: typeof one) => `http://127.0.0.1:${server.admin.port}`;
  const { base, at } = await openFor(t, url(one), { second: url(two), away: 'http://127.0.0.1:1' });
  const opened = await openApp(t, browser(), base, at);
  const { page, faults } = opened;
  const choose = async (name: string) => {
    await page.getByRole('button', { name: /^Server:/ }).click();
    await page.getByRole('dialog').getByRole('button', { name }).click();
  };
  await page.getByText('Nobody is drawing yet').waitFor();
  const host = await Client.host(one.server.port, { name: 'Anna', title: 'In the first' });
  await page.getByRole('heading', { name: 'In the first' }).waitFor();
  await examine(t, opened, 'several-servers');
  await choose('second');
  await page.getByText('Nobody is drawing yet').waitFor();
  await page.getByRole('link', { name: 'Two' }).waitFor();
  const other = await Client.host(two.server.port, { name: 'Bea', title: 'In the second' });
  await lacks(
    t,
    page.getByRole('heading', { name: 'In the first' }),
    page.getByRole('heading', { name: 'In the second' }),
  );
  await choose('away');
  await page
    .getByText(/no server answers|cannot be reached|refused/i)
    .first()
    .waitFor();
  await choose('first');
  await page.getByRole('heading', { name: 'In the first' }).waitFor();
  t.deepEqual(faults, []);
  await host.leave();
  await other.leave();
});

test('the names in servers.ini are those that can be chosen; without the file there are none', (t) => {
  const folder = tempFolder(t);
  const env = { XDG_CONFIG_HOME: folder };
  t.deepEqual(namedServers(env), []);
  mkdirSync(path.join(folder, 'dp'));
  const file = path.join(folder, 'dp', 'servers.ini');
  writeFileSync(file, 'url=x\n[club]\nurl=https://club.example\n[school]\nurl=https://school.example\n');
  chmodSync(file, 0o600);
  t.deepEqual(namedServers(env), ['club', 'school']);
});
