// Operators and trusted users: who becomes one, who remembers it, and what everyone reads (sessions.md §7.4–§7.6).
import test from 'ava';
import { type Actor, actorOf, byAdministrator } from '../../../../src/lib/core/session/actor.js';
import { Roles } from '../../../../src/lib/core/session/roles.js';
import { type FakeMember, fakeMember, type Sent, sentAs } from '../../../helpers/fake-member.js';
import { ManualClock } from '../../../helpers/manual-clock.js';

interface Saved {
  ops?: string[];
  trusted?: string[];
  authNames?: [string, string][];
}

function makeRoom(members: FakeMember[], saved: Saved = {}) {
  const clock = new ManualClock();
  const shown: Sent[] = [];
  const stored: string[] = [];
  const written: unknown[] = [];
  const actions: string[] = [];
  const log: string[] = [];
  const done: string[] = [];
  const room = {
    needs: { clock },
    phase: { isEnded: false, resetOf: (member: FakeMember) => (member.name === 'resetter' ? {} : undefined) },
    opword: { isSet: false },
    people: { members },
    bans: { all: [] },
    listings: { urls: [] },
    invites: { all: [], find: (_: string): unknown => undefined, removeOldest: () => undefined },
    roles: undefined as unknown as Roles,
    flow: {
      rememberedBytesAtMost: 100_000,
      store: (frame: Buffer) => stored.push(String(sentAs(frame))),
      storeFrom: (member: FakeMember, frame: Buffer) => stored.push(`${member.name} ${sentAs(frame)}`),
      sendToAll: (frame: Buffer) => shown.push(sentAs(frame)),
    },
    operatorMade: ({ name }: FakeMember) => done.push(`operator made: ${name}`),
    autoReset: { memberLost: ({ name }: FakeMember) => done.push(`no autoreset by ${name}`) },
    stream: {
      memberLost: ({ name }: FakeMember, { hasLeft }: { hasLeft: boolean }) =>
        done.push(`no stream by ${name}, ${hasLeft}`),
    },
    write: (entry: unknown) => written.push(entry),
    writeLog: (level: string, topic: string, text: string) => log.push(`${level} ${topic} ${text}`),
    recordAction: ({
      kind,
      actor,
      effect,
    }: {
      kind: string;
      actor: Actor;
      effect: { person: { name: string }; how: string; account?: string };
    }) =>
      actions.push(
        `${kind} ${effect.person.name} ${effect.how}, ${actor.kind}${effect.account ? ` ${effect.account}` : ''}`,
      ),
  };
  const roles = new Roles(
    room as never,
    {
      ops: new Set(saved.ops),
      trusted: new Set(saved.trusted),
      authNames: new Map(saved.authNames),
      guestRoles: new Map(),
    } as never,
  );
  room.roles = roles;
  const ids = (...numbers: number[]) => String.fromCharCode(...numbers);
  return { roles, room, clock, shown, stored, written, actions, log, done, ids };
}

const op = (id: number, name: string, facts: object = {}) =>
  fakeMember(id, name, { isOperator: true, ...facts });
const registered = (id: number, name: string, facts: object = {}) =>
  fakeMember(id, name, { authId: `internal:${name}`, ...facts });

test('an operator makes another one: stored in their name, shown to all, remembered', (t) => {
  const [ann, bob] = [op(1, 'ann'), registered(2, 'bob')];
  const { roles, shown, stored, written, actions, done, ids } = makeRoom([ann, bob]);
  const made = roles.setOperators(new Set([1, 2]), { actor: actorOf(ann) });
  t.is(made.length, 1);
  t.true(bob.isOperator);
  t.deepEqual(actions, ['op bob by ann, operator']);
  t.deepEqual(shown, [
    { type: 'msg', message: 'bob made operator by ann', T: 'opgive', P: { target: 'bob', by: 'ann' } },
  ]);
  t.deepEqual(stored, [`ann 34 by 1: ${ids(1, 2)}`]);
  t.deepEqual(written, [{ key: 'op', authId: 'internal:bob' }]);
  t.deepEqual(done, ['operator made: bob']);
  t.deepEqual(
    bob.sent.map((each) => Object.keys((each as { config: object }).config)[0]),
    ['auth', 'banlist', 'invitelist'],
  );
});

