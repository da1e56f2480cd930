// What a server makes of stored settings and templates, and what counts against a session's size.
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import type { Session } from '../../../src/lib/core/session/session.js';
import { makeStorage, type Storage } from '../../../src/lib/server/storage.js';
import { Client, isReply } from '../../helpers/client.js';
import { startTestServer } from '../../helpers/server.js';
import { tempFolder } from '../../helpers/temp-folder.js';
import { jsonOf } from '../../helpers/wire.js';

async function start(
  t: ExecutionContext,
  folder: string,
  options: { settings?: Record<string, string>; templates?: string } = {},
) {
  let storage: Storage | undefined;
  const sessions = join(folder, 'sessions');
  const server = await startTestServer({
    settings: { persistence: 'true', ...options.settings },
    surround: async ({ settings, log, clock }) => {
      storage = await makeStorage({ settings, log, clock, sessions, templates: options.templates });
      return { parts: storage.parts, stop: () => storage!.stop() };
    },
  });
  server.running.directory.restore(storage!.open());
  t.teardown(() => server.stop());
  const journal = () =>
    join(sessions, readdirSync(sessions).find((name) => name.endsWith('.session')) as string);
  return { server, journal };
}

type Started = Awaited<ReturnType<typeof start>>['server'];
const onlySession = (server: Started): Session => [...server.running.directory.all][0]!;

/** The newest of what a client was told about its session. */
function configOf(client: Client): Record<string, unknown> {
  const frame = client.log.filter(isReply('sessionconf')).at(-1)!;
  return jsonOf(frame)!.config as Record<string, unknown>;
}

async function storeSession(t: ExecutionContext, folder: string): Promise<string> {
  const { server, journal } = await start(t, folder);
  const alice = await Client.host(server.port, {
    name: 'alice',
    alias: 'room',
    settings: { persistent: true },
  });
  await alice.ping();
  await server.stop();
  return journal();
}

for (const [stored, expected] of [
  [1000, 200_000],
  [199_999, 200_000],
  [300_000, 300_000],
  [0, 0],
] as const) {
  test(`a stored autoreset threshold of ${stored} is ${expected} where the minimum is 200,000`, async (t) => {
    const folder = tempFolder(t);
    const journal = await storeSession(t, folder);
    writeFileSync(journal, `${readFileSync(journal, 'utf8')}AUTORESET ${stored}\n`);
    const { server } = await start(t, folder, { settings: { minimumAutoResetThreshold: '200000' } });
    t.is(onlySession(server).options.resetThreshold, expected);
    const bob = await Client.join(server.port, 'room', { name: 'bob' });
    await bob.caughtUp();
    t.is(configOf(bob).resetThreshold, expected);
    await server.stop();
    const last = readFileSync(journal, 'utf8')
      .match(/^AUTORESET .*/gm)!
      .at(-1);
    t.is(last, `AUTORESET ${expected}`);
  });
}

test('the journal of a session counts against its size limit', async (t) => {
  const folder = tempFolder(t);
  const { server, journal } = await start(t, folder, { settings: { sessionSizeLimit: '300000' } });
  const alice = await Client.host(server.port, { name: 'alice', alias: 'room' });
  const session = onlySession(server);
  for (let i = 0; i < 1000; i++) {
    session.write({ key: 'authName', authId: `internal:${i}`, name: `${i}`.padStart(230, 'x') });
  }
  t.true(session.stored.journal.sizeBytes > 200_000);
  const before = session.history.sizeBytes;
  for (let i = 0; i < 20; i++) alice.draw(Buffer.alloc(10_000));
  await alice.next(isReply('outofspace'));
  await alice.ping();
  t.true(session.history.sizeBytes > before);
  const kept = session.history.sizeBytes + session.stored.journal.sizeBytes;
  t.true(kept <= 332_768 && kept > 317_000, `${kept}`);
  t.is(statSync(journal()).size, session.stored.journal.sizeBytes);
});

test('what is said over and over takes no room: the journal is compacted', async (t) => {
  const folder = tempFolder(t);
  const { server } = await start(t, folder, { settings: { sessionSizeLimit: '300000' } });
  const alice = await Client.host(server.port, { name: 'alice', alias: 'room' });
  const session = onlySession(server);
  const { journal } = session.stored;
  for (let i = 0; i < 5000; i++) {
    session.write({ key: 'authName', authId: 'internal:1', name: `${i}`.padStart(200, 'x') });
    if (i % 20 === 0) await new Promise<void>((resolve) => journal.whenStored(resolve));
    t.true(journal.sizeBytes < 100_000);
  }
  alice.draw(Buffer.alloc(10_000));
  await alice.ping();
  t.deepEqual(alice.log.filter(isReply('outofspace')), []);
});

async function withTemplate(t: ExecutionContext, text?: string) {
  const folder = tempFolder(t);
  const templates = join(folder, 'templates');
  mkdirSync(templates);
  const full = readFileSync('test/vectors/formats/v23/template/full.dptxt', 'utf8');
  writeFileSync(join(templates, 'full.dptxt'), text ?? full.replace('!password=plainpw\n', ''));
  return start(t, folder, { templates });
}

test('a session that is fresh from a template counts the size of the template as its base', async (t) => {
  const { server } = await withTemplate(t);
  const tina = await Client.join(server.port, 'full', { name: 'tina' });
  await tina.caughtUp();
  const session = onlySession(server);
  t.true(session.flow.resetBase > 0);
  t.is(configOf(tina).resetThresholdBase, session.flow.resetBase);
});

test('a template of another generation in text is offered, and becomes a session of that generation', async (t) => {
  const text = readFileSync('test/vectors/formats/v21/template/upstream-test.dptxt', 'utf8');
  const { server } = await withTemplate(t, text);
  const [offered] = server.running.directory.describeAll(false);
  t.regex(String(offered!.protocol), /^dp:4\.2[01]\./);
  t.is(offered!.alias, 'full');
});

test('a template is not offered while a session has its alias, and nobody hosts under its alias', async (t) => {
  const { server } = await withTemplate(t);
  await t.throwsAsync(() => Client.host(server.port, { name: 'hana', alias: 'full' }), {
    message: /idInUse/,
  });
  const offered = () =>
    server.running.directory.describeAll(false).map(({ id, alias }) => [id !== undefined, alias]);
  t.deepEqual(offered(), [[false, 'full']]);
  const tina = await Client.join(server.port, 'full', { name: 'tina' });
  t.deepEqual(offered(), [[true, 'full']]);
  await Client.join(server.port, 'full', { name: 'bob' });
  t.is(server.sessionCount, 1);
  t.true(tina.isClosed === false);
});
