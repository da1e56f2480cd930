// Set-ups for tests of commands: a database or a settings file, and the flags that name it.

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ExecutionContext } from 'ava';
import type { LogEntry } from '../../src/lib/core/session/needs.js';
import { ConfigDatabase } from '../../src/lib/io/sqlite/config-database.js';
import { tempFolder } from './temp-folder.js';

/** `['--database', FILE]` of a new database with these entries in its log. */
export async function databaseFlags(t: ExecutionContext, log: readonly LogEntry[] = []): Promise<string[]> {
  const file = join(tempFolder(t), 'dp.db');
  const database = await ConfigDatabase.open(file, { role: 'server' });
  if (log.length > 0) database.log.append(log);
  database.close();
  return ['--database', file];
}

/** `['--config', FILE]` of a settings file with this text. */
export function fileFlags(t: ExecutionContext, text = ''): [flag: string, file: string] {
  const file = join(tempFolder(t), 'dp.conf');
  writeFileSync(file, text);
  return ['--config', file];
}
