// What somebody types is theirs until they send it: in each form of the app it stays while the connection is lost and comes
// back, while other things change, and while a login ends and they log in again. And whoever acts on what somebody else has
// changed, without having seen that, reads what happened, and keeps what they typed.

import test, { type ExecutionContext } from 'ava';
import type { Locator, Page } from 'playwright-core';
import { logIn, openApp } from '../helpers/app-page.js';
import { startAppServer } from '../helpers/app-server.js';
import { withChromium } from '../helpers/chromium.js';
import { Client } from '../helpers/client.js';
import { shows } from '../helpers/shown.js';

const patience = 300_000;
const { run, browser } = withChromium(test, { patience });
const owner = { name: 'owner', password: 'secret' };

async function start(t: ExecutionContext) {
  const server = await startAppServer(t, `${owner.name}:${owner.password}`);
  const host = await Client.host(server.server.port, { name: 'Anna', title: 'A house by the sea' });
  const troll = await Client.join(server.server.port, host.sessionId, { name: 'Scribbler' });
  t.teardown(() => Promise.all([host.drop(), troll.drop()]));
  const session = server.server.directory.find(host.sessionId)!;
  const user = session.people.byName('Scribbler')!.id;
  host.command('report', [], { user, reason: 'draws over everything' });
  await host.ping();
  const ask = async (path: string, body: object) => {
    const { status, text, json } = await server.request({ method: 'POST', path: `/api/dp/1/${path}`, body });
    t.is(status, 200, text);
    return json as Record<string, unknown>;
  };
  const opened = await openApp(t, browser(), `http://127.0.0.1:${server.admin.port}`, '/admin/');
  await logIn(opened.page, owner.name, owner.password);
  await opened.page.getByRole('heading', { name: 'A house by the sea' }).waitFor();
  return { server, host, troll, session, user, ask, opened, ...opened };
}

interface Form {
  at: string;
  /** What opens it, if it is not there. */
  opens?: string | RegExp;
  field: string;
}

/** TABLE of the forms: where each is, and one field of it. `ID` is the session. */
const forms: readonly Form[] = [
  { at: '', opens: 'New session', field: 'Title' },
  { at: 'session/ID', field: 'Message to everyone in the session' },
  { at: 'session/ID', field: 'Title' },
  { at: 'session/ID', field: 'Address of a list server' },
  { at: 'session/ID', opens: /Scribbler/, field: 'Reason (optional)' },
  { at: 'session/ID', opens: 'End session', field: 'Message to everyone (optional)' },
  { at: 'report/1', field: 'What was done (optional)' },
  { at: 'report/1', field: 'Reason (optional)' },
  { at: 'person/Scribbler', field: 'New note' },
  { at: 'bans', opens: 'New ban', field: 'Note for moderators' },
  { at: 'bans', opens: 'Import', field: 'Bans, one in each line' },
  { at: 'accounts', opens: 'New account', field: 'Name' },
  { at: 'accounts?show=tokens', opens: 'New token', field: 'Name' },
  { at: 'settings?search=serverTitle', field: 'serverTitle' },
];

async function openForm(page: Page, base: string, { at, opens, field }: Form, id: string): Promise<Locator> {
  await page.goto(`${base}/admin/${at.replace('ID', id)}`);
  if (opens !== undefined) await page.getByRole('button', { name: opens }).first().click();
  const within = opens === undefined ? page.locator('main') : page.locator('dialog').first();
  const box = within.getByLabel(field, { exact: true });
  await box.waitFor();
  return box;
}

run('what is typed in any form stays while the connection, other things and the login change', async (t) => {
  t.timeout(patience);
  const { server, host, ask, page, base, faults } = await start(t);
  let count = 0;
  for (const form of forms) {
    const text = `typed ${++count}`;
    const name = `${form.at} ${form.field}`;
    const box = await openForm(page, base, form, host.sessionId);
    await box.fill(text);

    // requests fail, the stream of events ends
    await page.context().route('**/api/dp/1/**', (route) => route.abort());
    server.admin.live.log.write({ time: Date.now(), level: 'info', topic: 'Status', message: 'something' });
    await ask('login/end', {});
    await page.getByText('Connection lost. Trying again…').waitFor();
    await shows(t, box, { value: text }, `${name}: without a connection`);
    await page.context().unroute('**/api/dp/1/**');

    const sheet = page.getByRole('dialog', { name: 'Your login has expired' });
    await sheet.waitFor();
    await shows(t, box, { value: text }, `${name}: the login is over`);
    await sheet.getByLabel('Password').fill(owner.password);
    await sheet.getByRole('button', { name: 'Log in' }).click();
    await sheet.waitFor({ state: 'detached' });
    await page.getByText('Connection lost. Trying again…').waitFor({ state: 'detached' });

    // everything that the page shows is asked for anew
    await ask('config/change', { set: { welcomeMessage: `hello ${count}` } });
    await ask('session/set', { session: host.sessionId, change: { maxUserCount: 100 + count } });
    await ask('note/add', { kind: 'name', target: 'Scribbler', text: `note ${count}` });
    if (form.at.startsWith('session')) await page.getByText(`of ${100 + count}`).waitFor();
    if (form.at.startsWith('person')) await page.getByText(`note ${count}`, { exact: true }).waitFor();
    await shows(t, box, { value: text }, `${name}: after changes`);
  }
  t.deepEqual(faults, []);
});

