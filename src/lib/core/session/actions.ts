// TABLE of the actions on a session or its users: the effect of each, its log line, and the change that the audit trail stores.
// Every action ends with `recordAction`, for every actor: the one place where actions can be followed. To add one: a member
// of `Effects` and a row.
import type { Reason } from '../errors/reason.js';
import { type Actor, memberOf, nameOf, rules } from './actor.js';
import { type Change, type ChangeFacts, signatureOf } from './change.js';
import type { LogLevel, LogTopic, LogUser } from './needs.js';
import type { Invite } from './saved.js';
import type { LogLine } from './session-log-writer.js';

/** The effect of each action: what changed, and whom or what it concerned. */
interface Effects {
  host: { alias: string; protocol: string };
  /** A session begins from a template. */
  instantiate: { template: string; title: string };
  kick: { person: LogUser; reason: string };
  ban: { person: LogUser; ban: number };
  unban: { ban: number; name: string };
  /** `bans`: numbers of the new ones; `given`: how many were in the list. */
  importBans: { bans: readonly number[]; given: number };
  /** Everyone with a web browser is disconnected, because they are not allowed any more. */
  kickBrowsers: { people: readonly LogUser[] };
  mute: { person: LogUser };
  unmute: { person: LogUser };
  /** `how`: by whom, or by what right (`by password`). `account`: of somebody who is not here. */
  op: RoleEffect;
  deop: RoleEffect;
  trust: RoleEffect;
  untrust: RoleEffect;
  invite: { secret: string; invite: Invite };
  uninvite: { secret: string; invite: Invite };
  /** `changes`: in the words of the log. */
  set: { changes: readonly string[]; before: ChangeFacts; after: ChangeFacts };
  announce: { url: string };
  /** `''`: everywhere. */
  unlist: { url: string };
  askForReset: { bytes: number };
  reset: { kind: string };
  /** `person` undefined: everyone. */
  message: { person: LogUser | undefined; text: string };
  askForThumbnail: { person: LogUser; correlator: string; reason: string };
  cancelThumbnail: { person: LogUser };
  removeThumbnail: { at: number | undefined };
  /** An administrator follows the chat from now on. */
  openChat: { timeoutMs: number };
  /** `why`: '' where somebody wanted it. */
  closeChat: { why: string };
  end: { reason: string; isQuiet: boolean };
  /** The session ends in this process and remains stored. */
  stop: { reason: string };
}

interface RoleEffect {
  person: LogUser;
  how: string;
  account?: string;
}

export type ActionName = keyof Effects;

export type Action<Name extends ActionName = ActionName> = {
  [Each in Name]: { readonly kind: Each; readonly actor: Actor; readonly effect: Effects[Each] };
}[Name];

/** The action was refused; `refused` is the reason, in the words that users see. */
export interface Refused {
  readonly refused: Reason;
}

/** What every action needs of a session: writes the log line and the change of a completed action. */
export interface ActionRecorder {
  recordAction(action: Action): void;
}

interface Row<Name extends ActionName> {
  topic: LogTopic;
  /** `info` when left out. */
  level?: LogLevel;
  /**
   * Who the line is about. Left out: who acted, who is named at its end where the entry cannot say it. The others name
   * who acted in their words.
   */
  about?: 'person' | 'nobody';
  isShown: boolean | ((action: Pick<Action<Name>, 'actor' | 'effect'>) => boolean);
  words: (effect: Effects[Name], by: string) => string;
  /** What an audit trail says of it, beside who and whom. Without secrets: who reads it could join with them. */
  change?: (effect: Effects[Name]) => { before?: ChangeFacts; after?: ChangeFacts };
}

const list = (words: readonly string[]): string => {
  const text = words.join(', ');
  return text.slice(0, 1).toUpperCase() + text.slice(1);
};

const isPresent = ({ effect }: { effect: RoleEffect }) => effect.account === undefined;

/** The change of a role that is granted or revoked. */
function roleChange(role: 'operator' | 'trusted', has: boolean) {
  return ({ account, how }: RoleEffect) => ({
    before: { [role]: !has },
    after: { [role]: has, how, ...(account !== undefined && { account }) },
  });
}

/** An invite is distinguished by when it was made. */
const inviteFacts = ({ at, creator, maxUses, op, trust }: Omit<Invite, 'secret' | 'uses'>): ChangeFacts => ({
  at,
  creator,
  maxUses,
  op,
  trust,
});

