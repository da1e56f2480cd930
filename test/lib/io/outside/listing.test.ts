// Sessions at list servers: the recorded cases against a mock server, then what we do better, by a hand-moved clock.

import * as fs from 'node:fs';
import test, { type ExecutionContext } from 'ava';
import type { ListedSession, ListingFacts, LogEntry } from '../../../../src/lib/core/session/needs.js';
import { HttpClient } from '../../../../src/lib/io/outside/http-client.js';
import { HttpListings } from '../../../../src/lib/io/outside/listing.js';
import { ManualClock } from '../../../helpers/manual-clock.js';
import {
  type AskedRequest,
  type MockAnswer,
  type MockReply,
  MockServer,
} from '../../../helpers/mock-server.js';
import { until } from '../../../helpers/until.js';

// ---- the recorded cases

interface RecordedRequest {
  method: string;
  path: string;
  headers: Record<string, string>;
  body: Record<string, unknown> | '';
  reply: MockReply;
}

interface ClientMessage {
  type: string;
  message?: string;
  config?: { announcements?: { url: string }[] };
}

interface Vector {
  args?: string[];
  whitelist?: string[];
  requests: RecordedRequest[];
  clientMessages?: ClientMessage[];
  clientMessagesA?: ClientMessage[];
  clientMessagesB?: ClientMessage[];
  listingsAfter?: { id: number; url: string }[];
}

interface Difference {
  text?: string;
  refusal?: string;
  isRedacted?: true;
  isKept?: true;
  why: string;
}

/** Where we mean to differ: file, what we say or do instead, clause. */
const differences: Record<string, Difference> = {
  'announce-400nomsg': {
    text: 'Listing on 127.0.0.1 failed: Http error 400 (no explanation given)',
    why: 'upstream prints a literal %d, http.md §2.2',
  },
  'announce-404': {
    text: 'Listing on 127.0.0.1 failed: Network error: server replied 404',
    why: 'human text',
  },
  'announce-409nojson': {
    text: 'Listing on 127.0.0.1 failed: Http error 409 but response body was unparseable: it is not a JSON object',
    why: 'human text',
  },
  'announce-500': {
    text: 'Listing on 127.0.0.1 failed: Network error: server replied 500',
    why: 'human text',
  },
  'announce-garbage': {
    text: 'Listing on 127.0.0.1 failed: Unparseable response: it is not a JSON object',
    why: 'human text',
  },
  'announce-relative': {
    refusal: 'invalid API URL',
    why: 'what is no web address is refused at once, http.md §7.7',
  },
  'announce-userinfo': {
    isRedacted: true,
    why: 'credentials are not shown to everybody in the session, http.md §7.7',
  },
  'refresh-batch-500': {
    isKept: true,
    why: 'a failed refresh is retried until the listing runs out, http.md §7.7',
  },
};

const vectorOrigin = /http:\/\/((?:user:pw@)?)127\.0\.0\.1:393\d\d/g;

function readVector(name: string, origin: string): Vector {
  const text = fs.readFileSync(`test/vectors/listing/${name}.json`, 'utf8');
  return JSON.parse(text.replace(vectorOrigin, (_, user) => origin.replace('//', `//${user}`)));
}

class RecordedSession implements ListedSession {
  readonly messages: ClientMessage[] = [];
  readonly journal: { added?: string; removed?: string }[] = [];
  listings: HttpListings | undefined;
  readonly facts: ListingFacts;
  readonly id: string;

  constructor(facts: ListingFacts, id = facts.id) {
    this.facts = facts;
    this.id = id;
  }

  listingFacts(): ListingFacts {
    return { ...this.facts };
  }

  listingsChanged(change: { added?: string; removed?: readonly string[] }): void {
    if (change.added !== undefined) this.journal.push({ added: change.added });
    for (const removed of change.removed ?? []) this.journal.push({ removed });
    const announcements = this.listings?.urls(this).map((url) => ({ url })) ?? [];
    this.messages.push({ type: 'sessionconf', config: { announcements } });
  }

