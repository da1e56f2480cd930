// Surveys a session folder without changing it: which files there are and to which session each belongs, by one rule
// for the server's start, the doctor and repairs. The name of a file decides, never its content alone; the same file
// under two names belongs to the first. Others are set aside.
import * as fs from 'node:fs';
import { join } from 'node:path';
import { type Reason, reason } from '../../core/errors/reason.js';
import { type JournalReading, readJournal } from '../../core/session/journal-reading.js';
import type { SavedSession } from '../../core/session/saved.js';
import { looksLikeId } from '../../core/session/session-id.js';
import { readRegular, reasonOf, sizeLimits } from '../files/regular-file.js';
import type { FileIdentity } from './disk.js';
import { type HistoryHead, isHead, usableHead } from './history-head.js';
import { checkPrints, type PrintCheck } from './history-prints.js';
import { endedSuffix } from './journal.js';

/** A session whose files are left alone because they cannot be used. */
export interface SetAside {
  id: string;
  /** Path of the file that is the reason. */
  file: string;
  why: Reason | string;
}

/** A session that can be used. */
export interface SurveyedSession {
  id: string;
  reading: JournalReading;
  journalBytes: Buffer;
  journalIdentity: FileIdentity;
  /** Name of the file with its history. */
  history: string;
  head: HistoryHead;
  /** Set when that is not what the last FILE line says: why. */
  instead: { named: string; why: Reason | string } | undefined;
  /** Set when its history is shorter than it was. */
  cut: PrintCheck['cut'];
  /** Histories of its name that are not its current one. */
  others: string[];
}

export interface Survey {
  sessions: SurveyedSession[];
  setAside: SetAside[];
  /** Histories of which no journal speaks: names. */
  orphans: string[];
  /** Sessions that are over, but of which a server that was killed did not put all files away. */
  unfinished: UnfinishedEnd[];
}

/** What is left of a session that is over. */
export interface UnfinishedEnd {
  id: string;
  how: 'delete' | 'archive';
  /** Names, in the order in which they are to go. */
  files: string[];
}

/** A session that is open already, as far as it claims files and names. */
export interface KnownSession {
  id: string;
  alias: string;
  /** Paths of its files. */
  files: readonly string[];
}

/** `ID.dprec`, `ID_r2.dprec`, `ID_r2 (1).dprec`. */
const historyNamePattern = /^([^._ ]+)(?:_r(\d+))?(?: \(\d+\))?\.dprec$/;
const idPattern = /^[^._ ]+$/;

/** Which reset made this history; 1: none. */
export function resetNumber(name: string): number {
  return Number(historyNamePattern.exec(name)?.[2] ?? 1);
}

/** The number of the next history after these. The originals count; compacted journals name only the newest ones. */
export function nextResetNumber(fileNames: readonly string[]): number {
  return Math.max(fileNames.length, ...fileNames.map(resetNumber)) + 1;
}

/** The id in the name of a history; undefined: it is none. */
export function idOfHistory(name: string): string | undefined {
  return historyNamePattern.exec(name)?.[1];
}

export interface SurveyOptions {
  /** Sessions that are open; their journals are not read. */
  known?: Iterable<KnownSession>;
  /** Files that this process may not write to cannot be used. */
  isForWriting: boolean;
}

/** Looks through the folder. Throws when it cannot be read. */
export function surveyFolder(path: string, options: SurveyOptions): Survey {
  const names = fs.readdirSync(path).sort();
  const claims = new Claims(path);
  for (const session of options.known ?? []) claims.addKnown(session);
  const histories = new Map<string, string[]>();
  for (const name of names) {
    const id = idOfHistory(name);
    if (id === undefined) continue;
    const others = histories.get(id);
    if (others) others.push(name);
    else histories.set(id, [name]);
  }
  const journals = names.filter((name) => name.endsWith('.session'));
  const owners = new Set(journals.map((name) => idOfJournal(name)));
  const unfinished = unfinishedEnds(names, histories, owners);
  const isOver = new Set(unfinished.map(({ id }) => id));
  const survey: Survey = {
    sessions: [],
    setAside: [],
    orphans: names.filter((name) => {
      const id = idOfHistory(name) ?? '';
      return name.endsWith('.dprec') && !owners.has(id) && !isOver.has(id);
    }),
    unfinished,
  };
  const setAside = (name: string, error: unknown): void => {
    const [file, why] = error instanceof Unusable ? [error.file, error.why] : [name, reasonOf(error)];
    survey.setAside.push({ id: name.slice(0, -'.session'.length), file: join(path, file), why });
  };
  const candidates: Candidate[] = [];
  for (const name of journals) {
    const id = idOfJournal(name);
    if (name === `${id}.session` && claims.isKnown(id)) continue;
    try {
      candidates.push(readOne(path, name, options.isForWriting));
    } catch (error) {
      setAside(name, error);
    }
  }
  const folder = { path, isForWriting: options.isForWriting, claims, owners };
  for (const candidate of candidates.sort(compareClaims)) {
    try {
      survey.sessions.push(surveyOne(folder, candidate, histories.get(candidate.id) ?? []));
    } catch (error) {
      setAside(`${candidate.id}.session`, error);
    }
  }
  survey.sessions.sort((a, b) => (a.id < b.id ? -1 : 1));
  survey.setAside.sort((a, b) => (a.id < b.id ? -1 : 1));
  return survey;
}

