// Who is asked to reset a session that has grown too long, whose answer counts, and who is chosen (sessions.md §14).
import test from 'ava';
import { byAdministrator } from '../../../../src/lib/core/session/actor.js';
import { AutoReset } from '../../../../src/lib/core/session/auto-reset.js';
import { MemorySettings } from '../../../../src/lib/core/settings/settings.js';
import { type FakeMember, fakeMember } from '../../../helpers/fake-member.js';
import { ManualClock } from '../../../helpers/manual-clock.js';

const second = 1000;

function makeRoom(members: FakeMember[] = [operator(1, 'ann'), operator(2, 'bob')]) {
  const clock = new ManualClock();
  const notes: string[] = [];
  const shown: unknown[] = [];
  const actions: unknown[] = [];
  const room = {
    needs: {
      clock,
      settings: new MemorySettings({ minimumAutoResetThreshold: '100b' }),
      nextResetNumber: () => 7,
    },
    options: { resetThreshold: 1000 },
    phase: { isRunning: true },
    people: { members },
    flow: {
      history: { sizeBytes: 2000 },
      historyLimit: 0,
      resetBase: 0,
      sizeLimit: 9000,
      sendToAll: (frame: Buffer) => shown.push(JSON.parse(frame.toString('utf8', 4))),
    },
    stream: { isActive: false, aborted: 0, abortUnprepared: () => void room.stream.aborted++ },
    writeLog: (level: string, topic: string, text: string) => notes.push(`${level} ${topic} ${text}`),
    recordAction: (action: unknown) => actions.push(action),
  };
  const reset = new AutoReset(room as never);
  const payload = () => `1:7:${clock.now()}`;
  return { reset, room, clock, notes, shown, actions, members, payload };
}

function operator(id: number, name: string, facts: object = {}): FakeMember {
  return fakeMember(id, name, { isOperator: true, ...facts });
}

const desktop = { capabilities: ['gzip1', 'net'], os: 'linux', net: 50, pings: [20] };

/** Everybody answers in their order; whom the session asks then. */
function chosen(...answers: object[]): number | undefined {
  const members = answers.map((_, at) => operator(at + 1, `op${at}`));
  const { reset } = makeRoom(members);
  reset.check();
  for (const [at, answer] of answers.entries()) reset.answer(members[at]!, answer as never);
  const found = members.findIndex(({ autoReset }) => autoReset.startsWith('awaiting'));
  return found < 0 ? undefined : found;
}

test('a session that is longer than its threshold asks each operator once', (t) => {
  const { reset, room, notes, shown, members, payload } = makeRoom();
  room.flow.history.sizeBytes = 1000;
  reset.check();
  t.deepEqual(notes, [], 'as long as that is not longer');
  room.flow.history.sizeBytes = 1001;
  reset.check();
  reset.check();
  t.deepEqual(notes, ['info Status Autoreset threshold reached at 1001 bytes, asking operators']);
  t.deepEqual(shown, [{ type: 'sizelimit', size: 1001, maxSize: 1000 }]);
  for (const member of members) {
    t.deepEqual(member.sent, [{ type: 'autoreset', maxSize: 9000, query: true, payload: payload() }]);
    t.is(member.autoReset, 'queried');
  }
});

test('the threshold is the one of the session, or the least of the server, above what the last reset left', (t) => {
  const { reset, room } = makeRoom();
  t.is(reset.threshold, 1000);
  room.options.resetThreshold = 50;
  t.is(reset.threshold, 100);
  room.flow.resetBase = 30;
  t.is(reset.threshold, 130);
  room.flow.historyLimit = 155;
  t.is(reset.threshold, 130);
  room.flow.historyLimit = 111;
  t.is(reset.threshold, 99, 'nine tenths of what the session may have');
  room.flow.historyLimit = 1;
  t.is(reset.threshold, 0);
  room.options.resetThreshold = 0;
  t.is(reset.threshold, Number.POSITIVE_INFINITY);
});

for (const [what, change] of [
  ['does not run', { phase: { isRunning: false } }],
  ['is being reset by a stream', { stream: { isActive: true, abortUnprepared: () => {} } }],
] as const) {
  test(`nobody is asked while the session ${what}`, (t) => {
    const { reset, room, shown } = makeRoom();
    Object.assign(room, change);
    reset.check();
    t.deepEqual(shown, []);
    t.is(reset.askNow(byAdministrator), undefined);
    t.deepEqual(shown, []);
  });
}

