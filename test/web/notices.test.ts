// What somebody should look at: in the title, in the page, and by the browser where it may. What the browser would show is
// noted in the page.

import test, { type ExecutionContext } from 'ava';
import type { Page } from 'playwright-core';
import { noProgress } from '../../src/lib/core/certificates/progress.js';
import type { AdminListenerOptions } from '../../src/lib/server/admin-listeners.js';
import { startAdminServer } from '../helpers/admin-server.js';
import { desk, examine, openApp, phone } from '../helpers/app-page.js';
import { withChromium } from '../helpers/chromium.js';
import { Client } from '../helpers/client.js';
import { isAt, isTitled, lacks, shows } from '../helpers/shown.js';
import { until } from '../helpers/until.js';

const patience = 240_000;
const { run, browser } = withChromium(test, { patience });

type Permission = 'granted' | 'denied' | 'default';

/** Notifications are noted instead of shown; the page can be said to be in the background; sizes are asked for often. */
const stub = (permission: Permission, throws = false) => `{
  window.created = [];
  window.asked = 0;
  window.Notification = class {
    static permission = '${permission}';
    static async requestPermission() {
      window.asked++;
      return (window.Notification.permission = 'granted');
    }
    constructor(title, { body, tag }) {
      if (${throws}) throw new TypeError('Illegal constructor');
      window.created.push({ title, body, tag, object: this });
    }
    close() {}
  };
  let isHidden = false;
  Object.defineProperty(document, 'hidden', { get: () => isHidden });
  window.hide = (value) => {
    isHidden = value;
    document.dispatchEvent(new Event('visibilitychange'));
  };
  const real = window.setTimeout;
  window.setTimeout = (run, ms, ...args) => real(run, ms === 30_000 ? 100 : ms, ...args);
}`;

interface Created {
  title: string;
  body: string;
  tag: string;
}
const createdIn = (page: Page) =>
  page.evaluate('window.created.map(({ title, body, tag }) => ({ title, body, tag }))') as Promise<Created[]>;
const hide = (page: Page, isHidden = true) => page.evaluate(`window.hide(${isHidden})`);

type Certificate = ReturnType<NonNullable<AdminListenerOptions['certificate']>>;
const dayMs = 86_400_000;

/** A server on which trouble can be made. */
async function open(t: ExecutionContext, permission: Permission, { size = desk, throws = false } = {}) {
  const trouble: { disk: string[]; certificate: Certificate } = { disk: [], certificate: undefined };
  const server = await startAdminServer(t, {
    hasPort: true,
    settings: { serverTitle: 'Ink', clientTimeout: '1d' },
    listeners: { storageProblems: () => trouble.disk, certificate: () => trouble.certificate },
  });
  const host = await Client.host(server.server.port, { name: 'Anna', title: 'A house by the sea' });
  const troll = await Client.join(server.server.port, host.sessionId, { name: 'Scribbler' });
  t.teardown(() => Promise.all([host.drop(), troll.drop()]));
  const reports = server.configuration.stores.reports!;
  const { id } = server.server.directory.find(host.sessionId)!.people.byName('Scribbler')!;
  const report = async (reason: string) => {
    const before = (await reports.query({})).length;
    host.command('report', [], { user: id, reason });
    await host.ping();
    await until('it is stored', async () => (await reports.query({})).length > before);
  };
  const ask = async (path: string, body: object) => {
    const { status, text, json } = await server.request({ method: 'POST', path: `/api/dp/1/${path}`, body });
    t.is(status, 200, text);
    return json as Record<string, number>;
  };
  const base = `http://127.0.0.1:${server.admin.port}`;
  const scripts = [stub(permission, throws)];
  const opened = await openApp(t, browser(), base, '/admin/me', size, { scripts });
  await isTitled(t, opened.page, 'You – Ink');
  return { server, host, trouble, report, ask, ...opened, opened };
}

const certificate = (days: number, failures: { message: string }[] = []): Certificate =>
  ({
    facts: {
      names: ['draw.example'],
      issuer: 'Authority',
      isSelfSigned: false,
      validFrom: Date.now() - dayMs,
      validUntil: Date.now() + days * dayMs + 60_000,
      sha256: '00',
    },
    ...(failures.length > 0 && {
      directory: 'https://acme.example/directory',
      renewal: {
        state: { kind: 'waiting', renewAt: Date.now() + dayMs },
        retryAt: Date.now() + dayMs,
        progress: {
          ...noProgress,
          directory: 'https://acme.example/directory',
          attempts: 1,
          failures: failures.map((failure) => ({ code: 'acme-port-closed', ...failure })),
        },
      },
    }),
  }) as unknown as Certificate;

