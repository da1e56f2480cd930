// What a server stores where.
import type { StartupValues } from '../core/settings/startup.js';
import { dataFiles, dataFolder } from '../io/system/data-folder.js';
import { isRoot, rootDataFolder } from '../io/system/user.js';

/** Where configuration and sessions are kept; undefined: in memory. */
export interface Places {
  config: string | undefined;
  database: string | undefined;
  sessions: string | undefined;
  /** Our own folder, when it is used; made if it is not there. */
  ownFolder: string | undefined;
}

/**
 * What is stored where. Without options, everything is in the data folder; with one of them, the rest is in
 * memory, as in the original; `--ephemeral` keeps nothing.
 */
export function choosePlaces(
  values: StartupValues,
  environment: Readonly<Record<string, string | undefined>>,
): Places {
  const { config, database, sessions, data, ephemeral } = values;
  if (ephemeral) return { config: undefined, database: undefined, sessions: undefined, ownFolder: undefined };
  if (config !== undefined || database !== undefined || (sessions !== undefined && data === undefined)) {
    return { config, database, sessions, ownFolder: undefined };
  }
  const folder = data ?? (isRoot() ? rootDataFolder : dataFolder({ env: environment }));
  const files = dataFiles(folder);
  return {
    config: undefined,
    database: files.database,
    sessions: sessions ?? files.sessions,
    ownFolder: folder,
  };
}

/** In words. `count`: of the sessions. */
export function describePlaces({ config, database, sessions, ownFolder }: Places, count: number): string {
  const found = count === 1 ? '1 session' : `${count} sessions`;
  if (ownFolder !== undefined) return `in ${ownFolder} (${found} found)`;
  const settings = config ?? database;
  return [
    settings === undefined ? 'settings and accounts in memory' : `settings and accounts in ${settings}`,
    sessions === undefined
      ? 'sessions in memory: they end with the server'
      : `sessions in ${sessions} (${found} found)`,
  ].join(', ');
}
