// The folder in which sessions outlive the process: the same as drawpile-srv's (formats.md §6). Finds what is
// there, puts right what a crash left behind, and sets aside what can't be read. The files of one session are
// session-files.ts.
import * as fs from 'node:fs';
import { join } from 'node:path';
import { Fault } from '../../core/errors.js';
import { parseVersion } from '../../core/protocol/version.js';
import { addToSaved, parseJournalLine, unknownFlags } from '../../core/session/journal-text.js';
import type { FoundSession, SessionStore, StoredSession } from '../../core/session/needs.js';
import { emptySaved, type SavedSession } from '../../core/session/saved.js';
import { makeFolder } from '../files/folders.js';
import { readRegular, sizeLimits } from '../files/regular-file.js';
import type { Disk } from './disk.js';
import { type HistoryHead, readHead } from './history-head.js';
import { type FolderRules, SessionFiles } from './session-files.js';

/** Bad lines of one journal that are told; of more there is only the number. */
const maxTold = 10;

export interface SessionFolderOptions {
  /** Made with its parents when it is not there. */
  path: string;
  disk: Disk;
  /** The setting `archive`, read when it matters; a session's own choice goes first. */
  isArchiving(): boolean;
  /** Something that the log should tell; the session id where it is about one. */
  report(level: 'error' | 'warn' | 'info', message: string, sessionId: string): void;
}

/** A session whose files were left alone because they can't be read. */
export interface SetAside {
  id: string;
  file: string;
  why: string;
}

export class SessionFolder implements SessionStore {
  readonly isPersistent = true;
  /** What `load` could not read. */
  readonly setAside: SetAside[] = [];
  readonly #rules: FolderRules;
  readonly #sessions = new Map<string, SessionFiles>();

