// A streamed reset while its image arrives: who may begin, what may be in it (sessions.md §14.5).
import test from 'ava';
import { type Sent, sentAs } from '../../../helpers/fake-member.js';
import { giveUp, goOn, makeStreamRoom, stroke } from '../../../helpers/stream-room.js';
import { frame } from '../../../helpers/wire.js';

test('the one who was asked begins: a mark in the history, an image of who is here', (t) => {
  const { reset, ann, bob, image, news } = makeStreamRoom();
  bob.become('trusted', true);
  t.is(reset.progress, undefined);
  t.is(reset.start(ann, 'c'), undefined);
  t.deepEqual(news(), [
    'begun',
    'history: 37 by 0:  ×1',
    'history: [object Object] ×1',
    'info Status User 1 started a streamed reset',
    'reset streamed by operator',
  ]);
  t.is(ann.autoReset, 'streaming');
  t.deepEqual(
    image.frames.map((each) => String(each).split(' ', 1)[0]),
    ['32', '32', '34', '36'],
  );
  t.true(reset.isActive);
  t.false(reset.isPrepared);
  t.deepEqual(reset.progress, { isPrepared: false, bytes: 0, count: 0, by: ann });
});

test('everyone reads at which place the image begins', (t) => {
  const { reset, room, ann } = makeStreamRoom();
  const stored: Sent[] = [];
  room.flow.store = (bytes) => stored.push(sentAs(bytes));
  reset.start(ann, 'c');
  t.deepEqual(stored, [{ type: 'sstart', correlator: 'c', hidx: 'at 12' }]);
});

for (const [what, problem, fails, change] of [
  [
    'nobody was asked',
    'no autoreset was requested',
    false,
    ({ room }) => {
      room.autoReset.isRequested = false;
    },
  ],
  [
    'another one was asked',
    'the autoreset was requested from another user',
    false,
    ({ room }) => {
      room.autoReset.wanted = undefined;
    },
  ],
  [
    'one is no operator any more',
    'they may not reset the session',
    true,
    ({ ann }) => ann.become('operator', false),
  ],
  [
    'one is a ghost',
    'they may not reset the session',
    true,
    ({ ann }) => Object.assign(ann, { isGhost: true }),
  ],
  [
    'it is about an older request',
    'this is not the autoreset that was requested',
    true,
    ({ room }) => {
      room.autoReset.wanted = 'd';
    },
  ],
] as readonly [string, string, boolean, (made: ReturnType<typeof makeStreamRoom>) => unknown][]) {
  test(`no stream begins when ${what}`, (t) => {
    const made = makeStreamRoom();
    change(made);
    t.is(`${made.reset.start(made.ann, 'c')}`, problem);
    t.deepEqual(made.news(), [
      ...(fails ? ['failed'] : []),
      `warn RuleBreak User 1 tried to start a streamed reset, but ${problem}`,
    ]);
    t.false(made.reset.isActive);
    t.is(made.inflaters(), 0);
  });
}

test('no second stream begins', (t) => {
  const { reset, ann, started, news } = makeStreamRoom();
  started();
  t.is(`${reset.start(ann, 'c')}`, 'another streamed reset is in progress');
  t.deepEqual(news(), [
    'warn RuleBreak User 1 tried to start a streamed reset, but another streamed reset is in progress',
  ]);
  t.true(reset.isActive);
});

test('a session that has no room for the marks cannot begin', (t) => {
  const { reset, room, ann, news } = makeStreamRoom();
  const bytes = 4 + 4 + JSON.stringify({ type: 'sstart', correlator: 'c', hidx: 'at 12' }).length;
  room.flow.room = bytes - 1;
  t.is(`${reset.start(ann, 'c')}`, 'the session is out of space');
  t.deepEqual(news(), ['failed']);
  t.is(ann.autoReset, 'none');
  room.flow.room = bytes;
  t.is(reset.start(ann, 'c'), undefined);
});

test('a piece is inflated while its sender waits, and its messages go into the image as theirs', (t) => {
  const { reset, ann, image, pieces, started, answer } = makeStreamRoom();
  started();
  reset.receive(ann, Buffer.from('packed'));
  t.deepEqual(
    pieces.map(({ piece, most }) => ({ piece, most })),
    [{ piece: 'packed', most: Number.POSITIVE_INFINITY }],
  );
  t.deepEqual(ann.done, ['hold answer']);
  t.deepEqual(ann.sent, []);
  const two = Buffer.concat([stroke('one'), stroke('two')]);
  answer({ output: [two.subarray(0, 3), two.subarray(3)] });
  t.deepEqual(ann.sent, [goOn]);
  t.deepEqual(ann.done, ['hold answer', 'release answer']);
  t.deepEqual(image.frames, ['148 by 1: one', '148 by 1: two']);
  t.deepEqual(reset.progress, { isPrepared: false, bytes: two.length, count: 2, by: ann });
});