/**
 * A session ends when its journal is renamed (journal.ts); the other files follow. Where there is a journal of that id
 * all the same, somebody has put a session back.
 */
function unfinishedEnds(
  names: readonly string[],
  histories: ReadonlyMap<string, readonly string[]>,
  owners: ReadonlySet<string>,
): UnfinishedEnd[] {
  const present = new Set(names);
  const ends: UnfinishedEnd[] = [];
  for (const name of names) {
    const [, id = '', suffix] = endedJournalPattern.exec(name) ?? [];
    if (suffix === undefined) continue;
    const how = suffix === endedSuffix ? 'delete' : 'archive';
    const rest = owners.has(id)
      ? []
      : [...(histories.get(id) ?? []), `${id}.session.damaged`, `${id}.thumbnail`].filter((other) =>
          present.has(other),
        );
    if (how === 'delete') ends.push({ id, how, files: [...rest, name] });
    else if (rest.length > 0) ends.push({ id, how, files: rest });
  }
  return ends;
}

const endedJournalPattern = /^([^._ ]+)\.session(\.ended|\.archived)$/;

const idOfJournal = (name: string): string => name.slice(0, name.indexOf('.'));

function isLink(path: string, name: string): boolean {
  try {
    return fs.lstatSync(join(path, name)).isSymbolicLink();
  } catch {
    return false;
  }
}

interface Folder {
  path: string;
  isForWriting: boolean;
  claims: Claims;
  /** Ids of all journals. */
  owners: ReadonlySet<string>;
}

/** A journal that can be read; whether its session can be used depends on the others. */
interface Candidate {
  id: string;
  bytes: Buffer;
  stats: fs.Stats;
  reading: JournalReading;
  /** Name of the history in its last FILE line. */
  named: string;
  /** How likely it is the copy, where two claim the same: lower goes first. */
  rank: number;
}

function readOne(path: string, journal: string, isForWriting: boolean): Candidate {
  const id = idOfJournal(journal);
  if (journal !== `${id}.session` || !idPattern.test(id)) {
    throw new Unusable(journal, reason('journal-name'));
  }
  const { bytes, stats } = readRegular(join(path, journal), sizeLimits.journal);
  if (isForWriting) fs.accessSync(join(path, journal), fs.constants.W_OK);
  const reading = readJournal(id, bytes);
  const named = reading.fileNames.at(-1);
  if (named === undefined) {
    const strange = reading.remarks.find(({ why }) => why.code === 'line-no-file-name');
    throw new Unusable(
      journal,
      strange
        ? reason('journal-line', { line: strange.line, problem: strange.why })
        : reason('journal-without-file'),
    );
  }
  const isInDoubt = reading.doubts.length > 0;
  const hasUnsealed = isInDoubt || reading.end.prefix !== '';
  const signs = [isLink(path, journal), isLink(path, named), isInDoubt, hasUnsealed, !looksLikeId(id)];
  const rank = signs.reduce((sum, isCopy, at) => (isCopy ? sum + 2 ** (signs.length - at) : sum), 0);
  return { id, bytes, stats, reading, named, rank };
}

/**
 * Of two that claim the same file or name the first keeps it: a link comes after what it may lead to, a journal that
 * is in doubt or has lines without a checksum (somebody edited it) after one that has not, and an id that nobody
 * makes after those that servers make.
 */
const compareClaims = (a: Candidate, b: Candidate): number => a.rank - b.rank || (a.id < b.id ? -1 : 1);