  listingMessage(message: string): void {
    this.messages.push({ type: 'msg', message });
  }

  get texts(): string[] {
    return this.messages.flatMap(({ message }) => message ?? []);
  }
}

interface Setting {
  mock: MockServer;
  clock: ManualClock;
  listings: HttpListings;
  log: LogEntry[];
  isAllowed: (url: string) => boolean;
  prefersWebSockets: boolean;
  hidesUserNames: boolean;
  session(facts?: Partial<ListingFacts>): RecordedSession;
}

async function setUp(t: ExecutionContext, mayUsePrivate = true): Promise<Setting> {
  const mock = await MockServer.start(t);
  const clock = new ManualClock();
  const client = new HttpClient({ clock, mayUsePrivate: () => mayUsePrivate });
  const log: LogEntry[] = [];
  const setting: Setting = {
    mock,
    clock,
    log,
    isAllowed: () => true,
    prefersWebSockets: false,
    hidesUserNames: false,
    listings: new HttpListings({
      client,
      clock,
      log: { write: (entry) => void log.push(entry) },
      version: '1.2.3',
      host: () => 'drawpile.test',
      port: () => 27750,
      prefersWebSockets: () => setting.prefersWebSockets,
      hidesUserNames: () => setting.hidesUserNames,
      isAllowed: (url) => setting.isAllowed(url),
    }),
    session(facts = {}) {
      const session = new RecordedSession({ ...defaultFacts, ...facts });
      session.listings = setting.listings;
      return session;
    },
  };
  setting.listings.start();
  t.teardown(() => client.close());
  return setting;
}

const defaultFacts: ListingFacts = {
  id: 'some-id',
  alias: 'listme',
  protocol: 'dp:4.25.1',
  title: 'List me',
  users: 1,
  userNames: ['lister'],
  activeDrawingUsers: 0,
  hasPassword: false,
  founder: 'lister',
  isNsfm: false,
  maxUsers: 254,
  isFull: false,
  allowsWeb: true,
};

/** What is asked is answered over real sockets: wait until the listings have nothing under way. */
const settle = (holds: () => boolean): Promise<void> => until('what was asked is answered', holds);

async function announceOk(s: Setting, session: RecordedSession, url: string, reply: object): Promise<void> {
  s.mock.answers = [{ body: reply }];
  const before = s.listings.listed(session).length;
  s.listings.announce(session, url);
  await settle(() => s.listings.listed(session).length > before);
}

function compareRequests(
  t: ExecutionContext,
  asked: readonly AskedRequest[],
  recorded: readonly RecordedRequest[],
): void {
  t.is(asked.length, recorded.length);
  for (const [index, expected] of recorded.entries()) {
    const got = asked[index]!;
    t.is(got.method, expected.method);
    t.is(got.path, expected.path);
    t.deepEqual(got.body, expected.body);
    for (const name of ['content-type', 'x-update-key']) t.is(got.headers[name], expected.headers[name]);
    t.is(got.headers['user-agent'], 'DrawpileListingClient/1.2.3');
  }
}

function factsOf(body: Record<string, unknown>): Partial<ListingFacts> {
  return {
    id: String(body.id ?? 'some-id'),
    alias: '',
    protocol: String(body.protocol ?? 'dp:4.25.1'),
    title: String(body.title),
    founder: String(body.owner),
    users: Number(body.users),
    hasPassword: Boolean(body.password),
    isNsfm: Boolean(body.nsfm),
  };
}

const relevant = (messages: readonly ClientMessage[] = []) =>
  messages.filter(({ type }) => type === 'msg' || type === 'sessionconf');

