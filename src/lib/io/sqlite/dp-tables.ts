// The tables that dp adds to a configuration database, created at their first write. drawpile-srv ignores tables that it does
// not know, so it can still use the database.

import type Database from 'better-sqlite3';

const definitions = {
  dp_audit: `id integer primary key autoincrement, time integer not null, actor text not null, actor_name text not null,
    address text not null, what text not null, kind text not null, name text not null, session text not null,
    before text, after text`,
  dp_grants: `id integer primary key autoincrement, kind text not null, name text not null, role text not null,
    digest text not null unique, proof text not null, created integer not null, expires integer,
    last_used integer, last_address text not null default ''`,
  dp_reports: `id integer primary key autoincrement, time integer not null, session text not null, facts text not null,
    closed integer, closed_by text not null default '', comment text not null default ''`,
  dp_notes: `id integer primary key autoincrement, kind text not null, target text not null, text text not null,
    author text not null, time integer not null`,
} as const;

export type DpTable = keyof typeof definitions;

/** Within a transaction. */
export function makeDpTable(database: Database.Database, table: DpTable): void {
  database.exec(`CREATE TABLE IF NOT EXISTS ${table} (${definitions[table]})`);
}