function surveyOne(folder: Folder, candidate: Candidate, histories: readonly string[]): SurveyedSession {
  const { path, claims, owners } = folder;
  const { id, bytes, stats, reading, named } = candidate;
  const journal = `${id}.session`;
  const owner = idOfHistory(named);
  if (owner !== id && (owners.has(owner ?? '') || fs.existsSync(join(path, named)))) {
    const isOthers = owner !== undefined && owners.has(owner);
    throw new Unusable(
      journal,
      isOthers
        ? reason('journal-file-of-session', { file: named, session: owner })
        : reason('journal-file-of-others', { file: named }),
    );
  }
  claims.requireFree(journal, stats);
  claims.requireName(id, reading.saved.alias, journal);
  const chosen = choose(folder, named, reading.fileNames, histories);
  const historyStats = fs.statSync(join(path, chosen.name));
  claims.requireFree(chosen.name, historyStats);
  const { problem, cut } = checkHistory(path, chosen.name, reading);
  if (problem !== undefined) throw new Unusable(chosen.name, problem);
  claims.add(id, reading.saved.alias, [
    [journal, stats],
    [chosen.name, historyStats],
  ]);
  reading.saved.protocol = chosen.head.protocol;
  return {
    id,
    reading,
    journalBytes: bytes,
    journalIdentity: { dev: stats.dev, ino: stats.ino },
    history: chosen.name,
    head: chosen.head,
    instead: chosen.name === named ? undefined : { named, why: chosen.problem },
    cut,
    others: histories.filter((name) => name !== chosen.name),
  };
}

/** Nothing is known any more of what is in the history. */
export function forgetHistory(saved: SavedSession): void {
  saved.first = undefined;
  saved.startId = undefined;
  saved.prints = [];
  saved.reads.clear();
}

/** Whether a history of this name is the one that the journal knows. */
export function checkHistory(
  path: string,
  name: string,
  { saved }: Pick<JournalReading, 'saved'>,
): PrintCheck {
  return checkPrints(
    join(path, name),
    saved.prints.filter(({ file }) => file === name),
  );
}

/**
 * The file with the session's history: what the last FILE line says. When that one cannot be used, because a reset
 * was cut short (by a server that did not do it in the right order), the next or an earlier one that can.
 */
function choose(
  folder: Folder,
  named: string,
  fileNames: readonly string[],
  histories: readonly string[],
): { name: string; head: HistoryHead; problem: Reason | string } {
  const head = usableHead(folder, named);
  if (isHead(head)) return { name: named, head, problem: '' };
  const others = histories
    .filter((name) => name !== named)
    .sort((a, b) => resetNumber(b) - resetNumber(a) || fileNames.indexOf(b) - fileNames.indexOf(a));
  for (const name of others) {
    const other = usableHead(folder, name);
    if (isHead(other)) return { name, head: other, problem: head };
  }
  throw new Unusable(named, head);
}

/** Which files and names are taken, and by whom. */
class Claims {
  readonly #path: string;
  readonly #files = new Map<string, { id: string; name: string }>();
  readonly #ids = new Map<string, string>();
  readonly #aliases = new Map<string, string>();
  readonly #known = new Set<string>();

  constructor(path: string) {
    this.#path = path;
  }

  addKnown({ id, alias, files }: KnownSession): void {
    this.#known.add(id);
    const stats = files.flatMap((file): [string, FileIdentity][] => {
      const found = fs.statSync(file, { throwIfNoEntry: false });
      return found ? [[file.slice(this.#path.length + 1), found]] : [];
    });
    this.add(id, alias, stats);
  }

  isKnown(id: string): boolean {
    return this.#known.has(id);
  }

  add(id: string, alias: string, files: readonly (readonly [string, FileIdentity])[]): void {
    for (const [name, identity] of files) this.#files.set(keyOf(identity), { id, name });
    this.#ids.set(id.toLowerCase(), id);
    if (alias !== '') this.#aliases.set(alias, id);
  }

  requireFree(name: string, identity: FileIdentity): void {
    const owner = this.#files.get(keyOf(identity));
    if (owner) {
      throw new Unusable(name, reason('journal-same-file', { file: owner.name, session: owner.id }));
    }
  }

  requireName(id: string, alias: string, journal: string): void {
    const sameId = this.#ids.get(id.toLowerCase());
    if (sameId !== undefined) throw new Unusable(journal, reason('journal-same-id', { session: sameId }));
    const sameAlias = this.#aliases.get(alias) ?? this.#ids.get(alias.toLowerCase());
    if (alias !== '' && sameAlias !== undefined) {
      throw new Unusable(journal, reason('journal-same-alias', { alias, session: sameAlias }));
    }
  }
}

const keyOf = ({ dev, ino }: FileIdentity): string => `${dev}:${ino}`;

class Unusable extends Error {
  readonly file: string;
  readonly why: Reason | string;

  constructor(file: string, why: Reason | string) {
    super(String(why));
    this.file = file;
    this.why = why;
  }
}
