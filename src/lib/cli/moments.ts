// Moments as flags give them: `7d` from now on or back, a day, a date and time in UTC.

import { refusal } from '../core/errors.js';
import { formatDateTime, parseDateTime, parseExpiry } from '../core/units.js';

const momentExamples = '2030-01-31, "2030-01-31 12:00" (UTC) or 2030-01-31T12:00+02:00';

/** The expiry of a ban, in milliseconds since 1970; null for `never`. */
export function readExpiry(text: string, now: number): number | null {
  if (/^\s*never\s*$/i.test(text)) return null;
  const time = parseExpiry(text, now);
  if (time === undefined) {
    throw refusal('expiry-invalid', { expiry: text, examples: momentExamples });
  }
  if (time <= now) throw refusal('expiry-past', { expiry: text });
  return time;
}

/** A moment in the past, in milliseconds since 1970: `2h` is two hours ago. */
export function readPast(text: string, now: number): number {
  const moment = parseDateTime(text);
  if (moment !== undefined) return moment;
  const later = parseExpiry(text, now);
  if (later !== undefined) return now - (later - now);
  throw refusal('moment-invalid', { moment: text, examples: momentExamples });
}

/** For tables; UTC like everything that servers write. */
export function showMoment(time: number | null | undefined, none: string): string {
  return time === null || time === undefined ? none : formatDateTime(time);
}
