// Whether a message is what its generation's table says.

import { ProtocolError } from '../errors.js';
import { decodePayload, type Generation, messageTables } from '../protocol/messages.js';

/** What is wrong with it, undefined: nothing. */
export function faultOf(generation: Generation, type: number, payload: Uint8Array): string | undefined {
  const table = messageTables[generation];
  const row = table.row(type);
  if (!row) return `type ${type} is not known to ${table.protocol}`;
  try {
    decodePayload(row, payload);
    return undefined;
  } catch (error) {
    if (error instanceof ProtocolError) return error.message;
    throw error;
  }
}
