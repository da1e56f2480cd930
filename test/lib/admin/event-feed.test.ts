// Events for those who follow a server: what came, exactly once and in order, or an explicit gap.

import test from 'ava';
import { EventFeed, type Follower } from '../../../src/lib/admin/event-feed.js';
import type { LiveServer } from '../../../src/lib/admin/live.js';
import type { Change } from '../../../src/lib/core/session/change.js';
import type { ChatFollower } from '../../../src/lib/core/session/directory.js';
import type { LogEntry } from '../../../src/lib/core/session/needs.js';
import { RecentChat } from '../../../src/lib/core/session/recent-chat.js';
import type { Session } from '../../../src/lib/core/session/session.js';
import { ManualClock } from '../../helpers/manual-clock.js';
import { Seeded } from '../../helpers/seeded.js';

/** A server of which only what the feed looks at is there; changes are stored when the test says so. */
function makeFeed(limits?: ConstructorParameters<typeof EventFeed>[0]) {
  const clock = new ManualClock();
  const listeners = new Set<(entry: LogEntry) => void>();
  const watchers = new Set<object>();
  const chatFollowers = new Set<ChatFollower>();
  const state = {
    isReady: true,
    problems: [] as string[],
    isStored: true,
    certificate: undefined as unknown,
  };
  const waiting: (() => void)[] = [];
  let epoch = 0;
  const live = {
    clock,
    random: { bytes: () => new Uint8Array(6).fill(++epoch) },
    directory: {
      watch: (watcher: object) => watchers.add(watcher),
      unwatch: (watcher: object) => watchers.delete(watcher),
      chatFollowers,
      whenStored: (done: () => void) => (state.isStored ? done() : void waiting.push(done)),
    },
    settings: { subscribe: () => () => {} },
    follow(listener: (entry: LogEntry) => void) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    get isReady() {
      return state.isReady;
    },
    get problems() {
      return state.problems;
    },
    get certificate() {
      return state.certificate;
    },
  } as unknown as LiveServer;
  const feed = new EventFeed(limits);
  feed.attach(live);
  return {
    feed,
    clock,
    state,
    stored: () => {
      for (const done of waiting.splice(0)) done();
    },
    log: (entry: Partial<LogEntry>) => {
      for (const listener of listeners)
        listener({ time: 1, level: 'info', topic: 'Status', message: '', ...entry });
    },
    say: (session: object, text: string, flags = 0) => {
      for (const follower of chatFollowers) follower(session as Session, { id: 2, name: 'Mia' }, text, flags);
    },
    isIdle: () => listeners.size + watchers.size + chatFollowers.size === 0,
    turn: () => new Promise<void>((resolve) => setImmediate(() => setImmediate(resolve))),
  };
}

interface Seen {
  id: string;
  kind: string;
  data: Record<string, unknown>;
}

function makeFollower(more: Partial<Follower> = {}) {
  const seen: Seen[] = [];
  const state = { lastId: '', text: '', isEnded: false, may: true };
  const follower: Follower = {
    role: 'administrator',
    send(bytes) {
      state.text += bytes.toString();
      for (const block of bytes.toString().split('\n\n')) {
        const fields = new Map(
          block.split(/\r\n|\n|\r/).map((line): [string, string] => {
            const at = line.indexOf(': ');
            return [line.slice(0, at), line.slice(at + 2)];
          }),
        );
        const id = fields.get('id');
        if (id !== undefined) state.lastId = id;
        const data = fields.get('data');
        if (data !== undefined) seen.push({ id: id!, kind: fields.get('event')!, data: JSON.parse(data) });
      }
    },
    mayStay: async () => state.may,
    end: () => {
      state.isEnded = true;
    },
    ...more,
  };
  return { follower, seen, state };
}

const kick = (more: Partial<Change> = {}): Change => ({
  when: 5,
  actor: { kind: 'operator', name: 'alice' },
  address: '192.0.2.1',
  what: 'session.kick',
  on: { kind: 'user', name: 'bob', session: 's1' },
  ...more,
});

