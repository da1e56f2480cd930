// The files of one session: history, journal, thumbnail, and their names (formats.md §6). Which sessions there
// are, and what is to be done with what a crash left behind, is for session-folder.ts.
import * as fs from 'node:fs';
import { basename, join } from 'node:path';
import type { FoundSession, OpenedSession } from '../../core/session/needs.js';
import type { Doubt, HistoryPrint, SavedSession } from '../../core/session/saved.js';
import { makeFolder, syncFolder } from '../files/folders.js';
import { fileModes, plainReason, readRegularAsync, sizeLimits } from '../files/regular-file.js';
import { AppendFile } from './append-file.js';
import type { Disk } from './disk.js';
import { HistoryFile, type HistoryPlace } from './history-file.js';
import { makeHead } from './history-head.js';
import { archivedSuffix, endedSuffix, type FoundJournal, JournalFile } from './journal.js';
import { nextResetNumber } from './session-survey.js';

/** What the files of a session know of the folder around them. */
export interface FolderRules {
  readonly path: string;
  readonly disk: Disk;
  /** The setting `archive`, read when it matters. */
  isArchiving(): boolean;
  report(level: 'error' | 'warn' | 'info', message: string, sessionId: string): void;
  /** The session is no longer the folder's. `whenPutAway`: nothing more happens to its files then. */
  forget(id: string, whenPutAway: Promise<void>): void;
}

/** A session as it was found. */
export interface FoundFiles {
  saved: SavedSession;
  fileNames: string[];
  journal: FoundJournal;
  headBytes: number;
  historyBytes: number;
}

export class SessionFiles implements FoundSession, HistoryPlace {
  readonly saved: SavedSession;
  readonly history: HistoryFile;
  readonly journal: JournalFile;
  onTrouble: ((problem: string | undefined) => void) | undefined;
  readonly #rules: FolderRules;
  readonly #id: string;
  readonly #troubled = new Set<'history' | 'journal'>();
  #opened: OpenedSession | undefined;
  #isUnreadable = false;
  #isSavingThumbnail = false;
  #nextThumbnail: Uint8Array | undefined;

  /** The files of a new session (`saved` is all that is known), or of one that was found. */
  constructor(rules: FolderRules, content: SavedSession | FoundFiles) {
    this.#rules = rules;
    const found = 'fileNames' in content ? content : undefined;
    const saved = 'fileNames' in content ? content.saved : content;
    this.#id = saved.id;
    this.saved = structuredClone(saved);
    this.journal = new JournalFile(
      rules.disk,
      join(rules.path, `${saved.id}.session`),
      { saved, fileNames: found?.fileNames ?? [], found: found?.journal },
      {
        trouble: (problem) => this.#tellTrouble('journal', problem),
        lost: (what) => rules.report('error', `${what}; it is written anew`, this.#id),
      },
    );
    if (found) {
      const file = new AppendFile(rules.disk, join(rules.path, found.fileNames.at(-1)!), found.historyBytes);
      const firstIndex = saved.first?.index ?? 0;
      const printedBytes = saved.prints.findLast((print) => print.file === basename(file.path))?.at ?? 0;
      this.history = HistoryFile.found(rules.disk, this, file, {
        headBytes: found.headBytes,
        firstIndex,
        printedBytes,
      });
      return;
    }
    let file: AppendFile | undefined;
    try {
      file = this.#createHistory(undefined);
    } catch {
      // The history tries on by itself and tells what is wrong.
    }
    if (file) this.journal.begin(basename(file.path));
    else this.journal.beginLater();
    this.history = HistoryFile.begin(rules.disk, this, file);
    this.#watch();
  }

  /** From now on files that go away are noticed. */
  #watch(): void {
    this.journal.watch();
    this.history.watch();
  }

  get doubts(): readonly Doubt[] {
    return this.journal.doubts;
  }

  settleDoubts(): void {
    this.journal.settleDoubts();
  }

