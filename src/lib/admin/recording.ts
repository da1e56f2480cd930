// Records the changes of administrators for the audit trail and the server log: operations get stores that record
// every write, so none can omit it; any other effect an operation reports with `record`.

import {
  type Change,
  type ChangeFacts,
  difference,
  hiddenValue,
  signatureOf,
} from '../core/session/change.js';
import { administrator } from '../core/session/texts.js';
import { isSettingName, settingRow } from '../core/settings/settings.js';
import { changeText, subjectText } from './change-text.js';
import type {
  AccountStore,
  BanStore,
  LogStore,
  NoteStore,
  ReportClosing,
  ReportStore,
  StoredAccount,
  Note as StoredNote,
  Stores,
} from './needs.js';
import { type AdminNeeds, actorFor } from './operation.js';
import { viewOf } from './stored-bans.js';

/** What was done, without who and when; the change is called as the operation that runs. */
export type Done = Pick<Change, 'on' | 'before' | 'after'>;

/** Stored before the caller gets an answer. `words`: for the log, where it has words for that already. */
export async function record(needs: AdminNeeds, done: Done, words?: string): Promise<void> {
  const change: Change = {
    // `needs.now` does not follow a clock that jumped; entries show what the clock showed.
    when: needs.live?.clock.now() ?? needs.now(),
    ...signatureOf(actorFor(needs)),
    what: needs.operation ?? '',
    ...done,
  };
  await needs.changes?.made(change);
  needs.live?.log.write({
    time: change.when,
    level: 'info',
    topic: 'Status',
    message: lineOf(change, words),
  });
}

/** The same needs, with stores that record what is changed in them. */
export function recorded<Needs extends AdminNeeds>(needs: Needs): Needs {
  const { stores } = needs;
  const note = (done: Done) => record(needs, done);
  const { log, audit } = stores;
  const wrapped: Stores = {
    kind: stores.kind,
    place: stores.place,
    settings: {
      all: () => stores.settings.all(),
      async change(values) {
        const before = settingFacts(await stores.settings.all(), values.keys());
        await stores.settings.change(values);
        const after = settingFacts(await stores.settings.all(), values.keys());
        const found = difference(before, after);
        if (!found) return;
        const hide = (facts: ChangeFacts) => hidden(facts, isSecretSetting);
        const on = {
          kind: 'settings',
          name: Object.keys({ ...found.before, ...found.after }).join(' '),
        } as const;
        await note({ on, before: hide(found.before), after: hide(found.after) });
      },
    },
    accounts: recordedAccounts(stores.accounts, note),
    bans: recordedBans(stores.bans, note, needs),
    listServers: {
      entries: stores.listServers.entries,
      all: () => stores.listServers.all(),
      async replace(list) {
        const before = { entries: [...(await stores.listServers.all())] };
        await stores.listServers.replace(list);
        const found = difference(before, { entries: [...list] });
        if (found) await note({ on: { kind: 'list servers', name: '' }, ...found });
      },
    },
    log: log && { query: (filter) => log.query(filter), purge: recordedPurge(log, 'log', note) },
    audit: audit && {
      append: (changes) => audit.append(changes),
      query: (filter) => audit.query(filter),
      purge: recordedPurge(audit, 'audit', note),
    },
    grants: stores.grants,
    reports: stores.reports && recordedReports(stores.reports, note),
    notes: stores.notes && recordedNotes(stores.notes, note),
    ...(stores.problems && { problems: () => stores.problems?.() ?? [] }),
  };
  return { ...needs, stores: wrapped };
}

type Note = (done: Done) => Promise<void>;

function recordedPurge(store: Pick<LogStore, 'purge'>, kind: 'log' | 'audit', note: Note) {
  return async (until: number): Promise<number> => {
    const removed = await store.purge(until);
    await note({ on: { kind, name: '' }, before: { until, removed } });
    return removed;
  };
}

function recordedReports(reports: ReportStore, note: Note): ReportStore {
  return {
    query: (filter) => reports.query(filter),
    get: (id) => reports.get(id),
    add: (notice) => reports.add(notice),
    async close(id, closing) {
      const before = await reports.get(id);
      const isDone = await reports.close(id, closing);
      if (!isDone || !before) return isDone;
      const facts = ({ by, comment }: ReportClosing) => ({ by, comment });
      await note({
        on: { kind: 'report', name: String(id), session: before.session },
        ...(before.closed && { before: facts(before.closed) }),
        ...(closing && { after: facts(closing) }),
      });
      return isDone;
    },
  };
}

