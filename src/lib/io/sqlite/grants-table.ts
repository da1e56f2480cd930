// The table of API tokens and logins. Of their secrets it has digests only.

import { type Grant, keepExpiredMs, loginsAtMost, type NewGrant } from '../../admin/needs.js';
import { refusal } from '../../core/errors.js';
import type { Connection } from './connection.js';
import { makeDpTable } from './dp-tables.js';

const tableName = 'dp_grants';

interface Row {
  id: number;
  kind: Grant['kind'];
  name: string;
  role: Grant['role'];
  digest: string;
  proof: string;
  created: number;
  expires: number | null;
  last_used: number | null;
  last_address: string;
}

export type GrantsTable = ReturnType<typeof grantsTable>;

export function grantsTable(connection: Connection) {
  const { database } = connection;
  const select = (where: string, ...values: unknown[]): Grant[] => {
    if (!connection.has(tableName)) return [];
    const rows = database.prepare(`SELECT * FROM ${tableName} ${where} ORDER BY id`).all(...values) as Row[];
    return rows.map(grantOf);
  };
  return {
    all: (): readonly Grant[] => connection.reading(() => select('')),
    find: (digest: string): Grant | undefined =>
      connection.reading(() => select('WHERE digest = ?', digest)[0]),
    add: (grant: NewGrant): Grant =>
      connection.writing(() => {
        makeDpTable(database, tableName);
        const { kind, name, role, digest, proof, created, expires } = grant;
        database
          .prepare(
            `DELETE FROM ${tableName} WHERE (expires <= ? AND kind <> 'token') OR (expires <= ? AND kind = 'token' AND kind = ? AND name = ?)`,
          )
          .run(created - keepExpiredMs, created, kind, name);
        if (kind === 'token' && select("WHERE kind = 'token' AND name = ?", name).length > 0) {
          throw refusal('token-exists', { name });
        }
        const row = {
          kind,
          name,
          role,
          digest,
          proof,
          created: Math.round(created),
          expires: expires === null ? null : Math.round(expires),
        };
        const { lastInsertRowid } = database
          .prepare(
            `INSERT INTO ${tableName} (kind, name, role, digest, proof, created, expires) VALUES (?, ?, ?, ?, ?, ?, ?)`,
          )
          .run(...Object.values(row));
        if (kind !== 'token') {
          database
            .prepare(
              `DELETE FROM ${tableName} WHERE id IN (SELECT id FROM ${tableName} WHERE kind = ? AND name = ? ORDER BY id DESC LIMIT -1 OFFSET ?)`,
            )
            .run(kind, name, loginsAtMost);
        }
        return { id: Number(lastInsertRowid), ...row, lastUsed: null, lastAddress: '' };
      }),
    use: (id: number, when: number, address: string): void =>
      connection.writing(() => {
        if (!connection.has(tableName)) return;
        database
          .prepare(`UPDATE ${tableName} SET last_used = ?, last_address = ? WHERE id = ?`)
          .run(Math.round(when), address, id);
      }),
    remove: (id: number): boolean =>
      connection.writing(
        () =>
          connection.has(tableName) &&
          database.prepare(`DELETE FROM ${tableName} WHERE id = ?`).run(id).changes > 0,
      ),
  };
}

function grantOf({ last_used: lastUsed, last_address: lastAddress, ...row }: Row): Grant {
  return { ...row, lastUsed, lastAddress };
}
