// KEY=VALUE of `dp session set` as the JSON that a server wants (http.md §1.7.2). Unknown keys are the server's to
// refuse: it knows which ones it has.

import { Refusal } from '../core/errors.js';
import type { JsonObject } from '../core/protocol/command.js';
import { parseSize } from '../core/units.js';

type Read = (value: string, key: string) => string | number | boolean | null;

const flag: Read = (value, key) => {
  if (/^(true|yes|on|1)$/i.test(value)) return true;
  if (/^(false|no|off|0)$/i.test(value)) return false;
  throw new Refusal('badInput', `${key} can't be '${value}'`, `Write: ${key}=true or ${key}=false`);
};
const size: Read = (value, key) => {
  const bytes = parseSize(value);
  if (bytes !== undefined) return bytes;
  throw new Refusal('badInput', `${key} can't be '${value}'`, `Write a size: ${key}=15mb, 0 for none`);
};
const line: Read = (value) => value;

/** What `dp session set` can change, in the order of its help. */
const readers: Readonly<Record<string, Read>> = {
  title: line,
  autotitle: flag,
  password: line,
  opword: line,
  founder: line,
  maxUserCount: (value, key) => {
    if (/^\d+$/.test(value)) return Number(value);
    throw new Refusal('badInput', `${key} can't be '${value}'`, `Write a number: ${key}=20`);
  },
  persistent: flag,
  authOnly: flag,
  nsfm: flag,
  deputies: flag,
  preserveChat: flag,
  allowWeb: flag,
  invites: flag,
  unlisted: flag,
  idleOverride: flag,
  archive: (value, key) => (value === 'default' ? null : flag(value, key)),
  resetThreshold: size,
  overrideSize: size,
};

export const sessionKeys = Object.keys(readers);

export function readSessionChange(words: readonly string[]): JsonObject {
  const change: JsonObject = {};
  for (const word of words) {
    const at = word.indexOf('=');
    if (at <= 0) {
      throw new Refusal('badInput', `'${word}' has no value`, 'Write KEY=VALUE, such as title="New title".');
    }
    const typed = word.slice(0, at).trim();
    // keys in any case: they are long
    const key = sessionKeys.find((known) => known.toLowerCase() === typed.toLowerCase()) ?? typed;
    const value = word.slice(at + 1);
    change[key] = (readers[key] ?? line)(value, key);
  }
  return change;
}
