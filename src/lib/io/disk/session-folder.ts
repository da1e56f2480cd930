// The folder of stored sessions, the same as drawpile-srv's (formats.md §6). Loads the sessions, cleans up after a
// crash, and sets aside what is unusable. session-survey.ts decides to which session a file belongs;
// session-files.ts has the files of one session.
import * as fs from 'node:fs';
import { basename, join } from 'node:path';
import { Reason } from '../../core/errors/reason.js';
import { fault } from '../../core/errors.js';
import { doubtLine } from '../../core/session/journal-reading.js';
import { crc32, seal } from '../../core/session/journal-seals.js';
import type {
  AdoptedSession,
  FoundSession,
  RepairedSession,
  SessionStore,
  StoredSession,
  StoreProblems,
} from '../../core/session/needs.js';
import { emptySaved } from '../../core/session/saved.js';
import { makeFolder } from '../files/folders.js';
import { writeAt, writeAtomic } from './atomic-write.js';
import type { Disk, Sweepable } from './disk.js';
import { readHead } from './history-head.js';
import { archivedSuffix, type FoundJournal } from './journal.js';
import { type FolderRules, type HandedFiles, SessionFiles } from './session-files.js';
import { adoptHistory, repairSession } from './session-repair.js';
import {
  forgetHistory,
  nextResetNumber,
  resetNumber,
  type SetAside,
  type SurveyedSession,
  surveyFolder,
  type UnfinishedEnd,
} from './session-survey.js';

/** Bad lines of one journal, and stray files, that are reported one by one; of more there is only the number. */
const reportedAtMost = 10;

export interface SessionFolderOptions {
  /** Made with its parents when it is not there. */
  path: string;
  disk: Disk;
  /** The setting `archive`, read when it matters; a session's own choice goes first. */
  isArchiving(): boolean;
  /** Something for the log; the session id where it is about one. */
  report(level: 'error' | 'warn' | 'info', message: string, sessionId?: string): void;
}

/** In every so many sweeps the folder is looked at: are the journals of all sessions there? */
const lookSweeps = 8;

export class SessionFolder implements SessionStore, Sweepable {
  readonly isPersistent = true;
  /** What `load` could not use. */
  setAside: readonly SetAside[] = [];
  /** Histories that `load` found and no journal speaks of: names. */
  orphans: readonly string[] = [];
  readonly #rules: FolderRules;
  readonly #report: SessionFolderOptions['report'];
  readonly #sessions = new Map<string, SessionFiles>();
  /** Sessions that ended and whose files are still worked on. */
  readonly #leaving = new Set<Promise<void>>();

  /** Nothing is touched yet. */
  constructor(options: SessionFolderOptions) {
    this.#report = (level, message, sessionId) => options.report(level, message, sessionId);
    this.#rules = {
      path: options.path,
      disk: options.disk,
      isArchiving: () => options.isArchiving(),
      report: this.#report,
      forget: (id, whenPutAway) => {
        this.#sessions.delete(id);
        const leaving = whenPutAway.finally(() => this.#leaving.delete(leaving));
        this.#leaving.add(leaving);
      },
    };
  }

