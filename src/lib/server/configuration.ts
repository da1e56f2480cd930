// Everything that is configured, from wherever it is kept: opened once by a server, which then asks and never
// waits. Changes by anyone (us, other programs, an editor) are live within a second. Commands use stores.ts.

import * as path from 'node:path';
import { memoryStores } from '../admin/memory-stores.js';
import type { LogRow, LogStore, StoredAccount, StoredBan, Stores } from '../admin/needs.js';
import { type Refusal, refusal } from '../core/errors.js';
import { AccountTable } from '../core/login/account-table.js';
import { BanTable } from '../core/login/ban-table.js';
import type { Accounts } from '../core/login/needs.js';
import type { Log, LogEntry, NameRules, Timer } from '../core/session/needs.js';
import {
  type ConfigProblem,
  describeProblem,
  LayeredSettings,
  readSettingVariables,
  readStoredSettings,
} from '../core/settings/layers.js';
import type { SettingName } from '../core/settings/settings.js';
import type { SettingsFile } from '../io/disk/settings-file-store.js';
import type { DataLock } from '../io/sqlite/data-lock.js';
import type { ConfigSnapshot, DatabaseThread } from '../io/sqlite/database-thread.js';
import { systemClock } from '../io/system/clock.js';
import { SystemPasswords } from '../io/system/passwords.js';
import { compilePattern, type Pattern, PatternNameRules } from '../io/system/patterns.js';

/** The log of a server without a database: the newest entries only. */
const memoryLogEntries = 1000;
const dayMs = 86_400_000;

export interface ConfigurationOptions {
  /** `--config FILE` */
  config?: string | undefined;
  /** `--database FILE`; at most one of the two, neither is memory. */
  database?: string | undefined;
  /** `--set NAME=VALUE`, already checked (`parseSettingFlag`); the last one of a name counts. */
  flags?: Iterable<{ name: SettingName; text: string }>;
  environment?: Readonly<Record<string, string | undefined>>;
  /** Milliseconds since 1970. */
  now?: () => number;
  /** Hears of everything that is wrong in what is stored, at the start and later, and of trouble with storing. */
  onProblem?: (level: 'error' | 'warn', message: string) => void;
}

/** Locks against changes over REST (http.md §1.4). Only a database has them. */
export interface AdminLocks {
  sections: readonly string[];
  /** Stored form of the password, '' for none. */
  passwordHash: string;
}

/** What a running server knows of its configuration. Look-ups answer at once, from the last known state. */
export interface Configuration {
  /** What the operations of administrators work on. */
  readonly stores: Stores;
  readonly settings: LayeredSettings;
  readonly accounts: Accounts;
  readonly bans: BanTable;
  readonly names: NameRules;
  readonly passwords: SystemPasswords;
  /** Stores entries in the log; never waits. Showing them is the server's affair. */
  readonly log: Log;
  /** By the whitelist, when it is on (http.md §2.6). */
  isListServerAllowed(url: string): boolean;
  /** What can't be stored at the moment. */
  readonly problems: readonly string[];
  /** Entries of the outside ban list that are switched off here (config.md §7). */
  readonly externalBans: {
    isDisabled(id: number): boolean;
    setDisabled(id: number, isDisabled: boolean): Promise<void>;
  };
  readonly locks: {
    readonly isSupported: boolean;
    get(): AdminLocks;
    set(locks: AdminLocks): Promise<void>;
  };
  /** After each change of anything that is stored. Returns how to stop. */
  subscribe(listener: () => void): () => void;
  /** Stores what is left and lets go of the files. */
  stop(): Promise<void>;
}

/** All that is stored, at one moment. */
interface State {
  settings: ReadonlyMap<SettingName, string>;
  accounts: readonly StoredAccount[];
  bans: readonly StoredBan[];
  listServers: readonly string[];
  disabledExternalBans: readonly number[];
  locks: AdminLocks;
}

