// The external ban list: the recorded document, requests and log; then a source that is down or lies.

import * as fs from 'node:fs';
import test, { type ExecutionContext } from 'ava';
import { parseAddress } from '../../../../src/lib/core/addresses.js';
import type { LogEntry } from '../../../../src/lib/core/session/needs.js';
import { MemorySettings, type SettingName } from '../../../../src/lib/core/settings/settings.js';
import { rangeOf, readBanDocument } from '../../../../src/lib/io/outside/ban-entries.js';
import { ExternalBans, type ListedBanState } from '../../../../src/lib/io/outside/ban-list.js';
import { HttpClient } from '../../../../src/lib/io/outside/http-client.js';
import { ManualClock } from '../../../helpers/manual-clock.js';
import { type MockReply, MockServer } from '../../../helpers/mock-server.js';
import { until } from '../../../helpers/until.js';

interface RecordedCase {
  name: string;
  requests?: { method: string; path: string; headers: Record<string, string>; reply: MockReply }[];
  bansAfter?: number[];
  config?: Record<string, unknown>;
  log?: { level: string; message: string }[];
  state?: { bans: Record<string, unknown>[] };
}

const recorded = JSON.parse(fs.readFileSync('test/vectors/rest/_extbans.json', 'utf8')) as {
  document: unknown;
  cases: RecordedCase[];
};

const caseOf = (name: string) => recorded.cases.find((row) => row.name === name)!;

async function setUp(t: ExecutionContext, values: Partial<Record<SettingName, string>> = {}) {
  const mock = await MockServer.start(t);
  const clock = new ManualClock();
  const settings = new MemorySettings(values);
  const log: LogEntry[] = [];
  const disabled: [number, boolean][] = [];
  const switchedOff = new Set([3]);
  const make = () =>
    new ExternalBans({
      client: new HttpClient({ clock }),
      clock,
      settings,
      version: '1.2.3',
      log: { write: (entry) => void log.push(entry) },
      saveCache: (cache) => {
        for (const [name, text] of cache) settings.set(name, text);
      },
      disabled: {
        isDisabled: (id) => switchedOff.has(id),
        async setDisabled(id, isDisabled) {
          disabled.push([id, isDisabled]);
          if (isDisabled) switchedOff.add(id);
          else switchedOff.delete(id);
        },
      },
    });
  const url = `${mock.origin}/bans?key=K`;
  return { mock, clock, settings, log, disabled, make, url };
}

type Setup = Awaited<ReturnType<typeof setUp>>;

const settle = (holds: () => boolean): Promise<void> => until('what was asked is answered', holds);

/** Lets the next fetch happen and waits until what came of it has been taken in. */
async function fetchNow(s: Setup, bans: ExternalBans, answer: MockReply | (() => undefined)): Promise<void> {
  s.mock.answers = [answer];
  const asked = s.mock.asked.length;
  bans.refresh();
  s.clock.advance(0);
  await s.mock.until(asked + 1);
  await settle(() => bans.status.msUntilNextCheck !== undefined);
}

async function started(t: ExecutionContext, values: Partial<Record<SettingName, string>> = {}) {
  const s = await setUp(t, values);
  s.settings.set('extBansUrl', s.url);
  const bans = s.make();
  bans.start();
  t.teardown(() => bans.stop());
  await fetchNow(s, bans, { body: recorded.document, headers: { etag: '"v1"' } });
  return { ...s, bans };
}

const ids = (bans: ExternalBans) => bans.list.map(({ id }) => id);

test('recorded: the first fetch, what is taken, what is left out and why', async (t) => {
  const { mock, bans, log, settings, url } = await started(t);
  const [asked] = mock.asked;
  const [request] = caseOf('first-fetch-on-url-set').requests!;
  t.is(asked!.method, request!.method);
  t.is(asked!.path, request!.path);
  t.is(asked!.headers['user-agent'], 'DrawpileExtBansClient/1.2.3');
  t.is(asked!.headers['if-none-match'], undefined);
  t.deepEqual(ids(bans), [1, 2, 3, 9, 1]);
  const warnings = log.filter(({ level }) => level === 'warn').map(({ message }) => message);
  const expected = caseOf('log-after-first-fetch')
    .log!.map(({ message }) => message)
    .reverse();
  t.deepEqual(
    warnings,
    expected.map((message) => message.replace(/'?QJsonValue\(\w+, (.*?)\)'?/, '$1')),
  );
  t.is(settings.get('extBansCacheUrl'), url);
  t.is(settings.get('extBansCacheKey'), '"v1"');
});

test('recorded: the bans as they are shown', async (t) => {
  const { bans } = await started(t);
  await bans.setEnabled(2, false);
  const shown = bans.list.map(
    ({ id, comment, reason, expiresText, isEnabled, ips, excluded, systems, users }: ListedBanState) => ({
      id,
      comment,
      reason,
      expires: expiresText,
      enabled: isEnabled,
      ips: ips.map(({ from, to, reaction }) => ({ from, to, reaction })),
      ipsexcluded: excluded.map(({ from, to }) => ({ from, to })),
      system: systems,
      users: users.map(({ ids: numbers, reaction }) => ({ ids: [...numbers].sort(), reaction })),
    }),
  );
  t.deepEqual(shown as unknown, caseOf('url-cleared').state!.bans);
});