test('a change is an entry of the audit trail for administrators, and a person for moderators, without addresses', async (t) => {
  const { feed, turn } = makeFeed();
  const [all, some, few] = (['administrator', 'moderator', 'observer'] as const).map((role) =>
    makeFollower({ role }),
  );
  for (const { follower } of [all!, some!, few!]) feed.follow(follower, undefined);
  feed.changed([kick()]);
  await turn();
  t.deepEqual(
    all!.seen.map(({ kind }) => kind),
    ['audit', 'person'],
  );
  t.deepEqual(
    some!.seen.map(({ kind, data }) => [kind, data]),
    [['person', { when: 5, what: 'session.kick', session: 's1', name: 'bob' }]],
  );
  t.notRegex(some!.state.text, /192\.0\.2\.1/);
  t.deepEqual(few!.seen, []);
});

test('nothing is sent before what sessions wrote is stored', async (t) => {
  const { feed, state, stored, turn } = makeFeed();
  const { follower, seen } = makeFollower();
  feed.follow(follower, undefined);
  state.isStored = false;
  feed.changed([kick()]);
  await turn();
  t.is(seen.length, 0);
  stored();
  t.is(seen.length, 2);
});

test('nothing is followed or kept while nobody listens, and for a while after the last one left', async (t) => {
  const { feed, clock, isIdle, turn, log } = makeFeed();
  t.true(isIdle());
  const first = makeFollower();
  const stop = feed.follow(first.follower, undefined);
  t.false(isIdle());
  stop();
  log({ message: 'missed' });
  await turn();
  const again = makeFollower();
  feed.follow(again.follower, first.state.lastId)();
  t.deepEqual(
    again.seen.map(({ data }) => data.message),
    ['missed'],
  );
  clock.advance(5 * 60_000);
  t.true(isIdle());
  t.is(feed.keptBytes, 0);
  t.is(clock.waiting, 0);
  const late = makeFollower();
  feed.follow(late.follower, again.state.lastId);
  t.deepEqual(
    late.seen.map(({ kind }) => kind),
    ['gap'],
  );
  feed.close();
});

for (const id of ['x', '0-0', '010101010101-9', '010101010101--1', '010101010101-1e9'])
  test(`an id that is not one of this recording is a gap: ${id}`, (t) => {
    const { feed } = makeFeed();
    const { follower, seen, state } = makeFollower();
    feed.follow(follower, id);
    t.deepEqual(
      seen.map(({ kind }) => kind),
      ['gap'],
    );
    t.is(state.lastId, '010101010101-0');
  });

test('what is kept is bounded in number and in bytes', async (t) => {
  const { feed, log, turn } = makeFeed({ events: 10, bytes: 2_000, replayBytes: 2_000, keptMs: 1 });
  const { follower, state, seen } = makeFollower();
  feed.follow(follower, undefined);
  const start = state.lastId;
  for (let at = 0; at < 100; at++) log({ message: 'x'.repeat(at) });
  await turn();
  t.is(seen.length, 100);
  t.true(feed.keptBytes <= 2_000);
  const back = makeFollower();
  feed.follow(back.follower, start);
  t.deepEqual(
    back.seen.map(({ kind }) => kind),
    ['gap'],
  );
});

test('who missed more than is sent at once gets a gap instead', async (t) => {
  const { feed, log, turn } = makeFeed({ events: 100, bytes: 100_000, replayBytes: 1_000, keptMs: 1 });
  const { follower, state } = makeFollower();
  feed.follow(follower, undefined);
  const start = state.lastId;
  log({ message: 'x'.repeat(300) });
  await turn();
  const few = makeFollower();
  feed.follow(few.follower, start);
  t.deepEqual(
    few.seen.map(({ kind }) => kind),
    ['log'],
  );
  for (let at = 0; at < 3; at++) log({ message: 'x'.repeat(300) });
  await turn();
  const many = makeFollower();
  feed.follow(many.follower, start);
  t.deepEqual(
    many.seen.map(({ kind }) => kind),
    ['gap'],
  );
  const other = makeFollower({ kinds: new Set(['ban']) });
  feed.follow(other.follower, start);
  t.deepEqual(other.seen, []);
});

