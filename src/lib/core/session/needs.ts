// Interfaces that a session needs from outside; adapters in io/ and tests implement them. Nothing here is
// asynchronous: slow work is requested and answers later by a callback.

import type { Reason } from '../errors/reason.js';
import type { LogLevel } from '../log-levels.js';
import type { LogTopic } from './log-topics.js';
import type { Doubt, JournalEntry, SavedSession } from './saved.js';

/** Time, injected so that tests can control it. */
export interface Clock {
  /**
   * The time of day in milliseconds since 1970, for display and files. It jumps when somebody sets it, so
   * nothing may be measured with it.
   */
  now(): number;
  /**
   * Milliseconds since a moment before the server started. It never jumps and never goes back: every lapse of time
   * (time-outs, limits, throttles, back-offs) is a difference of two readings.
   */
  monotonic(): number;
  /** Calls `run` once after `ms` milliseconds, unless cancelled. */
  after(ms: number, run: () => void): Timer;
  /** Calls `run` once when everything that has arrived in this turn of the event loop has been handled. */
  endOfTurn(run: () => void): void;
}

export interface Timer {
  cancel(): void;
}

/** The time of day of a moment that was read with `monotonic`. Whole milliseconds since 1970. */
export function timeOfDay(clock: Clock, moment: number): number {
  return Math.round(clock.now() - (clock.monotonic() - moment));
}

/** Unpredictable bytes, for secrets, keys and nonces. */
export interface Random {
  bytes(count: number): Uint8Array;
}

export type { LogLevel, LogTopic };

export interface LogUser {
  /** User id in the session, 0 before there is one. */
  id: number;
  ip: string;
  name: string;
}

export interface LogEntry {
  /** Milliseconds since 1970. */
  time: number;
  level: LogLevel;
  topic: LogTopic;
  user?: LogUser;
  /** Id of the session that the entry is about. */
  session?: string;
  message: string;
}

export interface Log {
  write(entry: LogEntry): void;
}

/**
 * A place in a history: the next message to read. `index` counts messages, `offset` bytes; both only grow.
 * `block` is a short cut for the implementation only.
 */
export interface Cursor {
  index: number;
  offset: number;
  block: unknown;
}

/**
 * The ordered messages of a session, framed as on TCP: everything shared goes through them (architecture §1.3).
 *
 * What was appended (`lastIndex`) and what may be read (`readableIndex`) are two ends: a history that is kept
 * in files lets nobody read what is not written yet. Both are -1 in a history that never held a message.
 */
export interface History {
  /** Index of the oldest message that is kept. */
  readonly firstIndex: number;
  /** Index of the newest message; `firstIndex - 1` when none is kept. */
  readonly lastIndex: number;
  /** Index of the newest message that may be read. */
  readonly readableIndex: number;
  /** Sum of all kept frames, headers included. */
  readonly sizeBytes: number;

  /** Copies complete frames, `count` of them, from `bytes[start, end)` to the end. */
  append(bytes: Uint8Array, start: number, end: number, count: number): void;

  /** A cursor before the message `index`; an index that is no longer kept means the oldest one. */
  cursorAt(index: number): Cursor;

  /**
   * The next frames from the cursor on, and moves it: complete frames, at most 256 KiB, the same buffer for
   * everyone who reads the same place. `null`: nothing to read now; `onReadable` is called when there is.
   * A cursor before `firstIndex` reads from the oldest message.
   */
  read(cursor: Cursor): Uint8Array | null;

  /** End of a turn: what was appended is made safe and may then be read. */
  flush(): void;

  /** Called when `read` may give more than before: after a write or a load from disk. Not called for `append`. */
  onReadable: (() => void) | undefined;

  /** A full reset: `frames` (complete frames, `count` of them) take the place of everything. sessions.md §13.3 */
  replaceAll(frames: readonly Uint8Array[], count: number): void;

  /**
   * Begins the image of a streamed reset; at most one at a time. Called after the markers are appended, so that
   * the tail begins at `lastIndex + 1`. sessions.md §14.5 `tailIndex`: where the tail of an image begins that a
   * predecessor of this process began.
   */
  beginImage(tailIndex?: number): ResetImage;

  /** Ends the use of this history. What is stored stays, goes, or is kept as an archive. */
  close(end: 'keep' | 'delete' | 'archive'): void;
}

