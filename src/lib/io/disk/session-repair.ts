// Repairs stored sessions that are unusable: rewrites a damaged journal, and makes a journal for a history without
// one. Nothing else may use the folder meanwhile.
import { randomBytes } from 'node:crypto';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { Reason, reason } from '../../core/errors/reason.js';
import { refusal } from '../../core/errors.js';
import { HistoryFacts } from '../../core/session/history-facts.js';
import { doubtLine, readJournal, repairJournal } from '../../core/session/journal-reading.js';
import { seal } from '../../core/session/journal-seals.js';
import { entriesOf } from '../../core/session/journal-sum.js';
import { writeJournalLine } from '../../core/session/journal-text.js';
import type { AdoptedSession, RepairedSession } from '../../core/session/needs.js';
import type { Doubt, SavedSession } from '../../core/session/saved.js';
import { looksLikeId, makeSessionId } from '../../core/session/session-id.js';
import {
  createRegular,
  fileModes,
  type OpenedFile,
  openRegular,
  readRegular,
  reasonOf,
  sizeLimits,
} from '../files/regular-file.js';
import { writeAtomic } from './atomic-write.js';
import { isHead, readHead, usableHead } from './history-head.js';
import { checkHistory, forgetHistory, idOfHistory, resetNumber, surveyFolder } from './session-survey.js';

const pieceBytes = 1024 * 1024;

/** Refusal when there is no such session, nothing is wrong with it, or it cannot be repaired. */
export function repairSession(folder: string, given: string): RepairedSession {
  const id = findJournal(folder, given);
  const journal = path.join(folder, `${id}.session`);
  const { bytes } = readRegular(journal, sizeLimits.journal);
  const before = readJournal(id, bytes);
  const { setAside } = surveyFolder(folder, { isForWriting: true });
  const aside = setAside.find((each) => each.id === id);
  if (!aside && before.doubts.length === 0) {
    throw refusal('session-intact', { session: id });
  }
  const repaired = repairJournal(bytes);
  const { saved, doubts, fileNames } = readJournal(id, repaired.bytes);
  const history = historyFor(folder, id, fileNames);
  const { problem: otherHistory } = checkHistory(folder, history, { saved });
  const isAsItWas = before.doubts.length === 0 && fileNames.at(-1) === history;
  if (aside && isAsItWas && otherHistory === undefined) {
    throw refusal('session-not-repairable', { session: id, reason: aside.why });
  }
  const facts = factsOf(folder, history);
  saved.protocol = facts.protocol;
  if (doubts.length > 0) saved.flags.add('persistent');
  const done = doubts.map(({ why }) => `discarded: ${why}`);
  if (repaired.repaired > 0) done.unshift(`bits corrected: ${repaired.repaired}`);
  if (otherHistory !== undefined) {
    forgetHistory(saved);
    done.push(`${history} is used as it is, although ${otherHistory}`);
  }
  if (fileNames.at(-1) !== history) done.push(`history used: ${history}`);
  const kept = `${journal}.damaged`;
  writeAtomic(kept, bytes);
  const names = [...fileNames.filter((name) => idOfHistory(name) === id && name !== history), history];
  writeAtomic(journal, journalBytes(names, saved, []));
  const after = surveyFolder(folder, { isForWriting: true });
  const why = after.setAside.find((each) => each.id === id)?.why;
  if (why !== undefined) {
    writeAtomic(journal, bytes);
    throw refusal('session-not-repairable', { session: id, reason: why });
  }
  return { ...describe(saved), history, done, kept };
}

/** The session of this id or the beginning of one. */
function findJournal(folder: string, given: string): string {
  const ids = fs
    .readdirSync(folder)
    .filter((name) => name.endsWith('.session'))
    .map((name) => name.slice(0, -'.session'.length));
  const fitting = ids.includes(given) ? [given] : ids.filter((id) => id.startsWith(given.toLowerCase()));
  const [found, ...others] = fitting;
  if (found === undefined) throw refusal('stored-session-not-found', { session: given, folder });
  if (others.length === 0) return found;
  throw refusal('session-ambiguous', {
    session: given,
    count: fitting.length,
    ids: fitting.slice(0, 5).join(' '),
  });
}

/** What the last FILE line says where that can be used, else the newest one of the session's name. */
function historyFor(folder: string, id: string, fileNames: readonly string[]): string {
  const own = fs
    .readdirSync(folder)
    .filter((name) => idOfHistory(name) === id)
    .sort((a, b) => resetNumber(b) - resetNumber(a));
  const named = fileNames.filter((name) => own.includes(name)).reverse();
  const place = { path: folder, isForWriting: true };
  const usable = [...named, ...own].find((name) => isHead(usableHead(place, name)));
  if (usable !== undefined) return usable;
  const [first] = own;
  const found = first === undefined ? undefined : usableHead(place, first);
  const why =
    found === undefined || isHead(found)
      ? reason('history-of-none')
      : reason('history-reason', { file: String(first), problem: found });
  throw refusal('session-not-repairable', { session: id, reason: why });
}

/**
 * Makes a session of a history without a journal: one in the folder is used as it is, any other one is copied.
 * Refusal when it is not a history, or belongs to a session already.
 */