test('who loses the role loses what only operators do', (t) => {
  const [ann, bob, resetter] = [op(1, 'ann'), op(2, 'bob', { sid: 's' }), op(3, 'resetter')];
  const { roles, shown, stored, done, ids, written } = makeRoom([ann, bob, resetter]);
  const taken = roles.setOperators(new Set([1]), { actor: byAdministrator });
  t.is(taken.length, 2);
  t.deepEqual(shown[0], {
    type: 'msg',
    message: 'bob operator status revoked by the server administrator',
    T: 'optake',
    P: { target: 'bob', by: 'the server administrator' },
  });
  t.deepEqual(stored, [`34 by 0: ${ids(1)}`]);
  t.deepEqual(done, [
    'no autoreset by bob',
    'no stream by bob, false',
    'no autoreset by resetter',
    'no stream by resetter, false',
  ]);
  t.deepEqual(bob.done, []);
  t.deepEqual(resetter.done, [
    'disconnect error: You lost the operator role while you were resetting the session',
  ]);
  t.deepEqual(written, [], 'nobody remembered them');
  t.deepEqual(
    bob.sent.map((each) => Object.keys((each as { config: object }).config)[0]),
    ['banlist'],
    'the list of bans is cleared for them',
  );
});

test('moderators are always operators, which is nothing to remember', (t) => {
  const mod = registered(1, 'mod', { isModerator: true });
  const { roles, written, stored, ids } = makeRoom([mod]);
  roles.setOperators(new Set(), { actor: byAdministrator });
  t.true(mod.isOperator);
  t.deepEqual(written, []);
  t.deepEqual(stored, [`34 by 0: ${ids(1)}`]);
});

test('nobody reads what becomes of a ghost', (t) => {
  const ghost = fakeMember(1, 'ghost', { isGhost: true });
  const { roles, shown, actions } = makeRoom([ghost]);
  roles.setOperators(new Set([1]), { actor: byAdministrator });
  roles.setTrusted(new Set([1]), { actor: byAdministrator });
  t.deepEqual(shown, []);
  t.is(actions.length, 2);
});

test('a list that changes nothing is stored, and nobody gets lists', (t) => {
  const ann = op(1, 'ann', { isTrusted: true });
  const { roles, shown, stored, actions, ids } = makeRoom([ann]);
  roles.setOperators(new Set([1]), { actor: actorOf(ann) });
  roles.setTrusted(new Set([1, 9]), { actor: actorOf(ann) });
  t.deepEqual([shown, actions, ann.sent], [[], [], []]);
  t.deepEqual(stored, [`ann 34 by 1: ${ids(1)}`, `ann 36 by 1: ${ids(1)}`]);
});

test('trusted users come and go in the same way', (t) => {
  const [ann, bob, eve] = [
    op(1, 'ann'),
    registered(2, 'bob'),
    fakeMember(3, 'eve', { isTrusted: true, sid: 'e' }),
  ];
  const { roles, shown, stored, written, actions, ids } = makeRoom([ann, bob, eve]);
  t.is(roles.setTrusted(new Set([2]), { actor: actorOf(ann) }).length, 2);
  t.deepEqual(actions, ['trust bob by ann, operator', 'untrust eve by ann, operator']);
  t.deepEqual(shown, [
    { type: 'msg', message: 'bob trusted by ann', T: 'trustgive', P: { target: 'bob', by: 'ann' } },
    { type: 'msg', message: 'eve trust revoked by ann', T: 'trusttake', P: { target: 'eve', by: 'ann' } },
  ]);
  t.deepEqual(stored, [`ann 36 by 1: ${ids(2)}`]);
  t.deepEqual(written, [{ key: 'trust', authId: 'internal:bob' }]);
  t.is(ann.sent.length, 2);
  t.is(bob.sent.length, 0, 'lists are for operators');
});

