// Who is in a session: coming, leaving and coming back, as the others see it and as it is remembered.
import test from 'ava';
import { emptySaved, rememberedAtMost } from '../../../../src/lib/core/session/saved.js';
import type { Session } from '../../../../src/lib/core/session/session.js';
import { makeDirectory, person, protocol, repliesOf } from '../../../helpers/session-room.js';
import { frame } from '../../../helpers/wire.js';

const minute = 60_000;

test('a host gets what others do, and nothing of its own back; what it sends keeps the ids that it gives', (t) => {
  const ann = person('ann');
  const { host } = makeDirectory();
  const { session, member } = host(ann);
  t.deepEqual(ann.done, ['context 1', 'context -1']);
  t.is(session.phase.host, member);
  t.deepEqual(repliesOf(ann.got, 'catchup'), [], 'there is nothing to catch up with');
  t.is(ann.got.filter((each) => String(each).startsWith('32 by 1')).length, 1, 'its own Join, once');
  t.true(session.people.hasHadAny);
  t.is(session.people.count, 1);
  t.true(member.isOperator);
});

test('a host of a session that is full from the start is not sent again what it began with', (t) => {
  const ann = person('ann');
  const { directory, join, endTurn } = makeDirectory();
  const session = directory.create({ alias: '', founder: 'ann', address: '', protocol }) as Session;
  session.options.overrideSize = session.history.sizeBytes;
  join(session, ann, { isHost: true });
  session.completeInitialization();
  endTurn();
  t.is(repliesOf(ann.got, 'sessionconf').filter(({ config }) => 'title' in Object(config)).length, 0);
});

test('who joins gets every list and what was logged, and is remembered by name, id and as somebody who reads', (t) => {
  const bob = person('bob');
  const { run, join, listed } = makeDirectory();
  const { session, kept } = run(person('ann'));
  kept.written.length = listed.length = 0;
  join(session, bob);
  const configs = repliesOf(bob.got, 'sessionconf').flatMap(({ config }) => Object.keys(config as object));
  for (const list of ['announcements', 'muted']) t.true(configs.includes(list), list);
  t.true(repliesOf(bob.got, 'log').some(({ user }) => user === '1;ann'));
  t.deepEqual(
    kept.written.filter(({ key }) => key === 'user' || key === 'read'),
    [
      { key: 'user', id: 2, name: 'bob' },
      { key: 'read', who: 'system of bob', name: 'bob', index: undefined },
    ],
  );
  t.deepEqual(listed, [`changed ${session.id}`]);
});

test('who joins while something is being stored is sent nothing before it is', (t) => {
  const bob = person('bob');
  const { run, join } = makeDirectory();
  const { session, kept } = run(person('ann'));
  kept.isStored = false;
  session.write({ key: 'catchup', next: 5 });
  join(session, bob);
  t.true(bob.done.includes('hold'));
});

test('whoever counts on a member learns that it left, and what it had waiting is forgotten', (t) => {
  const { run, join } = makeDirectory();
  const { session, member } = run(person('ann'));
  const bob = join(session, person('bob'));
  const done: string[] = [];
  session.thumbnails.request({ kind: 'administrator' } as never, bob, {}, '');
  session.autoReset.memberLost = ({ name }) => void done.push(`no autoreset by ${name}`);
  session.stream.memberLost = ({ name }, { hasLeft }) => void done.push(`no stream by ${name}, ${hasLeft}`);
  session.stream.tryApply = () => void done.push('image tried');
  bob.hold('answer');
  bob.receiveRun({ bytes: frame(148, 2, 'x'), start: 0, end: 5, count: 1, hasMeta: false, hasDrawing: true });
  session.leave(bob);
  t.false(session.thumbnails.isPending);
  t.deepEqual(done, ['no autoreset by bob', 'no stream by bob, true', 'image tried']);
  const { lastIndex } = session.history;
  bob.release('answer');
  t.is(session.history.lastIndex, lastIndex);
  session.leave(member);
});

