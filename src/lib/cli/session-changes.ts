// KEY=VALUE of `dp session set` as the JSON that a server wants (http.md §1.7.2). What values may be is said in
// core/settings/session-setting-values.ts, for everyone who changes sessions. Unknown keys are the server's to refuse: it knows which it has.

import { refusal } from '../core/errors.js';
import type { JsonObject } from '../core/protocol/command.js';
import { readSetting } from '../core/settings/session-setting-reading.js';
import { type SettingKey, settingKeys } from '../core/settings/session-settings.js';

function read(key: SettingKey, given: string): unknown {
  const setting = readSetting(key, given);
  if ('value' in setting) return setting.value;
  throw refusal('session-setting-invalid', { problem: setting.problem });
}

export function readSessionChange(words: readonly string[]): JsonObject {
  const change: JsonObject = {};
  for (const word of words) {
    const at = word.indexOf('=');
    if (at <= 0) {
      throw refusal('value-missing', { word, example: 'KEY=VALUE, such as title="New title"' });
    }
    const typed = word.slice(0, at).trim();
    // keys in any case: they are long
    const key = settingKeys.find((known) => known.toLowerCase() === typed.toLowerCase());
    const value = word.slice(at + 1);
    change[key ?? typed] = key === undefined ? value : read(key, value);
  }
  return change;
}
