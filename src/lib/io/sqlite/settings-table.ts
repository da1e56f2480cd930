// The table of settings: names and texts as they are stored. What administrators locked is in the same table and is
// locks-table.ts.

import type { StoredProblem } from '../../admin/needs.js';
import { readStoredSettings } from '../../core/settings/layers.js';
import { isSettingName, settingOfAlias, settingRow } from '../../core/settings/settings.js';
import { textOf } from './column-values.js';
import type { Connection } from './connection.js';

export type SettingsTable = ReturnType<typeof settingsTable>;

export function settingsTable(connection: Connection) {
  const rows = () =>
    connection
      .rows<{ key: unknown; value: unknown }>('settings', 'SELECT key, value FROM settings ORDER BY rowid')
      .map(({ key, value }) => [textOf(key), textOf(value)] as const);
  const readSettings = (): ReadonlyMap<string, string> => {
    const stored = new Map(rows().filter(([name]) => !name.startsWith(lockPrefix)));
    for (const [key, text] of [...stored]) {
      const name = settingOfAlias(key);
      if (name === undefined) continue;
      stored.delete(key);
      if (!stored.has(name)) stored.set(name, text);
    }
    return stored;
  };
  return {
    /** Where only the manual's spelling is stored, it is what holds (core/settings/layers.ts). */
    all: (): ReadonlyMap<string, string> => connection.reading(() => readSettings()),
    change: (values: ReadonlyMap<string, string | undefined>): void =>
      connection.writing(() => {
        const remove = connection.statement('settings', 'DELETE FROM settings WHERE key = ?');
        const put = connection.statement(
          'settings',
          'INSERT OR REPLACE INTO settings (key, value) VALUES (?, ?)',
        );
        for (const [name, text] of values) {
          if (text !== undefined) put.run(name, text);
          else for (const spelling of spellings(name)) remove.run(spelling);
        }
      }),
    problems: (): readonly StoredProblem[] =>
      readStoredSettings(connection.reading(rows)).problems.map(({ subject, message, hint }) => ({
        message: `${subject}: ${message}`,
        ...(hint === undefined ? {} : { hint }),
      })),
  };
}

/** How the names of what is locked begin. */
export const lockPrefix = '_lock_admin_';

function spellings(name: string): readonly string[] {
  return isSettingName(name) ? [name, ...settingRow(name).aliases] : [name];
}
