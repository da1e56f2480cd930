// Which folders the commands about stored sessions and templates look into when none is named.
import { existsSync } from 'node:fs';
import { Refusal } from '../core/errors.js';
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
  throw new Refusal(
    'badInput',
    `it is not clear where the ${kind} are: ${folder} does not exist`,
    `name the folder that dp serve was given with --${kind}`,
  );
}
