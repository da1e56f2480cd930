// Sessions and the people in them as the commands show them: arguments, columns and facts.

import type {
  FullSession,
  ListedSession,
  OnlinePerson,
  SessionBanView,
  SessionInviteView,
  SessionMember,
} from '../admin/session-shapes.js';
import type { SessionProblems } from '../admin/stored-sessions.js';
import { sessionSettings, settingKeys } from '../core/settings/session-settings.js';
import { describeDuration, describeSize } from '../core/units.js';
import { Args } from './oclif.js';
import type { Column } from './tables.js';

export const sessionArg = Args.string({
  required: true,
  description: 'Session id, the beginning of it, or alias',
});
export const userArg = Args.string({ required: true, description: 'User id in the session, or name' });

/** `3 min` since a timestamp; '' where it says nothing. */
export function describeSince(timestamp: string | undefined, now: number): string {
  const time = timestamp === undefined ? Number.NaN : Date.parse(timestamp);
  return time > 0 ? describeDuration((now - time) / 1000) : '';
}

/** What holds for a session, in short words. */
function marksOf(session: ListedSession): string {
  const words: string[] = [];
  if (session.hasPassword) words.push('password');
  if (session.closed) words.push('closed');
  if (session.authOnly) words.push('registered-only');
  if (session.persistent) words.push('persistent');
  if (session.nsfm) words.push('nsfm');
  if (session.unlisted) words.push('unlisted');
  if (session.idleOverride) words.push('idle-override');
  return words.join(' ');
}

/** Alias where there is one: either names a session in every command. */
export function nameOfSession({ alias, id = '' }: Pick<ListedSession, 'alias' | 'id'>): string {
  return alias || id;
}

/** As much of an id as distinguishes it from the others: commands take that for a session. */
export function shortIds(sessions: readonly ListedSession[]): (id: string) => string {
  const ids = sessions.map(({ id = '' }) => id);
  const length = Math.max(shortestId, ...ids.map((id) => sharedLength(id, ids) + 1));
  return (id) => id.slice(0, length);
}

const shortestId = 8;

/** How much of an id another one begins with as well, at most. */
function sharedLength(id: string, ids: readonly string[]): number {
  let longest = 0;
  for (const other of ids) {
    if (other === id) continue;
    let length = 0;
    while (length < id.length && id[length] === other[length]) length += 1;
    longest = Math.max(longest, length);
  }
  return longest;
}

/** `shownId`: how an id is shown where there is little room. */
export function sessionColumns(now: number, shownId = (id: string) => id): Column<ListedSession>[] {
  return [
    { title: 'session', value: ({ id = '', alias }) => shownId(id) || alias, isUncut: true },
    { title: 'alias', value: ({ alias }) => alias },
    { title: 'title', value: ({ title }) => title },
    {
      title: 'users',
      value: ({ userCount = 0, maxUserCount }) => `${userCount}/${maxUserCount}`,
      align: 'right',
    },
    {
      title: 'drawing',
      value: ({ activeDrawingUserCount = 0 }) => activeDrawingUserCount,
      align: 'right',
    },
    { title: 'size', value: ({ size = 0 }) => describeSize(size), align: 'right' },
    { title: 'age', value: ({ startTime }) => describeSince(startTime, now), align: 'right' },
    { title: 'founder', value: ({ founder }) => founder },
    { title: '', value: marksOf },
  ];
}

type Person = OnlinePerson | SessionMember;

/** Role and kind of account, in short words. */
function rolesOf(user: Person): string {
  const words: string[] = [];
  if (user.mod) words.push('moderator');
  else if (user.op) words.push('operator');
  if (user.trusted) words.push('trusted');
  if (user.muted) words.push('muted');
  if (user.auth === false) words.push('guest');
  if ('online' in user && user.online === false) words.push('left');
  return words.join(' ');
}

function clientOf(user: Person): string {
  const words: string[] = [];
  if (user.browser) words.push('browser');
  if (user.tls) words.push('tls');
  if (user.oldv) words.push('old');
  return words.join(' ');
}

export function memberColumns(now: number): Column<SessionMember>[] {
  return [{ title: 'id', value: ({ id }) => id, align: 'right' }, ...personColumns(now)];
}

