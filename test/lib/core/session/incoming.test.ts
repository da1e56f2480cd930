// What members send: into the history, back to who uploads, or to its handler.
import test from 'ava';
import { Incoming } from '../../../../src/lib/core/session/incoming.js';
import { Member } from '../../../../src/lib/core/session/member.js';
import { MemoryHistory } from '../../../../src/lib/core/session/memory-history.js';
import { Phase } from '../../../../src/lib/core/session/phase.js';
import { ManualClock } from '../../../helpers/manual-clock.js';
import { makeDirectory, type Person, person, repliesOf } from '../../../helpers/session-room.js';
import { command, frame } from '../../../helpers/wire.js';

const meta = (text: string) => frame(65, 9, text);
const stroke = (text: string) => frame(148, 9, text);
const chat = (text: string) => frame(35, 9, Buffer.concat([Buffer.from([0, 0]), Buffer.from(text)]));

/** As a transport does it: frames behind each other, in a buffer that has more in it. */
function sendRun(member: Member, ...frames: Buffer[]) {
  const bytes = Buffer.concat([Buffer.from('before'), ...frames, Buffer.from('after')]);
  const hasMeta = frames.some((each) => Number(each[2]) < 128);
  const hasDrawing = frames.some((each) => Number(each[2]) >= 128);
  member.receiveRun({ bytes, start: 6, end: bytes.length - 5, count: frames.length, hasMeta, hasDrawing });
}

function sendSingle(member: Member, one: Buffer) {
  const bytes = Buffer.concat([Buffer.from('before'), one, Buffer.from('after')]);
  member.receiveSingle(Number(one[2]), bytes, 6, bytes.length - 5);
}

const framesOf = ({ got }: Person) => got.filter((each) => typeof each === 'string');

test('while a session runs everybody gets what is drawn, also who drew it, and drawing is noticed', (t) => {
  const [ann, bob] = [person('ann'), person('bob')];
  const { run, join, endTurn, clock } = makeDirectory();
  const { session } = run(ann);
  const member = join(session, bob);
  clock.advance(5);
  ann.got.length = bob.got.length = 0;
  sendRun(member, meta('m'));
  t.is(member.lastDrawing, undefined);
  t.is(member.lastActive, clock.monotonic());
  sendRun(member, meta('m'), stroke('s'));
  t.is(member.lastDrawing, clock.monotonic());
  endTurn();
  const wanted = ['65 by 9: m', '65 by 9: m', '148 by 9: s'];
  t.deepEqual([framesOf(ann), framesOf(bob)], [wanted, wanted]);
});

test("of a host's canvas what is not drawing comes back to it at once, behind each other", (t) => {
  const ann = person('ann');
  const { host } = makeDirectory();
  const { session, member } = host(ann);
  ann.got.length = 0;
  sendRun(member, meta('one'), stroke('x'), meta('two'));
  sendRun(member, stroke('y'));
  t.deepEqual(ann.got, ['65 by 9: one', '65 by 9: two']);
  const before = session.history.lastIndex;
  t.is(before - session.history.firstIndex + 1 >= 4, true);
});

test("of a host's canvas that does not fit, only what was stored comes back", (t) => {
  const ann = person('ann');
  const { host } = makeDirectory({ settings: { sessionSizeLimit: '10kb' } });
  const { session, member } = host(ann);
  ann.got.length = 0;
  sendRun(member, meta('fits'), stroke('x'.repeat(20_000)), meta('too'), meta('y'.repeat(20_000)));
  t.deepEqual(framesOf(ann), ['65 by 9: fits', '65 by 9: too']);
  ann.got.length = 0;
  sendRun(member, meta('y'.repeat(20_000)));
  t.deepEqual(framesOf(ann), []);
  t.false(session.flow.hasRoomFor(20_000));
});

