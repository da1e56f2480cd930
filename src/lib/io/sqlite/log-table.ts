// The table of the server's log (config.md §8): written in batches, searched, purged.

import type Database from 'better-sqlite3';
import type { LogFilter, LogRow } from '../../admin/needs.js';
import { logLevels } from '../../core/log-levels.js';
import type { LogEntry, LogTopic } from '../../core/session/needs.js';
import { formatTimestamp, parseDateTime } from '../../core/units.js';
import { numberOf, textOf } from './column-values.js';
import type { Connection } from './connection.js';

export type LogTable = ReturnType<typeof logTable>;

export function logTable(connection: Connection) {
  addLogFunctions(connection.database);
  const queryLog = (filter: LogFilter): LogRow[] => {
    if (!connection.has('serverlog')) return [];
    const terms: string[] = [];
    const values: unknown[] = [];
    const term = (sql: string, ...given: unknown[]) => {
      terms.push(sql);
      values.push(...given);
    };
    const oneOf = (column: string, list: readonly string[]) =>
      term(`${column} IN (${list.map(() => '?').join(', ')})`, ...list.map((text) => text.toLowerCase()));
    if (filter.from !== undefined) term('timestamp >= ?', timestampFrom(filter.from));
    if (filter.until !== undefined) term('timestamp < ?', timestampFrom(filter.until));
    if (filter.afterId !== undefined) term('rowid > ?', filter.afterId);
    if (filter.user) term('instr(dp_lower(user), ?) > 0', filter.user.toLowerCase());
    if (filter.contains) term('instr(dp_lower(message), ?) > 0', filter.contains.toLowerCase());
    if (filter.names) oneOf('dp_lower(dp_user_part(user, 2))', filter.names);
    if (filter.addresses) oneOf('dp_lower(dp_user_part(user, 1))', filter.addresses);
    if (filter.sessions) oneOf('dp_lower(session)', filter.sessions);
    if (filter.topics) term(`topic IN (${filter.topics.map(() => '?').join(', ')})`, ...filter.topics);
    if (filter.level !== undefined) term('level <= ?', logLevels.indexOf(filter.level));
    const where = terms.length > 0 ? `WHERE ${terms.join(' AND ')}` : '';
    const order = filter.order === 'newest' ? 'DESC' : 'ASC';
    const sql = `SELECT rowid AS id, timestamp, level, topic, user, session, message FROM serverlog ${where}
    ORDER BY rowid ${order} LIMIT ? OFFSET ?`;
    type Row = {
      id: number;
      timestamp: unknown;
      level: unknown;
      topic: unknown;
      user: unknown;
      session: unknown;
      message: unknown;
    };
    const rows = connection.database
      .prepare(sql)
      .all(...values, filter.limit ?? -1, filter.skip ?? 0) as Row[];
    return rows.map((row) => {
      const who = splitUser(textOf(row.user));
      const session = textOf(row.session);
      return {
        id: row.id,
        time: parseDateTime(textOf(row.timestamp)) ?? 0,
        level: logLevels[Math.max(0, Math.min(logLevels.length - 1, numberOf(row.level)))]!,
        topic: textOf(row.topic) as LogTopic,
        message: textOf(row.message),
        ...(session === '' ? {} : { session }),
        ...(who ? { user: who } : {}),
      };
    });
  };
  return {
    query: (filter: LogFilter): readonly LogRow[] => connection.reading(() => queryLog(filter)),
    /** Removes entries older than this (milliseconds since 1970); how many. */
    purge: (before: number): number =>
      connection.writing(
        () =>
          connection
            .statement('serverlog', 'DELETE FROM serverlog WHERE timestamp < ?')
            .run(timestampFrom(before)).changes,
      ),
    /** All in one transaction, in this order. */
    append: (entries: readonly LogEntry[]): void =>
      connection.writing(() => {
        const put = connection.statement(
          'serverlog',
          'INSERT INTO serverlog (timestamp, level, topic, user, session, message) VALUES (?, ?, ?, ?, ?, ?)',
        );
        for (const { time, level, topic, user, session, message } of entries) {
          // 2.3 writes empty strings where 2.1 wrote NULL (config.md §3).
          const who = user ? `${user.id};${user.ip};${user.name}` : '';
          put.run(
            formatTimestamp(time),
            BigInt(logLevels.indexOf(level)),
            topic,
            who,
            session ?? '',
            message,
          );
        }
      }),
  };
}

/** Functions that the queries of the log use. */
function addLogFunctions(database: Database.Database): void {
  // SQLite's own lower() and LIKE only know the letters of ASCII.
  database.function('dp_lower', { deterministic: true }, (text) => textOf(text).toLowerCase());
  database.function('dp_user_part', { deterministic: true }, (text, part) => {
    const user = splitUser(textOf(text));
    return user ? [user.id, user.ip, user.name][Number(part)] : null;
  });
}

/** `id;ip;name`; the name may have more semicolons. config.md §8 */
function splitUser(text: string): { id: number; ip: string; name: string } | undefined {
  const match = /^(\d*);([^;]*);(.*)$/s.exec(text);
  return match ? { id: Number(match[1]), ip: match[2]!, name: match[3]! } : undefined;
}

/** The first stored second that is not before this moment. */
function timestampFrom(time: number): string {
  const latest = Date.UTC(9999, 11, 31);
  return formatTimestamp(Math.min(latest, Math.max(0, Math.ceil(time / 1000) * 1000)));
}
