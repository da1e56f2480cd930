// A member: what it is, how it reads on, and how what it sends waits.
import test from 'ava';
import { heldBytesAtMost, Member } from '../../../../src/lib/core/session/member.js';
import { MemoryHistory } from '../../../../src/lib/core/session/memory-history.js';
import { person } from '../../../helpers/session-room.js';
import { frame } from '../../../helpers/wire.js';

function makeMember(facts: Parameters<typeof person>[1] = {}) {
  const somebody = person('Ann', facts);
  const history = new MemoryHistory();
  const received: string[] = [];
  const log: string[] = [];
  const left: unknown[] = [];
  const session = {
    id: 'room',
    isEnded: false,
    options: { deputies: false },
    history,
    incoming: {
      receiveRun: (_: Member, run: { bytes: Buffer; start: number; end: number }) =>
        void received.push(`run ${run.bytes.toString('latin1', run.start, run.end)}`),
      receiveSingle: (_: Member, type: number, bytes: Buffer, start: number, end: number) =>
        void received.push(`${type} ${bytes.toString('latin1', start, end)}`),
      receiveHeld: (_: Member, bytes: Buffer) => void received.push(`held ${bytes.toString('latin1')}`),
    },
    leave: (_: Member, departure?: string) => void left.push(departure),
    pump: () => {},
    writeLog: (level: string, topic: string, text: string) => void log.push(`${level} ${topic} ${text}`),
  };
  const member = new Member(session, 7, somebody.userInfo, somebody.link, history.cursorAt(0), 100);
  const run = (text: string) => {
    const bytes = Buffer.from(`_${text}_`);
    return { bytes, start: 1, end: bytes.length - 1, count: 1, hasMeta: false, hasDrawing: true };
  };
  return { member, session, history, received, log, left, run, ...somebody, somebody };
}

test('roles come and go one by one, and a trusted user is deputy where the session has deputies', (t) => {
  const { member, session } = makeMember();
  const roles = () => [member.isOperator, member.isTrusted, member.isMuted, member.isDeputy];
  t.deepEqual(roles(), [false, false, false, false]);
  member.become('trusted', true);
  t.deepEqual(roles(), [false, true, false, false]);
  session.options.deputies = true;
  t.deepEqual(roles(), [false, true, false, true]);
  member.become('operator', true);
  t.deepEqual(roles(), [true, true, false, false], 'an operator is more than a deputy');
  member.become('muted', true);
  member.become('operator', false);
  member.become('trusted', false);
  t.deepEqual(roles(), [false, false, true, false]);
});

test('a Join says who has an account, who is moderator, and whose client is of another minor version', (t) => {
  t.is(makeMember().member.joinFlags, 0);
  t.is(makeMember({ authId: 'internal:ann' }).member.joinFlags, 1);
  t.is(makeMember({ isModerator: true }).member.joinFlags, 2);
  t.is(makeMember({ isMinorIncompatible: true }).member.joinFlags, 8);
  t.is(makeMember({ authId: 'a', isModerator: true, isMinorIncompatible: true }).member.joinFlags, 11);
  t.false(makeMember().member.isRegistered);
  t.true(makeMember({ authId: 'internal:ann' }).member.isRegistered);
  t.true(makeMember({ ip: '127.0.0.1' }).member.isLoopback);
  t.false(makeMember().member.isLoopback);
});

test('when a member spoke and drew last is known', (t) => {
  const { member } = makeMember();
  t.deepEqual([member.lastActive, member.lastDrawing], [100, undefined]);
  member.spoke(200);
  t.deepEqual([member.lastActive, member.lastDrawing], [200, undefined]);
  member.drew(300);
  t.deepEqual([member.lastActive, member.lastDrawing], [200, 300]);
});

test('history is read on as long as the connection takes it, and counted', (t) => {
  const { member, history, somebody } = makeMember();
  const add = (text: string) => {
    const bytes = frame(148, 1, text);
    history.append(bytes, 0, bytes.length, 1);
  };
  add('one');
  add('two');
  somebody.hasRoom = false;
  member.pump();
  t.deepEqual(somebody.got, []);
  t.is(member.historyPosition, -1);
  somebody.hasRoom = true;
  member.pump();
  t.deepEqual(somebody.got, ['148 by 1: one', '148 by 1: two']);
  t.is(member.historyPosition, 1);
  t.is(member.deliveredMessages, 2);
  add('three');
  add('four');
  member.readOnFrom(history.cursorAt(3));
  member.pump();
  t.deepEqual(somebody.got.slice(2), ['148 by 1: four']);
  t.is(member.deliveredMessages, 3);
});

