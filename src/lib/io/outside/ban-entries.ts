// The document of an external ban list (http.md §5): reading it, and who is meant by an entry.

import { type Address, compareAddresses, parseAddress } from '../../core/addresses.js';
import { readReaction } from '../../core/login/ban-table.js';
import type { BanReaction } from '../../core/login/needs.js';

/** `unknown`: a text that we do not know; acts like `normal`. */
export type ListedReaction = BanReaction | 'unknown';

export interface BannedRange {
  from: string;
  to: string;
  reaction: ListedReaction;
  first: Address;
  last: Address;
}

export interface ListedBan {
  id: number;
  ips: BannedRange[];
  excluded: Omit<BannedRange, 'reaction'>[];
  systems: { sids: string[]; reaction: ListedReaction }[];
  users: { ids: number[]; reaction: ListedReaction }[];
  /** Milliseconds since 1970. */
  expires: number;
  /** As it stands in the document: `YYYY-MM-DD HH:MM:SS`, UTC. */
  expiresText: string;
  comment: string;
  reason: string;
}

export interface BanDocument {
  bans: ListedBan[];
  /** Why entries were left out. */
  problems: string[];
}

/** Undefined: this is not a JSON object. Entries that make no sense are left out, with a reason. */
export function readBanDocument(text: string): BanDocument | undefined {
  const document = objectOf(parsed(text));
  if (document === undefined) return undefined;
  const result: BanDocument = { bans: [], problems: [] };
  for (const entry of Array.isArray(document.bans) ? document.bans : []) {
    const ban = readEntry(objectOf(entry) ?? {});
    if (typeof ban === 'string') result.problems.push(ban);
    else result.bans.push(ban);
  }
  return result;
}

/** The reaction to this address, undefined when it is not meant. */
export function rangeOf(ban: ListedBan, address: Address): BannedRange | undefined {
  if (ban.excluded.some((range) => isInRange(address, range))) return undefined;
  return ban.ips.find((range) => isInRange(address, range));
}

function isInRange(address: Address, { first, last }: Omit<BannedRange, 'reaction'>): boolean {
  return compareAddresses(first, address) <= 0 && compareAddresses(address, last) <= 0;
}

type JsonObject = Record<string, unknown>;

function readEntry(entry: JsonObject): ListedBan | string {
  const { id } = entry;
  if (!isInteger(id) || id === 0) return `Invalid ban id ${JSON.stringify(id)}`;
  const ips: BannedRange[] = [];
  for (const item of listOf(entry.ips)) {
    const range = readRange(item);
    if (range === undefined) return `Invalid ip ban in id '${id}'`;
    ips.push({ ...range, reaction: reactionOf(item) });
  }
  const excluded: ListedBan['excluded'] = [];
  for (const item of listOf(entry.ipsexcluded)) {
    const range = readRange(item);
    // Without its exception the entry would hit somebody it is not meant for.
    if (range === undefined) return `Invalid excluded ip in id '${id}'`;
    excluded.push(range);
  }
  const systems = listOf(entry.system).flatMap((item) => {
    const sids = listOf(objectOf(item)?.sids).filter(
      (sid): sid is string => typeof sid === 'string' && sid !== '',
    );
    return sids.length === 0 ? [] : [{ sids, reaction: reactionOf(item) }];
  });
  const users = listOf(entry.users).flatMap((item) => {
    const ids = listOf(objectOf(item)?.ids).filter(isInteger);
    return ids.length === 0 ? [] : [{ ids, reaction: reactionOf(item) }];
  });
  if (ips.length + systems.length + users.length === 0) return `Empty ban with id '${id}'`;
  const expires = readTime(entry.expires);
  if (expires === undefined) return `Invalid expires ${JSON.stringify(entry.expires)} in id '${id}'`;
  const { comment, reason } = entry;
  return {
    id,
    ips,
    excluded,
    systems,
    users,
    expires,
    expiresText: String(entry.expires),
    comment: typeof comment === 'string' ? comment : '',
    reason: typeof reason === 'string' ? reason : '',
  };
}

function readRange(item: unknown): Omit<BannedRange, 'reaction'> | undefined {
  const { from, to } = objectOf(item) ?? {};
  if (typeof from !== 'string' || typeof to !== 'string') return undefined;
  const first = parseAddress(from);
  const last = parseAddress(to);
  return first && last && compareAddresses(first, last) <= 0 ? { from, to, first, last } : undefined;
}

function reactionOf(item: unknown): ListedReaction {
  const { reaction = '' } = objectOf(item) ?? {};
  return (typeof reaction === 'string' ? readReaction(reaction) : undefined) ?? 'unknown';
}

/** `YYYY-MM-DD HH:MM:SS`, a real date, UTC. */
function readTime(value: unknown): number | undefined {
  if (typeof value !== 'string' || !/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/.test(value)) return undefined;
  const iso = `${value.replace(' ', 'T')}.000Z`;
  const time = Date.parse(iso);
  return Number.isNaN(time) || new Date(time).toISOString() !== iso ? undefined : time;
}

function isInteger(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

function objectOf(value: unknown): JsonObject | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as JsonObject)
    : undefined;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
