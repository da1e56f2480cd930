// The app in a real Chromium, against a real server with real clients in its sessions: the journeys of a moderator on a
// phone and of an owner at a desk (more in moderation, trouble and hostile). On every screen axe finds nothing, no script or style breaks the policy, and nothing is asked from elsewhere. DP_SCREENSHOTS=FOLDER keeps pictures.

import test, { type ExecutionContext } from 'ava';
import type { AdminServer } from '../helpers/admin-server.js';
import { desk, examine, logIn, openApp, phone, screens } from '../helpers/app-page.js';
import { startAppServer } from '../helpers/app-server.js';
import { withChromium } from '../helpers/chromium.js';
import { Client } from '../helpers/client.js';
import { isAt, lacks, shows } from '../helpers/shown.js';
import { until } from '../helpers/until.js';

const patience = 180_000;
const { run, browser } = withChromium(test, { patience });

const open = (t: ExecutionContext, server: AdminServer, at: string, size = desk) =>
  openApp(t, browser(), `http://127.0.0.1:${server.admin.port}`, at, size);

/** A phone, one hand: to the person and the ban in few taps. */
run('a moderator on a phone mutes, kicks and bans the right person, and takes it back', async (t) => {
  t.timeout(patience);
  const server = await startAppServer(t, 'owner:secret');
  const host = await Client.host(server.server.port, { name: 'Anna', title: 'A house by the sea' });
  const troll = await Client.join(server.server.port, host.sessionId, { name: 'Scribbler' });
  const opened = await open(t, server, '/admin/', phone);
  const { page, faults } = opened;
  await examine(t, opened, 'login');
  await logIn(page, 'Mia', 'wrong');
  await page.getByText('Name or password is wrong').waitFor();
  await logIn(page, 'Mia', 'mias password');
  await page.getByRole('heading', { name: 'A house by the sea' }).waitFor();
  await examine(t, opened, 'now');
  await lacks(
    t,
    page.getByRole('link', { name: 'Settings' }),
    page.getByRole('link', { name: 'Bans' }),
    'not for moderators',
  );

  let taps = 0;
  const tap = async (name: string | RegExp, role: 'button' | 'link' = 'button') => {
    taps++;
    await page.getByRole(role, { name }).first().click();
  };
  await tap(/A house by the sea/, 'link');
  await page.getByRole('heading', { name: 'People' }).waitFor();
  await examine(t, opened, 'session');
  await tap(/Scribbler/);
  await examine(t, opened, 'person');
  await tap('Ban from session');
  await page.getByText('Scribbler is banned from this session.').waitFor();
  await troll.closed;
  t.true(taps <= 6);
  const session = server.server.directory.find(host.sessionId)!;
  t.is(session.bans.all.length, 1);
  await page.getByRole('button', { name: 'Undo' }).click();
  await until('the ban is gone', () => session.bans.all.length === 0);

  const again = await Client.join(server.server.port, host.sessionId, { name: 'Scribbler' });
  await page.reload();
  await page
    .getByRole('button', { name: /^S Scribbler|^Scribbler/ })
    .first()
    .click();
  await page.getByRole('button', { name: 'Mute', exact: true }).click();
  await page.getByText('Scribbler is muted.').waitFor();
  t.true(session.people.byName('Scribbler')!.isMuted);
  await page.getByRole('button', { name: 'Undo' }).click();
  await until('not muted any more', () => !session.people.byName('Scribbler')!.isMuted);

  await page.getByLabel('Message to everyone in the session').fill('Be kind, all of you');
  await page.getByRole('button', { name: 'Send' }).click();
  await host.next((frame) => frame.payload.toString().includes('Be kind, all of you'), 'the message');

  await page
    .getByRole('button', { name: /Scribbler/ })
    .first()
    .click();
  await page.getByLabel('Reason (optional)').fill('enough');
  await page.getByRole('button', { name: 'Kick' }).click();
  await page.getByText('Scribbler was kicked').waitFor();
  await again.closed;

  await page.reload();
  await page
    .getByRole('button', { name: /Scribbler/ })
    .first()
    .click();
  await page.getByRole('button', { name: 'Ban from server…' }).click();
  await page.getByText('This hits 1 address').waitFor();
  await examine(t, opened, 'server-ban');
  await lacks(
    t,
    page.getByRole('button', { name: 'never' }),
    page.getByRole('button', { name: '1 week' }),
    'bans without an end are not for moderators',
  );
  await page.getByRole('dialog').getByText('In a terminal').click();
  await shows(t, page.locator('dialog code'), {
    text: 'dp ban ip --expires=7d --comment=Scribbler 127.0.0.1',
  });
  await page.getByRole('button', { name: 'Ban', exact: true }).click();
  await page.getByText('Scribbler is banned from the server.').waitFor();
  t.is((await server.configuration.stores.bans.all()).length, 1);
  await page.getByRole('button', { name: 'Undo' }).click();
  await until('nobody is banned', async () => (await server.configuration.stores.bans.all()).length === 0);
  await page.getByRole('link', { name: 'People' }).click();
  await page.getByText('1 person connected').waitFor();
  await examine(t, opened, 'people');
  t.deepEqual(faults, []);
  await host.leave();
});

