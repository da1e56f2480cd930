// The table of list servers that sessions may be announced at: regular expressions (config.md §6).

import type { StoredProblem } from '../../admin/needs.js';
import { textOf } from './column-values.js';
import type { Connection } from './connection.js';

export type ListServersTable = ReturnType<typeof listServersTable>;

export function listServersTable(connection: Connection) {
  const all = (): readonly string[] =>
    connection.reading(() =>
      connection
        .rows<{ url: unknown }>('listingservers', 'SELECT url FROM listingservers ORDER BY rowid')
        .map(({ url }) => textOf(url))
        .filter((url) => url !== ''),
    );
  return {
    entries: 'patterns' as const,
    all,
    replace: (list: readonly string[]): void =>
      connection.writing(() => {
        connection.statement('listingservers', 'DELETE FROM listingservers').run();
        const put = connection.statement('listingservers', 'INSERT INTO listingservers (url) VALUES (?)');
        for (const url of list) put.run(url);
      }),
    problems: (): readonly StoredProblem[] =>
      all().flatMap((pattern) => {
        try {
          new RegExp(pattern);
          return [];
        } catch (error) {
          return [{ message: `list server '${pattern}': ${(error as Error).message}` }];
        }
      }),
  };
}