interface Stale {
  at: string;
  /** On the page, which does not hear of what comes then. */
  prepare?: (page: Page) => Promise<unknown>;
  /** What somebody else does. */
  meanwhile: (needs: Awaited<ReturnType<typeof start>>) => Promise<unknown>;
  press: string | RegExp;
  words: string;
  /** Where something was typed: field and text. */
  typed?: readonly [string, string];
}

const choose = (page: Page) =>
  page
    .getByRole('button', { name: /Scribbler/ })
    .first()
    .click();

/** TABLE of what somebody does who has not heard of what somebody else did, and what they read. */
const stale: readonly Stale[] = [
  {
    at: 'person/Scribbler',
    meanwhile: async ({ server, ask }) => {
      const [note] = await server.configuration.stores.notes!.all();
      await ask('note/delete', { id: note!.id });
    },
    press: 'Delete: Warned on Monday',
    words: 'Somebody else has already deleted this note.',
    typed: ['New note', 'and again on Tuesday'],
  },
  {
    at: 'report/1',
    meanwhile: ({ ask }) => ask('report/close', { id: 1 }),
    press: 'Close report',
    words: 'Another moderator has already closed this report.',
    typed: ['What was done (optional)', 'talked with them'],
  },
  {
    at: 'report/1',
    meanwhile: ({ ask }) => ask('report/reopen', { id: 1 }),
    press: 'Open again',
    words: 'Another moderator has already opened this report again.',
  },
  {
    at: 'bans',
    prepare: (page) => page.getByRole('button', { name: /192\.0\.2\.7/ }).click(),
    meanwhile: async ({ server }) => {
      const [ban] = await server.configuration.stores.bans.all();
      await server.configuration.stores.bans.remove([{ kind: 'ip', id: ban!.id }]);
    },
    press: 'Lift ban',
    words: 'Somebody else has already lifted this ban.',
    typed: ['Note for moderators', 'a long story'],
  },
  {
    at: 'session/ID',
    prepare: choose,
    meanwhile: async ({ troll }) => {
      await troll.leave();
      await troll.closed;
    },
    press: 'Kick',
    words: 'This person has already left the session.',
    typed: ['Reason (optional)', 'enough'],
  },
  {
    at: 'session/ID',
    meanwhile: ({ ask, host }) => ask('session/kill', { session: host.sessionId }),
    press: 'Send',
    words: 'This session has ended.',
    typed: ['Message to everyone in the session', 'hello all of you'],
  },
];

run(
  'whoever acts on what somebody else has changed reads what happened, and keeps what they typed',
  async (t) => {
    t.timeout(patience);
    const needs = await start(t);
    const { server, host, ask, page, base, faults } = needs;
    await ask('note/add', { kind: 'name', target: 'Scribbler', text: 'Warned on Monday' });
    await server.configuration.stores.bans.add({
      kind: 'ip',
      address: '192.0.2.7',
      bits: 32,
      comment: 'spam',
      expires: Date.now() + 86_400_000,
    });
    for (const { at, prepare, meanwhile, press, words, typed } of stale) {
      // nothing of it is heard here
      await page.context().route('**/api/dp/1/events', (route) => route.abort());
      await page.goto(`${base}/admin/${at.replace('ID', host.sessionId)}`);
      const button = page.getByRole('button', { name: press, exact: typeof press === 'string' });
      await prepare?.(page);
      await button.first().waitFor();
      const box = typed && page.getByLabel(typed[0], { exact: true });
      if (typed) await box?.fill(typed[1]);
      await meanwhile(needs);
      await button.first().click();
      await page.getByText(words).first().waitFor();
      if (typed && box) await shows(t, box, { value: typed[1] }, `${at}: ${words}`);
      await page.context().unroute('**/api/dp/1/events');
    }
    t.deepEqual(faults, []);
  },
);
