// Who performs an action on a session or its users. Names of actors, and whether rights limit them, are decided
// here.
import type { Member } from './member.js';
import { administrator } from './texts.js';

/** Rules by which a server acts, with their texts in the log. */
export const rules = {
  empty: 'the session is empty',
  emptyTooLong: 'the session was empty for too long',
  idle: 'the session was idle for too long',
  hostLeft: 'the host left before the session was ready',
  invite: 'the invite grants it',
  inviteList: 'the list of invites is too long for one message',
  chatTimeout: 'nobody followed the conversation any more',
  serverSetting: 'a server setting requires it',
} as const;

export type Rule = keyof typeof rules;

export const memberRights = ['moderator', 'operator', 'deputy', 'member'] as const;
export type MemberRight = (typeof memberRights)[number];

export type Actor =
  /** A user in the session, with the rights at the time of the action. */
  | { readonly kind: MemberRight; readonly member: Member }
  /**
   * Of the server, by terminal or REST. `name`: with which they came in, where they had one; `address`: from where, if
   * not from this machine. Both are for the server's log only.
   */
  | {
      readonly kind: 'administrator';
      readonly name?: string;
      readonly address?: string;
      /** May do less than an administrator; in sessions both are "the server administrator". */
      readonly isModerator?: boolean;
    }
  /** A user who hosts a session or joins a template, and is not in it yet. */
  | { readonly kind: 'newcomer'; readonly name: string; readonly address: string }
  | { readonly kind: 'server' }
  | { readonly kind: 'rule'; readonly rule: Rule };

export const actorKinds = [
  ...memberRights,
  'administrator',
  'newcomer',
  'server',
  'rule',
] as const satisfies readonly Actor['kind'][];

export const byAdministrator: Actor = { kind: 'administrator' };
export const byServer: Actor = { kind: 'server' };

export function actorOf(member: Member): Actor {
  const kind = member.isModerator
    ? 'moderator'
    : member.isOperator
      ? 'operator'
      : member.isDeputy
        ? 'deputy'
        : 'member';
  return { kind, member };
}

/** The member who acts; undefined: the actor is not in the session, so the rights of members do not apply. */
export function memberOf(actor: Actor): Member | undefined {
  return 'member' in actor ? actor.member : undefined;
}

/** The name that users in the session see. */
export function nameOf(actor: Actor): string {
  switch (actor.kind) {
    case 'administrator':
      return administrator;
    case 'server':
    case 'rule':
      return 'the server';
    case 'newcomer':
      return actor.name;
    default:
      return actor.member.name;
  }
}

/** Whether the actor may do what requires a moderator. */
export function isModerating(actor: Actor): boolean {
  return actor.kind !== 'newcomer' && (memberOf(actor)?.isModerator ?? true);
}
