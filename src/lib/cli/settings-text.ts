// Settings as text to edit, and what was changed in it. The form is that of the settings file.

import type { SettingView } from '../admin/settings.js';
import { refusal } from '../core/errors.js';
import { requireSettingName } from '../core/settings/settings.js';

/** Every setting with its help; what has its default is behind a `#`. */
export function formatSettings(settings: readonly SettingView[], place: string): string {
  const lines = [
    `# Settings of ${place}`,
    '# Remove the "#" in front of a setting to change it; add it to restore the default.',
    '',
  ];
  for (const { name, help, kind, text, default: fallback, origin, isSecret } of settings) {
    lines.push(`# ${help} (${kind}, default: ${fallback || 'empty'})`);
    if (isSecret) lines.push(origin === 'default' ? `#${name} = ` : `# ${name} is set but not shown`);
    else lines.push(`${origin === 'default' ? '#' : ''}${name} = ${text}`);
    lines.push('');
  }
  return lines.join('\n');
}

/** What to set and unset so that the settings are as in `text`. Refusal with the line of what cannot be read. */
export function parseSettings(
  text: string,
  before: readonly SettingView[],
): { set: Record<string, string>; unset: string[] } {
  const wanted = new Map<string, string>();
  for (const [index, raw] of text.split('\n').entries()) {
    const line = raw.trim();
    if (line === '' || line.startsWith('#')) continue;
    const at = line.indexOf('=');
    if (at <= 0) throw refusal('line-without-value', { line: index + 1, text: line });
    wanted.set(requireSettingName(line.slice(0, at).trim()), line.slice(at + 1).trim());
  }
  const set: Record<string, string> = {};
  const unset: string[] = [];
  for (const { name, text: old, origin, isSecret } of before) {
    const value = wanted.get(name);
    if (value === undefined) {
      // a secret is never in the text, so its absence means nothing
      if (origin !== 'default' && !isSecret) unset.push(name);
    } else if (value !== old || origin === 'default') {
      set[name] = value;
    }
  }
  return { set, unset };
}