export function adoptHistory(
  folder: string,
  file: string,
  reading: <Result>(read: () => Result) => Result = (read) => read(),
): AdoptedSession {
  const source = reading(() => fs.realpathSync(path.dirname(path.resolve(file))));
  const name = path.basename(file);
  reading(() => requireHistory(path.dirname(file), name));
  const isInFolder = source === fs.realpathSync(folder);
  const named = idOfHistory(name);
  const { sessions } = surveyFolder(folder, { isForWriting: true });
  const { dev, ino } = reading(() => fs.statSync(file));
  const owner = sessions.find(({ history }) => {
    const stats = fs.statSync(path.join(folder, history));
    return stats.dev === dev && stats.ino === ino;
  });
  if (owner) throw refusal('history-in-use', { file, session: owner.id });
  const isTaken = named !== undefined && fs.existsSync(path.join(folder, `${named}.session`));
  if (isInFolder && isTaken) {
    throw refusal('history-of-session', { file, session: String(named) });
  }
  const isUsedInPlace = isInFolder && named !== undefined;
  const mayKeepId = named !== undefined && looksLikeId(named) && !isTaken;
  const id = isUsedInPlace || mayKeepId ? named : makeSessionId(Date.now(), { bytes: randomBytes });
  const history = isUsedInPlace ? name : `${id}.dprec`;
  if (!isUsedInPlace)
    copyHistory(
      reading(() => openRegular(file)),
      path.join(folder, history),
    );
  const { protocol, facts } = factsOf(folder, history);
  const { saved, doubts } = facts.sessionOf(id, protocol);
  const archived = isUsedInPlace ? archiveOthers(folder, id, history) : [];
  const bytes = journalBytes([history], saved, doubts);
  const descriptor = createRegular(path.join(folder, `${id}.session`), fileModes.work);
  try {
    fs.writeSync(descriptor, bytes);
    fs.fsyncSync(descriptor);
  } finally {
    fs.closeSync(descriptor);
  }
  const isShut = doubts.some((doubt) => doubt.isShut);
  return {
    ...describe(saved),
    history,
    messages: facts.messages,
    isShut,
    doubts: doubts.map(({ why }) => String(why)),
    archived,
  };
}

function requireHistory(folder: string, name: string): void {
  const head = usableHead({ path: folder, isForWriting: false }, name);
  if (isHead(head)) return;
  const file = path.join(folder, name);
  if (head instanceof Reason && head.code === 'history-not-there') throw refusal('history-missing', { file });
  throw refusal('history-unusable', { file, reason: head });
}

/** Others of its name would count as left behind by a reset: they are kept as archives. */
function archiveOthers(folder: string, id: string, history: string): string[] {
  const others = fs.readdirSync(folder).filter((name) => idOfHistory(name) === id && name !== history);
  for (const name of others) {
    const target = path.join(folder, `${name}.archived`);
    if (fs.existsSync(target)) throw refusal('file-in-the-way', { file: target });
    fs.renameSync(path.join(folder, name), target);
  }
  return others;
}

function copyHistory({ descriptor, stats }: OpenedFile, to: string): void {
  try {
    const target = createRegular(to, fileModes.work);
    try {
      const piece = Buffer.allocUnsafe(pieceBytes);
      for (let at = 0; at < stats.size; ) {
        const count = fs.readSync(descriptor, piece, 0, piece.length, at);
        if (count === 0) break;
        fs.writeSync(target, piece, 0, count, at);
        at += count;
      }
      fs.fsyncSync(target);
    } finally {
      fs.closeSync(target);
    }
  } catch (error) {
    throw refusal('history-not-copied', { file: to, reason: reasonOf(error) });
  } finally {
    fs.closeSync(descriptor);
  }
}

function factsOf(folder: string, history: string): { protocol: string; facts: HistoryFacts } {
  const file = path.join(folder, history);
  const head = readHead(file);
  if (head instanceof Reason) throw refusal('history-unusable', { file, reason: head });
  const facts = new HistoryFacts();
  const { descriptor } = openRegular(file);
  try {
    const piece = Buffer.allocUnsafe(pieceBytes);
    for (let at = head.headBytes; at < head.sizeBytes; ) {
      const count = fs.readSync(descriptor, piece, 0, Math.min(piece.length, head.sizeBytes - at), at);
      const used = facts.add(piece.subarray(0, count));
      if (used === 0) break;
      at += used;
    }
  } finally {
    fs.closeSync(descriptor);
  }
  return { protocol: head.protocol, facts };
}

function journalBytes(fileNames: readonly string[], saved: SavedSession, doubts: readonly Doubt[]): Buffer {
  const lines = fileNames.map((name) => writeJournalLine({ key: 'file', name }));
  for (const entry of entriesOf(saved)) lines.push(writeJournalLine(entry));
  for (const doubt of doubts) lines.push(doubtLine(doubt));
  return seal(lines, 0).bytes;
}

function describe(saved: SavedSession): { id: string; title: string; founder: string; hasPassword: boolean } {
  const { id, title, founder, password } = saved;
  return { id, title, founder, hasPassword: password !== '' };
}
