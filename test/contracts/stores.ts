// What every Stores must do, run against each implementation: in memory, and on SQLite as a command and as a server use it.
import type { ExecutionContext, TestFn } from 'ava';
import {
  keepExpiredMs,
  type LogRow,
  loginsAtMost,
  type NewBan,
  reportsAtMost,
  type StoredBan,
  type Stores,
} from '../../src/lib/admin/needs.js';
import { Refusal } from '../../src/lib/core/errors.js';
import type { Change } from '../../src/lib/core/session/change.js';
import type { LogEntry } from '../../src/lib/core/session/needs.js';

export interface StoresUnderTest {
  stores: Stores;
  /** Writes to the log that the stores show. */
  append(entries: readonly LogEntry[]): Promise<void> | void;
}

export type MakeStores = (t: ExecutionContext) => Promise<StoresUnderTest> | StoresUnderTest;

const at = Date.UTC(2026, 4, 1, 12);
const address = { kind: 'ip' as const, address: '192.0.2.7', bits: 32, expires: undefined, comment: 'spam' };
const client: NewBan = {
  kind: 'client',
  sid: '0123456789abcdef0123456789abcdef',
  reaction: 'normal',
  reason: 'told',
  expires: at + 86_400_000,
  comment: '',
};
const person: NewBan = {
  kind: 'user',
  userId: 42,
  reaction: 'neterror',
  reason: 'told',
  expires: at + 86_400_000,
  comment: '',
};

const notice = {
  when: at,
  session: '01m8hdhttxh5gtea7j0bgk4zzz',
  title: 'A house',
  reporter: { name: 'anna', address: '192.0.2.1', isRegistered: true },
  about: { user: 3, name: 'bob', address: '192.0.2.7', sid: '0123456789abcdef0123456789abcdef' },
  text: 'draws over everything',
  chat: [{ when: at, user: 3, name: 'bob', text: 'ha', isAction: true }],
};

const account = (name: string) => ({ name, password: 'plain;pw', isLocked: false, flags: ['HOST'] });

