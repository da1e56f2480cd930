// Handlers that are about a session, or about somebody in one.

import { type Answer, type Call, type Handler, notFound } from './route.js';

/** A handler that is about a session, which it gets by id; 404 when there is none. */
export function inSession(handle: (session: string, call: Call) => Answer | Promise<Answer>): Handler {
  return async (call) => {
    const session = await call.find.session(call.params.session ?? '');
    return session === undefined ? notFound() : handle(session, call);
  };
}

/** A handler that is about somebody in a session, by user id. */
export function withMember(
  handle: (whom: { session: string; user: number }, call: Call) => Answer | Promise<Answer>,
): Handler {
  return inSession((session, call) => {
    const { user = '' } = call.params;
    const isHere = /^[1-9]\d{0,2}$/.test(user) && call.find.hasMember(session, Number(user));
    return isHere ? handle({ session, user: Number(user) }, call) : notFound();
  });
}
