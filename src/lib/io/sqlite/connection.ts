// One open configuration database: statements, transactions, and what goes wrong with them. The tables are beside it, one
// file each; how the file comes to be open is open-database.ts.

import type Database from 'better-sqlite3';
import { refusal } from '../../core/errors.js';
import { type ActingAs, actAsNow } from '../files/acting-user.js';
import { textOf } from './column-values.js';
import type { DpTable } from './dp-tables.js';
import { databaseFault } from './faults.js';
import { hasTable, type TableName } from './schema.js';

export class Connection {
  /** The path of the file, for messages. */
  readonly place: string;
  readonly database: Database.Database;
  readonly now: () => number;
  readonly #owner: ActingAs | undefined;
  readonly #statements = new Map<string, Database.Statement>();

  /** `owner`: whose rights it is used with (`rightsFor`). */
  constructor(
    place: string,
    database: Database.Database,
    now: () => number,
    owner: ActingAs | undefined = undefined,
  ) {
    this.place = place;
    this.#owner = owner;
    this.database = database;
    this.now = now;
    database.function('dp_lower', { deterministic: true }, (text) => textOf(text).toLowerCase());
  }

  has(table: TableName | DpTable): boolean {
    return hasTable(this.database, table);
  }

  /** Rows of a table, none when the table is not there: files of 2.1 have fewer of them. */
  rows<Row>(table: TableName | DpTable, sql: string): Row[] {
    return this.has(table) ? (this.statement(table, sql).all() as Row[]) : [];
  }

  /** For writing: the table must be there. */
  statement(table: TableName | DpTable, sql: string): Database.Statement {
    let statement = this.#statements.get(sql);
    if (!statement) {
      if (!this.has(table)) {
        throw refusal('database-of-2-1', { database: this.place, table });
      }
      statement = this.database.prepare(sql);
      this.#statements.set(sql, statement);
    }
    return statement;
  }

  reading<T>(read: () => T): T {
    try {
      return actAsNow(this.#owner, read);
    } catch (cause) {
      throw databaseFault(this.place, cause);
    }
  }

  /** One transaction; the lock is taken at its beginning, so that nothing is half done when it cannot be had. */
  writing<T>(write: () => T): T {
    try {
      return actAsNow(this.#owner, () => this.database.transaction(write).immediate());
    } catch (cause) {
      throw databaseFault(this.place, cause);
    }
  }

  close(): void {
    actAsNow(this.#owner, () => this.database.close());
  }
}
