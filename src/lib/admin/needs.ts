// Interfaces that the operations of an administrator need from outside: the stores. Adapters are in io/sqlite and
// io/disk; look-ups and rules are in the operations.

import type { BanReaction } from '../core/login/needs.js';
import type { Change } from '../core/session/change.js';
import type { AbuseNotice, LogEntry, LogLevel, LogTopic } from '../core/session/needs.js';

/** A store may answer at once (a command's database) or later (the server, which writes off its event loop). */
export type Awaitable<T> = T | Promise<T>;

/** Everything that one set-up keeps. Every write is on disk, completely or not at all, when its answer is there. */
export interface Stores {
  readonly kind: 'database' | 'file' | 'memory';
  /** Where, for messages: the path of the file, '' in memory. */
  readonly place: string;
  readonly settings: SettingStore;
  readonly accounts: AccountStore;
  readonly bans: BanStore;
  readonly listServers: ListServerStore;
  /** Undefined: this kind of store keeps no log that others can read. */
  readonly log: LogStore | undefined;
  /** Undefined: this kind of store keeps no audit trail. */
  readonly audit: AuditStore | undefined;
  /** Undefined: this kind of store keeps none. */
  readonly grants: GrantStore | undefined;
  /** Undefined: this kind of store keeps none. */
  readonly reports: ReportStore | undefined;
  /** Undefined: this kind of store keeps none. */
  readonly notes: NoteStore | undefined;
  /** What is wrong with a settings file, line by line; undefined: a database, where the rows are looked through. */
  problems?(): Awaitable<readonly StoredProblem[]>;
}

/** One thing that is wrong with what is stored. */
export interface StoredProblem {
  /** Line of the file, from 1. */
  line?: number;
  message: string;
  hint?: string;
}

/** Values as stored text, by their stored names; unknown names included. */
export interface SettingStore {
  all(): Awaitable<ReadonlyMap<string, string>>;
  /** All or none; `undefined` removes. */
  change(values: ReadonlyMap<string, string | undefined>): Awaitable<void>;
}

export interface StoredAccount {
  /** Row id in a database, position (from 1) in a file. */
  id: number;
  name: string;
  /** Stored form, config.md §5. */
  password: string;
  isLocked: boolean;
  flags: readonly string[];
}

export interface AccountStore {
  /** In the order in which they were added. */
  all(): Awaitable<readonly StoredAccount[]>;
  /** Refusal `conflict` when the name is taken (exact, case-sensitive). */
  add(account: Omit<StoredAccount, 'id'>): Awaitable<StoredAccount>;
  /** False: no such id. */
  change(id: number, change: Partial<Omit<StoredAccount, 'id'>>): Awaitable<boolean>;
  remove(id: number): Awaitable<boolean>;
}

interface BanFacts {
  /** Row id in a database, position (from 1) in its section of a file. */
  id: number;
  /** Milliseconds since 1970; undefined: for good. */
  expires: number | undefined;
  /** For administrators. */
  comment: string;
  /** Milliseconds since 1970; undefined: not kept (file) or unreadable. */
  added: number | undefined;
}

export interface IpBan extends BanFacts {
  kind: 'ip';
  address: string;
  /** Prefix length; 0 = the single address. */
  bits: number;
}

/** A client, by its system id. */
export interface ClientBan extends BanFacts {
  kind: 'client';
  sid: string;
  reaction: BanReaction;
  /** Shown to the banned user. */
  reason: string;
}

/** A person, by the number of the account at the external login server. */
export interface UserBan extends BanFacts {
  kind: 'user';
  userId: number;
  reaction: BanReaction;
  reason: string;
}

export type StoredBan = IpBan | ClientBan | UserBan;
export type BanKind = StoredBan['kind'];
export type NewBan =
  | Omit<IpBan, 'id' | 'added'>
  | Omit<ClientBan, 'id' | 'added'>
  | Omit<UserBan, 'id' | 'added'>;