test('who could not do it is not asked', (t) => {
  const members = [
    fakeMember(1, 'guest'),
    operator(2, 'ghost', { isGhost: true }),
    operator(3, 'old', { isMinorIncompatible: true }),
  ];
  const { reset, shown } = makeRoom(members);
  t.is(reset.askNow(byAdministrator), undefined);
  t.deepEqual(shown, []);
  reset.check();
  for (const member of members) t.deepEqual(member.sent, []);
});

test('an administrator may ask at any size, once at a time', (t) => {
  const { reset, room, notes, actions } = makeRoom();
  room.flow.history.sizeBytes = 5;
  const action = { kind: 'askForReset', actor: byAdministrator, effect: { bytes: 5 } };
  t.deepEqual(reset.askNow(byAdministrator), action as never);
  t.deepEqual(actions, [action]);
  t.deepEqual(notes, [
    'info Status The server administrator asked for a session reset (5 bytes), asking operators',
  ]);
  t.is(reset.askNow(byAdministrator), undefined);
  t.is(actions.length, 1);
});

test('when all have answered, one is asked to reset', (t) => {
  const { reset, members, clock, payload } = makeRoom();
  const [ann, bob] = members as [FakeMember, FakeMember];
  reset.check();
  const asked = payload();
  clock.advance(second);
  reset.answer(ann, { ...desktop, payload: asked });
  t.is(ann.autoReset, 'responded');
  t.is(ann.sent.length, 1);
  t.false(reset.isRequested);
  reset.answer(bob, {});
  t.true(reset.isRequested);
  t.deepEqual(ann.sent[1], {
    type: 'autoreset',
    maxSize: 9000,
    query: false,
    correlator: asked,
    stream: 'gzip1',
  });
  t.is(ann.autoReset, 'awaitingStream');
  t.is(bob.autoReset, 'none');
  t.is(reset.awaitedStream(ann), asked);
  t.is(reset.awaitedStream(bob), undefined);
  t.is(reset.awaitedStream(Object.assign(bob, { autoReset: 'awaitingStream' })), undefined);
  t.is(bob.sent.length, 1);
});

test('a client that cannot stream is asked for a full reset', (t) => {
  const { reset, members } = makeRoom([operator(1, 'ann')]);
  reset.check();
  reset.answer(members[0]!, {});
  t.deepEqual(members[0]!.sent[1], { type: 'autoreset', maxSize: 9000, query: false });
  t.is(members[0]!.autoReset, 'awaiting');
  t.is(reset.awaitedStream(members[0]!), undefined);
});

for (const [what, worse, better] of [
  ['a stream rather than a full reset', { ...desktop, capabilities: ['net'] }, desktop],
  ['a desktop rather than an unknown system', { ...desktop, os: 'templeos' }, desktop],
  ['an unknown system rather than a browser', { ...desktop, os: 'emscripten' }, { ...desktop, os: '?' }],
  ['a desktop rather than a phone', { ...desktop, os: 'android' }, { ...desktop, os: 'windows' }],
  ['a desktop rather than a tablet', { ...desktop, os: 'ios' }, { ...desktop, os: 'macos' }],
  ['the better network', { ...desktop, net: 50 }, { ...desktop, net: 51 }],
  ['the shorter ping', desktop, { ...desktop, pings: [19] }],
  ['the shorter ping on average', { ...desktop, pings: [10, 50] }, { ...desktop, pings: [0, 28] }],
  ['the shorter ping, however short', { ...desktop, pings: [1] }, { ...desktop, pings: [0.5] }],
  ['a ping that is an average of more', { ...desktop, pings: [30] }, { ...desktop, pings: [20, 20] }],
  ['a ping without those that are none', { ...desktop, pings: [0, 40] }, { ...desktop, pings: [30] }],
  ['streams before systems', { ...desktop, capabilities: [] }, { ...desktop, os: 'ios' }],
  ['systems before networks', { ...desktop, os: '' }, { ...desktop, net: 1 }],
  ['networks before pings', { ...desktop, pings: [1] }, { ...desktop, net: 60, pings: [900] }],
  [
    'a network that older clients call bad, which is good',
    { ...desktop, capabilities: ['gzip1'], net: 50 },
    { ...desktop, capabilities: ['gzip1'], net: 49 },
  ],
  ['a network that is just better than bad', { ...desktop, capabilities: ['gzip1'] }, { ...desktop, net: 1 }],
  ['a network that is known', { ...desktop, net: undefined }, { ...desktop, net: 1 }],
] as const) {
  test(`chosen is ${what}`, (t) => {
    t.is(chosen(worse, better), 1);
    t.is(chosen(better, worse), 0);
  });
}

