// How a streamed reset ends: with its image in place, given up, or stopped by somebody (sessions.md §14.5, §14.6).
import test from 'ava';
import { giveUp, type Inflated, makeStreamRoom, stroke } from '../../../helpers/stream-room.js';

test('a complete image waits until all have read what came before it', (t) => {
  const { reset, ann, bob, room, history, image, clock, started, upload, finish, news } = makeStreamRoom();
  started();
  upload(stroke('1'), stroke('22'));
  // the first message that the image does not hold
  const tail = history.lastIndex + 1;
  Object.assign(ann, { historyPosition: tail - 1 });
  Object.assign(bob, { historyPosition: tail - 2 });
  t.is(finish(2), undefined);
  t.deepEqual(news(), ['inflater closed', 'info Status User 1 prepared a streamed reset of 2 messages']);
  t.deepEqual(ann.done, ['hold answer', 'release answer', 'hold answer', 'release answer']);
  t.is(ann.autoReset, 'none');
  t.true(reset.isPrepared);
  const bytes = stroke('1').length + stroke('22').length;
  t.deepEqual(reset.progress, { isPrepared: true, bytes, count: undefined, by: undefined });
  t.deepEqual(image.frames.at(-1), { type: 'caughtup', key: 0 });
  clock.advance(59_999);
  reset.tryApply();
  t.deepEqual(news(), []);
  clock.advance(1);
  for (const _ of [1, 2]) reset.tryApply();
  const delayed = 'warn Status Streamed reset delayed until all users have caught up';
  t.deepEqual(news(), [delayed], 'once a minute');
  clock.advance(60_000);
  reset.tryApply();
  t.deepEqual(news(), [delayed]);
  Object.assign(bob, { historyPosition: tail - 1 });
  room.phase.isRunning = false;
  reset.tryApply();
  t.deepEqual(news(), [], 'nothing is put in place while the session does not run');
  room.phase.isRunning = true;
  const before = history.sizeBytes;
  reset.tryApply();
  t.deepEqual(news(), [
    `adopted true, tail ${tail}, ${bytes} bytes`,
    'cleared for 0 ms',
    `info Status Streamed reset complete: ${before} bytes before, 77 bytes now`,
    'status',
    'configuration',
    'recording',
  ]);
  t.false(reset.isActive);
  reset.tryApply();
  t.deepEqual(news(), []);
});

test('an image that is not stored yet waits for that', (t) => {
  const { reset, ann, bob, image, started, upload, finish } = makeStreamRoom();
  started();
  for (const member of [ann, bob]) Object.assign(member, { historyPosition: 99 });
  upload(stroke());
  image.isReady = false;
  t.is(finish(1), undefined);
  t.true(reset.isPrepared);
  image.isReady = true;
  reset.tryApply();
  t.false(reset.isActive);
});

test('image and tail together may be as large as the session, not larger', (t) => {
  for (const [spare, isDone] of [
    [0, true],
    [-1, false],
  ] as const) {
    const { reset, ann, bob, room, history, image, started, upload, finish, news } = makeStreamRoom();
    started();
    for (const member of [ann, bob]) Object.assign(member, { historyPosition: 99 });
    upload(stroke());
    // drawn meanwhile
    history.append(stroke(), 0, stroke().length, 1);
    room.flow.historyLimit = image.sizeBytes + stroke().length + spare;
    t.is(finish(1), undefined);
    const text =
      'warn Status Streamed reset discarded: the result would exceed the size limit of the session';
    const said = news();
    t.is(said.includes(text), !isDone);
    t.is(said.includes('failed'), !isDone);
    t.false(reset.isActive);
    t.is(history.sizeBytes === 77, isDone);
  }
});

for (const [what, count, frames, result, problem] of [
  ['of which a message is missing', 2, [stroke()], { output: [] }, '1 messages arrived instead of 2'],
  ['with a message too many', 0, [stroke()], { output: [] }, '1 messages arrived instead of 0'],
  ['that is empty', 0, [], { output: [] }, 'the image is empty'],
  [
    'that ends within a message',
    1,
    [stroke()],
    { output: [stroke().subarray(0, 3)] },
    'the last message is incomplete',
  ],
  ['that does not unpack to its end', 1, [stroke()], { error: 'cut' }, 'cut'],
] as const) {
  test(`an image ${what} is given up, and its sender gets to know why`, (t) => {
    const { reset, started, upload, finish, news, ann } = makeStreamRoom();
    started();
    if (frames.length > 0) upload(...frames);
    news();
    t.is(finish(count, result as Inflated), problem);
    t.deepEqual(news(), [
      `warn Status The streamed reset of user 1 failed: ${problem}`,
      'inflater closed',
      'image forgotten',
      'failed',
    ]);
    t.false(reset.isActive);
    t.is(ann.autoReset, 'none');
    t.is(ann.done.at(-1), 'release answer');
  });
}

test('messages may come with the very end of the stream', (t) => {
  const { started, finish, image } = makeStreamRoom();
  started();
  t.is(finish(1, { output: [stroke('last')] }), undefined);
  t.deepEqual(image.frames[0], '148 by 1: last');
});

test('a stream that was given up while its end was inflated is not put in place', (t) => {
  const { reset, ann, started, upload, answer, news } = makeStreamRoom();
  started();
  upload(stroke());
  let said: string | undefined;
  reset.finish(ann, 1, (problem) => {
    said = problem && `${problem}`;
  });
  reset.abort();
  news();
  answer({ output: [] });
  t.is(said, 'the streamed reset was aborted');
  t.deepEqual(news(), []);
  t.is(ann.done.at(-1), 'release answer');
});

test('who streams may stop it', (t) => {
  const { reset, ann, started, news } = makeStreamRoom();
  started();
  t.true(reset.abortBy(ann));
  t.deepEqual(news(), ['failed', 'warn Status Streamed reset aborted', 'inflater closed', 'image forgotten']);
  t.false(reset.isActive);
});

test('who streams and leaves, or loses the role, ends it; only who is still there is notified', (t) => {
  for (const hasLeft of [true, false]) {
    const { reset, ann, bob, started, news } = makeStreamRoom();
    reset.memberLost(ann, { hasLeft });
    started();
    reset.memberLost(bob, { hasLeft });
    t.deepEqual(news(), []);
    t.true(reset.isActive);
    reset.memberLost(ann, { hasLeft });
    t.deepEqual(ann.sent, hasLeft ? [] : [giveUp]);
    t.is(news()[0], 'failed');
    t.false(reset.isActive);
  }
});

test('a prepared image stays when what is unprepared is forgotten, and goes when all is', (t) => {
  const { reset, started, upload, finish, news } = makeStreamRoom();
  started();
  upload(stroke());
  finish(1);
  news();
  reset.abortUnprepared();
  t.true(reset.isPrepared);
  t.deepEqual(news(), []);
  reset.abort();
  t.false(reset.isActive);
  t.deepEqual(news(), ['image forgotten']);
  reset.abort();
  t.deepEqual(news(), []);
});

test('whoever has another part in the meantime keeps it', (t) => {
  const { reset, ann, started } = makeStreamRoom();
  started();
  ann.autoReset = 'queried';
  reset.abort();
  t.is(ann.autoReset, 'queried');
});
