// The files of one session: history, journal, thumbnail, and their names (formats.md §6). session-folder.ts finds
// sessions and cleans up after a crash.
import * as fs from 'node:fs';
import { basename, join } from 'node:path';
import type { FoundSession, OpenedSession } from '../../core/session/needs.js';
import type { Doubt, HistoryPrint, SavedSession } from '../../core/session/saved.js';
import { makeFolder, syncFolder } from '../files/folders.js';
import { plainReason } from '../files/regular-file.js';
import { AppendFile } from './append-file.js';
import type { Disk } from './disk.js';
import { type HandedHistory, HistoryFile } from './history-file.js';
import { makeHead } from './history-head.js';
import type { HistoryPlace, Unsaved } from './history-place.js';
import { intactMessages } from './history-salvage.js';
import { archivedSuffix, damagedSuffix, endedSuffix, type FoundJournal, JournalFile } from './journal.js';
import { nextResetNumber } from './session-survey.js';
import { ThumbnailFile } from './thumbnail-file.js';

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
  /** The last of them. */
  history: string;
  journal: FoundJournal;
  headBytes: number;
  historyBytes: number;
}

/** What another process needs to continue with the files of a session. */
export interface HandedFiles {
  found: FoundFiles;
  history: HandedHistory;
  opened: OpenedSession | undefined;
}

export class SessionFiles implements FoundSession, HistoryPlace {
  readonly saved: SavedSession;
  readonly history: HistoryFile;
  readonly journal: JournalFile;
  readonly #rules: FolderRules;
  readonly #id: string;
  readonly #problems = new Map<'history' | 'journal', Error>();
  #onProblem: ((problem: string | undefined) => void) | undefined;
  #opened: OpenedSession | undefined;
  #isUnreadable = false;
  readonly #thumbnail: ThumbnailFile;

