// What holds when several places say something: default < file, database or memory < environment < flag, and who
// said it. Also how stored names and texts are understood, with words for what is wrong with them.

import {
  defaultSetting,
  isSettingName,
  readSetting,
  type SettingName,
  type SettingsReader,
  type SettingValue,
  settingNames,
  settingOfAlias,
  settingProblem,
  settingRow,
  unknownSettingHint,
} from './settings.js';

export type SettingOrigin = 'default' | 'memory' | 'file' | 'database' | 'environment' | 'flag';

/** Something wrong in a stored configuration. */
export interface ConfigProblem {
  /** From 1, in a file. */
  line?: number;
  /** What it is about: a setting, a ban, an account. */
  subject: string;
  message: string;
  hint?: string;
  /** An error makes something ineffective that was meant to be there; a change that brings one is not applied. */
  severity: 'error' | 'warning';
}

/** `sessionCountLimit: '12x' …; it must be …`, with the line where there is one. */
export function describeProblem(problem: ConfigProblem): string {
  const where = problem.line === undefined ? '' : `line ${problem.line}: `;
  const hint = problem.hint === undefined ? '' : ` (${problem.hint})`;
  return `${where}${problem.subject}: ${problem.message}${hint}`;
}

export interface StoredSetting {
  /** Undefined: no such setting, or one that the server keeps for itself. */
  name: SettingName | undefined;
  /** Came by the manual's spelling; the proper one wins where both are there. */
  isAlias: boolean;
  /** False: the default holds. */
  isUsable: boolean;
  problem: ConfigProblem | undefined;
}

/** How a stored name and text is understood. The originals drop in silence what they can't use; we say so. */
export function readStoredSetting(key: string, text: string): StoredSetting {
  const name = isSettingName(key) ? key : settingOfAlias(key);
  if (name === undefined) {
    const problem: ConfigProblem = {
      subject: key,
      message: 'there is no such setting',
      hint: unknownSettingHint(key),
      severity: 'warning',
    };
    // Locks of the admin interface live in the same table (config.md §3).
    return {
      name,
      isAlias: false,
      isUsable: false,
      problem: key.startsWith('_lock_admin_') ? undefined : problem,
    };
  }
  const isAlias = name !== key;
  const { kind, isSecret, isInternal } = settingRow(name);
  const isUsable = kind.parse(text) !== undefined;
  const message = isInternal ? undefined : settingProblem(name, text);
  const shown = isSecret ? '' : `'${text}': `;
  let problem: ConfigProblem | undefined;
  if (message !== undefined) {
    problem = {
      subject: key,
      message: `${shown}${message}`,
      hint: `it must be ${kind.expected}`,
      severity: 'error',
    };
  } else if (isAlias) {
    problem = {
      subject: key,
      message: `this is read as ${name}, but drawpile-srv does not know it`,
      hint: `write ${name}`,
      severity: 'warning',
    };
  }
  return { name, isAlias, isUsable, problem };
}

/** The usable texts among stored pairs (the last one of a name wins, a proper name over an alias), and the problems. */
export function readStoredSettings(pairs: Iterable<readonly [key: string, text: string, line?: number]>): {
  texts: Map<SettingName, string>;
  problems: ConfigProblem[];
} {
  const proper = new Map<SettingName, string>();
  const aliased = new Map<SettingName, string>();
  const problems: ConfigProblem[] = [];
  for (const [key, text, line] of pairs) {
    const { name, isAlias, isUsable, problem } = readStoredSetting(key, text);
    if (problem) problems.push(line === undefined ? problem : { ...problem, line });
    if (name === undefined) continue;
    const texts = isAlias ? aliased : proper;
    // The last one wins even when it can't be used, as in the originals.
    if (isUsable) texts.set(name, text);
    else texts.delete(name);
  }
  return { texts: new Map([...aliased, ...proper]), problems };
}

/** `sessionCountLimit` is `DP_SESSION_COUNT_LIMIT` in the environment. */
export function settingVariable(name: SettingName): string {
  return `DP_${name.replace(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase()}`;
}

/** The settings that the environment gives. A text that can't be used is a problem, not an empty place. */
export function readSettingVariables(environment: Readonly<Record<string, string | undefined>>): {
  texts: Map<SettingName, string>;
  problems: ConfigProblem[];
} {
  const texts = new Map<SettingName, string>();
  const problems: ConfigProblem[] = [];
  for (const name of settingNames) {
    const { kind, isSecret, isInternal } = settingRow(name);
    const variable = settingVariable(name);
    const text = environment[variable];
    if (text === undefined || isInternal) continue;
    const message = settingProblem(name, text);
    if (message === undefined) {
      texts.set(name, text);
      continue;
    }
    problems.push({
      subject: variable,
      message: isSecret ? message : `'${text}': ${message}`,
      hint: `it must be ${kind.expected}`,
      severity: 'error',
    });
  }
  return { texts, problems };
}

/** The settings of a running server. Values are worked out when something changes, so that asking costs nothing. */
export class LayeredSettings implements SettingsReader {
  readonly #storeKind: 'memory' | 'file' | 'database';
  readonly #environment: ReadonlyMap<SettingName, string>;
  readonly #flags: ReadonlyMap<SettingName, string>;
  #stored: ReadonlyMap<SettingName, string> = new Map();
  #values = new Map<SettingName, unknown>();
  readonly #listeners = new Set<(changed: ReadonlySet<SettingName>) => void>();

  /** Texts that were checked before; a later layer wins. */
  constructor(
    storeKind: 'memory' | 'file' | 'database',
    layers: {
      environment?: ReadonlyMap<SettingName, string>;
      flags?: ReadonlyMap<SettingName, string>;
    } = {},
  ) {
    this.#storeKind = storeKind;
    this.#environment = layers.environment ?? new Map();
    this.#flags = layers.flags ?? new Map();
    for (const name of settingNames) this.#values.set(name, this.#read(name));
  }

  get<N extends SettingName>(name: N): SettingValue<N> {
    return this.#values.get(name) as SettingValue<N>;
  }

  /** The text that holds, and who said so. */
  source(name: SettingName): { text: string; origin: SettingOrigin } {
    const flag = this.#flags.get(name);
    if (flag !== undefined) return { text: flag, origin: 'flag' };
    const variable = this.#environment.get(name);
    if (variable !== undefined) return { text: variable, origin: 'environment' };
    const stored = this.#stored.get(name);
    if (stored !== undefined) return { text: stored, origin: this.#storeKind };
    return { text: settingRow(name).default, origin: 'default' };
  }

  /** The stored layer as a whole, as `readStoredSettings` gives it. Listeners hear once what really changed. */
  replaceStored(texts: ReadonlyMap<SettingName, string>): void {
    this.#stored = texts;
    const changed = new Set<SettingName>();
    for (const name of settingNames) {
      const value = this.#read(name);
      if (value === this.#values.get(name)) continue;
      this.#values.set(name, value);
      changed.add(name);
    }
    if (changed.size === 0) return;
    for (const listener of [...this.#listeners]) listener(changed);
  }

  subscribe(listener: (changed: ReadonlySet<SettingName>) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  #read(name: SettingName): unknown {
    return readSetting(name, this.source(name).text) ?? defaultSetting(name);
  }
}
