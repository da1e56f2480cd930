// What administrators locked against changes over REST: rows of the table of settings (http.md §1.4).

import { numberOf, textOf } from './column-values.js';
import type { Connection } from './connection.js';
import { lockPrefix } from './settings-table.js';

export interface AdminLocks {
  sections: readonly string[];
  /** Stored form of the password, '' for none. */
  passwordHash: string;
}

const sectionPrefix = `${lockPrefix}section_`;
const passwordKey = `${lockPrefix}hash`;

export type LocksTable = ReturnType<typeof locksTable>;

export function locksTable(connection: Connection) {
  return {
    get: (): AdminLocks =>
      connection.reading(() => {
        const sections: string[] = [];
        let passwordHash = '';
        for (const { key, value } of connection.rows<{ key: unknown; value: unknown }>(
          'settings',
          "SELECT key, value FROM settings WHERE key LIKE '\\_lock\\_admin\\_%' ESCAPE '\\' ORDER BY key",
        )) {
          const name = textOf(key);
          if (name === passwordKey) passwordHash = textOf(value);
          else if (name.startsWith(sectionPrefix) && numberOf(value) !== 0) {
            sections.push(name.slice(sectionPrefix.length));
          }
        }
        return { sections, passwordHash };
      }),
    /** Takes the place of all locks and of their password (http.md §1.4). */
    set: ({ sections, passwordHash }: AdminLocks): void =>
      connection.writing(() => {
        connection
          .statement('settings', "DELETE FROM settings WHERE key LIKE '\\_lock\\_admin\\_%' ESCAPE '\\'")
          .run();
        const put = connection.statement(
          'settings',
          'INSERT OR REPLACE INTO settings (key, value) VALUES (?, ?)',
        );
        // Storage classes as the originals': INTEGER and BLOB (config.md §3).
        for (const section of sections) put.run(sectionPrefix + section, 1n);
        if (passwordHash !== '') put.run(passwordKey, Buffer.from(passwordHash));
      }),
  };
}
