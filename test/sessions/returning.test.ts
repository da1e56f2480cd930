// Who comes back after a restart, or after a lost connection, is what they were, and goes on where they stopped
// reading. Who comes first is nothing for that.
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { MemorySettings } from '../../src/lib/core/settings/settings.js';
import { makeStorage } from '../../src/lib/server/storage.js';
import { Client, type ClientOptions, type Generation } from '../helpers/client.js';
import type { ManualClock } from '../helpers/manual-clock.js';
import { startTestServer, type TestServerOptions } from '../helpers/server.js';
import { until } from '../helpers/until.js';
import { frame, jsonOf, messageType } from '../helpers/wire.js';

function makeFolder(t: ExecutionContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'dp-returning-'));
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** A server over a folder; the clock goes on from the one before it. */
async function start(
  t: ExecutionContext,
  folder: string,
  clock?: ManualClock,
  accounts: NonNullable<TestServerOptions['accounts']> = [],
) {
  const settings = { persistence: 'true', autoResetThreshold: '0' };
  const log = { write: () => {} };
  const storage = await makeStorage({ settings: new MemorySettings(settings), log, sessions: folder });
  const server = await startTestServer({ settings, accounts, more: storage.parts, ...(clock && { clock }) });
  server.running.directory.restore(storage.open());
  let ended: Promise<void> | undefined;
  const end = () => {
    ended ??= server.stop().then(() => storage.stop());
    return ended;
  };
  t.teardown(end);
  return Object.assign(server, { end });
}

/** Whether the client is on the last list of this type; who leaves is on none, as clients see it. */
function isListed(client: Client, type: number): boolean {
  let listed = new Set<number>();
  for (const message of client.log) {
    if (message.type === type) listed = new Set(message.payload);
    else if (message.type === messageType.leave) listed.delete(message.context);
  }
  return listed.has(client.userId);
}
const isOperator = (client: Client): boolean => isListed(client, messageType.owners);
const isTrusted = (client: Client): boolean => isListed(client, messageType.trusted);
const isMuted = (client: Client): boolean => {
  const lists = client.log.flatMap((message) => {
    const muted = (jsonOf(message)?.config as { muted?: number[] } | undefined)?.muted;
    return muted ? [muted] : [];
  });
  return lists.at(-1)?.includes(client.userId) ?? false;
};

async function comes(port: number, session: string, name: string, sid?: string): Promise<Client> {
  const client = await Client.join(port, session, { name, ...(sid !== undefined && { sid }) });
  await client.caughtUp();
  await client.ping();
  return client;
}

test('after a restart roles return by identity, whoever comes first', async (t) => {
  const folder = makeFolder(t);
  const first = await start(t, folder);
  const founder = await Client.host(first.port, { name: 'founder', alias: 'room' });
  const second = await comes(first.port, 'room', 'second');
  const friend = await comes(first.port, 'room', 'friend');
  const pest = await comes(first.port, 'room', 'pest');
  founder.setOwners(founder.userId, second.userId);
  founder.setTrusted(friend.userId);
  founder.command('mute', [pest.userId, true]);
  await founder.ping();
  await first.end();
  const server = await start(t, folder);
  const stranger = await comes(server.port, 'room', 'stranger');
  const impostor = await comes(server.port, 'room', 'founder2', founder.sid);
  const liar = await comes(server.port, 'room', 'founder', 'f'.repeat(32));
  t.deepEqual([stranger, impostor, liar].map(isOperator), [false, false, false]);
  await liar.leave();
  const people = [];
  for (const name of ['founder', 'second', 'friend', 'pest'])
    people.push(await comes(server.port, 'room', name));
  for (const person of people) await person.ping();
  t.deepEqual(people.map(isOperator), [true, true, false, false]);
  t.deepEqual(people.map(isTrusted), [false, false, true, false]);
  t.deepEqual(people.map(isMuted), [false, false, false, true]);
  await stranger.ping();
  t.false(isOperator(stranger));
  const renamed = await comes(server.port, 'room', 'innocent', pest.sid);
  t.true(isMuted(renamed), 'a name does not unmute');
});