function personColumns(now: number) {
  return [
    { title: 'name', value: ({ name }: Person) => name },
    { title: 'role', value: rolesOf },
    { title: 'address', value: ({ ip }: Person) => ip },
    { title: 'client', value: clientOf },
    {
      title: 'idle',
      value: ({ lastActive }: Person) => describeSince(lastActive, now),
      align: 'right',
    },
  ] as const;
}

/** `sessionOf`: how a session is shown, from its id. */
export function onlineColumns(now: number, sessionOf: (id: string) => string): Column<OnlinePerson>[] {
  const [name, ...others] = personColumns(now);
  return [name, { title: 'session', value: ({ session = '' }) => sessionOf(session) || 'none' }, ...others];
}

export const inviteColumns: Column<SessionInviteView>[] = [
  { title: 'invite', value: ({ secret }) => secret, isUncut: true },
  {
    title: 'uses',
    value: ({ uses, maxUses }) => `${uses.length}/${maxUses}`,
    align: 'right',
  },
  {
    title: 'gives',
    value: ({ op, trust }) => [op && 'operator', trust && 'trusted'].filter(Boolean).join(' '),
  },
  { title: 'created', value: ({ at }) => at },
  { title: 'by', value: ({ creator }) => creator || 'an administrator' },
  {
    title: 'used by',
    value: ({ uses }) => uses.map(({ name }) => name).join(', '),
  },
];

export const sessionBanColumns: Column<SessionBanView>[] = [
  { title: 'ban', value: ({ id }) => id, align: 'right' },
  { title: 'name', value: ({ username }) => username },
  { title: 'address', value: ({ ip }) => ip },
  { title: 'by', value: ({ bannedBy }) => bannedBy },
];

/** Everything about a session that is one line each. */
export function sessionFacts(session: FullSession, now: number): [fact: string, value: string][] {
  const facts: [string, string, isKnown?: boolean][] = [
    ['id', session.id],
    ['alias', session.alias, session.alias !== ''],
    ['title', session.title],
    ['in doubt', (session.doubts ?? []).join('; '), session.doubts !== undefined],
    ['founder', session.founder],
    ['protocol', session.protocol],
    ['users', `${session.userCount} of ${session.maxUserCount}`],
    ['drawing now', String(session.activeDrawingUserCount)],
    ['started', `${session.startTime} (${describeSince(session.startTime, now)} ago)`],
    ['size', sizeText(session)],
    ['reset threshold', thresholdText(session)],
    ['password', yes(session.hasPassword)],
    ['operator password', yes(session.hasOpword)],
    ...settingFacts(session),
    ...session.listings.map(({ url }): [string, string] => ['announced at', url]),
  ];
  return facts.filter(([, , isKnown]) => isKnown !== false).map(([fact, value]) => [fact, value]);
}

const yes = (value: boolean) => (value ? 'yes' : 'no');

/** The settings that are on or off, as far as the server has them. */
function settingFacts(session: Readonly<Record<string, unknown>>): [fact: string, value: string][] {
  return settingKeys.flatMap((key): [string, string][] => {
    const { label } = sessionSettings[key];
    if (label === undefined || !(key in session)) return [];
    const value = session[key];
    return [[label, typeof value === 'boolean' ? yes(value) : 'server default']];
  });
}

function sizeText({ size, maxSize }: FullSession): string {
  return `${describeSize(size)}${maxSize > 0 ? ` of ${describeSize(maxSize)}` : ''}`;
}

function thresholdText({ effectiveResetThreshold, resetThreshold }: FullSession): string {
  const bytes = effectiveResetThreshold || resetThreshold;
  return bytes > 0 ? describeSize(bytes) : 'none';
}

/** What is wrong with stored sessions, a line each. */
export function problemLines({ doubtful, setAside, orphans }: SessionProblems): string[] {
  return [
    ...doubtful.map(({ id, doubts }) => `${id}  in doubt: ${doubts.join('; ')}`),
    ...setAside.map(({ id, file, why }) => `${id}  set aside: ${file}: ${why}`),
    ...orphans.map((name) => `${name}  no journal: run: dp session adopt ${name}`),
  ];
}