  /** Paths of the files that are in use. */
  get paths(): string[] {
    const history = this.history.path;
    const journal = join(this.#rules.path, `${this.#id}.session`);
    return history === undefined ? [journal] : [journal, history];
  }

  open(done: (opened: OpenedSession) => void): void {
    if (this.#opened) {
      done(this.#opened);
      return;
    }
    this.history.open().then(
      (usedIds) => {
        this.#watch();
        this.#opened = { usedIds, lastIndex: this.history.foundIndex };
        done(this.#opened);
      },
      (error: Error) => {
        const message = `${this.history.path} cannot be read: ${error.message}`;
        this.#rules.report('error', message, this.#id);
        done({ error: message });
      },
    );
  }

  saveThumbnail(bytes: Uint8Array): void {
    this.#nextThumbnail = bytes;
    if (!this.#isSavingThumbnail) this.#saveThumbnail();
  }

  loadThumbnail(done: (thumbnail: { at: number; bytes: Uint8Array } | undefined) => void): void {
    const path = this.#thumbnailPath;
    readRegularAsync(path, sizeLimits.thumbnail).then(
      ({ bytes, stats }) => done({ at: stats.mtimeMs, bytes }),
      () => done(undefined),
    );
  }

  async createNext(fork: number | undefined): Promise<AppendFile> {
    makeFolder(this.#rules.path);
    return this.#createHistory(fork);
  }

  async makeCurrent(file: AppendFile, firstIndex: number): Promise<void> {
    // The name of the new file has to be safe before the journal speaks of it.
    await syncFolder(this.#rules.path);
    await this.journal.makeCurrent(basename(file.path), firstIndex);
  }

  retire(file: AppendFile): void {
    file.close();
    const done = (error: NodeJS.ErrnoException | null): void => {
      if (error && error.code !== 'ENOENT') {
        this.#rules.report('warn', `${file.path} is left behind: ${error.message}`, this.#id);
      }
    };
    if (this.#isArchiving) this.#archive(file.path, done);
    else fs.unlink(file.path, done);
  }

  /** The same for a file that only a journal knows of. */
  retireNamed(name: string): void {
    this.retire(new AppendFile(this.#rules.disk, join(this.#rules.path, name), 0));
  }

  printed(file: AppendFile, prints: readonly Omit<HistoryPrint, 'file'>[]): void {
    for (const print of prints) this.journal.write({ key: 'print', file: basename(file.path), ...print });
  }

  trouble(problem: Error | undefined): void {
    this.#tellTrouble('history', problem);
  }

  unreadable(problem: Error | undefined): void {
    if (problem && this.#isUnreadable) return;
    this.#isUnreadable = problem !== undefined;
    if (problem) {
      const message = `${this.history.path} cannot be read back: ${problem.message}; whoever needs it waits`;
      this.#rules.report('error', message, this.#id);
    } else {
      this.#rules.report('info', `${this.history.path} can be read again`, this.#id);
    }
  }

  ended(end: 'keep' | 'delete' | 'archive', file: AppendFile | undefined, unsavedBytes: number): void {
    this.journal.close();
    file?.close();
    this.#rules.disk.noteProblem(this, undefined);
    this.#nextThumbnail = undefined;
    const whenIdle = this.journal.whenIdle();
    if (end === 'keep') {
      this.#rules.forget(this.#id, whenIdle);
      if (unsavedBytes > 0) {
        const message = `${unsavedBytes} bytes of this session could not be written and are lost`;
        this.#rules.report('error', message, this.#id);
      }
      return;
    }
    const journal = join(this.#rules.path, `${this.#id}.session`);
    // What a repair kept goes too.
    const paths = [`${journal}.damaged`, this.#thumbnailPath];
    if (file) paths.push(file.path);
    this.#rules.forget(this.#id, this.#putAwayAll(paths, journal, end));
  }

  /** The journal last: as long as it is there, the next start goes on with what was not finished. */
  async #putAwayAll(paths: readonly string[], journal: string, end: 'delete' | 'archive'): Promise<void> {
    // A journal that is just being written would be there again.
    await new Promise<void>((resolve) => this.journal.whenStored(resolve));
    await this.journal.whenIdle();
    await this.#putAway(paths, end);
    await this.#putAway([journal], end);
    await this.#putAway([`${journal}${endedSuffix}`], 'delete');
  }

  async #putAway(paths: readonly string[], end: 'delete' | 'archive'): Promise<void> {
    const one = (path: string): Promise<void> =>
      new Promise((resolve) => {
        const done = (error: NodeJS.ErrnoException | null): void => {
          if (error && error.code !== 'ENOENT') {
            this.#rules.report('warn', `${path} is left behind: ${error.message}`, this.#id);
          }
          resolve();
        };
        if (end === 'archive') this.#archive(path, done);
        else fs.unlink(path, done);
      });
    await Promise.all(paths.map(one));
  }

  get #thumbnailPath(): string {
    return join(this.#rules.path, `${this.#id}.thumbnail`);
  }

  get #isArchiving(): boolean {
    return this.journal.saved.archive ?? this.#rules.isArchiving();
  }

  /** Renames, unless the name is taken: archives are never overwritten. */
  #archive(path: string, done: (error: NodeJS.ErrnoException | null) => void): void {
    const target = `${path}${archivedSuffix}`;
    fs.access(target, (error) => {
      if (!error) done(new Error(`${target} exists`));
      else fs.rename(path, target, done);
    });
  }

  /** `ID.dprec`, `ID_r2.dprec` …; a name that is taken gets a number as well. formats.md §6 */
  #createHistory(fork: number | undefined): AppendFile {
    const { path, disk } = this.#rules;
    const number = nextResetNumber(this.journal.fileNames);
    const base = number === 1 ? this.#id : `${this.#id}_r${number}`;
    const metadata: Record<string, string | number> = { version: this.saved.protocol };
    if (fork !== undefined) metadata.streamfork = fork;
    const head = makeHead(metadata);
    for (let i = 0; ; i++) {
      const name = i === 0 ? `${base}.dprec` : `${base} (${i}).dprec`;
      try {
        return AppendFile.create(disk, join(path, name), head);
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
      }
    }
  }

  #tellTrouble(source: 'history' | 'journal', problem: Error | undefined): void {
    const before = this.#troubled.size;
    if (problem) this.#troubled.add(source);
    else this.#troubled.delete(source);
    if (problem && before === 0) {
      const message = `session files in ${this.#rules.path} cannot be written: ${problem.message}`;
      this.#rules.report('error', `${message}; the session goes on in memory`, this.#id);
      this.#rules.disk.noteProblem(this, message);
      this.onTrouble?.(plainReason(problem));
    } else if (!problem && before > 0 && this.#troubled.size === 0) {
      this.#rules.report('info', `session files in ${this.#rules.path} are written again`, this.#id);
      this.#rules.disk.noteProblem(this, undefined);
      this.onTrouble?.(undefined);
    }
  }

  /** Whole or not at all: to a name of its own first. The newest wins. */
  #saveThumbnail(): void {
    const bytes = this.#nextThumbnail;
    this.#nextThumbnail = undefined;
    this.#isSavingThumbnail = bytes !== undefined;
    if (!bytes) return;
    const path = this.#thumbnailPath;
    const draft = `${path}.new`;
    const done = (error: NodeJS.ErrnoException | null): void => {
      if (error) this.#rules.report('warn', `${path} cannot be written: ${error.message}`, this.#id);
      this.#saveThumbnail();
    };
    // What is in the way is an older draft: not written on, and no link of that name is followed.
    fs.unlink(draft, () => {
      fs.writeFile(draft, bytes, { flag: 'wx', mode: fileModes.work }, (error) => {
        if (error) fs.unlink(draft, () => done(error));
        else fs.rename(draft, path, done);
      });
    });
  }
}