test('when nobody who was operator comes back, the first one there becomes operator after a while', async (t) => {
  const folder = makeFolder(t);
  const first = await start(t, folder);
  await Client.host(first.port, { name: 'founder', alias: 'room' });
  await first.end();
  const server = await start(t, folder);
  const stranger = await comes(server.port, 'room', 'stranger');
  server.clock.advance(50_000);
  await stranger.ping();
  t.false(isOperator(stranger));
  for (let i = 0; i < 20; i++) {
    server.clock.advance(30_000);
    await stranger.ping();
  }
  t.true(isOperator(stranger));
});

test('an operator who lost the connection is one again, and nobody took the place meanwhile', async (t) => {
  const server = await startTestServer();
  t.teardown(() => server.stop());
  const founder = await Client.host(server.port, { name: 'founder' });
  const other = await comes(server.port, founder.sessionId, 'other');
  await founder.drop();
  await other.next(({ type, context }) => type === messageType.leave && context === founder.userId);
  server.clock.advance(30_000);
  await other.ping();
  t.false(isOperator(other));
  const again = await comes(server.port, founder.sessionId, 'founder');
  t.true(isOperator(again));
  t.false(isOperator(other));
});

test('an operator who says goodbye leaves the place to the next one at once', async (t) => {
  const server = await startTestServer();
  t.teardown(() => server.stop());
  const founder = await Client.host(server.port, { name: 'founder' });
  const other = await comes(server.port, founder.sessionId, 'other');
  founder.send(frame(messageType.disconnect, founder.userId, Buffer.from([3])));
  await founder.leave();
  await other.next(({ type, payload }) => type === messageType.owners && payload.includes(other.userId));
  t.true(isOperator(other));
});

test('who was made an ordinary user, or thrown out, does not come back as operator', async (t) => {
  const server = await startTestServer();
  t.teardown(() => server.stop());
  const founder = await Client.host(server.port, { name: 'founder' });
  for (const [name, act] of [
    ['demoted', () => founder.setOwners(founder.userId)],
    ['kicked', (id: number) => founder.command('kick-user', [id])],
  ] as const) {
    const second = await comes(server.port, founder.sessionId, name);
    founder.setOwners(founder.userId, second.userId);
    await founder.ping();
    act(second.userId);
    await founder.ping();
    if (!second.isClosed) await second.drop();
    const again = await comes(server.port, founder.sessionId, name);
    t.false(isOperator(again), name);
  }
});

for (const how of ['a restart', 'a restart after a full reset', 'two restarts'] as const) {
  test(`after ${how} catching up costs next to nothing`, async (t) => {
    const folder = makeFolder(t);
    const first = await start(t, folder);
    const host = await Client.host(first.port, { name: 'host', alias: 'room' });
    const reader = await comes(first.port, 'room', 'reader');
    const strokes = Array.from({ length: 2000 }, (_, i) => frame(148, 1, Buffer.alloc(5000, i)));
    if (how === 'a restart after a full reset') {
      await host.resetTo(strokes);
      await reader.reply('caughtup', { key: 0 });
    } else {
      for (const stroke of strokes) host.send(stroke);
      await host.ping();
    }
    await until('all has been read', async () => {
      await reader.ping();
      return reader.receivedBytes >= 9_500_000;
    });
    host.command('sessionconf', [], { title: 'An anchor' });
    await reader.next((message) => JSON.stringify(jsonOf(message) ?? '').includes('An anchor'));
    const hidx = reader.lastIndex!;
    host.draw('behind the anchor');
    await reader.next(({ payload }) => Buffer.from(payload).includes('behind the anchor'));
    await first.end();
    let server = await start(t, folder);
    if (how === 'two restarts') {
      await server.end();
      server = await start(t, folder);
    }
    const again = await Client.inLobby(server.port, { name: 'reader' });
    const before = again.receivedBytes;
    const result = await again.join('room', { hidx });
    await again.caughtUp();
    t.true((result.join as { skip?: boolean }).skip);
    t.true(again.receivedBytes - before < 10_000_000 / 100, `${again.receivedBytes - before} bytes`);
    t.true(again.log.some(({ payload }) => Buffer.from(payload).includes('behind the anchor')));
    const stranger = await Client.inLobby(server.port, { name: 'stranger' });
    const other = await stranger.join('room', { hidx });
    t.false((other.join as { skip?: boolean }).skip, 'only what somebody has read is skipped');
  });
}

