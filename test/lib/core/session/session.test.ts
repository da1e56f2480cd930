// A session from its beginning to its end, and what is written and passed on meanwhile.
import test from 'ava';
import { openSession } from '../../../../src/lib/admin/session-actions.js';
import { byServer } from '../../../../src/lib/core/session/actor.js';
import type { SessionDirectory } from '../../../../src/lib/core/session/directory.js';
import { Session } from '../../../../src/lib/core/session/session.js';
import { texts } from '../../../../src/lib/core/session/texts.js';
import { sentAs } from '../../../helpers/fake-member.js';
import { makeDirectory, person, protocol, repliesOf } from '../../../helpers/session-room.js';
import { frame } from '../../../helpers/wire.js';

const minute = 60_000;
/** The session that was found in the store. */
function storedOne(directory: SessionDirectory): Session {
  const session = directory.find('one');
  if (!session) throw new Error('it is not there');
  return session;
}

const owner = { changed: () => {}, chatReceived: () => {}, ended: () => {} };

test('a stored session is opened once for all who ask, and they wait for it', (t) => {
  const { directory, find, endTurn, kept, clock } = makeDirectory();
  const { found, opens, kept: store } = find('one', { title: 'Old', startId: 5 });
  directory.restore([found]);
  const session = storedOne(directory);
  const answers: unknown[] = [];
  session.open((problem) => answers.push(problem));
  session.open((problem) => answers.push(problem));
  t.is(opens.length, 1);
  t.deepEqual(answers, []);
  t.is(session.state.name, 'stored');
  opens[0]?.({ usedIds: [1], lastIndex: -1 });
  t.deepEqual(answers, [undefined, undefined]);
  t.is(session.state.name, 'running');
  session.open((problem) => answers.push(problem));
  t.is(answers.length, 3, 'at once, when it runs');
  t.is(session.people.chooseId('new'), 2, 'ids that were used come last');
  t.false(
    store.written.some(({ key }) => key === 'start'),
    'the era goes on',
  );
  t.is(session.flow.resetBase, 0);
  t.true(session.history.sizeBytes > 0, 'its settings');
  endTurn();
  t.is(kept.length, 0);
  t.is(clock.waiting, 1);
});

test('a stored session whose era is not known begins a new one', (t) => {
  const { directory, find, clock } = makeDirectory();
  const { found, opens, kept } = find('one');
  directory.restore([found]);
  t.deepEqual(kept.written, []);
  storedOne(directory).open(() => {});
  opens[0]?.({ usedIds: [], lastIndex: -1 });
  t.deepEqual(
    kept.written.filter(({ key }) => key === 'start'),
    [{ key: 'start', id: Math.floor(clock.now() / 1000) }],
  );
});

test('a session that cannot be opened says why, stays as it is, and is tried again', (t) => {
  const { directory, find, log } = makeDirectory();
  const { found, opens } = find('one');
  directory.restore([found]);
  const session = storedOne(directory);
  const answers: unknown[] = [];
  for (let i = 0; i < 2; i++) session.open((problem) => answers.push(problem));
  opens[0]?.({ error: 'the disk is broken' });
  t.deepEqual(answers, ['the disk is broken', 'the disk is broken']);
  t.true(log.includes('error Status Cannot open the session: the disk is broken'));
  t.is(session.state.name, 'stored');
  session.open(() => {});
  t.is(opens.length, 2);
  session.end('', 'stop');
  opens[1]?.({ usedIds: [], lastIndex: -1 });
  t.is(session.state.name, 'ended', 'an answer that comes too late changes nothing');
});

for (const what of ['terminate', 'stop'] as const) {
  test(`who waits for a stored session that ends meanwhile is answered, when that is stored: ${what}`, async (t) => {
    const { directory, find } = makeDirectory();
    const { found, kept, opens } = find('one');
    directory.restore([found]);
    const session = storedOne(directory);
    const answers: unknown[] = [];
    for (let i = 0; i < 2; i++) session.open((problem) => answers.push(problem));
    const byAdmin = openSession({ directory } as never, 'one');
    kept.isStored = false;
    session.write({ key: 'catchup', next: 5 });
    session.end('It is over', what);
    t.deepEqual(answers, []);
    kept.store();
    t.deepEqual(answers, ['It is over', 'It is over']);
    t.is(await byAdmin, undefined, 'for an administrator it is not there any more');
    opens[0]?.({ usedIds: [], lastIndex: -1 });
    t.is(answers.length, 2);
  });
}