test('one role of one user, and the others keep theirs', (t) => {
  const [ann, bob] = [op(1, 'ann', { isTrusted: true }), fakeMember(2, 'bob', { sid: 'b' })];
  const { roles, stored, written, ids } = makeRoom([ann, bob]);
  t.is(roles.setOne(bob, 'operator', true, { actor: actorOf(ann) })?.kind, 'op');
  t.is(roles.setOne(bob, 'operator', true, { actor: actorOf(ann) }), undefined);
  t.is(roles.setOne(bob, 'trusted', true, { actor: actorOf(ann) })?.kind, 'trust');
  t.is(roles.setOne(bob, 'operator', false, { actor: actorOf(ann) })?.kind, 'deop');
  t.is(roles.setOne(bob, 'trusted', false, { actor: actorOf(ann) })?.kind, 'untrust');
  t.deepEqual(stored, [
    `ann 34 by 1: ${ids(1, 2)}`,
    `ann 34 by 1: ${ids(1, 2)}`,
    `ann 36 by 1: ${ids(1, 2)}`,
    `ann 34 by 1: ${ids(1)}`,
    `ann 36 by 1: ${ids(1)}`,
  ]);
  t.is(written.length, 4);
});

test('what the list of accounts does is stored as by the server, and the lists follow by themselves', (t) => {
  const [ann, bob] = [op(1, 'ann'), fakeMember(2, 'bob')];
  const { roles, stored, ids } = makeRoom([ann, bob]);
  roles.setOne(bob, 'operator', true, { actor: actorOf(ann), isList: true });
  roles.setOne(bob, 'trusted', true, { actor: actorOf(ann), isList: true });
  t.deepEqual(stored, [`34 by 0: ${ids(1, 2)}`, `36 by 0: ${ids(2)}`]);
  t.deepEqual(ann.sent, []);
});

test('how somebody became operator is what everyone reads', (t) => {
  for (const [by, text, key, parameters, action] of [
    [
      'password',
      'bob made operator by password',
      'opgive',
      { target: 'bob', by: 'password' },
      'op bob by password, operator',
    ],
    [
      { inviteBy: 'ann' },
      'bob made operator via invite created by ann',
      'opgiveinvite',
      { target: 'bob', creator: 'ann' },
      'op bob via invite created by ann, rule',
    ],
    [
      { inviteBy: '' },
      'bob made operator via invite created by an administrator',
      'opgiveinvite',
      { target: 'bob' },
      'op bob via invite created by an administrator, rule',
    ],
  ] as const) {
    const bob = fakeMember(2, 'bob');
    const { roles, shown, actions } = makeRoom([bob]);
    roles.setOperators(new Set([2]), by);
    t.deepEqual(shown, [{ type: 'msg', message: text, T: key, P: parameters }]);
    t.deepEqual(actions, [action]);
  }
});

test('only operators change the lists, and stay on theirs', (t) => {
  const [ann, bob] = [op(1, 'ann'), fakeMember(2, 'bob')];
  const { roles, log, stored, ids } = makeRoom([ann, bob]);
  const bytes = Uint8Array.of(7, 2, 2, 7);
  roles.receiveOwners(bob, bytes, 1, 3);
  roles.receiveTrusted(bob, bytes, 1, 3);
  t.deepEqual(log, [
    'warn RuleBreak Tried to change operators without being an operator',
    'warn RuleBreak Tried to change trusted users without being an operator',
  ]);
  t.deepEqual(stored, []);
  roles.receiveTrusted(ann, bytes, 1, 3);
  roles.receiveOwners(ann, bytes, 1, 3);
  t.deepEqual(stored, [`ann 36 by 1: ${ids(2)}`, `ann 34 by 1: ${ids(1, 2)}`]);
});