test('ids come back in the order in which they became free, also those of before a restart', (t) => {
  const { run, join } = makeDirectory({ settings: { emptySessionLingerTime: '1h' } });
  const { session, member } = run(person('ann'));
  const saved = emptySaved('', protocol);
  const [bob, eve] = [join(session, person('bob')), join(session, person('eve'))];
  session.leave(eve);
  session.leave(bob);
  session.leave(member);
  const others = Array.from({ length: 251 }, (_, at) => at + 4);
  session.people.restore(saved, { usedIds: others, lastIndex: -1 });
  t.is(session.people.chooseId('new'), 3, 'that of eve');
});

test('how far somebody had read before a restart is known', (t) => {
  const { run } = makeDirectory();
  const { session } = run(person('ann'));
  const { lastIndex } = session.history;
  const reads = new Map([['x', { who: 'system of bob', name: 'bob', index: lastIndex }]]);
  session.people.restore({ ...emptySaved('', protocol), reads }, { usedIds: [], lastIndex });
  const place = session.flow.positionText(lastIndex) ?? '';
  t.is(session.people.skipPosition(place, person('bob').userInfo), lastIndex);
  t.is(session.people.skipPosition(place, person('eve').userInfo), undefined);
});

test('who joins reads what there is, and everybody reads that they came', (t) => {
  const [ann, bob] = [person('ann'), person('bob')];
  const { run, join, log } = makeDirectory({ settings: { welcomeMessage: 'Be kind' } });
  const { session } = run(ann);
  session.flow.store(frame(148, 1, Buffer.from('line')));
  const member = join(session, bob);
  t.deepEqual(bob.done, ['context 2']);
  t.deepEqual(repliesOf(bob.got, 'catchup').length, 1);
  t.true(bob.got.includes('148 by 1: line'));
  t.true(bob.got.includes(`32 by 2: \u0000\u0003bob`));
  t.true(ann.got.includes(`32 by 2: \u0000\u0003bob`));
  t.deepEqual(
    repliesOf(bob.got, 'msg').map(({ message }) => message),
    ['Be kind'],
  );
  t.is(member.historyPosition, session.history.lastIndex);
  t.true(log.includes('info Join Joined session'));
  t.is(log.filter((line) => line.startsWith('info ClientInfo {"address":"10.0.0.1"')).length, 2);
});

test('who comes back reads on behind what they have, unless that is not there any more', (t) => {
  const ann = person('ann');
  const { run, join } = makeDirectory();
  const { session } = run(ann);
  for (const text of ['one', 'two', 'three']) session.flow.store(frame(148, 1, Buffer.from(text)));
  const back = person('bob');
  join(session, back, { skipTo: session.history.lastIndex - 1 });
  t.deepEqual(
    back.got.filter((each) => String(each).startsWith('148')),
    ['148 by 1: three'],
  );
  const first = person('eve');
  join(session, first, { skipTo: session.history.firstIndex });
  t.is(first.got.filter((each) => String(each).startsWith('148')).length, 3);
  session.flow.adoptNew([frame(148, 1, Buffer.from('new'))], 1);
  const late = person('joe');
  join(session, late, { skipTo: 1 });
  t.is(late.got.filter((each) => String(each).startsWith('148')).length, 1, 'all of the new one');
  t.is(repliesOf(late.got, 'catchup')[0]?.count, 1, 'and it is no more than that');
  const same = person('kim');
  join(session, same, { skipTo: session.history.firstIndex });
  t.is(same.got.filter((each) => String(each).startsWith('148')).length, 0, 'they have the first');
});

test('who joins while the host uploads is held until the session runs', (t) => {
  const [ann, bob] = [person('ann'), person('bob')];
  const { host, join, endTurn } = makeDirectory();
  const { session } = host(ann);
  const member = join(session, bob);
  t.true(member.isHeldFor('initialization'));
  member.receiveRun({
    bytes: frame(148, 2, Buffer.from('early')),
    start: 0,
    end: 9,
    count: 1,
    hasMeta: false,
    hasDrawing: true,
  });
  t.false(ann.got.includes('148 by 2: early'));
  session.completeInitialization();
  endTurn();
  t.false(member.isHeld);
  t.true(ann.got.includes('148 by 2: early'));
});

