// The configuration of a running server, from any source: opened once, then read without waiting. Changes by this
// server, other programs or an editor apply within a second. Commands use stores.ts.

import type { Stores } from '../admin/needs.js';
import { refusal } from '../core/errors.js';
import { AccountTable } from '../core/login/account-table.js';
import { BanTable } from '../core/login/ban-table.js';
import type { Accounts } from '../core/login/needs.js';
import type { Clock, Log, NameRules } from '../core/session/needs.js';
import { SteadyTime } from '../core/session/steady-time.js';
import { LayeredSettings, readSettingVariables } from '../core/settings/layers.js';
import type { SettingName } from '../core/settings/settings.js';
import type { DataLock } from '../io/sqlite/data-lock.js';
import { systemClock } from '../io/system/clock.js';
import { SystemPasswords } from '../io/system/passwords.js';
import { compilePattern, type Pattern, PatternNameRules } from '../io/system/patterns.js';
import {
  type AdminLocks,
  noReport,
  prepareSource,
  type Report,
  type Source,
  type SourcePlace,
  type State,
} from './configuration-sources.js';
import { purgeOldEntries } from './old-entries.js';

export interface ConfigurationOptions extends SourcePlace {
  /** `--set NAME=VALUE`, already checked (`parseSettingFlag`); the last one of a name counts. */
  flags?: Iterable<{ name: SettingName; text: string }>;
  environment?: Readonly<Record<string, string | undefined>>;
  passwords?: SystemPasswords;
  clock?: Clock;
  /** Is notified of everything that is wrong in what is stored, at the start and later, and of trouble with storing. */
  onProblem?: (level: 'error' | 'warn', message: string) => void;
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
  /** Stores entries in the log; never waits. The server shows them. */
  readonly log: Log;
  /** By the whitelist, when it is on (http.md §2.6). */
  isListServerAllowed(url: string): boolean;
  /** What cannot be stored at the moment. */
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
  /** Of the data; undefined: nobody else could use it. */
  readonly lock: DataLock | undefined;
  /** Everything that was written so far is stored; false: there is more by now. */
  settle(): Promise<boolean>;
  /** Stores what is left and lets go of the files. */
  stop(): Promise<void>;
}

/**
 * Opens a server's configuration. Refusal or Fault with the way out when it cannot be used; what can be used in
 * part is used and reported to `onProblem`.
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
  const { clock = systemClock } = options;
  const openSource = await prepareSource(options, () => clock.now(), options.onProblem ?? noReport);
  return () => open(options, openSource);
}

async function open(
  options: ConfigurationOptions,
  openSource: () => Promise<Source>,
): Promise<Configuration> {
  const report = options.onProblem ?? noReport;
  const { clock = systemClock } = options;
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
  const steady = new SteadyTime(clock);
  const bans = new BanTable(() => steady.now());
  const names = new PatternNameRules(settings, (message) => report('warn', message));
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
    patterns = source.stores.listServers.entries === 'patterns' ? compileAll(next.listServers, report) : [];
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
  const purging =
    source.stores.kind === 'database'
      ? await purgeOldEntries(source.stores, settings, clock, report)
      : undefined;

  return {
    stores: source.stores,
    settings,
    accounts,
    bans,
    names,
    passwords: options.passwords ?? new SystemPasswords(),
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
    lock: source.lock,
    settle: async () => (await source.settle?.()) ?? true,
    async stop() {
      purging?.cancel();
      await source.stop();
    },
  };
}

function compileAll(sources: readonly string[], report: Report): Pattern[] {
  return sources.flatMap((source) => {
    const compiled = compilePattern(source, {
      onSwitchedOff: () =>
        report('warn', `list server '${source}': the pattern took too long and is disabled`),
    });
    if (!('error' in compiled)) return [compiled];
    report('warn', `list server '${source}': ${compiled.error}`);
    return [];
  });
}
