// The three tables of bans: of addresses, of clients, of people.

import type { BanChange, BanKind, NewBan, StoredBan, StoredProblem } from '../../admin/needs.js';
import { readReaction, readStoredExpiry, storedBanProblem } from '../../core/login/ban-table.js';
import { formatDateTime, parseDateTime } from '../../core/units.js';
import { forGood, numberOf, textOf } from './column-values.js';
import type { Connection } from './connection.js';

export type BansTable = ReturnType<typeof bansTable>;

const banTables = { ip: 'ipbans', client: 'systembans', user: 'userbans' } as const;

export function bansTable(connection: Connection) {
  const readBans = (): readonly StoredBan[] => {
    const now = connection.now();
    const facts = (row: { id: number; expires: unknown; comment: unknown; added: unknown }) => ({
      id: row.id,
      expires: readStoredExpiry(row.expires, now).expires,
      comment: textOf(row.comment),
      added: parseDateTime(textOf(row.added)),
    });
    type Row = {
      id: number;
      who: unknown;
      expires: unknown;
      comment: unknown;
      added: unknown;
      reaction: unknown;
      reason: unknown;
    };
    const bans: StoredBan[] = [];
    for (const row of connection.rows<Row & { subnet: unknown }>(
      'ipbans',
      'SELECT rowid AS id, ip AS who, subnet, expires, comment, added FROM ipbans ORDER BY rowid',
    )) {
      bans.push({ ...facts(row), kind: 'ip', address: textOf(row.who), bits: numberOf(row.subnet) });
    }
    for (const row of connection.rows<Row>(
      'systembans',
      'SELECT id, sid AS who, reaction, expires, comment, reason, added FROM systembans ORDER BY id',
    )) {
      const reaction = readReaction(textOf(row.reaction)) ?? 'normal';
      bans.push({
        ...facts(row),
        kind: 'client',
        sid: textOf(row.who),
        reaction,
        reason: textOf(row.reason),
      });
    }
    for (const row of connection.rows<Row>(
      'userbans',
      'SELECT id, userid AS who, reaction, expires, comment, reason, added FROM userbans ORDER BY id',
    )) {
      const reaction = readReaction(textOf(row.reaction)) ?? 'normal';
      bans.push({
        ...facts(row),
        kind: 'user',
        userId: numberOf(row.who),
        reaction,
        reason: textOf(row.reason),
      });
    }
    return bans;
  };
  const expiryProblems = (): StoredProblem[] => {
    return (['ip', 'client', 'user'] as const).flatMap((kind) => {
      const table = banTables[kind];
      const [key, who] = { ip: ['rowid', 'ip'], client: ['id', 'sid'], user: ['id', 'userid'] }[kind];
      const rows = connection.reading(() =>
        connection.rows<{ id: number; who: unknown; expires: unknown }>(
          table,
          `SELECT ${key} AS id, ${who} AS who, expires FROM ${table} ORDER BY ${key}`,
        ),
      );
      return rows.flatMap(({ id, who, expires }) => {
        const { problem } = readStoredExpiry(expires, connection.now());
        if (problem === undefined) return [];
        const ref = `${kind}:${id}`;
        return [
          {
            message: `ban ${ref} (${textOf(who)}): ${problem}`,
            hint: `set it with: dp ban edit ${ref} --expires never, or a date (2030-01-31); or remove the ban: dp ban remove ${ref}`,
          },
        ];
      });
    });
  };
  return {
    keepsDetails: true as const,
    all: (): readonly StoredBan[] => connection.reading(() => readBans()),
    add: (ban: NewBan): StoredBan =>
      connection.writing(() => {
        const expires = ban.expires === undefined ? forGood : formatDateTime(ban.expires);
        const added = connection.now();
        if (ban.kind === 'ip') {
          const same = readBans().find(
            (known) => known.kind === 'ip' && known.address === ban.address && known.bits === ban.bits,
          );
          if (same) return same;
          const { lastInsertRowid } = connection
            .statement(
              'ipbans',
              'INSERT INTO ipbans (ip, subnet, expires, comment, added) VALUES (?, ?, ?, ?, ?)',
            )
            .run(ban.address, BigInt(ban.bits), expires, ban.comment, formatDateTime(added));
          return { ...ban, id: Number(lastInsertRowid), added };
        }
        const [table, column, who] =
          ban.kind === 'client'
            ? (['systembans', 'sid', ban.sid] as const)
            : (['userbans', 'userid', BigInt(ban.userId)] as const);
        const { lastInsertRowid } = connection
          .statement(
            table,
            `INSERT INTO ${table} (${column}, reaction, expires, comment, reason, added) VALUES (?, ?, ?, ?, ?, ?)`,
          )
          .run(who, ban.reaction, expires, ban.comment, ban.reason, formatDateTime(added));
        return { ...ban, id: Number(lastInsertRowid), added };
      }),
    change: (kind: BanKind, id: number, change: BanChange): boolean =>
      connection.writing(() => {
        const table = banTables[kind];
        const key = kind === 'ip' ? 'rowid' : 'id';
        const has =
          connection.statement(table, `SELECT 1 FROM ${table} WHERE ${key} = ?`).get(id) !== undefined;
        if (!has) return false;
        const set = (column: string, value: string) =>
          connection.statement(table, `UPDATE ${table} SET ${column} = ? WHERE ${key} = ?`).run(value, id);
        if ('expires' in change) {
          set('expires', change.expires === undefined ? forGood : formatDateTime(change.expires));
        }
        if (change.comment !== undefined) set('comment', change.comment);
        if (kind !== 'ip' && change.reason !== undefined) set('reason', change.reason);
        if (kind !== 'ip' && change.reaction !== undefined) set('reaction', change.reaction);
        return true;
      }),
    remove: (bans: readonly { kind: BanKind; id: number }[]): number =>
      connection.writing(() => {
        let removed = 0;
        for (const { kind, id } of bans) {
          const table = banTables[kind];
          const key = kind === 'ip' ? 'rowid' : 'id';
          removed += connection.statement(table, `DELETE FROM ${table} WHERE ${key} = ?`).run(id).changes;
        }
        return removed;
      }),
    problems: (): readonly StoredProblem[] => [
      ...connection.reading(readBans).flatMap((ban) => {
        const problem = ban.kind === 'ip' ? storedBanProblem(ban) : undefined;
        if (ban.kind !== 'ip' || problem === undefined) return [];
        return [
          {
            message: `ban ip:${ban.id} (${ban.address}/${ban.bits}): ${problem.reason}`,
            hint: `${problem.reason.hint}: dp ban remove ip:${ban.id}`,
          },
        ];
      }),
      ...expiryProblems(),
    ],
  };
}
