// Lists that members are sent directly: who gets which, with what in it, and what is left out where it is too long.
import test from 'ava';
import { type FragmentsSession, sendFragments } from '../../../../src/lib/core/session/fragments.js';
import { type FakeMember, fakeMember } from '../../../helpers/fake-member.js';

const ban = {
  id: 3,
  username: 'troll',
  authId: 'internal:t',
  ip: '::ffff:10.0.0.9',
  sid: 'x',
  bannedBy: 'ann',
};

function makeRoom(more: object = {}) {
  const ann = fakeMember(1, 'ann', { isOperator: true });
  const near = fakeMember(2, 'near', { isOperator: true, isLoopback: true });
  const mod = fakeMember(3, 'mod', { isModerator: true });
  const bob = fakeMember(4, 'bob');
  bob.become('muted', true);
  const members = [ann, near, mod, bob];
  const written: unknown[] = [];
  const actions: { actor: unknown; effect: unknown }[] = [];
  const room = {
    people: { members },
    bans: { all: [ban] },
    invites: { all: [] as object[], removeOldest: () => undefined as object | undefined },
    roles: { authList: () => [] as object[], isOnline: (_: string) => false },
    listings: { urls: ['https://list.example/'] },
    write: (entry: unknown) => written.push(entry),
    recordAction: (action: never) => actions.push(action),
    ...more,
  };
  const send = (...args: Parameters<typeof sendFragments> extends [unknown, ...infer Rest] ? Rest : never) =>
    sendFragments(room as unknown as FragmentsSession, ...args);
  return { room, members, ann, near, mod, bob, written, actions, send };
}

const configs = (member: FakeMember) =>
  member.sent.map((each) => (each as { config: Record<string, unknown> }).config);

test('everybody gets where the session is announced and who is muted', (t) => {
  const { send, members } = makeRoom();
  send(['announcements', 'muted']);
  for (const member of members)
    t.deepEqual(configs(member), [{ announcements: [{ url: 'https://list.example/' }] }, { muted: [4] }]);
});

test('who is banned is shown to operators; by what, to moderators and on the same machine', (t) => {
  const { send, ann, near, mod, bob } = makeRoom();
  send(['banlist']);
  const short = { id: 3, username: 'troll', bannedBy: 'ann' };
  const detailed = { ...short, ip: ban.ip, extauthid: ban.authId, s: ban.sid };
  t.deepEqual(configs(ann), [{ banlist: [short] }]);
  t.deepEqual(configs(near), [{ banlist: [detailed] }]);
  t.deepEqual(configs(mod), [{ banlist: [detailed] }]);
  t.deepEqual(configs(bob), []);
});

test('who is no operator any more has the bans cleared, where that is asked for', (t) => {
  const { send, bob, ann } = makeRoom();
  send(['banlist'], { clearsOthers: true, to: [bob] });
  t.deepEqual(configs(bob), [{ banlist: [] }]);
  t.deepEqual(configs(ann), [], 'the others are not sent anything');
});

test('of too many bans for one message with details those without are shown', (t) => {
  const bans = Array.from({ length: 500 }, (_, id) => ({ ...ban, id, sid: 'x'.repeat(100) }));
  const { send, mod, ann } = makeRoom({ bans: { all: bans } });
  send(['banlist']);
  t.deepEqual(configs(mod), configs(ann));
  t.is((configs(mod)[0]!.banlist as object[]).length, 500);
  t.deepEqual((configs(mod)[0]!.banlist as object[])[0], { id: 0, username: 'troll', bannedBy: 'ann' });
});

test('accounts and invites are for operators, and empty lists are sent as well', (t) => {
  const { send, ann, near, mod, bob } = makeRoom();
  send(['auth', 'invitelist']);
  for (const operator of [ann, near]) t.deepEqual(configs(operator), [{ auth: [] }, { invitelist: [] }]);
  t.deepEqual([configs(mod), configs(bob)], [[], []]);
});

test('an invite is shown with who used it, the newest invite first', (t) => {
  const invite = (secret: string, more: object) => ({
    secret,
    at: '2026-01-01T00:00:00Z',
    maxUses: 2,
    creator: '',
    op: false,
    trust: false,
    uses: [],
    ...more,
  });
  const all = [
    invite('old', { uses: [{ sid: 'private', name: 'bob', at: 'then' }] }),
    invite('new', { creator: 'ann', op: true, trust: true }),
  ];
  const { send, ann } = makeRoom({ invites: { all, removeOldest: () => undefined } });
  send(['invitelist']);
  t.deepEqual(configs(ann), [
    {
      invitelist: [
        { secret: 'new', at: all[1]!.at, maxUses: 2, uses: [], creator: 'ann', op: true, trust: true },
        { secret: 'old', at: all[0]!.at, maxUses: 2, uses: [{ name: 'bob', at: 'then' }] },
      ],
    },
  ]);
});

test('invites that do not fit into a message are removed, the oldest first, and that is stored and recorded', (t) => {
  const all = Array.from({ length: 3 }, (_, at) => ({
    secret: `s${at}`,
    at: '',
    maxUses: 1,
    creator: '',
    op: false,
    trust: false,
    uses: [{ name: 'x'.repeat(30_000), at: '' }],
  }));
  const gone: object[] = [];
  const removeOldest = () => {
    const oldest = all.shift();
    if (oldest) gone.push(oldest);
    return oldest;
  };
  const { send, ann, written, actions } = makeRoom({ invites: { all, removeOldest } });
  send(['invitelist']);
  t.deepEqual(
    (configs(ann)[0]!.invitelist as { secret: string }[]).map(({ secret }) => secret),
    ['s2', 's1'],
  );
  t.deepEqual(written, [{ key: 'uninvite', secret: 's0' }]);
  t.like(actions[0], {
    kind: 'uninvite',
    actor: { kind: 'rule', rule: 'inviteList' },
    effect: { secret: 's0', invite: gone[0] },
  });
});

test('of too many accounts first those are left out who are away and have no role, then who is no operator, then all who are away', (t) => {
  const row = (authId: string, more: object = {}) => ({ authId, username: 'x'.repeat(9000), ...more });
  const all = (prefix: string, count: number, more: object = {}) =>
    Array.from({ length: count }, (_, at) => row(`${prefix}${at}`, more));
  const shown = (rows: object[]) => {
    const roles = { authList: () => rows, isOnline: (id: string) => id.startsWith('here') };
    const { send, ann } = makeRoom({ roles });
    send(['auth']);
    return (configs(ann)[0]?.auth as { authId: string }[] | undefined)?.map(({ authId }) => authId);
  };
  const here = all('here', 1);
  const ops = all('op', 3, { op: true });
  const trusted = all('trusted', 3, { trusted: true });
  const names = all('name', 4);
  const idsOf = (...rows: { authId: string }[][]) => rows.flat().map(({ authId }) => authId);
  t.deepEqual(shown([...here, ...ops, ...trusted]), idsOf(here, ops, trusted));
  t.deepEqual(shown([...names, ...here, ...ops, ...trusted]), idsOf(here, ops, trusted));
  const moreTrusted = all('trusted', 5, { trusted: true });
  t.deepEqual(shown([...names, ...here, ...ops, ...moreTrusted]), idsOf(here, ops));
  const moreOps = all('op', 8, { op: true });
  t.deepEqual(shown([...names, ...here, ...moreOps, ...trusted]), idsOf(here));
  t.is(shown(all('here', 8)), undefined, 'nothing is sent that fits nowhere');
});
