// What SQLite says, in words for people: what happened, to which file, and the way out.

import * as path from 'node:path';
import { Fault, fault, Refusal } from '../../core/errors.js';
import { plainReason } from '../files/regular-file.js';

/** Whether someone else holds a lock, so that trying again later makes sense. */
export function isBusy(error: unknown): boolean {
  return /^SQLITE_(BUSY|LOCKED)/.test(codeOf(error));
}

/** A Refusal stays what it is; everything else becomes a Fault about the file. */
export function databaseFault(file: string, cause: unknown): Fault | Refusal {
  if (cause instanceof Fault || cause instanceof Refusal) return cause;
  const code = codeOf(cause);
  const place = { database: file, folder: path.dirname(file) };
  if (isBusy(cause)) return fault('database-locked', place, cause);
  if (code.startsWith('SQLITE_READONLY')) return fault('database-read-only', place, cause);
  if (code === 'SQLITE_NOTADB') return fault('database-no-sqlite', place, cause);
  if (code.startsWith('SQLITE_CORRUPT')) {
    return fault('database-damaged', { ...place, found: plainReason(cause) }, cause);
  }
  if (
    code.startsWith('SQLITE_CANTOPEN') ||
    code === 'SQLITE_PERM' ||
    code === 'SQLITE_AUTH' ||
    code === 'EACCES'
  ) {
    return fault('database-not-opened', place, cause);
  }
  if (code === 'SQLITE_FULL') return fault('database-disk-full', place, cause);
  if (code.startsWith('SQLITE_IOERR')) return fault('database-disk-failed', place, cause);
  const reason = cause instanceof Error ? plainReason(cause) : String(cause);
  return fault('database-failed', { ...place, reason }, cause);
}

function codeOf(error: unknown): string {
  const code = (error as { code?: unknown } | undefined)?.code;
  return typeof code === 'string' ? code : '';
}