test('the same id comes again: the one before is replaced, and is a past user no more', (t) => {
  const [ann, bob] = [person('ann'), person('bob')];
  const { run, join, log } = makeDirectory();
  const { session } = run(ann);
  const before = join(session, bob);
  const again = person('bob');
  const after = session.people.join(2, again.userInfo, again.link, { isHost: false });
  t.is(bob.done.at(-1), 'disconnect kick: bob');
  t.true(log.includes('info Kick Kicked by bob (Replaced by rejoining)'));
  t.is(session.people.get(2), after);
  t.true(session.people.isHere(after));
  t.false(session.people.isHere(before));
  t.deepEqual(
    session.people.members.map(({ name }) => name),
    ['ann', 'bob'],
  );
  t.false(session.people.past.has(2));
});

test('a name is found as it is written, and else in any case', (t) => {
  const { run, join } = makeDirectory();
  const { session } = run(person('ann'));
  join(session, person('Bob'));
  join(session, person('BOB'));
  const { people } = session;
  t.is(people.byName('BOB')?.id, 3);
  t.is(people.byName('bob')?.id, 2, 'the one who came first');
  t.is(people.byName('bo'), undefined);
});

test('who drew within five minutes counts as drawing', (t) => {
  const { run, join, clock } = makeDirectory();
  const { session, member } = run(person('ann'));
  join(session, person('idle'));
  t.is(session.people.activeDrawerCount, 0);
  member.drew(clock.monotonic());
  t.is(session.people.activeDrawerCount, 1);
  clock.advance(5 * minute - 1);
  t.is(session.people.activeDrawerCount, 1);
  clock.advance(1);
  t.is(session.people.activeDrawerCount, 0);
});

test('who leaves is gone once, and is remembered as a past user with what bans need', (t) => {
  const [ann, bob] = [person('ann'), person('bob', { authId: 'internal:bob', ip: '10.0.0.9' })];
  const { run, join, log, endTurn } = makeDirectory();
  const { session, kept } = run(ann);
  const member = join(session, bob);
  session.leave(member);
  session.leave(member);
  endTurn();
  t.is(ann.got.filter((each) => each === '33 by 2: ').length, 1);
  t.is(log.filter((line) => line === 'info Leave Left session').length, 1);
  t.deepEqual(session.people.past.get(2), {
    name: 'bob',
    authId: 'internal:bob',
    ip: '::ffff:10.0.0.9',
    address: '10.0.0.9',
    sid: 'system of bob',
    isBannable: true,
  });
  t.is(session.people.count, 1);
  t.is(session.people.get(2), undefined);
  t.is(session.people.chooseId('bob'), 2, 'the name keeps its id');
  t.is(session.people.chooseId('new'), 3, 'others get one that is unused for longer');
  t.deepEqual(kept.written.filter(({ key }) => key === 'read').slice(-1), [
    { key: 'read', who: 'internal:bob', name: 'bob', index: member.historyPosition },
  ]);
});

test('a moderator who left cannot be banned', (t) => {
  const { run, join } = makeDirectory();
  const { session } = run(person('ann'));
  session.leave(join(session, person('mod', { isModerator: true })));
  t.false(session.people.past.get(2)?.isBannable ?? true);
});

test('nobody reads that a ghost comes or goes, and alone it keeps nothing alive', (t) => {
  const ann = person('ann');
  const ghost = person('ghost', { isGhost: true, isModerator: true });
  const { run, join, log, endTurn } = makeDirectory({ settings: { emptySessionLingerTime: '1h' } });
  const { session, member } = run(ann);
  const casper = join(session, ghost);
  t.is(repliesOf(ghost.got, 'alert').length, 1, 'it is told that it is one');
  t.true(log.includes('info Join Joined session as a ghost'));
  t.false(session.people.isEmpty);
  session.leave(member);
  endTurn();
  t.true(session.people.isEmpty);
  t.false(log.includes('info Status Last user left.'), 'somebody is here');
  session.leave(casper, 'lost');
  t.true(log.includes('info Leave Left session as a ghost'));
  t.true(log.includes('info Status Last user left.'));
  t.is(ann.got.filter((each) => / by 2: /.test(String(each))).length, 0);
  t.false(session.people.isAwaitingLost(minute), 'a ghost is not waited for');
});