/** One kind of store, as far as a server needs more of it than its `Stores`. */
interface Source {
  stores: Stores;
  first: State;
  subscribe(listener: (state: State) => void): void;
  log: Log;
  /** What can't be stored at the moment. */
  problem?(): string | undefined;
  setExternalBan(id: number, isDisabled: boolean): Promise<void>;
  setLocks(locks: AdminLocks): Promise<void>;
  stop(): Promise<void>;
}

/**
 * Opens a server's configuration. Refusal or Fault with the way out when it can't be used; what can be used in
 * part is used and told to `onProblem`.
 */
export async function openConfiguration(options: ConfigurationOptions = {}): Promise<Configuration> {
  const open = await prepareConfiguration(options);
  return open();
}

/**
 * The same in two steps, for a server that is started as root: all code is loaded at once, files are opened by the
 * call of what it answers with, as the ordinary user that the server has become.
 */
export async function prepareConfiguration(
  options: ConfigurationOptions = {},
): Promise<() => Promise<Configuration>> {
  const openSource = await prepareSource(options, options.now ?? timeOfDay, options.onProblem ?? noTell);
  return () => open(options, openSource);
}

async function open(
  options: ConfigurationOptions,
  openSource: () => Promise<Source>,
): Promise<Configuration> {
  const tell = options.onProblem ?? noTell;
  const now = options.now ?? timeOfDay;
  const variables = readSettingVariables(options.environment ?? {});
  const wrong = variables.problems[0];
  if (wrong)
    throw refusal('variable-invalid', {
      variable: wrong.subject,
      problem: wrong.message,
      advice: wrong.hint,
    });

  const source = await openSource();
  const settings = new LayeredSettings(source.stores.kind, {
    environment: variables.texts,
    flags: new Map([...(options.flags ?? [])].map(({ name, text }) => [name, text])),
  });
  const accounts = new AccountTable();
  const bans = new BanTable(now);
  const names = new PatternNameRules(settings, (message) => tell('warn', message));
  const listeners = new Set<() => void>();
  let state = source.first;
  let patterns: readonly Pattern[] = [];
  let banText = '';

  const apply = (next: State) => {
    state = next;
    accounts.replace(
      next.accounts.map((account) => ({
        ...account,
        // config.md §2 and §3: row number, or the name where there is none.
        authId: `internal:${source.stores.kind === 'file' ? account.name : account.id}`,
      })),
    );
    patterns = source.stores.listServers.entries === 'patterns' ? compileAll(next.listServers, tell) : [];
    settings.replaceStored(next.settings);
    const text = JSON.stringify(next.bans);
    if (text !== banText) {
      banText = text;
      bans.replace(next.bans);
    }
  };
  apply(source.first);
  source.subscribe((next) => {
    apply(next);
    for (const listener of [...listeners]) listener();
  });
  const purging = purgeDaily(source.stores, settings, now, tell);

  return {
    stores: source.stores,
    settings,
    accounts,
    bans,
    names,
    passwords: new SystemPasswords(),
    log: source.log,
    isListServerAllowed(url) {
      if (!settings.get('announceWhitelist')) return true;
      if (source.stores.kind === 'file') return state.listServers.includes(url);
      // Without a store there is no list to be on (http.md §2.6).
      if (source.stores.kind === 'memory' && state.listServers.length === 0) return true;
      return patterns.some((pattern) => pattern.matches(url));
    },
    get problems() {
      const problem = source.problem?.();
      return problem === undefined ? [] : [problem];
    },
    externalBans: {
      isDisabled: (id) => state.disabledExternalBans.includes(id),
      setDisabled: (id, isDisabled) => source.setExternalBan(id, isDisabled),
    },
    locks: {
      isSupported: source.stores.kind === 'database',
      get: () => state.locks,
      set: (locks) => source.setLocks(locks),
    },
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    async stop() {
      purging?.cancel();
      await source.stop();
    },
  };
}

