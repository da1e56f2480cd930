// Nobody hears of anything that a journal has not stored yet: members, newcomers, the lobby, administrators. Here the
// disk is slow, and tells by hand when it is done.
import test, { type ExecutionContext } from 'ava';
import { localAdmin } from '../../src/lib/admin/admin.js';
import type { LiveServer } from '../../src/lib/admin/live.js';
import { memoryStores } from '../../src/lib/admin/memory-stores.js';
import { PeopleRows } from '../../src/lib/admin/people-rows.js';
import { MemoryStore } from '../../src/lib/core/session/memory-store.js';
import type { Journal, StoredSession } from '../../src/lib/core/session/needs.js';
import type { JournalEntry } from '../../src/lib/core/session/saved.js';
import { systemSecrets } from '../../src/lib/io/system/access-secrets.js';
import { systemRandom } from '../../src/lib/io/system/random.js';
import { Client } from '../helpers/client.js';
import { quickPasswords } from '../helpers/quick-passwords.js';
import { startTestServer } from '../helpers/server.js';
import { type JsonObject, jsonOf } from '../helpers/wire.js';

/** Writes when it is told to. */
class SlowJournal implements Journal {
  readonly sizeBytes = 0;
  isSlow = false;
  readonly waiting: JournalEntry[] = [];
  #done: (() => void)[] = [];

  write(entry: JournalEntry): void {
    if (this.isSlow) this.waiting.push(entry);
  }

  get isStored(): boolean {
    return this.waiting.length === 0;
  }

  whenStored(done: () => void): void {
    if (this.isStored) done();
    else this.#done.push(done);
  }

  end(): void {
    if (this.isSlow) this.waiting.push({ key: 'flags', flags: [] });
  }

  finish(): void {
    this.waiting.length = 0;
    for (const done of this.#done.splice(0)) done();
  }
}

class SlowStore extends MemoryStore {
  readonly journal = new SlowJournal();