/** The image of a streamed reset while it arrives, beside the history that continues. */
export interface ResetImage {
  /** Copies complete frames to the end of the image. */
  append(bytes: Uint8Array, start: number, end: number, count: number): void;
  readonly sizeBytes: number;
  readonly count: number;
  /** All of it, as complete frames. */
  readonly frames: readonly Uint8Array[];
  /** Whether `apply` is possible now; when it becomes possible later, the history's `onReadable` is called. */
  readonly isReady: boolean;
  /**
   * Image, then the history's messages from `tailIndex` on, take the place of everything. Indexes go on:
   * `firstIndex` becomes the old `lastIndex + 1`, an old index `i` of the tail becomes `i + count of all`.
   * Each cursor (all at or behind the tail's start) is moved to where its next message is now.
   */
  apply(tailIndex: number, cursors: Iterable<Cursor>): void;
  /** Discards the image. */
  abort(): void;
}

/** Stores sessions, beyond the life of the process or in memory. */
export interface SessionStore {
  /** False: files of sessions that have ended are still worked on. Left out: nothing ever is. */
  readonly isSettled?: boolean;
  /** Continues with a session that a predecessor of this process handed over. Reads and writes nothing. */
  takeOver?(handed: unknown): FoundSession;
  /** Storage for a new session; everything about it is stored by its journal. */
  create(session: { id: string; protocol: string; alias: string; founder: string }): StoredSession;
  /** Whether archives can be kept at all: only with files. */
  readonly isPersistent: boolean;
  /** The unusable stored files; undefined: nothing is stored. */
  problems?(): StoreProblems;
  /**
   * Repairs what was stored of a session that has ended here or was never loaded; found by `load` afterwards.
   * Refusal where nothing is wrong or it cannot be repaired.
   */
  repair?(id: string): Promise<RepairedSession>;
  /** Makes a session of a history in the folder that has no journal; found by `load` afterwards. Refusal where it cannot. */
  adopt?(name: string): AdoptedSession;
  /** Sessions that were added to the store meanwhile. */
  load?(): FoundSession[];
}

/** The result of repairing a session. */
export interface RepairedSession {
  id: string;
  title: string;
  founder: string;
  hasPassword: boolean;
  /** Name of the file with its history. */
  history: string;
  done: readonly string[];
  /** Path of the journal as it was. */
  kept: string;
}

/** A session that was made of a history. */
export interface AdoptedSession {
  id: string;
  title: string;
  founder: string;
  hasPassword: boolean;
  history: string;
  messages: number;
  /** Only moderators can join until an administrator decides; `doubts` says why. */
  isShut: boolean;
  doubts: readonly string[];
  /** Names of other histories of this id, which are archives now. */
  archived: readonly string[];
}

/** Stored files that no session of the server uses. */
export interface StoreProblems {
  folder: string;
  /** Sessions that are left alone; `file`: the path of the one that is the reason, `reason`: the code of `why`. */
  setAside: readonly { id: string; file: string; why: string; reason?: string }[];
  /** Names of histories without a journal. */
  orphans: readonly string[];
}

export interface StoredSession {
  history: History;
  journal: Journal;
  /**
   * What a successor of this process needs to continue with it, as data for the same store; undefined: something is being
   * written, or cannot be.
   */
  handOver?(): unknown;
  /** Keeps the newest thumbnail (image file bytes). */
  saveThumbnail(bytes: Uint8Array): void;
  /** Keeps none. `done` gets what is in the way. */
  removeThumbnail?(done: (error: Error | undefined) => void): void;
  /** The thumbnail that was kept last, and when (milliseconds since 1970). Undefined: there is none. */
  loadThumbnail?(done: (thumbnail: { at: number; bytes: Uint8Array } | undefined) => void): void;
  /**
   * Called with a text for the session's operators when writing begins to fail: the session continues in memory.
   * Called with undefined when everything is written again. The store has written both to the log already.
   */
  onProblem?: ((problem: string | undefined) => void) | undefined;
}

/**
 * A session that was found in the store when the server started. Its messages are not read through at the start:
 * until `open` has answered, nothing of `history` may be used but `sizeBytes` and `close`; the journal may be used.
 */
