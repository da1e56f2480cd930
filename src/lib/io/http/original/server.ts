// Status, settings, locks, the list server whitelist (http.md §1.4–§1.6, §1.10).

import { isLocked, lockableSections } from '../../../admin/live.js';
import type { OutputOf } from '../../../admin/operations.js';
import { patternProblem } from '../../../admin/settings.js';
import type { JsonObject } from '../../../core/protocol/command.js';
import {
  isSettingName,
  readSetting,
  type SettingName,
  settingNames,
  settingRow,
} from '../../../core/settings/settings.js';
import { formatTimestamp } from '../../../core/units.js';
import { settingText, textOf, textProblem } from './coercion.js';
import {
  answered,
  type Call,
  failed,
  type Handler,
  type HttpNeeds,
  type OriginalRoute,
  ok,
  unsupportedMethod,
} from './route.js';

function status({ live }: HttpNeeds): JsonObject {
  const { settings, directory, peers, address, startedAt } = live;
  return {
    started: formatTimestamp(startedAt),
    sessions: directory.count,
    maxSessions: settings.get('sessionCountLimit'),
    users: peers.count,
    ext_host: address.host,
    ext_port: address.port,
  };
}

/** Whether the original API knows a setting here and now. */
function isShown({ live }: HttpNeeds, name: SettingName): boolean {
  const row = settingRow(name);
  return row.isInRest && row.until === undefined && (row.needs === undefined || live.has(row.needs));
}

async function shownSettings(needs: HttpNeeds): Promise<JsonObject> {
  const { settings } = needs.live;
  const stored = await needs.stores.settings.all();
  const shown = settingNames
    .filter((name) => isShown(needs, name))
    .map((name) => {
      const text = stored.get(name);
      const value = settings.get(name);
      // What is limited on use is shown as it is stored, unless a flag says something else.
      const isStored = text !== undefined && readSetting(name, text) === value;
      return [name, isStored ? settingRow(name).kind.parse(text) : value] as const;
    });
  return { ...Object.fromEntries(shown), _locked: isLocked(needs.live, 'server') };
}

/** The text to store, or why there is none. */
function readInput(name: SettingName, value: unknown): { text: string } | { problem: string } {
  const text = settingText(value);
  const row = settingRow(name);
  // Nothing may be opened to everybody, or wiped, by what means nothing.
  if (text === undefined) return { problem: 'neither a text nor a number nor true or false' };
  // Any text or number may be stored for a flag; what does not read as on is off.
  if (row.kind.name === 'flag') return { text: row.kind.format(row.kind.parse(text) ?? false) };
  // What is out of range is stored and limited on use, as in the originals.
  const problem = row.kind.problem(text);
  return problem === undefined ? { text } : { problem };
}

async function putSettings({ needs, run, input }: Call): Promise<JsonObject> {
  const set: Record<string, string> = {};
  const invalid: Record<string, string> = {};
  for (const [name, value] of Object.entries(input)) {
    if (!isSettingName(name) || !settingRow(name).isInRest) continue;
    if (needs.stores.kind === 'file') {
      invalid[name] = 'the settings of this server are in a file, which is edited by hand';
      continue;
    }
    const read = readInput(name, value);
    if ('text' in read) set[name] = read.text;
    else invalid[name] = read.problem;
  }
  if (Object.keys(set).length > 0) await run('config.change', { set, isLimitedOnUse: true });
  return {
    ...(await shownSettings(needs)),
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

async function whitelist({ needs, run }: Call): Promise<JsonObject> {
  const { isEnabled, list } = await run('listserver.list', {});
  return { enabled: isEnabled, whitelist: list, _locked: isLocked(needs.live, 'listserverwhitelist') };
}

export const serverRoutes: readonly OriginalRoute[] = [
  {
    path: 'status',
    summary: 'How the server is doing',
    methods: { GET: ({ needs }) => ok(status(needs)) },
  },
  {
    path: 'server',
    summary: 'Settings; `_invalid` names what was not taken',
    section: 'server',
    methods: {
      GET: async ({ needs }) => ok(await shownSettings(needs)),
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
