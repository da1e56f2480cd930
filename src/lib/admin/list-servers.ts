// Operations on the whitelist of list servers (http.md §1.10).

import { Refusal } from '../core/errors.js';
import { readSetting } from '../core/settings/settings.js';
import type { ListServerStore } from './needs.js';
import type { AdminNeeds } from './operation.js';
import { patternProblem } from './settings.js';

export interface ListServers {
  /** Setting announceWhitelist: without it the list has no effect. */
  isEnabled: boolean;
  /** Regular expressions that are searched in an address, or whole addresses. */
  entries: ListServerStore['entries'];
  list: readonly string[];
}

export async function listListServers({ stores }: AdminNeeds, _: Record<never, never>): Promise<ListServers> {
  const text = (await stores.settings.all()).get('announceWhitelist') ?? 'false';
  return {
    isEnabled: readSetting('announceWhitelist', text) === true,
    entries: stores.listServers.entries,
    list: await stores.listServers.all(),
  };
}

/** In a database the address is stored as an expression that matches what begins with it, unless it is one already. */
export async function addListServer(
  needs: AdminNeeds,
  input: { entry: string; isPattern?: boolean },
): Promise<ListServers> {
  const { listServers } = needs.stores;
  const entry = input.entry.trim();
  const isPattern = input.isPattern ?? false;
  if (!isPattern && !/^https?:\/\/[^\s/]+\S*$/.test(entry)) {
    throw new Refusal(
      'badInput',
      `'${entry}' is no address of a list server`,
      'It looks like https://drawpile.net/api/listing/; for a regular expression add --pattern.',
    );
  }
  if (isPattern && listServers.entries === 'urls') {
    throw new Refusal('unsupported', 'a settings file lists whole addresses, not expressions');
  }
  const stored = isPattern || listServers.entries === 'urls' ? entry : `^${escapePattern(entry)}`;
  const problem = listServers.entries === 'patterns' ? patternProblem(stored) : undefined;
  if (problem !== undefined) throw new Refusal('badInput', problem);
  const list = await listServers.all();
  if (list.includes(stored)) throw new Refusal('conflict', `'${entry}' is in the list already`);
  await listServers.replace([...list, stored]);
  return listListServers(needs, {});
}

/** `entry` as it was added or as it is stored. */
export async function removeListServer(needs: AdminNeeds, input: { entry: string }): Promise<ListServers> {
  const { listServers } = needs.stores;
  const list = await listServers.all();
  const meant = new Set([input.entry, `^${escapePattern(input.entry)}`]);
  const rest = list.filter((entry) => !meant.has(entry));
  if (rest.length === list.length) {
    throw new Refusal('notFound', `'${input.entry}' is not in the list`, 'Try: dp listserver list');
  }
  await listServers.replace(rest);
  return listListServers(needs, {});
}

export async function replaceListServers(
  needs: AdminNeeds,
  input: { list: readonly string[] },
): Promise<ListServers> {
  if (needs.stores.listServers.entries === 'patterns') {
    for (const entry of input.list) {
      const problem = patternProblem(entry);
      if (problem !== undefined) throw new Refusal('badInput', `${entry}: ${problem}`);
    }
  }
  await needs.stores.listServers.replace(input.list);
  return listListServers(needs, {});
}

function escapePattern(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}