test('who lost the connection is waited for, to the moment, and not once they are back', (t) => {
  const { run, join, clock } = makeDirectory({ settings: { emptySessionLingerTime: '1h' } });
  const { session, member } = run(person('ann'));
  t.false(session.people.isAwaitingLost(minute));
  session.leave(member, 'lost');
  clock.advance(minute - 1);
  t.true(session.people.isAwaitingLost(minute));
  clock.advance(1);
  t.false(session.people.isAwaitingLost(minute));
  const again = join(session, person('ann'));
  session.leave(again, 'lost');
  t.true(session.people.isAwaitingLost(minute));
  const back = join(session, person('ANN', { sid: 'system of ann' }));
  t.false(session.people.isAwaitingLost(minute), 'the same person, whatever the case of the name');
  session.leave(back);
  t.false(session.people.isAwaitingLost(minute), 'on purpose this time');
});

test('somebody with an account is the same person on every machine', (t) => {
  const { run, join } = makeDirectory({ settings: { emptySessionLingerTime: '1h' } });
  const { session, member } = run(person('ann'));
  const bob = join(session, person('bob', { authId: 'internal:bob', sid: 'one' }));
  session.leave(bob, 'lost');
  session.leave(member);
  t.true(session.people.isAwaitingLost(minute));
  join(session, person('bob', { authId: 'internal:bob', sid: 'two' }));
  t.false(session.people.isAwaitingLost(minute));
});

test('as many are waited for as are remembered, the last ones', (t) => {
  const { run, join } = makeDirectory({ settings: { emptySessionLingerTime: '1h' } });
  const { session } = run(person('ann'));
  for (let at = 0; at <= rememberedAtMost; at++)
    session.leave(join(session, person(`n${at}`, { sid: `s${at}` })), 'lost');
  for (let at = 1; at <= rememberedAtMost; at++)
    session.leave(join(session, person(`n${at}`, { sid: `s${at}` })));
  t.false(session.people.isAwaitingLost(minute), 'all but the first were known, and they are back');
});

test('a place in the history is taken from who was sent as much, here or before they left', (t) => {
  const { run, join, endTurn } = makeDirectory();
  const { session, member } = run(person('ann'));
  const bob = person('bob');
  const here = join(session, bob);
  const place = session.flow.positionText(here.historyPosition) ?? '';
  t.is(session.people.skipPosition(place, bob.userInfo), here.historyPosition, 'still here');
  t.is(session.people.skipPosition(place, person('eve').userInfo), undefined, 'never was here');
  t.is(session.people.skipPosition('nonsense', bob.userInfo), undefined);
  session.flow.store(frame(148, 1, Buffer.from('after')));
  const { lastIndex } = session.history;
  const beyond = session.flow.positionText(lastIndex) ?? '';
  t.is(session.people.skipPosition(beyond, bob.userInfo), undefined, 'not sent yet');
  session.leave(here, 'lost');
  t.is(session.people.skipPosition(place, bob.userInfo), here.historyPosition, 'known from before');
  t.is(session.people.skipPosition(beyond, bob.userInfo), undefined);
  endTurn();
  t.is(session.people.skipPosition(beyond, member.userInfo), lastIndex);
});

test('when the server stops, everybody but ghosts has left in what is stored', (t) => {
  const { run, join } = makeDirectory();
  const { session } = run(person('ann'));
  join(session, person('ghost', { isGhost: true, isModerator: true }));
  join(session, person('bob'));
  const before = session.history.lastIndex;
  session.people.storeLeaves();
  const added = session.history.read(session.history.cursorAt(before + 1));
  t.deepEqual(Buffer.from(added ?? []).toString('hex'), '0000210100002103');
});

test('who loses the connection as operator is waited for as one', (t) => {
  const [ann, bob] = [person('ann'), person('bob')];
  const { run, join, clock, endTurn } = makeDirectory({ settings: { droppedSessionLingerTime: '30' } });
  const { session, member } = run(ann);
  session.roles.setOperators(new Set([1]), { actor: { kind: 'administrator' } as never });
  const guest = join(session, bob);
  session.leave(member, 'lost');
  endTurn();
  t.false(guest.isOperator);
  clock.advance(29_999);
  t.false(guest.isOperator);
  clock.advance(1);
  t.true(guest.isOperator);
});
