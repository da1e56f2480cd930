// Each action with the line that it writes to the log and the change that an audit trail keeps of it.
import test from 'ava';
import { type Action, type ActionName, changeOf, lineOf } from '../../../../src/lib/core/session/actions.js';
import { type Actor, byServer } from '../../../../src/lib/core/session/actor.js';
import type { Member } from '../../../../src/lib/core/session/member.js';

const bob = { id: 3, ip: '10.0.0.3', name: 'bob' };
const eve = { id: 5, ip: '10.0.0.5', name: 'Eve' };
const operator: Actor = { kind: 'operator', member: { name: 'bob', logUser: bob } as Member };
const ann: Actor = { kind: 'administrator', name: 'ann', address: '10.9.9.9' };
const nobody: Actor = { kind: 'administrator' };
const idle: Actor = { kind: 'rule', rule: 'idle' };
const newcomer: Actor = { kind: 'newcomer', name: 'mia', address: '10.0.0.8' };

const invite = {
  secret: 'geheim',
  at: '2026-01-02T03:04:05Z',
  creator: 'bob',
  maxUses: 2,
  op: false,
  trust: false,
  uses: [],
};
const inviteFacts = { at: invite.at, creator: 'bob', maxUses: 2, op: false, trust: false };

interface Shown {
  /** Of the log. */
  message: string;
  topic: string;
  level?: string;
  isShown?: boolean;
  user?: typeof bob;
  signature?: string;
  /** Of the audit trail. */
  before?: unknown;
  after?: unknown;
  on?: string;
}

type Example = { [Name in ActionName]: [Name, Actor, Action<Name>['effect'], Shown] }[ActionName];