test('places of before a reset, or of a history that another server went on with, are not believed', async (t) => {
  const folder = makeFolder(t);
  const first = await start(t, folder);
  const host = await Client.host(first.port, { name: 'host', alias: 'room' });
  host.draw('one');
  await host.ping();
  host.command('sessionconf', [], { title: 'An anchor' });
  await host.next((message) => JSON.stringify(jsonOf(message) ?? '').includes('An anchor'));
  const old = host.lastIndex!;
  await host.resetTo([frame(148, 1, 'new')]);
  const now = host.lastIndex!;
  t.not(old, now);
  await first.end();
  const second = await start(t, folder);
  const returned = await Client.inLobby(second.port, { name: 'host' });
  t.false(((await returned.join('room', { hidx: old })).join as { skip?: boolean }).skip);
  await second.end();
  // Another server did a reset: its FILE line comes without the index.
  const journal = join(folder, `${host.sessionId}.session`);
  const text = readFileSync(journal, 'utf8');
  const current = [...text.matchAll(/^FILE (.*)$/gm)].at(-1)![1]!;
  writeFileSync(join(folder, `${host.sessionId}_r9.dprec`), readFileSync(join(folder, current)));
  writeFileSync(journal, `${text}FILE ${host.sessionId}_r9.dprec\n`);
  const third = await start(t, folder);
  const again = await Client.inLobby(third.port, { name: 'host' });
  t.false(((await again.join('room', { hidx: now })).join as { skip?: boolean }).skip);
});

test('after a kill, whoever gets the id of an operator is none in the eyes of clients', async (t) => {
  const folder = makeFolder(t);
  const first = await start(t, folder);
  const founder = await Client.host(first.port, { name: 'founder', alias: 'room' });
  const friend = await comes(first.port, 'room', 'friend');
  founder.setTrusted(friend.userId);
  await founder.ping();
  // What a killed server leaves: nobody has left, as far as the history knows.
  const killed = makeFolder(t);
  cpSync(folder, killed, { recursive: true });
  const server = await start(t, killed);
  const impostor = await comes(server.port, 'room', 'founder', 'f'.repeat(32));
  const other = await comes(server.port, 'room', 'friend', 'e'.repeat(32));
  t.is(impostor.userId, founder.userId);
  t.deepEqual([isOperator(impostor), isTrusted(other)], [false, false]);
  const late = await comes(server.port, 'room', 'late');
  t.false(isOperator(late));
});

test('two people of one name, one after the other, and who was made an ordinary user: after a restart each is what they were', async (t) => {
  const folder = makeFolder(t);
  const first = await start(t, folder);
  const founder = await Client.host(first.port, { name: 'founder', alias: 'room' });
  const [ann, bob] = ['a'.repeat(32), 'b'.repeat(32)];
  const operator = await comes(first.port, 'room', 'Twin', ann);
  const demoted = await comes(first.port, 'room', 'demoted');
  founder.setOwners(founder.userId, operator.userId, demoted.userId);
  await founder.ping();
  await operator.drop();
  const trusted = await comes(first.port, 'room', 'twin', bob);
  founder.setTrusted(trusted.userId);
  founder.setOwners(founder.userId);
  await founder.ping();
  await first.end();
  const server = await start(t, folder);
  await comes(server.port, 'room', 'stranger');
  const other = await comes(server.port, 'room', 'twin', bob);
  t.deepEqual([isOperator(other), isTrusted(other)], [false, true]);
  await other.leave();
  const same = await comes(server.port, 'room', 'TWIN', ann);
  const back = await comes(server.port, 'room', 'demoted');
  const host = await comes(server.port, 'room', 'founder');
  for (const person of [same, back, host]) await person.ping();
  t.deepEqual([same, back, host].map(isOperator), [true, false, true]);
  t.false(isTrusted(same));
});

