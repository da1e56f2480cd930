// Operations on the server log.

import { Refusal } from '../core/errors.js';
import type { LogFilter, LogRow, LogStore, Stores } from './needs.js';
import type { AdminNeeds } from './operation.js';

export async function queryLog({ stores }: AdminNeeds, input: LogFilter): Promise<readonly LogRow[]> {
  return requireLog(stores).query(input);
}

/** Entries older than `before` (milliseconds since 1970). A dry run counts them. */
export async function purgeLog(
  { stores }: AdminNeeds,
  input: { before: number; isDryRun?: boolean },
): Promise<{ removed: number }> {
  const log = requireLog(stores);
  if (input.isDryRun === true) {
    return { removed: (await log.query({ until: input.before, order: 'oldest' })).length };
  }
  return { removed: await log.purge(input.before) };
}

/** Refusal where nothing is kept. */
export function requireLog(stores: Stores): LogStore {
  if (stores.log !== undefined) return stores.log;
  throw new Refusal(
    'unsupported',
    stores.kind === 'file'
      ? 'a server with a settings file keeps its log in memory only'
      : 'this server keeps no log',
    'With --database FILE the log is kept in the database.',
  );
}
