// A session that is there, or that a template makes, as the last step of a login (login.md §10).
import test from 'ava';
import type { LoginRefusal } from '../../../../src/lib/core/login/refusals.js';
import { cinfo, hosting, inLobby, madeUp, refused, sid } from '../../../helpers/lobby-room.js';

test('who joins gets an id, and is in the session from the place they know', (t) => {
  for (const [hidx, skip, options] of [
    ['known', true, { isHost: false, skipTo: 77 }],
    ['other', false, { isHost: false }],
  ] as const) {
    const made = madeUp();
    const room = inLobby(made);
    t.deepEqual(room.say('join', ['room'], { ...cinfo, hidx, oldv: true }), [
      {
        type: 'result',
        state: 'join',
        message: 'Joining a session!',
        join: { id: 'uniqueid', uniqueId: 'uniqueid', user: 5, flags: ['SKIP'], authId: '', skip },
      },
    ]);
    t.is(made.joined[0]?.id, 5);
    t.deepEqual(made.joined[0]?.options, options);
    t.like(made.joined[0]?.userInfo, { isMinorIncompatible: true, inviteSecret: '', sid });
    t.deepEqual(room.done, ['entered']);
  }
});

const browser = { isBrowser: true, settings: { allowGuestWeb: 'true' } };
for (const [what, reason, facts, options] of [
  ['where a ban fits', 'banned', { bans: { all: [], find: () => ({ id: 4 }) } }, {}],
  ['to one that is shut', 'sessionShut', { isShut: true }, {}],
  ['to a full one', 'sessionClosed', { options: { maxUserCount: 3 } }, {}],
  ['while it is being reset', 'sessionClosed', { state: { name: 'resetting' } }, {}],
  ['as a guest where only accounts may', 'authOnly', { options: { authOnly: true, maxUserCount: 9 } }, {}],
  ['that cannot be loaded', 'notLoadable', { open: (done: (problem: string) => void) => done('gone') }, {}],
  ['from a browser to one that is closed to browsers', 'noWebJoin', {}, browser],
  [
    'from a browser where guests may not',
    'noWebForGuests',
    {},
    { ...browser, settings: { allowGuestWeb: 'false' } },
  ],
  [
    'as a moderator while it is being reset',
    'sessionResetting',
    { state: { name: 'resetting' } },
    { flags: ['MOD'] },
  ],
] as readonly [string, LoginRefusal, object, Parameters<typeof inLobby>[1]][]) {
  test(`joining a session is refused ${what}`, (t) => {
    const made = madeUp(facts);
    const room = inLobby(made, options);
    refused(t, room, room.say('join', ['room'], cinfo), reason, { ban: 4 });
    t.deepEqual(made.notes, reason === 'banned' ? ['info Ban Join prevented by ban 4'] : []);
  });
}

test('joining wants one session that is there', (t) => {
  for (const args of [[], [7], ['room', 'x']]) {
    const room = inLobby(madeUp());
    refused(t, room, room.say('join', args, cinfo), 'joinArguments');
  }
  const room = inLobby(madeUp());
  refused(t, room, room.say('join', ['nowhere'], cinfo), 'notFound');
});

test('a moderator gets in whatever is in the way of others', (t) => {
  const made = madeUp({ isShut: true, bans: { all: [], find: () => ({ id: 4 }) } });
  Object.assign(made.session.password, { isSet: true });
  const room = inLobby(made, { flags: ['MOD'] });
  t.is(room.say('join', ['room'], cinfo)[0]?.state, 'join');
});

test('an account gets in where guests may not, and a browser where browsers may', (t) => {
  const registered = inLobby(madeUp({ options: { authOnly: true, maxUserCount: 9 } }), { flags: [] });
  t.is(registered.say('join', ['room'], cinfo)[0]?.state, 'join');
  const web = inLobby(madeUp({ options: { allowWeb: true, maxUserCount: 9 } }), browser);
  t.is(web.say('join', ['room'], cinfo)[0]?.state, 'join');
});

test('the password of a session is checked; what became of it meanwhile counts', (t) => {
  for (const [matches, change, code] of [
    [true, {}, undefined],
    [false, {}, 'badPassword'],
    [true, { isEnded: true }, 'notFound'],
    [true, { state: { name: 'ended' } }, 'closed'],
    [undefined, {}, 'busy'],
  ] as const) {
    const made = madeUp();
    Object.assign(made.session.password, { isSet: true });
    const room = inLobby(made);
    t.deepEqual(room.say('join', ['room'], { ...cinfo, password: 'p' }), []);
    t.is(made.verify.length, 1);
    Object.assign(made.session, change);
    made.verify[0]?.(matches);
    const [reply] = room.news();
    t.is(reply?.code, code);
    t.is(made.joined.length, code === undefined ? 1 : 0);
    t.is(room.login.stateName === 'lobby', code === 'badPassword');
  }
});