test('others who draw while the host uploads are held, and one who is not is stored like everybody', (t) => {
  const [ann, bob] = [person('ann'), person('bob')];
  const { host, join } = makeDirectory();
  const { session } = host(ann);
  const member = join(session, bob);
  member.release('initialization');
  ann.got.length = bob.got.length = 0;
  sendRun(member, meta('m'));
  t.deepEqual([framesOf(ann), framesOf(bob)], [[], []], 'history goes out when the session runs');
  session.completeInitialization();
});

test('in a reset the frames of the resetter are its image, those of others are stored for later', (t) => {
  const [ann, bob] = [person('ann', { isModerator: true }), person('bob')];
  const { run, join, endTurn } = makeDirectory();
  const { session, member } = run(ann);
  const other = join(session, bob);
  sendSingle(member, command('reset-session'));
  endTurn();
  t.is(session.state.name, 'resetting');
  const before = session.history.lastIndex;
  sendRun(member, stroke('image'));
  t.is(session.history.lastIndex, before);
  sendRun(other, stroke('meanwhile'));
  t.is(session.history.lastIndex, before + 1);
  sendSingle(member, chat('of the image'));
  t.is(session.history.lastIndex, before + 1);
  sendSingle(other, chat('hello'));
  t.is(session.history.lastIndex, before + 2);
});

test('what members send beside drawing carries their id, but for an upload', (t) => {
  const [ann, bob] = [person('ann'), person('bob')];
  const { host, join, endTurn } = makeDirectory();
  const { session, member } = host(ann);
  ann.got.length = 0;
  sendSingle(member, chat('of somebody'));
  t.deepEqual(framesOf(ann), ['35 by 9: \u0000\u0000of somebody'], 'a canvas has the chat of others');
  session.completeInitialization();
  const other = join(session, bob);
  endTurn();
  ann.got.length = bob.got.length = 0;
  sendSingle(other, chat('mine'));
  endTurn();
  t.deepEqual(framesOf(ann), ['35 by 2: \u0000\u0000mine']);
});

test('in a session that ended quietly everybody gets what they send, and only that', (t) => {
  const [ann, bob] = [person('ann'), person('bob')];
  const { run, join } = makeDirectory();
  const { session, member } = run(ann);
  join(session, bob);
  session.end('', 'terminate', true);
  ann.got.length = bob.got.length = 0;
  sendRun(member, meta('m'), stroke('s'));
  sendSingle(member, chat('hello'));
  sendSingle(member, frame(38, 9, Buffer.from([2, 0, 97])));
  sendSingle(member, frame(34, 9, Buffer.from([1])));
  sendSingle(member, command('kick-user', [2]));
  t.deepEqual(ann.got, ['65 by 9: m', '148 by 9: s', '35 by 9: \u0000\u0000hello', '38 by 9: \u0002\u0000a']);
  t.deepEqual(bob.got, []);
});

test('commands wait for a slow change of the same member, settings do not', (t) => {
  const ann = person('ann', { isModerator: true });
  const hashes: ((stored: string) => void)[] = [];
  const { run, endTurn } = makeDirectory({
    needs: {
      passwords: { hash: (_text, done) => void hashes.push(done), verify: () => {} },
    },
  });
  const { session, member } = run(ann);
  sendSingle(member, command('sessionconf', [], { password: 'secret' }));
  t.true(member.hasChangeUnderWay);
  sendSingle(member, command('sessionconf', [], { title: 'New' }));
  t.is(session.options.title, 'New');
  sendSingle(member, command('no-such-command'));
  t.deepEqual(repliesOf(ann.got, 'error'), []);
  t.true(member.isHeldFor('change'));
  hashes[0]?.('plain;secret');
  endTurn();
  t.is(repliesOf(ann.got, 'error').length, 1);
  t.false(member.isHeld);
});

test('a message that only servers send is written down as a breach; goodbyes and keep-alives are not', (t) => {
  const ann = person('ann');
  const { run, log } = makeDirectory();
  const { member } = run(ann);
  sendSingle(member, frame(32, 9, 'x'));
  sendSingle(member, frame(1, 9, Buffer.from([0])));
  sendSingle(member, frame(3, 9, ''));
  t.deepEqual(
    log.filter((line) => line.includes('RuleBreak')),
    ['warn RuleBreak Sent a message of type 32, which only a server may send'],
  );
});

