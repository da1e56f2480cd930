// Muting: whose chat is not delivered (sessions.md §8), for every actor.

import { type Reason, reason } from '../errors/reason.js';
import type { Action, ActionRecorder, Refused } from './actions.js';
import { type Actor, nameOf } from './actor.js';
import { type FragmentsSession, sendFragments } from './fragments.js';
import type { Member, UserInfo } from './member.js';
import { replies } from './replies.js';
import { texts } from './texts.js';

export interface MutingSession extends FragmentsSession, ActionRecorder {
  readonly roles: FragmentsSession['roles'] & {
    readonly guests: { set(userInfo: UserInfo, role: 'muted', has: boolean): void };
  };
}

export function muteRefusal(target: Member, isMuted: boolean): Reason | undefined {
  return target.isModerator && isMuted ? reason('mute-of-moderator') : undefined;
}

/** Undefined: it is so already. Notifies the muted user, who could not know otherwise. */
export function setMuted(
  session: MutingSession,
  actor: Actor,
  target: Member,
  isMuted: boolean,
): Action<'mute' | 'unmute'> | Refused | undefined {
  const refused = muteRefusal(target, isMuted);
  if (refused !== undefined) return { refused };
  if (target.isMuted === isMuted) return undefined;
  target.become('muted', isMuted);
  session.roles.guests.set(target.userInfo, 'muted', isMuted);
  sendFragments(session, ['muted']);
  const effect = { person: target.logUser };
  const action: Action<'mute' | 'unmute'> = { kind: isMuted ? 'mute' : 'unmute', actor, effect };
  session.recordAction(action);
  const by = nameOf(actor);
  target.send(replies.message(isMuted ? texts.muted(by) : texts.unmuted(by)));
  return action;
}