test('an invite that is typed as the password lets somebody in, and is used', (t) => {
  for (const [creator, by, isNew] of [
    ['bob', 'bob', true],
    ['', 'an administrator', true],
    ['bob', 'bob', false],
  ] as const) {
    const made = madeUp();
    Object.assign(made.session.password, { isSet: true });
    const secret = 'secret';
    Object.assign(made.session.invites, {
      check: (text: string, id: string) => (text === secret && id === sid ? { isNew } : 'notFound'),
      find: (text: string) => (text === secret ? { secret, creator } : undefined),
      use: () => isNew,
    });
    const room = inLobby(made);
    t.is(room.say('join', ['room'], { ...cinfo, password: secret })[0]?.state, 'join');
    t.is(made.joined[0]?.userInfo.inviteSecret, secret);
    t.deepEqual(made.written, isNew ? [{ key: 'inviteUse', secret, sid, name: 'ann' }] : []);
    t.deepEqual(made.notes, isNew ? [`info Invite Used invite created by ${by}`] : []);
  }
});

test('an invite opens what is closed to browsers and to guests, and one that is used up nothing', (t) => {
  const invited = madeUp({ options: { authOnly: true, maxUserCount: 3 } });
  Object.assign(invited.session.invites, { check: () => ({ isNew: true }) });
  const room = inLobby(invited, browser);
  t.is(room.say('join', ['room'], { ...cinfo, password: 'secret' })[0]?.state, 'join');
  const full = madeUp();
  Object.assign(full.session.invites, { check: () => 'limitReached' });
  const late = inLobby(full);
  refused(t, late, late.say('join', ['room'], { ...cinfo, password: 'secret' }), 'inviteLimitReached');
  const unknown = madeUp({ protocol: 'dp:4.1.1' });
  Object.assign(unknown.session.invites, { check: () => 'limitReached' });
  const old = inLobby(unknown);
  t.is(old.say('join', ['room'], { s: '', password: 'secret' })[0]?.state, 'join', 'it is no invite to them');
});

test('nobody is in a session twice, but takes the place of their own dead connection', (t) => {
  const namesake = (facts: object) =>
    madeUp({
      people: {
        ...madeUp().session.people,
        byName: () => ({ id: 9, authId: '', userInfo: { sid: 'x' }, ...facts }),
      },
    });
  const stranger = inLobby(namesake({}));
  refused(t, stranger, stranger.say('join', ['room'], cinfo), 'nameInuse');
  const nobody = inLobby(namesake({ userInfo: { sid: '' } }));
  refused(t, nobody, nobody.say('join', ['room'], cinfo), 'nameInuse');
  for (const [facts, options] of [
    [{ userInfo: { sid } }, {}],
    [{ authId: 'internal:ann' }, { flags: [] }],
  ] as const) {
    const room = inLobby(namesake(facts), options);
    t.like(room.say('join', ['room'], cinfo)[0], { state: 'join', join: { user: 9 } as never });
  }
});

test('a session without an id to give is full', (t) => {
  const made = madeUp();
  made.session.people.chooseId = () => undefined;
  const room = inLobby(made);
  refused(t, room, room.say('join', ['room'], cinfo), 'sessionFull');
});

test('a template becomes a session; one that cannot is noted', (t) => {
  const actions: unknown[] = [];
  const made = madeUp({ recordAction: (action: unknown) => actions.push(action) });
  const template = { alias: 'class', saved: { title: 'Class' } };
  const sees = {
    findTemplate: () => template,
    instantiate: (_: unknown, before: (session: unknown) => void) => {
      before(made.session);
      return made.session;
    },
  };
  t.is(inLobby(made, { sees }).say('join', ['class'], cinfo)[0]?.state, 'join');
  t.deepEqual(actions, [
    {
      kind: 'instantiate',
      actor: { kind: 'newcomer', name: 'ann', address: '10.0.0.7' },
      effect: { template: 'class', title: 'Class' },
    },
  ]);
  const broken = inLobby(madeUp(), { sees: { ...sees, instantiate: () => ({ error: 'it is empty' }) } });
  refused(t, broken, broken.say('join', ['class'], cinfo), 'notFound');
  t.is(broken.log[0], "error Status Cannot use template 'class': it is empty");
});

test('a banned user neither hosts nor joins', (t) => {
  const address = { reaction: 'normal', expires: undefined, reason: '', source: 'ip ban 3' } as const;
  for (const command of ['host', 'join']) {
    const made = madeUp();
    const room = inLobby(made, { bans: { address } });
    t.deepEqual(room.say(command, command === 'host' ? [] : ['room'], hosting), []);
    t.deepEqual(room.done, ['disconnect error: Permanently banned from this server']);
    t.deepEqual(made.joined, []);
  }
});
