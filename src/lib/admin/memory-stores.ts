// Stores in memory: for a server without storage, and for tests.

import { logLevels } from '../core/log-levels.js';
import { requireUnusedName } from './account-names.js';
import { memoryAudit } from './memory-audit.js';
import { memoryGrants } from './memory-grants.js';
import { memoryNotes, memoryReports } from './memory-reports.js';
import type {
  BanChange,
  BanKind,
  LogFilter,
  LogRow,
  LogStore,
  NewBan,
  StoredAccount,
  StoredBan,
  Stores,
} from './needs.js';

/** `log` is shared with its writer. */
export function memoryStores(log: LogRow[], now: () => number): Stores & { readonly log: LogStore } {
  const settings = new Map<string, string>();
  let accounts: StoredAccount[] = [];
  let bans: StoredBan[] = [];
  let listServers: readonly string[] = [];
  let lastId = 0;
  const nextId = () => {
    lastId += 1;
    return lastId;
  };
  return {
    kind: 'memory',
    place: '',
    settings: {
      all: () => settings,
      change(values) {
        for (const [name, text] of values) {
          if (text === undefined) settings.delete(name);
          else settings.set(name, text);
        }
      },
    },
    accounts: {
      all: () => accounts,
      add(account) {
        requireUnusedName(accounts, account.name);
        const stored = { ...account, id: nextId() };
        accounts = [...accounts, stored];
        return stored;
      },
      change(id, change) {
        const found = accounts.find((account) => account.id === id);
        if (found === undefined) return false;
        if (change.name !== undefined && change.name !== found.name) requireUnusedName(accounts, change.name);
        accounts = accounts.map((account) => (account.id === id ? { ...account, ...change } : account));
        return true;
      },
      remove(id) {
        const before = accounts.length;
        accounts = accounts.filter((account) => account.id !== id);
        return accounts.length < before;
      },
    },
    bans: {
      keepsDetails: true,
      all: () => bans,
      add(ban) {
        const same = bans.find((other) => isSameSubnet(other, ban));
        if (same !== undefined) return same;
        const stored: StoredBan = { ...ban, id: nextId(), added: now() };
        bans = [...bans, stored];
        return stored;
      },
      change(kind: BanKind, id: number, change: BanChange) {
        if (!bans.some((ban) => ban.kind === kind && ban.id === id)) return false;
        bans = bans.map((ban) =>
          ban.kind === kind && ban.id === id ? ({ ...ban, ...change } as StoredBan) : ban,
        );
        return true;
      },
      remove(refs) {
        const before = bans.length;
        bans = bans.filter((ban) => !refs.some(({ kind, id }) => ban.kind === kind && ban.id === id));
        return before - bans.length;
      },
    },
    listServers: {
      entries: 'patterns',
      all: () => listServers,
      replace(list) {
        listServers = [...list];
      },
    },
    audit: memoryAudit(),
    grants: memoryGrants(),
    reports: memoryReports(),
    notes: memoryNotes(),
    log: {
      query: (filter) => selectLog(log, filter),
      purge(before) {
        const count = log.length;
        log.splice(0, count, ...log.filter(({ time }) => time >= before));
        return count - log.length;
      },
    },
  };
}

function isSameSubnet(ban: StoredBan, other: NewBan): boolean {
  return ban.kind === 'ip' && other.kind === 'ip' && ban.address === other.address && ban.bits === other.bits;
}

/** What a filter leaves of rows that are in the order in which they were written. */
export function selectLog(rows: readonly LogRow[], filter: LogFilter): LogRow[] {
  const lower = (list: readonly string[] | undefined) =>
    list === undefined ? undefined : new Set(list.map((text) => text.toLowerCase()));
  const names = lower(filter.names);
  const addresses = lower(filter.addresses);
  const sessions = lower(filter.sessions);
  const topics = filter.topics && new Set(filter.topics);
  const level = filter.level === undefined ? logLevels.length : logLevels.indexOf(filter.level);
  const kept = rows.filter((row) => {
    const user = row.user && `${row.user.id};${row.user.ip};${row.user.name}`.toLowerCase();
    return (
      (filter.from === undefined || row.time >= filter.from) &&
      (filter.until === undefined || row.time < filter.until) &&
      (filter.afterId === undefined || row.id > filter.afterId) &&
      (!filter.user || (user?.includes(filter.user.toLowerCase()) ?? false)) &&
      (names === undefined || (row.user !== undefined && names.has(row.user.name.toLowerCase()))) &&
      (addresses === undefined || (row.user !== undefined && addresses.has(row.user.ip.toLowerCase()))) &&
      (sessions === undefined || sessions.has((row.session ?? '').toLowerCase())) &&
      (topics === undefined || topics.has(row.topic)) &&
      logLevels.indexOf(row.level) <= level &&
      (!filter.contains || row.message.toLowerCase().includes(filter.contains.toLowerCase()))
    );
  });
  if (filter.order === 'newest') kept.reverse();
  const skip = filter.skip ?? 0;
  return kept.slice(skip, filter.limit === undefined ? undefined : skip + filter.limit);
}