  create(session: { id: string; protocol: string; alias: string; founder: string }): StoredSession {
    const saved = {
      ...emptySaved(session.id, session.protocol),
      alias: session.alias,
      founder: session.founder,
    };
    const files = new SessionFiles(this.#rules, saved);
    this.#sessions.set(session.id, files);
    return files;
  }

  /** A predecessor of this process had the folder: nothing is looked for, and nothing read. */
  takeOver(handed: unknown): StoredSession & FoundSession {
    const files = SessionFiles.takeOver(this.#rules, handed as HandedFiles);
    this.#sessions.set(files.saved.id, files);
    this.#rules.disk.sweepLater(this);
    return files;
  }

  /** Sessions that have ended and whose files are still worked on. */
  get isSettled(): boolean {
    return this.#leaving.size === 0;
  }

  /**
   * Every session of the folder that is not known yet. Reads journals and the heads of histories, nothing more, so
   * that a thousand large sessions do not delay the start. Throws a Fault when the folder cannot be made, read or
   * written.
   */
  load(): FoundSession[] {
    const { path } = this.#rules;
    this.#requireFolder();
    const known = [...this.#sessions].map(([id, files]) => ({
      id,
      alias: files.journal.saved.alias,
      files: files.paths,
    }));
    const { sessions, setAside, orphans, unfinished } = surveyFolder(path, { known, isForWriting: true });
    if (this.#leaving.size === 0) for (const each of unfinished) this.#finishEnd(each);
    const found = sessions.map((session) => {
      const files = this.#take(session);
      this.#sessions.set(session.id, files);
      return files;
    });
    for (const each of setAside) {
      const isReported = this.setAside.some(
        ({ id, why }) => id === each.id && String(why) === String(each.why),
      );
      if (!isReported)
        this.#report('error', `session ${each.id} is set aside: ${each.file}: ${each.why}`, each.id);
    }
    if (this.#sessions.size > 0) this.#rules.disk.sweepLater(this);
    this.#reportOrphans(orphans.filter((name) => !this.orphans.includes(name)));
    this.setAside = setAside;
    this.orphans = orphans;
    return found;
  }

  problems(): StoreProblems {
    const setAside = this.setAside.map(({ id, file, why }) => ({
      id,
      file,
      why: String(why),
      ...(why instanceof Reason && { reason: why.code }),
    }));
    return { folder: this.#rules.path, setAside, orphans: this.orphans };
  }

  /** Sessions that nobody has opened yet are only looked for by name; the files of the others are watched. */
  sweep(): boolean {
    if (this.#rules.disk.tick % lookSweeps === 0) {
      fs.readdir(this.#rules.path, (error, names) => {
        if (error) return;
        const present = new Set(names);
        for (const [id, files] of this.#sessions) {
          const [, history] = files.paths;
          // Where all of it is gone somebody wanted that.
          const isLeft = history !== undefined && present.has(basename(history));
          if (!present.has(`${id}.session`) && isLeft) files.journal.check();
        }
      });
    }
    return this.#sessions.size > 0;
  }

  async repair(id: string): Promise<RepairedSession> {
    const files = this.#sessions.get(id);
    if (files) await new Promise<void>((resolve) => files.history.whenSettled(resolve));
    await Promise.all(this.#leaving);
    return repairSession(this.#rules.path, id);
  }

  adopt(name: string): AdoptedSession {
    return adoptHistory(this.#rules.path, join(this.#rules.path, name));
  }

  /** Closes what still is open, keeping it; resolves when everything is written. */
  async stop(): Promise<void> {
    const sessions = [...this.#sessions.values()];
    await Promise.all(
      sessions.map(({ history }) => {
        history.close('keep');
        return new Promise<void>((resolve) => history.whenSettled(resolve));
      }),
    );
    await Promise.all(this.#leaving);
  }

  #requireFolder(): void {
    const { path } = this.#rules;
    try {
      makeFolder(path);
      fs.accessSync(path, fs.constants.R_OK | fs.constants.W_OK | fs.constants.X_OK);
    } catch (error) {
      throw fault('sessions-folder-unusable', { folder: path, reason: (error as Error).message }, error);
    }
  }

  /** A server was killed when this session was over, and before all of its files were put away. */
  #finishEnd({ id, how, files }: UnfinishedEnd): void {
    for (const name of files) {
      const file = join(this.#rules.path, name);
      try {
        if (how === 'delete') fs.rmSync(file, { force: true });
        else if (!fs.existsSync(`${file}${archivedSuffix}`)) fs.renameSync(file, `${file}${archivedSuffix}`);
      } catch (error) {
        this.#report('warn', `cannot delete ${file}: ${(error as Error).message}`, id);
        return;
      }
    }
    const what = how === 'delete' ? 'deleted' : 'archived';
    this.#report(
      'info',
      `session ${id} had ended before the server stopped; its remaining files were ${what}`,
      id,
    );
  }

  #reportOrphans(names: readonly string[]): void {
    const { path } = this.#rules;
    for (const name of names.slice(0, reportedAtMost)) {
      this.#report(
        'warn',
        `${join(path, name)} has no journal, so no session uses it; to create a session from it: dp session adopt`,
      );
    }
    if (names.length > reportedAtMost) {
      this.#report('warn', `${names.length - reportedAtMost} more histories in ${path} have no journal`);
    }
  }

  #take(session: SurveyedSession): SessionFiles {
    const { path } = this.#rules;
    const { id, reading, history, head, instead } = session;
    this.#reportReading(session);
    forgetForeignIndexes(reading, history);
    const found = this.#sealUp(session);
    const files = new SessionFiles(this.#rules, {
      saved: reading.saved,
      fileNames: instead ? [...reading.fileNames, history] : reading.fileNames,
      history,
      journal: found,
      headBytes: head.headBytes,
      historyBytes: head.sizeBytes,
    });
    if (instead) {
      const named = join(path, instead.named);
      this.#report('warn', `cannot use ${named}: ${instead.why}; ${history} is used instead`, id);
      files.journal.adopt(history);
      return files;
    }
    if (session.cut) {
      const { fromBytes, holds } = session.cut;
      const bytes = `${fromBytes - head.sizeBytes} bytes`;
      this.#report('error', `${join(path, history)}: ${bytes} are missing at the end; the rest is used`, id);
      files.journal.write({ key: 'print', ...holds });
    }
    for (const name of session.others) this.#putRight(files, session, name);
    return files;
  }

  /** What is wrong with the lines of a journal. */
  #reportReading({ id, reading }: SurveyedSession): void {
    const { remarks, doubts, unfinishedBytes } = reading;
    const journal = join(this.#rules.path, `${id}.session`);
    for (const { line, why } of remarks.slice(0, reportedAtMost)) {
      this.#report('warn', `${journal}:${line}: ${why}; ignored`, id);
    }
    if (remarks.length > reportedAtMost) {
      this.#report('warn', `${journal}: ${remarks.length - reportedAtMost} more lines are ignored`, id);
    }
    if (unfinishedBytes > 0) {
      const bytes = `${unfinishedBytes} bytes`;
      this.#report('warn', `${journal}: the last line is incomplete (${bytes}); ignored`, id);
    }
    if (doubts.length === 0) return;
    const isShut = doubts.some((doubt) => doubt.isShut);
    const what = isShut ? 'it is never deleted and only moderators can join' : 'it is treated as persistent';
    const reasons = doubts.map(({ why }) => why).join('; ');
    this.#report(
      'error',
      `session ${id} is in doubt: ${journal}: ${reasons}; ${what} until repaired with: dp session repair ${id}`,
      id,
    );
  }