/** Announce cases: earlier listings are built first, then the recorded command is given. */
const announceCase = test.macro({
  exec: async (t, name: string) => {
    const s = await setUp(t);
    const vector = readVector(name, s.mock.origin);
    const difference: Partial<Difference> = differences[name] ?? {};
    const first = vector.requests[0];
    if (name === 'announce-unreachable') {
      const gone = await MockServer.start(t);
      vector.args = [`${gone.origin}/list`];
      await gone.stop();
    }
    const path = first?.path.replace('sessions/', '') ?? '/list-denied/';
    const url = vector.args?.[0] ?? `${s.mock.origin}${path}`;

    const session = s.session(first && first.body !== '' ? factsOf(first.body) : {});
    const lastConf = vector.clientMessages?.filter(({ type }) => type === 'sessionconf').at(-1);
    const standing =
      vector.listingsAfter ??
      lastConf?.config?.announcements?.map((known, id) => ({ id, url: known.url })) ??
      [];
    for (const { id, url: known } of standing) {
      if (known !== url || name === 'announce-again')
        await announceOk(s, session, known, { id, key: 'k', expires: 6 });
    }
    session.messages.length = 0;
    s.mock.asked.length = 0;
    s.mock.answers = vector.requests.map(({ reply }, index) => ({
      ...reply,
      headers:
        reply.status === 307 ? { location: vector.requests[index + 1]?.path ?? '/list2/sessions/' } : {},
    }));
    const whitelist = vector.whitelist?.map(
      (pattern) => new RegExp(pattern.replace(/39313/, String(s.mock.port))),
    );
    if (whitelist) s.isAllowed = (text) => whitelist.some((pattern) => pattern.test(text));

    const isRefusedByCommand =
      vector.clientMessages?.[0]?.type === 'error' || difference.refusal !== undefined;
    if (isRefusedByCommand) {
      const expected =
        difference.refusal ?? vector.clientMessages![0]!.message!.replace('announce-session: ', '');
      t.is(s.listings.refusal(url)?.text, expected.replace('Invalid', 'invalid'));
      s.listings.announce(session, url);
      t.deepEqual(session.messages, []);
      t.is(s.mock.asked.length, 0);
      return;
    }

    t.is(s.listings.refusal(url), undefined);
    s.listings.announce(session, url);
    const expected = relevant(vector.clientMessages).map((message) =>
      message.type === 'msg' && difference.text !== undefined
        ? { ...message, message: difference.text }
        : message,
    );
    await settle(() => session.messages.length >= expected.length);
    const shown = JSON.parse(JSON.stringify(expected).replaceAll('user:pw@', ''));
    t.deepEqual(session.messages, shown);
    compareRequests(t, s.mock.asked, vector.requests);
    if (vector.listingsAfter) {
      const after = JSON.parse(JSON.stringify(vector.listingsAfter).replaceAll('user:pw@', ''));
      t.deepEqual(s.listings.listed(session), after);
    }
    if (difference.isRedacted) {
      t.true(JSON.stringify(vector.clientMessages).includes('user:pw@'), 'the difference is one');
      t.deepEqual(session.journal.at(-1), { added: url }, 'the journal needs the whole address');
    }
  },
  title: (_, name) => `recorded: ${name}`,
});

for (const name of [
  'announce-ok',
  'announce-empty',
  'announce-roomcode',
  'announce-query',
  'announce-userinfo',
  'announce-again',
  'announce-badurl',
  'announce-relative',
  'announce-400nomsg',
  'announce-404',
  'announce-409nojson',
  'announce-410',
  'announce-422',
  'announce-500',
  'announce-garbage',
  'announce-redirect',
  'announce-unreachable',
  'whitelist-allowed',
  'whitelist-denied',
]) {
  test(announceCase, name);
}

test('recorded: announce-passworded-nsfm-second, announce-prefer-websockets', async (t) => {
  for (const name of ['announce-passworded-nsfm-second', 'announce-prefer-websockets']) {
    const s = await setUp(t);
    s.prefersWebSockets = name === 'announce-prefer-websockets';
    const vector = readVector(name, s.mock.origin);
    for (const request of vector.requests) {
      const session = s.session(factsOf(request.body as Record<string, unknown>));
      const url = `${s.mock.origin}${request.path.replace('sessions/', '')}`;
      await announceOk(s, session, url, request.reply.body as object);
    }
    compareRequests(t, s.mock.asked, vector.requests);
  }
});

