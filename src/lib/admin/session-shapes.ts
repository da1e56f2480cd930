// Shapes of the answers of operations about sessions and their users, with the keys of http.md §1.7.

import {
  type OptionKey,
  type SettingValue,
  type ShownValues,
  type ShowPlace,
  sessionSettings,
  shownKeys,
} from '../core/settings/session-settings.js';
import {
  described,
  flag,
  integer,
  list,
  number,
  object,
  oneOf,
  oneWord,
  orNull,
  type Schema,
  type Static,
  text,
  within,
} from './schema.js';

const timestamp = described(text, 'ISO 8601, UTC');
/** A moment, or the epoch where it never came. */
const lastTime = described(text, 'ISO 8601, UTC; the epoch: never');

type SettingShapes<Place extends ShowPlace> = {
  readonly [Key in keyof ShownValues<Place> & OptionKey]: Schema<SettingValue<Key>>;
};

/** The settings that are shown in one place. */
function shapesOf<Place extends ShowPlace>(place: Place): SettingShapes<Place> {
  const shapes = { flag, text, number: integer, choice: orNull(flag) } as const;
  const keys = [...shownKeys(place, 'always'), ...shownKeys(place, 'sometimes')];
  return Object.fromEntries(
    keys.map((key) => {
      const { type, help } = sessionSettings[key];
      return [key, described(shapes[type as keyof typeof shapes] as Schema, help)];
    }),
  ) as unknown as SettingShapes<Place>;
}

// Those named here come from every server, also from an older one; whatever else the table has may be missing.
const { maxUserCount, founder, title, nsfm, authOnly, persistent, autotitle, ...laterInLobby } =
  shapesOf('lobby');
const { overrideSize, resetThreshold, deputies, preserveChat, ...laterDetails } = shapesOf('details');

/** What a session and a template both have. */
const facts = {
  alias: text,
  protocol: text,
  maxUserCount,
  founder,
  title,
  hasPassword: flag,
  nsfm,
  authOnly,
} as const;

/** What only a session has. */
const life = {
  id: text,
  userCount: integer,
  closed: described(flag, 'users cannot join without an invite'),
  startTime: timestamp,
  size: described(integer, 'size of the history in bytes'),
  persistent,
  activeDrawingUserCount: integer,
  autotitle,
} as const;

/** What depends on how the server is set. */
const extras = { ...laterInLobby, preferWebSockets: flag } as const;

/** A row of the list of sessions; a template has no id and none of what only a session has. */
export const listedSession = object(facts, { ...life, ...extras });
export type ListedSession = Static<typeof listedSession>;

const person = {
  id: described(integer, 'user id in the session; 0: not in a session'),
  uid: described(text, 'id of the connection'),
  name: text,
  ip: text,
  s: described(text, 'system id of the client'),
  auth: flag,
  op: flag,
  trusted: flag,
  muted: flag,
  mod: flag,
  tls: flag,
  browser: flag,
  oldv: described(flag, 'the client is older than the session'),
  state: oneWord('login', 'session', 'quiet_disconnect', 'graceful_disconnect'),
  lastActive: lastTime,
  lastActiveDrawing: lastTime,
  capabilities: object({ keepalive: flag, thumbnail: flag }),
} as const;

/** Somebody who is connected. */
export const onlinePerson = object(person, {
  session: described(text, 'id of the session they are in'),
  lastWithoutSession: lastTime,
});
export type OnlinePerson = Static<typeof onlinePerson>;

const { id, name, ip, s, ...connection } = person;
/** Somebody who is in a session or was. */
export const sessionMember = object(
  { id, name, ip, s },
  {
    online: described(flag, 'false: has left; older servers leave it out for present users'),
    ...connection,
    holdLocked: flag,
    resetFlags: list(oneWord('queried', 'responded', 'awaiting', 'streaming')),
  },
);
export type SessionMember = Static<typeof sessionMember>;

export const sessionBan = object({
  id: integer,
  username: text,
  authId: text,
  ip: text,
  sid: text,
  bannedBy: text,
});
export type SessionBanView = Static<typeof sessionBan>;

const inviteFacts = {
  secret: text,
  at: timestamp,
  maxUses: integer,
  uses: list(object({ name: text, at: described(text, "ISO 8601, UTC; '': unknown") })),
} as const;
const inviteExtras = {
  creator: described(text, 'left out: an administrator'),
  op: flag,
  trust: flag,
} as const;

export const sessionInvite = object(inviteFacts, inviteExtras);
export type SessionInviteView = Static<typeof sessionInvite>;
export const newInvite = object(
  { ...inviteFacts, session: described(text, 'id of the session') },
  inviteExtras,
);

const stream = object(
  { state: oneWord('prepared', 'streaming'), size: integer },
  { messageCount: integer, ctxId: integer },
);

/** Everything about a session. */
export const fullSession = object(
  {
    ...facts,
    ...life,
    _locked: described(flag, 'sessions are locked against changes over HTTP'),
    maxSize: integer,
    baseSize: integer,
    overrideSize,
    resetThreshold,
    effectiveResetThreshold: integer,
    minResetThreshold: integer,
    deputies,
    hasOpword: flag,
    preserveChat,
    users: list(sessionMember),
    listings: list(object({ id: integer, url: text })),
    invitelist: list(sessionInvite),
    bans: list(sessionBan),
    chat: orNull(object({ offset: integer, count: integer, timeout: integer, remaining: number })),
    thumbnail: object({}, { generatedAt: timestamp, generatorCtxId: integer, generatorCorrelator: text }),
    autoreset: object(
      {
        delay: number,
        requestStatus: oneWord('not sent', 'queried', 'queried waiting', 'requested'),
        sessionState: oneWord('initialization', 'running', 'reset', 'shutdown'),
        stream: orNull(stream),
        historyFirstIndex: integer,
        historyLastIndex: integer,
      },
      { timer: number },
    ),
  },
  {
    ...extras,
    doubts: described(list(text), 'why parts of its stored settings are not trusted'),
    ...laterDetails,
  },
);
export type FullSession = Static<typeof fullSession>;

/** A session as it is named in every operation. */
export const session = described(text, 'id, the beginning of an id, or alias');
export const inSession = object({ session });
/** Put behind the name of who kicked. */
export const kickMessage = within(text, { 'x-max-bytes': 100 });
export const user = described(oneOf(text, integer), 'user id or name');
export const ofMember = { session, user } as const;
