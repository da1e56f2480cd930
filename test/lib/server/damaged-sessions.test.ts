// A whole server whose session files were damaged, cut, copied or taken away: nobody gets in who was kept out, and
// nothing is deleted.
import {
  copyFileSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import type { JsonObject } from '../../../src/lib/core/protocol/command.js';
import { byAdministrator } from '../../../src/lib/core/session/actor.js';
import { setRole } from '../../../src/lib/core/session/rights.js';
import type { Session } from '../../../src/lib/core/session/session.js';
import { changeSession } from '../../../src/lib/core/session/sessionconf.js';
import { makeStorage, type Storage } from '../../../src/lib/server/storage.js';
import { Client } from '../../helpers/client.js';
import { startTestServer, type TestServer } from '../../helpers/server.js';
import type { Frame } from '../../helpers/wire.js';

interface StoredServer extends TestServer {
  storage: Storage;
  /** Stops it as a signal does. */
  end(): Promise<void>;
}

function makeFolder(t: ExecutionContext): string {
  const path = mkdtempSync(join(tmpdir(), 'dp-damaged-'));
  t.teardown(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

async function start(
  t: ExecutionContext,
  sessions: string,
  settings: Readonly<Record<string, string>> = {},
): Promise<StoredServer> {
  let storage: Storage | undefined;
  const server = await startTestServer({
    settings: { persistence: 'true', ...settings },
    accounts: [{ name: 'mo', password: 'mod', flags: ['MOD'] }],
    surround: async ({ settings, log, clock }) => {
      storage = await makeStorage({ settings, log, clock, sessions });
      return { parts: storage.parts, stop: () => storage!.stop() };
    },
  });
  server.running.directory.restore(storage!.open());
  t.teardown(() => server.stop());
  return Object.assign(server, { storage: storage!, end: () => server.stop() });
}

/** A persistent session called `room` that was stored. */
async function storeSession(t: ExecutionContext, folder: string): Promise<string> {
  const server = await start(t, folder);
  const alice = await Client.host(server.port, {
    name: 'alice',
    alias: 'room',
    settings: { persistent: true },
  });
  alice.draw('0001');
  await alice.ping();
  await server.end();
  return join(folder, `${alice.sessionId}.session`);
}

const drawn = (client: Client): string[] =>
  client.canvas
    .filter(({ type }) => type >= 128)
    .map(({ payload }: Frame) => Buffer.from(payload).toString());

async function moderator(port: number, session: string): Promise<Client> {
  const client = await Client.open(port, { name: 'mo', password: 'mod' });
  await client.logIn('join');
  await client.join(session);
  return client;
}

/** As an administrator does with `dp session set`. */
async function decide(server: StoredServer, change: JsonObject): Promise<void> {
  const session = onlySession(server);
  await new Promise((resolve) => session.open(resolve));
  await new Promise((resolve) => changeSession(session, change, byAdministrator, resolve));
}

const onlySession = (server: StoredServer): Session => [...server.running.directory.all][0]!;

/** Lets go of whoever is in it and sweeps as after hours. */
async function leaveAlone(server: StoredServer, client: Client): Promise<void> {
  await client.leave();
  for (let i = 0; i < 4; i++) server.clock.advance(20 * 60_000);
}

for (const [what, damage] of [
  ['FLAGS', (text: string) => text.replace('FLAGS persistent', 'FLAGS persistenu')],
  ['AUTORESET', (text: string) => text.replace('AUTORESET', 'AUTORFSET')],
  ['the newline after a line', (text: string) => text.replace(/\nFLAGS/, '*FLAGS')],
  ['USER', (text: string) => text.replace('USER 1', 'USER 3')],
  ['a check sum', (text: string) => text.replace(/(#dp sum \d+ )./, '$1x')],
] as const) {
  test(`after damage to ${what} a session is kept, shut to all but moderators, and opened by a decision`, async (t) => {
    const folder = makeFolder(t);
    const journal = await storeSession(t, folder);
    const text = readFileSync(journal, 'latin1');
    t.not(damage(text), text);
    writeFileSync(journal, damage(text), 'latin1');
    const server = await start(t, folder);
    t.true(server.problems.some(({ message }) => message.includes('is in doubt')));
    t.true(onlySession(server).describe().closed);
    await t.throwsAsync(() => Client.join(server.port, 'room', { name: 'eve' }), {
      message: /refused: closed/,
    });
    const mo = await moderator(server.port, 'room');
    await leaveAlone(server, mo);
    t.is(server.sessionCount, 1);
    t.true(existsSync(journal));
    await server.end();
    const again = await start(t, folder);
    await t.throwsAsync(() => Client.join(again.port, 'room', { name: 'eve' }), {
      message: /refused: closed/,
    });
    await decide(again, { persistent: true });
    const eve = await Client.join(again.port, 'room', { name: 'eve' });
    await eve.caughtUp();
    t.true(drawn(eve).includes('0001'));
    await again.end();
    const third = await start(t, folder);
    t.deepEqual(third.problems, []);
    await Client.join(third.port, 'room', { name: 'eve' });
    t.true(onlySession(third).options.persistent);
  });
}

for (const cut of ['PASSWORD sodium;$argon2id$v=19$m=65536', 'PASS']) {
  test(`an unfinished "${cut}" keeps a session shut, also after further restarts`, async (t) => {
    const folder = makeFolder(t);
    const journal = await storeSession(t, folder);
    writeFileSync(journal, readFileSync(journal, 'utf8') + cut);
    for (let i = 0; i < 3; i++) {
      const server = await start(t, folder);
      await t.throwsAsync(() => Client.join(server.port, 'room', { name: 'eve' }), {
        message: /refused: closed/,
      });
      await server.end();
    }
    t.notRegex(readFileSync(journal, 'utf8'), /PASSWORD|PASS$/m);
    const server = await start(t, folder);
    await decide(server, { password: 'sesame' });
    await server.idle();
    const wrong = Client.join(server.port, 'room', { name: 'eve' });
    await t.throwsAsync(() => wrong, { message: /badPassword|passwordRequired|refused/ });
    await Client.join(server.port, 'room', { name: 'bob', password: 'sesame' });
  });
}

test('an unfinished TITLE, FLAGS or MAXUSERS line changes nothing', async (t) => {
  for (const cut of ['TITLE Hal', 'FLAGS ', 'MAXUSERS 1']) {
    const folder = makeFolder(t);
    const journal = await storeSession(t, folder);
    writeFileSync(journal, readFileSync(journal, 'utf8') + cut);
    const server = await start(t, folder);
    const eve = await Client.join(server.port, 'room', { name: 'eve' });
    t.is(onlySession(server).options.title, 'A session');
    await leaveAlone(server, eve);
    t.is(server.sessionCount, 1, cut);
    await server.end();
  }
});

test('a session in doubt is kept although an operator wants it to end, until a moderator decides', async (t) => {
  const folder = makeFolder(t);
  const journal = await storeSession(t, folder);
  // As a server without checksums leaves it when it is killed in the middle of a line.
  const lines = readFileSync(journal, 'utf8')
    .split('\n')
    .filter((line) => !/^(#dp|FLAGS)/.test(line));
  writeFileSync(journal, `${lines.join('\n')}FLAGS pers`);
  const server = await start(t, folder);
  const session = onlySession(server);
  t.deepEqual(
    session.doubts.map(({ isShut }) => isShut),
    [false],
  );
  const bob = await Client.join(server.port, 'room', { name: 'bob' });
  setRole(session, byAdministrator, session.people.byName('bob')!, 'operator', true);
  bob.command('sessionconf', [], { persistent: false });
  await bob.ping();
  t.false(session.options.persistent);
  await leaveAlone(server, bob);
  t.is(server.sessionCount, 1);
  t.true(existsSync(journal));
  await decide(server, { persistent: false });
  server.clock.advance(20 * 60_000);
  t.is(server.sessionCount, 0);
});

test('a session in doubt does not end because it is idle, until somebody has decided', async (t) => {
  const folder = makeFolder(t);
  const journal = await storeSession(t, folder);
  const text = readFileSync(journal, 'latin1');
  writeFileSync(journal, text.replace('FLAGS persistent', 'FLAGR persistent'), 'latin1');
  const server = await start(t, folder, { idleTimeLimit: '1h' });
  await leaveAlone(server, await moderator(server.port, 'room'));
  t.is(server.sessionCount, 1);
  t.true(existsSync(journal));
  await decide(server, { persistent: true });
  for (let i = 0; i < 4; i++) server.clock.advance(20 * 60_000);
  t.is(server.sessionCount, 0);
});

test('a decision about anything else leaves a session of which nobody knows better persistent', async (t) => {
  const folder = makeFolder(t);
  const journal = await storeSession(t, folder);
  const text = readFileSync(journal, 'latin1');
  writeFileSync(journal, text.replace('FLAGS persistent', 'FLAGR persistent'), 'latin1');
  const server = await start(t, folder);
  t.true(onlySession(server).isShut);
  await decide(server, { password: 'sesame' });
  await server.idle();
  t.deepEqual(onlySession(server).doubts, []);
  const bob = await Client.join(server.port, 'room', { name: 'bob', password: 'sesame' });
  await leaveAlone(server, bob);
  t.is(server.sessionCount, 1);
  await server.end();
  t.true(onlySession(await start(t, folder)).options.persistent);
});

test('a session whose journal was copied under another name goes on alone', async (t) => {
  const folder = makeFolder(t);
  const journal = await storeSession(t, folder);
  const copy = join(folder, '01a8hdhttxh5gtea7j0bgk4zzz.session');
  copyFileSync(journal, copy);
  const server = await start(t, folder);
  t.is(server.sessionCount, 1);
  const bob = await Client.join(server.port, 'room', { name: 'bob' });
  bob.draw('0002');
  await bob.ping();
  await server.end();
  const again = await start(t, folder);
  const carol = await Client.join(again.port, 'room', { name: 'carol' });
  await carol.caughtUp();
  t.deepEqual(drawn(carol).slice(-2), ['0001', '0002']);
  t.true(existsSync(copy));
  t.is(readdirSync(folder).filter((name) => name.endsWith('.dprec')).length, 1);
});