  override create(): StoredSession {
    return { ...super.create(), journal: this.journal };
  }
}

async function setUp(t: ExecutionContext) {
  const store = new SlowStore();
  const server = await startTestServer({
    settings: { persistence: 'true' },
    accounts: [
      { name: 'reg', password: 'x', flags: [] },
      { name: 'mod', password: 'x', flags: ['MOD'] },
    ],
    more: { store },
  });
  t.teardown(() => {
    store.journal.finish();
    return server.stop();
  });
  const host = await Client.host(server.port, { name: 'host', title: 'Before' });
  const other = await Client.join(server.port, host.sessionId, { name: 'other' });
  const reg = await Client.inLobby(server.port, { name: 'reg', password: 'x' });
  await reg.join(host.sessionId);
  await reg.caughtUp();
  const lobby = await Client.inLobby(server.port, { name: 'watcher' });
  const all = [host, other, reg, lobby];
  const quiet = async (): Promise<number> => {
    // Not the one who may be on the way out, who gets no answers any more.
    for (const client of [host, reg, lobby]) await client.ping();
    await server.idle();
    for (const client of [host, reg, lobby]) await client.ping();
    return all.reduce((sum, { log }) => sum + log.length, 0);
  };
  await quiet();
  return { server, journal: store.journal, host, other, reg, lobby, quiet };
}

interface Act {
  do(people: { host: Client; other: Client; reg: Client }): void;
  /** What everybody hears of it in the end. */
  heard: (json: JsonObject) => boolean;
}

const acts: Record<string, Act> = {
  'a ban': {
    do: ({ host, other }) => host.command('kick-user', [other.userId], { ban: true }),
    heard: ({ T }) => T === 'ban',
  },
  'an invite': {
    do: ({ host }) => host.command('invite-create', [], { maxUses: 2, op: true }),
    heard: ({ type }) => type === 'invitecreated',
  },
  'a registered operator': {
    do: ({ host, reg }) => host.setOwners(host.userId, reg.userId),
    heard: ({ T }) => T === 'opgive',
  },
  'a registered trusted user': {
    do: ({ host, reg }) => host.setTrusted(reg.userId),
    heard: ({ T }) => T === 'trustgive',
  },
  'a role by list': {
    do: ({ host }) => host.command('auth-list', [[{ a: 'internal:nobody', o: true, u: 'nobody' }]]),
    heard: ({ config }) => JSON.stringify(config ?? '').includes('internal:nobody'),
  },
  'a title': {
    do: ({ host }) => host.command('sessionconf', [], { title: 'After' }),
    heard: ({ config }) => (config as JsonObject | undefined)?.title === 'After',
  },
  'a user limit': {
    do: ({ host }) => host.command('sessionconf', [], { maxUserCount: 7 }),
    heard: ({ config }) => (config as JsonObject | undefined)?.maxUserCount === 7,
  },
  'a flag': {
    do: ({ host }) => host.command('sessionconf', [], { nsfm: true }),
    heard: ({ config }) => (config as JsonObject | undefined)?.nsfm === true,
  },
  'a password': {
    do: ({ host }) => host.command('sessionconf', [], { password: 'secret' }),
    heard: ({ type }) => type === 'passwordchange',
  },
  'an operator password': {
    do: ({ host }) => host.command('sessionconf', [], { opword: 'secret' }),
    heard: ({ config }) => (config as JsonObject | undefined)?.hasOpword === true,
  },
};

for (const [name, act] of Object.entries(acts)) {
  test(`nobody hears of ${name} before it is stored`, async (t) => {
    const people = await setUp(t);
    const { journal, host, quiet } = people;
    const before = await quiet();
    journal.isSlow = true;
    act.do(people);
    t.is(await quiet(), before);
    t.not(journal.waiting.length, 0);
    journal.isSlow = false;
    journal.finish();
    await host.next((message) => {
      const json = jsonOf(message);
      return json !== undefined && act.heard(json);
    }, name);
  });
}

test('drawing waits behind what is not stored yet, and comes in order', async (t) => {
  const { journal, host, other, quiet } = await setUp(t);
  journal.isSlow = true;
  host.command('sessionconf', [], { title: 'After' });
  host.draw('after the title');
  const before = await quiet();
  t.is(await quiet(), before);
  journal.finish();
  const settings = await other.next((message) => JSON.stringify(jsonOf(message) ?? '').includes('"After"'));
  const stroke = await other.next(({ payload }) => Buffer.from(payload).includes('after the title'));
  t.true(other.log.indexOf(settings) < other.log.indexOf(stroke));
});

test('who is banned leaves when the ban is stored, and has read why', async (t) => {
  const { journal, host, other, quiet } = await setUp(t);
  journal.isSlow = true;
  host.command('kick-user', [other.userId], { ban: true });
  await quiet();
  t.false(other.isClosed);
  journal.finish();
  await other.closed;
  t.true(other.log.some((message) => jsonOf(message)?.T === 'ban'));
});

test('a newcomer and the lobby see nothing that is not stored', async (t) => {
  const { server, journal, host, lobby, quiet } = await setUp(t);
  journal.isSlow = true;
  host.command('sessionconf', [], { title: 'After' });
  await quiet();
  const late = await Client.inLobby(server.port, { name: 'late' });
  const from = late.log.length;
  const joining = late.join(host.sessionId);
  await late.ping();
  t.is(late.log.length, from);
  t.false(lobby.log.some((message) => JSON.stringify(jsonOf(message) ?? '').includes('"After"')));
  journal.finish();
  await joining;
  await lobby.next((message) => JSON.stringify(jsonOf(message) ?? '').includes('"After"'));
});

test('an administrator is answered when it is stored', async (t) => {
  const { server, journal, host, lobby } = await setUp(t);
  const { directory, peers, settings } = server.running;
  const locks = { isSupported: false, get: () => ({ sections: [], passwordHash: '' }) };
  const live = {
    directory,
    peers,
    settings,
    clock: server.clock,
    random: systemRandom,
    locks,
    peopleRows: new PeopleRows(server.clock),
  } as unknown as LiveServer;
  const admin = localAdmin({
    stores: memoryStores([], Date.now),
    passwords: quickPasswords(),
    secrets: systemSecrets,
    now: Date.now,
    live,
  });
  const session = host.sessionId;
  for (const ask of [
    () => admin.run('session.set', { session, change: { title: 'After' } }),
    () => admin.run('session.set', { session, change: { password: 'secret' } }),
    () => admin.run('session.kill', { session, reason: 'enough' }),
  ]) {
    journal.isSlow = true;
    let isAnswered = false;
    const answer = ask().then(() => {
      isAnswered = true;
    });
    await lobby.ping();
    await server.idle();
    await lobby.ping();
    t.false(isAnswered, String(ask));
    journal.isSlow = false;
    journal.finish();
    await answer;
  }
});

test('nobody hears that a session ended before that is stored', async (t) => {
  const { server, journal, host, other, lobby, quiet } = await setUp(t);
  const mod = await Client.inLobby(server.port, { name: 'mod', password: 'x' });
  await mod.join(host.sessionId);
  await mod.caughtUp();
  const before = await quiet();
  journal.isSlow = true;
  mod.command('kill-session', [], { reason: 'enough' });
  await lobby.ping();
  await server.idle();
  await lobby.ping();
  t.deepEqual([host.isClosed, other.isClosed], [false, false]);
  const joining = await Client.inLobby(server.port, { name: 'late' });
  await t.throwsAsync(joining.join(host.sessionId), { message: /notFound/ });
  t.false(lobby.log.some((message) => jsonOf(message)?.remove !== undefined));
  const logged = (): number => [host, other].reduce((sum, { log }) => sum + log.length, 0);
  const heard = logged();
  t.true(heard <= before);
  journal.finish();
  await Promise.all([host.closed, other.closed]);
  t.true(logged() > heard);
  t.true(host.log.some((message) => JSON.stringify(jsonOf(message) ?? '').includes('enough')));
  await lobby.next((message) => jsonOf(message)?.remove !== undefined);
});

test('the lobby hears that the last user left when the end is stored', async (t) => {
  const { server, journal, host, other, reg, lobby } = await setUp(t);
  await other.leave();
  await reg.leave();
  journal.isSlow = true;
  await host.leave();
  await server.idle();
  await lobby.ping();
  t.is(server.running.directory.count, 0);
  t.false(lobby.log.some((message) => jsonOf(message)?.remove !== undefined));
  journal.finish();
  await lobby.next((message) => jsonOf(message)?.remove !== undefined);
});
