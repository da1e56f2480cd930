// The layout rules that a server checks: every message type below 64 (sessions.md §6.2). Types from 64 on are never
// checked.
import { type Reason, reason } from '../errors/reason.js';
import { headerBytes, maxPayloadBytes, messageType } from './frame.js';
import { messageTables } from './messages.js';

/** Why the frame `bytes[start, end)` is a breach of the protocol, or undefined when it is none. */
export function frameProblem(
  type: number,
  bytes: Uint8Array,
  start: number,
  end: number,
): Reason | undefined {
  if (type >= messageType.firstOpaque) return undefined;
  const least = leastBytes[type]!;
  if (least === unknown) return reason('message-of-unknown-type', { type });
  const length = end - start - headerBytes;
  const isShort =
    length < least || (type === messageType.join && length < least + bytes[start + headerBytes + 1]!);
  return isShort || length > mostBytes[type]!
    ? reason('message-of-wrong-length', { type, bytes: length })
    : undefined;
}

const unknown = -1;
/** Of the payload of each type below 64: the table of messages is the same for every client there. */
const leastBytes = new Array<number>(messageType.firstOpaque).fill(unknown);
const mostBytes = new Array<number>(messageType.firstOpaque).fill(maxPayloadBytes);
for (const { id, min, max, isReserved } of messageTables['4.25'].rows) {
  if (id >= messageType.firstOpaque || isReserved) continue;
  leastBytes[id] = min;
  // A keepalive with anything in it is one as well.
  if (id !== messageType.keepAlive) mostBytes[id] = max;
}
