// The value of a setting that several sources set: default < file, database or memory < environment < flag, with the
// source. Also how stored names and texts are parsed, with the problems found.

import { reason } from '../errors/reason.js';
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

/** A problem in a stored configuration. */
export interface ConfigProblem {
  /** Line of the file, from 1. */
  line?: number;
  /** The setting, ban or account that has the problem. */
  subject: string;
  message: string;
  hint?: string;
  /** With an error, an entry has no effect; a change that brings an error is not applied. */
  severity: 'error' | 'warning';
}

/** `sessionCountLimit: '12x' … (use …)`, with the line where there is one. */
export function describeProblem(problem: ConfigProblem): string {
  const where = problem.line === undefined ? '' : `line ${problem.line}: `;
  const hint = problem.hint === undefined ? '' : ` (${problem.hint})`;
  return `${where}${problem.subject}: ${problem.message}${hint}`;
}

export interface StoredSetting {
  /** Undefined: there is no such setting, or it is internal. */
  name: SettingName | undefined;
  /** Spelled as in the original's manual; the proper name wins where both are present. */
  isAlias: boolean;
  /** False: the default applies. */
  isUsable: boolean;
  problem: ConfigProblem | undefined;
}

/** Parses a stored name and text. The originals silently drop what they cannot use; here it is a problem. */
export function readStoredSetting(key: string, text: string): StoredSetting {
  const name = isSettingName(key) ? key : settingOfAlias(key);
  if (name === undefined) {
    const problem: ConfigProblem = {
      subject: key,
      message: reason('stored-setting-unknown').text,
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
  let problem: ConfigProblem | undefined;
  if (message !== undefined) {
    problem = {
      subject: key,
      message: isSecret ? message.text : reason('stored-value-invalid', { text, problem: message }).text,
      hint: `use ${kind.expected}`,
      severity: 'error',
    };
  } else if (isAlias) {
    const { text: aliasText, hint = '' } = reason('stored-setting-alias', { name });
    problem = { subject: key, message: aliasText, hint, severity: 'warning' };
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
    // The last one wins even if it cannot be used, as in the originals.
    if (isUsable) texts.set(name, text);
    else texts.delete(name);
  }
  return { texts: new Map([...aliased, ...proper]), problems };
}

/** `sessionCountLimit` is `DP_SESSION_COUNT_LIMIT` in the environment. */
export function settingVariable(name: SettingName): string {
  return `DP_${name.replace(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase()}`;
}

/** The settings in the environment. A text that cannot be used is a problem; it does not unset the setting. */
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
      message: isSecret ? message.text : reason('stored-value-invalid', { text, problem: message }).text,
      hint: `use ${kind.expected}`,
      severity: 'error',
    });
  }
  return { texts, problems };
}

/** The settings of a running server. Values are computed on each change, so that reading them is cheap. */
export class LayeredSettings implements SettingsReader {
  readonly #storeKind: 'memory' | 'file' | 'database';
  readonly #environment: ReadonlyMap<SettingName, string>;
  readonly #flags: ReadonlyMap<SettingName, string>;
  #stored: ReadonlyMap<SettingName, string> = new Map();
  #values = new Map<SettingName, unknown>();
  readonly #listeners = new Set<(changed: ReadonlySet<SettingName>) => void>();

  /** Texts that are already checked; a later layer wins. */
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

  /** The effective text and its source. */
  source(name: SettingName): { text: string; origin: SettingOrigin } {
    const flag = this.#flags.get(name);
    if (flag !== undefined) return { text: flag, origin: 'flag' };
    const variable = this.#environment.get(name);
    if (variable !== undefined) return { text: variable, origin: 'environment' };
    const stored = this.#stored.get(name);
    if (stored !== undefined) return { text: stored, origin: this.#storeKind };
    return { text: settingRow(name).default, origin: 'default' };
  }

  /** Replaces the stored layer (from `readStoredSettings`). Listeners are called once, with the settings whose values changed. */
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
