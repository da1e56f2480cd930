import test from 'ava';
import { messageType } from '../../../../src/lib/core/protocol/frame.js';
import type { Member } from '../../../../src/lib/core/session/member.js';
import { MemoryHistory } from '../../../../src/lib/core/session/memory-history.js';
import { type FlowSession, MessageFlow } from '../../../../src/lib/core/session/message-flow.js';
import type { Recorder } from '../../../../src/lib/core/session/needs.js';
import { Phase } from '../../../../src/lib/core/session/phase.js';
import type { JournalEntry } from '../../../../src/lib/core/session/saved.js';
import { MemorySettings } from '../../../../src/lib/core/settings/settings.js';
import { sentAs } from '../../../helpers/fake-member.js';
import { ManualClock } from '../../../helpers/manual-clock.js';
import { frame } from '../../../helpers/wire.js';

/** What a flow needs and nothing else: nobody is here, nothing is reset by itself. */
function makeFlow(
  settings: Readonly<Record<string, string>> = {},
  catchupKey = 1,
  recorder: Recorder | undefined = undefined,
) {
  const history = new MemoryHistory();
  const written: JournalEntry[] = [];
  const turns: (() => void)[] = [];
  const clock = new ManualClock();
  clock.endOfTurn = (run) => void turns.push(run);
  const phase = new Phase(undefined);
  let checks = 0;
  const members: Member[] = [];
  const options = { overrideSize: 0 };
  const journal = {
    write: () => {},
    sizeBytes: 0,
    isStored: true,
    whenStored: (done: () => void) => done(),
    end: () => {},
  };
  const room: Omit<FlowSession, 'stream'> & { stream: FlowSession['stream'] } = {
    id: 'room',
    needs: { clock, settings: new MemorySettings(settings) },
    stored: { history, journal },
    options,
    phase,
    people: { members },
    autoReset: { check: () => void checks++ },
    stream: { isPrepared: false, tryApply: () => {} },
    remember: (entry) => void written.push(entry),
  };
  const flow = new MessageFlow(room, { startId: 7, catchupKey, recorder });
  return {
    flow,
    history,
    phase,
    clock,
    written,
    turns,
    members,
    options,
    journal,
    room,
    checks: () => checks,
  };
}

const stroke = (bytes = 10) => frame(148, 1, Buffer.alloc(bytes));

test('a place is named once the session runs, and leads back to the message', (t) => {
  const { flow, phase } = makeFlow();
  flow.store(stroke());
  t.is(flow.anchor(), undefined, 'the host uploads');
  phase.begin();
  flow.store(stroke());
  const anchor = flow.anchor()!;
  t.is(flow.positionFrom(anchor), undefined, 'nothing is there yet');
  flow.store(stroke());
  t.is(flow.positionFrom(anchor), flow.history.lastIndex);
  for (const other of [
    '',
    '7:1',
    '7:1:other',
    '8:1:room',
    '7:0:room',
    '7:-1:room',
    '7:1:room ',
    'x:1:room',
  ]) {
    t.is(flow.positionFrom(other), undefined, other);
  }
});

test('after a reset no place of before names anything, and growth is counted anew', (t) => {
  const { flow, phase, clock, written } = makeFlow();
  phase.begin();
  for (let i = 0; i < 5; i++) flow.store(stroke());
  const before = flow.positionText(flow.history.lastIndex)!;
  t.not(flow.positionFrom(before), undefined);
  t.is(flow.resetBase, 0);
  flow.adoptNew([stroke(50), stroke(50)], 2);
  t.is(flow.positionFrom(before), undefined);
  t.is(flow.resetBase, flow.history.sizeBytes);
  t.deepEqual(written, [{ key: 'start', id: clock.now() }]);
  t.is(flow.positionFrom(flow.positionText(flow.history.lastIndex)!), flow.history.lastIndex);
});

test('of a run that does not fit, the messages are stored that do', (t) => {
  const { flow, phase, history } = makeFlow({ sessionSizeLimit: '100b' });
  phase.begin();
  const run = Buffer.concat([stroke(40), stroke(90), stroke(40)]);
  flow.storeRun(run, 0, run.length, 3);
  t.is(history.sizeBytes, 2 * stroke(40).length);
  t.is(history.lastIndex - history.firstIndex + 1, 2);
  t.false(flow.store(stroke(40)));
});