/** What may be changed afterwards; each as far as the kind of ban has it. */
export interface BanChange {
  expires?: number | undefined;
  comment?: string;
  reason?: string;
  reaction?: BanReaction;
}

export interface BanStore {
  /** Whether expiry, comments and reasons are kept; a settings file keeps none of them. */
  readonly keepsDetails: boolean;
  /** Ended ones too. */
  all(): Awaitable<readonly StoredBan[]>;
  /** The same address and bits again: the ban that is there already (http.md §1.9). */
  add(ban: NewBan): Awaitable<StoredBan>;
  change(kind: BanKind, id: number, change: BanChange): Awaitable<boolean>;
  /** Number of bans that were there. */
  remove(bans: readonly { kind: BanKind; id: number }[]): Awaitable<number>;
}

/** Where sessions may be announced: regular expressions in a database, complete URLs in a file (config.md §6). */
export interface ListServerStore {
  readonly entries: 'patterns' | 'urls';
  all(): Awaitable<readonly string[]>;
  /** Takes the place of the entire list, in one go. */
  replace(list: readonly string[]): Awaitable<void>;
}

export interface LogRow extends LogEntry {
  /** Grows with each entry. */
  id: number;
}

export interface LogFilter {
  /** Milliseconds since 1970, inclusive. */
  from?: number;
  /** Milliseconds since 1970, exclusive. */
  until?: number;
  /** Entries that came after this one. */
  afterId?: number;
  /** Part of `id;ip;name`, any case. */
  user?: string;
  /** Complete names, any case; one of them. */
  names?: readonly string[];
  /** Complete addresses; one of them. */
  addresses?: readonly string[];
  /** Complete ids, any case; one of them. */
  sessions?: readonly string[];
  topics?: readonly LogTopic[];
  /** This level and the more serious ones. */
  level?: LogLevel;
  /** Part of the message, any case. */
  contains?: string;
  order: 'newest' | 'oldest';
  limit?: number;
  skip?: number;
}

export interface LogStore {
  query(filter: LogFilter): Awaitable<readonly LogRow[]>;
  /** Removes entries older than this (milliseconds since 1970); how many. */
  purge(before: number): Awaitable<number>;
}

export interface AuditEntry extends Change {
  /** Grows with each entry. */
  readonly id: number;
}

export interface AuditFilter {
  /** Milliseconds since 1970, inclusive. */
  from?: number;
  /** Milliseconds since 1970, exclusive. */
  until?: number;
  /** Entries that came after this one. */
  afterId?: number;
  /** Complete names or kinds of actors, any case; one of them. */
  by?: readonly string[];
  /** Complete addresses; one of them. */
  addresses?: readonly string[];
  /** `AREA.VERB` or `AREA`; one of them. */
  what?: readonly string[];
  /** Complete names of what was changed, any case; one of them. */
  on?: readonly string[];
  /** Ids of sessions that were changed, or in which something was; one of them. */
  sessions?: readonly string[];
  /** Part of what was before or after, as JSON, any case. */
  contains?: string;
  order: 'newest' | 'oldest';
  limit?: number;
  skip?: number;
}

export interface AuditStore {
  /** All or none, in this order. */
  append(changes: readonly Change[]): Awaitable<void>;
  query(filter: AuditFilter): Awaitable<readonly AuditEntry[]>;
  /** Removes entries older than this (milliseconds since 1970); how many. */
  purge(before: number): Awaitable<number>;
}

/** Who asks for an operation may do this. `observer`: neither changes anything nor sees a secret. */
export const roles = ['observer', 'moderator', 'administrator'] as const;
export type Role = (typeof roles)[number];

/**
 * What lets in whoever shows its secret: a program (`token`), a browser until it logs out (`login`), or a browser that
 * logs in without a password, once (`link`), or sets a new password, once (`reset`).
 */
