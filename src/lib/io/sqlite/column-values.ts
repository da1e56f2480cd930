// Values of columns, from any writer: the originals type weakly (config.md §3).

import { formatDateTime, lastMoment } from '../../core/units.js';

/** Weak typing: numbers, text and bytes as text. */
export function textOf(value: unknown): string {
  if (value === null || value === undefined) return '';
  return value instanceof Uint8Array ? Buffer.from(value).toString('utf8') : String(value);
}

/** What C makes of it: 0 for what is not a number. */
export function numberOf(value: unknown): number {
  const number = typeof value === 'number' ? value : Number.parseInt(textOf(value), 10);
  return Number.isFinite(number) ? Math.trunc(number) : 0;
}

/** How the originals write "for good"; the year is far enough for every comparison. */
export const forGood = formatDateTime(lastMoment);
