// What is stored of a session beside its messages, as data: formats.md §6.1 without its text form. io/disk reads and
// writes the journal file; sessions use only these entries.

import { Buffer } from 'node:buffer';
import type { Reason } from '../errors/reason.js';
import {
  initialValues,
  type SessionFlag,
  type StoredValues,
  type ValueKey,
} from '../settings/session-settings.js';

/** A person or address that may not join (sessions.md §17). Empty strings: not known, matches nobody. */
export interface SessionBan {
  id: number;
  username: string;
  authId: string;
  /** IPv4 as mapped IPv6, never a loopback address. */
  ip: string;
  sid: string;
  bannedBy: string;
}

export interface InviteUse {
  /** System id of the client that used the invite. */
  sid: string;
  name: string;
  /** ISO 8601, UTC; '' where it is not known (after a restart). */
  at: string;
}

export interface Invite {
  secret: string;
  /** '' = administrator. */
  creator: string;
  /** ISO 8601, UTC, whole seconds. */
  at: string;
  maxUses: number;
  trust: boolean;
  op: boolean;
  uses: InviteUse[];
}

/** A new value of a setting that is not a flag. */
export type SettingEntry = {
  [Name in ValueKey]: { key: 'setting'; name: Name; value: Exclude<StoredValues[Name], undefined> };
}[ValueKey];

/** One line of the journal. */
export type JournalEntry =
  | { key: 'alias'; alias: string }
  | SettingEntry
  | { key: 'flags'; flags: readonly SessionFlag[] }
  | { key: 'ban'; ban: SessionBan }
  | { key: 'unban'; id: number }
  | { key: 'announce'; url: string }
  | { key: 'unannounce'; url: string }
  | { key: 'user'; id: number; name: string }
  | { key: 'op' | 'deop' | 'trust' | 'untrust'; authId: string }
  | { key: 'authName'; authId: string; name: string }
  | { key: 'catchup'; next: number }
  | { key: 'invite'; invite: Omit<Invite, 'uses'> }
  | { key: 'uninvite'; secret: string }
  | { key: 'inviteUse'; secret: string; sid: string; name: string }
  | { key: 'guestRole'; role: GuestRole; has: boolean; who: string; name: string }
  | { key: 'start'; id: number }
  | { key: 'first'; index: number; file: string }
  | ({ key: 'print' } & HistoryPrint)
  | { key: 'read'; who: string; name: string; index: number | undefined };

/** Roles that are stored for guests as well. */
export const guestRoles = ['operator', 'trusted', 'muted'] as const;
export type GuestRole = (typeof guestRoles)[number];

/** A guest with a stored role. */
export interface RoleHolder {
  role: GuestRole;
  /** Account or, for guests, system id. */
  who: string;
  /** '' where the role goes with the person under whatever name. */
  name: string;
}

/** Identifies a history file: the sum of some bytes before a place in it, all of which are written. */
export interface HistoryPrint {
  file: string;
  at: number;
  sum: number;
}

/** Of two prints that are kept one is so many times as far into the file; the last one is always kept. */
const printGrowth = 4;

/** The prints of a history with one more; of other histories, and of what was further in this one, none is left. */
export function withPrint(prints: readonly HistoryPrint[], added: HistoryPrint): HistoryPrint[] {
  const kept: HistoryPrint[] = [];
  for (const print of prints) {
    if (print.file !== added.file || print.at >= added.at) continue;
    const before = kept.at(-1);
    if (!before || print.at >= before.at * printGrowth) kept.push(print);
  }
  return [...kept, added];
}

/** The reading position of a user. */
export interface ReadPosition {
  who: string;
  name: string;
  /** Index of the last message that was handed to them; undefined: they were there when the server ended. */
  index: number | undefined;
}

/** Maximum number of users whose data is stored; the latest count. */
export const rememberedAtMost = 1000;

/** Of key, checksum and end of a line of the journal. */
const lineBytes = 100;

/** About how many bytes a line with these texts uses in a journal. */
export function rememberedBytes(...texts: readonly string[]): number {
  return texts.reduce((sum, text) => sum + Buffer.byteLength(JSON.stringify(text)), lineBytes);
}

/**
 * Why what is remembered of a session cannot be trusted. Until an administrator decides, the session is kept whatever
 * its flags say; one that is `isShut` lets nobody in but moderators.
 */
export interface Doubt {
  isShut: boolean;
  /** In words; the end of a sentence. */
  why: Reason | string;
}

/** The sum of a journal, from which a session is restored. Passwords are in their stored form (config.md §5), '' = none. */
export interface SavedSession extends StoredValues {
  id: string;
  alias: string;
  /** As in the header of the history file, e.g. `dp:4.25.1`. */
  protocol: string;
  flags: Set<SessionFlag>;
  bans: SessionBan[];
  announcements: string[];
  /** The last id of each name. */
  userIds: Map<string, number>;
  ops: Set<string>;
  trusted: Set<string>;
  authNames: Map<string, string>;
  catchupKey: number;
  invites: Invite[];
  /** By `holderKey`. */
  guestRoles: Map<string, RoleHolder>;
  /** Names the era of the history's indexes; undefined: never written, or of no use any more. sessions.md §1 */
  startId: number | undefined;
  /** Index of the first message in a history file. */
  first: { index: number; file: string } | undefined;
  /** Of the current history file, in the order of their places. */
  prints: HistoryPrint[];
  /** By `readerKey`. */
  reads: Map<string, ReadPosition>;
}

export const holderKey = ({ role, who, name }: RoleHolder): string => `${role}\n${who}\n${name}`;
export const readerKey = ({ who, name }: { who: string; name: string }): string => `${who}\n${name}`;

/** A session without stored data yet. */
export function emptySaved(id: string, protocol: string): SavedSession {
  return {
    ...initialValues(),
    id,
    alias: '',
    protocol,
    flags: new Set(),
    bans: [],
    announcements: [],
    userIds: new Map(),
    ops: new Set(),
    trusted: new Set(),
    authNames: new Map(),
    catchupKey: 1_000_000,
    invites: [],
    guestRoles: new Map(),
    startId: undefined,
    first: undefined,
    prints: [],
    reads: new Map(),
  };
}