  /** Nothing is touched yet. */
  constructor(options: SessionFolderOptions) {
    this.#rules = {
      path: options.path,
      disk: options.disk,
      isArchiving: () => options.isArchiving(),
      report: (level, message, sessionId) => options.report(level, message, sessionId),
      forget: (id) => this.#sessions.delete(id),
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

  /**
   * Every session of the folder that isn't known yet. Reads journals and the heads of histories, nothing more, so
   * that a thousand large sessions don't delay the start. Throws a Fault when the folder can't be made, read or
   * written.
   */
  load(): FoundSession[] {
    const { path, report } = this.#rules;
    this.#requireFolder();
    const names = fs.readdirSync(path).sort();
    const histories = new Map<string, string[]>();
    for (const name of names) {
      const id = historyNamePattern.exec(name)?.[1];
      if (id === undefined) continue;
      const known = histories.get(id);
      if (known) known.push(name);
      else histories.set(id, [name]);
    }
    const found: FoundSession[] = [];
    for (const name of names) {
      if (!name.endsWith('.session')) continue;
      const id = name.slice(0, name.indexOf('.'));
      if (id === '' || this.#sessions.has(id)) continue;
      try {
        const files = this.#load(id, name, histories.get(id) ?? []);
        this.#sessions.set(id, files);
        found.push(files);
      } catch (error) {
        const [file, why] =
          error instanceof Unreadable ? [error.file, error.message] : [name, (error as Error).message];
        if (this.setAside.some((known) => known.id === id)) continue;
        this.setAside.push({ id, file: join(path, file), why });
        report('error', `session ${id} is set aside: ${join(path, file)}: ${why}`, id);
      }
    }
    return found;
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
  }

  #requireFolder(): void {
    const { path } = this.#rules;
    try {
      makeFolder(path);
      fs.accessSync(path, fs.constants.R_OK | fs.constants.W_OK | fs.constants.X_OK);
    } catch (error) {
      throw new Fault(`Cannot open ${path}: ${(error as Error).message}`, {
        cause: error,
        hint: 'the folder for sessions must be one that this user may read and write',
      });
    }
  }

  #load(id: string, journalName: string, historyNames: readonly string[]): SessionFiles {
    const { path, report } = this.#rules;
    const journalPath = join(path, journalName);
    const { bytes } = readRegular(journalPath, sizeLimits.journal);
    fs.accessSync(journalPath, fs.constants.W_OK);
    const saved = emptySaved(id, '');
    const fileNames = this.#sumUp(journalPath, bytes.toString('utf8'), saved);
    const current = fileNames.at(-1);
    if (current === undefined) throw new Unreadable(journalName, 'it has no FILE line');
    const chosen = this.#choose(current, fileNames, historyNames);
    const { head } = chosen;
    saved.protocol = head.protocol;
    const files = new SessionFiles(this.#rules, {
      saved,
      fileNames: chosen.name === current ? fileNames : [...fileNames, chosen.name],
      journalBytes: bytes.length,
      isJournalTorn: bytes.length > 0 && bytes[bytes.length - 1] !== 0x0a,
      headBytes: head.headBytes,
      historyBytes: head.sizeBytes,
    });
    if (chosen.name !== current) {
      report('warn', `${join(path, current)}: ${chosen.problem}; ${chosen.name} is used instead`, id);
      files.journal.adopt(chosen.name);
      return files;
    }
    for (const name of historyNames) {
      if (name !== current) this.#putRight(files, id, name, fileNames);
    }
    return files;
  }

  /** Adds up the lines; answers with the names of the FILE lines. Bad lines are told and skipped. */
  #sumUp(journalPath: string, text: string, saved: SavedSession): string[] {
    const fileNames: string[] = [];
    let badCount = 0;
    const tell = (line: number, why: string): void => {
      badCount++;
      if (badCount <= maxTold)
        this.#rules.report('warn', `${journalPath}:${line}: ${why}; ignored`, saved.id);
    };
    text.split('\n').forEach((lineText, i) => {
      const line = parseJournalLine(lineText);
      if (typeof line === 'string') tell(i + 1, line);
      else if (line?.key === 'file') fileNames.push(line.name);
      else if (line) addToSaved(saved, line);
      for (const word of unknownFlags(lineText)) tell(i + 1, `unknown flag "${word.slice(0, 40)}"`);
    });
    if (badCount > maxTold) {
      this.#rules.report('warn', `${journalPath}: ${badCount - maxTold} more lines are ignored`, saved.id);
    }
    return fileNames;
  }

  /**
   * The file with the session's history: what the last FILE line says. When that one can't be used, because a reset
   * was cut short (by a server that did not do it in the right order), the next or an earlier one that can.
   */
  #choose(
    current: string,
    fileNames: readonly string[],
    historyNames: readonly string[],
  ): { name: string; head: HistoryHead; problem: string } {
    const head = this.#usableHead(current);
    if (typeof head !== 'string') return { name: current, head, problem: '' };
    const others = historyNames
      .filter((name) => name !== current)
      .sort((a, b) => resetNumber(b) - resetNumber(a) || fileNames.indexOf(b) - fileNames.indexOf(a));
    for (const name of others) {
      const other = this.#usableHead(name);
      if (typeof other !== 'string') return { name, head: other, problem: head };
    }
    throw new Unreadable(current, head);
  }

  #usableHead(name: string): HistoryHead | string {
    const path = join(this.#rules.path, name);
    let head: HistoryHead | string;
    try {
      head = readHead(path);
      fs.accessSync(path, fs.constants.W_OK);
    } catch (error) {
      return (error as Error).message;
    }
    if (typeof head === 'string') return head;
    const version = parseVersion(head.protocol);
    if (version?.namespace !== 'dp' || version.server !== 4)
      return `its version ${head.protocol} is not known here`;
    return head.hasMessage ? head : 'the session is empty';
  }

  /** What an interrupted reset left: the file that should have gone, or one that was not finished. */
  #putRight(files: SessionFiles, id: string, name: string, fileNames: readonly string[]): void {
    const { path, report } = this.#rules;
    if (fileNames.includes(name)) {
      report('info', `${join(path, name)}: left behind by a reset that was done`, id);
      files.retireNamed(name);
    } else if (resetNumber(name) > fileNames.length && typeof this.#headOf(name) !== 'string') {
      report('info', `${join(path, name)}: a reset that was never finished; deleted`, id);
      fs.rmSync(join(path, name), { force: true });
    }
  }

  #headOf(name: string): HistoryHead | string {
    try {
      return readHead(join(this.#rules.path, name));
    } catch (error) {
      return (error as Error).message;
    }
  }
}

/** `ID.dprec`, `ID_r2.dprec`, `ID_r2 (1).dprec`. */
const historyNamePattern = /^([^._ ]+)(?:_r(\d+))?(?: \(\d+\))?\.dprec$/;

function resetNumber(name: string): number {
  return Number(historyNamePattern.exec(name)?.[2] ?? 1);
}

class Unreadable extends Error {
  readonly file: string;

  constructor(file: string, why: string) {
    super(why);
    this.file = file;
  }
}