test('a message may be cut anywhere, the rest of it comes with the next piece', (t) => {
  const bytes = stroke('cut');
  for (let at = 0; at <= bytes.length; at++) {
    const { reset, image, started, upload } = makeStreamRoom();
    started();
    upload(bytes.subarray(0, at));
    t.is(reset.progress?.count, at < bytes.length ? 0 : 1, `${at}`);
    upload(bytes.subarray(at));
    t.deepEqual(image.frames, ['148 by 1: cut'], `${at}`);
  }
});

test('an empty piece is answered at once', (t) => {
  const { reset, ann, pieces, started } = makeStreamRoom();
  started();
  reset.receive(ann, Buffer.alloc(0));
  t.deepEqual(ann.sent, [goOn]);
  t.deepEqual(ann.done, []);
  t.is(pieces.length, 0);
});

for (const [what, output, problem] of [
  ['a command in it', [frame(0, 1, Buffer.from('{}'))], 'message of type 0 in the image'],
  ['a message that the server makes', [frame(63, 1, Buffer.alloc(1))], 'message of type 63 in the image'],
  [
    'a chat message without its flags',
    [frame(35, 1, Buffer.alloc(1))],
    'malformed chat message in the image',
  ],
] as const) {
  test(`an image with ${what} is given up`, (t) => {
    const { reset, ann, started, upload, news } = makeStreamRoom();
    started();
    upload(...output);
    t.deepEqual(ann.sent, [giveUp]);
    t.deepEqual(news(), [
      `warn Status The streamed reset of user 1 failed: ${problem}`,
      'failed',
      'warn Status Streamed reset aborted',
      'inflater closed',
      'image forgotten',
    ]);
    t.false(reset.isActive);
    t.is(ann.autoReset, 'none');
    t.true(ann.done.includes('release answer'));
  });
}

test('chat with its flags, and the first of the drawn messages, may be in an image', (t) => {
  const { image, started, upload } = makeStreamRoom();
  started();
  upload(frame(35, 9, Buffer.from([0, 0])), frame(64, 9, Buffer.alloc(1)));
  t.is(image.frames.length, 2);
});

test('what cannot be inflated ends the stream', (t) => {
  const { reset, ann, started, answer, news } = makeStreamRoom();
  started();
  reset.receive(ann, Buffer.from('x'));
  answer({ error: 'no zlib' });
  t.deepEqual(ann.sent, [giveUp]);
  t.is(news()[0], 'warn Status The streamed reset of user 1 failed: no zlib');
});

test('an image may be as large as the session, not larger', (t) => {
  const { reset, room, ann, pieces, started, upload, answer, news } = makeStreamRoom();
  started();
  room.flow.historyLimit = 2 * stroke().length;
  upload(stroke());
  reset.receive(ann, Buffer.from('more'));
  t.is(pieces[0]?.most, stroke().length + 1);
  answer({ output: [stroke()] });
  t.deepEqual(ann.sent, [goOn, goOn]);
  upload(frame(148, 1, Buffer.alloc(0)));
  t.is(
    news()[0],
    'warn Status The streamed reset of user 1 failed: the image exceeds the size limit of the session',
  );
});

test('who has no stream in progress is refused, and the stream of another goes on', (t) => {
  const { reset, bob, started, news, pieces } = makeStreamRoom();
  for (const round of [1, 2]) {
    if (round === 2) started();
    reset.receive(bob, Buffer.from('x'));
    t.deepEqual(bob.sent.splice(0), [giveUp]);
    let said: string | undefined;
    reset.finish(bob, 1, (problem) => {
      said = problem && `${problem}`;
    });
    t.is(said, 'no streamed reset of yours is in progress');
    t.false(reset.abortBy(bob));
    t.deepEqual(
      news(),
      ['add to', 'finish', 'abort'].map(
        (what) => `warn Status User 2 tried to ${what} a streamed reset, but has none in progress`,
      ),
    );
    t.is(pieces.length, 0);
    t.deepEqual(bob.done, []);
    t.is(reset.isActive, round === 2);
  }
});

test('a piece that is inflated after the stream was given up is nothing to anybody', (t) => {
  const { reset, ann, image, started, answer } = makeStreamRoom();
  started();
  reset.receive(ann, Buffer.from('x'));
  reset.abort();
  answer({ output: [stroke()] });
  t.deepEqual(ann.sent, [giveUp]);
  t.deepEqual(image.frames, []);
  t.deepEqual(ann.done, ['hold answer', 'release answer']);
});