export interface FoundSession extends StoredSession {
  saved: SavedSession;
  /** When it began, milliseconds since 1970, where a predecessor of this process has handed it over. */
  startTime?: number;
  /** Why not everything in `saved` can be trusted; it is what is safe to assume. */
  doubts?: readonly Doubt[];
  /** An administrator has decided: what is remembered now counts. */
  settleDoubts?(): void;
  /**
   * Makes the history ready, before the first join or anything else that appends. Users who never left have a
   * Leave at its end then. Answers at once when it is ready already, and tries again after an error.
   */
  open(done: (opened: OpenedSession) => void): void;
}

/**
 * `usedIds`: user ids in the order in which they last left: to the back of the id queue. `lastIndex`: of the last
 * message that was stored before the server ended.
 */
export type OpenedSession = { usedIds: readonly number[]; lastIndex: number } | { error: string };

/** The facts of a session that outlive the process: formats.md §6.1. */
export interface Journal {
  write(entry: JournalEntry): void;
  /** Bytes that it takes where it is kept; it counts against the size that the session may have. */
  readonly sizeBytes: number;
  /** Whether everything that was written is kept, as safely as the history is; also while nothing can be kept. */
  readonly isStored: boolean;
  /** Calls back when everything that was written so far is kept, or it turns out that it cannot be for now. */
  whenStored(done: () => void): void;
  /**
   * The session is over for good: once this is stored, no server loads it again. Its files go when the history is
   * closed. Nothing can be written any more.
   */
  end(how: 'delete' | 'archive'): void;
}

/**
 * Hashes and checks passwords off the event loop, a few at a time. What waits is bounded and shared out by address;
 * what finds no room is refused at once. `address`: of the requester; left out: the server.
 */
export interface Passwords {
  /** A new stored form of `password`; '' stays ''. Undefined: refused, or the server stopped before its turn came. */
  hash(password: string, done: (stored: string | undefined) => void, address?: string): void;
  /** Whether `password` matches the stored form. Undefined: not checked, there is no room or the server stops. */
  verify(
    password: string,
    stored: string,
    done: (matches: boolean | undefined) => void,
    address?: string,
  ): void;
  /** The server stops: hashes that wait are finished, `withinMs` milliseconds at most; nothing else is. */
  stop?(withinMs: number): Promise<void>;
}

/** Inflates one zlib stream piece by piece (sessions.md §14.5). One call at a time. */
export interface Inflater {
  /** Calls back with what could be inflated, or with an error text. `limit`: bytes of output that are too many. */
  write(piece: Uint8Array, limit: number, done: (result: Inflated) => void): void;
  /** The end: an error unless the stream is complete and nothing follows it. */
  finish(done: (result: Inflated) => void): void;
  close(): void;
}

export type Inflated = { output: readonly Uint8Array[] } | { error: string };

/** Packs ban lists for export: compressed, and sealed where a key is configured. sessions.md §17 */
export interface BanArchive {
  readonly canSeal: boolean;
  pack(json: string): string;
  /** Undefined: no key configured. */
  seal(json: string): string | undefined;
  /** The JSON text, or the translation key of what is wrong. */
  open(text: string): { json: string; isSealed: boolean } | { error: BanArchiveError };
}

export type BanArchiveError =
  | 'banimportcrypterror'
  | 'banimportinvalid'
  | 'banimportmalformed'
  | 'banimportunconfigured';

/** What a list server gets about a session; read anew at each announcement and refresh. sessions.md §21 */
export interface ListingFacts {
  id: string;
  alias: string;
  protocol: string;
  title: string;
  users: number;
  userNames: readonly string[];
  activeDrawingUsers: number;
  hasPassword: boolean;
  founder: string;
  isNsfm: boolean;
  maxUsers: number;
  isFull: boolean;
  allowsWeb: boolean;
}

/** The view of a session for its listings. */
export interface ListedSession {
  readonly id: string;
  listingFacts(): ListingFacts;
  /**
   * The confirmed listings changed: update members (`Listings.urls`) and journal. The URLs here are complete;
   * those of `Listings.urls` have no credentials in them. A listing that never came to stand is `removed` too.
   */
  listingsChanged(change: { added?: string; removed?: readonly string[] }): void;
  /** Sends a text to everyone in the session. */
  listingMessage(text: string): void;
}

/**
 * Where a listing comes from. `member`: somebody in the session, so the address is not trusted and a failure ends it.
 * `operator`: a template or the admin API. `kept`: it stood before a restart, so failures are retried.
 */
export type ListingOrigin = 'member' | 'operator' | 'kept';

