// From the layout of 2.2 (dp:4.24.0) to that of 2.3 (dp:4.25.1): protocol.md §7.4. What 2.3 removed can't be said
// there any more and is dropped, as the original does.

import type { Fields, FieldValue } from '../protocol/fields.js';
import { decodePayload, encodePayload, messageTables } from '../protocol/messages.js';

/** Types of 4.24 that 4.25 does not know any more, or that its original refuses in 4.24 files. */
const dropped: ReadonlySet<number> = new Set([67, 72, 130, 133, 134, 135, 145, 174, 175]);

const swapped = (id: number): number => ((id & 0xff) << 8) | (id >> 8);

/** Fields that hold a layer, annotation or track id; which type of id makes no difference to the swap. */
const idFields: Readonly<Record<number, readonly string[]>> = {
  69: ['id'],
  71: ['id'],
  131: ['id'],
  132: ['id'],
  136: ['layer'],
  137: ['layer'],
  141: ['id'],
  142: ['id'],
  143: ['id'],
  144: ['id'],
  146: ['layer'],
  148: ['layer'],
  149: ['layer'],
  150: ['layer'],
  151: ['layer'],
  160: ['layer', 'source'],
  162: ['id', 'source', 'target'],
  163: ['layer', 'parent', 'sibling'],
  164: ['id', 'merge_to'],
  165: ['layer', 'source'],
  166: ['id', 'insert_id', 'source_id'],
  167: ['id'],
  168: ['id'],
  170: ['track_id', 'source_id'],
  171: ['track_id'],
  172: ['track_id'],
  173: ['track_id', 'move_track_id'],
};

const normalBlend = { blend: 1, opacity: 255 };

/** Strokes told their paint mode by the alpha of their colour: some means soft and indirect, none means direct. */
const strokeFlags = (fields: Fields): Fields => ({ flags: (fields.color as number) >>> 24 === 0 ? 0 : 2 });

/** What 2.3 has and 2.2 had not, by type. */
const added: Readonly<Record<number, (fields: Fields) => Fields>> = {
  148: strokeFlags,
  149: strokeFlags,
  150: strokeFlags,
  160: () => normalBlend,
  165: () => normalBlend,
  169: (fields) => ({ tracks: (fields.tracks as readonly number[]).map(swapped) }),
  172: (fields) => ({ layer_flags: layerFlags(fields.layers as readonly number[]) }),
};

/** Pairs of layer and flags become one number each: flags on top, layer below. */
function layerFlags(pairs: readonly number[]): number[] {
  const together: number[] = [];
  for (let at = 0; at + 1 < pairs.length; at += 2) {
    together.push((((pairs[at + 1] as number) << 24) | swapped(pairs[at] as number)) >>> 0);
  }
  return together;
}

/**
 * The payload in the 4.25 layout, undefined when 4.25 has no such message. Throws a ProtocolError when the payload
 * is not what 4.24 says it is.
 */
export function upgradePayload(type: number, payload: Uint8Array): Uint8Array | undefined {
  if (dropped.has(type)) return undefined;
  const from = messageTables['4.24'].row(type);
  const to = messageTables['4.25'].row(type);
  if (!from || !to || to.isReserved) return undefined;
  const fields: Record<string, FieldValue> = { ...decodePayload(from, payload) };
  for (const name of idFields[type] ?? []) fields[name] = swapped(fields[name] as number);
  return encodePayload(to, { ...fields, ...added[type]?.(fields) });
}