test('who comes and goes is stored beyond the limit', (t) => {
  const { flow, phase, history } = makeFlow({ sessionSizeLimit: '20b' });
  phase.begin();
  flow.store(stroke(10));
  const size = history.sizeBytes;
  t.false(flow.hasRoomFor(10));
  t.true(flow.store(frame(messageType.leave, 1, Buffer.alloc(8))));
  t.true(history.sizeBytes > size);
  t.false(flow.store(frame(messageType.chat, 1, Buffer.from([0, 0, 97, 97, 97]))));
});

test('a turn is ended once, however much was stored in it', (t) => {
  const { flow, phase, turns } = makeFlow();
  phase.begin();
  for (let i = 0; i < 3; i++) flow.store(stroke());
  t.is(turns.length, 1);
  turns.shift()!();
  flow.store(stroke());
  t.is(turns.length, 1);
});

test('each stored message is an occasion for an autoreset; after the end nothing is stored', (t) => {
  const { flow, phase, history, checks, clock } = makeFlow();
  phase.begin();
  clock.advance(1000);
  flow.store(stroke());
  t.is(flow.lastEvent, clock.monotonic());
  t.is(checks(), 1);
  phase.end();
  const run = stroke();
  t.false(flow.store(stroke()));
  t.false(flow.storeRun(run, 0, run.length, 1));
  t.is(history.lastIndex, history.firstIndex);
  t.is(checks(), 1);
});

test('the host gets what the server says about a session at once, drawing and what it has never', (t) => {
  const { flow, phase } = makeFlow();
  const got: unknown[] = [];
  const places: number[] = [];
  const host = {
    send: (bytes: Buffer) => void got.push(Number(bytes[2])),
    readOnFrom: ({ index }: { index: number }) => void places.push(index),
  };
  phase.hostArrived(host as never);
  flow.store(frame(messageType.chat, 1, Buffer.from([0, 0, 97])));
  flow.store(frame(127, 1, 'x'));
  flow.store(frame(128, 1, 'x'));
  t.deepEqual(got, [messageType.chat, 127]);
  t.deepEqual(places, [1, 2, 3], 'it reads on behind what was stored');
});

test('a status is sent when ten seconds have passed since the last, with the place of each', (t) => {
  const { flow, phase, clock, members } = makeFlow();
  const got: unknown[] = [];
  members.push({ historyPosition: 1, send: (bytes: Buffer) => void got.push(sentAs(bytes)) } as never);
  phase.begin();
  flow.store(stroke());
  clock.advance(9999);
  flow.store(stroke());
  t.deepEqual(got, []);
  clock.advance(1);
  flow.store(stroke());
  t.deepEqual(got, [{ type: 'status', size: 42, 'hid*': '7:1:room' }]);
  clock.advance(9999);
  flow.store(stroke());
  t.is(got.length, 1);
  phase.end();
  flow.sendStatus();
  t.is((got[1] as { 'hid*'?: string })['hid*'], undefined, 'after the end there are no places');
});

test('the limit of a session is that of the server, unless it has its own; the journal counts beyond 32 KiB', (t) => {
  const { flow, options, journal } = makeFlow({ sessionSizeLimit: '100kb' });
  t.is(flow.sizeLimit, 102_400);
  t.is(flow.historyLimit, 102_400);
  journal.sizeBytes = 32 * 1024;
  t.is(flow.historyLimit, 102_400);
  journal.sizeBytes = 32 * 1024 + 100;
  t.is(flow.historyLimit, 102_300);
  journal.sizeBytes = 1_000_000;
  t.is(flow.historyLimit, 1, 'never without a limit');
  t.is(flow.rememberedBytesAtMost, 32 * 1024);
  options.overrideSize = 800_000;
  t.is(flow.sizeLimit, 800_000);
  t.is(flow.rememberedBytesAtMost, 100_000);
  const free = makeFlow({ sessionSizeLimit: '0' }).flow;
  t.is(free.historyLimit, 0);
  t.is(free.rememberedBytesAtMost, Number.POSITIVE_INFINITY);
  t.true(free.hasRoomFor(1e12));
  const run = stroke();
  t.true(free.storeRun(run, 0, run.length, 1));
  t.is(free.history.sizeBytes, run.length);
  options.overrideSize = 1;
  t.false(flow.storeRun(run, 0, run.length, 1), 'one byte is a limit');
});

test('a session is full to the byte', (t) => {
  const { flow, phase, history } = makeFlow({ sessionSizeLimit: '100b' });
  phase.begin();
  t.true(flow.hasRoomFor(100));
  t.false(flow.hasRoomFor(101));
  const run = stroke(96);
  t.true(flow.storeRun(run, 0, run.length, 1));
  t.is(history.sizeBytes, 100);
  t.false(flow.hasRoomFor(1));
  const one = stroke(1);
  t.false(flow.storeRun(one, 0, one.length, 1));
  t.is(history.sizeBytes, 100);
});

