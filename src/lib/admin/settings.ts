// Operations on settings: reading them, changing several at once, and checking everything that is stored.

import { refusal } from '../core/errors.js';
import { contradictions, settingsNamedBy } from '../core/settings/contradictions.js';
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
import { requireLive } from './live.js';
import type { StoredProblem } from './needs.js';
import { type AdminNeeds, change, look } from './operation.js';
import {
  described,
  dictionary,
  flag,
  integer,
  list,
  nothing,
  number,
  object,
  oneOf,
  oneWord,
  type Static,
  text,
} from './schema.js';

const settingView = object(
  {
    name: oneWord(...settingNames),
    text: described(text, "the value as text; '' for a secret that is not shown"),
    default: text,
    origin: oneWord('default', 'memory', 'file', 'database', 'environment', 'flag'),
    kind: oneWord('flag', 'count', 'duration', 'size', 'line', 'choice'),
    help: text,
    since: text,
    isSecret: flag,
  },
  {
    value: described(
      oneOf(flag, number, text),
      'seconds, bytes and counts as numbers, flags as booleans; left out for a secret that is not shown',
    ),
    stored: described(text, 'the text that is stored, where it is not the one that applies'),
    lacks: described(
      text,
      'option of the start without which it has no effect, where a server runs without it',
    ),
    problem: described(text, 'problem of the stored text; then the default (or off) applies'),
  },
);
export type SettingView = Static<typeof settingView>;

const settingChange = object(
  {},
  {
    set: described(dictionary(text), 'values as text, by names of settings'),
    unset: described(list(text), 'names of settings to reset to their default'),
    isLimitedOnUse: described(flag, 'values out of range are stored, and limited when used'),
  },
  { isLimitedOnUse: ['set'] },
);

export const settingOperations = {
  'config.list': look({
    summary: 'List all settings with their values and sources',
    input: nothing,
    output: list(settingView),
    run: listSettings,
  }),
  'config.get': look({
    summary: 'Show a setting',
    role: 'administrator',
    input: object({ name: text }),
    output: settingView,
    run: getSetting,
  }),
  'config.change': change('server', {
    summary: 'Set and unset settings, all or none',
    input: settingChange,
    output: described(list(settingView), 'the changed settings'),
    run: changeSettings,
  }),
  'config.contradictions': look({
    summary: 'List settings and start options that contradict each other or have no effect',
    role: 'administrator',
    input: nothing,
    output: list(
      object({
        code: described(text, 'as of dp doctor'),
        level: oneWord('problem', 'note'),
        text,
        fix: described(text, 'what to type or do'),
        settings: described(
          list(text),
          'names of the settings that it is about; empty: start options, or accounts',
        ),
      }),
    ),
    run: listContradictions,
  }),
  'config.check': look({
    summary: 'List problems of the stored settings, accounts and bans',
    input: nothing,
    output: list(
      object(
        { message: text },
        { line: described(integer, 'line of the settings file, from 1'), hint: text },
      ),
    ),
    run: checkAll,
  }),
};

/** As `dp doctor` finds them, which looks at the machine as well. */
async function listContradictions(needs: AdminNeeds) {
  const { settings, setUp } = requireLive(needs);
  if (setUp === undefined) return [];
  const { stores } = needs;
  const facts = {
    ...setUp,
    settings,
    accounts: (await stores.accounts.all()).filter(({ isLocked }) => !isLocked),
    listServers: (await stores.listServers.all()).length,
    store: stores.kind,
  };
  return contradictions
    .filter(({ applies }) => applies(facts))
    .map(({ code, level, text, fix }) => ({
      code,
      level,
      text,
      fix,
      settings: settingsNamedBy({ text, fix }),
    }));
}

async function listSettings(needs: AdminNeeds): Promise<SettingView[]> {
  const stored = await needs.stores.settings.all();
  return settingNames
    .filter((name) => !settingRow(name).isInternal)
    .map((name) => viewOf(needs, name, stored, settingRow(name).isSecret));
}

/** Secrets are shown: who asks for one by name wants it. */
async function getSetting(needs: AdminNeeds, input: { name: string }): Promise<SettingView> {
  const name = requireSettingName(input.name);
  return viewOf(needs, name, await needs.stores.settings.all(), false);
}

async function changeSettings(
  needs: AdminNeeds,
  input: Static<typeof settingChange>,
): Promise<SettingView[]> {
  const { stores } = needs;
  const texts = new Map<string, string | undefined>();
  const changed: SettingName[] = [];
  const stored = await stores.settings.all();
  for (const [typed, text] of Object.entries(input.set ?? {})) {
    const name = changeableName(typed);
    if (input.isLimitedOnUse !== true || settingRow(name).kind.problem(text) !== undefined) {
      requireSettingText(name, text);
    }
    texts.set(name, text);
    changed.push(name);
  }
  for (const typed of input.unset ?? []) {
    const name = changeableName(typed);
    if (texts.has(name)) throw refusal('setting-set-and-unset', { setting: name });
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
    throw refusal('setting-is-internal', { setting: name });
  }
  return name;
}

function viewOf(
  { stores, override, live }: AdminNeeds,
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
  const shown = isHidden || value === undefined ? '' : row.kind.format(value);
  const isMissing = live !== undefined && row.needs !== undefined && !live.has(row.needs);
  return {
    name,
    ...(!isHidden && value !== undefined && { value }),
    text: shown,
    ...(stored !== undefined && stored !== shown && !isHidden && { stored }),
    ...(isMissing && row.needs !== undefined && { lacks: row.needs }),
    default: row.default,
    origin: read === undefined ? 'default' : (above?.origin ?? stores.kind),
    kind: row.kind.name,
    help: row.help,
    since: row.since,
    isSecret: row.isSecret,
    ...(problem === undefined ? {} : { problem: problem.text }),
  };
}

/** A settings file knows its own lines; a database is looked through here. */
async function checkAll({ stores }: AdminNeeds): Promise<StoredProblem[]> {
  if (stores.problems !== undefined) return [...(await stores.problems())];
  const problems: StoredProblem[] = [];
  for (const [name, text] of await stores.settings.all()) problems.push(...settingProblems(name, text));
  const { describePassword } = await import('./users.js');
  for (const account of await stores.accounts.all()) {
    if (describePassword(account.password) === 'invalid') {
      problems.push({
        message: `account '${account.name}': nobody can log in with it, because its password is not in a known form`,
        hint: `try: dp user passwd ${account.name}`,
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
    return [{ message: `${name}${shown}: ${problem}`, hint: `use ${settingRow(name).kind.expected}` }];
  }
  const meant = settingOfAlias(name);
  return [
    {
      message: `unknown setting '${name}': it has no effect`,
      hint: meant === undefined ? unknownSettingHint(name) : `use the name '${meant}'`,
    },
  ];
}

/** Why a text is not a regular expression, or undefined. */
export function patternProblem(pattern: string): string | undefined {
  try {
    new RegExp(pattern);
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