test('lists of operators and trusted users, and pictures, reach their handlers from behind the header', (t) => {
  const [ann, bob] = [person('ann', { isModerator: true }), person('bob')];
  const { run, join, log } = makeDirectory();
  const { session, member } = run(ann);
  const other = join(session, bob);
  sendSingle(member, frame(34, 9, Buffer.from([2])));
  t.true(other.isOperator);
  sendSingle(member, frame(36, 9, Buffer.from([2])));
  t.true(other.isTrusted);
  const { effect } = session.thumbnails.request({ kind: 'administrator' } as never, other, {}, '');
  sendSingle(other, frame(4, 9, `${effect.correlator}picture`));
  t.is(session.thumbnails.latest?.bytes.toString(), 'picture');
  sendSingle(other, frame(39, 9, 'unasked'));
  t.true(log.some((line) => line.startsWith('warn')));
});

test('held frames are counted and named as what they are', (t) => {
  const [ann, bob] = [person('ann'), person('bob')];
  const { host, join, endTurn, clock } = makeDirectory();
  const { session } = host(ann);
  const member = join(session, bob);
  sendRun(member, meta('m'), meta('n'));
  const before = session.history.lastIndex;
  clock.advance(7);
  member.release('initialization');
  t.is(session.history.lastIndex, before + 2);
  t.is(member.lastDrawing, undefined);
  member.hold('answer');
  sendRun(member, meta('m'), stroke('s'));
  sendSingle(member, chat('hello'));
  member.release('answer');
  t.is(member.lastDrawing, clock.monotonic());
  t.is(session.history.lastIndex, before + 5);
  session.completeInitialization();
  endTurn();
  t.deepEqual(framesOf(bob).slice(-4), [
    '65 by 9: n',
    '65 by 9: m',
    '148 by 9: s',
    '35 by 9: \u0000\u0000hello',
  ]);
});

/** A session in which handlers write down what reaches them. */
function makeHandlers() {
  const done: string[] = [];
  const note =
    (name: string) =>
    (_: unknown, bytes: Buffer, start = 0, end = bytes.length) =>
      void done.push(`${name} ${bytes.toString('latin1', start, end)}`);
  const clock = new ManualClock();
  const phase = new Phase(undefined);
  let room = Number.POSITIVE_INFINITY;
  const limit = (bytes: number) => {
    room = bytes;
  };
  const session = {
    needs: { clock },
    phase,
    flow: {
      hasRoomFor: (bytes: number) => bytes <= room,
      storeRun: (bytes: Buffer, start: number, end: number, count: number) => {
        done.push(`stored ${count}: ${bytes.toString('latin1', start, end)}`);
        return end - start <= room;
      },
      storeFrom: note('stored'),
      sendToAll: () => done.push('sent to all'),
    },
    thumbnails: { receive: note('picture') },
    roles: { receiveOwners: note('operators'), receiveTrusted: note('trusted') },
    stream: { receive: note('stream') },
    people: { get: () => undefined },
    mayHaveEmptyChat: true,
    chatReceived: () => done.push('said'),
    writeLog: (level: string) => done.push(level),
  };
  const incoming = new Incoming(session as never);
  const somebody = person('ann');
  const history = new MemoryHistory();
  const member = new Member(
    { incoming, history, options: { deputies: false } } as never,
    7,
    somebody.userInfo,
    somebody.link,
    history.cursorAt(0),
    0,
  );
  return { incoming, member, somebody, phase, clock, done, limit };
}