  /**
   * Gives lines that had no checksum one. What an unfinished line gave reason to doubt is written down before that
   * line goes.
   */
  #sealUp({ id, reading, journalBytes, journalIdentity: identity }: SurveyedSession): FoundJournal {
    const { doubts, end, unfinishedBytes } = reading;
    const doubtLines = unfinishedBytes > 0 ? doubts.map(doubtLine) : [];
    const sum = crc32(journalBytes.subarray(0, end.sizeBytes));
    if (end.prefix === '' && doubtLines.length === 0) return { end, sum, doubts, identity };
    const file = join(this.#rules.path, `${id}.session`);
    const sealed = doubtLines.length > 0 ? seal(doubtLines, end.chain) : undefined;
    const added = Buffer.concat([Buffer.from(end.prefix), ...(sealed ? [sealed.bytes] : [])]);
    const sizeBytes = end.sizeBytes + added.length;
    const after = { sizeBytes, chain: sealed?.chain ?? end.chain, prefix: '' };
    try {
      if (sealed) {
        const contents = Buffer.concat([journalBytes.subarray(0, end.sizeBytes), added]);
        return { end: after, sum: crc32(contents), doubts, identity: writeAtomic(file, contents) };
      }
      writeAt(file, end.sizeBytes, added);
      return { end: after, sum: crc32(added, sum), doubts, identity };
    } catch (error) {
      this.#report('warn', `cannot write ${file}: ${(error as Error).message}`, id);
      return { end, sum, doubts, identity };
    }
  }

  /** What an interrupted reset left: the file that should have gone, or one that was not finished. */
  #putRight(files: SessionFiles, { id, history, reading }: SurveyedSession, name: string): void {
    const { path } = this.#rules;
    const { fileNames } = reading;
    // Only a journal that is trusted gives reason to delete anything, and a file that may be somebody else's does not
    // take the place of one.
    if (files.journal.doubts.length > 0 || isShared(join(path, history))) return;
    if (fileNames.includes(name)) {
      this.#report(
        'info',
        `${join(path, name)}: deleted, because the reset that replaces it is complete`,
        id,
      );
      files.retireNamed(name);
    } else if (resetNumber(name) >= nextResetNumber(fileNames) && this.#hasHead(name)) {
      this.#report('info', `${join(path, name)}: deleted, because the reset was never completed`, id);
      fs.rmSync(join(path, name), { force: true });
    }
  }

  #hasHead(name: string): boolean {
    try {
      return !(readHead(join(this.#rules.path, name)) instanceof Reason);
    } catch {
      return false;
    }
  }
}

/** Whether other names, here or elsewhere, lead to the file. */
function isShared(file: string): boolean {
  const stats = fs.lstatSync(file, { throwIfNoEntry: false });
  return stats === undefined || stats.isSymbolicLink() || stats.nlink > 1;
}

/** Indexes that were written for another history: a server that writes none has made this one. */
function forgetForeignIndexes({ saved, fileNames }: SurveyedSession['reading'], history: string): void {
  const isOurs = saved.first ? saved.first.file === history : fileNames.length === 1;
  if (isOurs && fileNames.at(-1) === history) return;
  forgetHistory(saved);
}