test('the first message of a new session is its configuration', (t) => {
  const { host } = makeDirectory();
  const { session } = host(person('ann'));
  const first = Buffer.from(session.history.read(session.history.cursorAt(0)) ?? []);
  t.like(sentAs(first), { type: 'sessionconf' });
});

test('a stored session meets what the server requires when it is found, and again when it is opened', (t) => {
  const { directory, find, settings } = makeDirectory({ settings: { minimumAutoResetThreshold: '2kb' } });
  const { found, opens } = find('one', { resetThreshold: 1000 });
  directory.restore([found]);
  const session = storedOne(directory);
  t.is(session.options.resetThreshold, 2048);
  settings.set('minimumAutoResetThreshold', '3kb');
  t.is(session.options.resetThreshold, 2048);
  session.open(() => {});
  opens[0]?.({ usedIds: [], lastIndex: -1 });
  t.is(session.options.resetThreshold, 3072);
});

test('a recording begins when a session begins to run, and with each that is opened', (t) => {
  const done: string[] = [];
  const recorder = {
    restart: () => void done.push('restart'),
    wake: () => {},
    stop: () => void done.push('stop'),
  };
  const { directory, host, find } = makeDirectory({ needs: { makeRecorder: () => recorder } });
  const { session } = host(person('ann'));
  t.deepEqual(done, []);
  session.completeInitialization();
  t.deepEqual(done, ['restart']);
  const { found, opens } = find('one');
  directory.restore([found]);
  storedOne(directory).open(() => {});
  opens[0]?.({ usedIds: [], lastIndex: -1 });
  t.deepEqual(done, ['restart', 'restart']);
});

test('who came while the host uploaded gets the canvas when it is complete', (t) => {
  const bob = person('bob');
  const { host, join, endTurn, log } = makeDirectory();
  const { session } = host(person('ann'));
  join(session, bob);
  session.flow.storeRun(frame(148, 1, 'canvas'), 0, 10, 1);
  endTurn();
  t.false(bob.got.includes('148 by 1: canvas'));
  session.completeInitialization();
  session.completeInitialization();
  endTurn();
  t.true(bob.got.includes('148 by 1: canvas'));
  t.is(log.filter((line) => line.startsWith('info Status Session initialized')).length, 1);
});

test('an autoreset is forgotten, and may be asked for at once, when a session begins, is reset or ends', (t) => {
  const { host, endTurn } = makeDirectory();
  const ann = person('ann');
  const { session, member } = host(ann);
  const done: unknown[] = [];
  session.autoReset.clear = (ms) => void done.push(ms);
  session.roles.stopWaiting = () => void done.push('nobody is waited for');
  session.stream.abort = () => void done.push('no image');
  session.completeInitialization();
  t.deepEqual(done, [0]);
  const reset = {
    resetter: member,
    receive: () => {},
    restart: () => {},
    complete: () => {},
    cancel: () => {},
    drop: () => {},
  };
  session.beginReset(reset);
  t.deepEqual(done, [0, 0]);
  const before = ann.done.length;
  session.endReset({ ...reset });
  t.deepEqual([done.length, ann.done.length], [2, before], 'another one ends nothing');
  session.endReset(reset);
  t.deepEqual(done, [0, 0, 0]);
  session.end('', 'terminate');
  t.deepEqual(done.slice(3), [0, 'nobody is waited for', 'no image']);
  endTurn();
});

test('a member whose connection can take more is sent more', (t) => {
  const ann = person('ann');
  const { run } = makeDirectory();
  const { session, member } = run(ann);
  session.flow.storeBeyondLimit(frame(148, 1, 'more'));
  t.false(ann.got.includes('148 by 1: more'));
  session.pump(member);
  t.true(ann.got.includes('148 by 1: more'));
});

