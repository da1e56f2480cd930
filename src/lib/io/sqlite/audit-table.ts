// The table of the audit trail: written in order, searched, purged.

import type { AuditEntry, AuditFilter } from '../../admin/needs.js';
import type { Change } from '../../core/session/change.js';
import type { Connection } from './connection.js';
import { hasOwnTable, makeOwnTable } from './own-tables.js';

const tableName = 'dp_audit';

interface Row {
  id: number;
  time: number;
  actor: Change['actor']['kind'];
  actor_name: string;
  address: string;
  what: string;
  kind: Change['on']['kind'];
  name: string;
  session: string;
  before: string | null;
  after: string | null;
}

export type AuditTable = ReturnType<typeof auditTable>;

export function auditTable(connection: Connection) {
  const { database } = connection;
  database.function('dp_lower_text', { deterministic: true }, (text) => String(text ?? '').toLowerCase());
  const isThere = () => hasOwnTable(database, tableName);
  const query = (filter: AuditFilter): AuditEntry[] => {
    if (!isThere()) return [];
    const terms: string[] = [];
    const values: unknown[] = [];
    const term = (sql: string, ...given: unknown[]) => {
      terms.push(sql);
      values.push(...given);
    };
    const places = (list: readonly string[]) => list.map(() => '?').join(', ');
    const lower = (list: readonly string[]) => list.map((text) => text.toLowerCase());
    if (filter.from !== undefined) term('time >= ?', filter.from);
    if (filter.until !== undefined) term('time < ?', filter.until);
    if (filter.afterId !== undefined) term('id > ?', filter.afterId);
    if (filter.by) {
      const list = lower(filter.by);
      term(
        `(dp_lower_text(actor_name) IN (${places(list)}) OR actor IN (${places(list)}))`,
        ...list,
        ...list,
      );
    }
    if (filter.addresses) term(`address IN (${places(filter.addresses)})`, ...filter.addresses);
    if (filter.what) {
      const one = "(what = ? OR substr(what, 1, length(?) + 1) = ? || '.')";
      term(
        `(${filter.what.map(() => one).join(' OR ') || '0'})`,
        ...filter.what.flatMap((name) => [name, name, name]),
      );
    }
    if (filter.on) term(`dp_lower_text(name) IN (${places(filter.on)})`, ...lower(filter.on));
    if (filter.sessions) {
      const list = lower(filter.sessions);
      const marks = places(list);
      term(
        `(dp_lower_text(session) IN (${marks}) OR (kind = 'session' AND dp_lower_text(name) IN (${marks})))`,
        ...list,
        ...list,
      );
    }
    if (filter.contains) {
      const text = filter.contains.toLowerCase();
      term('(instr(dp_lower_text(before), ?) > 0 OR instr(dp_lower_text(after), ?) > 0)', text, text);
    }
    const where = terms.length > 0 ? `WHERE ${terms.join(' AND ')}` : '';
    const order = filter.order === 'newest' ? 'DESC' : 'ASC';
    const rows = database
      .prepare(`SELECT * FROM ${tableName} ${where} ORDER BY id ${order} LIMIT ? OFFSET ?`)
      .all(...values, filter.limit ?? -1, filter.skip ?? 0) as Row[];
    return rows.map(entryOf);
  };
  return {
    query: (filter: AuditFilter): readonly AuditEntry[] => connection.reading(() => query(filter)),
    /** All in one transaction, in this order. */
    append: (changes: readonly Change[]): void =>
      connection.writing(() => {
        makeOwnTable(database, tableName);
        const put = database.prepare(`INSERT INTO ${tableName}
          (time, actor, actor_name, address, what, kind, name, session, before, after)
          VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`);
        for (const { when, actor, address, what, on, before, after } of changes) {
          put.run(
            Math.round(when),
            actor.kind,
            actor.name,
            address,
            what,
            on.kind,
            on.name,
            on.session ?? '',
            before === undefined ? null : JSON.stringify(before),
            after === undefined ? null : JSON.stringify(after),
          );
        }
      }),
    /** Removes entries older than this (milliseconds since 1970); how many. */
    purge: (before: number): number =>
      connection.writing(() =>
        isThere() ? database.prepare(`DELETE FROM ${tableName} WHERE time < ?`).run(before).changes : 0,
      ),
  };
}

function entryOf(row: Row): AuditEntry {
  return {
    id: row.id,
    when: row.time,
    actor: { kind: row.actor, name: row.actor_name },
    address: row.address,
    what: row.what,
    on: { kind: row.kind, name: row.name, ...(row.session !== '' && { session: row.session }) },
    ...(row.before !== null && { before: JSON.parse(row.before) }),
    ...(row.after !== null && { after: JSON.parse(row.after) }),
  };
}
