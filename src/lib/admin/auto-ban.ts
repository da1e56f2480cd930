// Bans addresses that are banned in several sessions.

import { type Address, formatAddress, isLoopback, parseAddress } from '../core/addresses.js';
import { dayMs } from './ban-addresses.js';
import type { AutoBan, autoBanRules } from './ban-shapes.js';
import { requireLog } from './log.js';
import type { AdminNeeds } from './operation.js';
import type { Static } from './schema.js';
import { isActive, isSingle, matches } from './stored-bans.js';

/**
 * The rules of the original's bantool (cli.md §6): an address that was banned from `sessions` different sessions
 * in the last `days`, and has no ban yet, is banned for `penalty` days per session.
 */
export async function autoBan(
  { stores, now }: AdminNeeds,
  input: Static<typeof autoBanRules>,
): Promise<AutoBan[]> {
  const { sessions: least = 3, days = 2, penalty = 5 } = input;
  const log = requireLog(stores);
  const groups = new Map<string, { parsed: Address; sessions: Set<string>; names: Set<string> }>();
  for (const { user, session } of await log.query({
    from: now() - days * dayMs,
    topics: ['Ban'],
    order: 'oldest',
  })) {
    const address = user && parseAddress(user.ip);
    if (!user || !address || !session) continue;
    const text = formatAddress(address);
    const group = groups.get(text) ?? { parsed: address, sessions: new Set(), names: new Set() };
    groups.set(text, group);
    group.sessions.add(session);
    if (user.name !== '') group.names.add(user.name);
  }
  const bans = await stores.bans.all();
  const results: AutoBan[] = [];
  for (const [address, group] of groups) {
    if (group.sessions.size < least) continue;
    const names = [...group.names].sort();
    const expires = now() + penalty * group.sessions.size * dayMs;
    const comment = `Banned from ${group.sessions.size} sessions. Names used: ${names.join(', ')}`;
    const { parsed } = group;
    const own = bans.some(
      (ban) => ban.kind === 'ip' && isActive(ban, now()) && isSingle(ban) && matches(ban, parsed),
    );
    const skipped = own ? 'has a ban already' : isLoopback(parsed) ? 'is this machine' : undefined;
    results.push({
      address,
      sessions: group.sessions.size,
      names,
      expires,
      comment,
      ...(skipped !== undefined && { skipped }),
    });
    if (skipped === undefined && input.isDryRun !== true) {
      await stores.bans.add({ kind: 'ip', address, bits: 0, expires, comment });
    }
  }
  return results;
}
