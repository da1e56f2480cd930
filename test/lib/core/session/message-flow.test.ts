import test from 'ava';
import { messageType } from '../../../../src/lib/core/protocol/frame.js';
import { MemoryHistory } from '../../../../src/lib/core/session/memory-history.js';
import { type FlowSession, MessageFlow } from '../../../../src/lib/core/session/message-flow.js';
import { Phase } from '../../../../src/lib/core/session/phase.js';
import type { JournalEntry } from '../../../../src/lib/core/session/saved.js';
import { MemorySettings } from '../../../../src/lib/core/settings/settings.js';
import { ManualClock } from '../../../helpers/manual-clock.js';
import { frame } from '../../../helpers/wire.js';

/** What a flow needs and nothing else: nobody is here, nothing is reset by itself. */
function makeFlow(settings: Readonly<Record<string, string>> = {}) {
  const history = new MemoryHistory();
  const written: JournalEntry[] = [];
  const turns: (() => void)[] = [];
  const clock = new ManualClock();
  clock.endOfTurn = (run) => void turns.push(run);
  const phase = new Phase(undefined);
  let checks = 0;
  const room: FlowSession = {
    id: 'room',
    needs: { clock, settings: new MemorySettings(settings) },
    stored: {
      history,
      journal: {
        write: () => {},
        sizeBytes: 0,
        isStored: true,
        whenStored: (done) => done(),
        end: () => {},
      },
    },
    options: { overrideSize: 0 },
    phase,
    people: { members: [] },
    autoReset: { check: () => void checks++ },
    stream: { isPrepared: false, tryApply: () => {} },
    remember: (entry) => void written.push(entry),
  };
  const flow = new MessageFlow(room, { startId: 7, catchupKey: 1, recorder: undefined });
  return { flow, history, phase, clock, written, turns, checks: () => checks };
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