test('who is banned: ranges without exceptions, system ids, user numbers; ended and switched off ones are nobody', async (t) => {
  const { bans, disabled } = await started(t);
  t.like(bans.forAddress('192.0.2.200'), { reaction: 'normal', reason: 'r1', source: 'external ban 1' });
  t.is(bans.forAddress('192.0.2.200')!.expires, Date.UTC(2099, 0, 1));
  t.like(bans.forAddress('::ffff:192.0.2.255'), { reaction: 'normal' });
  t.is(bans.forAddress('192.0.2.7'), undefined, 'excluded');
  t.is(bans.forAddress('192.0.3.0'), undefined);
  t.like(bans.forAddress('2001:db8::ff'), { reaction: 'hang' });
  t.is(bans.forAddress('2001:db8::1:0'), undefined);
  t.like(bans.forAddress('5.5.5.5'), { source: 'external ban 1' });
  t.is(bans.forAddress('1.2.3.4'), undefined, 'ended');
  t.is(bans.forAddress('not an address'), undefined);
  t.like(bans.forSystem('AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA'), {
    reaction: 'garbage',
    source: 'external ban 2',
  });
  t.is(bans.forSystem(''), undefined);
  t.is(bans.forUser(5), undefined, 'id 3 was switched off before');
  await bans.setEnabled(3, true);
  t.like(bans.forUser(12345678901), { reaction: 'normal', reason: 'r3' });
  t.is(bans.forUser(7), undefined);
  await bans.setEnabled(1, false);
  await bans.setEnabled(1, false);
  t.is(bans.forAddress('5.5.5.5'), undefined);
  t.deepEqual(disabled, [
    [3, false],
    [1, true],
  ]);
});

test('recorded: an unchanged list is asked for with its ETag', async (t) => {
  const s = await started(t);
  await fetchNow(s, s.bans, { status: 304 });
  t.is(
    s.mock.asked[1]!.headers['if-none-match'],
    caseOf('refresh-304').requests![0]!.headers['if-none-match'],
  );
  t.deepEqual(ids(s.bans), [1, 2, 3, 9, 1]);
  await fetchNow(s, s.bans, { status: 304, headers: { etag: '"other"' } });
  t.regex(s.log.at(-1)!.message, /another ETag: "other"/);
});

for (const name of [
  'refresh-http-500',
  'refresh-http-403',
  'refresh-http-204',
  'refresh-not-json',
  'refresh-array',
]) {
  test(`recorded: ${name}: logged, and the bans stay`, async (t) => {
    const s = await started(t);
    const { requests, bansAfter } = caseOf(name);
    const { status, body } = requests![0]!.reply;
    await fetchNow(s, s.bans, {
      ...(status !== undefined && { status }),
      body: status === 204 ? undefined : body,
    });
    t.deepEqual(ids(s.bans), bansAfter);
    t.like(s.log.at(-1), { level: 'error', topic: 'ExtBan' });
    t.is(s.settings.get('extBansCacheKey'), '"v1"');
  });
}

test('recorded: an object without bans is an empty list', async (t) => {
  const s = await started(t);
  await fetchNow(s, s.bans, { body: {}, headers: { etag: '"empty"' } });
  t.deepEqual(ids(s.bans), []);
  t.is(s.settings.get('extBansCacheKey'), '"empty"');
});

test('recorded: forgotten bans are fetched without an ETag; nothing of them comes back', async (t) => {
  const s = await started(t);
  s.bans.clear();
  t.deepEqual(ids(s.bans), []);
  t.is(s.settings.get('extBansCacheResponse'), '');
  t.deepEqual(ids(s.make()), []);
  await fetchNow(s, s.bans, { body: recorded.document });
  t.is(s.mock.asked[1]!.headers['if-none-match'], undefined);
});

test('the interval begins with the reply and is never below a minute', async (t) => {
  const s = await started(t);
  t.is(s.bans.status.msUntilNextCheck, 900_000);
  s.mock.answers = [{ status: 304 }];
  s.clock.advance(899_999);
  t.is(s.mock.asked.length, 1);
  s.clock.advance(1);
  await s.mock.until(2);
  await settle(() => s.bans.status.msUntilNextCheck !== undefined);
  s.settings.set('extBansCheckInterval', '2m');
  t.is(s.bans.status.msUntilNextCheck, 120_000, 'a change acts at once');
  t.is(s.bans.status.intervalMs, 120_000);
});