test('who makes a canvas for an autoreset is sent what controls clients, and nothing else', (t) => {
  const { member, somebody } = makeMember();
  member.autoReset = 'awaiting';
  member.send(frame(32, 1, 'x'));
  member.send(frame(35, 1, 'x'));
  member.send(frame(0, 0, '{"type":"status"}'));
  member.send(frame(31, 1, 'x'));
  member.send(undefined);
  t.deepEqual(somebody.got, [{ type: 'status' }, '31 by 1: x']);
  member.autoReset = 'awaitingStream';
  member.send(frame(32, 1, 'x'));
  t.is(somebody.got.length, 3);
});

test('what comes during a hold waits until the last reason for it is gone, in order', (t) => {
  const { member, received, run } = makeMember();
  t.false(member.isHeld);
  t.false(member.isHeldFor('answer'));
  member.hold('initialization');
  member.hold('answer');
  t.true(member.isHeld);
  t.true(member.isHeldFor('answer'));
  t.false(member.isHeldFor('change'));
  member.receiveRun(run('one'));
  member.receiveSingle(35, Buffer.from('_two_'), 1, 4);
  member.release('initialization');
  t.deepEqual(received, []);
  member.release('answer');
  t.deepEqual(received, ['held one', 'held two']);
  member.receiveRun(run('three'));
  member.receiveSingle(35, Buffer.from('_four_'), 1, 5);
  t.deepEqual(received.slice(2), ['run three', '35 four']);
});

test('what is handled may hold again, and the rest waits on', (t) => {
  const { member, session, received, run } = makeMember();
  member.hold('answer');
  for (const text of ['one', 'two']) member.receiveRun(run(text));
  const { receiveHeld } = session.incoming;
  session.incoming.receiveHeld = (who, bytes) => {
    receiveHeld(who, bytes);
    if (received.length === 1) who.hold('change');
  };
  member.release('answer');
  t.deepEqual(received, ['held one']);
  member.release('change');
  t.deepEqual(received, ['held one', 'held two']);
});

test('1 MiB may wait; who sends more is cut off and what waited is gone', (t) => {
  const { member, received, done, left } = makeMember();
  member.hold('answer');
  const half = Buffer.alloc(heldBytesAtMost / 2);
  member.keep(half, 0, half.length);
  member.keep(half, 0, half.length);
  t.deepEqual(done, []);
  member.release('answer');
  t.is(received.length, 2);
  member.hold('answer');
  member.keep(half, 0, half.length);
  member.keep(half, 0, half.length);
  member.keep(half, 0, 1);
  t.deepEqual(done, ['abort: sent more than 1048576 bytes while it was on hold']);
  t.deepEqual(left, ['gone']);
  member.release('answer');
  t.is(received.length, 2);
  t.false(member.isHeld);
});

test('what a member that left had waiting is forgotten, and so is how much it was', (t) => {
  const { member, received, done } = makeMember();
  member.drop();
  member.hold('answer');
  const most = Buffer.alloc(heldBytesAtMost);
  member.keep(most, 0, most.length);
  member.drop();
  t.false(member.isHeld);
  member.release('answer');
  t.deepEqual(received, []);
  member.hold('answer');
  member.keep(Buffer.concat([most, most]), most.length, 2 * most.length);
  t.deepEqual(done, []);
});

test('what follows a slow change waits until all changes are done', (t) => {
  const { member, received, run } = makeMember();
  t.false(member.hasChangeUnderWay);
  const first = member.beginChange();
  const second = member.beginChange();
  member.hold('change');
  member.receiveRun(run('later'));
  first();
  t.true(member.hasChangeUnderWay);
  t.deepEqual(received, []);
  second();
  t.false(member.hasChangeUnderWay);
  t.deepEqual(received, ['held later']);
});

test('who is disconnected reads why, and the log has it with its details', (t) => {
  const { member, done, log, left } = makeMember();
  member.disconnect('kick', 'bob');
  member.disconnect('shutdown', 'over', 'it was late');
  member.disconnectLogged('error', 'no more');
  member.abort('broken', 'lost');
  t.deepEqual(log, ['info Kick Kicked by bob', 'info Leave over (it was late)']);
  t.deepEqual(done, [
    'disconnect kick: bob',
    'disconnect shutdown: over',
    'disconnect error: no more',
    'abort: broken',
  ]);
  t.deepEqual(left, [undefined, undefined, undefined, 'lost']);
});

test('a goodbye is noticed also while what comes is held', (t) => {
  const { member } = makeMember();
  member.hold('answer');
  member.receiveSingle(35, Buffer.from('x'), 0, 1);
  t.false(member.hasSaidGoodbye);
  member.receiveSingle(1, Buffer.from('x'), 0, 1);
  t.true(member.hasSaidGoodbye);
});
