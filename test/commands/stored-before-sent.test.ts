// What somebody was answered as done is there after the server was killed in that very moment: accounts, locks, bans,
// settings, passwords, invites and roles, over the wire, the REST API and commands. The real program with its files;
// what people in sessions receive at any moment is in test/lib/server/stored-before-sent.test.ts.
import { chmodSync } from 'node:fs';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { ask } from '../helpers/admin-server.js';
import { Client } from '../helpers/client.js';
import { runBinary } from '../helpers/run-binary.js';
import { type ServedBinary, serveBinary } from '../helpers/serve-binary.js';
import { tempFolder } from '../helpers/temp-folder.js';
import { type JsonObject, jsonOf, messageType } from '../helpers/wire.js';

const patience = 60_000;

/** One server after the other over the same folder. */
class Killed {
  server!: ServedBinary;
  readonly #t: ExecutionContext;
  readonly #folder: string;
  readonly #flags: readonly string[];

  constructor(t: ExecutionContext, folder: string, flags: readonly string[]) {
    this.#t = t;
    this.#folder = folder;
    this.#flags = flags;
  }

  async start(): Promise<void> {
    const served = { teardown: this.#t.teardown.bind(this.#t), folder: this.#folder };
    this.server = await serveBinary(served, 'address', ...this.#flags);
  }

  /** Kills it; what was answered before counts. */
  async restart(): Promise<void> {
    this.server.kill('SIGKILL');
    await this.server.ended;
    await this.start();
  }

  async rest<T = JsonObject>(method: string, path: string, body?: unknown): Promise<T> {
    const authorization = `Basic ${Buffer.from('admin:secret').toString('base64')}`;
    const port = this.server.adminPort;
    const answer = await ask({ method, path, body, port, headers: { authorization } });
    if (answer.status !== 200) throw new Error(`${method} ${path}: ${answer.status} ${answer.text}`);
    return answer.json as T;
  }

  operation<T = JsonObject>(name: string, input: JsonObject): Promise<T> {
    return this.rest<T>('POST', `/api/dp/1/${name.replace('.', '/')}`, input);
  }

  async dp(stdin: string, ...argv: string[]): Promise<void> {
    const { status, stderr } = await runBinary(argv, { stdin, env: this.server.env });
    if (status !== 0) throw new Error(`dp ${argv.join(' ')} ended with ${status}: ${stderr}`);
  }

  async accountId(name: string): Promise<number> {
    const accounts = await this.rest<{ id: number; username: string }[]>('GET', '/api/accounts');
    return accounts.find(({ username }) => username === name)!.id;
  }

  /** What the look-up of a name and password over REST says. */
  login(name: string, password: string): Promise<string> {
    return this.operation('user.login', { name, password });
  }

  /** Why a join is refused; undefined: it is not. */
  async refusal(
    session: string,
    options: Parameters<typeof Client.join>[2] = {},
  ): Promise<string | undefined> {
    try {
      const client = await Client.join(this.server.port, session, { name: 'guest', patience, ...options });
      await client.drop();
      return undefined;
    } catch (error) {
      return /refused: (\w+)/.exec((error as Error).message)?.[1] ?? String(error);
    }
  }

  async joins(session: string, name: string): Promise<Client> {
    const client = await Client.join(this.server.port, session, { name, patience });
    await client.caughtUp();
    await client.ping();
    return client;
  }
}

/** Whether the newest list of this type names the client. */
function isListed(client: Client, type: number): boolean {
  return client.log.findLast((message) => message.type === type)?.payload.includes(client.userId) ?? false;
}

interface Act {
  what: string;
  /** Resolves in the turn in which the answer is there. */
  do(killed: Killed): Promise<unknown>;
  check(killed: Killed, t: ExecutionContext): Promise<unknown>;
}

/** The session in which the acts happen; its founder waits outside. */
const room = 'room';

/** Over the REST API of the original, which has them only with a database. */
const originalActs: readonly Act[] = [
  {
    what: 'an account that was added over REST',
    do: (killed) =>
      killed.rest('POST', '/api/accounts', {
        username: 'ann',
        password: 'first',
        locked: false,
        flags: 'HOST',
      }),
    check: async (killed, t) => t.is(await killed.login('ann', 'first'), 'ok'),
  },
  {
    what: 'a password that was changed over REST',
    async do(killed) {
      await killed.rest('PUT', `/api/accounts/${await killed.accountId('ann')}`, { password: 'second' });
    },
    async check(killed, t) {
      t.is(await killed.login('ann', 'first'), 'wrong');
      t.is(await killed.login('ann', 'second'), 'ok');
    },
  },
  {
    what: 'a lock over REST',
    async do(killed) {
      await killed.rest('PUT', `/api/accounts/${await killed.accountId('ann')}`, { locked: true });
    },
    check: async (killed, t) => t.is(await killed.login('ann', 'second'), 'locked'),
  },
  {
    what: 'an account that was removed over REST',
    do: async (killed) => killed.rest('DELETE', `/api/accounts/${await killed.accountId('ann')}`),
    check: async (killed, t) => t.is(await killed.login('ann', 'second'), 'unknown'),
  },
  {
    what: 'a ban over REST',
    do: (killed) =>
      killed.rest('POST', '/api/banlist', { ip: '192.0.2.9', subnet: 0, expires: '2099-01-01 00:00:00' }),
    async check(killed, t) {
      t.like(await killed.operation('ban.explain', { address: '192.0.2.9' }), { isBanned: true });
    },
  },
  {
    what: 'a setting over REST',
    do: (killed) => killed.rest('PUT', '/api/server', { serverTitle: 'Told over REST' }),
    async check(killed, t) {
      t.like(await killed.rest('GET', '/api/server'), { serverTitle: 'Told over REST' });
    },
  },
  {
    what: 'sections that were locked against changes, with a password',
    do: (killed) => killed.rest('PUT', '/api/locks', { sections: ['accounts'], password: 'key' }),
    async check(killed, t) {
      await t.throwsAsync(killed.rest('POST', '/api/accounts', { username: 'eve', password: 'x' }));
      await t.throwsAsync(killed.rest('PUT', '/api/locks', { sections: [], password: 'guess' }));
      await killed.rest('PUT', '/api/locks', { sections: [], password: 'key' });
    },
  },
];

const accountActs: readonly Act[] = [
  {
    what: 'an account that was added',
    do: (killed) => killed.operation('user.add', { name: 'bob', password: 'second', flags: ['HOST'] }),
    check: async (killed, t) => t.is(await killed.login('bob', 'second'), 'ok'),
  },
  {
    what: 'a password that dp user passwd has set',
    do: (killed) => killed.dp('third\n', 'user', 'passwd', 'bob', '--password-stdin'),
    async check(killed, t) {
      t.is(await killed.login('bob', 'second'), 'wrong');
      t.is(await killed.login('bob', 'third'), 'ok');
    },
  },
  {
    what: 'the lock of an account',
    do: (killed) => killed.operation('user.change', { key: { name: 'bob' }, isLocked: true }),
    check: async (killed, t) => t.is(await killed.login('bob', 'third'), 'locked'),
  },
  {
    what: 'the lock that dp user set has taken away',
    do: (killed) => killed.dp('', 'user', 'set', 'bob', '--unlock', '--mod'),
    async check(killed, t) {
      t.is(await killed.login('bob', 'third'), 'ok');
      const { flags } = await killed.operation<{ flags: string[] }>('user.get', { key: { name: 'bob' } });
      t.deepEqual(flags.toSorted(), ['HOST', 'MOD']);
    },
  },
  {
    what: 'the removal of an account',
    do: (killed) => killed.operation('user.remove', { key: { name: 'bob' } }),
    check: async (killed, t) => t.is(await killed.login('bob', 'third'), 'unknown'),
  },
  {
    what: 'a ban of an address',
    do: (killed) => killed.operation('ban.add', { kind: 'ip', address: '192.0.2.7' }),
    async check(killed, t) {
      t.like(await killed.operation('ban.explain', { address: '192.0.2.7' }), { isBanned: true });
    },
  },
  {
    what: 'a setting',
    do: (killed) => killed.operation('config.change', { set: { serverTitle: 'Told' } }),
    async check(killed, t) {
      t.like(await killed.rest('GET', '/api/server'), { serverTitle: 'Told' });
    },
  },
];

/** In the order in which they are done; each goes on from the one before. */
function sessionActs(): readonly Act[] {
  let secret = '';
  return [
    {
      what: 'the password that dp session set gave a session',
      do: (killed) => killed.dp('', 'session', 'set', room, 'password=one'),
      async check(killed, t) {
        t.is(await killed.refusal(room), 'badPassword');
        t.is(await killed.refusal(room, { password: 'one' }), undefined);
      },
    },
    {
      what: 'the password that an operation changed',
      do: (killed) => killed.operation('session.set', { session: room, change: { password: 'two' } }),
      async check(killed, t) {
        t.is(await killed.refusal(room, { password: 'one' }), 'badPassword');
        t.is(await killed.refusal(room, { password: 'two' }), undefined);
      },
    },
    {
      what: 'the password that the REST API changed',
      do: (killed) => killed.rest('PUT', `/api/sessions/${room}`, { password: 'three' }),
      async check(killed, t) {
        t.is(await killed.refusal(room, { password: 'two' }), 'badPassword');
        t.is(await killed.refusal(room, { password: 'three' }), undefined);
      },
    },
    {
      what: 'an invite, made over REST',
      async do(killed) {
        ({ secret } = await killed.rest<{ secret: string }>('POST', `/api/sessions/${room}/invites`, {
          maxUses: 1,
        }));
      },
      async check(killed, t) {
        t.is(await killed.refusal(room), 'badPassword');
        const { invites } = await killed.rest<{ invites: JsonObject[] }>(
          'GET',
          `/api/sessions/${room}/invites`,
        );
        t.true(invites.some((invite) => invite.secret === secret));
      },
    },
    {
      what: 'the use of an invite',
      async do(killed) {
        await Client.join(killed.server.port, room, { name: 'invited', invite: secret, patience });
      },
      check: async (killed, t) =>
        t.not(await killed.refusal(room, { name: 'second', invite: secret }), undefined),
    },
    {
      what: 'an invite that was taken back',
      do: (killed) => killed.operation('session.uninvite', { session: room, secret }),
      async check(killed, t) {
        const { invites } = await killed.rest<{ invites: JsonObject[] }>(
          'GET',
          `/api/sessions/${room}/invites`,
        );
        t.deepEqual(invites, []);
      },
    },
    {
      what: 'the password that was taken away',
      do: (killed) => killed.operation('session.set', { session: room, change: { password: '' } }),
      check: async (killed, t) => t.is(await killed.refusal(room), undefined),
    },
    {
      what: 'an invite, made in the session',
      async do(killed) {
        const founder = await killed.joins(room, 'founder');
        founder.command('invite-create', [], { maxUses: 1, op: true });
        secret = (await founder.reply('invitecreated')).secret as string;
      },
      async check(killed, t) {
        const guest = await Client.join(killed.server.port, room, { name: 'op', invite: secret, patience });
        await guest.next(
          (message) => message.type === messageType.owners && message.payload.includes(guest.userId),
        );
        t.true(isListed(guest, messageType.owners));
      },
    },
    {
      what: 'guests who were made operator, trusted and muted',
      async do(killed) {
        const founder = await killed.joins(room, 'founder');
        const [friend, helper, pest] = await Promise.all(
          ['friend', 'helper', 'pest'].map((name) => killed.joins(room, name)),
        );
        founder.setOwners(founder.userId, friend!.userId);
        founder.setTrusted(helper!.userId);
        founder.command('mute', [pest!.userId, true]);
        await founder.next((message) => {
          const muted = (jsonOf(message)?.config as { muted?: number[] } | undefined)?.muted;
          return muted?.includes(pest!.userId) ?? false;
        });
      },
      async check(killed, t) {
        // The stranger comes first, and gets nothing by that.
        const people = [];
        for (const name of ['stranger', 'friend', 'helper', 'pest'])
          people.push(await killed.joins(room, name));
        for (const person of people) await person.ping();
        t.deepEqual(
          people.map((person) => isListed(person, messageType.owners)),
          [false, true, false, false],
        );
        t.deepEqual(
          people.map((person) => isListed(person, messageType.trusted)),
          [false, false, true, false],
        );
        const pest = people[3]!;
        const muted = pest.log.flatMap(
          (message) => (jsonOf(message)?.config as { muted?: number[] } | undefined)?.muted ?? [],
        );
        t.true(muted.includes(pest.userId));
      },
    },
    {
      what: 'a guest who is operator no more',
      async do(killed) {
        const founder = await killed.joins(room, 'founder');
        const friend = await killed.joins(room, 'friend');
        founder.setOwners(founder.userId);
        await friend.next(
          (message) => message.type === messageType.owners && !message.payload.includes(friend.userId),
        );
      },
      async check(killed, t) {
        const founder = await killed.joins(room, 'founder');
        const friend = await killed.joins(room, 'friend');
        await friend.ping();
        t.false(isListed(friend, messageType.owners));
        t.true(isListed(founder, messageType.owners));
      },
    },
    {
      what: 'an operator by the REST API',
      async do(killed) {
        const helper = await killed.joins(room, 'helper');
        await killed.rest('PUT', `/api/sessions/${room}/${helper.userId}`, { op: true });
      },
      async check(killed, t) {
        const helper = await killed.joins(room, 'helper');
        await helper.ping();
        t.true(isListed(helper, messageType.owners));
      },
    },
  ];
}

async function run(t: ExecutionContext, acts: readonly Act[], flags: readonly string[], folder: string) {
  const killed = new Killed(t, folder, flags);
  await killed.start();
  await killed.operation('config.change', { set: { persistence: 'true' } });
  const founder = await Client.host(killed.server.port, {
    name: 'founder',
    alias: room,
    settings: { persistent: true },
    patience,
  });
  await founder.ping();
  for (const act of acts) {
    await act.do(killed);
    await killed.restart();
    t.log(act.what);
    await act.check(killed, t);
  }
  killed.server.kill('SIGKILL');
  await killed.server.ended;
}

function writableFolder(t: ExecutionContext): string {
  const folder = tempFolder(t);
  // Started as root, the server is somebody else by the time it writes here.
  chmodSync(folder, 0o777);
  return folder;
}

for (const durability of ['os', 'sync']) {
  test(`what was answered as done in a session is there after a kill at once, durability ${durability}`, async (t) => {
    t.timeout(600_000);
    await run(t, sessionActs(), ['--durability', durability], writableFolder(t));
  });
}

test('what was answered as done about accounts, bans, settings and locks is there after a kill at once: a database', async (t) => {
  t.timeout(600_000);
  await run(t, [...accountActs, ...originalActs], [], writableFolder(t));
});

test('what was answered as done about accounts, bans and settings is there after a kill at once: a settings file', async (t) => {
  t.timeout(600_000);
  const folder = writableFolder(t);
  await run(t, accountActs, ['--config', join(folder, 'dp.conf')], folder);
});
