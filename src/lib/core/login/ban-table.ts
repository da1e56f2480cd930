// Server bans indexed for the login (login.md §12, config.md §6): one look-up per kind of ban and prefix length,
// however many bans there are. The store replaces the complete list at each change.

import {
  type Address,
  formatSubnet,
  masked,
  parseAddress,
  readStoredSubnet,
  type StoredSubnet,
} from '../addresses.js';
import { type Reason, reason } from '../errors/reason.js';
import { formatDateTime, parseDateTime } from '../units.js';
import type { BanReaction, ServerBan, ServerBans } from './needs.js';

interface BanFacts {
  id: number;
  /** Milliseconds since 1970; undefined: for good. */
  expires: number | undefined;
}

/** As stores keep them. */
export type BanEntry =
  | (BanFacts & { kind: 'ip'; address: string; bits: number })
  | (BanFacts & { kind: 'client'; sid: string; reaction: BanReaction; reason: string })
  | (BanFacts & { kind: 'user'; userId: number; reaction: BanReaction; reason: string });

export class BanTable implements ServerBans {
  readonly #now: () => number;
  readonly #listeners = new Set<() => void>();
  /** Per length of address and prefix, longest prefix first, by the masked address. */
  #subnets: { length: number; bits: number; bans: Map<string, ServerBan[]> }[] = [];
  #clients = new Map<string, ServerBan[]>();
  #users = new Map<number, ServerBan[]>();

  constructor(now: () => number) {
    this.#now = now;
  }

  forAddress(ip: string): ServerBan | undefined {
    const address = parseAddress(ip);
    if (!address) return undefined;
    for (const { length, bits, bans } of this.#subnets) {
      if (length !== address.length) continue;
      const ban = this.#active(bans.get(keyOf(masked(address, bits))));
      if (ban) return ban;
    }
    return undefined;
  }

  forSystem(sid: string): ServerBan | undefined {
    return this.#active(this.#clients.get(sid.toLowerCase()));
  }

  forUser(uid: number): ServerBan | undefined {
    return this.#active(this.#users.get(uid));
  }

  /** Replaces all bans. Entries with an unusable address are left out. */
  replace(entries: Iterable<BanEntry>): void {
    this.#subnets = [];
    this.#clients = new Map();
    this.#users = new Map();
    for (const entry of entries) this.#add(entry);
    this.#subnets.sort((a, b) => b.bits - a.bits);
    for (const listener of [...this.#listeners]) listener();
  }

  /** `listener` is called after each change, to check connected users again. Returns a function that unsubscribes. */
  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  #add(entry: BanEntry): void {
    const source = `${entry.kind === 'client' ? 'system' : entry.kind} ban ${entry.id}`;
    if (entry.kind === 'ip') {
      const read = readStoredSubnet(entry);
      if ('problem' in read) return;
      const { base: address, bits } = read.subnet;
      let group = this.#subnets.find((known) => known.length === address.length && known.bits === bits);
      if (!group) {
        group = { length: address.length, bits, bans: new Map() };
        this.#subnets.push(group);
      }
      push(group.bans, keyOf(address), { reaction: 'normal', expires: entry.expires, reason: '', source });
      return;
    }
    const ban: ServerBan = {
      reaction: entry.reaction,
      expires: entry.expires,
      reason: entry.reason,
      source,
    };
    if (entry.kind === 'client') push(this.#clients, entry.sid.toLowerCase(), ban);
    else push(this.#users, entry.userId, ban);
  }

  /** The active ban that lasts longest. */
  #active(bans: readonly ServerBan[] | undefined): ServerBan | undefined {
    if (!bans) return undefined;
    const now = this.#now();
    let best: ServerBan | undefined;
    for (const ban of bans) {
      if (ban.expires !== undefined && ban.expires <= now) continue;
      if (!best || (best.expires !== undefined && (ban.expires ?? Infinity) > best.expires)) best = ban;
    }
    return best;
  }
}

function push<Key>(bans: Map<Key, ServerBan[]>, key: Key, ban: ServerBan): void {
  const known = bans.get(key);
  if (known) known.push(ban);
  else bans.set(key, [ban]);
}

function keyOf(address: Address): string {
  return String.fromCharCode(...address);
}

/** What is wrong with how a ban of addresses is stored, and whether it has an effect all the same. */
export function storedBanProblem(ban: StoredSubnet): { isEffective: boolean; reason: Reason } | undefined {
  const read = readStoredSubnet(ban);
  if ('problem' in read) {
    return { isEffective: false, reason: reason('ban-without-effect', { problem: String(read.problem) }) };
  }
  if (!read.isCorrected) return undefined;
  const meant = formatSubnet(read.subnet);
  return { isEffective: true, reason: reason('ban-of-mapped-address', { bits: ban.bits, meant }) };
}

/**
 * The expiry of a ban as a database has it: any value that SQLite can store. The originals compare its text with that
 * of the time now (config.md §3), so what is missing, empty or a number has no effect, and other text that is not a
 * date bans for good or not at all by its first letters. `expires` is in milliseconds since 1970, undefined for good.
 */
export function readStoredExpiry(
  stored: unknown,
  now: number,
): { expires: number | undefined; problem?: string } {
  const text = stored instanceof Uint8Array ? new TextDecoder().decode(stored) : stored;
  if (typeof text === 'string') {
    if (text.startsWith('9999')) return { expires: undefined };
    const time = parseDateTime(text);
    if (time !== undefined) return { expires: time };
  }
  // Bytes are greater than any text.
  const isForGood = typeof text === 'string' && (stored !== text || text > formatDateTime(now));
  const effect = isForGood ? 'the ban never expires' : 'the ban has no effect';
  const fault =
    stored === null || stored === undefined || text === ''
      ? 'the expiry is missing'
      : /^\d+(\.\d+)?$/.test(String(text))
        ? `the expiry is the number ${text}, not a date`
        : `the expiry ${JSON.stringify(text)} is not a date`;
  return { expires: isForGood ? undefined : 0, problem: `${fault}: ${effect}` };
}

/** How stored text names a reaction; '' is the normal one. Undefined: none that we know. */
export function readReaction(text: string): BanReaction | undefined {
  switch (text) {
    case '':
    case 'normal':
      return 'normal';
    case 'neterror':
    case 'garbage':
    case 'hang':
    case 'timer':
      return text;
    default:
      return undefined;
  }
}
