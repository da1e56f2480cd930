// A moderator's night: from the report to the ban, with few taps on a phone and at a desk, by touch (by
// keyboard alone: journeys.test.ts). On every screen axe finds nothing, in both themes (helpers/app-page.ts).

import test, { type ExecutionContext } from 'ava';
import { desk, examine, logIn, openApp, phone, type Size } from '../helpers/app-page.js';
import { moderator, startAppServer } from '../helpers/app-server.js';
import { withChromium } from '../helpers/chromium.js';
import { Client } from '../helpers/client.js';
import { isTitled, shows } from '../helpers/shown.js';
import { until } from '../helpers/until.js';

const patience = 180_000;
const { run, browser } = withChromium(test, { patience });

/** A session in which somebody was reported. */
async function reported(t: ExecutionContext) {
  const server = await startAppServer(t, 'owner:secret');
  const host = await Client.host(server.server.port, { name: 'Anna', title: 'A house by the sea' });
  const troll = await Client.join(server.server.port, host.sessionId, { name: 'Scribbler' });
  t.teardown(() => Promise.all([host.drop(), troll.drop()]));
  host.chat('Please do not draw over the roof');
  await host.ping();
  troll.chat('I draw where I like');
  await troll.ping();
  const session = server.server.directory.find(host.sessionId)!;
  const { id } = session.people.byName('Scribbler')!;
  const report = async (reason: string) => {
    const before = (await server.configuration.stores.reports!.query({})).length;
    host.command('report', [], { user: id, reason });
    await host.ping();
    await until('it is stored', async () => {
      return (await server.configuration.stores.reports!.query({})).length > before;
    });
  };
  const open = async (size: Size, who = moderator, at = '/admin/') => {
    const opened = await openApp(t, browser(), `http://127.0.0.1:${server.admin.port}`, at, size);
    await logIn(opened.page, who.name, who.password);
    return opened;
  };
  return { server, host, troll, session, report, open };
}

for (const [name, size] of [
  ['on a phone', phone],
  ['at a desk', desk],
] as const) {
  run(`from the report to the ban, undone and done again, in six taps (${name})`, async (t) => {
    t.timeout(patience);
    const { server, troll, session, report, open } = await reported(t);
    const opened = await open(size);
    const { page, faults } = opened;
    await page.getByRole('heading', { name: 'A house by the sea' }).waitFor();
    await isTitled(t, page, 'Now – Friday sketching');
    await report('draws over everything');
    await isTitled(t, page, '(1) Now – Friday sketching');
    let taps = 0;
    const tap = async (what: string | RegExp, role: 'button' | 'link' = 'button') => {
      taps++;
      await page.getByRole(role, { name: what }).first().click();
    };
    await tap(/Reports/, 'link');
    await page.getByText('draws over everything').waitFor();
    await examine(t, opened, 'reports');
    await tap(/Scribbler/, 'link');
    await page.getByText('I draw where I like').waitFor();
    await examine(t, opened, 'report');
    await tap('Ban from session');
    await page.getByText('Scribbler is banned from this session.').waitFor();
    await troll.closed;
    t.is(session.bans.all.length, 1);
    await tap('Undo');
    await page.getByText('Undone: Scribbler is not banned.').waitFor();
    t.is(session.bans.all.length, 0);
    await tap('Redo');
    await page.getByText('Scribbler is banned from this session.').waitFor();
    t.is(session.bans.all.length, 1);
    t.true(taps <= 6, `${taps} taps`);

    await page.getByLabel('What was done (optional)').fill('banned from the session');
    await page.getByRole('button', { name: 'Close report' }).click();
    await page.getByText('Closed by Mia').waitFor();
    await examine(t, opened, 'report-closed');
    await isTitled(t, page, 'Reports – Friday sketching');
    t.like((await server.configuration.stores.reports!.query({}))[0], {
      closed: { by: 'Mia', comment: 'banned from the session' },
    });
    await page.getByRole('link', { name: 'All reports' }).click();
    await page.getByText('All reports are closed.').waitFor();
    t.deepEqual(faults, []);
  });

  run(`everything about a person, with notes, and a ban of their network (${name})`, async (t) => {
    t.timeout(patience);
    const { server, report, open } = await reported(t);
    await report('draws over everything');
    const opened = await open(size, moderator, '/admin/person/Scribbler');
    const { page, faults } = opened;
    await page.getByText('draws over everything').waitFor();
    await page.getByText('Also seen at these addresses').waitFor();
    const there = { count: (count: number) => count > 0 };
    await shows(t, page.getByRole('link', { name: /Anna/ }), there, 'Anna is at the same address');
    await page.getByLabel('New note').fill('Warned on Monday');
    await page.getByRole('button', { name: 'Add note' }).click();
    await page.getByRole('button', { name: 'Delete: Warned on Monday' }).waitFor();
    await examine(t, opened, 'person-page');
    await page.getByRole('button', { name: 'Delete: Warned on Monday' }).click();
    await page.getByText('Note deleted.').waitFor();
    t.deepEqual(await server.configuration.stores.notes!.all(), []);
    await page.getByRole('button', { name: 'Undo' }).click();
    await page.getByText('The note is back.').waitFor();
    t.like(await server.configuration.stores.notes!.all(), [
      { kind: 'name', target: 'Scribbler', text: 'Warned on Monday', by: 'Mia' },
    ]);

    await page.getByRole('button', { name: 'Ban from server…' }).click();
    await page.getByText('This hits 1 address').waitFor();
    await page.getByRole('button', { name: '/24' }).click();
    await page.getByText('This hits 256 addresses').waitFor();
    await page.getByText('This would ban the server’s own machine.').waitFor();
    await page.getByText(/2 people were seen there recently/).waitFor();
    await examine(t, opened, 'ban-network');
    await page.getByRole('button', { name: 'Cancel' }).click();
    t.is((await server.configuration.stores.bans.all()).length, 0);
    t.deepEqual(faults, []);
  });
}
