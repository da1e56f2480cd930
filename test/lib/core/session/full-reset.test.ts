// A full reset while it is uploaded: what everyone reads, when it is given up, and what takes the place of the history
// (sessions.md §13).
import test from 'ava';
import { FullReset, type ResetKind, serverState } from '../../../../src/lib/core/session/full-reset.js';
import { type FakeMember, fakeMember, type Sent, sentAs } from '../../../helpers/fake-member.js';
import { ManualClock } from '../../../helpers/manual-clock.js';
import { frame } from '../../../helpers/wire.js';

const minute = 60_000;
const avatar = new Uint8Array();
const stroke = (text = 'drawn') => frame(148, 1, Buffer.from(text));

function makeRoom() {
  const clock = new ManualClock();
  const done: string[] = [];
  const shown: Sent[] = [];
  const ann = fakeMember(1, 'ann', { isOperator: true, avatar });
  let adopted: { frames: Sent[]; count: number } | undefined;
  let under: FullReset | undefined;
  const room = {
    needs: { clock },
    people: { members: [ann] as FakeMember[] },
    runs: true,
    flow: {
      history: { firstIndex: 100, lastIndex: 107 },
      historyLimit: 0,
      adoptNew: (frames: Buffer[], count: number) => {
        done.push('adopted');
        adopted = { frames: frames.map(sentAs), count };
      },
      anchor: () => 'here',
      store: (bytes: Buffer) => done.push(`stored ${JSON.stringify(sentAs(bytes))}`),
      restartRecording: () => done.push('recording'),
      sendStatus: () => done.push('status'),
      sendToAll: (bytes: Buffer) => shown.push(sentAs(bytes)),
    },
    config: { store: () => done.push('configuration') },
    stream: { abort: () => done.push('stream forgotten') },
    recordAction: ({ kind, effect }: { kind: string; effect: { kind: string } }) =>
      done.push(`${kind} ${effect.kind}`),
    beginReset: (reset: FullReset) => {
      under = reset;
      return room.runs;
    },
    endReset: (reset: FullReset) => done.push(`ended ${reset === under}`),
  };
  const begin = (kind: ResetKind = 'current') => {
    FullReset.begin(room as never, ann, kind);
    return under!;
  };
  return { begin, room, clock, done, shown, ann, adopted: () => adopted };
}

const cancelled = {
  type: 'alert',
  message: 'The session reset was cancelled',
  T: 'resetcancel',
  reset: 'cancel',
};

for (const [kind, key, text] of [
  ['current', 'resetpreparecurrent', 'ann is compressing the canvas, please wait'],
  ['past', 'resetpreparepast', 'ann is going back to an earlier canvas, please wait'],
  ['external', 'resetprepareexternal', 'ann is replacing the canvas, please wait'],
  ['unknown', 'resetprepareby', 'ann is resetting the session, please wait'],
] as const) {
  test(`everyone reads that a reset begins: ${kind}`, (t) => {
    const { begin, done, shown, ann } = makeRoom();
    begin(kind);
    t.deepEqual(shown, [{ type: 'alert', message: text, T: key, P: { name: 'ann' }, reset: 'prepare' }]);
    t.deepEqual(done, [`reset ${kind}`]);
    t.deepEqual(ann.sent, [{ type: 'reset', state: 'init', message: 'Prepared to receive session data' }]);
  });
}

test('a session that does not run is not reset', (t) => {
  const { begin, room, shown, done, clock, ann } = makeRoom();
  room.runs = false;
  begin();
  t.deepEqual([shown, done, ann.sent], [[], [], []]);
  t.is(clock.waiting, 0);
});

test('the image takes the place of everything, behind who is here', (t) => {
  const { begin, done, shown, adopted, clock } = makeRoom();
  const reset = begin();
  const two = Buffer.concat([Buffer.from('x'), stroke('one'), stroke('two'), Buffer.from('x')]);
  reset.receive(two, 1, two.length - 1, 2);
  shown.length = 0;
  done.length = 0;
  reset.complete();
  const { frames, count } = adopted()!;
  t.deepEqual(
    frames.map((each) => String(each).split(' ', 1)[0]),
    ['32', '34', '148'],
  );
  t.is(count, 4);
  t.deepEqual(shown, [
    { type: 'reset', state: 'reset', message: 'Session reset!' },
    { type: 'catchup', count: 7, key: 0 },
  ]);
  t.deepEqual(done, [
    'stream forgotten',
    'adopted',
    'status',
    `stored ${JSON.stringify({ type: 'caughtup', key: 0, hidx: 'here' })}`,
    'configuration',
    'recording',
    'ended true',
  ]);
  t.is(clock.waiting, 0);
});

