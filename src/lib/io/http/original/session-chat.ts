// Conversations of administrators with a session (http.md §1.7).

import { chatTimeoutMs } from '../../../admin/admin-chat.js';
import { requestNumber, textOf } from './coercion.js';
import { inSession } from './in-session.js';
import { type Answer, answered, failed, ok } from './route.js';

const missingMessage = () => failed(400, 'Missing message');

export const postChat = inSession(async (session, { run, input }) => {
  const message = textOf(input.message).trim();
  const timeout = requestNumber(input.timeout, chatTimeoutMs.default, 0);
  const problem =
    message === ''
      ? missingMessage()
      : timeout < chatTimeoutMs.least
        ? failed(400, `Timeout too short, must be >= ${chatTimeoutMs.least} ms`)
        : timeout > chatTimeoutMs.most
          ? failed(400, `Timeout too long, must be <= ${chatTimeoutMs.most} ms`)
          : undefined;
  // that somebody has it already is said first, and keeps it open
  if (problem) return (await isOpen(run('chat.read', { session }))) ? alreadyOpen() : problem;
  return answered(run('chat.open', { session, message, timeout }).then(ok), { conflict: alreadyOpen() });
});

const alreadyOpen = () => failed(409, 'Chat already connected');

async function isOpen(read: Promise<unknown>): Promise<boolean> {
  const answer = await inChat(read.then(ok));
  return answer.status === 200;
}

function inChat(done: Promise<Answer>): Promise<Answer> {
  return answered(done, { notFound: failed(404, 'Chat not connected') });
}

/** Also one that cannot be is somebody who still follows. */
const offsetOf = (value: unknown) => requestNumber(value, 0, -1);
const invalidOffset = () => failed(400, 'Invalid offset');

export const putChat = inSession((session, { run, input }) => {
  const message = textOf(input.message).trim();
  const offset = offsetOf(input.offset);
  if (message === '') return inChat(run('chat.read', { session }).then(missingMessage));
  if (offset < 0) return inChat(run('chat.read', { session }).then(invalidOffset));
  return inChat(run('chat.say', { session, message, offset }).then(ok));
});

export const getChat = inSession((session, { run, input }) => {
  const offset = offsetOf(input.offset);
  if (offset < 0) return inChat(run('chat.read', { session }).then(invalidOffset));
  return inChat(run('chat.read', { session, offset }).then(ok));
});

export const deleteChat = inSession((session, { run, input }) => {
  const message = textOf(input.message).trim();
  const offset = offsetOf(input.offset);
  if (offset < 0) return inChat(run('chat.read', { session }).then(invalidOffset));
  return inChat(run('chat.close', { session, offset, ...(message !== '' && { message }) }).then(ok));
});