for (const [what, type, payload, wanted] of [
  ['a picture', 4, 'x', ['picture x']],
  ['a list of operators', 34, 'x', ['operators x']],
  ['a list of trusted users', 36, 'x', ['trusted x']],
  ['a piece of a stream', 39, 'x', ['stream x']],
  ['chat', 35, '\u0000\u0000x', ['said', 'stored \u0000\u0003#\u0007\u0000\u0000x']],
  ['private chat to nobody', 38, '\u0009\u0000x', []],
  ['a goodbye', 1, 'x', []],
  ['a keep-alive', 3, '', []],
  ['a message of servers', 33, '', ['warn']],
] as const) {
  test(`${what} reaches its handler and no other`, (t) => {
    const { member, phase, clock, done } = makeHandlers();
    phase.begin();
    clock.advance(5);
    sendSingle(member, frame(type, 9, Buffer.from(payload, 'latin1')));
    t.deepEqual(done, [...wanted]);
    t.is(member.lastActive, clock.monotonic());
  });
}

test('private chat reaches the one that it is for, and who wrote it', (t) => {
  const [ann, bob] = [person('ann'), person('bob')];
  const { run, join } = makeDirectory();
  const { session } = run(ann);
  const member = join(session, bob);
  ann.got.length = bob.got.length = 0;
  sendSingle(member, frame(38, 9, Buffer.from([1, 0, 97])));
  const wanted = ['38 by 2: \u0001\u0000a'];
  t.deepEqual([framesOf(ann), framesOf(bob)], [wanted, wanted]);
});

test('a reset gets the frames of its resetter as they are', (t) => {
  const { member, phase, done } = makeHandlers();
  phase.begin();
  phase.beginReset({
    resetter: member,
    receive: (bytes: Buffer, start: number, end: number, count: number) =>
      void done.push(`image ${count}: ${bytes.toString('latin1', start, end)}`),
  } as never);
  sendRun(member, stroke('a'), stroke('b'));
  t.is(done.length, 1);
  t.regex(done[0] ?? '', /^image 2: .*a.*b$/s);
});

test('of an upload that fits nothing is taken apart, of two frames that do not each is tried', (t) => {
  const { member, somebody, phase, done, limit } = makeHandlers();
  phase.hostArrived(member);
  const frames = [meta('a'), frame(128, 9, 'b')];
  limit(10);
  sendRun(member, ...frames);
  t.is(done.length, 1);
  t.deepEqual(somebody.got, ['65 by 9: a']);
  limit(9);
  sendRun(member, ...frames);
  t.deepEqual(
    done.slice(1).map((each) => each.slice(0, 8)),
    ['stored 1', 'stored 1'],
  );
  t.deepEqual(somebody.got.slice(1), ['65 by 9: a']);
  limit(1);
  sendRun(member, meta('a'));
  t.is(somebody.got.length, 2, 'what is not stored does not come back');
});

test('drawing begins with type 128, and an upload may end where its buffer does', (t) => {
  const { member, somebody, phase } = makeHandlers();
  phase.hostArrived(member);
  const bytes = Buffer.concat([frame(127, 9, 'meta'), frame(128, 9, 'drawing')]);
  member.receiveRun({ bytes, start: 0, end: bytes.length, count: 2, hasMeta: true, hasDrawing: true });
  t.deepEqual(somebody.got, ['127 by 9: meta']);
});

test('what waited is looked at again: single messages, runs with what comes back, and drawing alone', (t) => {
  const { incoming, member, somebody, phase, done } = makeHandlers();
  phase.hostArrived(member);
  const sent: number[] = [];
  const send = member.send.bind(member);
  member.send = (bytes) => {
    sent.push(bytes?.length ?? 0);
    send(bytes);
  };
  incoming.receiveHeld(member, Buffer.concat([frame(128, 9, 'x')]));
  t.deepEqual(sent, [], 'nothing comes back, not even nothing');
  t.not(member.lastDrawing, undefined);
  incoming.receiveHeld(member, Buffer.concat([frame(128, 9, 'x'), frame(127, 9, 'm')]));
  t.deepEqual(somebody.got, ['127 by 9: m']);
  done.length = 0;
  incoming.receiveHeld(member, frame(64, 9, 'x'));
  t.is(done.length, 1);
  t.regex(done[0] ?? '', /^stored 1: /);
  incoming.receiveHeld(member, frame(39, 9, 'x'));
  t.is(done.at(-1), 'stream x');
});