test('what was under way when the upload begins does not belong to the image', (t) => {
  const { begin, adopted } = makeRoom();
  const reset = begin();
  reset.receive(stroke('before'), 0, stroke('before').length, 1);
  reset.restart();
  reset.receive(stroke(), 0, stroke().length, 1);
  reset.complete();
  t.deepEqual(adopted()?.frames.slice(2), ['148 by 1: drawn']);
  t.is(adopted()?.count, 3);
});

test('an empty image is a cancelled reset', (t) => {
  for (const isRestarted of [false, true]) {
    const { begin, shown, done, adopted, clock } = makeRoom();
    const reset = begin();
    if (isRestarted) {
      reset.receive(stroke(), 0, stroke().length, 1);
      reset.restart();
    }
    shown.length = 0;
    reset.complete();
    t.deepEqual(shown, [cancelled]);
    t.is(adopted(), undefined);
    t.is(done.at(-1), 'ended true');
    t.is(clock.waiting, 0);
  }
});

test('an image may be as large as the session, with who is here', (t) => {
  for (const [spare, isDone] of [
    [0, true],
    [-1, false],
  ] as const) {
    const { begin, room, shown, adopted, done } = makeRoom();
    const reset = begin();
    reset.receive(stroke(), 0, stroke().length, 1);
    const state = serverState(room.people).reduce((sum, each) => sum + each.length, 0);
    room.flow.historyLimit = state + stroke().length + spare;
    shown.length = 0;
    reset.complete();
    t.is(adopted() !== undefined, isDone);
    t.is(done.at(-1), 'ended true');
    if (isDone) continue;
    t.deepEqual(shown, [
      {
        type: 'alert',
        message: 'The session reset failed: the new canvas is too large',
        T: 'resetfailed',
        reset: 'failed',
      },
    ]);
  }
});

test('who uploads more than the session may have is disconnected', (t) => {
  const { begin, room, ann } = makeRoom();
  const reset = begin();
  room.flow.historyLimit = 2 * stroke().length;
  const behind = Buffer.concat([stroke('something else'), stroke()]);
  const upload = () => reset.receive(behind, behind.length - stroke().length, behind.length, 1);
  upload();
  reset.restart();
  for (let i = 0; i < 2; i++) upload();
  t.deepEqual(ann.done, []);
  upload();
  t.deepEqual(ann.done, ['disconnect error: The reset image exceeds the size limit of the session']);
});

test('after five minutes without a message the reset is cancelled', (t) => {
  const { begin, clock, shown, done } = makeRoom();
  const reset = begin();
  clock.advance(2 * minute);
  reset.receive(stroke(), 0, stroke().length, 1);
  clock.advance(2 * minute);
  reset.restart();
  shown.length = 0;
  clock.advance(5 * minute - 1);
  t.deepEqual(shown, []);
  clock.advance(1);
  t.deepEqual(shown, [cancelled]);
  t.is(done.at(-1), 'ended true');
  t.is(clock.waiting, 0);
});

test('what the server knows: who is here but ghosts, who is operator, and who is trusted if anybody is', (t) => {
  const joined = (id: number, name: string, facts: object = {}) =>
    Object.assign(fakeMember(id, name, { avatar, ...facts }), { joinFlags: 1 });
  const ann = joined(1, 'ann', { isOperator: true });
  const ghost = joined(2, 'ghost', { isGhost: true, isOperator: true });
  const bob = joined(3, 'bob');
  const state = () => serverState({ members: [ann, ghost, bob] }).map(sentAs);
  t.deepEqual(state(), ['32 by 1: \u0001\u0003ann', '32 by 3: \u0001\u0003bob', '34 by 0: \u0001\u0002']);
  bob.become('trusted', true);
  t.is(state().at(-1), '36 by 0: \u0003');
});