/** Five who are sent something one after the other, each a turn later. */
function makeCrowd() {
  const made = makeFeed({ followersPerTurn: 1, events: 3 });
  const crowd = Array.from({ length: 5 }, () => makeFollower({ kinds: new Set(['log']) }));
  for (const { follower } of crowd) made.feed.follow(follower, undefined);
  const seen = () => crowd.map(({ seen }) => seen.map(({ kind, data }) => data.message ?? kind).join());
  return { ...made, seen, log: (message: string) => made.log({ message }) };
}

test('followers are sent events a few at a time, each event once and in order, and nobody is left behind', async (t) => {
  const { log, turn, clock, seen, feed } = makeCrowd();
  log('a');
  await turn();
  t.deepEqual(seen(), ['a', '', '', '', '']);
  clock.advance(1);
  t.deepEqual(seen(), ['a', 'a', '', '', '']);
  log('b');
  await turn();
  t.deepEqual(seen(), ['a', 'a', 'a,b', '', ''], 'who has waited for longest is next');
  const late = makeFollower();
  feed.follow(late.follower, undefined);
  clock.advance(4);
  t.deepEqual(seen(), Array(5).fill('a,b'));
  t.deepEqual(late.seen, []);
  t.is(clock.waiting, 2, 'heartbeat and health');
});

test('who has not been sent everything yet is, before it is forgotten, a gap, a heartbeat and the end', async (t) => {
  const forgotten = makeCrowd();
  for (const text of ['a', 'b']) forgotten.log(text);
  await forgotten.turn();
  for (const text of ['c', 'd', 'e']) forgotten.log(text);
  await forgotten.turn();
  t.deepEqual(forgotten.seen(), Array(5).fill('a,b,c,d,e'));

  const ends: [string, (crowd: ReturnType<typeof makeCrowd>) => void][] = [
    ['a,gap', ({ feed }) => feed.lost()],
    ['a', ({ clock }) => clock.advance(20_000)],
    ['a', ({ feed }) => feed.close()],
  ];
  for (const [expected, end] of ends) {
    const crowd = makeCrowd();
    crowd.log('a');
    await crowd.turn();
    end(crowd);
    t.deepEqual(crowd.seen(), Array(5).fill(expected));
  }
});

test('texts that break lines or are no text do not break the framing', async (t) => {
  const { feed, log, turn } = makeFeed();
  const { follower, seen, state } = makeFollower({ kinds: new Set(['log']) });
  feed.follow(follower, undefined);
  const hostile = [
    'a\n\ndata: {"x":1}\n\n',
    'a\r\rid: 9\r',
    '\u2028\u2029\u0085',
    '\ud800 \udc00',
    '\0:',
    '</script>',
  ];
  for (const message of hostile) log({ message });
  await turn();
  t.deepEqual(
    seen.map(({ data }) => data.message),
    hostile,
  );
  t.notRegex(state.text, /[\r\u2028\u2029\u0085\ufffd\0]/);
});

test('each gets what is about its session and of its kinds only', async (t) => {
  const { feed, turn } = makeFeed();
  const { follower, seen } = makeFollower({ session: 's2', kinds: new Set(['person', 'ban']) });
  feed.follow(follower, undefined);
  feed.changed([
    kick(),
    kick({ on: { kind: 'user', name: 'eve', session: 's2' } }),
    kick({ what: 'session.ban', on: { kind: 'user', name: 'eve', session: 's2' } }),
  ]);
  await turn();
  t.deepEqual(
    seen.map(({ kind, data }) => `${kind} ${data.name}`),
    ['person eve', 'person eve', 'ban eve'],
  );
});

