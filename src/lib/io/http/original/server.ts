// Status, settings, locks, the list server whitelist (http.md §1.4–§1.6, §1.10).

import { lockableSections } from '../../../admin/live.js';
import type { OutputOf } from '../../../admin/operations.js';
import { patternProblem } from '../../../admin/settings.js';
import { type Reason, reason } from '../../../core/errors/reason.js';
import type { JsonObject } from '../../../core/protocol/command.js';
import { isSettingName, type SettingName, settingRow } from '../../../core/settings/settings.js';
import { formatTimestamp } from '../../../core/units.js';
import { settingText, textOf, textProblem } from './coercion.js';
import {
  answered,
  type Call,
  failed,
  type Handler,
  type OriginalRoute,
  ok,
  unsupportedMethod,
} from './route.js';

async function status(run: Call['run']): Promise<JsonObject> {
  const { startedAt, sessions, sessionsAtMost, users, host, port } = await run('server.status', {});
  return {
    started: formatTimestamp(startedAt),
    sessions,
    maxSessions: sessionsAtMost,
    users,
    ext_host: host,
    ext_port: port,
  };
}

/** What the original API knows here and now. What is limited on use is shown as it is stored. */
async function shownSettings({ isLocked, run }: Call): Promise<JsonObject> {
  const shown: [string, unknown][] = [];
  for (const view of await run('config.list', {})) {
    const { isInRest, isSecret, kind, until } = settingRow(view.name);
    if (!isInRest || until !== undefined || view.lacks !== undefined) continue;
    const { origin, stored, value } = isSecret ? await run('config.get', { name: view.name }) : view;
    const isStored = stored !== undefined && origin !== 'flag' && origin !== 'environment';
    shown.push([view.name, isStored ? (kind.parse(stored) ?? value) : value]);
  }
  return { ...Object.fromEntries(shown), _locked: isLocked('server') };
}

/** The text to store, or why there is none. */
function readInput(name: SettingName, value: unknown): { text: string } | { problem: Reason } {
  const text = settingText(value);
  const row = settingRow(name);
  // Nothing may be opened to everybody, or wiped, by what means nothing.
  if (text === undefined) return { problem: reason('value-not-plain') };
  // Neither may a flag be switched by a word that could mean either: the originals take `maybe` and `yes` for off.
  if (row.kind.name === 'flag' && row.kind.problem(text) !== undefined) {
    return { problem: reason('input-not-expected', { expected: row.kind.expected }) };
  }
  // What is out of range is stored and limited on use, as in the originals.
  const problem = row.kind.problem(text);
  return problem === undefined ? { text } : { problem };
}

async function putSettings(call: Call): Promise<JsonObject> {
  const { storage, run, input } = call;
  const set: Record<string, string> = {};
  const invalid: Record<string, string> = {};
  for (const [name, value] of Object.entries(input)) {
    if (!isSettingName(name) || !settingRow(name).isInRest) continue;
    if (storage === 'file') {
      invalid[name] = 'the settings of this server are in a file, which is edited by hand';
      continue;
    }
    const read = readInput(name, value);
    if ('text' in read) set[name] = read.text;
    else invalid[name] = read.problem.text;
  }
  if (Object.keys(set).length > 0) await run('config.change', { set, isLimitedOnUse: true });
  return {
    ...(await shownSettings(call)),
    ...(Object.keys(invalid).length > 0 && { _invalid: invalid }),
  };
}

function describeLocks({ isSupported, hasPassword, sections }: OutputOf<'server.locks'>): JsonObject {
  return {
    supported: isSupported,
    password: hasPassword,
    sections: Object.fromEntries(lockableSections.map((name) => [name, sections.includes(name)])),
  };
}

const putLocks: Handler = ({ run, input }) => {
  // a lock with another password than the one that was meant, or none, is worse than no answer
  const problem = textProblem(input, 'password');
  if (problem !== undefined) return failed(400, problem);
  if (!Array.isArray(input.sections ?? [])) return failed(400, 'sections must be a list of texts');
  const named: readonly unknown[] = Array.isArray(input.sections) ? input.sections : [];
  const sections = lockableSections.filter((name) => named.includes(name));
  return answered(
    run('server.lock', { sections, password: textOf(input.password) }).then((locks) =>
      ok(describeLocks(locks)),
    ),
    { unsupported: unsupportedMethod(), refused: failed(403, 'Incorrect password') },
  );
};

async function whitelist({ isLocked, run }: Call): Promise<JsonObject> {
  const { isEnabled, list } = await run('listserver.list', {});
  return { enabled: isEnabled, whitelist: list, _locked: isLocked('listserverwhitelist') };
}

export const serverRoutes: readonly OriginalRoute[] = [
  {
    path: 'status',
    summary: 'How the server is doing',
    methods: { GET: async ({ run }) => ok(await status(run)) },
  },
  {
    path: 'server',
    summary: 'Settings; `_invalid` names what was not taken',
    section: 'server',
    methods: {
      GET: async (call) => ok(await shownSettings(call)),
      PUT: async (call) => ok(await putSettings(call)),
    },
  },
  {
    path: 'locks',
    summary: 'Sections that cannot be changed over this API',
    methods: {
      GET: async ({ run }) => ok(describeLocks(await run('server.locks', {}))),
      PUT: putLocks,
    },
  },
  {
    path: 'listserverwhitelist',
    summary: 'List servers at which sessions may be announced',
    section: 'listserverwhitelist',
    needsDatabase: true,
    methods: {
      GET: async (call) => ok(await whitelist(call)),
      POST: async (call) => ok(await whitelist(call)),
      DELETE: async (call) => ok(await whitelist(call)),
      PUT: async (call) => {
        const { run, input } = call;
        const list = Array.isArray(input.whitelist)
          ? input.whitelist.filter((entry): entry is string => typeof entry === 'string' && entry !== '')
          : undefined;
        for (const entry of list ?? []) {
          const problem = patternProblem(entry);
          if (problem !== undefined) return failed(400, `${entry}: ${problem}`);
        }
        // what means nothing must not open the server to every list
        const enabled =
          input.enabled === undefined ? undefined : readInput('announceWhitelist', input.enabled);
        if (enabled && 'problem' in enabled) return failed(400, `enabled: ${enabled.problem}`);
        if (list !== undefined) await run('listserver.replace', { list });
        if (enabled) await run('config.change', { set: { announceWhitelist: enabled.text } });
        return ok(await whitelist(call));
      },
    },
  },
];