for (const [what, member, saved, isOperator, isTrusted] of [
  ['a guest', fakeMember(2, 'bob'), {}, false, false],
  ['a moderator', fakeMember(2, 'bob', { isModerator: true }), {}, true, false],
  ['an account that was operator', registered(2, 'bob'), { ops: ['internal:bob'] }, true, false],
  ['an account that was trusted', registered(2, 'bob'), { trusted: ['internal:bob'] }, false, true],
  [
    'an account that is trusted everywhere',
    registered(2, 'bob', { flags: new Set(['TRUSTED']) }),
    {},
    false,
    true,
  ],
] as readonly [string, FakeMember, Saved, boolean, boolean][]) {
  test(`what ${what} is from the start`, (t) => {
    const ann = op(1, 'ann');
    const { roles, done, room } = makeRoom([ann, member], saved);
    room.opword.isSet = true;
    roles.welcome(member);
    t.deepEqual([member.isOperator, member.isTrusted], [isOperator, isTrusted]);
    t.deepEqual(done, isOperator ? ['operator made: bob'] : []);
    t.deepEqual(ann.sent, [], 'the lists follow by themselves');
    t.is(roles.isOnline('internal:bob'), member.isRegistered);
    t.is(roles.accounts.nameOf('internal:bob'), member.isRegistered ? 'bob' : undefined);
  });
}

test('an invite may make somebody operator, or trusted', (t) => {
  for (const [invite, isOperator, isTrusted] of [
    [{ op: true, trust: false, creator: 'ann' }, true, false],
    [{ op: false, trust: true, creator: 'ann' }, false, true],
    [undefined, false, false],
  ] as const) {
    const bob = fakeMember(2, 'bob', { inviteSecret: 'secret' });
    const { roles, room } = makeRoom([op(1, 'ann'), bob]);
    room.invites.find = (secret) => (secret === 'secret' ? invite : undefined);
    roles.welcome(bob);
    t.deepEqual([bob.isOperator, bob.isTrusted], [isOperator, isTrusted]);
  }
});

test('a guest who was operator, trusted or muted is so again', (t) => {
  const before = op(2, 'bob', { sid: 'b' });
  const { roles, room } = makeRoom([op(1, 'ann'), before]);
  for (const role of ['operator', 'trusted', 'muted'] as const)
    roles.guests.set(before.userInfo as never, role, true);
  const bob = fakeMember(2, 'bob', { sid: 'b' });
  const mod = fakeMember(3, 'bob', { sid: 'b', isModerator: true });
  for (const member of [bob, mod]) {
    room.people.members = [member];
    roles.welcome(member);
  }
  t.deepEqual([bob.isOperator, bob.isTrusted, bob.isMuted], [true, true, true]);
  t.false(mod.isMuted);
});

test('the first one becomes operator when nobody else can', (t) => {
  const [ghost, ann, bob] = [
    fakeMember(1, 'ghost', { isGhost: true }),
    fakeMember(2, 'ann'),
    fakeMember(3, 'bob'),
  ];
  const { roles, room, shown } = makeRoom([ghost, ann, bob]);
  room.opword.isSet = true;
  roles.promoteLastResort();
  room.opword.isSet = false;
  room.phase.isEnded = true;
  roles.promoteLastResort();
  t.deepEqual(shown, [], 'not where there is a password for it, nor after the end');
  room.phase.isEnded = false;
  roles.promoteLastResort();
  t.deepEqual([ghost.isOperator, ann.isOperator, bob.isOperator], [false, true, false]);
  t.deepEqual(shown, [
    { type: 'msg', message: 'ann made operator by the server', T: 'opgive', P: { target: 'ann' } },
  ]);
  roles.promoteLastResort();
  t.is(shown.length, 1);
  const accounts = makeRoom([fakeMember(1, 'eve')], { ops: ['internal:ann'] });
  accounts.roles.promoteLastResort();
  t.deepEqual(accounts.shown, [], 'an account may come back');
  const empty = makeRoom([]);
  empty.roles.promoteLastResort();
  t.deepEqual(empty.stored, []);
});

test('an operator without an account is waited for, once', (t) => {
  const bob = fakeMember(2, 'bob');
  const { roles, clock } = makeRoom([bob]);
  roles.guests.set({ name: 'ann', authId: '', sid: 'a' } as never, 'operator', true);
  roles.awaitReturn(5000);
  roles.awaitReturn(1000);
  roles.promoteLastResort();
  roles.promoteLastResort();
  t.is(clock.waiting, 1);
  clock.advance(4999);
  t.false(bob.isOperator);
  clock.advance(1);
  t.true(bob.isOperator);
  t.is(clock.waiting, 0);
});