test('nobody becomes operator of a stored session for ten minutes where one may come back, and for two after the first visit', (t) => {
  for (const [waitMs, visitMs] of [
    [0, 10 * minute],
    [9 * minute, 11 * minute],
  ] as const) {
    const { directory, find, clock, join } = makeDirectory();
    const holder = { role: 'operator', who: 'system of ann', name: 'ann' } as const;
    const guestRoles = new Map([['operator\nsystem of ann\nann', holder]]);
    const { found, opens } = find('one', { guestRoles });
    directory.restore([found]);
    const session = storedOne(directory);
    clock.advance(waitMs);
    session.open(() => {});
    opens[0]?.({ usedIds: [], lastIndex: -1 });
    const bob = join(session, person('bob'));
    clock.advance(visitMs - waitMs - 1);
    t.false(bob.isOperator);
    clock.advance(1);
    t.true(bob.isOperator);
  }
});

test('the lists of a stored history are corrected with the first who comes', (t) => {
  const { directory, find, join } = makeDirectory();
  const { found, opens } = find('one', { opword: 'plain;x' });
  directory.restore([found]);
  const session = storedOne(directory);
  session.open(() => {});
  opens[0]?.({ usedIds: [], lastIndex: -1 });
  const bob = person('bob');
  join(session, bob);
  t.true(bob.got.includes('34 by 0: '));
});

test('a session in doubt is kept whatever happens, until an administrator decides', (t) => {
  const { directory, find } = makeDirectory();
  let settled = 0;
  const { found, kept } = find(
    'one',
    {},
    { doubts: [{ isShut: true, why: 'a line is lost' }], settleDoubts: () => settled++ },
  );
  directory.restore([found]);
  const session = storedOne(directory);
  t.true(session.isShut);
  t.true(session.options.persistent);
  t.is(session.doubts.length, 1);
  t.true(session.settleDoubts());
  t.is(settled, 1);
  t.deepEqual(
    kept.written.filter(({ key }) => key === 'flags'),
    [{ key: 'flags', flags: ['persistent'] }],
  );
  t.false(session.isShut);
  t.false(session.settleDoubts());
  t.is(settled, 1);
  const certain = find('two');
  const other = Session.restore(makeDirectory().needs, owner, certain.found);
  t.false(other.options.persistent);
});

test('a doubt that shuts nobody out leaves the session open', (t) => {
  const { directory, find } = makeDirectory();
  directory.restore([find('one', {}, { doubts: [{ isShut: false, why: 'a flag is lost' }] }).found]);
  t.false(storedOne(directory).isShut);
  t.true(storedOne(directory).options.persistent);
});

test('a canvas that is complete is stored with its size, everybody is told, and only then others are heard', (t) => {
  const ann = person('ann');
  const { host, endTurn, log } = makeDirectory();
  const { session, member } = host(ann);
  session.flow.storeRun(frame(148, 1, 'canvas'), 0, 10, 1);
  const size = session.history.sizeBytes;
  session.completeInitialization();
  t.is(session.flow.resetBase, size, 'which does not count as growth');
  t.true(log.includes(`info Status Session initialized with size ${size} bytes`));
  t.deepEqual(
    repliesOf(ann.got, 'status').map(({ size: shown }) => shown),
    [size],
  );
  t.is(ann.done.at(-1), `context ${member.id}`);
  t.is(session.state.name, 'running');
  const count = ann.done.length;
  session.completeInitialization();
  t.is(ann.done.length, count, 'once');
  endTurn();
});

test('a host that leaves before the canvas is complete ends the session', (t) => {
  const { host, directory, changes } = makeDirectory();
  const { session, member } = host(person('ann'));
  session.leave(member);
  t.is(directory.count, 0);
  t.deepEqual(changes.at(-1)?.actor, { kind: 'rule', name: 'hostLeft' });
});