test('of two that are as good the first to answer is chosen, also where a ping is unknown', (t) => {
  t.is(chosen(desktop, desktop), 0);
  t.is(chosen({ ...desktop, net: 100 }, { ...desktop, capabilities: ['gzip1'], net: 0 }), 0);
  t.is(chosen({ ...desktop, pings: [20] }, { ...desktop, pings: [10, 30] }), 0);
  t.is(chosen({ ...desktop, pings: [10, 30] }, { ...desktop, pings: [20] }), 0);
  t.is(chosen(desktop, { ...desktop, pings: [] }), 0);
  t.is(chosen({ ...desktop, pings: [] }, desktop), 0);
  t.is(chosen({ ...desktop, pings: ['x', -3] }, desktop), 0);
  for (const os of ['linux', 'unix']) t.is(chosen({ ...desktop, os }, { ...desktop, os: 'windows' }), 0, os);
});

test('after the first answer the others have three seconds', (t) => {
  const { reset, members, clock } = makeRoom();
  const [ann, bob] = members as [FakeMember, FakeMember];
  reset.check();
  t.deepEqual(reset.progress, { quietMs: 0, request: 'asked', windowMs: 3000 });
  clock.advance(2999);
  t.deepEqual(reset.progress, { quietMs: 0, request: 'asked', windowMs: 1 });
  reset.answer(bob, {});
  t.deepEqual(reset.progress, { quietMs: 0, request: 'answered', windowMs: 3000 });
  clock.advance(2999);
  t.false(reset.isRequested);
  clock.advance(1);
  t.is(bob.autoReset, 'awaiting');
  t.is(ann.autoReset, 'none');
  t.deepEqual(reset.progress, { quietMs: 0, request: 'chosen' });
});

test('later answers do not make the wait longer', (t) => {
  const { reset, members, clock } = makeRoom([operator(1, 'a'), operator(2, 'b'), operator(3, 'c')]);
  reset.check();
  reset.answer(members[0]!, {});
  clock.advance(2 * second);
  reset.answer(members[1]!, {});
  clock.advance(second);
  t.true(reset.isRequested);
});

test('where nobody answers, nothing is asked for half a minute', (t) => {
  const { reset, room, notes, clock, shown } = makeRoom();
  reset.check();
  clock.advance(3 * second);
  t.is(notes.at(-1), 'warn Status Autoreset failed: no operator was available');
  t.is(room.stream.aborted, 1);
  t.deepEqual(reset.progress, { quietMs: 30_000, request: 'none' });
  clock.advance(29_999);
  reset.check();
  t.is(shown.length, 1);
  clock.advance(1);
  reset.check();
  t.is(shown.length, 2);
  t.deepEqual(reset.progress, { quietMs: 0, request: 'asked', windowMs: 3000 });
});

test('who was chosen and does not begin within three minutes is given up', (t) => {
  const { reset, members, clock, notes } = makeRoom([operator(1, 'ann')]);
  reset.check();
  reset.answer(members[0]!, desktop);
  clock.advance(179_999);
  t.true(reset.isRequested);
  clock.advance(1);
  t.false(reset.isRequested);
  t.is(notes.at(-1), 'info Status Autoreset failed: ann did not start the reset');
  t.is(members[0]!.autoReset, 'none');
  t.is(reset.progress.quietMs, 30_000);
});

test('who has begun is not given up', (t) => {
  const { reset, members, clock } = makeRoom([operator(1, 'ann')]);
  reset.begun();
  reset.check();
  reset.begun();
  t.is(clock.waiting, 1, 'nobody has begun yet');
  reset.answer(members[0]!, desktop);
  t.is(clock.waiting, 1, 'nobody waits for answers any more');
  reset.begun();
  t.is(clock.waiting, 0);
  t.true(reset.isRequested);
});

