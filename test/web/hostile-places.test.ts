// Hostile texts where they come by rarer ways: names of accounts, servers and files, problems of the server, what clients say
// of themselves, what is typed into searches, settings and addresses, and the texts of a translation. As in
// hostile.test.ts: nothing runs, nothing leaves its place, the policy is not broken, nobody else is asked.

import test from 'ava';
import { openLocalApp } from '../../src/lib/io/http/local-app.js';
import { readServerAddress } from '../../src/lib/io/outside/admin-http.js';
import { remoteAdmin } from '../../src/lib/io/outside/remote-admin.js';
import { systemSecrets } from '../../src/lib/io/system/access-secrets.js';
import { startAdminServer } from '../helpers/admin-server.js';
import { desk, examine, openApp, phone } from '../helpers/app-page.js';
import { withChromium } from '../helpers/chromium.js';
import { Client } from '../helpers/client.js';
import { inPlace } from '../helpers/in-place.js';
import { isAt, shows } from '../helpers/shown.js';
import { until } from '../helpers/until.js';

const patience = 300_000;
const { run, browser } = withChromium(test, { patience });

const hostile = `<img src="//evil.example/x" onerror=alert(1)>\u202egnp.exe {name} ${'W'.repeat(60)}`;
const script = '<script>alert(2)</script><i>art</i>';
const name = '\u202e<b>x</b>';

for (const [device, size] of [
  ['phone', phone],
  ['desk', desk],
] as const) {
  run(
    `hostile names of files, accounts and clients, and hostile searches and settings (${device})`,
    async (t) => {
      t.timeout(patience);
      const server = await startAdminServer(t, {
        hasPort: true,
        hasTrail: true,
        settings: { serverTitle: hostile, clientTimeout: '1d' },
        listeners: { storageProblems: () => [`${hostile}.dprec: the disk is full`] },
      });
      const ask = async (path: string, body: object) => {
        const { status, text } = await server.request({ method: 'POST', path: `/api/dp/1/${path}`, body });
        t.is(status, 200, `${path}: ${text}`);
      };
      const host = await Client.host(server.server.port, { name: 'Anna', title: hostile.slice(0, 90) });
      const troll = await Client.join(server.server.port, host.sessionId, { name });
      t.teardown(() => Promise.all([host.drop(), troll.drop()]));
      const session = server.server.directory.find(host.sessionId)!;
      const user = session.people.byName(name)!.id;
      host.command('report', [], { user, reason: script });
      await host.ping();
      await until(
        'it is stored',
        async () => (await server.configuration.stores.reports!.query({})).length === 1,
      );
      await ask('report/close', { id: 1, comment: `${script}${hostile}` });
      await ask('user/add', { name, password: 'a password', flags: ['MOD'] });
      await ask('session/ban', { session: host.sessionId, user });
      await troll.closed;
      const base = `http://127.0.0.1:${server.admin.port}`;
      const opened = await openApp(t, browser(), base, '/admin/', size);
      const { page, faults } = opened;
      const width = page.viewportSize()!.width;
      const look = async (what: string) => {
        await inPlace(t, page, what);
        const wide = Number(await page.evaluate('document.documentElement.scrollWidth'));
        t.true(wide <= width, `${what} is ${wide} pixels wide`);
      };

      await page
        .getByText(/dprec: the disk is full/)
        .first()
        .waitFor();
      await page
        .getByText(/exe .*the disk is full/)
        .first()
        .waitFor();
      await shows(
        t,
        page.locator('.problems'),
        { text: (text) => text.includes('‹U+202E›') },
        'it is shown, not obeyed',
      );
      await look('a file that cannot be written');
      await examine(t, opened, 'hostile-problems');
      server.admin.live.log.write({
        time: Date.now(),
        level: 'info',
        topic: 'ClientInfo',
        user: { id: user, name, ip: '192.0.2.7' },
        message: `${script} Mozilla/5.0 ${hostile}`,
      });
      // nothing has them
      const words = encodeURIComponent(`${script} none \u202e of it ${hostile.slice(0, 40)}`);
      for (const [at, text] of [
        ['accounts', /<b>x/],
        ['log?topic=ClientInfo', /Mozilla/],
        [`session/${host.sessionId}`, /<b>x/],
        ['report/1', /<i>art/],
        [`people?search=${words}`, /Nobody matches/],
        [`settings?search=${words}`, /No setting/],
        [`reports?search=${words}&status=all`, /No report matches/],
        [`bans?search=${words}`, /Nobody is banned|No ban matches/],
        [`accounts?search=${words}`, /No account matches/],
        [`log?search=${words}`, /No entry matches|evil/],
        [`session/${words}`, /This session has ended/],
        [`person/${words}`, /Nobody of this name/],
        [`${words}/x`, /There is no such page/],
      ] as const) {
        await page.goto(`${base}/admin/${at}`);
        await page.locator('main').getByText(text).first().waitFor();
        await look(at);
      }
      await page.goto(`${base}/admin/accounts`);
      await page.getByRole('button', { name: /<b>x/ }).click();
      await page.getByRole('dialog').getByRole('button', { name: 'Save' }).waitFor();
      await look('an account');
      await page.getByRole('button', { name: 'Close' }).click();

      await page.goto(`${base}/admin/settings?search=serverTitle`);
      await page.getByRole('textbox', { name: 'serverTitle' }).fill(`${script}${hostile}`);
      await page.getByRole('button', { name: 'Review and save' }).click();
      await page.getByRole('dialog').getByText('In a terminal').click();
      await page.getByRole('button', { name: 'Save', exact: true }).waitFor();
      await look('a review');
      await examine(t, opened, 'hostile-review');
      await page.getByRole('button', { name: 'Save', exact: true }).click();
      await page.getByText('Settings saved.').waitFor();
      await page
        .locator('.brand')
        .getByText(/<i>art/)
        .waitFor();
      t.deepEqual(faults, []);
    },
  );
}