type Tell = (level: 'error' | 'warn', message: string) => void;
const noTell: Tell = () => undefined;
const timeOfDay = (): number => systemClock.now();

async function prepareSource(
  options: ConfigurationOptions,
  now: () => number,
  tell: Tell,
): Promise<() => Promise<Source>> {
  if (options.config !== undefined && options.database !== undefined) {
    throw refusal('options-exclusive', { one: '--config', other: '--database' });
  }
  if (options.database !== undefined) {
    const place = path.resolve(options.database);
    const { lockData } = await import('../io/sqlite/data-lock.js');
    const { DatabaseThread } = await import('../io/sqlite/database-thread.js');
    const onTrouble = (message: string) => tell('error', message);
    const openThread = await DatabaseThread.prepare(place, { onTrouble });
    return async () => openDatabase(await openThread(), lockData, tell);
  }
  if (options.config !== undefined) {
    const { config } = options;
    const { SettingsFile } = await import('../io/disk/settings-file-store.js');
    return async () => openFile(SettingsFile.open(config), now, tell);
  }
  return async () => openMemory(now);
}

async function openDatabase(
  thread: DatabaseThread,
  lockData: (place: string) => DataLock,
  tell: Tell,
): Promise<Source> {
  try {
    // Only now: a place that can't be used gets no lock file beside it.
    const lock = lockData(thread.place);
    const stateOf = (snapshot: ConfigSnapshot): State => ({
      ...snapshot,
      settings: readStoredSettings(snapshot.settings).texts,
    });
    let known = new Set<string>();
    const tellProblems = (snapshot: ConfigSnapshot) => {
      const problems = snapshot.problems.map(({ message, hint }) =>
        hint === undefined ? message : `${message} (${hint})`,
      );
      for (const problem of problems) if (!known.has(problem)) tell('warn', problem);
      known = new Set(problems);
    };
    tellProblems(thread.snapshot);
    return {
      stores: thread,
      first: stateOf(thread.snapshot),
      subscribe: (listener) =>
        thread.subscribe((snapshot) => {
          tellProblems(snapshot);
          listener(stateOf(snapshot));
        }),
      log: thread,
      problem: () => thread.problem,
      setExternalBan: (id, isDisabled) => thread.disabledExternalBans.set(id, isDisabled),
      setLocks: (locks) => thread.locks.set(locks),
      async stop() {
        await thread.stop();
        lock.release();
      },
    };
  } catch (error) {
    await thread.stop();
    throw error;
  }
}

function openFile(file: SettingsFile, now: () => number, tell: Tell): Source {
  for (const problem of file.content.problems) tellProblem(tell, problem);
  const disabled = new Set<number>();
  const log = memoryLog(now);
  const stateOf = (content: typeof file.content): State => ({
    settings: content.settings,
    accounts: content.accounts,
    bans: content.bans,
    listServers: content.listServers.map(({ url }) => url),
    disabledExternalBans: [...disabled],
    locks: noLocks,
  });
  file.watch((problems, isApplied) => {
    for (const problem of problems) tellProblem(tell, problem);
    if (!isApplied)
      tell('error', `nothing of the change of ${file.place} is applied until its errors are gone`);
  });
  let changed: (state: State) => void = () => undefined;
  return {
    stores: {
      kind: 'file',
      place: file.place,
      settings: file.settings,
      accounts: file.accounts,
      bans: file.bans,
      listServers: file.listServers,
      log: log.store,
      problems: () => file.problems(),
    },
    first: stateOf(file.content),
    subscribe(listener) {
      changed = listener;
      file.subscribe((content) => listener(stateOf(content)));
    },
    log: log.log,
    async setExternalBan(id, isDisabled) {
      if (isDisabled) disabled.add(id);
      else disabled.delete(id);
      changed(stateOf(file.content));
    },
    setLocks: () => Promise.reject(locksUnsupported()),
    stop: () => file.stop(),
  };
}

