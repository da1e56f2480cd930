// Pictures of the canvas: who is asked, what is taken as the answer, and what is shown after it was removed.
import test from 'ava';
import { byAdministrator } from '../../../../src/lib/core/session/actor.js';
import { Thumbnails } from '../../../../src/lib/core/session/thumbnails.js';
import { fakeMember } from '../../../helpers/fake-member.js';
import { ManualClock } from '../../../helpers/manual-clock.js';

type Found = { at: number; bytes: Uint8Array } | undefined;

function makeThumbnails(stored: { found?: Found; isPlain?: boolean } = {}) {
  const clock = new ManualClock(0x1234);
  const saved: string[] = [];
  const log: string[] = [];
  const actions: { kind: string; effect: unknown }[] = [];
  const loads: ((found: Found) => void)[] = [];
  let removed = 0;
  const thumbnails = new Thumbnails({
    needs: { clock },
    stored: {
      saveThumbnail: (bytes) => void saved.push(Buffer.from(bytes).toString()),
      ...(!stored.isPlain && {
        loadThumbnail: (done: (found: Found) => void) => void loads.push(done),
        removeThumbnail: (done: (error: Error | undefined) => void) => {
          removed++;
          done(undefined);
        },
      }),
    },
    writeLog: (level, topic, text) => void log.push(`${level} ${topic} ${text}`),
    recordAction: (action) => void actions.push(action),
  });
  const [ann, bob] = [fakeMember(1, 'ann'), fakeMember(2, 'bob')];
  const answer = (member: typeof ann, text: string) => {
    const bytes = Buffer.from(`____${text}`);
    thumbnails.receive(member, bytes, 4, bytes.length);
  };
  const shown = (): string | undefined => {
    let found: string | undefined = 'not called';
    thumbnails.load((latest) => {
      found = latest && `${latest.bytes}@${latest.at}`;
    });
    return found;
  };
  return {
    thumbnails,
    clock,
    saved,
    log,
    actions,
    loads,
    ann,
    bob,
    answer,
    shown,
    timesRemoved: () => removed,
  };
}

test('a member is asked, and what it answers is kept with its time', (t) => {
  const { thumbnails, clock, saved, log, actions, ann, answer, shown } = makeThumbnails();
  thumbnails.request(byAdministrator, ann, { maxWidth: 9 }, '');
  t.deepEqual(ann.sent, [{ type: 'thumbnail', maxWidth: 9, correlator: '1:1234' }]);
  t.true(thumbnails.isPending);
  t.is(thumbnails.pending?.member, ann);
  t.deepEqual(log, [], 'without a reason there is none in the log');
  t.is(actions[0]?.kind, 'askForThumbnail');
  clock.advance(5);
  answer(ann, '1:1234picture');
  t.false(thumbnails.isPending);
  t.deepEqual(saved, ['picture']);
  t.deepEqual(log, ['info Status Thumbnail received']);
  t.is(shown(), `picture@${0x1234 + 5}`);
});

test('each request has another number, counted as programs count', (t) => {
  const { thumbnails, ann } = makeThumbnails();
  for (let i = 0; i < 26; i++) thumbnails.request(byAdministrator, ann, {}, 'moderation');
  t.is((ann.sent.at(-1) as { correlator: string }).correlator, '1a:1234');
});

test('why a picture is wanted is only in the log of the server', (t) => {
  const { thumbnails, log, ann } = makeThumbnails();
  thumbnails.request(byAdministrator, ann, {}, 'a report');
  t.deepEqual(log, ['debug Status Thumbnail requested: a report']);
});

test('a picture that nobody asked for, of another request, of somebody else or empty is not taken', (t) => {
  const { thumbnails, saved, log, ann, bob, answer } = makeThumbnails();
  answer(ann, '1:1234picture');
  thumbnails.request(byAdministrator, ann, {}, '');
  answer(bob, '1:1234picture');
  answer(ann, '2:1234picture');
  answer(ann, '1:1234');
  answer(ann, '');
  t.deepEqual(saved, []);
  t.deepEqual(log, Array(5).fill('warn Status Sent a thumbnail that was not requested'));
  t.true(thumbnails.isPending);
  answer(ann, '1:1234p');
  t.deepEqual(saved, ['p']);
});

