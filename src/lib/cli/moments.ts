// Moments as flags give them: `7d` from now on or back, a day, a date and time in UTC.

import { Refusal } from '../core/errors.js';
import { formatDateTime, parseDateTime, parseExpiry } from '../core/units.js';

const momentExamples = '2030-01-31, "2030-01-31 12:00" (UTC) or 2030-01-31T12:00+02:00';

/** The expiry of a ban, in milliseconds since 1970; null for `never`. */
export function readExpiry(text: string, now: number): number | null {
  if (/^\s*never\s*$/i.test(text)) return null;
  const time = parseExpiry(text, now);
  if (time === undefined) {
    throw new Refusal(
      'badInput',
      `invalid ban expiry '${text}'`,
      `Write 12h, 7d, 4w or 1y from now, a moment such as ${momentExamples}, or never.`,
    );
  }
  if (time <= now) throw new Refusal('badInput', `'${text}' is over already`, 'Name a moment to come.');
  return time;
}

/** A moment in the past, in milliseconds since 1970: `2h` is two hours ago. */
export function readPast(text: string, now: number): number {
  const moment = parseDateTime(text);
  if (moment !== undefined) return moment;
  const later = parseExpiry(text, now);
  if (later !== undefined) return now - (later - now);
  throw new Refusal(
    'badInput',
    `invalid moment '${text}'`,
    `Write 30m, 2h or 7d for that long ago, or a moment such as ${momentExamples}.`,
  );
}

/** For tables; UTC like everything that servers write. */
export function showMoment(time: number | null | undefined, none: string): string {
  return time === null || time === undefined ? none : formatDateTime(time);
}
