// Moments as flags give them: `7d` from now on or back, a day, a date and time in UTC.

import { Refusal } from '../core/errors.js';
import { formatDateTime, parseDateTime, parseExpiry } from '../core/units.js';

/** The end of something, in milliseconds since 1970. */
export function readExpiry(text: string, now: number): number {
  const time = parseExpiry(text, now);
  if (time === undefined) {
    throw new Refusal(
      'badInput',
      `'${text}' is no end for a ban`,
      'Write 12h, 7d, 4w or 1y from now on, or a day such as 2030-01-31, or "2030-01-31 12:00:00" (UTC).',
    );
  }
  if (time <= now) throw new Refusal('badInput', `'${text}' is over already`, 'Name a moment to come.');
  return time;
}

/** A moment in the past, in milliseconds since 1970: `2h` is two hours ago. */
export function readPast(text: string, now: number): number {
  const trimmed = text.trim().replace(/\.\d+Z?$/, '');
  const day = /^\d{4}-\d\d-\d\d$/.test(trimmed)
    ? parseDateTime(`${trimmed} 00:00:00`)
    : parseDateTime(trimmed);
  if (day !== undefined) return day;
  const later = parseExpiry(trimmed, now);
  if (later !== undefined) return now - (later - now);
  throw new Refusal(
    'badInput',
    `'${text}' is no moment`,
    'Write 30m, 2h or 7d ago, or a day such as 2030-01-31, or "2030-01-31 12:00:00" (UTC).',
  );
}

/** For tables; UTC like everything that servers write. */
export function showMoment(time: number | null | undefined, none: string): string {
  return time === null || time === undefined ? none : formatDateTime(time);
}
