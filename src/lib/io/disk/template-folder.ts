// The folder of session templates: its files, what each one offers, and the problems of unusable ones. Watched while
// the server runs. formats.md §7; core/recording/template.ts reads a file.
import * as fs from 'node:fs';
import { join } from 'node:path';
import { reason } from '../../core/errors/reason.js';
import { refusal } from '../../core/errors.js';
import type { Problem } from '../../core/recording/items.js';
import { type Template, TemplateReader, type TemplateSettings } from '../../core/recording/template.js';
import type { Passwords, SessionTemplate, Templates } from '../../core/session/needs.js';
import { emptySaved, type SavedSession } from '../../core/session/saved.js';
import { isValidAlias } from '../../core/session/session-id.js';
import { readPasswordForm } from '../../core/settings/password-form.js';
import { type SessionFlag, templateFlags } from '../../core/settings/session-settings.js';
import { requireFolder, whyNoFolder } from '../files/folders.js';
import { plainReason } from '../files/regular-file.js';
import { lookRepeatedly, Settling, stampAt } from '../files/watch.js';
import { openRecording, readRecordingNow } from './recording-file.js';

/** `*.dprec *.dptxt`, packed or with something behind it. */
const namePattern = /\.(dprec|dptxt)(z|\..*)?$/i;
/** Files that are still being written by someone who renames them afterwards. */
const draftPattern = /\.(part|tmp|new|crdownload)$/i;
/** A file of the folder. */
export interface TemplateEntry {
  file: string;
  alias: string;
  /** Why it is not offered. */
  error: string | undefined;
  /** What is doubtful or was skipped. */
  problems: readonly Problem[];
  template: SessionTemplate | undefined;
  messageCount: number;
}

export interface TemplateFolderOptions {
  path: string;
  /** Makes stored forms of passwords that stand in a template as they are. */
  passwords: Pick<Passwords, 'hash'>;
  report(level: 'warn' | 'info', message: string): void;
}

interface KnownFile {
  entry: TemplateEntry;
  /** Identifies a state of the file. */
  stamp: string;
}

export class TemplateFolder implements Templates {
  onChange: ((alias: string) => void) | undefined;
  readonly #options: TemplateFolderOptions;
  readonly #files = new Map<string, KnownFile>();
  #byAlias = new Map<string, SessionTemplate>();
  #unwatch: (() => void) | undefined;
  readonly #settling = new Settling();
  /** Of all files together, at the last scan. */
  #stamp = '';
  #scanning: Promise<void> | undefined;
  #isScanWanted = false;
  #isClosed = false;

  private constructor(options: TemplateFolderOptions) {
    this.#options = options;
  }

  /** Reads what is there. Throws a Refusal when it is no folder. */
  static async open(options: TemplateFolderOptions): Promise<TemplateFolder> {
    const { path } = options;
    if (whyNoFolder(path) === 'missing') throw refusal('template-folder-missing', { folder: path });
    requireFolder(path);
    const folder = new TemplateFolder(options);
    await folder.scan();
    return folder;
  }

  get path(): string {
    return this.#options.path;
  }

  get all(): readonly SessionTemplate[] {
    return [...this.#byAlias.values()];
  }

  /** Every file that looks like a template, usable or not, by name. */
  get entries(): readonly TemplateEntry[] {
    return [...this.#files.values()].map(({ entry }) => entry).sort((a, b) => (a.file < b.file ? -1 : 1));
  }

  find(alias: string): SessionTemplate | undefined {
    return this.#byAlias.get(alias);
  }

  /** From now on changes are noticed, as soon as a file is no longer being written. */
  watch(): void {
    this.#unwatch ??= lookRepeatedly(async () => {
      const stamp = await this.#stampNow();
      if (stamp === this.#stamp) this.#settling.forget();
      else if (this.#settling.hasSettled(stamp)) await this.scan();
    });
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#unwatch?.();
    await this.#scanning;
  }

  /** Looks at the folder again; what did not change is not read again. */
  scan(): Promise<void> {
    this.#isScanWanted = true;
    this.#scanning ??= this.#scanAll().finally(() => {
      this.#scanning = undefined;
    });
    return this.#scanning;
  }