/** Builds the listings that a recorded batch names. */
async function buildBatch(s: Setting, request: RecordedRequest): Promise<RecordedSession[]> {
  const sessions: RecordedSession[] = [];
  const body = request.body as unknown as Record<string, Record<string, unknown>>;
  for (const [id, listing] of Object.entries(body)) {
    s.prefersWebSockets = Boolean(listing.preferwebsockets);
    const session = s.session(factsOf(listing));
    sessions.push(session);
    const url = `${s.mock.origin}${request.path.replace('sessions/', '')}`;
    await announceOk(s, session, url, { id: Number(id), key: listing.updatekey, expires: 2 });
    session.messages.length = 0;
  }
  s.mock.asked.length = 0;
  s.mock.answers = [request.reply];
  return sessions;
}

test('recorded: refresh-batch-timed: due a minute before it runs out, everything at the server in one request', async (t) => {
  const s = await setUp(t);
  const vector = readVector('refresh-batch-timed', s.mock.origin);
  const sessions = await buildBatch(s, vector.requests[0]!);
  s.clock.advance(59_000);
  t.is(s.mock.asked.length, 0);
  s.clock.advance(1000);
  await s.mock.until(1);
  compareRequests(t, s.mock.asked, vector.requests);
  t.deepEqual(sessions[0]!.messages, []);
});

test('recorded: refresh-batch-urgent: a new title is told at the next tick', async (t) => {
  const s = await setUp(t);
  const vector = readVector('refresh-batch-urgent', s.mock.origin);
  const [session] = await buildBatch(s, vector.requests[0]!);
  s.listings.changed(session!);
  s.clock.advance(30_000);
  t.is(s.mock.asked.length, 0, 'nothing changed');
  const title = session!.facts.title;
  session!.facts.title = 'before';
  s.listings.changed(session!);
  session!.facts.title = title;
  s.clock.advance(30_000);
  await s.mock.until(1);
  compareRequests(t, s.mock.asked, vector.requests);
});

for (const name of ['refresh-batch-kicked', 'refresh-batch-missing-id']) {
  test(`recorded: ${name}: the session is told and the listing forgotten`, async (t) => {
    const s = await setUp(t);
    const vector = readVector(name, s.mock.origin);
    const [session] = await buildBatch(s, vector.requests[0]!);
    s.clock.advance(60_000);
    const expected = relevant(vector.clientMessages);
    await settle(() => session!.messages.length >= expected.length);
    t.deepEqual(session!.messages, expected);
    compareRequests(t, s.mock.asked, vector.requests);
    t.deepEqual(s.listings.listed(session!), []);
    if (name === 'refresh-batch-missing-id')
      t.true(s.log.some(({ message }) => message.includes('batch message')));
  });
}

test('recorded: refresh-batch-500, ours: told, retried, and fine again when the server is', async (t) => {
  const s = await setUp(t);
  const vector = readVector('refresh-batch-500', s.mock.origin);
  const sessions = await buildBatch(s, vector.requests[0]!);
  s.clock.advance(60_000);
  await settle(() => sessions.every(({ messages }) => messages.length > 0));
  compareRequests(t, s.mock.asked, vector.requests);
  const told =
    'Refreshing the announcement at 127.0.0.1 failed: Network error: server replied 500. The server tries again until it works.';
  for (const session of sessions) {
    t.deepEqual(session.texts, [told]);
    t.is(s.listings.listed(session).length, 1);
    t.deepEqual(session.journal.length, 1);
  }
  s.mock.answers = [{ body: { status: 'ok', responses: { 100: 'ok', 101: 'ok' } } }];
  s.clock.advance(30_000);
  await settle(() => sessions.every(({ messages }) => messages.length > 1));
  for (const session of sessions) {
    t.is(session.texts.at(-1), 'The announcement at 127.0.0.1 works again');
  }
});

