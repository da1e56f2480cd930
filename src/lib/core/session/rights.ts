// Changing the rights of one user in a session (sessions.md §7.4–§7.6, §8), for every actor: operator, trusted,
// muted. roles.ts stores the roles.

import { type Reason, reason } from '../errors/reason.js';
import type { Action, Refused } from './actions.js';
import type { Actor } from './actor.js';
import type { Member } from './member.js';
import { type MutingSession, muteRefusal, setMuted } from './muting.js';
import type { Roles } from './roles.js';
import type { GuestRole } from './saved.js';

export interface RightsSession extends MutingSession {
  readonly roles: MutingSession['roles'] & Pick<Roles, 'setOne'>;
}

/** Why this role cannot be changed for this user, by any actor. */
export function roleRefusal(target: Member, role: GuestRole, has: boolean): Reason | undefined {
  if (role === 'muted') return muteRefusal(target, has);
  return role === 'operator' && !has && target.isModerator ? reason('moderator-is-operator') : undefined;
}

/** Undefined: it is so already. */
export function setRole(
  session: RightsSession,
  actor: Actor,
  target: Member,
  role: GuestRole,
  has: boolean,
): Action | Refused | undefined {
  if (role === 'muted') return setMuted(session, actor, target, has);
  if ((role === 'operator' ? target.isOperator : target.isTrusted) === has) return undefined;
  const refused = roleRefusal(target, role, has);
  return refused === undefined ? session.roles.setOne(target, role, has, { actor }) : { refused };
}
