// Messages as the canvas takes them: the fields of 4.25, whatever the generation. Layouts come from core/protocol;
// what 4.24 says otherwise is translated as 2.3 clients do (canvas.md §5.7). Dabs have a separate reader.

import { ProtocolError } from '../errors.js';
import type { Fields } from '../protocol/kind.js';
import { droppedSince22, idFieldsOf22, pairedLayerFlags, swapId } from '../protocol/layout-of-22.js';
import { decodePayload, messageTables } from '../protocol/messages.js';
import { blendModeFrom24 } from './blend/modes.js';

/** Generations whose messages can be drawn. */
export type CanvasGeneration = '4.24' | '4.25';

/** A key of the fields in which the bytes behind the fixed part of a payload stand: titles and texts as they came. */
export const rawText = 'raw';

type Mutable = Record<string, Fields[string]>;

/** Undefined: it cannot be read, so it does not exist for the canvas. Texts are left out but for `raw`. */
export function readFields(
  generation: CanvasGeneration,
  type: number,
  payload: Uint8Array,
): Fields | undefined {
  const row = messageTables[generation].row(type);
  if (row === undefined || row.isReserved) return undefined;
  if (generation === '4.24' && droppedSince22.has(type)) return undefined;
  let fields: Mutable;
  try {
    fields = decodePayload(row, payload) as Mutable;
  } catch (error) {
    if (error instanceof ProtocolError) return undefined;
    throw error;
  }
  // the text is always what comes last
  fields[rawText] = payload.subarray(row.min);
  return generation === '4.24' ? from24(type, fields) : fields;
}

/** Bits of `flags` that 2.2 knows. */
const flags24: Readonly<Record<number, number>> = { 69: 0x83, 131: 0x7, 143: 0x7 };

function from24(type: number, fields: Mutable): Fields | undefined {
  for (const name of idFieldsOf22[type] ?? []) fields[name] = swapId(fields[name] as number);
  const known = flags24[type];
  if (known !== undefined) fields.flags = (fields.flags as number) & known;
  switch (type) {
    case 136:
    case 137:
      fields.mode = modeFrom24(fields.mode as number);
      break;
    case 140:
      fields.layer = 0;
      break;
    case 146:
      fields.user = 0;
      break;
    case 160:
    case 165:
      fields.blend = 1;
      fields.opacity = 255;
      break;
    case 169:
      fields.tracks = (fields.tracks as readonly number[]).map(swapId);
      break;
    case 172: {
      // pairs of layer and flags
      const pairs = fields.layers as readonly number[];
      if (pairs.length % 2 !== 0) return undefined;
      fields.layer_flags = pairedLayerFlags(pairs);
      break;
    }
    default:
  }
  return fields;
}

/** Modes that nobody knows stay what they are. */
export function modeFrom24(mode: number): number {
  return blendModeFrom24(mode) ?? mode;
}
