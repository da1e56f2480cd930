// A change for the audit trail: one shape for everything that users, administrators and rules of the server change.
// Sessions report changes in `recordAction` (actions.ts), operations in `record` (admin/recording.ts).
import type { Actor } from './actor.js';

/** JSON data by name; secrets are replaced by `hiddenValue`. */
export type ChangeFacts = Readonly<Record<string, unknown>>;

export interface Change {
  /** Milliseconds since 1970. */
  readonly when: number;
  /**
   * `name`: of a user, of the login of an administrator, of a rule; '' where there is none: whoever may use this
   * machine's data or socket, and the server itself.
   */
  readonly actor: { readonly kind: Actor['kind']; readonly name: string };
  /** From where; '': from this machine, or nowhere. */
  readonly address: string;
  /** AREA.VERB, as operations are called: `session.kick`, `user.change`. */
  readonly what: string;
  readonly on: Subject;
  /** The changed values before; undefined: the object is new, or there is nothing to compare. */
  readonly before?: ChangeFacts | undefined;
  /** The changed values after; undefined: the object was removed. */
  readonly after?: ChangeFacts | undefined;
}

/** The object of a change. */
export interface Subject {
  readonly kind: SubjectKind;
  /** Id of a session, name of a user or account, `ip:3` of a ban …; '' where there is only one. */
  readonly name: string;
  /** Id of the session that it is in. */
  readonly session?: string;
}

export const subjectKinds = [
  'session',
  'user',
  'connection',
  'account',
  'ban',
  'settings',
  'list servers',
  'external bans',
  'locks',
  'log',
  'audit',
  'token',
  'login',
  'report',
  'note',
  'file',
  'server',
] as const;

export type SubjectKind = (typeof subjectKinds)[number];

/** Stores or follows changes. If `made` returns a promise, the caller gets no answer before it resolves. */
export interface Changes {
  made(change: Change): void | Promise<void>;
}

export const noChanges: Changes = { made: () => {} };

/** Replaces passwords in `before` and `after`. */
export const hiddenValue = '***';

/** The values that differ, as `before` and `after` of a change; undefined: none. */
export function difference(
  before: ChangeFacts,
  after: ChangeFacts,
): { readonly before: ChangeFacts; readonly after: ChangeFacts } | undefined {
  const names = [...new Set([...Object.keys(before), ...Object.keys(after)])].filter(
    (name) => JSON.stringify(before[name]) !== JSON.stringify(after[name]),
  );
  if (names.length === 0) return undefined;
  const chosen = (facts: ChangeFacts) =>
    Object.fromEntries(names.flatMap((name) => (name in facts ? [[name, facts[name]]] : [])));
  return { before: chosen(before), after: chosen(after) };
}

/** The actor and address of a change. */
export function signatureOf(actor: Actor): Pick<Change, 'actor' | 'address'> {
  switch (actor.kind) {
    case 'administrator': {
      const kind = actor.isModerator ? 'moderator' : actor.kind;
      return { actor: { kind, name: actor.name ?? '' }, address: actor.address ?? '' };
    }
    case 'newcomer':
      return { actor: { kind: actor.kind, name: actor.name }, address: actor.address };
    case 'server':
      return { actor: { kind: actor.kind, name: '' }, address: '' };
    case 'rule':
      return { actor: { kind: actor.kind, name: actor.rule }, address: '' };
    default: {
      const { ip, name } = actor.member.logUser;
      return { actor: { kind: actor.kind, name }, address: ip };
    }
  }
}
