// The kinds of setting: how each is read from text, written, and checked before it is stored.
// Reading follows the originals to the letter (config.md §1); checking is stricter, for people who type.

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
  /** What may be written, after "must be". */
  readonly expected: string;
  /** The originals refuse text over REST that they can't read (numbers); other kinds take anything. */
  readonly isStrict: boolean;
  /** The meaning of stored text; undefined: the default holds. */
  parse(text: string): Value | undefined;
  /** Text that `parse` gives the same value for. */
  format(value: Value): string;
  /** Why a person's text should not be stored, or undefined. */
  problem(text: string): string | undefined;
}

/** Only `1` and `true` are on; everything else is off in the originals, so a stored `yes` is off here as well. */
export const flag: Kind<boolean> = {
  name: 'flag',
  expected: 'true or false',
  isStrict: false,
  parse: (text) => text.toLowerCase() === 'true' || text === '1',
  format: (value) => (value ? 'true' : 'false'),
  problem: (text) =>
    ['true', 'false', '1', '0'].includes(text.toLowerCase())
      ? undefined
      : 'only true and 1 mean on, everything else means off',
};

/** A whole number. */
export const count: Kind<number> = {
  name: 'count',
  expected: 'a whole number',
  isStrict: true,
  parse: parseInteger,
  format: String,
  problem: (text) => (parseInteger(text) === undefined ? 'this is not a whole number' : undefined),
};

/** Seconds. */
export const duration: Kind<number> = {
  name: 'duration',
  expected: 'a length of time such as 90s, 30m, 3h or 1.5d',
  isStrict: true,
  parse: parseDuration,
  format: formatDuration,
  problem: (text) => (parseDuration(text) === undefined ? 'this is not a length of time' : undefined),
};

/** Bytes. Sizes that a 32-bit number can't hold are read as the largest one that it can. */
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
    if (bytes === undefined) return 'this is not a size';
    return bytes > largestCount ? 'this is too large' : undefined;
  },
};

/** Text; `check` says what is wrong with one that the setting can't use. Files can only hold one line of it. */
export function line(expected = 'text', check?: (text: string) => string | undefined): Kind<string> {
  return {
    name: 'line',
    expected,
    isStrict: false,
    parse: (text) => text,
    format: (value) => value,
    problem: (text) => (text.includes('\0') ? 'this has a NUL character in it' : check?.(text)),
  };
}

/** Words of a list, as many as wanted, commas between them; '' for none. */
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
      return unknown === undefined ? undefined : `'${unknown}' is none of the words it knows`;
    },
  };
}
