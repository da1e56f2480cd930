// Creating and removing invites (sessions.md §18), for every actor. The login checks invites.

import { type Reason, reason } from '../errors/reason.js';
import type { Action, ActionRecorder, Refused } from './actions.js';
import { type Actor, memberOf } from './actor.js';
import { type FragmentsSession, sendFragments } from './fragments.js';
import { type Invites, inviteLimit } from './invites.js';
import type { Clock, Random } from './needs.js';

export interface InvitingSession extends FragmentsSession, ActionRecorder {
  readonly needs: { readonly clock: Pick<Clock, 'now'>; readonly random: Random };
  readonly options: { readonly invites: boolean };
  readonly invites: Invites;
}

export interface InviteOptions {
  maxUses: number;
  trust: boolean;
  op: boolean;
}

/** Members need the setting, but for moderators. */
function inviteRefusal({ options }: InvitingSession, actor: Actor): Reason | undefined {
  const by = memberOf(actor);
  if (!by || options.invites || by.isModerator) return undefined;
  return reason('invites-disabled');
}

/** Nobody gives a role that they do not have. */
function roleRefusal(actor: Actor, options: InviteOptions): Reason | undefined {
  const by = memberOf(actor);
  if (!by || by.isOperator) return undefined;
  if (options.op) return reason('invite-of-operators');
  return options.trust && !by.isTrusted ? reason('invite-of-trusted') : undefined;
}

export function createInvite(
  session: InvitingSession,
  actor: Actor,
  options: InviteOptions,
): Action<'invite'> | Refused {
  const refused = inviteRefusal(session, actor) ?? roleRefusal(actor, options);
  if (refused !== undefined) return { refused };
  const { clock, random } = session.needs;
  // An administrator is not named: '' (formats.md §6.1).
  const creator = memberOf(actor)?.name ?? '';
  const invite = session.invites.create({ creator, ...options }, clock.now(), random);
  if (!invite) return { refused: reason('invites-too-many', { count: inviteLimit }) };
  session.write({ key: 'invite', invite });
  const action = { kind: 'invite', actor, effect: { secret: invite.secret, invite } } as const;
  session.recordAction(action);
  sendFragments(session, ['invitelist']);
  return action;
}

export function removeInvite(
  session: InvitingSession,
  actor: Actor,
  secret: string,
): Action<'uninvite'> | Refused {
  const refused = inviteRefusal(session, actor);
  if (refused !== undefined) return { refused };
  const invite = session.invites.remove(secret);
  if (!invite) return { refused: reason('invite-unknown') };
  session.write({ key: 'uninvite', secret });
  const action = { kind: 'uninvite', actor, effect: { secret, invite } } as const;
  session.recordAction(action);
  sendFragments(session, ['invitelist']);
  return action;
}