function openMemory(now: () => number): Source {
  const rows: LogRow[] = [];
  const log = memoryLog(now, rows);
  const plain = memoryStores(rows, now);
  const disabled = new Set<number>();
  let changed: (state: State) => void = () => undefined;
  const state = (): State => {
    // These stores answer at once, whatever their interface allows.
    const settings = plain.settings.all() as ReadonlyMap<string, string>;
    return {
      settings: readStoredSettings(settings).texts,
      accounts: plain.accounts.all() as readonly StoredAccount[],
      bans: plain.bans.all() as readonly StoredBan[],
      listServers: plain.listServers.all() as readonly string[],
      disabledExternalBans: [...disabled],
      locks: noLocks,
    };
  };
  const telling =
    <Args extends unknown[], Result>(change: (...args: Args) => Result) =>
    (...args: Args): Result => {
      const result = change(...args);
      changed(state());
      return result;
    };
  return {
    stores: {
      ...plain,
      settings: { ...plain.settings, change: telling(plain.settings.change) },
      accounts: {
        ...plain.accounts,
        add: telling(plain.accounts.add),
        change: telling(plain.accounts.change),
        remove: telling(plain.accounts.remove),
      },
      bans: {
        ...plain.bans,
        add: telling(plain.bans.add),
        change: telling(plain.bans.change),
        remove: telling(plain.bans.remove),
      },
      listServers: { ...plain.listServers, replace: telling(plain.listServers.replace) },
    },
    first: state(),
    subscribe(listener) {
      changed = listener;
    },
    log: log.log,
    async setExternalBan(id, isDisabled) {
      if (isDisabled) disabled.add(id);
      else disabled.delete(id);
      changed(state());
    },
    setLocks: () => Promise.reject(locksUnsupported()),
    stop: async () => undefined,
  };
}

const noLocks: AdminLocks = { sections: [], passwordHash: '' };

function locksUnsupported(): Refusal {
  return refusal('sections-not-lockable');
}

/** The newest entries, numbered on. */
function memoryLog(now: () => number, rows: LogRow[] = []): { log: Log; store: LogStore } {
  const store = memoryStores(rows, now).log!;
  let lastId = 0;
  return {
    store,
    log: {
      write(entry: LogEntry) {
        lastId += 1;
        rows.push({ ...entry, id: lastId });
        if (rows.length > memoryLogEntries) rows.splice(0, rows.length - memoryLogEntries);
      },
    },
  };
}

function compileAll(sources: readonly string[], tell: Tell): Pattern[] {
  return sources.flatMap((source) => {
    const compiled = compilePattern(source, {
      onSwitchedOff: () =>
        tell('warn', `list server '${source}': the pattern took too long and is switched off`),
    });
    if (!('error' in compiled)) return [compiled];
    tell('warn', `list server '${source}': ${compiled.error}`);
    return [];
  });
}

function tellProblem(tell: Tell, problem: ConfigProblem): void {
  tell(problem.severity === 'error' ? 'error' : 'warn', describeProblem(problem));
}

/** Now and once a day (config.md §3). */
function purgeDaily(
  stores: Stores,
  settings: LayeredSettings,
  now: () => number,
  tell: Tell,
): Timer | undefined {
  if (stores.kind !== 'database') return undefined;
  const purge = () => {
    const days = settings.get('logpurgedays');
    if (days <= 0) return;
    const today = Math.floor(now() / dayMs) * dayMs;
    Promise.resolve(stores.log?.purge(today - days * dayMs)).catch((error: unknown) =>
      tell('warn', `old log entries could not be deleted: ${error instanceof Error ? error.message : error}`),
    );
  };
  purge();
  let timer = systemClock.after(dayMs, again);
  function again(): void {
    purge();
    timer = systemClock.after(dayMs, again);
  }
  return { cancel: () => timer.cancel() };
}
