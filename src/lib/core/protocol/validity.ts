// Which frames a server may look at: the layout rules of every type below 64 (sessions.md §6.2). Types from 64
// on are never checked.
import { headerBytes, messageType } from './frame.js';

/** Why the frame `bytes[start, end)` is a breach of the protocol, or undefined when it is none. */
export function frameProblem(
  type: number,
  bytes: Uint8Array,
  start: number,
  end: number,
): string | undefined {
  const length = end - start - headerBytes;
  const exactly = (wanted: number) =>
    length === wanted ? undefined : `message of type ${type} with ${length} bytes`;
  const atLeast = (wanted: number) =>
    length >= wanted ? undefined : `message of type ${type} with ${length} bytes`;
  switch (type) {
    case messageType.command:
    case messageType.keepAlive:
    case messageType.thumbnail:
    case messageType.resetStream:
      return undefined;
    case messageType.ping:
      return exactly(1);
    case messageType.disconnect:
      return atLeast(1);
    case messageType.join:
      return atLeast(2) ?? atLeast(2 + bytes[start + headerBytes + 1]!);
    case messageType.leave:
    case messageType.softReset:
      return exactly(0);
    case messageType.sessionOwner:
    case messageType.trustedUsers:
      return length <= 255 ? undefined : `message of type ${type} with ${length} bytes`;
    case messageType.chat:
    case messageType.privateChat:
      return atLeast(2);
    default:
      return type >= messageType.firstOpaque ? undefined : `message of the unknown type ${type}`;
  }
}