test('nobody is waited for any more when the session ends', (t) => {
  const bob = fakeMember(2, 'bob');
  const { roles, clock } = makeRoom([bob]);
  roles.stopWaiting();
  roles.guests.set({ name: 'ann', authId: '', sid: 'a' } as never, 'operator', true);
  roles.awaitReturn(5000);
  roles.promoteLastResort();
  roles.stopWaiting();
  t.is(clock.waiting, 0);
  roles.promoteLastResort();
  t.is(clock.waiting, 1, 'a new wait is possible');
});

test('lists of an older history are stored anew with the first one who comes', (t) => {
  const [ann, bob] = [fakeMember(1, 'ann'), fakeMember(2, 'bob', { isTrusted: true })];
  const { roles, room, stored, ids } = makeRoom([ann, bob]);
  room.opword.isSet = true;
  roles.welcome(bob);
  t.deepEqual(stored, []);
  roles.listsAreOld();
  roles.welcome(bob);
  roles.welcome(bob);
  t.deepEqual(stored, ['34 by 0: ', `36 by 0: ${ids(2)}`]);
  roles.listsAreOld();
  roles.setOperators(new Set([1]), { actor: byAdministrator });
  stored.length = 0;
  roles.welcome(bob);
  t.deepEqual(stored, [], 'a new list was enough');
});

test('an account that is not here gets and loses a role', (t) => {
  const { roles, actions, written, shown } = makeRoom([], { authNames: [['internal:5', 'Mia']] });
  const by = { actor: byAdministrator };
  t.is(roles.setAbsent('internal:5', 'operator', true, by)?.kind, 'op');
  t.is(roles.setAbsent('internal:5', 'operator', true, by), undefined);
  t.is(roles.setAbsent('internal:9', 'trusted', true, by)?.kind, 'trust');
  t.is(roles.setAbsent('internal:9', 'trusted', false, by)?.kind, 'untrust');
  const who = 'by the server administrator, administrator';
  t.deepEqual(actions, [
    `op Mia ${who} internal:5`,
    `trust internal:9 ${who} internal:9`,
    `untrust internal:9 ${who} internal:9`,
  ]);
  t.is(written.length, 3);
  t.deepEqual(shown, []);
});

test('that no more roles are remembered is said once, to operators', (t) => {
  const [ann, bob] = [op(1, 'ann'), fakeMember(2, 'bob')];
  const { roles, room, log } = makeRoom([ann, bob]);
  room.flow.rememberedBytesAtMost = 1;
  for (const id of ['a', 'b'])
    t.is(roles.setAbsent(id, 'operator', true, { actor: byAdministrator }), undefined);
  t.is(log.length, 1);
  t.regex(log[0]!, /^warn Status The list of registered operators and trusted users of this session is full/);
  t.is((ann.sent[0] as { type: string }).type, 'alert');
  t.is(ann.sent.length, 1);
  t.deepEqual(bob.sent, []);
});

test('the list of accounts names roles, and of others who are not here the first 32', (t) => {
  const names = Array.from({ length: 40 }, (_, at): [string, string] => [`n${at}`, `N${at}`]);
  const mod = registered(1, 'mod', { isModerator: true });
  const { roles } = makeRoom([mod, fakeMember(2, 'guest')], {
    ops: ['op'],
    trusted: ['tr'],
    authNames: [...names, ['internal:mod', 'mod']],
  });
  const list = roles.authList();
  t.is(list.length, 32 + 3);
  t.deepEqual(list[0], { authId: 'n0', username: 'N0' });
  t.deepEqual(list.slice(32), [
    { authId: 'internal:mod', username: 'mod', mod: true },
    { authId: 'op', username: '', op: true },
    { authId: 'tr', username: '', trusted: true },
  ]);
});
