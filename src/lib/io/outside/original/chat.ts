// Conversations with a session, over the admin API of an original (http.md §1.7).

import { Refusal, refusal } from '../../../core/errors.js';
import { sessionPath } from './sessions.js';

export const chatPath = (session: string) => `${sessionPath({ session })}/chat`;

/** An original answers a question about a conversation that nobody has begun as one about a session that is not there. */
export async function inChat(session: string, answer: Promise<unknown>): Promise<unknown> {
  try {
    return await answer;
  } catch (error) {
    if (error instanceof Refusal && error.kind === 'notFound' && /chat/i.test(error.message)) {
      throw refusal('chat-not-open', { session });
    }
    throw error;
  }
}