const examples: readonly Example[] = [
  [
    'host',
    newcomer,
    { alias: '', protocol: 'dp:4.24.0' },
    {
      message: 'Session created by mia',
      topic: 'Status',
      isShown: true,
      after: { alias: '', protocol: 'dp:4.24.0' },
    },
  ],
  [
    'host',
    newcomer,
    { alias: 'room', protocol: 'dp:4.24.0' },
    {
      message: 'Session (AKA room) created by mia',
      topic: 'Status',
      isShown: true,
      after: { alias: 'room', protocol: 'dp:4.24.0' },
    },
  ],
  [
    'instantiate',
    newcomer,
    { template: 'class', title: 'Class' },
    {
      message: 'Session instantiated from template class',
      topic: 'Status',
      isShown: true,
      after: { template: 'class', title: 'Class' },
    },
  ],
  [
    'kick',
    operator,
    { person: eve, reason: '' },
    { message: 'Kicked by bob', topic: 'Kick', isShown: true, user: eve, on: 'Eve' },
  ],
  [
    'kick',
    operator,
    { person: eve, reason: 'noise' },
    {
      message: 'Kicked by bob (noise)',
      topic: 'Kick',
      isShown: true,
      user: eve,
      on: 'Eve',
      after: { reason: 'noise' },
    },
  ],
  [
    'ban',
    operator,
    { person: eve, ban: 4 },
    {
      message: 'Banned by bob (ban 4)',
      topic: 'Ban',
      isShown: true,
      user: eve,
      on: 'Eve',
      after: { ban: 4 },
    },
  ],
  [
    'unban',
    operator,
    { ban: 4, name: 'Eve' },
    {
      message: 'Eve unbanned by bob (ban 4)',
      topic: 'Unban',
      isShown: true,
      before: { ban: 4, name: 'Eve' },
    },
  ],
  [
    'unban',
    operator,
    { ban: 4, name: '' },
    {
      message: 'Someone unbanned by bob (ban 4)',
      topic: 'Unban',
      isShown: true,
      before: { ban: 4, name: '' },
    },
  ],
  [
    'importBans',
    operator,
    { bans: [7, 8], given: 3 },
    {
      message: 'Imported 2 of 3 bans',
      topic: 'BanImpEx',
      level: 'debug',
      user: bob,
      after: { bans: [7, 8], given: 3 },
    },
  ],
  [
    'kickBrowsers',
    operator,
    { people: [eve, { ...eve, name: 'Mo' }] },
    {
      message: 'Disconnected web browsers: Eve, Mo',
      topic: 'Kick',
      user: bob,
      before: { users: ['Eve', 'Mo'] },
    },
  ],
  [
    'mute',
    operator,
    { person: eve },
    {
      message: 'Muted by bob',
      topic: 'Mute',
      isShown: true,
      user: eve,
      on: 'Eve',
      before: { muted: false },
      after: { muted: true },
    },
  ],
  [
    'unmute',
    ann,
    { person: eve },
    {
      message: 'Unmuted by the server administrator',
      topic: 'Unmute',
      isShown: true,
      user: eve,
      on: 'Eve',
      signature: ' [ann]',
      before: { muted: true },
      after: { muted: false },
    },
  ],
  [
    'op',
    operator,
    { person: eve, how: 'by password' },
    {
      message: 'Made operator by password',
      user: eve,
      topic: 'Op',
      isShown: true,
      on: 'Eve',
      before: { operator: false },
      after: { operator: true, how: 'by password' },
    },
  ],
  [
    'deop',
    nobody,
    { person: eve, how: 'by bob', account: 'internal:5' },
    {
      message: 'Operator status revoked by bob',
      user: eve,
      topic: 'Deop',
      on: 'Eve',
      before: { operator: true },
      after: { operator: false, how: 'by bob', account: 'internal:5' },
    },
  ],
  [
    'trust',
    operator,
    { person: eve, how: 'by bob' },
    {
      message: 'Trusted by bob',
      user: eve,
      topic: 'Trust',
      isShown: true,
      on: 'Eve',
      before: { trusted: false },
      after: { trusted: true, how: 'by bob' },
    },
  ],
  [
    'untrust',
    operator,
    { person: eve, how: 'by bob' },
    {
      message: 'Trust revoked by bob',
      user: eve,
      topic: 'Untrust',
      isShown: true,
      on: 'Eve',
      before: { trusted: true },
      after: { trusted: false, how: 'by bob' },
    },
  ],
  [
    'invite',
    operator,
    { secret: 'geheim', invite },
    {
      message: 'Created invite with 2 use(s)',
      topic: 'Invite',
      isShown: true,
      user: bob,
      after: inviteFacts,
    },
  ],
  [
    'invite',
    operator,
    { secret: 'geheim', invite: { ...invite, op: true } },
    {
      message: 'Created op invite with 2 use(s)',
      topic: 'Invite',
      isShown: true,
      user: bob,
      after: { ...inviteFacts, op: true },
    },
  ],
  [
    'invite',
    nobody,
    { secret: 'geheim', invite: { ...invite, op: true, trust: true } },
    {
      message: 'Created op and trust invite with 2 use(s) (by the server administrator)',
      topic: 'Invite',
      isShown: true,
      after: { ...inviteFacts, op: true, trust: true },
    },
  ],
  [
    'uninvite',
    operator,
    { secret: 'geheim', invite },
    { message: 'Removed invite', topic: 'Invite', isShown: true, user: bob, before: inviteFacts },
  ],
  [
    'set',
    operator,
    { changes: ['changed title', 'opened session'], before: { title: 'a' }, after: { title: 'b' } },
    {
      message: 'Changed title, opened session',
      topic: 'Status',
      isShown: true,
      user: bob,
      before: { title: 'a' },
      after: { title: 'b' },
    },
  ],
  [
    'set',
    { kind: 'rule', rule: 'serverSetting' },
    { changes: ['made session public'], before: {}, after: {} },
    {
      message: 'Made session public (by the server, because a server setting requires it)',
      topic: 'Status',
      before: {},
      after: {},
    },
  ],
  [
    'announce',
    operator,
    { url: 'http://list' },
    {
      message: 'Requested an announcement at http://list',
      topic: 'PubList',
      level: 'debug',
      user: bob,
      after: { url: 'http://list' },
    },
  ],
  [
    'unlist',
    operator,
    { url: 'http://list' },
    {
      message: 'Withdrew the announcement at http://list',
      topic: 'PubList',
      level: 'debug',
      user: bob,
      before: { url: 'http://list' },
    },
  ],
  [
    'unlist',
    operator,
    { url: '' },
    { message: 'Withdrew all announcements', topic: 'PubList', level: 'debug', user: bob },
  ],
  [
    'askForReset',
    operator,
    { bytes: 99 },
    {
      message: 'Requested a reset at 99 bytes',
      topic: 'Status',
      level: 'debug',
      user: bob,
      before: { bytes: 99 },
    },
  ],
  [
    'reset',
    operator,
    { kind: 'full' },
    {
      message: 'Started a reset (full)',
      topic: 'Status',
      level: 'debug',
      user: bob,
      after: { kind: 'full' },
    },
  ],
  [
    'message',
    nobody,
    { person: undefined, text: 'tea?' },
    {
      message: 'Sent a message to everyone (by the server administrator)',
      topic: 'AdminChat',
      level: 'debug',
      after: { text: 'tea?' },
    },
  ],
  [
    'message',
    nobody,
    { person: eve, text: 'tea?' },
    {
      message: 'Sent a message to Eve (by the server administrator)',
      topic: 'AdminChat',
      level: 'debug',
      on: 'Eve',
      after: { text: 'tea?' },
    },
  ],
  [
    'askForThumbnail',
    operator,
    { person: eve, correlator: 'c', reason: '' },
    { message: 'Thumbnail requested by bob', topic: 'Status', isShown: true, user: eve, on: 'Eve' },
  ],
  [
    'askForThumbnail',
    operator,
    { person: eve, correlator: 'c', reason: 'new' },
    {
      message: 'Thumbnail requested by bob',
      topic: 'Status',
      isShown: true,
      user: eve,
      on: 'Eve',
      after: { reason: 'new' },
    },
  ],
  [
    'cancelThumbnail',
    byServer,
    { person: eve },
    {
      message: 'Thumbnail request cancelled by the server',
      topic: 'Status',
      isShown: true,
      user: eve,
      on: 'Eve',
    },
  ],
  [
    'removeThumbnail',
    operator,
    { at: undefined },
    { message: 'Thumbnail removed', topic: 'Status', level: 'debug', user: bob },
  ],
  [
    'removeThumbnail',
    operator,
    { at: 12 },
    { message: 'Thumbnail removed', topic: 'Status', level: 'debug', user: bob, before: { at: 12 } },
  ],
  [
    'openChat',
    ann,
    { timeoutMs: 60_000 },
    {
      message: 'Administrator connected to chat',
      topic: 'Join',
      isShown: true,
      signature: ' [ann]',
      after: { timeoutMs: 60_000 },
    },
  ],
  [
    'closeChat',
    ann,
    { why: '' },
    {
      message: 'Administrator disconnected from chat',
      topic: 'Leave',
      isShown: true,
      signature: ' [ann]',
    },
  ],
  [
    'closeChat',
    byServer,
    { why: 'too slow' },
    { message: 'Administrator disconnected from chat (too slow)', topic: 'Leave', isShown: true },
  ],
  [
    'end',
    operator,
    { reason: '', isQuiet: false },
    { message: 'Session terminated by bob', topic: 'Status', after: { reason: '', isQuiet: false } },
  ],
  [
    'end',
    nobody,
    { reason: 'late', isQuiet: true },
    {
      message: 'Session quietly terminated by the server administrator: late',
      topic: 'Status',
      after: { reason: 'late', isQuiet: true },
    },
  ],
  [
    'end',
    idle,
    { reason: '', isQuiet: false },
    {
      message: 'Session terminated by the server, because the session was idle for too long',
      topic: 'Status',
      isShown: true,
      after: { reason: '', isQuiet: false },
    },
  ],
  [
    'end',
    { kind: 'rule', rule: 'empty' },
    { reason: '', isQuiet: false },
    {
      message: 'Session terminated by the server, because the session is empty',
      topic: 'Status',
      after: { reason: '', isQuiet: false },
    },
  ],
  [
    'stop',
    byServer,
    { reason: 'the server stops' },
    {
      message: 'Session stopped by the server: the server stops',
      topic: 'Status',
      level: 'debug',
      after: { reason: 'the server stops' },
    },
  ],
];