test('answers that do not count are noted', (t) => {
  const { reset, members, notes, payload } = makeRoom([
    operator(1, 'ann'),
    operator(2, 'bob'),
    fakeMember(3, 'guest'),
  ]);
  const [ann, bob, guest] = members as [FakeMember, FakeMember, FakeMember];
  const unsent = (id: number) => `warn RuleBreak User ${id} answered an autoreset query that was not sent`;
  reset.answer(ann, {});
  t.is(notes.at(-1), unsent(1));
  reset.check();
  reset.answer(ann, { payload: '1:6:0' });
  t.is(notes.at(-1), 'warn RuleBreak User 1 answered another autoreset query');
  t.is(ann.autoReset, 'queried');
  reset.answer(guest, {});
  t.is(notes.at(-1), unsent(3));
  reset.answer(ann, { payload: payload() });
  reset.answer(ann, { payload: payload() });
  t.is(notes.at(-1), unsent(1));
  bob.become('operator', false);
  reset.answer(bob, {});
  t.is(notes.at(-1), unsent(2));
  t.is(bob.autoReset, 'queried');
  reset.clear(0);
  Object.assign(bob, { autoReset: 'queried' });
  reset.answer(bob, {});
  t.deepEqual(bob, { ...bob, autoReset: 'none' }, 'nobody waits for that answer');
});

test('who left, or lost the role, is not chosen', (t) => {
  const { reset, members, room, clock } = makeRoom([operator(1, 'a'), operator(2, 'b'), operator(3, 'c')]);
  const [a, b, c] = members as [FakeMember, FakeMember, FakeMember];
  reset.check();
  reset.answer(a, desktop);
  reset.answer(b, desktop);
  b.become('operator', false);
  room.people.members = [b, c];
  clock.advance(3 * second);
  t.false(reset.isRequested);
  t.is(c.autoReset, 'none');
});

test('the last one who had not answered leaves: one of the others is chosen at once', (t) => {
  const { reset, members, room } = makeRoom([operator(1, 'a'), operator(2, 'b'), operator(3, 'c')]);
  const [a, b, c] = members as [FakeMember, FakeMember, FakeMember];
  reset.check();
  room.people.members = [a, b];
  reset.memberLost(c);
  t.false(reset.isRequested, 'nobody has answered yet');
  reset.answer(a, {});
  room.people.members = [a];
  reset.memberLost(b);
  t.is(a.autoReset, 'awaiting');
  t.is(b.autoReset, 'none');
});

test('the only one who was asked leaves: others may still come until the wait is over', (t) => {
  const { reset, members, clock, notes } = makeRoom([operator(1, 'ann')]);
  reset.check();
  members[0]!.become('operator', false);
  reset.memberLost(members[0]!);
  t.is(reset.progress.request, 'asked');
  clock.advance(3 * second);
  t.is(notes.at(-1), 'warn Status Autoreset failed: no operator was available');
});

test('that somebody leaves who has answered decides nothing', (t) => {
  const { reset, members } = makeRoom([operator(1, 'a'), operator(2, 'b'), operator(3, 'c')]);
  const [a, b] = members as [FakeMember, FakeMember, FakeMember];
  reset.check();
  reset.answer(a, {});
  reset.answer(b, {});
  reset.memberLost(b);
  t.false(reset.isRequested);
});

test('the chosen one leaves: nothing is asked for half a minute, unless the reset is under way', (t) => {
  for (const [part, isOver] of [
    ['awaiting', true],
    ['streaming', false],
  ] as const) {
    const { reset, members } = makeRoom([operator(1, 'a'), operator(2, 'b')]);
    const [a, b] = members as [FakeMember, FakeMember];
    reset.check();
    for (const member of members) reset.answer(member, {});
    reset.memberLost(b);
    t.true(reset.isRequested);
    a.autoReset = part;
    reset.memberLost(a);
    t.is(reset.isRequested, !isOver);
    t.is(reset.progress.quietMs, isOver ? 30_000 : 0);
  }
});

test('a failed reset ends everything that was asked', (t) => {
  const { reset, room, members, clock } = makeRoom();
  reset.check();
  reset.fail();
  t.is(clock.waiting, 0);
  t.deepEqual(
    members.map(({ autoReset }) => autoReset),
    ['none', 'none'],
  );
  t.is(room.stream.aborted, 1);
  t.deepEqual(reset.progress, { quietMs: 30_000, request: 'none' });
});
