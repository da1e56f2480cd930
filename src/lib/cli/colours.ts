// Colours as they are typed.

import { Refusal } from '../core/errors.js';

/** 0xRRGGBB of `#rrggbb`. Throws a Refusal for anything else. */
export function readColour(text: string, flag: string): number {
  const digits = /^#?([\da-f]{6})$/i.exec(text)?.[1];
  if (digits !== undefined) return Number.parseInt(digits, 16);
  throw new Refusal(
    'badInput',
    `invalid value '${text}' for ${flag}: expected a colour`,
    `Example: ${flag} '#ffffff'`,
  );
}