test('of two messages that do not fit together the one is stored that does', (t) => {
  const { flow, phase, history } = makeFlow({ sessionSizeLimit: '60b' });
  phase.begin();
  const run = Buffer.concat([stroke(40), stroke(40)]);
  t.true(flow.storeRun(run, 0, run.length, 2));
  t.is(history.lastIndex, 0);
});

test('what is stored beyond the limit goes out at the end of the turn like everything', (t) => {
  const { flow, turns } = makeFlow();
  t.true(flow.store(stroke()));
  t.is(turns.splice(0).length, 1);
  flow.wakeLater();
  t.is(turns.length, 0, 'it is under way');
  const other = makeFlow();
  other.flow.storeBeyondLimit(stroke());
  t.is(other.turns.length, 1);
});

test('after a reset everybody reads from its beginning, which is a place', (t) => {
  const { flow, phase, members, history, clock } = makeFlow();
  phase.begin();
  for (let i = 0; i < 3; i++) flow.store(stroke());
  const places: number[] = [];
  members.push({ readOnFrom: ({ index }: { index: number }) => void places.push(index) } as never);
  flow.adoptNew([stroke(), stroke()], 2);
  t.deepEqual(places, [3]);
  t.is(flow.positionFrom(`${clock.now()}:3:room`), 3);
  t.is(history.firstIndex, 3);
});

test('only places that are kept are places', (t) => {
  const { flow, phase } = makeFlow();
  phase.begin();
  t.is(flow.positionText(0), undefined);
  t.is(flow.positionText(1), '7:1:room');
  for (let i = 0; i < 4; i++) flow.store(stroke());
  t.is(flow.positionFrom('7:1:room'), 1);
  t.is(flow.positionFrom('7:3:room'), 3);
  t.is(flow.positionFrom('7:4:room'), undefined);
  t.is(flow.positionFrom('7:0:room'), undefined);
});

test('who catches up is told how much there is, and the key of the message at which that ends', (t) => {
  const { flow, phase, written, history } = makeFlow();
  phase.begin();
  for (let i = 0; i < 4; i++) flow.store(stroke());
  const got: Record<string, unknown>[] = [];
  const member = {
    send: (bytes: Buffer) => void got.push(sentAs(bytes) as Record<string, unknown>),
  } as never;
  flow.sendCatchup(member, undefined);
  t.like(got[0], { type: 'catchup', count: 4, key: 1 });
  t.like(got[1], { type: 'status', size: history.sizeBytes });
  t.deepEqual(written, [{ key: 'catchup', next: 2 }]);
  flow.sendCatchup(member, 3);
  t.like(got[2], { type: 'catchup', count: 2, key: 2 });
  flow.sendCatchup(member, history.lastIndex + 5);
  t.like(got[4], { count: 0 });
  t.is(flow.cursorAfter(undefined).index, 0);
  t.is(flow.cursorAfter(2).index, 3);
});

test('keys of catching up begin anew behind the largest', (t) => {
  const { flow, phase, written } = makeFlow({}, 999_999_998);
  phase.begin();
  const member = { send: () => {} } as never;
  for (let i = 0; i < 3; i++) flow.sendCatchup(member, undefined);
  t.deepEqual(
    written.map((entry) => (entry as { next: number }).next),
    [999_999_999, 1, 2],
  );
});

test('where there is no room the end of catching up has no key, and after the end nothing is stored', (t) => {
  const { flow, phase, history } = makeFlow({ sessionSizeLimit: '20b' });
  phase.begin();
  flow.store(stroke());
  const { lastIndex } = history;
  const got: Record<string, unknown>[] = [];
  const member = {
    send: (bytes: Buffer) => void got.push(sentAs(bytes) as Record<string, unknown>),
  } as never;
  flow.sendCatchup(member, undefined);
  t.deepEqual(got[0], { type: 'catchup', count: 0 });
  t.is(history.lastIndex, lastIndex);
  const ended = makeFlow();
  ended.phase.end();
  got.length = 0;
  ended.flow.sendCatchup(member, undefined);
  t.is(ended.history.lastIndex, -1);
  t.deepEqual(got[0], { type: 'catchup', count: 0 });
});