for (const [index, [kind, actor, effect, shown]] of examples.entries()) {
  test(`${index + 1}: ${kind} by ${actor.kind}: ${shown.message}`, (t) => {
    const action = { kind, actor, effect } as Action;
    const { message, topic, level = 'info', isShown = false, user, signature = '' } = shown;
    t.deepEqual(lineOf(action), {
      level,
      topic,
      message,
      signature,
      isShown,
      user,
    } as never);
    const change = changeOf(action, 'room', 77);
    t.is(change.when, 77);
    t.is(change.what, `session.${kind}`);
    t.deepEqual(
      change.on,
      shown.on ? { kind: 'user', name: shown.on, session: 'room' } : { kind: 'session', name: 'room' },
    );
    t.deepEqual({ before: change.before, after: change.after }, {
      before: shown.before,
      after: shown.after,
    } as never);
  });
}

test('every action is among the examples', (t) => {
  const shown = new Set(examples.map(([kind]) => kind));
  // @ts-expect-error only the names of actions are asked for
  t.false(shown.has('nothing'));
  t.is(shown.size, 28);
});

test('an audit trail says who acted and from where, as far as that is known', (t) => {
  const by = (actor: Actor) => {
    const { actor: who, address } = changeOf({ kind: 'unlist', actor, effect: { url: '' } }, 'room', 0);
    return [who.kind, who.name, address];
  };
  t.deepEqual(by(operator), ['operator', 'bob', '10.0.0.3']);
  t.deepEqual(by(ann), ['administrator', 'ann', '10.9.9.9']);
  t.deepEqual(by({ ...ann, isModerator: true } as Actor), ['moderator', 'ann', '10.9.9.9']);
  t.deepEqual(by(nobody), ['administrator', '', '']);
  t.deepEqual(by(newcomer), ['newcomer', 'mia', '10.0.0.8']);
  t.deepEqual(by(byServer), ['server', '', '']);
  t.deepEqual(by(idle), ['rule', 'idle', '']);
});
