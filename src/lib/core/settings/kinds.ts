// The kinds of setting: how each is read from text, written, and checked before it is stored.
// Parsing follows the originals exactly (config.md §1); checks are stricter, because they catch typing errors.

import { type Reason, reason } from '../errors/reason.js';
import {
  formatDuration,
  formatSize,
  largestCount,
  parseDuration,
  parseInteger,
  parseSize,
} from '../units.js';

export type KindName = 'flag' | 'count' | 'duration' | 'size' | 'line' | 'choice';

export interface Kind<Value> {
  readonly name: KindName;
  /** The accepted values, as a noun phrase for hints and errors. */
  readonly expected: string;
  /** Over REST the originals refuse text that they cannot parse (numbers); other kinds accept any text. */
  readonly isStrict: boolean;
  /** The value of stored text; undefined: the default applies. */
  parse(text: string): Value | undefined;
  /** Text from which `parse` returns the same value. */
  format(value: Value): string;
  /** Why a typed text should not be stored, or undefined. */
  problem(text: string): Reason | undefined;
}

/** Only `1` and `true` are on; everything else is off in the originals, so a stored `yes` is off here as well. */
export const flag: Kind<boolean> = {
  name: 'flag',
  expected: 'true or false',
  isStrict: false,
  parse: (text) => text.toLowerCase() === 'true' || text === '1',
  format: (value) => (value ? 'true' : 'false'),
  problem: (text) =>
    ['true', 'false', '1', '0'].includes(text.toLowerCase()) ? undefined : reason('flag-word-unclear'),
};

/** A whole number. */
export const count: Kind<number> = {
  name: 'count',
  expected: 'a whole number',
  isStrict: true,
  parse: parseInteger,
  format: String,
  problem: (text) => (parseInteger(text) === undefined ? reason('not-count') : undefined),
};

/** Seconds. */
export const duration: Kind<number> = {
  name: 'duration',
  expected: 'a duration such as 90s, 30m, 3h or 1.5d',
  isStrict: true,
  parse: parseDuration,
  format: formatDuration,
  problem: (text) => (parseDuration(text) === undefined ? reason('not-duration') : undefined),
};

/** Bytes. Sizes beyond a 32-bit number are read as the largest 32-bit number. */
export const size: Kind<number> = {
  name: 'size',
  expected: 'a size below 2gb such as 500kb, 15mb or 1.5gb',
  isStrict: true,
  parse: (text) => {
    const bytes = parseSize(text);
    return bytes === undefined ? undefined : Math.min(bytes, largestCount);
  },
  format: formatSize,
  problem: (text) => {
    const bytes = parseSize(text);
    if (bytes === undefined) return reason('not-size');
    return bytes > largestCount ? reason('size-too-large') : undefined;
  },
};

/** Text; `check` returns the problem of text that the setting cannot use. Settings files hold one line of it. */
export function line(expected = 'text', check?: (text: string) => Reason | undefined): Kind<string> {
  return {
    name: 'line',
    expected,
    isStrict: false,
    parse: (text) => text,
    format: (value) => value,
    problem: (text) => (text.includes('\0') ? reason('nul-in-text') : check?.(text)),
  };
}

/** Any number of the given words, separated by commas; empty for none. */
export function choice(...words: string[]): Kind<string> {
  const expected = `empty or ${words.join(' or ')}`;
  return {
    name: 'choice',
    expected,
    isStrict: false,
    parse: (text) => text,
    format: (value) => value,
    problem: (text) => {
      const given = text.split(/[\s,;|]+/).filter((word) => word !== '');
      const unknown = given.find((word) => !words.includes(word));
      return unknown === undefined ? undefined : reason('word-unknown', { word: unknown });
    },
  };
}
