// A settings file on disk: its stores, edits by atomic rename, and changes by other programs while the server runs.
// settings-file.ts reads its text.

import { Buffer } from 'node:buffer';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { requireUnusedName } from '../../admin/account-names.js';
import type {
  AccountStore,
  BanChange,
  BanKind,
  BanStore,
  ListServerStore,
  NewBan,
  SettingStore,
  StoredAccount,
  StoredBan,
  StoredProblem,
  Stores,
} from '../../admin/needs.js';
import { reason } from '../../core/errors/reason.js';
import { type Refusal, refusal } from '../../core/errors.js';
import type { ConfigProblem } from '../../core/settings/layers.js';
import { isSettingName, settingOfAlias, settingRow } from '../../core/settings/settings.js';
import { encodeText } from '../../core/text.js';
import { onGuardedPath } from '../files/guarded-path.js';
import { fileModes, reasonOf, sizeLimits, UnusableFile } from '../files/regular-file.js';
import { replaceFile } from '../files/replace-file.js';
import { readTextFileAsync, standardInput } from '../files/text-file.js';
import { lookRepeatedly, Settling, stampOf } from '../files/watch.js';
import { accountLine, readSettingsText, type SettingsFileContent, SettingsText } from './settings-file.js';
import { fileFault, readInput, readNow } from './settings-file-access.js';
import { requireAccountText, requireKeepable, requireOneLine } from './settings-file-limits.js';

export class SettingsFile implements Stores {
  readonly kind = 'file';
  readonly place: string;
  readonly log = undefined;
  readonly audit = undefined;
  readonly grants = undefined;
  readonly reports = undefined;
  readonly notes = undefined;
  #content: SettingsFileContent;
  #signature: string;
  /** Edits run one after the other. */
  #edits: Promise<unknown> = Promise.resolve();
  #unwatch: (() => void) | undefined;
  /** Why the file could not be read at the last check; reported once. */
  #problem: string | undefined;
  readonly #settling = new Settling();
  readonly #listeners = new Set<(content: SettingsFileContent) => void>();
  #onProblems: ((problems: readonly ConfigProblem[], isApplied: boolean) => void) | undefined;

  private constructor(place: string, content: SettingsFileContent, signature: string) {
    this.place = place;
    this.#content = content;
    this.#signature = signature;
  }

  /**
   * Reads the file; one that is missing is an empty one (config.md §2), made when something is stored; `-` is
   * standard input, which cannot be changed. Refusal when it is not a file or no text, Fault when it cannot be read.
   */
  static open(file: string): SettingsFile {
    if (file === standardInput) return new SettingsFile(file, readSettingsText(readInput()), '');
    const place = path.resolve(file);
    const now = readNow(place, file);
    if (now) return new SettingsFile(place, readSettingsText(now.text), now.signature);
    const { text: message, hint = '' } = reason('settings-file-missing');
    const missing: ConfigProblem = {
      subject: `the settings file ${place}`,
      message,
      severity: 'warning',
      hint,
    };
    return new SettingsFile(place, { ...readSettingsText(''), problems: [missing] }, '');
  }

  /** What the file says, as far as it is applied. */
  get content(): SettingsFileContent {
    return this.#content;
  }