function recordedNotes(notes: NoteStore, note: Note): NoteStore {
  const done = ({ id, kind, target, text }: StoredNote) => ({
    on: { kind: 'note', name: `${kind} ${target}` } as const,
    facts: { id, text },
  });
  return {
    all: () => notes.all(),
    async add(given) {
      const added = await notes.add(given);
      const { on, facts } = done(added);
      await note({ on, after: facts });
      return added;
    },
    async remove(id) {
      const before = (await notes.all()).find((each) => each.id === id);
      const isDone = await notes.remove(id);
      if (!isDone || !before) return isDone;
      const { on, facts } = done(before);
      await note({ on, before: facts });
      return isDone;
    },
  };
}

function recordedAccounts(accounts: AccountStore, note: Note): AccountStore {
  const find = async (id: number) => (await accounts.all()).find((account) => account.id === id);
  const on = (name: string) => ({ kind: 'account', name }) as const;
  return {
    all: () => accounts.all(),
    async add(account) {
      const added = await accounts.add(account);
      await note({ on: on(added.name), after: hidden(accountFacts(added), isPassword) });
      return added;
    },
    async change(id, change) {
      const before = await find(id);
      const isDone = await accounts.change(id, change);
      if (!isDone || !before) return isDone;
      const found = difference(accountFacts(before), accountFacts({ ...before, ...change }));
      if (!found) return isDone;
      const [was, is] = [hidden(found.before, isPassword), hidden(found.after, isPassword)];
      await note({ on: on(before.name), before: was, after: is });
      return isDone;
    },
    async remove(id) {
      const before = await find(id);
      const isDone = await accounts.remove(id);
      if (!isDone || !before) return isDone;
      const was = hidden(accountFacts(before), isPassword);
      await note({ on: on(before.name), before: was });
      return isDone;
    },
  };
}

function recordedBans(bans: BanStore, note: Note, { now }: Pick<AdminNeeds, 'now'>): BanStore {
  const facts = (ban: Parameters<typeof viewOf>[0]): ChangeFacts => {
    const { expires, comment, reason, reaction, target } = viewOf(ban, now());
    return { target, expires, comment, reason, reaction };
  };
  const on = ({ kind, id }: { kind: string; id: number }) =>
    ({ kind: 'ban', name: `${kind}:${id}` }) as const;
  const find = async (kind: string, id: number) =>
    (await bans.all()).find((ban) => ban.kind === kind && ban.id === id);
  return {
    keepsDetails: bans.keepsDetails,
    all: () => bans.all(),
    async add(ban) {
      const known = await bans.all();
      const added = await bans.add(ban);
      // the same subnet again is the ban that is there already
      if (known.some(({ kind, id }) => kind === added.kind && id === added.id)) return added;
      await note({ on: on(added), after: facts(added) });
      return added;
    },
    async change(kind, id, change) {
      const before = await find(kind, id);
      const isDone = await bans.change(kind, id, change);
      const after = isDone ? await find(kind, id) : undefined;
      const found = before && after && difference(facts(before), facts(after));
      if (found) await note({ on: on(before), ...found });
      return isDone;
    },
    async remove(refs) {
      const before = (await Promise.all(refs.map(({ kind, id }) => find(kind, id)))).flatMap(
        (ban) => ban ?? [],
      );
      const count = await bans.remove(refs);
      for (const ban of before) await note({ on: on(ban), before: facts(ban) });
      return count;
    },
  };
}

/** Stored texts by name; what is not stored has none. */
function settingFacts(all: ReadonlyMap<string, string>, names: Iterable<string>): ChangeFacts {
  return Object.fromEntries([...names].flatMap((name) => (all.has(name) ? [[name, all.get(name)]] : [])));
}

const isSecretSetting = (name: string) => isSettingName(name) && settingRow(name).isSecret;

function accountFacts({ name, flags, isLocked, password }: StoredAccount): ChangeFacts {
  return { name, flags: flags.filter((flag) => flag !== ''), isLocked, password };
}

const isPassword = (name: string) => name === 'password';

function hidden(facts: ChangeFacts, isSecret: (name: string) => boolean): ChangeFacts {
  return Object.fromEntries(
    Object.entries(facts).map(([name, value]) => [
      name,
      isSecret(name) && value !== '' ? hiddenValue : value,
    ]),
  );
}

/** What the log of the server says of it. */
function lineOf({ actor, address, what, on, before, after }: Change, words?: string): string {
  const name = actor.name === '' ? '' : ` [${actor.name}]`;
  const from = address === '' ? '' : ` from ${address}`;
  const by = `by ${administrator}${name}${from}`;
  if (words !== undefined) return `${words} ${by}`;
  const details = changeText(before, after);
  return `${subjectText(on)}: ${what} ${by}${details && ` (${details})`}`;
}
