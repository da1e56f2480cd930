// The tables of abuse reports and of notes about people.

import {
  type Note,
  notesAtMost,
  type ReportClosing,
  reportsAtMost,
  type StoredReport,
} from '../../admin/needs.js';
import { refusal } from '../../core/errors.js';
import type { AbuseNotice } from '../../core/session/needs.js';
import type { Connection } from './connection.js';
import { makeDpTable } from './dp-tables.js';

const reportsName = 'dp_reports';
const notesName = 'dp_notes';

interface ReportRow {
  id: number;
  time: number;
  session: string;
  /** JSON of what is only shown. */
  facts: string;
  closed: number | null;
  closed_by: string;
  comment: string;
}

interface NoteRow {
  id: number;
  kind: Note['kind'];
  target: string;
  text: string;
  author: string;
  time: number;
}

export type ReportsTable = ReturnType<typeof reportsTable>;
export type NotesTable = ReturnType<typeof notesTable>;

export function reportsTable(connection: Connection) {
  const { database } = connection;
  const get = (id: number): StoredReport | undefined => {
    if (!connection.has(reportsName)) return undefined;
    const row = database.prepare(`SELECT * FROM ${reportsName} WHERE id = ?`).get(id);
    return row === undefined ? undefined : reportOf(row as ReportRow);
  };
  return {
    query: ({ isOpen, limit = reportsAtMost }: { isOpen?: boolean; limit?: number }): StoredReport[] =>
      connection.reading(() => {
        if (!connection.has(reportsName)) return [];
        const where = isOpen === undefined ? '' : `WHERE closed IS ${isOpen ? '' : 'NOT '}NULL`;
        const rows = database
          .prepare(`SELECT * FROM ${reportsName} ${where} ORDER BY id DESC LIMIT ?`)
          .all(limit) as ReportRow[];
        return rows.map(reportOf);
      }),
    get: (id: number): StoredReport | undefined => connection.reading(() => get(id)),
    add: ({ when, session, ...facts }: AbuseNotice): StoredReport =>
      connection.writing(() => {
        makeDpTable(database, reportsName);
        const row = { time: Math.round(when), session, facts: JSON.stringify(facts) };
        const { lastInsertRowid } = database
          .prepare(`INSERT INTO ${reportsName} (time, session, facts) VALUES (?, ?, ?)`)
          .run(row.time, row.session, row.facts);
        database
          .prepare(
            `DELETE FROM ${reportsName} WHERE id IN (SELECT id FROM ${reportsName} ` +
              'ORDER BY id = ? DESC, closed IS NULL DESC, id DESC LIMIT -1 OFFSET ?)',
          )
          .run(lastInsertRowid, reportsAtMost);
        return reportOf({ ...row, id: Number(lastInsertRowid), closed: null, closed_by: '', comment: '' });
      }),
    close: (id: number, closing: ReportClosing | undefined): boolean =>
      connection.writing(() => {
        if (!connection.has(reportsName)) return false;
        const { when = null, by = '', comment = '' } = closing ?? {};
        return (
          database
            .prepare(
              `UPDATE ${reportsName} SET closed = ?, closed_by = ?, comment = ? WHERE id = ? AND closed IS ${closing ? '' : 'NOT '}NULL`,
            )
            .run(when === null ? null : Math.round(when), by, comment, id).changes > 0
        );
      }),
  };
}

function reportOf({ id, time, session, facts, closed, closed_by, comment }: ReportRow): StoredReport {
  // written by `add`, and by nobody else
  const rest = JSON.parse(facts) as Omit<AbuseNotice, 'when' | 'session'>;
  return {
    id,
    when: time,
    session,
    ...rest,
    about: rest.about,
    closed: closed === null ? undefined : { when: closed, by: closed_by, comment },
  };
}

export function notesTable(connection: Connection) {
  const { database } = connection;
  const select = (where: string, ...values: unknown[]): Note[] => {
    if (!connection.has(notesName)) return [];
    const rows = database
      .prepare(`SELECT * FROM ${notesName} ${where} ORDER BY id`)
      .all(...values) as NoteRow[];
    return rows.map(({ author, time, ...note }) => ({ ...note, by: author, when: time }));
  };
  return {
    all: (): readonly Note[] => connection.reading(() => select('')),
    add: ({ kind, target, text, by, when }: Omit<Note, 'id'>): Note =>
      connection.writing(() => {
        makeDpTable(database, notesName);
        const { count } = database.prepare(`SELECT count(*) AS count FROM ${notesName}`).get() as {
          count: number;
        };
        if (count >= notesAtMost) throw refusal('notes-full', { most: notesAtMost });
        const { lastInsertRowid } = database
          .prepare(`INSERT INTO ${notesName} (kind, target, text, author, time) VALUES (?, ?, ?, ?, ?)`)
          .run(kind, target, text, by, Math.round(when));
        return { id: Number(lastInsertRowid), kind, target, text, by, when: Math.round(when) };
      }),
    remove: (id: number): boolean =>
      connection.writing(
        () =>
          connection.has(notesName) &&
          database.prepare(`DELETE FROM ${notesName} WHERE id = ?`).run(id).changes > 0,
      ),
  };
}
