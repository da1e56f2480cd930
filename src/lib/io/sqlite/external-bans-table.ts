// The table of entries of the external ban list that are switched off here (config.md §7).

import type { Connection } from './connection.js';

export type ExternalBansTable = ReturnType<typeof externalBansTable>;

export function externalBansTable(connection: Connection) {
  return {
    all: (): readonly number[] =>
      connection.reading(() =>
        connection
          .rows<{ id: number }>('disabledextbans', 'SELECT id FROM disabledextbans ORDER BY id')
          .map(({ id }) => id),
      ),
    set: (id: number, isDisabled: boolean): void =>
      connection.writing(() => {
        const sql = isDisabled
          ? 'INSERT OR IGNORE INTO disabledextbans (id) VALUES (?)'
          : 'DELETE FROM disabledextbans WHERE id = ?';
        connection.statement('disabledextbans', sql).run(id);
      }),
  };
}
