// Ids of sessions, which the server generates, and aliases, which users choose (formats.md §1).
import type { Random } from './needs.js';

const alphabet = '0123456789abcdefghjkmnpqrstvwxyz';

/** A ULID in lower case: 48 bits of milliseconds, 80 random bits. */
export function makeSessionId(nowMs: number, random: Random): string {
  let text = '';
  let time = nowMs;
  for (let i = 0; i < 10; i++) {
    text = alphabet.charAt(time % 32) + text;
    time = Math.floor(time / 32);
  }
  for (const byte of random.bytes(16)) text += alphabet.charAt(byte & 31);
  return text;
}

/** Whether the text reads as a ULID or UUID, which an alias must not. */
export function looksLikeId(text: string): boolean {
  if (/^[0-9a-hjkmnp-tv-z]{26}$/i.test(text)) return !/^0+$/.test(text);
  return /^\{?[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\}?$/i.test(text);
}

export function isValidAlias(text: string): boolean {
  return /^[A-Za-z0-9-]{1,32}$/.test(text) && !looksLikeId(text);
}

/** Eight characters: three of the time, five random (formats.md §1). */
export function makeShortId(nowMs: number, random: Random): string {
  let text = '';
  let time = Math.floor(nowMs / 1000) % 1_000_000;
  for (let i = 0; i < 3; i++) {
    text += alphabet.charAt(time % 32);
    time = Math.floor(time / 32);
  }
  for (const byte of random.bytes(5)) text += alphabet.charAt(byte & 31);
  return text;
}
