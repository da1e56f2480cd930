// The sources of a running server's configuration: a database, a settings file or memory, each as one state and a
// way to change it.

import * as path from 'node:path';
import { memoryAudit } from '../admin/memory-audit.js';
import { memoryGrants } from '../admin/memory-grants.js';
import { memoryNotes, memoryReports } from '../admin/memory-reports.js';
import { memoryStores } from '../admin/memory-stores.js';
import type { LogRow, LogStore, StoredAccount, StoredBan, Stores } from '../admin/needs.js';
import { type Refusal, refusal } from '../core/errors.js';
import type { Log, LogEntry } from '../core/session/needs.js';
import { type ConfigProblem, describeProblem, readStoredSettings } from '../core/settings/layers.js';
import type { SettingName } from '../core/settings/settings.js';
import type { SettingsFile } from '../io/disk/settings-file-store.js';
import type { DataLock } from '../io/sqlite/data-lock.js';
import type { ConfigSnapshot, DatabaseThread } from '../io/sqlite/database-thread.js';

/** The log of a server without a database: the newest entries only. */
const memoryLogEntries = 1000;

/** Locks against changes over REST (http.md §1.4). Only a database has them. */
export interface AdminLocks {
  sections: readonly string[];
  /** Stored form of the password, '' for none. */
  passwordHash: string;
}

/** At most one of the two, neither is memory. */
export interface SourcePlace {
  /** A predecessor of this process still has the lock of the data: `Configuration.lock` takes it. */
  locksLater?: boolean | undefined;
  /** `--config FILE` */
  config?: string | undefined;
  /** `--database FILE` */
  database?: string | undefined;
}

/** All that is stored, at one moment. */
export interface State {
  settings: ReadonlyMap<SettingName, string>;
  accounts: readonly StoredAccount[];
  bans: readonly StoredBan[];
  listServers: readonly string[];
  disabledExternalBans: readonly number[];
  locks: AdminLocks;
}

/** One kind of store, as far as a server needs more of it than its `Stores`. */
export interface Source {
  stores: Stores;
  first: State;
  subscribe(listener: (state: State) => void): void;
  log: Log;
  /** What cannot be stored at the moment. */
  problem?(): string | undefined;
  setExternalBan(id: number, isDisabled: boolean): Promise<void>;
  setLocks(locks: AdminLocks): Promise<void>;
  /** Of the data; undefined: nobody else could use it. */
  lock?: DataLock;
  /** Everything that was written so far is stored; false: there is more by now. */
  settle?(): Promise<boolean>;
  stop(): Promise<void>;
}

export type Report = (level: 'error' | 'warn', message: string) => void;
export const noReport: Report = () => undefined;

export async function prepareSource(
  options: SourcePlace,
  now: () => number,
  report: Report,
): Promise<() => Promise<Source>> {
  if (options.config !== undefined && options.database !== undefined) {
    throw refusal('options-exclusive', { one: '--config', other: '--database' });
  }
  if (options.database !== undefined) {
    const place = path.resolve(options.database);
    const { lockData, lockLater } = await import('../io/sqlite/data-lock.js');
    const lock = options.locksLater ? lockLater : lockData;
    const { DatabaseThread } = await import('../io/sqlite/database-thread.js');
    const onProblem = (message: string) => report('error', message);
    const openThread = await DatabaseThread.prepare(place, { onProblem });
    return async () => openDatabase(await openThread(), lock, report);
  }
  if (options.config !== undefined) {
    const { config } = options;
    const { SettingsFile } = await import('../io/disk/settings-file-store.js');
    return async () => openFile(SettingsFile.open(config), now, report);
  }
  return async () => openMemory(now);
}

async function openDatabase(
  thread: DatabaseThread,
  lockData: (place: string) => DataLock,
  report: Report,
): Promise<Source> {
  try {
    // Only now: a place that cannot be used gets no lock file beside it.
    const lock = lockData(thread.place);
    const stateOf = (snapshot: ConfigSnapshot): State => ({
      ...snapshot,
      settings: readStoredSettings(snapshot.settings).texts,
    });
    let known = new Set<string>();
    const reportProblems = (snapshot: ConfigSnapshot) => {
      const problems = snapshot.problems.map(({ message, hint }) =>
        hint === undefined ? message : `${message} (${hint})`,
      );
      for (const problem of problems) if (!known.has(problem)) report('warn', problem);
      known = new Set(problems);
    };
    reportProblems(thread.snapshot);
    return {
      stores: thread,
      first: stateOf(thread.snapshot),
      subscribe: (listener) =>
        thread.subscribe((snapshot) => {
          reportProblems(snapshot);
          listener(stateOf(snapshot));
        }),
      log: thread,
      problem: () => thread.problem,
      setExternalBan: (id, isDisabled) => thread.disabledExternalBans.set(id, isDisabled),
      setLocks: (locks) => thread.locks.set(locks),
      lock,
      settle: () => thread.settle(),
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

function openFile(file: SettingsFile, now: () => number, report: Report): Source {
  for (const problem of file.content.problems) reportProblem(report, problem);
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
    for (const problem of problems) reportProblem(report, problem);
    if (!isApplied) report('error', `changes of ${file.place} are not applied until its errors are fixed`);
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
      audit: memoryAudit(),
      grants: memoryGrants(),
      reports: memoryReports(),
      notes: memoryNotes(),
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
  const { log: store } = memoryStores(rows, now);
  let lastId = 0;
  return {
    store,
    log: {
      write(entry: LogEntry) {
        lastId += 1;
        // Not by spreading: V8 gives each such copy a separate hidden class, four times as large as the row.
        rows.push(Object.assign({ id: lastId }, entry));
        // Many at once: to move the others up for each new one is dear in a join storm.
        if (rows.length >= memoryLogEntries * 2) rows.splice(0, rows.length - memoryLogEntries);
      },
    },
  };
}

function reportProblem(report: Report, problem: ConfigProblem): void {
  report(problem.severity === 'error' ? 'error' : 'warn', describeProblem(problem));
}
