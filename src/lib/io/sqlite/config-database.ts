// A configuration database as its stores, synchronous: commands use it as it is, a server from a separate thread
// (database-thread.ts). Each table is in a separate file; how the file is opened is open-database.ts.

import type { StoredAccount, StoredBan, StoredProblem, Stores } from '../../admin/needs.js';
import { type AccountsTable, accountsTable } from './accounts-table.js';
import { type AuditTable, auditTable } from './audit-table.js';
import { type BansTable, bansTable } from './bans-table.js';
import type { Connection } from './connection.js';
import { type ExternalBansTable, externalBansTable } from './external-bans-table.js';
import { type GrantsTable, grantsTable } from './grants-table.js';
import { loadSqlite } from './library.js';
import { type ListServersTable, listServersTable } from './list-servers-table.js';
import { type AdminLocks, type LocksTable, locksTable } from './locks-table.js';
import { type LogTable, logTable } from './log-table.js';
import { type OpenOptions, openConnection } from './open-database.js';
import { type NotesTable, notesTable, type ReportsTable, reportsTable } from './reports-table.js';
import { type SettingsTable, settingsTable } from './settings-table.js';

/** Everything that a server looks up all the time, read at one moment. */
export interface ConfigSnapshot {
  /** Stored names and texts, unknown names included. */
  settings: ReadonlyMap<string, string>;
  accounts: readonly StoredAccount[];
  bans: readonly StoredBan[];
  listServers: readonly string[];
  /** External bans (config.md §7) that are switched off here. */
  disabledExternalBans: readonly number[];
  locks: AdminLocks;
  problems: readonly StoredProblem[];
}

export class ConfigDatabase implements Stores {
  readonly kind = 'database';
  readonly #connection: Connection;
  readonly settings: SettingsTable;
  readonly accounts: AccountsTable;
  readonly bans: BansTable;
  readonly listServers: ListServersTable;
  readonly log: LogTable;
  readonly audit: AuditTable;
  readonly grants: GrantsTable;
  readonly reports: ReportsTable;
  readonly notes: NotesTable;
  readonly disabledExternalBans: ExternalBansTable;
  readonly locks: LocksTable;

  private constructor(connection: Connection) {
    this.#connection = connection;
    this.settings = settingsTable(connection);
    this.accounts = accountsTable(connection);
    this.bans = bansTable(connection);
    this.listServers = listServersTable(connection);
    this.log = logTable(connection);
    this.audit = auditTable(connection);
    this.grants = grantsTable(connection);
    this.reports = reportsTable(connection);
    this.notes = notesTable(connection);
    this.disabledExternalBans = externalBansTable(connection);
    this.locks = locksTable(connection);
  }

  /** Opens the file as open-database.ts says. Fault or Refusal with the way out. */
  static async open(file: string, options: OpenOptions): Promise<ConfigDatabase> {
    return new ConfigDatabase(await openConnection(file, options));
  }

  /** Loads the library that comes with the first database, for those who cannot load anything later. */
  static load(): void {
    loadSqlite();
  }

  get place(): string {
    return this.#connection.place;
  }

  close(): void {
    this.#connection.close();
  }

  /** Someone else's lock: wait this long (milliseconds), then the call fails with a Fault. */
  waitForLocks(ms: number): void {
    this.#connection.database.pragma(`busy_timeout = ${Math.trunc(ms)}`);
  }

  /** Changes whenever another connection has written. */
  dataVersion(): number {
    const { database } = this.#connection;
    return this.#connection.reading(() => database.pragma('data_version', { simple: true }) as number);
  }

  /** Everything at one moment. */
  snapshot(): ConfigSnapshot {
    return this.#connection.reading(() =>
      this.#connection.database.transaction(() => ({
        settings: this.settings.all(),
        accounts: this.accounts.all(),
        bans: this.bans.all(),
        listServers: this.listServers.all(),
        disabledExternalBans: this.disabledExternalBans.all(),
        locks: this.locks.get(),
        problems: this.problems(),
      }))(),
    );
  }

  /** What in here cannot be used, row by row. */
  problems(): readonly StoredProblem[] {
    return [this.settings, this.accounts, this.bans, this.listServers].flatMap((table) => table.problems());
  }
}