test('recorded: unlist and session-end-unlists: the key goes along; only the command tells the members', async (t) => {
  for (const name of ['unlist', 'unlisted-flag-removes-listing', 'session-end-unlists', 'v21-unlist']) {
    const s = await setUp(t);
    const vector = readVector(name, s.mock.origin);
    const [request] = vector.requests;
    const id = Number(/\d+$/.exec(request!.path));
    const url = `${s.mock.origin}${request!.path.replace(/sessions\/\d+$/, '')}`;
    const session = s.session();
    await announceOk(s, session, url, { id, key: request!.headers['x-update-key'], expires: 6 });
    session.messages.length = 0;
    s.mock.asked.length = 0;
    s.mock.answers = [request!.reply];
    if (name === 'session-end-unlists') s.listings.ended(session);
    else s.listings.unlist(session, name === 'unlist' ? url : '');
    await s.mock.until(1);
    compareRequests(t, s.mock.asked, vector.requests);
    t.deepEqual(s.listings.urls(session), []);
    t.is(session.messages.length, name === 'session-end-unlists' ? 0 : 1, name);
  }
});

test('recorded: v21-announce: what 2.1 told a list server of a 2.1 session is in what we tell', async (t) => {
  const s = await setUp(t);
  const text = fs.readFileSync('test/vectors/listing/v21-announce.json', 'utf8');
  const [request] = (JSON.parse(text) as { public: Vector }).public.requests;
  const body = request!.body as Record<string, unknown>;
  const session = s.session({ ...factsOf(body), userNames: ['alice', 'bob'] });
  await announceOk(s, session, `${s.mock.origin}/list/`, request!.reply.body as object);
  // The port is our own; 2.3's additional keys are no harm, list servers leave out what they don't know.
  const { port: _, ...expected } = body;
  t.like(s.mock.asked[0]!.body as object, expected);
});

test('user names are told of 2.1 sessions only, and not with a password or when they are private', async (t) => {
  const s = await setUp(t);
  const old = { protocol: 'dp:4.21.2', userNames: ['ann'] };
  const cases = [
    { facts: {}, isPrivate: false, expected: undefined },
    { facts: old, isPrivate: false, expected: ['ann'] },
    { facts: { ...old, hasPassword: true }, isPrivate: false, expected: [] },
    { facts: old, isPrivate: true, expected: [] },
  ];
  for (const { facts, isPrivate, expected } of cases) {
    s.hidesUserNames = isPrivate;
    await announceOk(s, s.session(facts), `${s.mock.origin}/`, { id: 1, key: 'k' });
    t.deepEqual((s.mock.asked.at(-1)!.body as { usernames?: unknown }).usernames, expected);
  }
});

// ---- what we do better

test('a listing that runs out while its server is down is announced anew when the server is back', async (t) => {
  const s = await setUp(t);
  const session = s.session();
  await announceOk(s, session, `${s.mock.origin}/list`, { id: 7, key: 'k', expires: 3 });
  s.mock.answers = [{ status: 503 }];
  let asked = s.mock.asked.length;
  const methods = () => s.mock.asked.slice(asked).map(({ method }) => method);
  // 2 min: due; then after 30 s, 1 min, 2 min: by then it has run out at the server.
  for (const seconds of [120, 30, 60]) {
    const before = s.log.length;
    s.clock.advance(seconds * 1000);
    await settle(() => s.log.length > before);
  }
  t.deepEqual(methods(), ['PUT', 'PUT', 'PUT']);
  t.deepEqual(s.listings.listed(session), []);
  t.deepEqual(s.listings.urls(session), [`${s.mock.origin}/list`], 'it is being listed');
  asked = s.mock.asked.length;
  const before = s.log.length;
  s.clock.advance(30_000);
  await settle(() => s.log.length > before);
  s.mock.answers = [{ body: { id: 8, key: 'k2', expires: 3 } }];
  s.clock.advance(60_000);
  await settle(() => s.listings.listed(session).length > 0);
  t.deepEqual(methods(), ['POST', 'POST']);
  t.deepEqual(s.listings.listed(session), [{ id: 8, url: `${s.mock.origin}/list` }]);
  t.deepEqual(session.texts, [
    'This session is now listed at 127.0.0.1',
    'Refreshing the announcement at 127.0.0.1 failed: Network error: server replied 503. The server tries again until it works.',
    'This session is now listed at 127.0.0.1',
  ]);
});