export function testStores(test: TestFn, name: string, make: MakeStores): void {
  const each = (title: string, run: (t: ExecutionContext, under: StoresUnderTest) => Promise<void>) =>
    test(`${name}: ${title}`, async (t) => run(t, await make(t)));

  each(
    'settings are texts by name; several change at once, and what is undefined goes',
    async (t, { stores }) => {
      t.is((await stores.settings.all()).size, 0);
      await stores.settings.change(
        new Map([
          ['serverTitle', 'Ink'],
          ['nobodyKnowsThis', 'ü = "x"; #'],
        ]),
      );
      t.is((await stores.settings.all()).get('serverTitle'), 'Ink');
      t.is((await stores.settings.all()).get('nobodyKnowsThis'), 'ü = "x"; #');
      await stores.settings.change(
        new Map([
          ['serverTitle', undefined],
          ['idleTimeLimit', ''],
          ['neverThere', undefined],
        ]),
      );
      const settings = await stores.settings.all();
      t.false(settings.has('serverTitle'));
      t.is(settings.get('idleTimeLimit'), '');
      t.is(settings.get('nobodyKnowsThis'), 'ü = "x"; #');
    },
  );

  each(
    'accounts are in the order in which they came, and names are taken as they are written',
    async (t, { stores }) => {
      const { accounts } = stores;
      const ann = await accounts.add(account('ann'));
      const other = await accounts.add(account('Ann'));
      t.not(ann.id, other.id);
      const error = await t.throwsAsync(async () => accounts.add(account('ann')), { instanceOf: Refusal });
      t.is((error as Refusal).kind, 'conflict');
      t.deepEqual(await accounts.all(), [ann, other]);
      t.like(ann, account('ann'));
    },
  );

  each('an account changes in what is said, and not into the name of another', async (t, { stores }) => {
    const { accounts } = stores;
    const ann = await accounts.add(account('ann'));
    const bob = await accounts.add(account('bob'));
    t.true(await accounts.change(bob.id, { isLocked: true, flags: ['MOD', 'HOST'] }));
    t.deepEqual((await accounts.all())[1], { ...bob, isLocked: true, flags: ['MOD', 'HOST'] });
    await t.throwsAsync(async () => accounts.change(bob.id, { name: 'ann', password: 'x' }), {
      instanceOf: Refusal,
    });
    t.is((await accounts.all())[1]!.password, bob.password, 'all or nothing');
    t.true(await accounts.change(bob.id, { name: 'bob' }), 'its own name is free for it');
    t.true(await accounts.remove(ann.id));
    t.true(await accounts.change(bob.id, { name: 'ann', flags: [] }));
    t.deepEqual(await accounts.all(), [{ ...bob, name: 'ann', isLocked: true, flags: [] }]);
  });

  each('what is not there is neither changed nor removed', async (t, { stores }) => {
    const { accounts, bans } = stores;
    t.false(await accounts.change(4711, { isLocked: true }));
    t.false(await accounts.remove(4711));
    t.false(await bans.change('ip', 4711, { comment: 'x' }));
    t.false(await bans.change('client', 4711, { comment: 'x' }));
    t.is(await bans.remove([{ kind: 'user', id: 4711 }]), 0);
  });

  each('bans of each kind come back as they were made', async (t, { stores }) => {
    const made: StoredBan[] = [];
    for (const ban of [address, client, person]) made.push(await stores.bans.add(ban));
    const key = ({ kind, id }: StoredBan) => `${kind}:${id}`;
    const sorted = (all: readonly StoredBan[]) => [...all].sort((a, b) => (key(a) < key(b) ? -1 : 1));
    const stored = sorted(await stores.bans.all());
    t.is(new Set(stored.map(key)).size, 3);
    const expected = new Map([address, client, person].map((ban) => [ban.kind, ban]));
    for (const ban of stored) {
      t.like(ban, expected.get(ban.kind)!);
      t.truthy(ban.added);
      t.is(key(made.find(({ kind }) => kind === ban.kind)!), key(ban));
    }
  });

  each('the same address again is the ban that is there', async (t, { stores }) => {
    const first = await stores.bans.add(address);
    const again = await stores.bans.add({ ...address, comment: 'again' });
    t.is(again.id, first.id);
    t.is(again.comment, 'spam');
    const wider = await stores.bans.add({ ...address, address: '192.0.2.0', bits: 24 });
    t.not(wider.id, first.id);
    t.is((await stores.bans.all()).length, 2);
  });

  each('a ban changes in what its kind has, and is removed once', async (t, { stores }) => {
    const { bans } = stores;
    const one = await bans.add(address);
    const two = await bans.add(client);
    t.true(await bans.change('ip', one.id, { expires: at, comment: 'less' }));
    t.true(await bans.change('client', two.id, { expires: undefined, reason: 'other', reaction: 'garbage' }));
    const all = await bans.all();
    t.like(
      all.find(({ kind }) => kind === 'ip'),
      { address: '192.0.2.7', bits: 32, expires: at, comment: 'less' },
    );
    const changed = all.find(({ kind }) => kind === 'client');
    t.is(changed?.expires, undefined);
    t.like(changed, { reason: 'other', reaction: 'garbage' });
    const both = [
      { kind: 'ip' as const, id: one.id },
      { kind: 'client' as const, id: two.id },
    ];
    t.is(await bans.remove(both), 2);
    t.is(await bans.remove(both), 0);
    t.deepEqual(await bans.all(), []);
  });

  each('the list of list servers is replaced as a whole', async (t, { stores }) => {
    await stores.listServers.replace(['https://a.example/', 'https://b.example/']);
    t.deepEqual(await stores.listServers.all(), ['https://a.example/', 'https://b.example/']);
    await stores.listServers.replace(['https://b.example/']);
    t.deepEqual(await stores.listServers.all(), ['https://b.example/']);
    await stores.listServers.replace([]);
    t.deepEqual(await stores.listServers.all(), []);
  });

  each('the log is searched by everything that it has', async (t, { stores, append }) => {
    const user = { id: 3, ip: '192.0.2.7', name: 'Änn; the second' };
    await append([
      { time: at, level: 'info', topic: 'Join', message: 'Joined', user, session: 'AB12' },
      { time: at + 1000, level: 'warn', topic: 'Kick', message: 'Put Out ÜBER there' },
      { time: at + 2000, level: 'debug', topic: 'Status', message: '100% _done_' },
    ]);
    const found = async (filter: Parameters<NonNullable<Stores['log']>['query']>[0]) =>
      (await stores.log!.query(filter)).map(({ message }) => message);
    const order = 'oldest';
    const [joined, out, done] = ['Joined', 'Put Out ÜBER there', '100% _done_'] as const;
    t.deepEqual(await found({ order }), [joined, out, done]);
    t.deepEqual(await found({ order: 'newest', limit: 2 }), [done, out]);
    t.deepEqual(await found({ order, skip: 1, limit: 1 }), [out]);
    t.deepEqual(await found({ order, from: at + 1000 }), [out, done]);
    t.deepEqual(await found({ order, until: at + 1000 }), [joined]);
    t.deepEqual(await found({ order, level: 'warn' }), [out]);
    t.deepEqual(await found({ order, contains: 'über' }), [out]);
    t.deepEqual(await found({ order, contains: '%' }), [done]);
    t.deepEqual(await found({ order, names: ['änn; the second'] }), [joined]);
    t.deepEqual(await found({ order, addresses: ['192.0.2.7'] }), [joined]);
    t.deepEqual(await found({ order, sessions: ['ab12'] }), [joined]);
    t.deepEqual(await found({ order, user: '7;ÄN' }), [joined]);
    t.deepEqual(await found({ order, topics: ['Kick', 'Status'] }), [out, done]);
    t.deepEqual(await found({ order, names: ['nobody'] }), []);
    const rows: readonly LogRow[] = await stores.log!.query({ order });
    t.deepEqual(rows[0]!.user, user);
    t.true(rows.every(({ id }, index) => index === 0 || id > rows[index - 1]!.id));
    t.deepEqual(await found({ order, afterId: rows[1]!.id }), [done]);
    t.is(await stores.log!.purge(at + 1000), 1);
    t.deepEqual(await found({ order }), [out, done]);
    t.is(await stores.log!.purge(at), 0);
  });

  each('the audit trail is searched by everything that it has', async (t, { stores }) => {
    const audit = stores.audit!;
    t.deepEqual(await audit.query({ order: 'oldest' }), []);
    t.is(await audit.purge(at), 0);
    const changes: Change[] = [
      {
        when: at,
        actor: { kind: 'operator', name: 'Änn' },
        address: '192.0.2.7',
        what: 'session.kick',
        on: { kind: 'user', name: 'Bob', session: 'AB12' },
        after: { reason: "it's ÜBER" },
      },
      {
        when: at + 1000,
        actor: { kind: 'administrator', name: '' },
        address: '',
        what: 'session.set',
        on: { kind: 'session', name: 'cd34' },
        before: { title: 'a', nested: { list: [1, null] } },
        after: { title: '100% _done_' },
      },
      {
        when: at + 2000,
        actor: { kind: 'rule', name: 'idle' },
        address: '',
        what: 'sessions',
        on: { kind: 'server', name: '' },
      },
    ];
    await audit.append(changes.slice(0, 2));
    await audit.append(changes.slice(2));
    const order = 'oldest';
    const all = await audit.query({ order });
    t.deepEqual(
      all.map(({ id: _, ...change }) => change),
      changes,
    );
    t.true(all.every(({ id }, index) => index === 0 || id > all[index - 1]!.id));
    const [kick, set, other] = [0, 1, 2];
    const found = async (filter: Omit<Parameters<typeof audit.query>[0], 'order'>) =>
      (await audit.query({ order, ...filter })).map(({ when }) => (when - at) / 1000);
    t.deepEqual(await found({ from: at + 1000 }), [set, other]);
    t.deepEqual(await found({ until: at + 1000 }), [kick]);
    t.deepEqual(await found({ afterId: all[1]!.id }), [other]);
    t.deepEqual(await found({ by: ['änn'] }), [kick]);
    t.deepEqual(await found({ by: ['rule', 'Administrator'] }), [set, other]);
    t.deepEqual(await found({ by: [] }), []);
    t.deepEqual(await found({ addresses: ['192.0.2.7'] }), [kick]);
    t.deepEqual(await found({ what: ['session.kick'] }), [kick]);
    t.deepEqual(await found({ what: ['session'] }), [kick, set]);
    t.deepEqual(await found({ what: ['session.k', '%'] }), []);
    t.deepEqual(await found({ what: [] }), []);
    t.deepEqual(await found({ on: ['bob', 'CD34'] }), [kick, set]);
    t.deepEqual(await found({ sessions: ['ab12'] }), [kick]);
    t.deepEqual(await found({ sessions: ['CD34'] }), [set]);
    t.deepEqual(await found({ contains: 'über' }), [kick]);
    t.deepEqual(await found({ contains: '%' }), [set]);
    t.deepEqual(await found({ skip: 1, limit: 1 }), [set]);
    t.deepEqual(
      (await audit.query({ order: 'newest', limit: 2 })).map(({ id }) => id),
      [all[2]!.id, all[1]!.id],
    );
    t.is(await audit.purge(at + 1000), 1);
    t.deepEqual(await found({}), [set, other]);
    await audit.append(changes.slice(0, 1));
    t.true((await audit.query({ order })).at(-1)!.id > all[2]!.id, 'numbers are never used again');
  });

  each(
    'a grant is found by its digest, used and removed once; names of tokens are unique',
    async (t, { stores }) => {
      const grants = stores.grants!;
      t.deepEqual(await grants.all(), []);
      t.is(await grants.find('d1'), undefined);
      t.false(await grants.remove(1));
      const token = {
        kind: 'token',
        name: 'bot',
        role: 'moderator',
        proof: '',
        created: at,
        expires: null,
      } as const;
      const login = {
        kind: 'login',
        name: 'bot',
        role: 'administrator',
        proof: 'p',
        created: at,
        expires: at + 1000,
      } as const;
      const [first, second] = [
        await grants.add({ ...token, digest: 'd1' }),
        await grants.add({ ...login, digest: 'd2' }),
      ];
      t.deepEqual(first, { ...token, digest: 'd1', id: first.id, lastUsed: null, lastAddress: '' });
      await t.throwsAsync(async () => grants.add({ ...token, digest: 'd3' }), { instanceOf: Refusal });
      await grants.use(first.id, at + 5, '192.0.2.7');
      t.like(await grants.find('d1'), { id: first.id, lastUsed: at + 5, lastAddress: '192.0.2.7' });
      t.deepEqual(
        (await grants.all()).map(({ id }) => id),
        [first.id, second.id],
      );
      t.true(await grants.remove(first.id));
      t.false(await grants.remove(first.id));
      await grants.add({ ...token, digest: 'soon', expires: at + 1000 });
      await grants.add({ ...token, name: 'kept', digest: 'kept', created: at + 2000 });
      t.truthy(await grants.find('d2'), 'what has expired is kept: the clock may have been set wrong');
      t.truthy(await grants.find('soon'));
      await grants.add({ ...token, digest: 'now', created: at + 2000, expires: at + 9000 });
      t.is(await grants.find('soon'), undefined, 'but the name of an expired token is free');
      t.true(await grants.remove((await grants.find('kept'))!.id));
      const much = at + 9000 + keepExpiredMs;
      const again = await grants.add({ ...token, digest: 'd3', created: much });
      t.true(again.id > second.id);
      t.deepEqual(await grants.all(), [again], 'what has expired long ago is gone with the next one');
      const later = { ...login, created: much, expires: much + 9000 };
      await grants.add({ ...later, name: 'other', digest: 'other' });
      for (let i = 0; i < loginsAtMost + 5; i++) await grants.add({ ...later, digest: `many${i}` });
      t.is(
        (await grants.all()).filter(({ name, kind }) => name === 'bot' && kind === 'login').length,
        loginsAtMost,
      );
      t.is(await grants.find('many4'), undefined, 'the oldest have ended');
      t.truthy(await grants.find('many5'));
      t.truthy(await grants.find('other'), 'those of others have not');
      t.truthy(await grants.find('d3'), 'a token has not');
    },
  );

  each(
    'reports are open until one moderator closes them, and open again after that',
    async (t, { stores }) => {
      const reports = stores.reports!;
      t.deepEqual(await reports.query({}), []);
      t.is(await reports.get(1), undefined);
      t.false(await reports.close(1, { when: at, by: 'mia', comment: '' }));
      const first = await reports.add({ ...notice, text: 'first' });
      const second = await reports.add({ ...notice, about: undefined, text: 'second', chat: [] });
      t.deepEqual(first, { ...notice, text: 'first', id: first.id, closed: undefined });
      t.deepEqual(await reports.query({}), [second, first], 'the newest first');
      t.deepEqual(await reports.query({ limit: 1 }), [second]);
      const closed = { when: at + 5, by: 'mia', comment: 'banned' };
      t.true(await reports.close(first.id, closed));
      t.false(await reports.close(first.id, { ...closed, by: 'noa' }), 'somebody else was first');
      t.deepEqual((await reports.get(first.id))?.closed, closed);
      t.deepEqual(await reports.query({ isOpen: true }), [second]);
      t.deepEqual(await reports.query({ isOpen: false }), [{ ...first, closed }]);
      t.true(await reports.close(first.id, undefined));
      t.false(await reports.close(first.id, undefined));
      t.deepEqual(await reports.get(first.id), first);
    },
  );

  each('of too many reports closed ones go first, and never the newest', async (t, { stores }) => {
    const reports = stores.reports!;
    const oldest = await reports.add(notice);
    const closed = await reports.add(notice);
    await reports.close(closed.id, { when: at, by: '', comment: '' });
    for (let i = 2; i < reportsAtMost; i++) await reports.add({ ...notice, chat: [] });
    await reports.add(notice);
    t.is(await reports.get(closed.id), undefined);
    t.truthy(await reports.get(oldest.id));
    const newest = await reports.add(notice);
    t.is(await reports.get(oldest.id), undefined, 'then the oldest');
    t.truthy(await reports.get(newest.id));
    t.is((await reports.query({})).length, reportsAtMost);
  });

  each('notes are kept in their order until they are deleted', async (t, { stores }) => {
    const notes = stores.notes!;
    t.deepEqual(await notes.all(), []);
    t.false(await notes.remove(1));
    const note = {
      kind: 'name',
      target: "O'Hara; \u202e",
      text: 'was\nwarned',
      by: 'mia',
      when: at,
    } as const;
    const first = await notes.add(note);
    const second = await notes.add({ ...note, kind: 'address', target: '192.0.2.7' });
    t.deepEqual(first, { ...note, id: first.id });
    t.deepEqual(await notes.all(), [first, second]);
    t.true(await notes.remove(first.id));
    t.false(await notes.remove(first.id));
    t.true((await notes.add(note)).id > second.id, 'a number names one note for ever');
  });
}
