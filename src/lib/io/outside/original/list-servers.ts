// The list servers that may be used, over the admin API of an original (http.md §1): all of them are replaced at once.

import type { JsonObject } from '../../../core/protocol/command.js';
import type { Ask } from './translation.js';

export async function listServers(
  ask: Ask,
): Promise<{ isEnabled: boolean; entries: 'patterns'; list: string[] }> {
  const { enabled, whitelist } = (await ask('GET', 'listserverwhitelist/')) as JsonObject;
  return { isEnabled: enabled === true, entries: 'patterns', list: (whitelist ?? []) as string[] };
}

export const escaped = (entry: string) => `^${entry.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')}`;

export const replaceList = async (ask: Ask, list: readonly string[]) => {
  await ask('PUT', 'listserverwhitelist/', { whitelist: list });
  return listServers(ask);
};
