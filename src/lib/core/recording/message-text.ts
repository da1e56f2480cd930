// A message that text cannot hold as its table says: unknown types, wrong lengths, bits without a name. It is kept
// as raw bytes, in a form that the original programs skip or ignore, so that nothing is lost on the way back.

import { Buffer } from 'node:buffer';
import { asBuffer } from '../bytes.js';

/** Name of a message line that holds a payload nobody can take apart: `1 unknown raw=… type=200`. */
export const unknownName = 'unknown';
/** Key that overrules all others: the entire payload in base64. */
export const rawKey = 'raw';

/** How messages are written as text. */
export interface TextStyle {
  /** Byte for byte what the original programs write, even where that loses something. */
  readonly isOriginal: boolean;
}

export function rawText(payload: Uint8Array): string {
  return asBuffer(payload).toString('base64');
}

/** Undefined when it is not base64 of something that fits into a message. */
export function parseRaw(text: string): Uint8Array | undefined {
  const packed = text.replaceAll('\n', '');
  if (!/^[A-Za-z0-9+/]*={0,2}$/.test(packed)) return undefined;
  const payload = Buffer.from(packed, 'base64');
  return payload.length > 0xffff ? undefined : payload;
}
