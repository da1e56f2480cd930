// The table of the server's log (config.md §8): written in batches, searched, purged.

import type Database from 'better-sqlite3';
import type { LogFilter, LogRow } from '../../admin/needs.js';
import { logLevels } from '../../core/log-levels.js';
import type { LogEntry, LogTopic } from '../../core/session/needs.js';
import { formatTimestamp, parseDateTime } from '../../core/units.js';
import { numberOf, textOf } from './column-values.js';
import { Conditions, isIn, lowered } from './conditions.js';
import type { Connection } from './connection.js';

export type LogTable = ReturnType<typeof logTable>;

export function logTable(connection: Connection) {
  addLogFunctions(connection.database);
  const queryLog = (filter: LogFilter): LogRow[] => {
    if (!connection.has('serverlog')) return [];
    const conditions = new Conditions();
    if (filter.from !== undefined) conditions.add('timestamp >= ?', timestampFrom(filter.from));
    if (filter.until !== undefined) conditions.add('timestamp < ?', timestampFrom(filter.until));
    if (filter.afterId !== undefined) conditions.add('rowid > ?', filter.afterId);
    if (filter.user) conditions.add('instr(dp_lower(user), ?) > 0', filter.user.toLowerCase());
    if (filter.contains) conditions.add('instr(dp_lower(message), ?) > 0', filter.contains.toLowerCase());
    if (filter.names)
      conditions.add(isIn('dp_lower(dp_user_part(user, 2))', filter.names), ...lowered(filter.names));
    if (filter.addresses)
      conditions.add(isIn('dp_lower(dp_user_part(user, 1))', filter.addresses), ...lowered(filter.addresses));
    if (filter.sessions)
      conditions.add(isIn('dp_lower(session)', filter.sessions), ...lowered(filter.sessions));
    if (filter.topics) conditions.add(isIn('topic', filter.topics), ...filter.topics);
    if (filter.level !== undefined) conditions.add('level <= ?', logLevels.indexOf(filter.level));
    const order = filter.order === 'newest' ? 'DESC' : 'ASC';
    const sql = `SELECT rowid AS id, timestamp, level, topic, user, session, message FROM serverlog ${conditions.where}
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
      .all(...conditions.values, filter.limit ?? -1, filter.skip ?? 0) as Row[];
    return rows.map((row) => {
      const who = splitUser(textOf(row.user));
      const session = textOf(row.session);
      return {
        id: row.id,
        time: parseDateTime(textOf(row.timestamp)) ?? 0,
        level: logLevels[Math.max(0, Math.min(logLevels.length - 1, numberOf(row.level)))] ?? 'debug',
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
  database.function('dp_user_part', { deterministic: true }, (text, part) => {
    const user = splitUser(textOf(text));
    return user ? [user.id, user.ip, user.name][Number(part)] : null;
  });
}

/** `id;ip;name`; the name may have more semicolons. config.md §8 */
function splitUser(text: string): { id: number; ip: string; name: string } | undefined {
  const [, id, ip = '', name = ''] = /^(\d*);([^;]*);(.*)$/s.exec(text) ?? [];
  return id === undefined ? undefined : { id: Number(id), ip, name };
}

/** The first stored second that is not before this moment. */
function timestampFrom(time: number): string {
  const latest = Date.UTC(9999, 11, 31);
  return formatTimestamp(Math.min(latest, Math.max(0, Math.ceil(time / 1000) * 1000)));
}
