// The audit trail of a server without storage: the newest entries, in memory.

import type { AuditEntry, AuditFilter, AuditStore } from './needs.js';

const keptEntries = 1000;

export function memoryAudit(): AuditStore {
  let entries: AuditEntry[] = [];
  let lastId = 0;
  return {
    append(changes) {
      for (const change of changes) {
        lastId += 1;
        entries.push({ ...change, id: lastId });
      }
      // many at once: moving the others for each new one is expensive
      if (entries.length >= keptEntries * 2) entries = entries.slice(-keptEntries);
    },
    query: (filter) => selectAudit(entries, filter),
    purge(before) {
      const count = entries.length;
      entries = entries.filter(({ when }) => when >= before);
      return count - entries.length;
    },
  };
}

/** The matching entries of those given in the order in which they were written. */
function selectAudit(entries: readonly AuditEntry[], filter: AuditFilter): AuditEntry[] {
  const lower = (list: readonly string[] | undefined) =>
    list && new Set(list.map((text) => text.toLowerCase()));
  const by = lower(filter.by);
  const on = lower(filter.on);
  const sessions = lower(filter.sessions);
  const addresses = filter.addresses && new Set(filter.addresses);
  const contains = filter.contains?.toLowerCase();
  const kept = entries.filter(
    (entry) =>
      (filter.from === undefined || entry.when >= filter.from) &&
      (filter.until === undefined || entry.when < filter.until) &&
      (filter.afterId === undefined || entry.id > filter.afterId) &&
      (by === undefined || by.has(entry.actor.name.toLowerCase()) || by.has(entry.actor.kind)) &&
      (addresses === undefined || addresses.has(entry.address)) &&
      (filter.what === undefined || filter.what.some((name) => isOfKind(entry.what, name))) &&
      (on === undefined || on.has(entry.on.name.toLowerCase())) &&
      (sessions === undefined || sessions.has(sessionOf(entry).toLowerCase())) &&
      (contains === undefined ||
        [entry.before, entry.after].some((facts) =>
          (JSON.stringify(facts) ?? '').toLowerCase().includes(contains),
        )),
  );
  if (filter.order === 'newest') kept.reverse();
  const skip = filter.skip ?? 0;
  return kept.slice(skip, filter.limit === undefined ? undefined : skip + filter.limit);
}

/** `session.kick` is of `session.kick` and of `session`. */
function isOfKind(what: string, name: string): boolean {
  return what === name || what.startsWith(`${name}.`);
}

/** Id of the session that was changed, or in which something was; '' for none. */
function sessionOf({ on }: Pick<AuditEntry, 'on'>): string {
  return on.session ?? (on.kind === 'session' ? on.name : '');
}
