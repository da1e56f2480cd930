// Conversations of administrators with a session (http.md §1.7).

import { chatOf, chatTimeoutMs, openChat } from '../../../admin/admin-chat.js';
import { actorFor } from '../../../admin/operation.js';
import { requestNumber, textOf } from './coercion.js';
import { inSession } from './in-session.js';
import { type Answer, type Call, failed, type Handler, ok } from './route.js';

export const postChat = inSession((session, { needs, input }) => {
  const open = chatOf(session);
  if (open) {
    open.touch();
    return failed(409, 'Chat already connected');
  }
  const message = textOf(input.message).trim();
  if (message === '') return failed(400, 'Missing message');
  const timeout = requestNumber(input.timeout, chatTimeoutMs.default, 0);
  if (timeout < chatTimeoutMs.least)
    return failed(400, `Timeout too short, must be >= ${chatTimeoutMs.least} ms`);
  if (timeout > chatTimeoutMs.most)
    return failed(400, `Timeout too long, must be <= ${chatTimeoutMs.most} ms`);
  const chat = openChat(session, actorFor(needs), timeout);
  chat.say(message);
  return ok(chat.from(0));
});

function inChat(
  handle: (chat: NonNullable<ReturnType<typeof chatOf>>, offset: number, call: Call) => Answer,
): Handler {
  return inSession((session, call) => {
    const chat = chatOf(session);
    if (!chat) return failed(404, 'Chat not connected');
    chat.touch();
    return handle(chat, requestNumber(call.input.offset, 0, -1), call);
  });
}

const invalidOffset = () => failed(400, 'Invalid offset');

export const putChat = inChat((chat, offset, { input }) => {
  const message = textOf(input.message).trim();
  if (message === '') return failed(400, 'Missing message');
  if (offset < 0) return invalidOffset();
  chat.say(message);
  return ok(chat.from(offset));
});

export const getChat = inChat((chat, offset) => (offset < 0 ? invalidOffset() : ok(chat.from(offset))));

export const deleteChat = inChat((chat, offset, { input }) => {
  if (offset < 0) return invalidOffset();
  const message = textOf(input.message).trim();
  if (message !== '') chat.say(message);
  const answer = ok(chat.from(offset));
  chat.close('');
  return answer;
});