test('who may not follow any more is dismissed when an account, token or login changes, and at a heartbeat', async (t) => {
  const { feed, clock, turn } = makeFeed();
  const one = makeFollower();
  const other = makeFollower();
  feed.follow(one.follower, undefined);
  feed.follow(other.follower, undefined);
  one.state.may = false;
  feed.changed([kick()]);
  await turn();
  t.false(one.state.isEnded);
  feed.changed([kick({ what: 'token.revoke', on: { kind: 'token', name: 'bot' } })]);
  await turn();
  t.true(one.state.isEnded);
  t.false(other.state.isEnded);
  other.state.may = false;
  clock.advance(20_000);
  await turn();
  t.true(other.state.isEnded);
  t.regex(other.state.text, /^:$/m);
  t.is(feed.count, 0);
});

test('readiness and its reasons are an event when they change', async (t) => {
  const { feed, clock, state, turn } = makeFeed();
  const { follower, seen } = makeFollower({ role: 'observer' });
  feed.follow(follower, undefined);
  clock.advance(3_000);
  await turn();
  t.is(seen.length, 0);
  state.isReady = false;
  state.problems = ['disk full'];
  clock.advance(2_000);
  await turn();
  t.deepEqual(
    seen.map(({ kind, data }) => [kind, data.isReady, data.problems]),
    [['health', false, ['disk full']]],
  );
});

test('the end of the server ends every stream, and nobody follows afterwards', (t) => {
  const { feed, clock } = makeFeed();
  const one = makeFollower();
  feed.follow(one.follower, undefined);
  feed.close();
  t.true(one.state.isEnded);
  const late = makeFollower();
  feed.follow(late.follower, undefined);
  t.true(late.state.isEnded);
  t.is(clock.waiting, 0);
});

for (let seed = 1; seed <= 20; seed++)
  test(`changes and reconnects in any order: each event once and in order, or a gap (seed ${seed})`, async (t) => {
    const random = new Seeded(seed);
    const below = (n: number) => random.below(n);
    const { feed, log, turn, clock } = makeFeed({
      followersPerTurn: 1 + below(4),
      events: 5 + below(20),
      bytes: 100_000,
      replayBytes: 100_000,
      keptMs: 1e9,
    });
    let made = 0;
    const anchor = makeFollower();
    feed.follow(anchor.follower, undefined);
    const clients = [1, 2, 3].map(() => {
      const { follower, seen, state } = makeFollower({ kinds: new Set(['log']) });
      return { follower, seen, state, stop: undefined as (() => void) | undefined, id: anchor.state.lastId };
    });
    for (let step = 0; step < 200; step++) {
      const client = clients[below(clients.length)]!;
      if (below(3) > 0) for (let n = below(4); n > 0; n--) log({ message: String(made++) });
      else if (client.stop) {
        client.stop();
        client.stop = undefined;
        client.id = client.state.lastId;
      } else client.stop = feed.follow(client.follower, client.id);
      if (below(2) === 0) await turn();
      if (below(2) === 0) clock.advance(1);
    }
    log({ message: String(made++) });
    await turn();
    clock.advance(4);
    for (const { seen, stop } of clients) {
      if (stop) t.is(Number(seen.at(-1)!.data.message), made - 1);
      let next = 0;
      for (const { kind, data } of seen) {
        if (kind === 'gap') next = -1;
        else {
          const number = Number(data.message);
          if (next === -1) next = number;
          t.is(number, next);
          next = number + 1;
        }
      }
    }
    feed.close();
  });

