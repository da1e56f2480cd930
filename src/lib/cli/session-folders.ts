// Which folders the commands about stored sessions and templates look into when none is named.
import { existsSync } from 'node:fs';
import { refusal } from '../core/errors.js';
import { startupVariables } from '../core/settings/startup.js';
import { dataFiles, dataFolder } from '../io/system/data-folder.js';

/** The named folders, else that of the environment, else the one in the data folder. */
export function chooseFolders(
  kind: 'sessions' | 'templates',
  named: readonly string[],
  environment: Readonly<Record<string, string | undefined>>,
): string[] {
  if (named.length > 0) return [...named];
  for (const variable of startupVariables(kind)) {
    const value = environment[variable];
    if (value) return [value];
  }
  const folder = dataFiles(dataFolder({ env: environment }))[kind];
  if (existsSync(folder)) return [folder];
  throw refusal('place-unclear', { kind, folder });
}
