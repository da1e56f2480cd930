// Settings, over the admin API of an original (http.md §1).

import type { SettingView } from '../../../admin/settings.js';
import { refusal } from '../../../core/errors.js';
import type { JsonObject } from '../../../core/protocol/command.js';
import {
  isSettingName,
  readSetting,
  requireSettingName,
  settingRow,
} from '../../../core/settings/settings.js';
import { type Ask, lacking, type Translation } from './translation.js';

function settingView(name: string, value: unknown): SettingView | undefined {
  if (!isSettingName(name)) return undefined;
  const row = settingRow(name);
  const typed = (typeof value === 'string' ? readSetting(name, value) : value) as SettingView['value'];
  return {
    name,
    ...(typed !== undefined && { value: typed }),
    text: row.kind.format(typed as never),
    default: row.default,
    // The old API does not show where a value comes from.
    origin: 'database',
    kind: row.kind.name,
    help: row.help,
    since: row.since,
    isSecret: row.isSecret,
  };
}

export async function settingViews(ask: Ask): Promise<SettingView[]> {
  const all = (await ask('GET', 'server/')) as JsonObject;
  return Object.entries(all)
    .map(([name, value]) => settingView(name, value))
    .filter((view) => view !== undefined);
}

export const changeSettings: Translation<'config.change'> = async (ask, { set: wanted = {}, unset = [] }) => {
  const texts: Record<string, string> = {};
  for (const [typed, text] of Object.entries(wanted)) texts[requireSettingName(typed)] = text;
  for (const typed of unset) {
    const name = requireSettingName(typed);
    texts[name] = settingRow(name).default;
  }
  const before = (await ask('GET', 'server/')) as JsonObject;
  const unknown = Object.keys(texts).find((name) => !(name in before));
  if (unknown !== undefined) throw lacking(`setting ${unknown}`);
  const after = (await ask('PUT', 'server/', texts)) as JsonObject;
  for (const [name, text] of Object.entries(texts)) {
    if (isSettingName(name) && after[name] !== settingRow(name).kind.parse(text)) {
      throw refusal('original-rejected-setting', { value: text, setting: name });
    }
  }
  return Object.keys(texts).flatMap((name) => settingView(name, after[name]) ?? []);
};