/** Announces sessions at list servers; refreshes, retries and gives up automatically. */
export interface Listings {
  /** Why this is not an address to announce at, or undefined. What is not allowed is reported by `announce`. */
  refusal(url: string): Reason | undefined;
  /** Nothing happens when the session is listed at exactly this URL already. `origin`: `member` when left out. */
  announce(session: ListedSession, url: string, origin?: ListingOrigin): void;
  /** `''`: all of the session's. Accepts a URL as given to `announce` and as shown by `urls`. */
  unlist(session: ListedSession, url: string): void;
  /** Something urgent may have changed (title, nsfm, password, full, web). */
  changed(session: ListedSession): void;
  /** The session ended, or the server stops: withdraws its listings; the journal is not changed. */
  ended(session: ListedSession): void;
  /** URLs at which the session is listed or being listed, without credentials. */
  urls(session: ListedSession): readonly string[];
  /** What a successor of this process needs to continue with its listings. */
  handOver?(session: ListedSession): unknown;
  takeOver?(session: ListedSession, handed: unknown): void;
  /** Confirmed listings with the numbers that the listing servers gave. */
  listed(session: ListedSession): readonly { id: number; url: string }[];
}

/** sessions.md §8.3 and login.md §11. */
export interface AbuseReport {
  session: string;
  sessionTitle: string;
  user: string;
  auth: boolean;
  ip: string;
  perp?: number;
  message: string;
  offset: number;
  users: readonly { name: string; auth: boolean; op: boolean; ip: string; id: number }[];
}

/** The same for the moderators of this server. */
export interface AbuseNotice {
  /** Milliseconds since 1970. */
  readonly when: number;
  /** Id of the session. */
  readonly session: string;
  readonly title: string;
  readonly reporter: { readonly name: string; readonly address: string; readonly isRegistered: boolean };
  /** Undefined: about nobody in particular, or about a user who is no longer known. */
  readonly about: ReportedUser | undefined;
  readonly text: string;
  /** The chat before the report. */
  readonly chat: readonly SaidLine[];
}

export interface ReportedUser {
  readonly user: number;
  readonly name: string;
  readonly address: string;
  readonly sid: string;
}

export interface SaidLine {
  /** Milliseconds since 1970. */
  readonly when: number;
  /** User id; 0: an administrator or the server. */
  readonly user: number;
  /** '' for an administrator. */
  readonly name: string;
  readonly text: string;
  /** Shown as "NAME does something". */
  readonly isAction: boolean;
}

/** `kept`: not delivered yet. Later, perhaps after hours, one of the others follows. */
export type ReportOutcome = 'accepted' | 'kept' | 'refused';

export interface AbuseReports {
  readonly isEnabled: boolean;
  /**
   * The callback is called when the report is settled; before that once with `kept`, where the receiver is down. Failures are
   * logged here, with the entire report.
   */
  send(report: AbuseReport, done: (outcome: ReportOutcome) => void): void;
  /** Stores it for the moderators of this server, wherever else it is sent. Left out: nobody does. */
  keep?(notice: AbuseNotice): void;
}

/** Writes what goes into a history to a recording file as well (formats.md §5). */
export interface Recorder {
  /** Of the present recording; undefined: there is no file yet. */
  readonly file?:
    | { readonly path: string; readonly sizeBytes: number; readonly isFailing: boolean }
    | undefined;
  /** The session began to run, or was reset (either kind): a new file, from the history's start. */
  restart(history: History): void;
  /** End of a turn, or the history's `onReadable`: there may be more in the history. */
  wake(): void;
  stop(): void;
}

/** Texts that are not allowed as names or titles (settings forbiddenNameRegex, filterNameRegex). */
export interface NameRules {
  isForbidden(text: string): boolean;
}

/** A template, from which the first user who joins starts a session (sessions.md §23.5). */
export interface SessionTemplate {
  readonly alias: string;
  readonly protocol: string;
  /** The initial state of the session; `id` is '' and is replaced. Passwords are stored forms. */
  readonly saved: SavedSession;
  /** One listing to announce at; '' = none. */
  readonly announce: string;
  /** The messages, complete frames. A text: why it cannot be read (any more). */
  load(): { frames: readonly Uint8Array[]; count: number } | { error: string };
}

export interface Templates {
  /** The usable templates. */
  readonly all: readonly SessionTemplate[];
  find(alias: string): SessionTemplate | undefined;
  /** Called with the alias when a template came, went, or changed. */
  onChange: ((alias: string) => void) | undefined;
}
