// Sessions and the people in them as the commands show them: arguments, columns and facts. What operations answer is
// JSON with the keys of http.md §1.7, with fewer of them where an original server answers.

import type { JsonObject } from '../core/protocol/command.js';
import { describeDuration, describeSize } from '../core/units.js';
import { Args } from './oclif.js';
import type { Column } from './tables.js';

export const sessionArg = Args.string({
  required: true,
  description: 'Id of the session, the beginning of it, or its alias.',
});
export const userArg = Args.string({ required: true, description: 'User id in the session, or name.' });

/** A value of JSON as text; '' where there is none. */
export function textOf(value: unknown): string {
  return typeof value === 'string' ? value : typeof value === 'number' ? String(value) : '';
}

export function numberOf(value: unknown): number {
  return typeof value === 'number' ? value : 0;
}

export function objectsOf(value: unknown): JsonObject[] {
  return Array.isArray(value)
    ? value.filter((item): item is JsonObject => typeof item === 'object' && item !== null)
    : [];
}

/** `3 min` since a timestamp; '' where it says nothing. */
export function describeSince(timestamp: unknown, now: number): string {
  const time = typeof timestamp === 'string' ? Date.parse(timestamp) : Number.NaN;
  return time > 0 ? describeDuration((now - time) / 1000) : '';
}

/** The texts of a list, in one. */
function textsOf(value: unknown): string {
  return Array.isArray(value) ? value.map(textOf).join('; ') : '';
}

/** What holds for a session, in short words. */
function marksOf(session: JsonObject): string {
  const words: string[] = [];
  if (session.hasPassword === true) words.push('password');
  if (session.closed === true) words.push('closed');
  if (session.authOnly === true) words.push('registered-only');
  if (session.persistent === true) words.push('persistent');
  if (session.nsfm === true) words.push('nsfm');
  if (session.unlisted === true) words.push('unlisted');
  if (session.idleOverride === true) words.push('idle-override');
  return words.join(' ');
}

/** Alias where there is one: either names a session in every command. */
export function nameOfSession(session: JsonObject): string {
  return textOf(session.alias) || textOf(session.id);
}

