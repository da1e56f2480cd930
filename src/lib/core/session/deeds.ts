// TABLE of what can be done to a session or to somebody in it: what is known of it afterwards, and how the log says so.
// Every action ends with `did`, whoever acted; that is the one place where deeds can be followed. To add one: a member of
// `Effects` and a row.
import { type Actor, memberOf, nameOf, rules } from './actor.js';
import type { LogLevel, LogTopic, LogUser } from './needs.js';
import type { NoteLine } from './session-notes.js';

/** What each changed, and about whom or what it was. */
interface Effects {
  kick: { person: LogUser; reason: string };
  ban: { person: LogUser; ban: number };
  unban: { ban: number; name: string };
  mute: { person: LogUser };
  unmute: { person: LogUser };
  /** `how`: by whom, or by what right (`by password`). */
  op: { person: LogUser; how: string };
  deop: { person: LogUser; how: string };
  trust: { person: LogUser; how: string };
  untrust: { person: LogUser; how: string };
  invite: { secret: string; maxUses: number; op: boolean; trust: boolean };
  uninvite: { secret: string };
  /** In the words of the log. */
  set: { changes: readonly string[] };
  announce: { url: string };
  /** `''`: everywhere. */
  unlist: { url: string };
  askForReset: { bytes: number };
  reset: { kind: string };
  /** `person` undefined: everyone. */
  tell: { person: LogUser | undefined; text: string };
  askForThumbnail: { person: LogUser; correlator: string; reason: string };
  cancelThumbnail: { person: LogUser };
  end: { reason: string; isQuiet: boolean };
}

export type DeedName = keyof Effects;

export type Deed<Name extends DeedName = DeedName> = {
  [Each in Name]: { readonly action: Each; readonly actor: Actor; readonly effect: Effects[Each] };
}[Name];

/** An action that may not be done, and why not. */
export interface Refused {
  readonly refused: string;
}

/** For actions: who is told what was done. */
export interface Deeds {
  did(deed: Deed): void;
}

interface Row<Name extends DeedName> {
  topic: LogTopic;
  /** `info` when left out. */
  level?: LogLevel;
  /**
   * Who the line is about. Left out: who acted, who is named at its end where the entry cannot say it. The others name
   * who acted in their words.
   */
  about?: 'person' | 'nobody';
  isShown: boolean | ((actor: Actor) => boolean);
  words: (effect: Effects[Name], by: string) => string;
}

const list = (words: readonly string[]): string => {
  const text = words.join(', ');
  return text.slice(0, 1).toUpperCase() + text.slice(1);
};

const rows: { readonly [Name in DeedName]: Row<Name> } = {
  kick: {
    topic: 'Kick',
    about: 'person',
    isShown: true,
    words: ({ reason }, by) => `Kicked by ${by}${reason && ` (${reason})`}`,
  },
  ban: {
    topic: 'Ban',
    about: 'person',
    isShown: true,
    words: ({ ban }, by) => `Banned by ${by} (ban ${ban})`,
  },
  unban: {
    topic: 'Unban',
    about: 'nobody',
    isShown: true,
    words: ({ ban, name }, by) => `${name || 'Someone'} unbanned by ${by} (ban ${ban})`,
  },
  mute: { topic: 'Mute', about: 'person', isShown: true, words: (_, by) => `Muted by ${by}` },
  unmute: { topic: 'Unmute', about: 'person', isShown: true, words: (_, by) => `Unmuted by ${by}` },
  op: { topic: 'Op', about: 'person', isShown: true, words: ({ how }) => `Made operator ${how}` },
  deop: {
    topic: 'Deop',
    about: 'person',
    isShown: true,
    words: ({ how }) => `Operator status revoked ${how}`,
  },
  trust: { topic: 'Trust', about: 'person', isShown: true, words: ({ how }) => `Trusted ${how}` },
  untrust: { topic: 'Untrust', about: 'person', isShown: true, words: ({ how }) => `Trust revoked ${how}` },
  invite: {
    topic: 'Invite',
    isShown: true,
    words: ({ maxUses, op, trust }) => {
      const roles = [op && 'op', trust && 'trust'].filter(Boolean).join(' and ');
      return `Created ${roles && `${roles} `}invite with ${maxUses} use(s)`;
    },
  },
  uninvite: { topic: 'Invite', isShown: true, words: () => 'Removed invite' },
  set: { topic: 'Status', isShown: true, words: ({ changes }) => list(changes) },
  announce: {
    topic: 'PubList',
    level: 'debug',
    isShown: false,
    words: ({ url }) => `Asked for a listing at ${url}`,
  },
  unlist: {
    topic: 'PubList',
    level: 'debug',
    isShown: false,
    words: ({ url }) => `Asked to be unlisted ${url === '' ? 'everywhere' : `at ${url}`}`,
  },
  askForReset: {
    topic: 'Status',
    level: 'debug',
    isShown: false,
    words: ({ bytes }) => `Asked for a reset at ${bytes} bytes`,
  },
  reset: { topic: 'Status', level: 'debug', isShown: false, words: ({ kind }) => `Began a reset (${kind})` },
  tell: {
    topic: 'AdminChat',
    level: 'debug',
    isShown: false,
    words: ({ person }) => `Sent a message to ${person?.name ?? 'everyone'}`,
  },
  askForThumbnail: {
    topic: 'Status',
    about: 'person',
    isShown: true,
    words: (_, by) => `Thumbnail requested by ${by}`,
  },
  cancelThumbnail: {
    topic: 'Status',
    about: 'person',
    isShown: true,
    words: (_, by) => `Thumbnail request cancelled by ${by}`,
  },
  end: {
    topic: 'Status',
    about: 'nobody',
    // The others are told in another way, or are not there any more (recorded).
    isShown: (actor) => actor.kind === 'rule' && actor.rule === 'idle',
    words: ({ reason, isQuiet }, by) =>
      `Session ${isQuiet ? 'quietly ' : ''}terminated by ${by}${reason && `: ${reason}`}`,
  },
};

/** What the log says of it. */
export function lineOf(deed: Deed): NoteLine {
  const { actor, effect } = deed;
  const row = rows[deed.action] as Row<DeedName>;
  const { about, level = 'info', topic, words } = row;
  const isShown = typeof row.isShown === 'function' ? row.isShown(actor) : row.isShown;
  const by = logNameOf(actor);
  const text = words(effect, by);
  const signature = actor.kind === 'administrator' && actor.name !== undefined ? ` [${actor.name}]` : '';
  const line = { level, topic, message: text, signature, isShown };
  if (about === 'nobody') return { ...line, user: undefined };
  if (about === 'person' && 'person' in effect) return { ...line, user: effect.person };
  const user = memberOf(actor)?.logUser;
  return { ...line, message: user ? text : `${text} (by ${by})`, user };
}

function logNameOf(actor: Actor): string {
  return actor.kind === 'rule' ? `${nameOf(actor)}, because ${rules[actor.rule]}` : nameOf(actor);
}