const rows: { readonly [Name in ActionName]: Row<Name> } = {
  host: {
    topic: 'Status',
    about: 'nobody',
    isShown: true,
    words: ({ alias }, by) => `Session ${alias && `(AKA ${alias}) `}created by ${by}`,
    change: ({ alias, protocol }) => ({ after: { alias, protocol } }),
  },
  instantiate: {
    topic: 'Status',
    about: 'nobody',
    isShown: true,
    words: ({ template }) => `Session instantiated from template ${template}`,
    change: ({ template, title }) => ({ after: { template, title } }),
  },
  kick: {
    topic: 'Kick',
    about: 'person',
    isShown: true,
    words: ({ reason }, by) => `Kicked by ${by}${reason && ` (${reason})`}`,
    change: ({ reason }) => (reason === '' ? {} : { after: { reason } }),
  },
  ban: {
    topic: 'Ban',
    about: 'person',
    isShown: true,
    words: ({ ban }, by) => `Banned by ${by} (ban ${ban})`,
    change: ({ ban }) => ({ after: { ban } }),
  },
  unban: {
    topic: 'Unban',
    about: 'nobody',
    isShown: true,
    words: ({ ban, name }, by) => `${name || 'Someone'} unbanned by ${by} (ban ${ban})`,
    change: ({ ban, name }) => ({ before: { ban, name } }),
  },
  importBans: {
    topic: 'BanImpEx',
    level: 'debug',
    isShown: false,
    words: ({ bans, given }) => `Imported ${bans.length} of ${given} bans`,
    change: ({ bans, given }) => ({ after: { bans, given } }),
  },
  kickBrowsers: {
    topic: 'Kick',
    // They, and everyone else, are notified by an alert.
    isShown: false,
    words: ({ people }) => `Disconnected web browsers: ${people.map(({ name }) => name).join(', ')}`,
    change: ({ people }) => ({ before: { users: people.map(({ name }) => name) } }),
  },
  mute: {
    topic: 'Mute',
    about: 'person',
    isShown: true,
    words: (_, by) => `Muted by ${by}`,
    change: () => ({ before: { muted: false }, after: { muted: true } }),
  },
  unmute: {
    topic: 'Unmute',
    about: 'person',
    isShown: true,
    words: (_, by) => `Unmuted by ${by}`,
    change: () => ({ before: { muted: true }, after: { muted: false } }),
  },
  op: {
    topic: 'Op',
    about: 'person',
    isShown: isPresent,
    words: ({ how }) => `Made operator ${how}`,
    change: roleChange('operator', true),
  },
  deop: {
    topic: 'Deop',
    about: 'person',
    isShown: isPresent,
    words: ({ how }) => `Operator status revoked ${how}`,
    change: roleChange('operator', false),
  },
  trust: {
    topic: 'Trust',
    about: 'person',
    isShown: isPresent,
    words: ({ how }) => `Trusted ${how}`,
    change: roleChange('trusted', true),
  },
  untrust: {
    topic: 'Untrust',
    about: 'person',
    isShown: isPresent,
    words: ({ how }) => `Trust revoked ${how}`,
    change: roleChange('trusted', false),
  },
  invite: {
    topic: 'Invite',
    isShown: true,
    words: ({ invite: { maxUses, op, trust } }) => {
      const roles = [op && 'op', trust && 'trust'].filter(Boolean).join(' and ');
      return `Created ${roles && `${roles} `}invite with ${maxUses} use(s)`;
    },
    change: ({ invite }) => ({ after: inviteFacts(invite) }),
  },
  uninvite: {
    topic: 'Invite',
    isShown: true,
    words: () => 'Removed invite',
    change: ({ invite }) => ({ before: inviteFacts(invite) }),
  },
  set: {
    topic: 'Status',
    // Of what the server decides for all sessions, clients are notified by their configuration.
    isShown: ({ actor }) => actor.kind !== 'rule',
    words: ({ changes }) => list(changes),
    change: ({ before, after }) => ({ before, after }),
  },
  announce: {
    topic: 'PubList',
    level: 'debug',
    isShown: false,
    words: ({ url }) => `Requested an announcement at ${url}`,
    change: ({ url }) => ({ after: { url } }),
  },
  unlist: {
    topic: 'PubList',
    level: 'debug',
    isShown: false,
    words: ({ url }) => `Withdrew ${url === '' ? 'all announcements' : `the announcement at ${url}`}`,
    change: ({ url }) => (url === '' ? {} : { before: { url } }),
  },
  askForReset: {
    topic: 'Status',
    level: 'debug',
    isShown: false,
    words: ({ bytes }) => `Requested a reset at ${bytes} bytes`,
    change: ({ bytes }) => ({ before: { bytes } }),
  },
  reset: {
    topic: 'Status',
    level: 'debug',
    isShown: false,
    words: ({ kind }) => `Started a reset (${kind})`,
    change: ({ kind }) => ({ after: { kind } }),
  },
  message: {
    topic: 'AdminChat',
    level: 'debug',
    isShown: false,
    words: ({ person }) => `Sent a message to ${person?.name ?? 'everyone'}`,
    change: ({ text }) => ({ after: { text } }),
  },
  askForThumbnail: {
    topic: 'Status',
    about: 'person',
    isShown: true,
    words: (_, by) => `Thumbnail requested by ${by}`,
    change: ({ reason }) => (reason === '' ? {} : { after: { reason } }),
  },
  cancelThumbnail: {
    topic: 'Status',
    about: 'person',
    isShown: true,
    words: (_, by) => `Thumbnail request cancelled by ${by}`,
  },
  removeThumbnail: {
    topic: 'Status',
    level: 'debug',
    isShown: false,
    words: () => 'Thumbnail removed',
    change: ({ at }) => (at === undefined ? {} : { before: { at } }),
  },
  openChat: {
    topic: 'Join',
    about: 'nobody',
    isShown: true,
    words: () => 'Administrator connected to chat',
    change: ({ timeoutMs }) => ({ after: { timeoutMs } }),
  },
  closeChat: {
    topic: 'Leave',
    about: 'nobody',
    isShown: true,
    words: ({ why }) => `Administrator disconnected from chat${why && ` (${why})`}`,
  },
  end: {
    topic: 'Status',
    about: 'nobody',
    // The others are notified in another way, or have left (recorded).
    isShown: ({ actor }) => actor.kind === 'rule' && actor.rule === 'idle',
    words: ({ reason, isQuiet }, by) =>
      `Session ${isQuiet ? 'quietly ' : ''}terminated by ${by}${reason && `: ${reason}`}`,
    change: ({ reason, isQuiet }) => ({ after: { reason, isQuiet } }),
  },
  stop: {
    topic: 'Status',
    level: 'debug',
    about: 'nobody',
    isShown: false,
    words: ({ reason }, by) => `Session stopped by ${by}: ${reason}`,
    change: ({ reason }) => ({ after: { reason } }),
  },
};