test('who resets sends what it uploads as it is, and everybody has what came before', (t) => {
  const [ann, bob] = [person('ann'), person('bob')];
  const { run, join, endTurn } = makeDirectory();
  const { session, member } = run(ann);
  join(session, bob);
  const reset = {
    resetter: member,
    receive: () => {},
    restart: () => {},
    complete: () => {},
    cancel: () => {},
    handOver: () => ({ id: 1, frames: [], count: 0, activeAgo: 0 }),
    drop: () => {},
  };
  ann.done.length = bob.done.length = 0;
  t.true(session.beginReset(reset));
  t.deepEqual(ann.done, ['flush', 'context -1']);
  t.deepEqual(bob.done, ['flush']);
  t.false(session.beginReset({ ...reset }), 'one at a time');
  session.endReset({ ...reset });
  t.is(session.state.name, 'resetting', 'another one ends nothing');
  session.flow.store(frame(148, 2, 'meanwhile'));
  endTurn();
  t.false(bob.got.includes('148 by 2: meanwhile'));
  session.endReset(reset);
  t.is(ann.done.at(-1), `context ${member.id}`);
  endTurn();
  t.true(bob.got.includes('148 by 2: meanwhile'));
});

test('a session that ends for good is stored as ended first, then everybody is disconnected', (t) => {
  const ann = person('ann');
  const { run, directory, listed } = makeDirectory({ settings: { archive: 'false' } });
  const { session, kept } = run(ann);
  listed.length = 0;
  session.end('It is over', 'terminate');
  session.end('It is over', 'terminate');
  t.deepEqual(kept.ends, ['journal: delete', 'history: delete']);
  t.is(ann.done.at(-1), 'disconnect shutdown: It is over');
  t.deepEqual(listed, [`ended ${session.id}`]);
  t.is(directory.count, 0);
  t.is(session.people.count, 0);
});

test('files of a session that ended become archives where the session says so, or else the server', (t) => {
  for (const [server, own, ends] of [
    ['true', undefined, ['journal: archive', 'history: archive']],
    ['true', false, ['journal: delete', 'history: delete']],
    ['false', true, ['journal: archive', 'history: archive']],
  ] as const) {
    const { run } = makeDirectory({ settings: { archive: server } });
    const { session, kept } = run(person('ann'));
    if (own !== undefined) session.options.archive = own;
    session.storeEnd();
    session.storeEnd();
    session.end('', 'terminate');
    t.deepEqual(kept.ends, [...ends]);
  }
});

test('the end is stored before anybody reads of it', (t) => {
  const ann = person('ann');
  const { run, listed } = makeDirectory();
  const { session, kept } = run(ann);
  listed.length = 0;
  kept.isStored = false;
  session.storeEnd();
  t.is(ann.done.at(-1), 'hold');
  session.end('', 'terminate');
  t.deepEqual(listed, []);
  kept.store();
  t.is(ann.done.at(-1), 'release');
  t.deepEqual(listed, [`ended ${session.id}`]);
});

test('a session of a server that stops keeps its files, and everybody has left in them', (t) => {
  const ann = person('ann');
  const { run } = makeDirectory();
  const { session, kept } = run(ann);
  const { lastIndex } = session.history;
  session.end('Back soon', 'stop');
  t.deepEqual(kept.ends, ['history: keep']);
  t.true(session.history.lastIndex > lastIndex);
});

test('a session that ends quietly leaves everybody connected to nothing', (t) => {
  const ann = person('ann');
  const { run } = makeDirectory();
  const { session, member } = run(ann);
  member.hold('answer');
  session.end('', 'terminate', true);
  t.is(ann.done.at(-1), 'context -1');
  t.false(ann.done.some((each) => each.startsWith('disconnect')));
  t.false(member.isHeld);
});

test('whoever waits for something learns that the session is over', (t) => {
  const [ann, bob] = [person('ann'), person('bob')];
  const { run, join, clock } = makeDirectory();
  const { session, member } = run(ann);
  join(session, bob);
  const done: string[] = [];
  session.listener = { chatReceived: () => {}, ended: () => void done.push('listener') };
  session.beginReset({
    resetter: member,
    receive: () => {},
    restart: () => {},
    complete: () => {},
    cancel: () => {},
    handOver: () => ({ id: 1, frames: [], count: 0, activeAgo: 0 }),
    drop: () => void done.push('reset dropped'),
  });
  session.end('', 'terminate');
  t.deepEqual(done, ['listener', 'reset dropped']);
  t.is(clock.waiting, 1, 'only the sweep of the directory');
});

