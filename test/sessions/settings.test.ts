// What a session says when its settings are changed, or are not (sessions.md §9.1): over the wire and over REST.

import test from 'ava';
import SessionSet from '../../src/commands/session/set.js';
import { MemoryStore } from '../../src/lib/core/session/memory-store.js';
import type { StoredSession } from '../../src/lib/core/session/needs.js';
import type { JournalEntry } from '../../src/lib/core/session/saved.js';
import { MemorySettings } from '../../src/lib/core/settings/settings.js';
import { startAdminServer } from '../helpers/admin-server.js';
import { Client } from '../helpers/client.js';
import { runCommand } from '../helpers/run-command.js';
import { startTestServer, type TestServerOptions } from '../helpers/server.js';
import { scenarios, typed } from '../helpers/session-setting-scenarios.js';
import { type Json, type JsonObject, jsonOf } from '../helpers/wire.js';

async function serve(t: { teardown(run: () => unknown): void }, options: TestServerOptions = {}) {
  const server = await startTestServer(options);
  t.teardown(() => server.stop());
  return server;
}

const moderators = [{ name: 'Mod', password: 'mod', flags: ['MOD'] }];

/** A moderator who hosts: who may change everything. */
async function hostAsModerator(port: number): Promise<Client> {
  const host = await Client.open(port, { name: 'Mod', password: 'mod' });
  await host.logIn('host');
  await host.host({ title: 'Ink' });
  return host;
}

/** What came to a client from a place in its log on, without what is sent at any time. */
function heard(client: Client, from: number): JsonObject[] {
  return client.log
    .slice(from)
    .map((message) => jsonOf(message) ?? { frame: message.type })
    .filter(({ type }) => type !== 'status');
}

function configOf(client: Client): JsonObject {
  const configs = client.log.flatMap((message) => {
    const config = jsonOf(message)?.config as JsonObject | undefined;
    return config?.title === undefined ? [] : [config];
  });
  return configs.at(-1)!;
}

/** A memory store that keeps what is written to journals. */
class ListeningStore extends MemoryStore {
  readonly written: JournalEntry[] = [];

  override create(): StoredSession {
    const stored = super.create();
    const { journal } = stored;
    return {
      ...stored,
      journal: {
        ...journal,
        write: (entry) => {
          this.written.push(entry);
          journal.write(entry);
        },
      },
    };
  }
}

const settings: ReadonlyArray<readonly [key: string, value: Json, again: Json]> = [
  ['title', 'Ink and friends', 'Ink and friends'],
  ['title', 'x'.repeat(200), 'x'.repeat(100)],
  ['founder', 'ann', 'ann'],
  ['maxUserCount', 9, '9'],
  ['maxUserCount', 9999, 254],
  ['resetThreshold', '1mb', 1_048_576],
  ['resetThreshold', 0, '0'],
  ['password', '', ''],
  ['opword', '', ''],
  ['authOnly', true, 1],
  ['persistent', true, 'true'],
  ['nsfm', true, 'yes'],
  ['deputies', true, true],
  ['preserveChat', true, true],
  ['allowWeb', false, 0],
  ['invites', false, 'off'],
  ['unlisted', true, true],
  ['idleOverride', true, true],
  ['archive', true, 'true'],
  ['overrideSize', '200mb', 209_715_200],
  ['autotitle', true, true],
];

test('a setting that is set to what it is already is not told, logged or written', async (t) => {
  const store = new ListeningStore();
  const server = await serve(t, { accounts: moderators, more: { store } });
  const host = await hostAsModerator(server.port);
  const guest = await Client.join(server.port, host.sessionId, { name: 'guest' });
  await guest.caughtUp();
  for (const [key, value, again] of settings) {
    host.command('sessionconf', [], { [key]: value });
    await host.ping();
    await guest.ping();
    const [hostFrom, guestFrom] = [host.log.length, guest.log.length];
    const [written, logged] = [store.written.length, server.log.length];
    host.command('sessionconf', [], { [key]: again });
    await host.ping();
    await guest.ping();
    t.deepEqual(heard(host, hostFrom), [], `${key}: the host hears nothing`);
    t.deepEqual(heard(guest, guestFrom), [], `${key}: the guest hears nothing`);
    t.deepEqual(store.written.slice(written), [], `${key}: nothing is written`);
    t.deepEqual(server.log.slice(logged), [], `${key}: nothing is logged`);
  }
});

test('of several settings only those that change are told', async (t) => {
  const store = new ListeningStore();
  const server = await serve(t, { accounts: moderators, more: { store } });
  const host = await hostAsModerator(server.port);
  const written = store.written.length;
  host.command('sessionconf', [], { title: 'Ink', nsfm: true, maxUserCount: 254, deputies: false });
  await host.reply('log', { topic: 'Status', message: 'Tagged NSFM' });
  t.deepEqual(
    store.written.slice(written).map(({ key }) => key),
    ['flags'],
  );
});

test('an automatic title follows the founder, one that was chosen stays', async (t) => {
  const server = await serve(t, { accounts: moderators });
  const host = await hostAsModerator(server.port);
  const titleAfter = async (change: JsonObject) => {
    host.command('sessionconf', [], change);
    await host.ping();
    return configOf(host).title;
  };
  t.is(await titleAfter({ founder: 'Ann' }), 'Ink', 'chosen by who hosts');
  t.is(await titleAfter({ autotitle: true }), 'Ann Drawpile');
  t.is(await titleAfter({ founder: 'Bob' }), 'Bob Drawpile');
  t.is(await titleAfter({ title: 'Water' }), 'Water');
  t.is(await titleAfter({ founder: 'Cat' }), 'Water');
});

