// What SQLite says, in words for people: what happened, to which file, and the way out.

import * as path from 'node:path';
import { Fault, Refusal } from '../../core/errors.js';

/** Whether someone else holds a lock, so that trying again later makes sense. */
export function isBusy(error: unknown): boolean {
  return /^SQLITE_(BUSY|LOCKED)/.test(codeOf(error));
}

/** A Refusal stays what it is; everything else becomes a Fault about the file. */
export function databaseFault(file: string, cause: unknown): Fault | Refusal {
  if (cause instanceof Fault || cause instanceof Refusal) return cause;
  const code = codeOf(cause);
  const [reason, hint] = explain(file, code, cause);
  return new Fault(`the database ${file} ${reason}`, { cause, hint });
}

function explain(file: string, code: string, cause: unknown): [reason: string, hint: string] {
  const folder = path.dirname(file);
  if (isBusy(cause)) {
    return [
      'is locked by another program',
      `nothing was changed; try again, or end the program that holds it (fuser ${file} names it)`,
    ];
  }
  if (code.startsWith('SQLITE_READONLY')) {
    return [
      "can't be written: it or its folder is read-only here",
      `ls -ld ${folder} ${file} shows whose they are`,
    ];
  }
  if (code === 'SQLITE_NOTADB') {
    return ['is no SQLite database', 'nothing was changed; give the path of another file'];
  }
  if (code.startsWith('SQLITE_CORRUPT')) {
    return [
      'is damaged',
      `nothing was changed; go back to a backup, or save what can be read: sqlite3 ${file} .recover | sqlite3 NEW`,
    ];
  }
  if (
    code.startsWith('SQLITE_CANTOPEN') ||
    code === 'SQLITE_PERM' ||
    code === 'SQLITE_AUTH' ||
    code === 'EACCES'
  ) {
    return ["can't be opened", `ls -ld ${folder} ${file} shows whether they are there and whose they are`];
  }
  if (code === 'SQLITE_FULL') return ["can't be written: the disk is full", 'make room and try again'];
  if (code.startsWith('SQLITE_IOERR')) return ["can't be read or written", 'check the disk'];
  const message = cause instanceof Error ? cause.message : String(cause);
  return [`can't be used: ${message}`, 'nothing was changed'];
}

function codeOf(error: unknown): string {
  const code = (error as { code?: unknown } | undefined)?.code;
  return typeof code === 'string' ? code : '';
}