/** As much of an id as tells it from the others: commands take that for a session. */
export function shortIds(sessions: readonly JsonObject[]): (id: string) => string {
  const ids = sessions.map(({ id }) => textOf(id));
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
export function sessionColumns(now: number, shownId = (id: string) => id): Column<JsonObject>[] {
  return [
    { title: 'session', value: ({ id, alias }) => shownId(textOf(id)) || textOf(alias), isWhole: true },
    { title: 'alias', value: ({ alias }) => textOf(alias) },
    { title: 'title', value: ({ title }) => textOf(title) },
    {
      title: 'users',
      value: ({ userCount, maxUserCount }) => `${numberOf(userCount)}/${numberOf(maxUserCount)}`,
      align: 'right',
    },
    {
      title: 'drawing',
      value: ({ activeDrawingUserCount }) => numberOf(activeDrawingUserCount),
      align: 'right',
    },
    { title: 'size', value: ({ size }) => describeSize(numberOf(size)), align: 'right' },
    { title: 'age', value: ({ startTime }) => describeSince(startTime, now), align: 'right' },
    { title: 'founder', value: ({ founder }) => textOf(founder) },
    { title: '', value: marksOf },
  ];
}

/** Role and kind of account, in short words. */
function rolesOf(user: JsonObject): string {
  const words: string[] = [];
  if (user.mod === true) words.push('moderator');
  else if (user.op === true) words.push('operator');
  if (user.trusted === true) words.push('trusted');
  if (user.muted === true) words.push('muted');
  if (user.auth === false) words.push('guest');
  if (user.online === false) words.push('left');
  return words.join(' ');
}

function clientOf(user: JsonObject): string {
  const words: string[] = [];
  if (user.browser === true) words.push('browser');
  if (user.tls === true) words.push('tls');
  if (user.oldv === true) words.push('old');
  return words.join(' ');
}

export function memberColumns(now: number): Column<JsonObject>[] {
  return [
    { title: 'id', value: ({ id }) => numberOf(id), align: 'right' },
    { title: 'name', value: ({ name }) => textOf(name) },
    { title: 'role', value: rolesOf },
    { title: 'address', value: ({ ip }) => textOf(ip) },
    { title: 'client', value: clientOf },
    { title: 'idle', value: ({ lastActive }) => describeSince(lastActive, now), align: 'right' },
  ];
}

/** `sessionOf`: how a session is shown, from its id. */
export function onlineColumns(now: number, sessionOf: (id: string) => string): Column<JsonObject>[] {
  const [, name, role, address, client, idle] = memberColumns(now) as [
    Column<JsonObject>,
    Column<JsonObject>,
    Column<JsonObject>,
    Column<JsonObject>,
    Column<JsonObject>,
    Column<JsonObject>,
  ];
  return [
    name,
    { title: 'session', value: (user) => sessionOf(textOf(user.session)) || 'none yet' },
    role,
    address,
    client,
    idle,
  ];
}

export const inviteColumns: Column<JsonObject>[] = [
  { title: 'invite', value: ({ secret }) => textOf(secret), isWhole: true },
  {
    title: 'uses',
    value: ({ uses, maxUses }) => `${objectsOf(uses).length}/${numberOf(maxUses)}`,
    align: 'right',
  },
  {
    title: 'gives',
    value: ({ op, trust }) =>
      [op === true && 'operator', trust === true && 'trust'].filter(Boolean).join(' '),
  },
  { title: 'made', value: ({ at }) => textOf(at) },
  { title: 'by', value: ({ creator }) => textOf(creator) || 'an administrator' },
  {
    title: 'used by',
    value: ({ uses }) =>
      objectsOf(uses)
        .map(({ name }) => textOf(name))
        .join(', '),
  },
];

export const sessionBanColumns: Column<JsonObject>[] = [
  { title: 'ban', value: ({ id }) => numberOf(id), align: 'right' },
  { title: 'name', value: ({ username }) => textOf(username) },
  { title: 'address', value: ({ ip }) => textOf(ip) },
  { title: 'by', value: ({ bannedBy }) => textOf(bannedBy) },
];

/** Everything about a session that is one line each. */
export function sessionFacts(session: JsonObject, now: number): [fact: string, value: string][] {
  const yes = (value: unknown) => (value === true ? 'yes' : 'no');
  const facts: [string, string, isKnown?: boolean][] = [
    ['id', textOf(session.id)],
    ['alias', textOf(session.alias), textOf(session.alias) !== ''],
    ['title', textOf(session.title)],
    ['in doubt', textsOf(session.doubts), textsOf(session.doubts) !== ''],
    ['founder', textOf(session.founder)],
    ['protocol', textOf(session.protocol)],
    ['users', `${numberOf(session.userCount)} of ${numberOf(session.maxUserCount)}`],
    ['drawing now', String(numberOf(session.activeDrawingUserCount))],
    ['started', `${textOf(session.startTime)} (${describeSince(session.startTime, now)} ago)`],
    ['size', sizeText(session)],
    ['reset threshold', thresholdText(session)],
    ['password', yes(session.hasPassword)],
    ['operator password', yes(session.hasOpword)],
    ['registered only', yes(session.authOnly)],
    ['persistent', yes(session.persistent)],
    ['nsfm', yes(session.nsfm)],
    ['deputies', yes(session.deputies)],
    ['web browsers', yes(session.allowWeb), 'allowWeb' in session],
    ['invites', yes(session.invites), 'invites' in session],
    ['unlisted', yes(session.unlisted), 'unlisted' in session],
    ['idle override', yes(session.idleOverride), 'idleOverride' in session],
    [
      'archived at its end',
      session.archive === null ? 'as the server is set' : yes(session.archive),
      'archive' in session,
    ],
    ...objectsOf(session.listings).map(({ url }): [string, string] => ['announced at', textOf(url)]),
  ];
  return facts.filter(([, , isKnown]) => isKnown !== false).map(([fact, value]) => [fact, value]);
}

function sizeText({ size, maxSize }: JsonObject): string {
  const most = numberOf(maxSize);
  return `${describeSize(numberOf(size))}${most > 0 ? ` of ${describeSize(most)}` : ''}`;
}

function thresholdText({ effectiveResetThreshold, resetThreshold }: JsonObject): string {
  const bytes = numberOf(effectiveResetThreshold) || numberOf(resetThreshold);
  return bytes > 0 ? describeSize(bytes) : 'none';
}