  /** The files of a new session (`saved` is all that is known), or of one that was found. */
  constructor(rules: FolderRules, content: SavedSession | FoundFiles) {
    this.#rules = rules;
    const found = 'fileNames' in content ? content : undefined;
    const saved = 'fileNames' in content ? content.saved : content;
    this.#id = saved.id;
    this.saved = structuredClone(saved);
    const thumbnail = join(rules.path, `${saved.id}.thumbnail`);
    this.#thumbnail = new ThumbnailFile(rules.disk, thumbnail, (error) =>
      rules.report('warn', `cannot write ${thumbnail}: ${error.message}`, this.#id),
    );
    this.journal = new JournalFile(
      rules.disk,
      join(rules.path, `${saved.id}.session`),
      { saved, fileNames: found?.fileNames ?? [], found: found?.journal },
      {
        reportProblem: (problem) => this.#reportProblem('journal', problem),
        lost: (what) => rules.report('error', `${what}; it is rewritten`, this.#id),
        unsaved: (count, problem) =>
          rules.report(
            'error',
            `${count} changes of settings or roles are lost: cannot write the journal: ${problem.message}`,
            this.#id,
          ),
      },
    );
    if (found) {
      const file = new AppendFile(rules.disk, join(rules.path, found.history), found.historyBytes);
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
      // The history retries by itself and reports what is wrong.
    }
    if (file) this.journal.begin(basename(file.path));
    else this.journal.beginLater();
    this.history = HistoryFile.begin(rules.disk, this, file);
    this.#watch();
  }

  /** Called at once for what is wrong already: the files are there before anybody can listen. */
  set onProblem(report: ((problem: string | undefined) => void) | undefined) {
    this.#onProblem = report;
    const [problem] = this.#problems.values();
    if (problem) report?.(plainReason(problem));
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
        const message = `cannot read ${this.history.path}: ${error.message}`;
        this.#rules.report('error', message, this.#id);
        done({ error: message });
      },
    );
  }

  /** For `SessionFolder.takeOver` of a successor of this process. */
  handOver(): HandedFiles | undefined {
    const journal = this.journal.handOver();
    const history = this.history.handOver();
    if (!journal || !history || this.#problems.size > 0 || !this.#thumbnail.isIdle) return undefined;
    const { saved, fileNames } = this.journal;
    const { file, headBytes, sizeBytes } = history;
    const found = { saved, fileNames, history: file, journal, headBytes, historyBytes: sizeBytes };
    return { found, history, opened: this.#opened };
  }

  /** Continues with files that a predecessor of this process was working with. */
  static takeOver(rules: FolderRules, handed: HandedFiles): SessionFiles {
    const files = new SessionFiles(rules, handed.found);
    if (handed.history.read === undefined) return files;
    files.history.takeOver(handed.history);
    files.#opened = handed.opened ?? { usedIds: [], lastIndex: files.history.lastIndex };
    files.#watch();
    return files;
  }

  saveThumbnail(bytes: Uint8Array): void {
    this.#thumbnail.save(bytes);
  }

  removeThumbnail(done: (error: Error | undefined) => void): void {
    this.#thumbnail.remove(done);
  }

  loadThumbnail(done: (thumbnail: { at: number; bytes: Uint8Array } | undefined) => void): void {
    this.#thumbnail.load(done);
  }

  async createNext(fork: number | undefined): Promise<AppendFile> {
    makeFolder(this.#rules.path);
    return this.#createHistory(fork);
  }

  async makeCurrent(file: AppendFile, firstIndex: number | undefined): Promise<void> {
    // The name of the new file has to be safe before the journal speaks of it.
    await syncFolder(this.#rules.path);
    await this.journal.makeCurrent(basename(file.path), firstIndex);
  }

  retire(file: AppendFile): void {
    file.close();
    const done = (error: NodeJS.ErrnoException | null): void => {
      if (error && error.code !== 'ENOENT') {
        this.#rules.report('warn', `cannot delete ${file.path}: ${error.message}`, this.#id);
      }
    };
    if (this.#isArchiving) this.#archive(file.path, done);
    else fs.unlink(file.path, done);
  }

  /** A file of which something was lost is kept under another name, so that an administrator can search it. */
  retireDamaged(file: AppendFile, lostBytes: number): void {
    if (lostBytes === 0) {
      this.retire(file);
      return;
    }
    file.close();
    const kept = `${file.path}${damagedSuffix}`;
    const what = `${lostBytes} bytes of this session are lost: ${file.path} was modified by another program`;
    let rest = 'the rest was copied to a new file';
    try {
      // Immediately: the server may be about to end.
      fs.renameSync(file.path, kept);
      rest += `, and the damaged one was renamed to ${kept}`;
    } catch {
      // It is where it was, or nowhere.
    }
    this.#rules.report('error', `${what}; ${rest}`, this.#id);
  }

  salvage(bytes: Buffer): Buffer {
    return intactMessages(this.saved.protocol, bytes);
  }

  printsOf(file: AppendFile): readonly HistoryPrint[] {
    const name = basename(file.path);
    return this.journal.saved.prints.filter((print) => print.file === name);
  }

  /** The same for a file that only a journal knows of. */
  retireNamed(name: string): void {
    this.retire(new AppendFile(this.#rules.disk, join(this.#rules.path, name), 0));
  }

  printed(file: AppendFile, prints: readonly Omit<HistoryPrint, 'file'>[]): void {
    for (const print of prints) this.journal.write({ key: 'print', file: basename(file.path), ...print });
  }

  reportProblem(problem: Error | undefined): void {
    this.#reportProblem('history', problem);
  }

  unreadable(problem: Error | undefined): void {
    if (problem && this.#isUnreadable) return;
    this.#isUnreadable = problem !== undefined;
    if (problem) {
      const message = `cannot read ${this.history.path}: ${problem.message}; users who need it wait until it can be read`;
      this.#rules.report('error', message, this.#id);
    } else {
      this.#rules.report('info', `${this.history.path} can be read again`, this.#id);
    }
  }

  ended(end: 'keep' | 'delete' | 'archive', file: AppendFile | undefined, unsaved: Unsaved): void {
    this.journal.close();
    file?.close();
    this.#rules.disk.noteProblem(this, undefined);
    if (end === 'keep') {
      const written = [this.journal.whenIdle(), this.#thumbnail.whenIdle()];
      this.#rules.forget(
        this.#id,
        Promise.all(written).then(() => undefined),
      );
      if (unsaved.bytes > 0) this.#rules.report('error', textOfUnsaved(unsaved, file?.path), this.#id);
      return;
    }
    const journal = join(this.#rules.path, `${this.#id}.session`);
    // What a repair kept goes too.
    const histories = this.journal.fileNames.map((name) => join(this.#rules.path, name));
    const paths = [...histories, journal].map((path) => `${path}${damagedSuffix}`);
    this.#thumbnail.forget();
    paths.push(this.#thumbnail.path);
    if (file) paths.push(file.path);
    this.#rules.forget(this.#id, this.#putAwayAll(paths, journal, end));
  }

  /** The journal last: as long as it is there, the next start continues with what was not finished. */
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

  #reportProblem(source: 'history' | 'journal', problem: Error | undefined): void {
    const before = this.#problems.size;
    if (problem) this.#problems.set(source, problem);
    else this.#problems.delete(source);
    if (problem && before === 0) {
      const message = `cannot write session files in ${this.#rules.path}: ${problem.message}`;
      this.#rules.report('error', `${message}; the session continues in memory`, this.#id);
      this.#rules.disk.noteProblem(this, message);
      this.#onProblem?.(plainReason(problem));
    } else if (!problem && before > 0 && this.#problems.size === 0) {
      this.#rules.report('info', `session files in ${this.#rules.path} are written again`, this.#id);
      this.#rules.disk.noteProblem(this, undefined);
      this.#onProblem?.(undefined);
    }
  }
}

/** What is lost when the server stops, and what the next start finds. */
function textOfUnsaved({ bytes, left }: Unsaved, path: string | undefined): string {
  if (left === 'the rest') return `${bytes} bytes of this session could not be written and are lost`;
  if (left === 'before the reset') {
    return (
      `the canvas of the last reset (${bytes} bytes) could not be written and is lost; ` +
      `${path} is kept: the next start continues with the canvas before the reset`
    );
  }
  return (
    `${path} ${left.damaged}, and no other file could be written: of ${bytes} bytes of this session, the next start ` +
    'finds only the rest of that file'
  );
}