test('the end of catching up is nothing that a host reads, nor an occasion for a reset', (t) => {
  const { flow, phase, checks, turns } = makeFlow();
  const places: number[] = [];
  const sent: unknown[] = [];
  const host = {
    send: (bytes: Buffer) => void sent.push(bytes),
    readOnFrom: ({ index }: { index: number }) => void places.push(index),
  };
  phase.hostArrived(host as never);
  flow.sendCatchup({ send: () => {} } as never, undefined);
  t.deepEqual([places, sent, checks()], [[1], [], 0]);
  t.is(turns.length, 1, 'but it goes out');
});

test('at the end of a turn what was stored is made safe, then recorded, then read; only while the session runs', (t) => {
  const done: string[] = [];
  const recorder = {
    restart: () => void done.push('restart'),
    wake: () => void done.push('record'),
    stop: () => void done.push('stop'),
  };
  const { flow, phase, members, turns, history, room } = makeFlow({}, 1, recorder);
  history.flush = () => void done.push('flush');
  room.stream = { isPrepared: true, tryApply: () => void done.push('image') };
  const member = {
    pump: () => void done.push('pump'),
    link: { connection: { flush: () => void done.push('out') } },
  };
  members.push(member as never);
  flow.store(stroke());
  turns.shift()?.();
  t.deepEqual(done.splice(0), ['flush', 'record']);
  phase.begin();
  flow.wakeLater();
  turns.shift()?.();
  t.deepEqual(done.splice(0), ['flush', 'record', 'image', 'pump']);
  flow.flushNow();
  t.deepEqual(done.splice(0), ['flush', 'out']);
  flow.pump(member as never);
  t.deepEqual(done.splice(0), ['image', 'pump']);
  room.stream = { isPrepared: false, tryApply: () => void done.push('image') };
  flow.pump(member as never);
  t.deepEqual(done.splice(0), ['pump']);
  flow.restartRecording();
  phase.end();
  flow.pump(member as never);
  flow.close('keep');
  t.deepEqual(done, ['restart', 'flush', 'stop']);
});

test('who is no member waits for more to read once, and may give that up', (t) => {
  const { flow, history, turns } = makeFlow();
  let times = 0;
  flow.whenReadable(() => times++);
  const cancel = flow.whenReadable(() => (times += 10));
  cancel();
  history.onReadable?.();
  history.onReadable?.();
  t.is(times, 1);
  t.is(turns.length, 1, 'members are served as well');
});

test('what a session had when it was found or was uploaded at first is no growth', (t) => {
  const { flow, history, written } = makeFlow();
  flow.storeBeyondLimit(stroke());
  flow.adoptStored(true);
  t.is(flow.resetBase, history.sizeBytes);
  t.deepEqual(written, []);
  flow.adoptStored(false);
  t.deepEqual(written, [{ key: 'start', id: 7 }]);
  flow.storeBeyondLimit(stroke());
  flow.adoptFirst();
  t.is(flow.resetBase, 2 * stroke().length);
});

test('an image of a streamed reset moves everybody, and what it holds is the new base', (t) => {
  const { flow, history, members } = makeFlow();
  for (let i = 0; i < 3; i++) flow.storeBeyondLimit(stroke());
  const cursor = history.cursorAt(3);
  members.push({ cursor } as never);
  const image = history.beginImage();
  image.append(stroke(), 0, stroke().length, 1);
  flow.adoptImage(image, 3, 55);
  t.is(flow.resetBase, 55);
  t.is(history.firstIndex, 3);
  t.is(cursor.index, 4);
});

test('in a reset chat of the resetter goes into its image, that of others into the history', (t) => {
  const { flow, phase, history } = makeFlow();
  phase.begin();
  const image: number[] = [];
  const resetter = {} as never;
  phase.beginReset({
    resetter,
    receive: (_: Uint8Array, start: number, end: number, count: number) => void image.push(start, end, count),
  } as never);
  flow.storeFrom(resetter, stroke());
  t.deepEqual(image, [0, stroke().length, 1]);
  t.is(history.lastIndex, -1);
  flow.storeFrom({} as never, stroke());
  t.is(history.lastIndex, 0);
});

test('everybody is warned of a full session, and nothing is sent where there is nothing', (t) => {
  const { flow, members } = makeFlow();
  const got: unknown[] = [];
  members.push({ send: (bytes: Buffer) => void got.push(sentAs(bytes)) } as never);
  flow.sendToAll(undefined);
  t.deepEqual(got, []);
  flow.notifyOutOfSpace();
  t.deepEqual(got[0], { type: 'outofspace' });
});
