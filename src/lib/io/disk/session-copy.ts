// Copies the files of a session folder, also while a server writes to them: the journal of each session and exactly
// the history that it names, each at one moment. Histories only grow, so a size is a moment.

import * as fs from 'node:fs';
import * as path from 'node:path';
import { fault, Refusal } from '../../core/errors.js';
import { readJournal as readJournalText } from '../../core/session/journal-reading.js';
import { openGuarded } from '../files/guarded-path.js';
import { readOpened, reasonOf, sizeLimits, UnusableFile } from '../files/regular-file.js';
import { idOfHistory } from './session-survey.js';

export interface CopySource {
  name: string;
  sizeBytes: number;
  modified: number;
  /** Reads it; closes what was opened. Only once. */
  pieces(): Iterable<Buffer>;
}

const pieceBytes = 256 * 1024;
/** A reset may take the history away between two looks; that often in a row it may not. */
const attempts = 10;

/** Everything of a folder that belongs to sessions; with `archived` also what ended. Nothing when there is no folder. */
export function* sessionSources(folder: string, archived: boolean): Generator<CopySource> {
  const names = fs.existsSync(folder) ? fs.readdirSync(folder).sort() : [];
  for (const name of names) {
    if (name.endsWith('.session')) yield* oneSession(folder, name, names);
    else if (archived && name.endsWith('.archived')) yield* ofSession(folder, name);
  }
}

/** A file as it is now, or what a link of that name leads to; nothing when it is gone or no regular file. */
export function* plain(folder: string, name: string): Generator<CopySource> {
  const opened = open(path.join(folder, name));
  if (opened) yield { name, ...opened };
}

/** The same where links are no files of ours. */
function* ofSession(folder: string, name: string): Generator<CopySource> {
  const opened = open(path.join(folder, name), true);
  if (opened) yield { name, ...opened };
}

function* oneSession(folder: string, journalName: string, names: readonly string[]): Generator<CopySource> {
  const id = journalName.slice(0, journalName.indexOf('.'));
  let missing: string | undefined;
  for (let attempt = 1; attempt <= attempts; attempt += 1) {
    const journal = readJournal(path.join(folder, journalName));
    if (journal === undefined) return;
    const { current } = journal;
    const history = current === undefined ? undefined : open(path.join(folder, current), true);
    if (current === undefined || history === undefined) {
      // Twice the same answer: it is really not there.
      if (current === missing || current === undefined) break;
      missing = current;
      continue;
    }
    yield { name: journalName, ...journal.source };
    yield { name: current, ...history };
    yield* ofSession(folder, `${id}.thumbnail`);
    return;
  }
  // Nobody can use it as it is, but somebody may want to look into it.
  yield* ofSession(folder, journalName);
  if (journalName !== `${id}.session`) return;
  for (const name of names) if (idOfHistory(name) === id) yield* ofSession(folder, name);
}

function readJournal(
  file: string,
): { current: string | undefined; source: Omit<CopySource, 'name'> } | undefined {
  const read = ifThere(file, () => readOpened(openGuarded(file), sizeLimits.journal));
  if (read === undefined) return undefined;
  const { bytes } = read;
  const modified = read.stats.mtimeMs;
  const id = path.basename(file, '.session');
  let current = readJournalText(id, bytes).fileNames.at(-1);
  // The journal of somebody else must not make us read elsewhere, nor another session's history twice.
  if (current !== undefined && idOfHistory(current) !== id) current = undefined;
  return { current, source: { sizeBytes: bytes.length, modified, pieces: () => [bytes] } };
}

function open(file: string, refusesLink = false): Omit<CopySource, 'name'> | undefined {
  const opened = ifThere(file, () => openGuarded(file, { refusesLink }));
  if (opened === undefined) return undefined;
  const { descriptor, stats } = opened;
  const { size: sizeBytes, mtimeMs: modified } = stats;
  return { sizeBytes, modified, pieces: () => readPieces(descriptor, sizeBytes) };
}

/** Undefined: there is no regular file. What is there and cannot be read is missed by whoever relies on the copy. */
function ifThere<Read>(file: string, read: () => Read): Read | undefined {
  try {
    return read();
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (error instanceof UnusableFile || code === 'ENOENT' || code === 'ENOTDIR' || code === 'ELOOP')
      return undefined;
    if (error instanceof Refusal) throw error;
    throw fault('file-unreadable', { file, reason: reasonOf(error) }, error);
  }
}

function* readPieces(descriptor: number, sizeBytes: number): Generator<Buffer> {
  try {
    for (let position = 0; position < sizeBytes; ) {
      const piece = Buffer.allocUnsafe(Math.min(pieceBytes, sizeBytes - position));
      const count = fs.readSync(descriptor, piece, 0, piece.length, position);
      if (count === 0) return;
      position += count;
      yield piece.subarray(0, count);
    }
  } finally {
    fs.closeSync(descriptor);
  }
}