test('chat is sent to moderators when it is stored, in its order, and no session waits for another', async (t) => {
  const { feed, say, turn, clock } = makeFeed();
  const moderator = makeFollower({ role: 'moderator' });
  const observer = makeFollower({ role: 'observer' });
  feed.follow(moderator.follower, undefined);
  feed.follow(observer.follower, undefined);
  const slow = {
    id: 's1',
    isEnded: false,
    recentChat: new RecentChat(),
    history: { lastIndex: 5, readableIndex: 4 },
  };
  const quick = {
    id: 's2',
    isEnded: false,
    recentChat: new RecentChat(),
    history: { lastIndex: 9, readableIndex: 9 },
  };
  say(slow, 'one');
  say(slow, 'waves', 2);
  say(quick, 'hello');
  await turn();
  const texts = () => moderator.seen.map(({ data }) => data.text);
  t.deepEqual(texts(), ['hello']);
  slow.history.readableIndex = 5;
  clock.advance(100);
  await turn();
  t.deepEqual(texts(), ['hello', 'one', 'waves']);
  const [, first, second] = moderator.seen.map(({ data }) => data);
  t.is(first!.isAction, undefined);
  t.is(second!.isAction, true);
  t.like(first, { session: 's1', name: 'Mia', user: 2 });
  t.deepEqual(observer.seen, []);
});

test('who was sent nothing for a while continues after the newest event, without a gap', async (t) => {
  const { feed, log, turn, clock } = makeFeed({
    events: 5,
    bytes: 100_000,
    replayBytes: 100_000,
    keptMs: 60_000,
  });
  const quiet = makeFollower({ kinds: new Set(['chat']) });
  const stop = feed.follow(quiet.follower, undefined);
  for (let i = 0; i < 20; i++) log({ message: `line ${i}` });
  await turn();
  clock.advance(20_000);
  stop();
  const again = makeFollower({ kinds: new Set(['chat']) });
  feed.follow(again.follower, quiet.state.lastId);
  t.deepEqual(again.seen, []);
});

test('a certificate that is renewed, or of which an order failed, is an event of the health', async (t) => {
  const { feed, clock, state, turn } = makeFeed();
  const facts = { validUntil: 5_000, isSelfSigned: true };
  const failures: { message: string }[] = [];
  state.certificate = { facts, renewal: { progress: { failures } } };
  const { follower, seen } = makeFollower({ role: 'observer' });
  feed.follow(follower, undefined);
  const health = async () => {
    clock.advance(1_000);
    await turn();
    return seen.filter(({ kind }) => kind === 'health').map(({ data }) => data.certificate);
  };
  t.deepEqual(await health(), []);
  failures.push({ message: 'the authority cannot reach port 80' });
  const failed = { ...facts, problems: ['the authority cannot reach port 80'] };
  t.deepEqual(await health(), [failed]);
  failures.pop();
  state.certificate = { facts: { validUntil: 9_000, isSelfSigned: false }, renewal: undefined };
  t.deepEqual(await health(), [failed, { validUntil: 9_000, isSelfSigned: false, problems: [] }]);
  state.certificate = undefined;
  t.is((await health()).at(-1), null);
  t.is((await health()).length, 3);
});

test('what has no entry in the audit trail is no event of the audit trail', async (t) => {
  const { feed, turn } = makeFeed();
  const { follower, seen } = makeFollower();
  feed.follow(follower, undefined);
  seen.length = 0;
  feed.changedWithoutEntry({
    when: 1,
    what: 'session.kick',
    actor: { kind: 'user', name: 'Mia' },
    address: '',
    on: { kind: 'user', name: 'Bob', session: 's1' },
  } as unknown as Change);
  await turn();
  t.deepEqual(
    seen.map(({ kind }) => kind),
    ['person'],
  );
});

test('changes that could not be stored are a gap, for those who are there and for those who come back', async (t) => {
  const { feed, log, turn } = makeFeed();
  const { follower, seen, state } = makeFollower();
  const leave = feed.follow(follower, undefined);
  log({ message: 'before' });
  await turn();
  const before = state.lastId;
  feed.lost();
  t.is(seen.at(-1)?.kind, 'gap');
  const after = state.lastId;
  t.not(after, before);
  log({ message: 'after' });
  await turn();
  leave();
  const late = makeFollower();
  feed.follow(late.follower, before);
  t.is(late.seen[0]?.kind, 'gap');
  const prompt = makeFollower();
  feed.follow(prompt.follower, after);
  t.deepEqual(
    prompt.seen.filter(({ kind }) => kind !== '').map(({ kind }) => kind),
    ['log'],
  );
});
