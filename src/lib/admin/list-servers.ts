// Operations on the whitelist of list servers (http.md §1.10).

import { refusal } from '../core/errors.js';
import { readSetting } from '../core/settings/settings.js';
import { type AdminNeeds, change, look } from './operation.js';
import { described, flag, list, nothing, object, oneWord, type Static, text } from './schema.js';
import { patternProblem } from './settings.js';

const listServers = object({
  isEnabled: described(flag, 'setting announceWhitelist: without it the list has no effect'),
  entries: described(
    oneWord('patterns', 'urls'),
    'regular expressions that are searched in an address, or complete addresses',
  ),
  list: list(text),
});
export type ListServers = Static<typeof listServers>;

const section = 'listserverwhitelist';
const newEntry = object(
  { entry: text },
  { isPattern: described(flag, 'a regular expression, not an address') },
);

export const listServerOperations = {
  'listserver.list': look({
    summary: 'List where sessions may be announced',
    input: nothing,
    output: listServers,
    run: readListServers,
  }),
  'listserver.add': change(section, {
    summary: 'Allow announcements at a list server',
    input: newEntry,
    output: listServers,
    run: addListServer,
  }),
  'listserver.remove': change(section, {
    summary: 'Disallow announcements at a list server',
    input: object({ entry: described(text, 'as it was added or as it is stored') }),
    output: listServers,
    run: removeListServer,
  }),
  'listserver.replace': change(section, {
    summary: 'Replaces the list',
    input: object({ list: list(text) }),
    output: listServers,
    run: replaceListServers,
  }),
};

async function readListServers({ stores }: AdminNeeds): Promise<ListServers> {
  const text = (await stores.settings.all()).get('announceWhitelist') ?? 'false';
  return {
    isEnabled: readSetting('announceWhitelist', text) === true,
    entries: stores.listServers.entries,
    list: await stores.listServers.all(),
  };
}

/** In a database the address is stored as an expression that matches what begins with it, unless it is one already. */
async function addListServer(needs: AdminNeeds, input: Static<typeof newEntry>): Promise<ListServers> {
  const { listServers } = needs.stores;
  const entry = input.entry.trim();
  const isPattern = input.isPattern ?? false;
  if (!isPattern && !/^https?:\/\/[^\s/]+\S*$/.test(entry)) {
    throw refusal('list-server-invalid', { entry });
  }
  if (isPattern && listServers.entries === 'urls') {
    throw refusal('list-server-no-pattern');
  }
  const stored = isPattern || listServers.entries === 'urls' ? entry : `^${escapePattern(entry)}`;
  const problem = listServers.entries === 'patterns' ? patternProblem(stored) : undefined;
  if (problem !== undefined) throw refusal('list-server-pattern-invalid', { entry, problem });
  const list = await listServers.all();
  if (list.includes(stored)) throw refusal('list-server-exists', { entry });
  await listServers.replace([...list, stored]);
  return readListServers(needs);
}

async function removeListServer(needs: AdminNeeds, input: { entry: string }): Promise<ListServers> {
  const { listServers } = needs.stores;
  const list = await listServers.all();
  const meant = new Set([input.entry, `^${escapePattern(input.entry)}`]);
  const rest = list.filter((entry) => !meant.has(entry));
  if (rest.length === list.length) {
    throw refusal('list-server-not-found', { entry: input.entry });
  }
  await listServers.replace(rest);
  return readListServers(needs);
}

async function replaceListServers(
  needs: AdminNeeds,
  input: { list: readonly string[] },
): Promise<ListServers> {
  if (needs.stores.listServers.entries === 'patterns') {
    for (const entry of input.list) {
      const problem = patternProblem(entry);
      if (problem !== undefined) throw refusal('list-server-pattern-invalid', { entry, problem });
    }
  }
  await needs.stores.listServers.replace(input.list);
  return readListServers(needs);
}

function escapePattern(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}