test('operators read that the disk fails, also those who become one meanwhile, and that it works again', (t) => {
  const [ann, bob] = [person('ann'), person('bob')];
  const { run, join } = makeDirectory();
  const { session, member, kept } = run(ann);
  session.opword.set('x', () => {});
  const guest = join(session, bob);
  t.true(member.isOperator);
  session.operatorMade(guest);
  t.deepEqual(repliesOf(bob.got, 'alert'), []);
  kept.stored.onProblem?.('it is full');
  t.deepEqual(
    repliesOf(ann.got, 'alert').map(({ message }) => message),
    [texts.notSaved('it is full')],
  );
  t.deepEqual(repliesOf(bob.got, 'alert'), []);
  session.operatorMade(guest);
  t.deepEqual(
    repliesOf(bob.got, 'alert').map(({ message }) => message),
    [texts.notSaved('it is full')],
  );
  kept.stored.onProblem?.(undefined);
  t.is(repliesOf(ann.got, 'alert').at(-1)?.message, texts.saved);
});

test('the lobby and list servers are told of changes once, when they are stored, and not after the end', (t) => {
  const { run, listed } = makeDirectory();
  const { session, kept } = run(person('ann'));
  listed.length = 0;
  kept.isStored = false;
  session.write({ key: 'catchup', next: 5 });
  session.changed();
  session.changed();
  t.deepEqual(listed, []);
  kept.store();
  t.deepEqual(listed, [`changed ${session.id}`]);
  session.changed();
  t.is(listed.length, 2, 'at once, where everything is stored');
  kept.isStored = false;
  session.write({ key: 'catchup', next: 6 });
  session.changed();
  session.end('', 'stop');
  listed.length = 0;
  kept.store();
  t.deepEqual(listed, [`ended ${session.id}`]);
  session.changed();
  t.is(listed.length, 1);
});

test('what is written holds back what members are sent until it is stored; what is remembered does not', (t) => {
  const ann = person('ann');
  const { run } = makeDirectory();
  const { session, kept } = run(ann);
  kept.isStored = false;
  ann.done.length = 0;
  session.remember({ key: 'catchup', next: 5 });
  t.deepEqual(ann.done, []);
  session.write({ key: 'catchup', next: 6 });
  t.deepEqual(ann.done, ['hold']);
  kept.store();
  t.deepEqual(ann.done, ['hold', 'release']);
});

test('an action is a line of the log and a change', (t) => {
  const { run, log, changes, clock } = makeDirectory();
  const { session } = run(person('ann'));
  changes.length = 0;
  session.recordAction({ kind: 'stop', actor: byServer, effect: { reason: '' } });
  t.is(changes.length, 1);
  t.is(changes[0]?.when, clock.now());
  t.true(log.some((line) => /^info Status/.test(line)));
});

test('chat is kept for reports and reaches those who follow', (t) => {
  const { run, clock } = makeDirectory();
  const { session, member } = run(person('ann'));
  const heard: string[] = [];
  session.listener = {
    chatReceived: ({ name }, text) => void heard.push(`${name}: ${text}`),
    ended: () => {},
  };
  session.chatReceived(member, 'hello', 0);
  t.deepEqual(heard, ['ann: hello']);
  t.deepEqual(session.recentChat.lines, [
    { when: clock.now(), user: 1, name: 'ann', text: 'hello', isAction: false },
  ]);
});

test('a client of 2.1 is never sent chat without a text', (t) => {
  const { needs, find } = makeDirectory();
  const mayBe = (version: string) =>
    Session.restore(needs, owner, { ...find('one', { protocol: version }).found }).mayHaveEmptyChat;
  t.false(mayBe('dp:4.21.2'));
  t.true(mayBe('dp:4.24.0'));
  t.true(mayBe(protocol));
  t.true(mayBe('nonsense'));
});