/** The log line of an action. */
export function lineOf(action: Action): LogLine {
  const { actor, effect } = action;
  const row = rows[action.kind] as Row<ActionName>;
  const { about, level = 'info', topic, words } = row;
  const isShown = typeof row.isShown === 'function' ? row.isShown(action) : row.isShown;
  const by = logNameOf(actor);
  const text = words(effect, by);
  const signature = actor.kind === 'administrator' && actor.name !== undefined ? ` [${actor.name}]` : '';
  const line = { level, topic, message: text, signature, isShown };
  if (about === 'nobody') return { ...line, user: undefined };
  if (about === 'person' && 'person' in effect) return { ...line, user: effect.person };
  const user = memberOf(actor)?.logUser;
  return { ...line, message: user ? text : `${text} (by ${by})`, user };
}

/** The change of an action, for the audit trail. `when`: milliseconds since 1970. */
export function changeOf(action: Action, session: string, when: number): Change {
  const { kind, actor, effect } = action;
  const { change } = rows[kind] as Row<ActionName>;
  const person = 'person' in effect ? effect.person : undefined;
  return {
    when,
    ...signatureOf(actor),
    what: `session.${kind}`,
    on: person ? { kind: 'user', name: person.name, session } : { kind: 'session', name: session },
    ...change?.(effect),
  };
}

function logNameOf(actor: Actor): string {
  return actor.kind === 'rule' ? `${nameOf(actor)}, because ${rules[actor.rule]}` : nameOf(actor);
}