  problems(): readonly StoredProblem[] {
    return this.#content.problems.map(({ line, subject, message, hint }) => ({
      ...(line === undefined ? {} : { line }),
      message: `${subject}: ${message}`,
      ...(hint === undefined ? {} : { hint }),
    }));
  }

  /** Called with the entire new content after each change from any source. Returns a function that stops it. */
  subscribe(listener: (content: SettingsFileContent) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /**
   * Follows changes by others until `stop`. A change that brings new errors is not applied at all; `onProblems`
   * is notified of them, and of new warnings in one that is.
   */
  watch(onProblems: (problems: readonly ConfigProblem[], isApplied: boolean) => void): void {
    this.#onProblems = onProblems;
    if (this.place === standardInput) return;
    this.#unwatch = lookRepeatedly(() => this.#look());
  }

  /** Ends watching, after edits that are under way. */
  async stop(): Promise<void> {
    this.#unwatch?.();
    await this.#edits.catch(() => undefined);
  }

  readonly settings: SettingStore = {
    // Where only the manual's spelling is there, it is what holds (core/settings/layers.ts).
    all: () => {
      const texts = new Map<string, string>();
      for (const { key, text } of this.#content.pairs) {
        if (settingOfAlias(key) === undefined) texts.set(key, text);
      }
      for (const { key, text } of this.#content.pairs) {
        const name = settingOfAlias(key);
        if (name !== undefined && !this.#content.pairs.some((pair) => pair.key === name))
          texts.set(name, text);
      }
      return texts;
    },
    change: (values) =>
      this.#edit((text) => {
        for (const [name, value] of values) {
          if (value !== undefined) requireOneLine(name, value);
          text.setSetting(name, value, isSettingName(name) ? settingRow(name).aliases : []);
        }
      }),
  };

  readonly accounts: AccountStore = {
    all: () => this.#content.accounts.map(({ line: _, ...account }) => account),
    add: async (account) => {
      await this.#edit((text, content) => {
        requireUnusedName(content.accounts, account.name);
        requireAccountText(account);
        text.add('users', accountLine(account));
      });
      return this.#account(account.name);
    },
    change: (id, change) =>
      this.#edit((text, content) => {
        const old = content.accounts.find((account) => account.id === id);
        if (!old) return false;
        const account = { ...old, ...change };
        if (account.name !== old.name) requireUnusedName(content.accounts, account.name);
        requireAccountText(account);
        if (old.isLocked && !account.isLocked && account.password === '') {
          throw refusal('account-locked-for-good', { account: old.name });
        }
        text.replace(old.line, accountLine(account));
        return true;
      }),
    remove: (id) =>
      this.#edit((text, content) => {
        const old = content.accounts.find((account) => account.id === id);
        if (old) text.remove(old.line);
        return old !== undefined;
      }),
  };

  readonly bans: BanStore = {
    keepsDetails: false,
    all: () => this.#content.bans.map(({ line: _, ...ban }) => ban as StoredBan),
    add: async (ban) => {
      const known = await this.#edit((text, content) => {
        const same = content.bans.find((other) => isSameBan(other, ban));
        if (same) return same;
        requireKeepable(ban);
        if (ban.kind === 'ip') text.add('ipbans', ban.bits ? `${ban.address}/${ban.bits}` : ban.address);
        else if (ban.kind === 'client') text.add('systembans', idLine(ban.sid, ban.reaction));
        else text.add('userbans', idLine(String(ban.userId), ban.reaction));
        return undefined;
      });
      const added = known ?? this.#content.bans.find((other) => isSameBan(other, ban));
      if (added === undefined) throw refusal('ban-not-found', { ban: ban.kind });
      const { line: _, ...stored } = added;
      return stored as StoredBan;
    },
    change: (kind, id, change) => this.#changeBan(kind, id, change),
    remove: (bans) =>
      this.#edit((text, content) => {
        const lines = content.bans
          .filter((ban) => bans.some(({ kind, id }) => ban.kind === kind && ban.id === id))
          .map(({ line }) => line);
        for (const line of lines.sort((a, b) => b - a)) text.remove(line);
        return lines.length;
      }),
  };

  readonly listServers: ListServerStore = {
    entries: 'urls',
    all: () => this.#content.listServers.map(({ url }) => url),
    replace: (list) =>
      this.#edit((text, content) => {
        for (const url of list) {
          requireOneLine('a list server', url);
          if (/^\s*(#|\[|$)/.test(url)) {
            throw refusal('list-server-not-in-file', { entry: url });
          }
        }
        const kept = new Set(list);
        const known = new Set<string>();
        for (const { url, line } of [...content.listServers].reverse()) {
          if (kept.has(url)) known.add(url);
          else text.remove(line);
        }
        for (const url of list) if (!known.has(url)) text.add('announcewhitelist', url.trim());
      }),
  };

  #changeBan(kind: BanKind, id: number, change: BanChange): Promise<boolean> {
    return this.#edit((text, content) => {
      const old = content.bans.find((ban) => ban.kind === kind && ban.id === id);
      if (!old) return false;
      requireKeepable({ ...change });
      if (old.kind === 'client') text.replace(old.line, idLine(old.sid, change.reaction ?? old.reaction));
      if (old.kind === 'user')
        text.replace(old.line, idLine(String(old.userId), change.reaction ?? old.reaction));
      return true;
    });
  }

  #account(name: string): StoredAccount {
    const found = this.#content.accounts.find((known) => known.name === name);
    if (found === undefined) throw refusal('account-not-found', { account: name });
    const { line: _, ...account } = found;
    return account;
  }

  /** Reads the file afresh, lets `change` edit its text, and puts the result in its place in one step. */
  #edit<T>(change: (text: SettingsText, content: SettingsFileContent) => T): Promise<T> {
    const run = async (): Promise<T> => {
      if (this.place === standardInput) {
        throw refusal('settings-from-input');
      }
      // One way for reading and writing: what is written has nothing of a file elsewhere.
      const answer = await onGuardedPath(this.place, (place) => this.#editAt(place, change), {
        followsLast: true,
      }).catch((error: unknown) => {
        // The way to the file: a folder that is missing, or a circle of links.
        throw (error as NodeJS.ErrnoException).syscall ? fileFault(this.place, 'written', error) : error;
      });
      const now = readNow(this.place, this.place);
      // Edits that changed nothing leave a missing file missing.
      if (now) this.#apply(readSettingsText(now.text), now.signature);
      return answer;
    };
    const result = this.#edits.then(run, run);
    this.#edits = result.catch(() => undefined);
    return result;
  }

  async #editAt<T>(
    place: string,
    change: (text: SettingsText, content: SettingsFileContent) => T,
  ): Promise<T> {
    const before = readNow(place, this.place, { refusesLink: place !== this.place });
    if (before === undefined && this.#signature !== '') throw this.#isGone();
    const { text, encoding } = before ?? ({ text: '', encoding: 'utf-8' } as const);
    const edited = new SettingsText(text);
    const answer = change(edited, readSettingsText(text));
    const after = edited.toString();
    if (after === text) return answer;
    try {
      // A new file may hold passwords: nobody else reads it. An old one keeps its mode and owner.
      const bytes = Buffer.from(encodeText(after, encoding));
      await replaceFile(place, bytes, before ? {} : { mode: fileModes.secret });
    } catch (cause) {
      throw fileFault(this.place, 'written', cause);
    }
    return answer;
  }

  async #look(): Promise<void> {
    try {
      const before = await fs.promises.stat(this.place);
      const signature = stampOf(before);
      if (signature === this.#signature) {
        this.#problem = undefined;
        return;
      }
      // Someone may be in the middle of writing: it counts when it is the same twice.
      if (!this.#settling.hasSettled(signature)) return;
      const { text } = await readTextFileAsync(this.place, sizeLimits.settings);
      if (stampOf(await fs.promises.stat(this.place)) !== signature) return;
      this.#signature = signature;
      this.#problem = undefined;
      const content = readSettingsText(text);
      const known = new Set(this.#content.problems.map(problemKey));
      const fresh = content.problems.filter((problem) => !known.has(problemKey(problem)));
      const isApplied = !fresh.some(({ severity }) => severity === 'error');
      if (isApplied) this.#apply(content, signature);
      if (fresh.length > 0) this.#onProblems?.(fresh, isApplied);
    } catch (error) {
      this.#settling.forget();
      this.#reportProblem(error);
    }
  }

  /** Gone, unreadable or no text: the last state holds (config.md §2), and that is said once. */
  #reportProblem(error: unknown): void {
    const isMissing = (error as NodeJS.ErrnoException).code === 'ENOENT';
    // A file that does not exist yet is created by the first write.
    if (isMissing && this.#signature === '') return;
    const why = String(isMissing ? reason('file-gone') : reasonOf(error));
    if (why === this.#problem) return;
    this.#problem = why;
    const hint = error instanceof UnusableFile ? error.reason.hint : undefined;
    const problem: ConfigProblem = {
      subject: `the settings file ${this.place}`,
      message: reason('settings-of-before', { problem: why }).text,
      severity: 'warning',
      ...(hint !== undefined && { hint }),
    };
    this.#onProblems?.([problem], true);
  }

  #isGone(): Refusal {
    return refusal('settings-gone', { file: this.place });
  }

  #apply(content: SettingsFileContent, signature: string): void {
    this.#signature = signature;
    this.#content = content;
    for (const listener of [...this.#listeners]) listener(content);
  }
}

/** The same trouble on another line is not new. */
function problemKey({ subject, message }: ConfigProblem): string {
  return `${subject}\n${message}`;
}

function idLine(who: string, reaction: string): string {
  return reaction === 'normal' ? who : `${who}:${reaction}`;
}

function isSameBan(ban: StoredBan, other: NewBan): boolean {
  if (ban.kind === 'ip')
    return other.kind === 'ip' && ban.address === other.address && ban.bits === other.bits;
  if (ban.kind === 'client') return other.kind === 'client' && ban.sid === other.sid;
  return other.kind === 'user' && ban.userId === other.userId;
}
