// The table of the audit trail: written in order, searched, purged.

import type { AuditEntry, AuditFilter } from '../../admin/needs.js';
import type { Change } from '../../core/session/change.js';
import { Conditions, isIn, lowered } from './conditions.js';
import type { Connection } from './connection.js';
import { makeDpTable } from './dp-tables.js';

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
  const query = (filter: AuditFilter): AuditEntry[] => {
    if (!connection.has(tableName)) return [];
    const conditions = new Conditions();
    if (filter.from !== undefined) conditions.add('time >= ?', filter.from);
    if (filter.until !== undefined) conditions.add('time < ?', filter.until);
    if (filter.afterId !== undefined) conditions.add('id > ?', filter.afterId);
    if (filter.by) {
      const list = lowered(filter.by);
      conditions.add(`(${isIn('dp_lower(actor_name)', list)} OR ${isIn('actor', list)})`, ...list, ...list);
    }
    if (filter.addresses) conditions.add(isIn('address', filter.addresses), ...filter.addresses);
    if (filter.what) {
      const one = "(what = ? OR substr(what, 1, length(?) + 1) = ? || '.')";
      conditions.add(
        `(${filter.what.map(() => one).join(' OR ') || '0'})`,
        ...filter.what.flatMap((name) => [name, name, name]),
      );
    }
    if (filter.on) conditions.add(isIn('dp_lower(name)', filter.on), ...lowered(filter.on));
    if (filter.sessions) {
      const list = lowered(filter.sessions);
      const isSession = `(kind = 'session' AND ${isIn('dp_lower(name)', list)})`;
      conditions.add(`(${isIn('dp_lower(session)', list)} OR ${isSession})`, ...list, ...list);
    }
    if (filter.contains) {
      const text = filter.contains.toLowerCase();
      conditions.add('(instr(dp_lower(before), ?) > 0 OR instr(dp_lower(after), ?) > 0)', text, text);
    }
    const order = filter.order === 'newest' ? 'DESC' : 'ASC';
    const rows = database
      .prepare(`SELECT * FROM ${tableName} ${conditions.where} ORDER BY id ${order} LIMIT ? OFFSET ?`)
      .all(...conditions.values, filter.limit ?? -1, filter.skip ?? 0) as Row[];
    return rows.map(entryOf);
  };
  return {
    query: (filter: AuditFilter): readonly AuditEntry[] => connection.reading(() => query(filter)),
    /** All in one transaction, in this order. */
    append: (changes: readonly Change[]): void =>
      connection.writing(() => {
        makeDpTable(database, tableName);
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
        connection.has(tableName)
          ? database.prepare(`DELETE FROM ${tableName} WHERE time < ?`).run(before).changes
          : 0,
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
