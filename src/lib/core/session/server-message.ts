// Messages of an administrator or of the server to users in a session: to all, or to one, who is informed that
// nobody else reads it.
import { Buffer } from 'node:buffer';
import { reason } from '../errors/reason.js';
import type { Action, ActionRecorder, Refused } from './actions.js';
import type { Actor } from './actor.js';
import type { Member } from './member.js';
import { replies } from './replies.js';
import { texts } from './texts.js';

export interface MessageSession extends ActionRecorder {
  readonly flow: { sendToAll(frame: Buffer): void };
}

const textBytesAtMost = 65_000;

/** Whether a text and the little that goes around it fit into one message. */
export function fits(text: string): boolean {
  return Buffer.byteLength(JSON.stringify(text)) <= textBytesAtMost;
}

/** `to` undefined: everyone. Undefined: the text is empty. */
export function sendServerMessage(
  session: MessageSession,
  actor: Actor,
  options: { text: string; isAlert: boolean; to?: Member },
): Action<'message'> | Refused | undefined {
  const { text, isAlert, to } = options;
  if (text === '') return undefined;
  if (!fits(text)) return { refused: reason('message-beyond-limit') };
  const shown = to ? texts.privately(text) : text;
  const frame = isAlert ? replies.alert(shown) : replies.message(shown);
  if (to) to.send(frame);
  else session.flow.sendToAll(frame);
  const action = { kind: 'message', actor, effect: { person: to?.logUser, text } } as const;
  session.recordAction(action);
  return action;
}
