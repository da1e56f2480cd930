// TABLE of values that bots, scripts and people give to settings of a session, of every JSON type: what the setting is
// afterwards, or what is wrong. It is the same over the wire, over both admin APIs and in the terminal.

import { type OptionKey, sessionFlags } from '../../src/lib/core/settings/session-settings.js';

export interface Scenario {
  key: OptionKey;
  given: string | number | boolean | null;
  /** The value afterwards; undefined: it is refused, and stays as it was. */
  becomes?: string | number | boolean;
  /** The refusal, without what is in front of it. */
  problem?: string;
}

const eachFlag = sessionFlags.filter((key) => key !== 'autotitle');

const flags = eachFlag.flatMap((key): Scenario[] => [
  { key, given: 'true', becomes: true },
  { key, given: 0, becomes: false },
  { key, given: 1, becomes: true },
  { key, given: 'false', becomes: false },
  { key, given: null, problem: `invalid value null for ${key}: expected true or false` },
  { key, given: 'maybe', problem: `invalid value 'maybe' for ${key}: expected true or false` },
  { key, given: 2, problem: `invalid value 2 for ${key}: expected true or false` },
]);

function wrongNumber(key: OptionKey, given: string | number | null): Scenario {
  const shown = typeof given === 'string' ? `'${given}'` : String(given);
  const expected = key === 'maxUserCount' ? 'a whole number' : 'a size, such as 15mb';
  return { key, given, problem: `invalid value ${shown} for ${key}: expected ${expected}` };
}

const most = 2_147_483_647;

export const scenarios: readonly Scenario[] = [
  ...flags,
  { key: 'autotitle', given: 'true', becomes: true },
  { key: 'maxUserCount', given: '8', becomes: 8 },
  { key: 'maxUserCount', given: 9, becomes: 9 },
  { key: 'maxUserCount', given: 99_999_999_999, becomes: 254 },
  wrongNumber('maxUserCount', 7.9),
  wrongNumber('maxUserCount', null),
  wrongNumber('maxUserCount', -8),
  wrongNumber('maxUserCount', ''),
  { key: 'resetThreshold', given: '3 GB', becomes: most },
  { key: 'resetThreshold', given: '64kb', becomes: 65_536 },
  { key: 'resetThreshold', given: 99_999_999_999, becomes: most },
  { key: 'resetThreshold', given: 123.7, becomes: 123 },
  { key: 'resetThreshold', given: '0', becomes: 0 },
  wrongNumber('resetThreshold', null),
  wrongNumber('resetThreshold', 'many'),
  { key: 'overrideSize', given: '20971520', becomes: 20_971_520 },
  wrongNumber('overrideSize', -5),
  wrongNumber('overrideSize', 'x'),
  wrongNumber('overrideSize', null),
  { key: 'title', given: 5, becomes: '5' },
  { key: 'title', given: 'Ink', becomes: 'Ink' },
  { key: 'title', given: null, problem: 'invalid value null for title: expected text' },
  { key: 'title', given: true, problem: 'invalid value true for title: expected text' },
  { key: 'founder', given: 5, becomes: '5' },
  { key: 'founder', given: '', problem: "invalid value '' for founder: expected a name" },
  { key: 'founder', given: null, problem: 'invalid value null for founder: expected a name' },
];

/** What a person types for it. In a terminal every value is a text, so that a text cannot be one of another type. */
export function typed({ becomes, given, key, problem }: Scenario): (Scenario & { word: string }) | undefined {
  const isText = key === 'title' || key === 'founder';
  if (isText && problem !== undefined && typeof given !== 'string') return undefined;
  const shown = problem?.replace(`value ${String(given)} for`, `value '${String(given)}' for`);
  return {
    key,
    given,
    word: `${key}=${String(given)}`,
    ...(becomes !== undefined && { becomes }),
    ...(shown !== undefined && { problem: shown }),
  };
}