test('a listing kept over a restart waits out what the server still has of it', async (t) => {
  const s = await setUp(t);
  const session = s.session();
  s.mock.answers = [
    { status: 400, body: { status: 'error', message: 'Session already listed' } },
    { body: { id: 1, key: 'k' } },
  ];
  s.listings.announce(session, s.mock.origin, 'kept');
  await settle(() => s.log.length > 0);
  t.deepEqual(session.messages, []);
  s.clock.advance(30_000);
  await settle(() => s.listings.listed(session).length > 0);
  t.deepEqual(session.texts, ['This session is now listed at 127.0.0.1']);
});

test('a listing kept over a restart that is refused for good goes, and says why', async (t) => {
  const s = await setUp(t);
  for (const status of [400, 422, 410, 403]) {
    const session = s.session();
    s.mock.answers = [{ status, body: { message: 'no' } }];
    s.listings.announce(session, s.mock.origin, 'kept');
    for (let refusals = 1; status === 400 && refusals < 6; refusals += 1) {
      await settle(() => s.log.length === refusals);
      s.clock.advance(30_000 * 2 ** (refusals - 1));
    }
    await settle(() => session.messages.length > 1);
    t.deepEqual(session.journal, [{ removed: s.mock.origin }]);
    t.regex(session.texts[0]!, /^Listing on 127\.0\.0\.1 failed: /);
    t.deepEqual(s.listings.urls(session), []);
    s.log.length = 0;
  }
});

test('what another process takes over stays listed, is refreshed in time and announced no second time', async (t) => {
  const s = await setUp(t);
  const session = s.session();
  await announceOk(s, session, s.mock.origin, { id: 7, key: 'secret', expires: 2 });
  s.clock.advance(30_000);
  const handed = structuredClone(s.listings.handOver(session));

  const next = await setUp(t);
  const continued = next.session();
  next.listings.takeOver(continued, handed);
  t.deepEqual(next.listings.listed(continued), [{ id: 7, url: s.mock.origin }]);
  t.deepEqual(continued.messages, []);
  s.mock.answers = [{ body: { responses: { 7: 'ok' } } }];
  const asked = s.mock.asked.length;
  next.clock.advance(30_000);
  await settle(() => s.mock.asked.length > asked);
  const refresh = s.mock.asked.at(-1);
  t.is(refresh?.method, 'PUT');
  t.true(JSON.stringify(refresh).includes('secret'));
});

test('an announcement that waits or is under way is made by the process that takes over', async (t) => {
  const s = await setUp(t);
  const waiting = s.session();
  s.mock.answers = [{ status: 503 }];
  s.listings.announce(waiting, `${s.mock.origin}/waiting`, 'kept');
  await settle(() => waiting.messages.length > 0);
  const underWay = s.session();
  s.mock.answers = [() => undefined];
  s.listings.announce(underWay, `${s.mock.origin}/under-way`);
  const handed = structuredClone([s.listings.handOver(waiting), s.listings.handOver(underWay)]);

  const next = await setUp(t);
  const [first, second] = [next.session(), next.session()];
  s.mock.answers = [{ body: { id: 1, key: 'k' } }];
  next.listings.takeOver(second, handed[1]);
  await settle(() => next.listings.listed(second).length > 0);
  next.listings.takeOver(first, handed[0]);
  t.deepEqual(next.listings.listed(first), []);
  next.clock.advance(30_000);
  await settle(() => next.listings.listed(first).length > 0);
});