test('an address that is set, changed or cleared acts at once; cleared, the bans stay', async (t) => {
  const s = await setUp(t);
  const bans = s.make();
  bans.start();
  t.is(bans.refresh(), 'not active');
  t.false(bans.status.isActive);
  s.mock.answers = [{ body: recorded.document }];
  s.settings.set('extBansUrl', s.url);
  s.clock.advance(0);
  await s.mock.until(1);
  t.is(bans.refresh(), 'already in progress');
  await settle(() => ids(bans).length === 5);
  s.settings.set('extBansUrl', `${s.mock.origin}/other`);
  s.clock.advance(0);
  await s.mock.until(2);
  t.is(s.mock.asked[1]!.path, '/other');
  await settle(() => bans.status.msUntilNextCheck !== undefined);
  s.settings.set('extBansUrl', '');
  t.is(bans.status.msUntilNextCheck, undefined);
  t.is(ids(bans).length, 5);
  bans.stop();
  t.is(s.clock.waiting, 0);
});

test('after a restart the kept list holds before anything is fetched', async (t) => {
  const s = await started(t);
  const again = s.make();
  t.deepEqual(ids(again), [1, 2, 3, 9, 1]);
  t.like(again.forAddress('192.0.2.1'), { source: 'external ban 1' });
});

test('a source that is dead, slow or too large leaves the bans as they are', async (t) => {
  const s = await started(t);
  s.mock.answers = [() => undefined];
  s.bans.refresh();
  s.clock.advance(0);
  await s.mock.until(2);
  s.clock.advance(60_000);
  await settle(() => s.bans.status.msUntilNextCheck !== undefined);
  t.regex(s.log.at(-1)!.message, /no answer within 60 seconds; the bans of the last fetch stay/);
  await fetchNow(s, s.bans, { body: `{"bans":[],"x":"${'x'.repeat(17 * 1024 * 1024)}"}` });
  t.regex(s.log.at(-1)!.message, /the answer is larger than/);
  await s.mock.stop();
  s.bans.refresh();
  s.clock.advance(0);
  await settle(() => s.bans.status.msUntilNextCheck !== undefined);
  t.regex(s.log.at(-1)!.message, /Connection refused/);
  t.deepEqual(ids(s.bans), [1, 2, 3, 9, 1]);
});

test('an entry whose exception can not be read is left out: it would hit the wrong people', (t) => {
  const entry = { id: 1, ips: [{ from: '1.0.0.0', to: '1.0.0.9' }], expires: '2099-01-01 00:00:00' };
  t.is(readBanDocument(JSON.stringify({ bans: [entry] }))!.bans.length, 1);
  for (const change of [
    { ipsexcluded: [{ from: 'x', to: 'y' }] },
    { ips: [{ from: '1.0.0.0', to: '::2' }] },
    { ips: [{ from: '1.0.0.9', to: '1.0.0.0' }] },
    { ips: [{ from: '::1.0.0.0', to: '::1.0.0.9' }] },
    { ips: ['1.0.0.0'] },
    { expires: '2099-02-30 00:00:00' },
    { id: 1.5 },
  ]) {
    const { bans, problems } = readBanDocument(JSON.stringify({ bans: [{ ...entry, ...change }] }))!;
    t.deepEqual([bans.length, problems.length], [0, 1], JSON.stringify(change));
  }
});

test('ranges are in one order for both families: mapped addresses and ranges across them', (t) => {
  const hits = (from: string, to: string, address: string) => {
    const entry = { id: 1, ips: [{ from, to }], expires: '2099-01-01 00:00:00' };
    const { bans } = readBanDocument(JSON.stringify({ bans: [entry] }))!;
    return rangeOf(bans[0]!, parseAddress(address)!) !== undefined;
  };
  t.true(hits('::ffff:1.0.0.0', '::ffff:1.0.0.9', '1.0.0.5'));
  t.true(hits('1.0.0.0', '::ffff:100:9', '::ffff:1.0.0.5'));
  t.true(hits('::', 'ffff::', '1.2.3.4'), 'all of IPv6 has the mapped ones in it (http.md §5)');
  t.true(hits('0.0.0.0', '2001:db8::', '2001:db7::'));
  t.false(hits('1.0.0.0', '1.0.0.9', '::1'));
});

test('an entry of the list neither ends nor comes back because the clock jumps', async (t) => {
  const s = await setUp(t);
  const day = 86_400_000;
  const ban = (id: number, ip: string, expires: number) => ({
    id,
    ips: [{ from: ip, to: ip, reaction: 'normal' }],
    expires: new Date(expires).toISOString().slice(0, 19).replace('T', ' '),
    reason: 'x',
  });
  const document = {
    bans: [ban(11, '192.0.2.1', s.clock.now() + day), ban(12, '192.0.2.2', s.clock.now() + 1000)],
  };
  s.settings.set('extBansCacheResponse', JSON.stringify(document));
  const bans = s.make();
  const banned = () => ['192.0.2.1', '192.0.2.2'].map((ip) => bans.forAddress(ip) !== undefined);
  t.deepEqual(banned(), [true, true]);
  s.clock.advance(3_600_000);
  t.deepEqual(banned(), [true, false]);
  for (const days of [730, -1460, 730]) {
    s.clock.setTimeOfDay(s.clock.now() + days * day);
    t.deepEqual(banned(), [true, false], String(days));
  }
  s.clock.advance(day);
  t.deepEqual(banned(), [false, false]);
});
