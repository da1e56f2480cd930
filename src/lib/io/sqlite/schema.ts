// TABLE of the tables of a configuration database, word for word as the originals make them (config.md §3), so
// that drawpile-srv 2.1 and 2.3 can continue with a file of ours and we with theirs. Nothing is ever added to them.

import type Database from 'better-sqlite3';
import type { DpTable } from './dp-tables.js';

export const tables = {
  settings: {
    sql: 'CREATE TABLE settings (key PRIMARY KEY, value)',
    columns: ['key', 'value'],
    since: '2.1',
  },
  listingservers: { sql: 'CREATE TABLE listingservers (url)', columns: ['url'], since: '2.1' },
  ipbans: {
    sql: 'CREATE TABLE ipbans (ip, subnet, expires, comment, added)',
    columns: ['ip', 'subnet', 'expires', 'comment', 'added'],
    since: '2.1',
  },
  users: {
    sql: 'CREATE TABLE users (username UNIQUE, password, locked, flags)',
    columns: ['username', 'password', 'locked', 'flags'],
    since: '2.1',
  },
  serverlog: {
    sql: 'CREATE TABLE serverlog (timestamp, level, topic, user, session, message)',
    columns: ['timestamp', 'level', 'topic', 'user', 'session', 'message'],
    since: '2.1',
  },
  systembans: {
    sql: `CREATE TABLE systembans (id integer primary key not null, sid text not null, reaction text not null default 'normal',
  expires text not null, comment text, reason text, added text not null)`,
    columns: ['id', 'sid', 'reaction', 'expires', 'comment', 'reason', 'added'],
    since: '2.3',
  },
  userbans: {
    sql: `CREATE TABLE userbans (id integer primary key not null, userid integer not null, reaction text not null default 'normal',
  expires text not null, comment text, reason text, added text not null)`,
    columns: ['id', 'userid', 'reaction', 'expires', 'comment', 'reason', 'added'],
    since: '2.3',
  },
  disabledextbans: {
    sql: 'CREATE TABLE disabledextbans (id integer primary key not null)',
    columns: ['id'],
    since: '2.3',
  },
} as const satisfies Record<string, { sql: string; columns: readonly string[]; since: string }>;

export type TableName = keyof typeof tables;
export const tableNames = Object.keys(tables) as readonly TableName[];

/** The originals leave `user_version` at 0 and so do we; a later dp that has to break with them will not. */
export const newestVersion = 0;

export function hasTable(database: Database.Database, table: TableName | DpTable): boolean {
  return (
    database.prepare("SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = ?").get(table) !== undefined
  );
}