test('one server that is slow, dead or lying never costs the others', async (t) => {
  const s = await setUp(t);
  const good = await MockServer.start(t);
  const session = s.session();
  await announceOk(s, session, `${s.mock.origin}/bad`, { id: 1, key: 'k', expires: 2 });
  good.answers = [{ body: { id: 2, key: 'g', expires: 2, responses: { 2: 'ok' }, message: 'refreshed' } }];
  s.listings.announce(session, `${good.origin}/good`);
  await settle(() => s.listings.listed(session).length === 2);
  for (const lie of [
    () => undefined,
    { body: '[]' },
    { body: 'x'.repeat(2_000_000) },
    { body: { responses: 7, errors: 'x' } },
  ]) {
    s.mock.answers = [lie];
    const refreshed = s.log.filter(({ message }) => message.endsWith('refreshed')).length;
    s.clock.advance(60_000);
    await settle(() => s.log.filter(({ message }) => message.endsWith('refreshed')).length > refreshed);
    t.true(s.listings.listed(session).some(({ id }) => id === 2));
  }
  t.is(good.asked.length, 5);
});

test('a member can not make this server fetch from a private network; the operator can', async (t) => {
  const s = await setUp(t, false);
  const session = s.session();
  s.mock.answers = [{ body: { id: 1, key: 'k' } }];
  s.listings.announce(session, s.mock.origin);
  await settle(() => session.messages.length > 1);
  t.is(s.mock.asked.length, 0);
  t.regex(session.texts[0]!, /private network, which this server does not allow/);
  s.listings.announce(session, s.mock.origin, 'kept');
  await settle(() => session.messages.length > 3);
  t.deepEqual(s.listings.urls(session), [], 'and it is not tried for ever');
  s.listings.announce(session, s.mock.origin, 'operator');
  await settle(() => s.listings.listed(session).length === 1);
  t.is(s.mock.asked.length, 1);
});

test('what is taken back while the list server thinks is taken back when it has thought', async (t) => {
  const s = await setUp(t);
  const session = s.session();
  let answer = () => {};
  s.mock.answers = [
    (_, response) => {
      answer = () => response.end(JSON.stringify({ id: 5, key: 'late' }));
      return undefined;
    },
    { status: 204 },
  ];
  s.listings.announce(session, s.mock.origin);
  await s.mock.until(1);
  s.listings.unlist(session, s.mock.origin);
  answer();
  await s.mock.until(2);
  t.like(s.mock.asked[1], { method: 'DELETE', path: '/sessions/5' });
  t.is(s.mock.asked[1]!.headers['x-update-key'], 'late');
  t.deepEqual(session.texts, []);
});

test('taking back is tried again; closing waits for it, but not for ever', async (t) => {
  const s = await setUp(t);
  const session = s.session();
  await announceOk(s, session, s.mock.origin, { id: 5, key: 'k' });
  s.mock.answers = [{ status: 500 }, { status: 204 }];
  s.listings.ended(session);
  await s.mock.until(2);
  await settle(() => s.clock.nextDue === s.clock.now() + 30_000);
  s.clock.advance(30_000);
  await s.mock.until(3);

  const late = s.session();
  await announceOk(s, late, s.mock.origin, { id: 6, key: 'k' });
  s.mock.answers = [() => undefined];
  s.listings.ended(late);
  await s.mock.until(5);
  const closed = s.listings.close(1000);
  s.clock.advance(1000);
  await closed;
  t.pass();
});

test('a session may be listed at several servers, not at endlessly many', async (t) => {
  const s = await setUp(t);
  const session = s.session();
  s.mock.answers = [{ body: { id: 1, key: 'k' } }];
  for (let n = 0; n < 20; n += 1) s.listings.announce(session, `${s.mock.origin}/${n}`);
  await settle(() => s.listings.listed(session).length === 16);
  t.is(s.listings.urls(session).length, 16);
  t.is(session.texts.filter((text) => text.includes('at most 16 listings')).length, 4);
});