test('over the wire values of another type are converted, or refused with an error', async (t) => {
  const accounts = [{ name: 'Mod', password: 'mod', flags: ['MOD', 'WEBSESSION'] }];
  const server = await serve(t, { accounts });
  const host = await hostAsModerator(server.port);
  const { options } = server.running.directory.find(host.sessionId)!;
  for (const { becomes, given, key, problem } of scenarios) {
    const what = `${key}: ${JSON.stringify(given)}`;
    const from = host.log.length;
    const before = options[key];
    host.command('sessionconf', [], { [key]: given });
    await host.ping();
    const errors = heard(host, from).filter(({ type }) => type === 'error');
    t.deepEqual(
      errors,
      problem === undefined ? [] : [{ type: 'error', message: `sessionconf: ${problem}` }],
      what,
    );
    t.is(options[key], becomes ?? before, what);
  }
});

test('over the wire what is refused leaves the other settings of the command alone', async (t) => {
  const server = await serve(t, { accounts: moderators });
  const host = await hostAsModerator(server.port);
  host.command('sessionconf', [], { title: 'Pencils', nsfm: 'maybe', maxUserCount: 'a few' });
  t.is(
    (await host.reply('error')).message,
    "sessionconf: invalid value 'a few' for maxUserCount: expected a whole number; invalid value 'maybe' for nsfm: expected true or false",
  );
  t.like(configOf(host), { title: 'Pencils', nsfm: false, maxUserCount: 254 });
});

test('over REST the same values are converted, or refused with status 400', async (t) => {
  const server = await startAdminServer(t);
  const host = await Client.host(server.server.port, { name: 'host' });
  t.teardown(() => host.drop());
  const { options } = server.server.directory.find(host.sessionId)!;
  const path = `/api/sessions/${host.sessionId}`;
  for (const { becomes, given, key, problem } of scenarios) {
    const what = `${key}: ${JSON.stringify(given)}`;
    const before = options[key];
    const answer = await server.request({ method: 'PUT', path, body: { [key]: given } });
    t.is(answer.status, problem === undefined ? 200 : 400, what);
    if (problem !== undefined) t.deepEqual(answer.json, { status: 'error', message: problem }, what);
    t.is(options[key], becomes ?? before, what);
  }
});

test('over the API of dp the same values are converted, or refused with status 400', async (t) => {
  const server = await startAdminServer(t);
  const host = await Client.host(server.server.port, { name: 'host' });
  t.teardown(() => host.drop());
  const { options } = server.server.directory.find(host.sessionId)!;
  for (const { becomes, given, key, problem } of scenarios) {
    const what = `${key}: ${JSON.stringify(given)}`;
    const before = options[key];
    const body = { session: host.sessionId, change: { [key]: given } };
    const answer = await server.request({ method: 'POST', path: '/api/dp/1/session/set', body });
    t.is(answer.status, problem === undefined ? 200 : 400, `${what} ${answer.text}`);
    if (problem !== undefined)
      t.true(answer.text.includes(JSON.stringify(problem).slice(1, -1)), answer.text);
    t.is(options[key], becomes ?? before, what);
  }
});

test('dp session set converts the same values, or refuses them with status 2', async (t) => {
  const server = await startAdminServer(t);
  const host = await Client.host(server.server.port, { name: 'host', alias: 'room' });
  t.teardown(() => host.drop());
  const { options } = server.server.directory.find(host.sessionId)!;
  const env = { ...server.env, DP_DATABASE: server.database ?? '' };
  for (const scenario of scenarios) {
    const asTyped = typed(scenario);
    if (!asTyped) continue;
    const { becomes, key, problem, word } = asTyped;
    const before = options[key];
    const ran = await runCommand(SessionSet, ['room', word], { env });
    t.is(ran.status, problem === undefined ? 0 : 2, `${word} ${ran.stderr}`);
    if (problem !== undefined)
      t.true(
        ran.stderr.startsWith(
          `error: cannot change the session: ${problem}\nhint: write for example: ${key}=`,
        ),
        ran.stderr,
      );
    t.is(options[key], becomes ?? before, word);
  }
});

test('over REST a request with one unusable value changes nothing', async (t) => {
  const server = await startAdminServer(t);
  const host = await Client.host(server.server.port, { name: 'host', title: 'Ink' });
  t.teardown(() => host.drop());
  const path = `/api/sessions/${host.sessionId}`;
  const answer = await server.request({ method: 'PUT', path, body: { title: 'Pencils', nsfm: 'maybe' } });
  t.is(answer.status, 400);
  t.like((await server.request({ path })).json, { title: 'Ink', nsfm: false });
});

test('a null password over REST does not open a session', async (t) => {
  const server = await startAdminServer(t);
  const host = await Client.host(server.server.port, { name: 'host', password: 'secret' });
  t.teardown(() => host.drop());
  const path = `/api/sessions/${host.sessionId}`;
  for (const password of [null, false, {}]) {
    t.is((await server.request({ method: 'PUT', path, body: { password } })).status, 400);
  }
  t.like((await server.request({ path })).json, { hasPassword: true });
});

test('settings of the server that sessions have to follow are followed at once, and told', async (t) => {
  const settings = new MemorySettings();
  const server = await serve(t, { accounts: moderators, more: { settings } });
  const host = await hostAsModerator(server.port);
  host.command('sessionconf', [], { idleOverride: true });
  await host.ping();
  t.like(configOf(host), { idleOverride: true, nsfm: false });
  settings.set('serverTitle', 'Changes nothing of it');
  await host.ping();
  t.like(configOf(host), { idleOverride: true, nsfm: false });
  settings.set('forceNsfm', 'true');
  await host.ping();
  t.like(configOf(host), { idleOverride: true, nsfm: true });
  settings.set('allowIdleOverride', 'false');
  await host.ping();
  t.like(configOf(host), { idleOverride: false, nsfm: true });
});
