// Reads the settings of a session that a client, a script or a person gives: each value by its kind, with what is wrong
// with it. Unknown keys are for the callers: clients may send them, administrators may not.
import { type Reason, reason } from '../errors/reason.js';
import { type SettingKey, type SettingValues, sessionSettings, settingKeys } from './session-settings.js';

const shownAtMost = 40;

/** A value as it is shown in an error. */
function show(value: unknown): string {
  const shown = typeof value === 'string' ? `'${value}'` : (JSON.stringify(value) ?? String(value));
  return shown.length > shownAtMost ? `${shown.slice(0, shownAtMost)}…` : shown;
}

/** The value of one setting, or what is wrong with it. */
export function readSetting(key: SettingKey, value: unknown): { value: unknown } | { problem: Reason } {
  const { kind, type } = sessionSettings[key];
  const read = kind.read(value);
  if (read !== undefined) return { value: read };
  const { expected, example } = kind;
  return {
    problem:
      type === 'password'
        ? reason('secret-value-invalid', { setting: key, expected, example })
        : reason('value-invalid', { value: show(value), setting: key, expected, example }),
  };
}

/** All settings among these keys; what is wrong with the others stands in `problems`. Unknown keys are passed over. */
export function readSettings(given: Readonly<Record<string, unknown>>): {
  values: SettingValues;
  problems: Reason[];
} {
  const values: Record<string, unknown> = {};
  const problems: Reason[] = [];
  for (const key of settingKeys) {
    if (!Object.hasOwn(given, key)) continue;
    const read = readSetting(key, given[key]);
    if ('problem' in read) problems.push(read.problem);
    else values[key] = read.value;
  }
  return { values: values as SettingValues, problems };
}
