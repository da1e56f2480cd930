// Handlers that are about a session, or about somebody in one.

import { openSession } from '../../../admin/session-actions.js';
import type { Member } from '../../../core/session/member.js';
import type { Session } from '../../../core/session/session.js';
import { type Answer, type Call, type Handler, notFound } from './route.js';

/** A handler that is about a session; 404 when there is none. */
export function inSession(handle: (session: Session, call: Call) => Answer | Promise<Answer>): Handler {
  return async (call) => {
    const session = await openSession(call.needs.live, call.params.session!);
    return session ? handle(session, call) : notFound();
  };
}

/** A handler that is about somebody in a session. */
export function withMember(
  handle: (session: Session, member: Member, call: Call) => Answer | Promise<Answer>,
): Handler {
  return inSession((session, call) => {
    const { user = '' } = call.params;
    const member = /^[1-9]\d{0,2}$/.test(user) ? session.people.get(Number(user)) : undefined;
    return member ? handle(session, member, call) : notFound();
  });
}