run('hostile names of servers, and servers that answer with them', async (t) => {
  t.timeout(patience);
  const server = await startAdminServer(t, {
    hasPort: true,
    settings: { serverTitle: `${script}${hostile}` },
  });
  const admin = (port: number) => remoteAdmin(readServerAddress(`http://127.0.0.1:${port}`, undefined)!);
  const app = await openLocalApp(
    {
      first: { name, admin: admin(server.admin.port!) },
      others: [hostile],
      open: async () => admin(1),
    },
    { secrets: systemSecrets, name: 'local' },
  );
  t.teardown(() => app.close());
  const { origin, pathname, hash } = new URL(app.link);
  const opened = await openApp(t, browser(), origin, pathname + hash, phone);
  const { page, faults } = opened;
  await page.getByText('Nobody is drawing yet').waitFor();
  await inPlace(t, page, 'a server');
  await page.getByRole('button', { name: /^Server:/ }).click();
  const away = page.getByRole('dialog').getByRole('button', { name: /<img src.*Unreachable/ });
  await away.waitFor();
  await inPlace(t, page, 'servers');
  await examine(t, opened, 'hostile-servers');
  await away.click();
  await page
    .getByText(/no server answers|cannot be reached|refused/i)
    .first()
    .waitFor();
  await isAt(t, page, `${origin}/admin/`);
  await inPlace(t, page, 'a server that is away');
  t.deepEqual(faults, []);
});

run('a translation is text, whatever its translator wrote', async (t) => {
  t.timeout(patience);
  const server = await startAdminServer(t, { hasPort: true });
  const host = await Client.host(server.server.port, { name: 'Anna', title: 'A house by the sea' });
  t.teardown(() => host.drop());
  const base = `http://127.0.0.1:${server.admin.port}`;
  const opened = await openApp(t, browser(), base, '/admin/me', phone, { language: 'de-DE' });
  const { page, faults } = opened;
  await page.getByRole('link', { name: 'Personen' }).waitFor();
  const words = ['Personen', 'Sitzungen', 'Einstellungen'];
  let replaced = 0;
  await page.route('**/*.js', async (route) => {
    const response = await route.fetch();
    let body = await response.text();
    for (const word of words) {
      // each text that begins with it, in whatever quotes
      body = body.replace(new RegExp(`(["'\`])${word}`, 'g'), (_all, quote: string) => {
        replaced++;
        return `${quote}<img src=//evil.example/x onerror=alert(3)><i>${word}</i>`;
      });
    }
    await route.fulfill({ response, body });
  });
  for (const at of ['me', '', 'people', 'settings', `session/${host.sessionId}`]) {
    await page.goto(`${base}/admin/${at}`);
    await page
      .getByText(/<img src=\/\/evil/)
      .first()
      .waitFor();
    await inPlace(t, page, `translated ${at}`);
    const wide = Number(await page.evaluate('document.documentElement.scrollWidth'));
    t.true(wide <= phone.width, `${at} is ${wide} pixels wide`);
  }
  t.true(replaced > 0);
  t.deepEqual(faults, []);
});