test("a list server's words are one line of limited length", async (t) => {
  const s = await setUp(t);
  const session = s.session();
  await announceOk(s, session, s.mock.origin, { id: 1, key: 'k', message: `a\u0000b\n${'c'.repeat(5000)}` });
  const [text] = session.texts;
  t.true(text!.startsWith('This session is now listed at 127.0.0.1: a b c'));
  t.true(text!.length < 600);
});

test('what is announced before the server listens is announced when it does', async (t) => {
  const { mock, clock } = await setUp(t);
  mock.answers = [{ body: { id: 1, key: 'k' } }];
  const listings = new HttpListings({
    client: new HttpClient({ clock, mayUsePrivate: () => true }),
    clock,
    log: { write: () => {} },
    version: '1',
    host: () => '',
    port: () => 1234,
    prefersWebSockets: () => false,
    hidesUserNames: () => false,
    isAllowed: () => true,
  });
  const session = new RecordedSession(defaultFacts);
  const gone = new RecordedSession(defaultFacts);
  listings.announce(session, mock.origin, 'kept');
  listings.announce(gone, mock.origin, 'kept');
  listings.ended(gone);
  await new Promise((resolve) => setImmediate(resolve));
  t.is(mock.asked.length, 0);
  listings.start();
  await settle(() => listings.listed(session).length === 1);
  t.is(mock.asked.length, 1);
  const { port, host } = mock.asked[0]!.body as { port: number; host?: string };
  t.deepEqual([port, host], [1234, undefined], 'without a name the list server uses our address');
});

test('taking back all listings is one message to the members', async (t) => {
  const s = await setUp(t);
  const session = s.session();
  await announceOk(s, session, `${s.mock.origin}/one`, { id: 1, key: 'a', expires: 6 });
  await announceOk(s, session, `${s.mock.origin}/two`, { id: 2, key: 'b', expires: 6 });
  session.messages.length = 0;
  session.journal.length = 0;
  s.listings.unlist(session, '');
  t.is(session.messages.length, 1);
  t.is(session.journal.length, 2, 'and both are forgotten');
  session.messages.length = 0;
  s.listings.unlist(session, '');
  t.is(session.messages.length, 0, 'nothing was there');
});

for (const [what, answer] of [
  ['answers with a list', { body: [] }],
  ['answers with a number', { body: '7' }],
  [
    'drops the connection',
    (_: unknown, response: { destroy(): unknown }) => {
      response.destroy();
      return undefined;
    },
  ],
] as const) {
  test(`a list server that ${what} is asked again, three times in all`, async (t) => {
    const s = await setUp(t);
    const session = s.session();
    s.mock.answers = [answer as MockAnswer, { body: { id: 5, key: 'k', expires: 6 } }];
    s.listings.announce(session, `${s.mock.origin}/list`);
    await settle(() => s.log.some(({ message }) => message.includes('failed')));
    t.deepEqual(session.texts, [], 'nobody is told of what is not over');
    s.clock.advance(1_000);
    await settle(() => s.listings.listed(session).length > 0);
    t.deepEqual(session.texts, ['This session is now listed at 127.0.0.1']);
    const other = s.session();
    s.mock.answers = [answer as MockAnswer];
    const before = s.mock.asked.length;
    s.listings.announce(other, `${s.mock.origin}/other`);
    for (let i = 1; other.texts.length === 0 && i <= 3; i++) {
      const failures = () => s.log.filter(({ message }) => message.includes('/other failed')).length;
      await settle(() => failures() === i);
      s.clock.advance(1_000);
    }
    t.is(s.mock.asked.length - before, 3);
    t.regex(other.texts[0] ?? '', /^Listing on 127\.0\.0\.1 failed/);
  });
}
