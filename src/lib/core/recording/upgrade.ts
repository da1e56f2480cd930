// From the layout of 2.2 (dp:4.24.0) to that of 2.3 (dp:4.25.1): protocol.md §7.4. What 2.3 removed cannot be said
// there any more and is dropped, as the original does.

import type { Fields, FieldValue } from '../protocol/kind.js';
import { droppedSince22, idFieldsOf22, pairedLayerFlags, swapId } from '../protocol/layout-of-22.js';
import { decodePayload, encodePayload, messageTables } from '../protocol/messages.js';

const normalBlend = { blend: 1, opacity: 255 };

/** Strokes expressed their paint mode by the alpha of their colour: some means soft and indirect, none means direct. */
const strokeFlags = (fields: Fields): Fields => ({ flags: (fields.color as number) >>> 24 === 0 ? 0 : 2 });

/** What 2.3 has and 2.2 had not, by type. */
const added: Readonly<Record<number, (fields: Fields) => Fields>> = {
  148: strokeFlags,
  149: strokeFlags,
  150: strokeFlags,
  160: () => normalBlend,
  165: () => normalBlend,
  169: (fields) => ({ tracks: (fields.tracks as readonly number[]).map(swapId) }),
  172: (fields) => ({ layer_flags: pairedLayerFlags(fields.layers as readonly number[]) }),
};

/**
 * The payload in the 4.25 layout, undefined when 4.25 has no such message. Throws a ProtocolError when the payload
 * is not what 4.24 says it is.
 */
export function upgradePayload(type: number, payload: Uint8Array): Uint8Array | undefined {
  if (droppedSince22.has(type)) return undefined;
  const from = messageTables['4.24'].row(type);
  const to = messageTables['4.25'].row(type);
  if (!from || !to || to.isReserved) return undefined;
  const fields: Record<string, FieldValue> = { ...decodePayload(from, payload) };
  for (const name of idFieldsOf22[type] ?? []) fields[name] = swapId(fields[name] as number);
  return encodePayload(to, { ...fields, ...added[type]?.(fields) });
}
