// Units as people write them: sizes ("15MB"), lengths of time ("3h"), moments ("2030-01-01 00:00:00"), names.
// Parsing gives undefined for what it can't read; saying so to someone is left to the caller.
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

/** `2030-01-01 00:00:00`, read as UTC (config.md §3), in milliseconds since 1970. A `T` or a `Z` is accepted too. */
export function parseDateTime(text: string): number | undefined {
  const match = /^(\d{4})-(\d\d)-(\d\d)[ T](\d\d):(\d\d):(\d\d)Z?$/.exec(text);
  if (!match) return undefined;
  const [year, month, day, hour, minute, second] = match.slice(1).map(Number) as [
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  if (hour > 23 || minute > 59 || second > 59) return undefined;
  const time = Date.UTC(year, month - 1, day, hour, minute, second);
  const check = new Date(time);
  // 31 February is no day, although Date would count on.
  return check.getUTCMonth() === month - 1 && check.getUTCDate() === day && year >= 100 ? time : undefined;
}

/** `2030-01-01 00:00:00` in UTC, from milliseconds since 1970. */
export function formatDateTime(time: number): string {
  return new Date(time).toISOString().slice(0, 19).replace('T', ' ');
}

/** `2026-11-22T07:03:40Z`, whole seconds in UTC, from milliseconds since 1970. config.md §8 */
export function formatTimestamp(time: number): string {
  return `${new Date(time).toISOString().slice(0, 19)}Z`;
}

/**
 * When something ends that a person gave an end: `7d` or `1.5h` from `now` on, a day (`2030-01-01`), a moment
 * (`2030-01-01 12:00:00`, UTC). Milliseconds since 1970.
 */
export function parseExpiry(text: string, now: number): number | undefined {
  const trimmed = text.trim();
  if (/^\d{4}-\d\d-\d\d$/.test(trimmed)) return parseDateTime(`${trimmed} 00:00:00`);
  const moment = parseDateTime(trimmed);
  if (moment !== undefined) return moment;
  const match = /^(\d+(?:\.\d+)?)\s*(w|y)$/.exec(trimmed.toLowerCase());
  const seconds = match
    ? Math.trunc(Number(match[1]) * (match[2] === 'w' ? 7 : 365) * 86_400)
    : parseDuration(trimmed);
  return seconds === undefined || seconds > 1000 * 365 * 86_400 ? undefined : now + seconds * 1000;
}

/** What is wrong with a user name, or undefined: not empty, at most 22 UTF-16 units, no `"`. login.md §6 */
export function userNameProblem(name: string): string | undefined {
  if (canonicalName(name) === '') return 'a user name must have characters that can be seen';
  if (name.length > 22) return `a user name has at most 22 characters, this one has ${name.length}`;
  if (name.includes('"')) return 'a user name must not contain a double quote';
  return undefined;
}
