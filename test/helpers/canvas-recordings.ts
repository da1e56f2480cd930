// Messages of recordings as the bytes of a session.
import { makeFrame } from '../../src/lib/core/protocol/frame.js';
import type { RecordedMessage } from '../../src/lib/core/recording/items.js';

export function sessionBytes(
  messages: readonly Pick<RecordedMessage, 'type' | 'contextId' | 'payload'>[],
): Buffer {
  return Buffer.concat(messages.map(({ type, contextId, payload }) => makeFrame(type, contextId, payload)));
}
