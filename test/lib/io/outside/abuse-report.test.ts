// Abuse reports: the recorded requests, then what happens while the receiver is down.

import * as fs from 'node:fs';
import test, { type ExecutionContext } from 'ava';
import type { AbuseReport, LogEntry, ReportOutcome } from '../../../../src/lib/core/session/needs.js';
import { MemorySettings } from '../../../../src/lib/core/settings/settings.js';
import { HttpAbuseReports } from '../../../../src/lib/io/outside/abuse-report.js';
import { HttpClient } from '../../../../src/lib/io/outside/http-client.js';
import { ManualClock } from '../../../helpers/manual-clock.js';
import { type MockReply, MockServer } from '../../../helpers/mock-server.js';
import { until } from '../../../helpers/until.js';

interface Recorded {
  name: string;
  settings: Record<string, unknown>;
  httpRequests: {
    method: string;
    path: string;
    headers: Record<string, string>;
    body: AbuseReport;
    reply: MockReply;
  }[];
  newestLog: { level: string; topic: string; message: string }[];
}

const { cases } = JSON.parse(fs.readFileSync('test/vectors/rest/_abuse-report.json', 'utf8')) as {
  cases: Recorded[];
};

const report: AbuseReport = {
  session: 'some-session',
  sessionTitle: 'R',
  user: 'bob',
  auth: false,
  ip: '127.0.0.1',
  message: 'x',
  offset: 12,
  users: [{ id: 2, name: 'bob', auth: false, op: false, ip: '127.0.0.1' }],
};

async function setUp(t: ExecutionContext, values: Record<string, unknown> = {}) {
  const mock = await MockServer.start(t);
  const clock = new ManualClock();
  const settings = new MemorySettings({ abusereport: 'true', reporttoken: 'tok en' });
  for (const [name, value] of Object.entries(values)) settings.set(name, String(value));
  const log: LogEntry[] = [];
  const reports = new HttpAbuseReports({
    client: new HttpClient({ clock }),
    clock,
    settings,
    url: `${mock.origin}/report`,
    version: '1.2.3',
    log: { write: (entry) => void log.push(entry) },
  });
  return { mock, clock, settings, log, reports };
}

const settle = (holds: () => boolean): Promise<void> => until('what was asked is answered', holds);

for (const recorded of cases.filter(({ httpRequests }) => httpRequests.length > 0)) {
  test(`recorded: ${recorded.name}`, async (t) => {
    const { mock, reports, log } = await setUp(t, recorded.settings);
    const [request] = recorded.httpRequests;
    mock.answers = [request!.reply];
    const outcomes: ReportOutcome[] = [];
    reports.send(request!.body, (outcome) => outcomes.push(outcome));
    await settle(() => outcomes.length > 0 || log.length > 0);
    const { method, path, headers, body } = mock.asked[0]!;
    t.deepEqual(
      { method, path, body },
      { method: request!.method, path: request!.path, body: request!.body },
    );
    for (const name of ['content-type', 'authorization']) t.is(headers[name], request!.headers[name]);
    const [newest] = recorded.newestLog;
    if (request!.reply.status === 204) {
      t.deepEqual(outcomes, ['accepted']);
      t.is(log.length, 0, 'the session tells');
    } else {
      t.deepEqual(outcomes, ['kept'], 'not settled: it is sent later');
      t.like(log[0], {
        level: newest!.level.toLowerCase(),
        topic: newest!.topic,
        session: request!.body.session,
      });
      t.true(log[0]!.message.startsWith('Unable to send abuse report: '));
    }
  });
}

test('recorded: in-session-disabled', async (t) => {
  t.is(cases.filter(({ httpRequests }) => httpRequests.length > 0).length, 7);
  const { mock, reports } = await setUp(t, { abusereport: false });
  t.false(reports.isEnabled);
  const outcomes: ReportOutcome[] = [];
  reports.send(report, (outcome) => outcomes.push(outcome));
  t.deepEqual(outcomes, ['refused']);
  t.is(mock.asked.length, 0);
});

test('reports wait in order while the receiver is down, the whole text is in the log, and all are sent later', async (t) => {
  const { mock, reports, log, clock } = await setUp(t);
  mock.answers = [{ status: 503 }];
  const outcomes: string[] = [];
  reports.send({ ...report, message: 'first' }, (outcome) => outcomes.push(`first ${outcome}`));
  await settle(() => log.length === 1);
  reports.send({ ...report, message: 'second' }, (outcome) => outcomes.push(`second ${outcome}`));
  t.is(mock.asked.length, 1, 'nobody asks a service again that just failed');
  t.is(log.length, 2);
  t.true(log[0]!.message.includes(JSON.stringify({ ...report, message: 'first' })));
  t.true(log[1]!.message.includes('"message":"second"'));
  clock.advance(30_000);
  await mock.until(2);
  await settle(() => clock.nextDue === clock.now() + 60_000);
  t.is(log.length, 2, 'the same is not said twice');
  mock.answers = [{ status: 204 }];
  clock.advance(60_000);
  await settle(() => outcomes.length === 4);
  t.deepEqual(outcomes, ['first kept', 'second kept', 'first accepted', 'second accepted']);
  t.is(reports.waiting, 0);
  t.is(
    log.filter(({ message }) => message === 'The report server accepted the delayed abuse report').length,
    2,
  );
});

test('a report that the receiver can not use is given up and does not stop the next', async (t) => {
  const { mock, reports, log } = await setUp(t);
  mock.answers = [{ status: 400, body: 'bad schema' }, { status: 204 }];
  const outcomes: ReportOutcome[] = [];
  reports.send(report, (outcome) => outcomes.push(outcome));
  reports.send(report, (outcome) => outcomes.push(outcome));
  await settle(() => outcomes.length === 2);
  t.deepEqual(outcomes, ['refused', 'accepted']);
  t.regex(log[0]!.message, /the report server replied 400; discarded/);
});

test('a receiver that never answers, or never stops, costs nothing but a retry', async (t) => {
  const { mock, reports, log, clock } = await setUp(t);
  mock.answers = [() => undefined];
  reports.send(report, () => {});
  await mock.until(1);
  clock.advance(10_000);
  await settle(() => log.length === 1);
  t.regex(log[0]!.message, /no answer within 10 seconds; the server tries again/);
  mock.answers = [{ body: 'x'.repeat(200_000) }];
  clock.advance(30_000);
  await settle(() => clock.nextDue === clock.now() + 60_000);
  t.is(reports.waiting, 1);
  reports.close();
  t.is(clock.waiting, 0);
});

test('after a day, and beyond two hundred, reports are given up; the log has them', async (t) => {
  const { mock, reports, log, clock } = await setUp(t);
  mock.answers = [{ status: 500 }];
  const outcomes: ReportOutcome[] = [];
  for (let n = 0; n < 201; n += 1) reports.send(report, (outcome) => outcomes.push(outcome));
  t.deepEqual(outcomes, ['refused']);
  const start = clock.now();
  await settle(() => clock.nextDue === start + 30_000);
  t.is(log.length, 201);
  while (reports.waiting > 0) {
    const asked = mock.asked.length;
    clock.advance(clock.nextDue! - clock.now());
    const isTriedAgainLater = () => mock.asked.length > asked && (clock.nextDue ?? 0) > clock.now() + 10_000;
    await settle(() => reports.waiting === 0 || isTriedAgainLater());
  }
  t.true(clock.now() - start > 24 * 60 * 60_000);
  t.is(outcomes.filter((outcome) => outcome === 'kept').length, 200);
  t.is(outcomes.filter((outcome) => outcome === 'refused').length, 201);
});
