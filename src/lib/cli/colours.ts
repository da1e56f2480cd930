// Colours as they are typed.

import { refusal } from '../core/errors.js';

/** 0xRRGGBB of `#rrggbb`. Throws a Refusal for anything else. */
export function readColour(text: string, flag: string): number {
  const digits = /^#?([\da-f]{6})$/i.exec(text)?.[1];
  if (digits !== undefined) return Number.parseInt(digits, 16);
  throw refusal('flag-invalid', { flag, value: text, expected: 'a colour', example: "'#ffffff'" });
}
