// Units as people write them: sizes ("15MB"), lengths of time ("3h"), moments ("2030-01-01 00:00:00"), names.
// Parsing gives undefined for what it cannot read; saying so to someone is left to the caller.
import { type Reason, reason } from './errors/reason.js';
import { canonicalName } from './names.js';

/** The largest number that the originals can hold: a signed 32-bit integer. */
export const largestCount = 2_147_483_647;

const durationUnits = { d: 86_400, h: 3_600, m: 60, s: 1, '': 1 } as const;
const sizeUnits = { gb: 1024 ** 3, mb: 1024 ** 2, kb: 1024, b: 1, '': 1 } as const;

/** Whole seconds, at most `largestCount`: `90`, `1.5 h`, `3D`. config.md §1 */
export function parseDuration(text: string): number | undefined {
  const match = /^(\d+(?:\.\d+)?)\s*([dhms]?)$/.exec(text.toLowerCase());
  if (!match) return undefined;
  const unit = durationUnits[match[2] as keyof typeof durationUnits];
  return Math.min(Math.trunc(Number(match[1]) * unit), largestCount);
}

/** Whole bytes, units of 1024, not limited: `15MB`, `1.5 gb`, `200`. config.md §1 */
export function parseSize(text: string): number | undefined {
  const match = /^(\d+(?:\.\d+)?)\s*(gb|mb|kb|b)?$/.exec(text.toLowerCase());
  if (!match) return undefined;
  const unit = sizeUnits[(match[2] ?? '') as keyof typeof sizeUnits];
  return Math.trunc(Number(match[1]) * unit);
}

/** A 32-bit integer with optional sign; blanks around it are allowed as in the originals. config.md §1 */
export function parseInteger(text: string): number | undefined {
  const match = /^\s*([+-]?\d+)\s*$/.exec(text);
  if (!match) return undefined;
  const value = Number(match[1]);
  return value >= -largestCount - 1 && value <= largestCount ? value || 0 : undefined;
}

/** The shortest text that means exactly these seconds: `3h`, `90m`, `61s`, `0`. */
export function formatDuration(seconds: number): string {
  if (seconds === 0) return '0';
  for (const unit of ['d', 'h', 'm'] as const) {
    if (seconds % durationUnits[unit] === 0) return `${seconds / durationUnits[unit]}${unit}`;
  }
  return `${seconds}s`;
}

/** The shortest text that means exactly these bytes: `99mb`, `1025b`, `0`. */
export function formatSize(bytes: number): string {
  if (bytes === 0) return '0';
  for (const unit of ['gb', 'mb', 'kb'] as const) {
    if (bytes % sizeUnits[unit] === 0) return `${bytes / sizeUnits[unit]}${unit}`;
  }
  return `${bytes}b`;
}

/** A size for people, rounded: `1.5 MB`, `812 bytes`. */
export function describeSize(bytes: number): string {
  for (const unit of ['gb', 'mb', 'kb'] as const) {
    if (bytes >= sizeUnits[unit]) {
      const amount = bytes / sizeUnits[unit];
      return `${amount >= 100 ? Math.round(amount) : Number(amount.toPrecision(3))} ${unit.toUpperCase()}`;
    }
  }
  return `${bytes} ${bytes === 1 ? 'byte' : 'bytes'}`;
}

/** A length of time for people, its two largest units: `3 h 20 min`, `45 s`. */
export function describeDuration(seconds: number): string {
  let rest = Math.max(0, Math.trunc(seconds));
  const parts: string[] = [];
  for (const [size, name] of [
    [86_400, 'd'],
    [3_600, 'h'],
    [60, 'min'],
    [1, 's'],
  ] as const) {
    const count = Math.trunc(rest / size);
    rest -= count * size;
    if (count > 0) parts.push(`${count} ${name}`);
    else if (parts.length > 0) break;
    if (parts.length === 2) break;
  }
  return parts.join(' ') || '0 s';
}

/** A day, or a day and a time with or without seconds; then perhaps a zone. */
const momentForm =
  /^(\d{4})-(\d\d)-(\d\d)(?:[ T](\d\d):(\d\d)(?::(\d\d)(?:[.,](\d+))?)?(?: ?(?:Z|UTC|GMT|([+-])(\d\d):?(\d\d)?))?)?$/i;

/**
 * `2030-01-01`, `2030-01-01 12:00`, `2030-01-01T12:00:00.5+02:00`, in milliseconds since 1970. UTC where no zone is
 * given (config.md §3).
 */
export function parseDateTime(text: string): number | undefined {
  const match = momentForm.exec(text.trim());
  if (!match) return undefined;
  const [year, month, day, hour, minute, second] = match.slice(1, 7).map((part) => Number(part ?? 0)) as [
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  const [, , , , , , , fraction = '', sign, zoneHours = '0', zoneMinutes = '0'] = match;
  if (hour > 23 || minute > 59 || second > 59) return undefined;
  if (Number(zoneHours) > 14 || Number(zoneMinutes) > 59) return undefined;
  const day0 = Date.UTC(year, month - 1, day);
  const check = new Date(day0);
  // 31 February is not a day, although Date would count on.
  if (check.getUTCMonth() !== month - 1 || check.getUTCDate() !== day || year < 100) return undefined;
  const offset = (Number(zoneHours) * 60 + Number(zoneMinutes)) * (sign === '-' ? -1 : 1);
  const milliseconds = Math.trunc(Number(`0.${fraction || '0'}`) * 1000);
  return day0 + ((hour * 60 + minute - offset) * 60 + second) * 1000 + milliseconds;
}

/** The last second that has a date of four digits for its year; ends of bans that are written down go no further. */
export const lastMoment = Date.UTC(9999, 11, 31, 23, 59, 59);

/** `2030-01-01 00:00:00` in UTC, from milliseconds since 1970. */
export function formatDateTime(time: number): string {
  return new Date(time).toISOString().slice(0, 19).replace('T', ' ');
}

/** `2026-11-22T07:03:40Z`, whole seconds in UTC, from milliseconds since 1970. config.md §8 */
export function formatTimestamp(time: number): string {
  return `${new Date(time).toISOString().slice(0, 19)}Z`;
}

/**
 * When something ends that a person gave an end: `7d` or `1.5h` from `now` on, or a day or moment as parseDateTime()
 * reads it. Milliseconds since 1970.
 */
export function parseExpiry(text: string, now: number): number | undefined {
  const trimmed = text.trim();
  const moment = parseDateTime(trimmed);
  if (moment !== undefined) return moment;
  const match = /^(\d+(?:\.\d+)?)\s*(w|y)$/.exec(trimmed.toLowerCase());
  const seconds = match
    ? Math.trunc(Number(match[1]) * (match[2] === 'w' ? 7 : 365) * 86_400)
    : parseDuration(trimmed);
  return seconds === undefined || seconds > 1000 * 365 * 86_400 ? undefined : now + seconds * 1000;
}

/** `1 message`, `2 messages`. */
export function counted(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? '' : 's'}`;
}

/** Of a user name, in UTF-16 units. */
export const userNameUnitsAtMost = 22;

/** What is wrong with a user name, or undefined: not empty, at most 22 UTF-16 units, no `"`. login.md §6 */
export function userNameProblem(name: string): Reason | undefined {
  if (canonicalName(name) === '') return reason('name-invisible');
  if (name.length > userNameUnitsAtMost)
    return reason('name-too-long', { most: userNameUnitsAtMost, count: name.length });
  if (name.includes('"')) return reason('name-with-quote');
  return undefined;
}
