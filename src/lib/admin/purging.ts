// Counts or deletes old entries of the log and of the audit trail.

import type { Awaitable } from './needs.js';
import { described, flag, integer, moment, object, type Static } from './schema.js';

export const purgeInput = object(
  { before: moment },
  { isDryRun: described(flag, 'entries are counted, not deleted') },
);
export const purged = object({ removed: integer });

interface Entries {
  query(filter: { until: number; order: 'oldest' }): Awaitable<readonly unknown[]>;
  purge(before: number): Awaitable<number>;
}

export async function purgeEntries(
  entries: Entries,
  { before, isDryRun = false }: Static<typeof purgeInput>,
): Promise<Static<typeof purged>> {
  if (!isDryRun) return { removed: await entries.purge(before) };
  return { removed: (await entries.query({ until: before, order: 'oldest' })).length };
}
