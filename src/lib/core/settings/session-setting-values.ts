// KINDS of values that settings of a session have: how a value is read that a client, a script or a person gives. One
// rule for the wire, for REST and for the terminal: a value of another type is converted where it can mean only one
// thing (`"true"`, `1`, `"8"`), and refused where it cannot (`7.9`, `null`).
import { parseSize } from '../units.js';

/** 32-bit sizes, as the originals have them. */
export function clampBytes(bytes: number): number {
  return Math.min(Math.max(Math.trunc(bytes), 0), 0x7fffffff);
}

export interface ValueKind<T> {
  /** Completes "expected …". */
  expected: string;
  /** What a person types, after `KEY=`. */
  example: string;
  /** Undefined: it has no meaning, or more than one. */
  read(value: unknown): T | undefined;
}

const words: Readonly<Record<string, boolean>> = {
  true: true,
  yes: true,
  on: true,
  '1': true,
  false: false,
  no: false,
  off: false,
  '0': false,
};

/** A flag of any JSON type; undefined: it has no meaning. */
export function readFlag(value: unknown): boolean | undefined {
  if (typeof value === 'boolean') return value;
  const word =
    typeof value === 'string' || typeof value === 'number' ? String(value).trim().toLowerCase() : '';
  return Object.hasOwn(words, word) ? words[word] : undefined;
}

/** A number of which nothing was lost between its digits and here is text, too: `5` is the title "5". */
export function readText(value: unknown): string | undefined {
  if (typeof value === 'string') return value;
  return typeof value === 'number' && Number.isSafeInteger(value) ? String(value) : undefined;
}

export const flag: ValueKind<boolean> = { expected: 'true or false', example: 'true', read: readFlag };

export const text: ValueKind<string> = { expected: 'text', example: 'TEXT', read: readText };

export const name: ValueKind<string> = {
  expected: 'a name',
  example: 'NAME',
  read(value) {
    const read = readText(value);
    return read === undefined || read.trim() === '' ? undefined : read;
  },
};

/** A whole number from 0 on, however large: the setting limits it. */
export const count: ValueKind<number> = {
  expected: 'a whole number',
  example: '20',
  read(value) {
    const number = typeof value === 'string' && /^\s*\+?\d+\s*$/.test(value) ? Number(value) : value;
    return typeof number === 'number' && number >= 0 && Number.isInteger(number) ? number : undefined;
  },
};

/** Whole bytes, from a number or text such as `15mb`; a fraction of a byte is cut off as in `1.5kb`. */
export const size: ValueKind<number> = {
  expected: 'a size, such as 15mb',
  example: '15mb',
  read(value) {
    const bytes = typeof value === 'string' ? parseSize(value.trim()) : value;
    return typeof bytes === 'number' && bytes >= 0 && Number.isFinite(bytes) ? clampBytes(bytes) : undefined;
  },
};

/** Null, and the word for it: as the server is set. */
export const choice: ValueKind<boolean | null> = {
  expected: 'true, false or default',
  example: 'default',
  read(value) {
    if (value === null || (typeof value === 'string' && value.trim().toLowerCase() === 'default'))
      return null;
    return readFlag(value);
  },
};
