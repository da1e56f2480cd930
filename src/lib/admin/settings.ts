// Operations on settings: looking at them, changing several at once, and checking everything that is stored.

import { Refusal } from '../core/errors.js';
import type { KindName } from '../core/settings/kinds.js';
import type { SettingOrigin } from '../core/settings/layers.js';
import {
  isSettingName,
  readSetting,
  requireSettingName,
  requireSettingText,
  type SettingName,
  settingNames,
  settingOfAlias,
  settingProblem,
  settingRow,
  unknownSettingHint,
} from '../core/settings/settings.js';
import type { StoredProblem } from './needs.js';
import type { AdminNeeds } from './operation.js';

export interface SettingView {
  name: SettingName;
  /** Seconds, bytes, counts as numbers; flags as booleans. Undefined: a secret that is not shown. */
  value: boolean | number | string | undefined;
  /** The value as people write it; '' for a secret that is not shown. */
  text: string;
  default: string;
  origin: SettingOrigin;
  kind: KindName;
  help: string;
  since: string;
  isSecret: boolean;
  /** What is wrong with the stored text, in which case the default holds (or `off`). */
  problem?: string;
}

export async function listSettings(needs: AdminNeeds, _: Record<never, never>): Promise<SettingView[]> {
  const stored = await needs.stores.settings.all();
  return settingNames
    .filter((name) => !settingRow(name).isInternal)
    .map((name) => viewOf(needs, name, stored, settingRow(name).isSecret));
}

/** Secrets are shown: who asks for one by name wants it. */
export async function getSetting(needs: AdminNeeds, input: { name: string }): Promise<SettingView> {
  const name = requireSettingName(input.name);
  return viewOf(needs, name, await needs.stores.settings.all(), false);
}

/** All or none; what is in `unset` goes back to its default. Answers with the changed settings. */
export async function changeSettings(
  needs: AdminNeeds,
  input: { set?: Readonly<Record<string, string>>; unset?: readonly string[] },
): Promise<SettingView[]> {
  const { stores } = needs;
  const texts = new Map<string, string | undefined>();
  const changed: SettingName[] = [];
  const stored = await stores.settings.all();
  for (const [typed, text] of Object.entries(input.set ?? {})) {
    const name = changeableName(typed);
    requireSettingText(name, text);
    texts.set(name, text);
    changed.push(name);
  }
  for (const typed of input.unset ?? []) {
    const name = changeableName(typed);
    if (texts.has(name)) throw new Refusal('badInput', `${name} can't be set and unset at once`);
    if (stored.has(name)) texts.set(name, undefined);
    changed.push(name);
  }
  if (texts.size > 0) await stores.settings.change(texts);
  const after = await stores.settings.all();
  return changed.map((name) => viewOf(needs, name, after, settingRow(name).isSecret));
}

function changeableName(typed: string): SettingName {
  const name = requireSettingName(typed);
  if (settingRow(name).isInternal) {
    throw new Refusal('refused', `${name} is kept by the server for itself`, "Try: 'dp config list'");
  }
  return name;
}

function viewOf(
  { stores, override }: AdminNeeds,
  name: SettingName,
  all: ReadonlyMap<string, string>,
  hide: boolean,
): SettingView {
  const row = settingRow(name);
  const stored = all.get(name);
  const above = override?.(name);
  const text = above?.text ?? stored;
  const read = text === undefined ? undefined : readSetting(name, text);
  const value = read ?? readSetting(name, row.default);
  const problem = stored === undefined ? undefined : settingProblem(name, stored);
  const isHidden = hide && value !== '';
  return {
    name,
    value: isHidden ? undefined : value,
    text: isHidden || value === undefined ? '' : row.kind.format(value),
    default: row.default,
    origin: read === undefined ? 'default' : (above?.origin ?? stores.kind),
    kind: row.kind.name,
    help: row.help,
    since: row.since,
    isSecret: row.isSecret,
    ...(problem === undefined ? {} : { problem }),
  };
}

/** A settings file knows its own lines; a database is looked through here. */
export async function checkAll({ stores }: AdminNeeds, _: Record<never, never>): Promise<StoredProblem[]> {
  if (stores.problems !== undefined) return [...(await stores.problems())];
  const problems: StoredProblem[] = [];
  for (const [name, text] of await stores.settings.all()) problems.push(...settingProblems(name, text));
  const { describePassword } = await import('./users.js');
  for (const account of await stores.accounts.all()) {
    if (describePassword(account.password) === 'invalid') {
      problems.push({
        message: `account '${account.name}': nobody can log in, its password has no form that servers know`,
        hint: `Try: dp user passwd ${account.name}`,
      });
    }
  }
  if (stores.listServers.entries === 'patterns') {
    for (const pattern of await stores.listServers.all()) {
      const problem = patternProblem(pattern);
      if (problem !== undefined) problems.push({ message: `list server '${pattern}': ${problem}` });
    }
  }
  return problems;
}

function settingProblems(name: string, text: string): StoredProblem[] {
  // the locks of sections are kept among the settings (config.md §3)
  if (name.startsWith('_lock_admin_')) return [];
  if (isSettingName(name)) {
    const problem = settingProblem(name, text);
    if (problem === undefined) return [];
    const shown = settingRow(name).isSecret ? '' : ` '${text}'`;
    return [{ message: `${name}${shown}: ${problem}`, hint: `it must be ${settingRow(name).kind.expected}` }];
  }
  const meant = settingOfAlias(name);
  return [
    {
      message: `there is no setting '${name}', so it has no effect`,
      hint: meant === undefined ? unknownSettingHint(name) : `the right name is '${meant}'`,
    },
  ];
}

/** Why a text is no regular expression, or undefined. */
export function patternProblem(pattern: string): string | undefined {
  try {
    new RegExp(pattern);
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
