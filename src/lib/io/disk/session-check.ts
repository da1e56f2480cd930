// Looks through a session folder and changes nothing: which sessions are there, whether each can be used, and what
// is wrong where not. The server's own loading (session-folder.ts) puts things right; this only tells.

import * as fs from 'node:fs';
import * as path from 'node:path';
import { headerBytes } from '../../core/protocol/frame.js';
import { addToSaved, parseJournalLine } from '../../core/session/journal-text.js';
import { emptySaved } from '../../core/session/saved.js';
import { openRegular, readRegular, sizeLimits } from '../files/regular-file.js';
import { readHead } from './history-head.js';

export interface CheckedSession {
  id: string;
  alias: string;
  title: string;
  founder: string;
  /** `dp:4.25.1`; '' when the history can't be read. */
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
}

export interface CheckedFolder {
  sessions: CheckedSession[];
  /** Files of sessions that ended and were kept. */
  archivedFiles: number;
  /** Histories and pictures that no journal speaks of. */
  strays: string[];
}

const pieceBytes = 1024 * 1024;

export function checkSessionFolder(folder: string): CheckedFolder {
  const names = fs.readdirSync(folder).sort();
  const journals = names.filter((name) => name.endsWith('.session'));
  const sessions = journals.map((name) => checkSession(folder, name));
  const known = new Set(sessions.map(({ id }) => id));
  const strays = names.filter(
    (name) => /\.(dprec|thumbnail)$/.test(name) && !known.has(/^[^._ ]+/.exec(name)?.[0] ?? ''),
  );
  return { sessions, strays, archivedFiles: names.filter((name) => name.endsWith('.archived')).length };
}

function checkSession(folder: string, journalName: string): CheckedSession {
  const id = journalName.slice(0, journalName.indexOf('.'));
  const saved = emptySaved(id, '');
  const warnings: string[] = [];
  let history = '';
  let problem: string | undefined;
  try {
    const text = readRegular(path.join(folder, journalName), sizeLimits.journal).bytes.toString('utf8');
    for (const [index, lineText] of text.split('\n').entries()) {
      const line = parseJournalLine(lineText);
      if (typeof line === 'string') warnings.push(`${journalName}:${index + 1}: ${line}`);
      else if (line?.key === 'file') history = line.name;
      else if (line) addToSaved(saved, line);
    }
  } catch (error) {
    problem = `${journalName}: ${(error as Error).message}`;
  }
  const result: CheckedSession = {
    id,
    alias: saved.alias,
    title: saved.title,
    founder: saved.founder,
    protocol: '',
    history,
    messages: 0,
    sizeBytes: 0,
    isPersistent: saved.flags.has('persistent'),
    problem,
    warnings,
  };
  if (problem !== undefined) return result;
  if (history === '') return { ...result, problem: `${journalName} has no FILE line` };
  if (path.basename(history) !== history)
    return { ...result, problem: `${journalName} names a file elsewhere` };
  return { ...result, ...checkHistory(path.join(folder, history), history, warnings) };
}

function checkHistory(
  file: string,
  name: string,
  warnings: string[],
): Pick<CheckedSession, 'problem' | 'protocol' | 'messages' | 'sizeBytes'> {
  const nothing = { protocol: '', messages: 0, sizeBytes: 0 };
  try {
    const head = readHead(file);
    if (typeof head === 'string') return { ...nothing, problem: `${name}: ${head}` };
    const { protocol, headBytes, sizeBytes } = head;
    const { messages, restBytes } = countMessages(file, headBytes);
    if (messages === 0) return { ...nothing, protocol, sizeBytes, problem: `${name}: the session is empty` };
    if (restBytes > 0)
      warnings.push(`${name}: the last ${restBytes} bytes are half a message and will be cut off`);
    return { problem: undefined, protocol, messages, sizeBytes };
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    return { ...nothing, problem: `${name}: ${code === 'ENOENT' ? 'it is missing' : message}` };
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
