// Which messages go through a conversion: all of them, what a template may hold, or what a client would replay.
// cli.md §5 (--pass, --include-user-ids), formats.md §7.

import { ProtocolError } from '../errors.js';
import { decodePayload, encodePayload, type Generation, messageTables } from '../protocol/messages.js';

export const passes = ['all', 'template', 'client'] as const;
export type Pass = (typeof passes)[number];

/** Types that a 2.3 server takes out of a template (formats.md §7). */
const notInTemplates: ReadonlySet<number> = new Set([0, 1, 2, 31, 32, 33, 34, 35, 36, 38, 68, 75]);
const featureAccess = 70;
const layerAcl = 69;
/** Put image, fill rect, and every kind of dabs. */
const drawing: ReadonlySet<number> = new Set([136, 137, 148, 149, 150, 151, 152]);

/** The payload as it goes through, undefined: the message is dropped. */
export function passPayload(
  pass: Pass,
  generation: Generation,
  type: number,
  payload: Uint8Array,
): Uint8Array | undefined {
  if (pass === 'all') return payload;
  if (notInTemplates.has(type) || (pass === 'client' && type === featureAccess)) return undefined;
  if (type !== layerAcl) return payload;
  // user ids of another session mean nothing in this one
  const row = messageTables[generation].row(layerAcl);
  if (!row) return payload;
  try {
    return encodePayload(row, { ...decodePayload(row, payload), exclusive: [] });
  } catch (error) {
    if (error instanceof ProtocolError) return payload;
    throw error;
  }
}

/** Whether a message of `contextId` stays when only some users' drawing is wanted; undefined: everyone's is. */
export function isWanted(users: ReadonlySet<number> | undefined, type: number, contextId: number): boolean {
  return users === undefined || users.has(contextId) || !drawing.has(type);
}