export interface Grant {
  readonly id: number;
  readonly kind: 'token' | 'login' | 'link' | 'reset';
  /** Of a token: unique. Of a login: the name that was logged in with. Of a reset: of the account. */
  readonly name: string;
  readonly role: Role;
  /** Of the secret, which is stored nowhere. */
  readonly digest: string;
  /** Of a login, and of a reset: what it depends on (`Account.proof`); a new password ends it. '' for nothing. */
  readonly proof: string;
  /** Milliseconds since 1970. */
  readonly created: number;
  /** Milliseconds since 1970; null: never. */
  readonly expires: number | null;
  /** Milliseconds since 1970, to a minute; null: never. */
  readonly lastUsed: number | null;
  readonly lastAddress: string;
}

/** Logins, and links, of one name: the oldest end when there are more. */
export const loginsAtMost = 100;

/**
 * How long expired logins and links are kept, in milliseconds: the clock may stand wrong, and be set right again. Expired
 * tokens are kept until they are revoked or another one is made of that name.
 */
export const keepExpiredMs = 30 * 86_400_000;

export type NewGrant = Omit<Grant, 'id' | 'lastUsed' | 'lastAddress'>;

export interface GrantStore {
  /** Expired ones too, for a while. */
  all(): Awaitable<readonly Grant[]>;
  find(digest: string): Awaitable<Grant | undefined>;
  /** Removes what has expired by then. Refusal `conflict` where a token of this name exists. */
  add(grant: NewGrant): Awaitable<Grant>;
  /** Notes a use. */
  use(id: number, when: number, address: string): Awaitable<void>;
  /** False: it was not there (any more). */
  remove(id: number): Awaitable<boolean>;
}

/** An abuse report that moderators look at, until one of them closes it. */
export interface StoredReport extends AbuseNotice {
  /** Grows with each report. */
  readonly id: number;
  /** Undefined: it is open. */
  readonly closed: ReportClosing | undefined;
}

export interface ReportClosing {
  /** Milliseconds since 1970. */
  readonly when: number;
  /** Name of the login; '': nobody in particular. */
  readonly by: string;
  /** What was done about it. */
  readonly comment: string;
}

/** Of reports that are kept: closed ones go first, the oldest before the others. */
export const reportsAtMost = 2_000;

export interface ReportStore {
  /** The newest first. */
  query(filter: { readonly isOpen?: boolean; readonly limit?: number }): Awaitable<readonly StoredReport[]>;
  get(id: number): Awaitable<StoredReport | undefined>;
  add(report: AbuseNotice): Awaitable<StoredReport>;
  /** `undefined` opens it again. False: it was like that already, or is not there. */
  close(id: number, closing: ReportClosing | undefined): Awaitable<boolean>;
}

export const noteKinds = ['account', 'name', 'address', 'client'] as const;
/** What a note is about: an account, a name, an address or network, or the system id of a client. */
export type NoteKind = (typeof noteKinds)[number];

export interface Note {
  /** Grows with each note. */
  readonly id: number;
  readonly kind: NoteKind;
  readonly target: string;
  readonly text: string;
  /** Name of the login; '': nobody in particular. */
  readonly by: string;
  /** Milliseconds since 1970. */
  readonly when: number;
}

export const notesAtMost = 10_000;

export interface NoteStore {
  /** In the order in which they were added. */
  all(): Awaitable<readonly Note[]>;
  /** Refusal where there are too many. */
  add(note: Omit<Note, 'id'>): Awaitable<Note>;
  /** False: it was not there (any more). */
  remove(id: number): Awaitable<boolean>;
}

/** Secrets that nobody can guess, and what is stored of them. */
export interface AccessSecrets {
  make(): string;
  digest(secret: string): string;
}

/** Turns a password into its stored form and checks one, off the event loop. */
export interface PasswordForms {
  hash(password: string, form: 'argon2id' | 'pbkdf2'): Promise<string>;
  verify(password: string, stored: string): Promise<boolean>;
}
