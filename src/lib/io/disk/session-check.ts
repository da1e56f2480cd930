// Checks a session folder without changing it: its sessions, whether each is usable, and the problems. The server's
// loading (session-folder.ts) repairs; this only reports.

import * as fs from 'node:fs';
import * as path from 'node:path';
import { Reason, reason } from '../../core/errors/reason.js';
import { headerBytes } from '../../core/protocol/frame.js';
import { type JournalReading, readJournal } from '../../core/session/journal-reading.js';
import { openRegular, readRegular, reasonOf, sizeLimits } from '../files/regular-file.js';
import { readHead } from './history-head.js';
import { type SetAside, type SurveyedSession, surveyFolder } from './session-survey.js';

export interface CheckedSession {
  id: string;
  alias: string;
  title: string;
  founder: string;
  /** `dp:4.25.1`; '' when the history cannot be read. */
  protocol: string;
  /** Name of the history file, '' when the journal names none. */
  history: string;
  messages: number;
  sizeBytes: number;
  isPersistent: boolean;
  /** Why nobody can use it; undefined: it is fine. */
  problem: string | undefined;
  /** What is lost, or was put up with. */
  warnings: string[];
  /** Why not everything can be trusted that its journal says. */
  doubts: string[];
}

export interface CheckedFolder {
  sessions: CheckedSession[];
  /** Files of sessions that ended and were kept. */
  archivedFiles: number;
  /** Histories of which no journal speaks. */
  orphans: string[];
  /** Pictures of which no journal speaks. */
  strays: string[];
}

const pieceBytes = 1024 * 1024;

export function checkSessionFolder(folder: string): CheckedFolder {
  const { sessions, setAside, orphans } = surveyFolder(folder, { isForWriting: false });
  const names = fs.readdirSync(folder).sort();
  const known = new Set(names.filter((name) => name.endsWith('.session')).map((name) => idOf(name)));
  const checked = [
    ...sessions.map((session) => checkSession(folder, session)),
    ...setAside.map((each) => describeSetAside(folder, each)),
  ];
  return {
    sessions: checked.sort((a, b) => (a.id < b.id ? -1 : 1)),
    orphans,
    strays: names.filter((name) => name.endsWith('.thumbnail') && !known.has(idOf(name))),
    archivedFiles: names.filter((name) => name.endsWith('.archived')).length,
  };
}

const idOf = (name: string): string => name.slice(0, name.indexOf('.'));

function checkSession(folder: string, session: SurveyedSession): CheckedSession {
  const { id, reading, history, head, instead, cut } = session;
  const journal = `${id}.session`;
  const warnings = reading.remarks.map(({ line, why }) => `${journal}:${line}: ${why}`);
  if (reading.unfinishedBytes > 0) {
    warnings.push(`${journal}: the last line is incomplete and ignored`);
  }
  if (instead) warnings.push(`${instead.named}: ${instead.why}; ${history} is used instead`);
  if (cut) {
    warnings.push(`${history}: ${cut.fromBytes - head.sizeBytes} bytes are missing at the end`);
  }
  return {
    ...factsOf(id, reading),
    protocol: head.protocol,
    history,
    sizeBytes: head.sizeBytes,
    warnings,
    doubts: reading.doubts.map(({ why }) => String(why)),
    ...checkHistory(path.join(folder, history), history, warnings),
  };
}

function describeSetAside(folder: string, { id, file, why }: SetAside): CheckedSession {
  let reading: JournalReading;
  try {
    reading = readJournal(id, readRegular(path.join(folder, `${id}.session`), sizeLimits.journal).bytes);
  } catch {
    reading = readJournal(id, Buffer.alloc(0));
  }
  return { ...factsOf(id, reading), problem: `${path.basename(file)}: ${why}` };
}

function factsOf(id: string, { saved }: JournalReading): CheckedSession {
  return {
    id,
    alias: saved.alias,
    title: saved.title,
    founder: saved.founder,
    protocol: '',
    history: '',
    messages: 0,
    sizeBytes: 0,
    isPersistent: saved.flags.has('persistent'),
    problem: undefined,
    warnings: [],
    doubts: [],
  };
}

function checkHistory(file: string, name: string, warnings: string[]): Partial<CheckedSession> {
  try {
    const head = readHead(file);
    if (head instanceof Reason) return { problem: `${name}: ${head}` };
    const { headBytes } = head;
    const { messages, restBytes } = countMessages(file, headBytes);
    if (messages === 0) return { problem: `${name}: ${reason('history-empty')}` };
    if (restBytes > 0)
      warnings.push(`${name}: the last ${restBytes} bytes are an incomplete message and will be discarded`);
    return { messages };
  } catch (error) {
    const isMissing = (error as NodeJS.ErrnoException).code === 'ENOENT';
    return { problem: `${name}: ${isMissing ? reason('history-not-there') : reasonOf(error)}` };
  }
}

function countMessages(file: string, headBytes: number): { messages: number; restBytes: number } {
  const { descriptor, stats } = openRegular(file);
  try {
    const end = stats.size;
    const piece = Buffer.allocUnsafe(pieceBytes);
    let position = headBytes;
    let messages = 0;
    while (end - position >= headerBytes) {
      const length = fs.readSync(descriptor, piece, 0, Math.min(piece.length, end - position), position);
      let at = 0;
      while (length - at >= headerBytes) {
        const size = headerBytes + piece.readUInt16BE(at);
        if (at + size > length) break;
        at += size;
        messages += 1;
      }
      if (at === 0) break;
      position += at;
    }
    return { messages, restBytes: end - position };
  } finally {
    fs.closeSync(descriptor);
  }
}
