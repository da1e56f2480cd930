// Operations on conversations of an administrator with a session (http.md §1.7.7).

import { refusal } from '../core/errors.js';
import { type AdminChat, chatOf, chatTimeoutMs, openChat } from './admin-chat.js';
import { requireLive } from './live.js';
import { type AdminNeeds, actorFor, change, look } from './operation.js';
import { saidLine } from './reports.js';
import { count, described, integer, list, notEmpty, object, text, within } from './schema.js';
import { requireSession } from './session-actions.js';
import { inSession, session } from './session-shapes.js';

const offset = described(count, 'number of the first line that is wanted; left out: all that are kept');
const message = described(notEmpty, 'shown to everyone in the session');
const part = object({
  offset: described(integer, 'number of the first line that follows'),
  messages: list(
    object(
      { m: described(text, 'what was said') },
      {
        i: described(integer, 'user id; left out: the administrator'),
        n: described(text, 'user name'),
        f: described(integer, '2: an action'),
      },
    ),
  ),
});
const timeout = described(
  within(integer, { minimum: chatTimeoutMs.least, maximum: chatTimeoutMs.most }),
  'milliseconds after which nobody follows any more; left out: five minutes',
);

export const chatOperations = {
  'chat.recent': look({
    summary: 'What was said last in a session',
    role: 'moderator',
    input: inSession,
    output: described(list(saidLine), 'since the server started; the oldest first'),
    run: async (needs, input) => (await requireSession(requireLive(needs), input.session)).recentChat.lines,
  }),
  'chat.open': change('sessions', {
    summary: 'Begin a conversation with a session',
    input: object({ session, message }, { timeout }),
    output: part,
    run: async (needs, input) => {
      const found = await requireSession(requireLive(needs), input.session);
      const open = chatOf(found);
      if (open) {
        open.touch();
        throw refusal('chat-open', { session: found.id });
      }
      const chat = openChat(found, actorFor(needs), input.timeout ?? chatTimeoutMs.default);
      chat.say(input.message.trim());
      return chat.from(0);
    },
  }),
  'chat.say': change('sessions', {
    summary: 'Say something in a conversation with a session',
    input: object({ session, message }, { offset }),
    output: part,
    run: async (needs, input) => {
      const chat = await requireChat(needs, input.session);
      chat.say(input.message.trim());
      return chat.from(input.offset ?? 0);
    },
  }),
  'chat.read': look({
    summary: 'What was said in a conversation with a session',
    role: 'administrator',
    input: object({ session }, { offset }),
    output: part,
    run: async (needs, input) => (await requireChat(needs, input.session)).from(input.offset ?? 0),
  }),
  'chat.close': change('sessions', {
    summary: 'End a conversation with a session',
    input: object({ session }, { message, offset }),
    output: described(part, 'the last of it'),
    run: async (needs, input) => {
      const chat = await requireChat(needs, input.session);
      if (input.message !== undefined) chat.say(input.message.trim());
      const last = chat.from(input.offset ?? 0);
      chat.close(actorFor(needs));
      return last;
    },
  }),
};

/** The caller still follows the chat. */
async function requireChat(needs: AdminNeeds, given: string): Promise<AdminChat> {
  const found = await requireSession(requireLive(needs), given);
  const chat = chatOf(found);
  if (!chat) throw refusal('chat-not-open', { session: found.id });
  chat.touch();
  return chat;
}
