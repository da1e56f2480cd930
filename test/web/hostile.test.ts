// The app with texts that try to be more than texts, in a real Chromium: names, titles, chat, log, reports, notes, bans,
// the audit trail. Nothing runs, nothing leaves its place, what is written from right to left turns only itself, the
// policy is not broken, and nothing is asked from elsewhere.

import test from 'ava';
import { examine, openApp, screens } from '../helpers/app-page.js';
import { startAppServer } from '../helpers/app-server.js';
import { withChromium } from '../helpers/chromium.js';
import { Client } from '../helpers/client.js';
import { inPlace } from '../helpers/in-place.js';
import { lacks } from '../helpers/shown.js';
import { until } from '../helpers/until.js';

const patience = 240_000;
const { run, browser } = withChromium(test, { patience });

/** With marks that would show that something was run or fetched. */
const hostile = `<img src="//evil.example/x" onerror=alert(1)>\u202egnp.exe {name} ${'W'.repeat(60)}`;
const script = '<script>alert(2)</script><i>art</i>';
const trollName = '\u202e<b>x</b>';

for (const [name, size] of screens) {
  run(
    `hostile names, titles, messages, reports and notes run nothing and stay in their place (${name})`,
    async (t) => {
      t.timeout(patience);
      const server = await startAppServer(t);
      const { configuration } = server;
      const host = await Client.host(server.server.port, {
        name: '<b>x</b> eve',
        title: hostile.slice(0, 90),
      });
      const troll = await Client.join(server.server.port, host.sessionId, { name: trollName });
      t.teardown(() => Promise.all([host.drop(), troll.drop()]));
      const log = { time: Date.now(), level: 'warn', topic: 'Status' } as const;
      server.admin.live.log.write({ ...log, message: hostile.repeat(20) });
      for (const text of [script, hostile]) {
        troll.chat(text);
        await troll.ping();
      }
      const { id } = server.server.directory.find(host.sessionId)!.people.byName(trollName)!;
      host.command('report', [], { user: id, reason: `${script}${hostile}` });
      await host.ping();
      await until('it is stored', async () => (await configuration.stores.reports!.query({})).length === 1);
      const body = { kind: 'name', target: trollName, text: `${script}\n${hostile}` };
      await server.request({ method: 'POST', path: '/api/dp/1/note/add', body });
      const ban = { kind: 'ip', address: '192.0.2.7', comment: `${script}${hostile}` };
      await server.request({ method: 'POST', path: '/api/dp/1/ban/add', body: ban });
      await server.request({
        method: 'POST',
        path: '/api/dp/1/config/change',
        body: { set: { welcomeMessage: `${script}${hostile}` } },
      });
      // no name and password are set, and this machine needs none
      const base = `http://127.0.0.1:${server.admin.port}`;
      const opened = await openApp(t, browser(), base, '/admin/', size);
      const { page, faults } = opened;
      await page.getByRole('heading', { name: /<img src=/ }).waitFor();
      await examine(t, opened, 'hostile-now');
      await inPlace(t, page, 'now');
      for (const [at, text] of [
        [`session/${host.sessionId}`, /<b>x/],
        ['reports', /<script>alert/],
        ['report/1', /<i>art/],
        [`person/${encodeURIComponent(trollName)}`, /<script>alert/],
        ['people', /<b>x/],
        ['bans', /<script>alert/],
        ['log', /onerror/],
        ['log?show=changes', /<script>alert/],
        ['settings?search=welcomeMessage', /welcomeMessage/],
      ] as const) {
        await page.goto(`${base}/admin/${at}`);
        await page.locator('main').getByText(text).first().waitFor();
        await examine(t, opened, `hostile-${at.replace(/[^a-z].*$/, '')}`);
        await inPlace(t, page, at);
      }
      await page.goto(`${base}/admin/session/${host.sessionId}`);
      await page.getByText('<i>art</i>').waitFor();
      await page.getByLabel('Message to everyone in the session').fill(`What is this? ${script}`);
      await page.getByRole('button', { name: 'Send' }).click();
      await host.next((frame) => frame.payload.toString().includes('What is this?'), 'the message');
      await page.locator('.chat .ours').getByText('What is this?').waitFor();
      troll.chat('live <u>now</u>');
      await page.getByText('live <u>now</u>').waitFor();
      // what is said about what was done has their names, too
      await page
        .getByRole('button', { name: /<b>x<\/b>(?! eve)/ })
        .first()
        .click();
      await page.getByRole('button', { name: 'Mute', exact: true }).click();
      await page.getByText(/is muted/).waitFor();
      await inPlace(t, page, 'toast');
      await examine(t, opened, 'hostile-chat');
      await lacks(t, page.locator('u'), page.getByText('live <u>now</u>'));
      t.deepEqual(faults, []);
    },
  );
}