test('accounts with the flag for it are trusted from the start, whether or not the session knows them', async (t) => {
  const account = (name: string, flags: string[]) => ({ name, password: 'x', flags });
  const server = await startTestServer({
    accounts: [account('Tess', ['TRUSTED']), account('Pat', []), account('Tim', [])],
  });
  t.teardown(() => server.stop());
  const host = await Client.host(server.port, { name: 'host' });
  const joins = async (name: string) => {
    const client = await Client.open(server.port, { name, password: 'x' });
    await client.logIn();
    await client.join(host.sessionId);
    await client.caughtUp();
    await client.ping();
    return client;
  };
  const tess = await joins('Tess');
  const pat = await joins('Pat');
  const tim = await joins('Tim');
  t.deepEqual([tess, pat, tim].map(isTrusted), [true, false, false]);
  host.setTrusted(tess.userId, tim.userId);
  await host.ping();
  await tim.leave();
  const back = await joins('Tim');
  t.true(isTrusted(back), 'the session remembers the account');
});

/** With the password of an account, and whatever else distinguishes a client. */
async function comesAs(port: number, session: string, options: ClientOptions): Promise<Client> {
  const client = await Client.open(port, options);
  await client.logIn();
  await client.join(session);
  // clients of 2.1 are told nothing of a catch-up
  if (options.generation !== '2.1') await client.caughtUp();
  await client.ping();
  return client;
}

const accounts = ['Ann', 'Bea'].map((name) => ({ name, password: `${name} knows`, flags: [] }));
const protocols = { '2.1': 'dp:4.21.2', '2.2': 'dp:4.24.0', '2.3': 'dp:4.25.1' } as const;

for (const generation of Object.keys(protocols) as Generation[]) {
  test(`an account with ${generation} that hosts is operator after a restart, whoever comes first, with another system id`, async (t) => {
    const folder = makeFolder(t);
    const first = await start(t, folder, undefined, accounts);
    const ann = await Client.open(first.port, { name: 'Ann', password: 'Ann knows', generation });
    await ann.logIn('host');
    await ann.host({ alias: 'room', protocol: protocols[generation] });
    const bea = await comesAs(first.port, 'room', { name: 'Bea', password: 'Bea knows', generation });
    ann.setTrusted(bea.userId);
    await ann.ping();
    await first.end();
    const server = await start(t, folder, first.clock, accounts);
    const stranger = await comesAs(server.port, 'room', { name: 'stranger', generation });
    // names of accounts are for those who know the password
    const impostor = await Client.open(server.port, { name: 'Ann', generation });
    t.is((await impostor.logIn()).state, 'needPassword');
    await impostor.drop();
    const sid = 'd'.repeat(32);
    const beaAgain = await comesAs(server.port, 'room', {
      name: 'Bea',
      password: 'Bea knows',
      generation,
      sid,
    });
    for (let i = 0; i < 8; i++) {
      server.clock.advance(30_000);
      await Promise.all([stranger.ping(), beaAgain.ping()]);
    }
    const annAgain = await comesAs(server.port, 'room', {
      name: 'ANN',
      password: 'Ann knows',
      generation,
      sid,
    });
    const seen = await comesAs(server.port, 'room', { name: 'late', generation });
    const operators = new Set(seen.log.findLast(({ type }) => type === messageType.owners)?.payload);
    const trusted = new Set(seen.log.findLast(({ type }) => type === messageType.trusted)?.payload);
    t.deepEqual([...operators], [annAgain.userId]);
    t.false(trusted.has(annAgain.userId));
    t.true(isTrusted(beaAgain) || trusted.has(beaAgain.userId));
  });
}
