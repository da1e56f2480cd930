// Reduces the entries of a journal to the session that they describe.
import { initialValues, valueKeys } from '../settings/session-settings.js';
import {
  emptySaved,
  holderKey,
  type Invite,
  type JournalEntry,
  readerKey,
  rememberedAtMost,
  type SavedSession,
  type SettingEntry,
  withPrint,
} from './saved.js';

/** Adds an entry to the sum of the journal. */
export function addToSaved(saved: SavedSession, entry: JournalEntry): void {
  switch (entry.key) {
    case 'alias':
      saved.alias ||= entry.alias;
      break;
    case 'setting':
      Object.assign(saved, { [entry.name]: entry.value });
      break;
    case 'flags':
      saved.flags = new Set(entry.flags);
      break;
    case 'ban':
      saved.bans = [...saved.bans.filter((ban) => ban.id !== entry.ban.id), { ...entry.ban }];
      break;
    case 'unban':
      saved.bans = saved.bans.filter((ban) => ban.id !== entry.id);
      break;
    case 'announce':
      if (!saved.announcements.includes(entry.url)) saved.announcements.push(entry.url);
      break;
    case 'unannounce':
      saved.announcements = saved.announcements.filter((url) => url !== entry.url);
      break;
    case 'user':
      saved.userIds.set(entry.name, entry.id);
      break;
    case 'op':
      saved.ops.add(entry.authId);
      break;
    case 'deop':
      saved.ops.delete(entry.authId);
      break;
    case 'trust':
      saved.trusted.add(entry.authId);
      break;
    case 'untrust':
      saved.trusted.delete(entry.authId);
      break;
    case 'authName':
      saved.authNames.set(entry.authId, entry.name);
      break;
    case 'catchup':
      saved.catchupKey = entry.next;
      break;
    case 'invite':
      saved.invites = [
        ...saved.invites.filter((invite) => invite.secret !== entry.invite.secret),
        { ...entry.invite, uses: [] },
      ];
      break;
    case 'uninvite':
      saved.invites = saved.invites.filter((invite) => invite.secret !== entry.secret);
      break;
    case 'inviteUse': {
      const uses = saved.invites.find((invite) => invite.secret === entry.secret)?.uses;
      const use = uses?.find(({ sid }) => sid === entry.sid);
      if (use) use.name = entry.name;
      else uses?.push({ sid: entry.sid, name: entry.name, at: '' });
      break;
    }
    case 'guestRole': {
      const { role, who, name } = entry;
      const key = holderKey(entry);
      saved.guestRoles.delete(key);
      if (entry.has) saved.guestRoles.set(key, { role, who, name });
      forgetOldest(saved.guestRoles);
      break;
    }
    case 'start':
      saved.startId = entry.id;
      break;
    case 'first':
      saved.first = { index: entry.index, file: entry.file };
      break;
    case 'print': {
      const { file, at, sum } = entry;
      saved.prints = withPrint(saved.prints, { file, at, sum });
      break;
    }
    case 'read': {
      const { who, name, index } = entry;
      saved.reads.delete(readerKey(entry));
      saved.reads.set(readerKey(entry), { who, name, index });
      forgetOldest(saved.reads);
      break;
    }
    default:
      entry satisfies never;
  }
}

function forgetOldest(map: Map<string, unknown>): void {
  if (map.size > rememberedAtMost) map.delete(map.keys().next().value as string);
}

/** The settings that are not as they begin. */
export function settingEntries(saved: SavedSession): SettingEntry[] {
  const fresh = initialValues();
  return valueKeys
    .filter((name) => saved[name] !== undefined && saved[name] !== fresh[name])
    .map((name) => ({ key: 'setting', name, value: saved[name] }) as SettingEntry);
}

/** The entries that a journal needs to come to this sum, in the order of formats.md §7. */
export function entriesOf(saved: SavedSession): JournalEntry[] {
  const entries: JournalEntry[] = [];
  const fresh = emptySaved(saved.id, saved.protocol);
  if (saved.alias) entries.push({ key: 'alias', alias: saved.alias });
  entries.push(...settingEntries(saved));
  for (const url of saved.announcements) entries.push({ key: 'announce', url });
  entries.push({ key: 'flags', flags: [...saved.flags] });
  if (saved.catchupKey !== fresh.catchupKey) entries.push({ key: 'catchup', next: saved.catchupKey });
  for (const ban of saved.bans) entries.push({ key: 'ban', ban });
  for (const [name, id] of saved.userIds) entries.push({ key: 'user', id, name });
  for (const [authId, name] of saved.authNames) entries.push({ key: 'authName', authId, name });
  for (const authId of saved.ops) entries.push({ key: 'op', authId });
  for (const authId of saved.trusted) entries.push({ key: 'trust', authId });
  for (const invite of saved.invites) {
    entries.push({ key: 'invite', invite: withoutUses(invite) });
    for (const { sid, name } of invite.uses)
      entries.push({ key: 'inviteUse', secret: invite.secret, sid, name });
  }
  for (const holder of saved.guestRoles.values()) entries.push({ key: 'guestRole', has: true, ...holder });
  if (saved.startId !== undefined) entries.push({ key: 'start', id: saved.startId });
  if (saved.first) entries.push({ key: 'first', ...saved.first });
  for (const print of saved.prints) entries.push({ key: 'print', ...print });
  for (const read of saved.reads.values()) entries.push({ key: 'read', ...read });
  return entries;
}

function withoutUses({ secret, creator, at, maxUses, trust, op }: Invite): Omit<Invite, 'uses'> {
  return { secret, creator, at, maxUses, trust, op };
}