test('a client that cannot make one says so, and is asked no more', (t) => {
  const { thumbnails, log, ann, bob } = makeThumbnails();
  thumbnails.failed(ann, '1:1234', 'busy');
  thumbnails.request(byAdministrator, ann, {}, '');
  thumbnails.failed(bob, '1:1234', 'busy');
  thumbnails.failed(ann, '9:1234', 'busy');
  t.deepEqual(
    log,
    Array(3).fill('warn RuleBreak Reported the failure of a thumbnail that was not requested'),
  );
  t.true(thumbnails.isPending);
  thumbnails.failed(ann, '1:1234', 'busy');
  t.is(log.at(-1), 'warn Status Cannot create a thumbnail: busy');
  t.false(thumbnails.isPending);
});

test('a request ends when it is cancelled or when who was asked leaves', (t) => {
  const { thumbnails, actions, ann, bob } = makeThumbnails();
  t.is(thumbnails.cancel(byAdministrator), undefined);
  t.deepEqual(actions, []);
  thumbnails.request(byAdministrator, ann, {}, '');
  t.is(thumbnails.cancel(byAdministrator)?.kind, 'cancelThumbnail');
  t.deepEqual(
    actions.map(({ kind }) => kind),
    ['askForThumbnail', 'cancelThumbnail'],
  );
  t.false(thumbnails.isPending);
  thumbnails.request(byAdministrator, ann, {}, '');
  thumbnails.forget(bob);
  t.true(thumbnails.isPending);
  thumbnails.forget(ann);
  t.false(thumbnails.isPending);
});

test('the picture of before a restart is read once, and a newer one counts more', (t) => {
  const { thumbnails, loads, ann, answer, shown } = makeThumbnails();
  let first: unknown;
  thumbnails.load((found) => {
    first = found;
  });
  thumbnails.load(() => {});
  loads[0]!({ at: 7, bytes: Buffer.from('old') });
  t.deepEqual(first, { at: 7, bytes: Buffer.from('old') });
  t.is(shown(), 'old@7');
  t.is(loads.length, 2);
  thumbnails.request(byAdministrator, ann, {}, '');
  answer(ann, '1:1234new');
  loads[1]!({ at: 7, bytes: Buffer.from('old') });
  t.is(shown(), `new@${0x1234}`);
  const none = makeThumbnails();
  none.thumbnails.load((found) => t.is(found, undefined));
  none.loads[0]!(undefined);
  t.is(makeThumbnails({ isPlain: true }).shown(), undefined, 'nothing is stored there');
});

test('a picture that was removed is not shown any more, nor one that was being read, until there is a new one', (t) => {
  const { thumbnails, loads, actions, ann, answer, shown, timesRemoved } = makeThumbnails();
  thumbnails.load(() => {});
  const answers: unknown[] = [];
  const action = thumbnails.remove(byAdministrator, (error) => answers.push(error));
  t.deepEqual(action.effect, { at: undefined });
  t.deepEqual(actions, [action]);
  t.is(timesRemoved(), 1);
  loads[0]!({ at: 7, bytes: Buffer.from('old') });
  t.is(shown(), undefined);
  t.is(loads.length, 1, 'the store is not asked again');
  thumbnails.request(byAdministrator, ann, {}, '');
  answer(ann, '1:1234new');
  t.is(shown(), `new@${0x1234}`);
  thumbnails.latest = undefined;
  shown();
  t.is(loads.length, 2, 'what is stored now may be shown');
  const plain = makeThumbnails({ isPlain: true });
  plain.thumbnails.latest = { at: 3, bytes: Buffer.from('x') };
  t.deepEqual(plain.thumbnails.remove(byAdministrator, (error) => answers.push(error)).effect, { at: 3 });
  t.deepEqual(answers, [undefined, undefined]);
  t.is(plain.shown(), undefined);
});