run('an owner at a desk comes by a link, changes settings, and sees what happened', async (t) => {
  t.timeout(patience);
  const server = await startAppServer(t, 'owner:secret');
  const link = (await server.request({ method: 'POST', path: '/api/dp/1/login/link', body: {} })).json as {
    path: string;
  };
  const opened = await open(t, server, link.path);
  const { page, base, faults } = opened;
  await page.getByText('Nobody is drawing yet').waitFor();
  await isAt(t, page, `${base}/admin/`, 'the secret is not in the address any more');
  await examine(t, opened, 'now-empty');
  await page.getByRole('link', { name: 'Settings' }).click();
  await page.getByLabel('Search settings').fill('title shown');
  await page.getByRole('textbox', { name: 'serverTitle' }).fill('Saturday sketching');
  await page.getByRole('button', { name: 'Review and save' }).click();
  await examine(t, opened, 'settings-review');
  await page.getByRole('dialog').getByText('In a terminal').click();
  await shows(
    t,
    page.locator('dialog code'),
    { text: "dp config set 'serverTitle=Saturday sketching'" },
    'the command is a word for each',
  );
  await page.getByRole('button', { name: 'Save', exact: true }).click();
  await page.getByText('Settings saved.').waitFor();
  t.is(server.configuration.settings.get('serverTitle'), 'Saturday sketching');
  await page.getByRole('link', { name: 'Saturday sketching' }).waitFor();
  await page.goto(`${base}/admin/settings`);
  await page.getByRole('heading', { name: 'Settings' }).waitFor();
  await examine(t, opened, 'settings');

  await page.getByRole('link', { name: 'Bans' }).click();
  await page.getByText('Nobody is banned').waitFor();
  await examine(t, opened, 'bans-empty');
  await page.getByRole('button', { name: 'New ban' }).click();
  await page.getByLabel('Address or network').fill('192.0.2.0/24');
  await page.getByText('This hits 256 addresses').waitFor();
  await page.getByLabel('Note for moderators').fill('spam');
  await page.getByRole('button', { name: 'Ban', exact: true }).click();
  await page.getByText('192.0.2.0/24 is banned.').waitFor();
  await page.getByLabel('Search bans, or explain an address').fill('192.0.2.7');
  await page.getByText('192.0.2.7 is banned:').waitFor();
  await page.getByLabel('Search bans, or explain an address').fill('spam');
  await page.getByRole('button', { name: /192\.0\.2\.0\/24/ }).click();
  await page.getByLabel('Note for moderators').fill('spam from a school');
  await page.getByRole('button', { name: '30 days' }).click();
  await page.getByRole('button', { name: 'Save' }).click();
  await page.getByText('spam from a school').waitFor();
  await examine(t, opened, 'bans');
  t.like((await server.configuration.stores.bans.all())[0], { comment: 'spam from a school', bits: 24 });

  server.admin.live.log.write({
    time: Date.now(),
    level: 'warn',
    topic: 'Status',
    message: 'a warning to find',
  });
  await page.goto(`${base}/admin/log?level=warn&search=to+find`);
  await page.getByText('a warning to find').waitFor();
  await shows(t, page.getByLabel('Minimum severity'), { value: 'warn' }, 'the address has the filters');
  await examine(t, opened, 'log');
  await page.getByRole('button', { name: 'Changes' }).click();
  await page.getByText('serverTitle').first().waitFor();
  await examine(t, opened, 'changes');

  await page.getByRole('link', { name: 'You' }).click();
  await page.getByRole('heading', { name: 'Where you are logged in' }).waitFor();
  await examine(t, opened, 'me');
  await page.getByRole('button', { name: 'Deutsch' }).click();
  await page.getByRole('heading', { name: 'Wo du angemeldet bist' }).waitFor();
  await page.getByRole('button', { name: 'English' }).click();
  await page.getByRole('button', { name: 'Log out' }).click();
  await page.getByText('Welcome back').waitFor();
  await page.goto(`${base}${link.path}`);
  await page.getByText('This link no longer works').waitFor();
  t.deepEqual(faults, []);
});

for (const [name, size] of screens) {
  run(`an owner opens a session, invites people, and sees how busy it was (${name})`, async (t) => {
    t.timeout(patience);
    const server = await startAppServer(t);
    const opened = await open(t, server, '/admin/', size);
    const { page, faults } = opened;
    await page.getByRole('button', { name: 'New session' }).click();
    const sheet = page.getByRole('dialog');
    await sheet.getByLabel('Title').fill('Friday sketching');
    await sheet.getByLabel('Width in pixels').fill('640');
    await sheet.getByLabel('Height in pixels').fill('480');
    await sheet.getByLabel('Alias for links (optional)').fill('not good');
    await sheet.getByLabel('Password to join (optional)').fill('pencil');
    await examine(t, opened, 'new-session');
    await page.getByRole('button', { name: 'Create session' }).click();
    await page.getByText("invalid session alias 'not good'").waitFor();
    await shows(t, sheet.getByLabel('Title'), { value: 'Friday sketching' });
    await sheet.getByLabel('Alias for links (optional)').fill('friday');
    await page.getByRole('button', { name: 'Create session' }).click();
    await page.getByRole('heading', { name: 'Friday sketching' }).waitFor();
    const session = server.server.directory.find('friday')!;
    t.like(session.options, { title: 'Friday sketching', persistent: true });
    await page.getByLabel('How many people may use it').fill('2');
    await page.getByRole('button', { name: 'New invite' }).click();
    await page.getByText('used 0 of 2 times').waitFor();
    await examine(t, opened, 'session-owner');
    const { secret } = session.invites.all[0]!;
    const guest = await Client.join(server.server.port, session.id, { name: 'Guest', invite: secret });
    await page.getByText('used 1 of 2 times').waitFor();
    await page.getByRole('button', { name: `Remove: ${secret}` }).click();
    await page.getByText('No invites.').waitFor();
    await page.getByLabel('Address of a list server').fill('nonsense');
    await page.getByRole('button', { name: 'Announce' }).click();
    await page.locator('.problem').waitFor();
    await page.getByRole('link', { name: 'Now' }).click();
    await page.getByText('The last hour: 1 now, 1 at most').waitFor();
    await examine(t, opened, 'now-owner');
    t.deepEqual(faults, []);
    await guest.leave();
  });
}
