// Abuse reports and notes of a server without storage, in memory.

import { refusal } from '../core/errors.js';
import {
  type Note,
  type NoteStore,
  notesAtMost,
  type ReportStore,
  reportsAtMost,
  type StoredReport,
} from './needs.js';

export function memoryReports(): ReportStore {
  let reports: readonly StoredReport[] = [];
  let lastId = 0;
  return {
    query: ({ isOpen, limit = reportsAtMost }) =>
      reports
        .filter(({ closed }) => isOpen === undefined || isOpen === (closed === undefined))
        .reverse()
        .slice(0, limit),
    get: (id) => reports.find((report) => report.id === id),
    add(notice) {
      const report: StoredReport = { ...notice, id: ++lastId, closed: undefined };
      const surplus = reports.find(({ closed }) => closed !== undefined) ?? reports[0];
      const kept = reports.length < reportsAtMost ? reports : reports.filter((each) => each !== surplus);
      reports = [...kept, report];
      return report;
    },
    close(id, closing) {
      const found = reports.find((report) => report.id === id);
      if (!found || (found.closed === undefined) === (closing === undefined)) return false;
      reports = reports.map((report) => (report === found ? { ...found, closed: closing } : report));
      return true;
    },
  };
}

export function memoryNotes(): NoteStore {
  let notes: readonly Note[] = [];
  let lastId = 0;
  return {
    all: () => notes,
    add(given) {
      if (notes.length >= notesAtMost) throw refusal('notes-full', { most: notesAtMost });
      const note: Note = { ...given, id: ++lastId };
      notes = [...notes, note];
      return note;
    },
    remove(id) {
      const { length } = notes;
      notes = notes.filter((note) => note.id !== id);
      return notes.length < length;
    },
  };
}
