// The stores for a command, as they are: nothing is created, migrated or converted, and only what the kind of store
// needs is loaded. A running server has a Configuration instead.

import type { Stores } from '../admin/needs.js';

/** A database or a settings file that is there. Refusal or Fault with the way out. */
export async function openStores(
  place: { config: string } | { database: string },
): Promise<Stores & { close(): void }> {
  if ('config' in place) {
    const { SettingsFile } = await import('../io/disk/settings-file-store.js');
    return Object.assign(SettingsFile.open(place.config), { close: () => undefined });
  }
  const { ConfigDatabase } = await import('../io/sqlite/config-database.js');
  return ConfigDatabase.open(place.database, { role: 'command' });
}