  async #scanAll(): Promise<void> {
    while (this.#isScanWanted && !this.#isClosed) {
      this.#isScanWanted = false;
      await this.#scanOnce();
    }
  }

  async #scanOnce(): Promise<void> {
    const { path, report } = this.#options;
    // In this order: a change in between is noticed by the next look.
    this.#stamp = await this.#stampNow();
    let names: string[];
    try {
      names = await this.#names();
    } catch (error) {
      report(
        'warn',
        `cannot read templates in ${path}: ${plainReason(error)}; the templates that were read before stay in use`,
      );
      return;
    }
    for (const file of [...this.#files.keys()]) if (!names.includes(file)) this.#files.delete(file);
    for (const file of names) {
      const alias = file.slice(0, file.indexOf('.'));
      const stamp = stampAt(join(path, file));
      if (stamp === 'ENOENT' || this.#files.get(file)?.stamp === stamp) continue;
      const entry = await this.#read(file, alias);
      this.#files.set(file, { entry, stamp });
      if (entry.error !== undefined)
        report('warn', `template ${join(path, file)} is ignored: ${entry.error}`);
      for (const { severity, line, offset, message } of entry.problems) {
        if (severity !== 'error') continue;
        report('warn', `template ${join(path, file)}:${line ?? `offset ${offset}`}: ${message}; skipped`);
      }
    }
    this.#compare();
  }

  async #names(): Promise<string[]> {
    const names = await fs.promises.readdir(this.#options.path);
    return names.filter((name) => namePattern.test(name) && !draftPattern.test(name));
  }

  async #stampNow(): Promise<string> {
    try {
      const names = await this.#names();
      return names.map((name) => `${name} ${stampAt(join(this.#options.path, name))}`).join('\n');
    } catch (error) {
      return String((error as NodeJS.ErrnoException).code);
    }
  }

  /** Finds out what is offered now, and reports each alias that changed. */
  #compare(): void {
    const before = this.#byAlias;
    const now = new Map<string, SessionTemplate>();
    const owners = new Map<string, string>();
    // Of two files with one alias the plain name wins: the other one is likely a copy or half of a download.
    const entries = [...this.entries].sort((a, b) => a.file.length - b.file.length);
    for (const entry of entries) {
      const owner = owners.get(entry.alias);
      if (entry.error?.startsWith(sameAlias)) entry.error = undefined;
      if (!entry.template || entry.error !== undefined) continue;
      if (owner !== undefined) {
        entry.error = `${sameAlias} ${owner} is used`;
        continue;
      }
      owners.set(entry.alias, entry.file);
      now.set(entry.alias, entry.template);
    }
    this.#byAlias = now;
    for (const alias of new Set([...before.keys(), ...now.keys()])) {
      if (before.get(alias) !== now.get(alias)) this.onChange?.(alias);
    }
  }

  async #read(file: string, alias: string): Promise<TemplateEntry> {
    const path = join(this.#options.path, file);
    const entry: TemplateEntry = {
      file,
      alias,
      error: undefined,
      problems: [],
      template: undefined,
      messageCount: 0,
    };
    if (!isValidAlias(alias)) {
      entry.error = `invalid session alias '${alias}': expected 1 to 32 of A-Z a-z 0-9 -`;
      return entry;
    }
    try {
      const reader = new TemplateReader();
      for await (const chunk of (await openRecording(path)).chunks) reader.read(chunk);
      const template = reader.end();
      entry.problems = template.problems;
      entry.messageCount = template.count;
      if (template.count === 0) {
        entry.error = reason('template-empty').text;
        return entry;
      }
      entry.template = {
        alias,
        protocol: template.protocol,
        saved: await templateSaved(template, alias, (text) => this.#storedForm(text)),
        announce: template.settings.announce,
        load: () => load(path),
      };
    } catch (error) {
      const { message, hint } = error as Error & { hint?: string };
      entry.error = hint === undefined ? message : `${message} (${hint})`;
    }
    return entry;
  }

  /** What is not a stored form is the password itself, as 2.3 has it. */
  #storedForm(text: string): Promise<string> {
    if (readPasswordForm(text).form !== 'invalid') return Promise.resolve(text);
    return new Promise((resolve, reject) =>
      this.#options.passwords.hash(text, (stored) => {
        if (stored === undefined)
          reject(new Error(reason('template-not-hashed', { problem: reason('server-stopping') }).text));
        else resolve(stored);
      }),
    );
  }
}

/** The settings with which a session of a template begins. `storedForm`: of a password in it. */
export async function templateSaved(
  { protocol, settings }: Template,
  alias: string,
  storedForm: (password: string) => Promise<string>,
): Promise<SavedSession> {
  return {
    ...emptySaved('', protocol),
    alias,
    title: settings.title,
    founder: settings.founder,
    maxUserCount: settings.maxUsers,
    password: await storedForm(settings.password),
    opword: await storedForm(settings.opword),
    flags: flagsOf(settings),
  };
}

const sameAlias = 'another file has the same alias:';

function flagsOf(settings: TemplateSettings): Set<SessionFlag> {
  return new Set(templateFlags.filter((flag) => settings[flag]));
}

/** Read anew, so that templates take no memory while nobody uses them. */
function load(path: string): ReturnType<SessionTemplate['load']> {
  try {
    const reader = new TemplateReader();
    reader.read(readRecordingNow(path));
    const { frames, count } = reader.end();
    if (count === 0) return { error: `${path} contains no message` };
    return { frames: [frames], count };
  } catch (error) {
    return { error: `${path}: ${plainReason(error)}` };
  }
}