run(
  'each kind of trouble is one notification for whoever looks elsewhere, and leads to its place',
  async (t) => {
    t.timeout(patience);
    const { server, host, trouble, report, ask, page, base, faults } = await open(t, 'granted');
    await hide(page);
    const created = async (count: number) => {
      await until(`${count} notifications`, async () => (await createdIn(page)).length >= count);
      const all = await createdIn(page);
      t.is(all.length, count, JSON.stringify(all));
      return all.at(-1)!;
    };
    await report('draws over everything');
    t.like(await created(1), { body: 'A new report came in.', tag: 'report 1' });
    await isTitled(t, page, '(1) You – Ink');
    // one is closed and another one comes at the same time; the first is opened again, which is not new
    await Promise.all([ask('report/close', { id: 1 }), report('and again')]);
    t.like(await created(2), { tag: 'report 2' });
    await ask('report/reopen', { id: 1 });
    await isTitled(t, page, '(2) You – Ink');

    trouble.disk = ['cannot write /srv/dp.db: the disk is full (12 bytes left)'];
    t.like(await created(3), { body: trouble.disk[0], title: '(2) You – Ink' });
    // the same with another number in it
    trouble.disk = ['cannot write /srv/dp.db: the disk is full (7 bytes left)'];
    trouble.certificate = certificate(6);
    t.like(await created(4), { body: 'certificate expires in 6 days', tag: 'certificate' });
    trouble.certificate = certificate(6, [{ message: 'port 80 cannot be reached' }]);
    t.regex((await created(5)).body, /^The certificate cannot be renewed: port 80 cannot be reached/);

    const { size } = await ask('session/get', { session: host.sessionId });
    await ask('config/change', { set: { sessionSizeLimit: String(Math.ceil(Number(size) * 1.1)) } });
    t.regex((await created(6)).body, /^A house by the sea: history \d+ % full$/);
    await isTitled(t, page, '(6) You – Ink');
    await lacks(t, page.locator('.toast'), page.getByRole('heading', { name: 'Notifications' }));

    await page.evaluate("window.created.find(({ tag }) => tag === 'report 2').object.onclick()");
    await isAt(t, page, `${base}/admin/report/2`);
    await page.getByText('and again').waitFor();
    await page.evaluate("window.created.find(({ tag }) => tag.startsWith('full')).object.onclick()");
    await page.getByRole('heading', { name: 'A house by the sea', level: 1 }).waitFor();
    await page.goto(`${base}/admin/`);
    await page.getByText('7 bytes left').waitFor();
    await page.getByText('port 80 cannot be reached').waitFor();
    await page.getByText('certificate expires in 6 days').waitFor();
    // what is there at the start is on the screens, and not said again
    t.deepEqual(await createdIn(page), []);
    t.is((await server.configuration.stores.reports!.query({})).length, 2);
    t.deepEqual(faults, []);
  },
);

run('whoever sees the page reads it there, with the way to it, and the browser says nothing', async (t) => {
  t.timeout(patience);
  const { trouble, report, page, base, faults, opened } = await open(t, 'granted', { size: phone });
  await report('draws over everything');
  const toast = page.locator('.toast');
  await toast.getByText('A new report came in.').waitFor();
  await examine(t, opened, 'notice');
  await toast.getByRole('link', { name: 'Show' }).click();
  await isAt(t, page, `${base}/admin/report/1`);
  await toast.waitFor({ state: 'detached' });
  trouble.disk = ['cannot write /srv/dp.db: the disk is full'];
  await toast.getByText('the disk is full').waitFor();
  t.deepEqual(await createdIn(page), []);
  t.deepEqual(faults, []);
});

for (const [permission, throws] of [
  ['denied', false],
  ['default', false],
  // of a page alone: phones
  ['granted', true],
] as const) {
  run(
    `where the browser may not (${permission}${throws ? ', refused' : ''}), it is there when somebody comes back to the page`,
    async (t) => {
      t.timeout(patience);
      const { report, page, faults, opened } = await open(t, permission, { throws });
      await hide(page);
      await report('draws over everything');
      await isTitled(t, page, '(1) You – Ink');
      const toast = page.locator('.toast').getByText('A new report came in.');
      await toast.waitFor();
      t.deepEqual(await createdIn(page), []);
      t.is(await page.evaluate('window.asked'), 0, 'nobody is asked without a press');
      await hide(page, false);
      await toast.waitFor();
      const allow = page.getByRole('button', { name: 'Allow notifications' });
      if (permission === 'denied') {
        await lacks(t, allow, page.getByText('The browser does not show notifications of this page.'));
      } else if (permission === 'default') {
        await examine(t, opened, 'me-notifications-ask');
        await allow.click();
        await page.getByText('The browser shows notifications.').waitFor();
        t.is(await page.evaluate('window.asked'), 1);
        await hide(page);
        await report('and again');
        await until('it is said', async () => (await createdIn(page)).length === 1);
      } else await shows(t, page.getByText('The browser shows notifications.'), { count: 1 });
      t.deepEqual(faults, []);
    },
  );
}
