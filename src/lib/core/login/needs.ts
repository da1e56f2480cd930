// Interfaces that the login needs beside those of sessions. Adapters answer from memory, a file, a database or the
// network; look-ups answer at once, slow work by a callback.

/** An account as it is stored (config.md §4). */
export interface Account {
  /** `internal:<row id>` with a database, `internal:<name>` with a file. */
  authId: string;
  name: string;
  isLocked: boolean;
  /** config.md §5 */
  password: string;
  /** Upper case as stored, without empty ones. */
  flags: readonly string[];
}

export interface Accounts {
  readonly hasAny: boolean;
  /** Exact, case-sensitive. */
  find(name: string): Account | undefined;
}

export type BanReaction = 'normal' | 'neterror' | 'garbage' | 'hang' | 'timer';

export interface ServerBan {
  reaction: BanReaction;
  /** Milliseconds since 1970; undefined: for good. */
  expires: number | undefined;
  /** Shown to the banned person; '' = none. */
  reason: string;
  /** For the log: which ban this is, e.g. `ip ban 3`. */
  source: string;
}

/** The bans of this server (login.md §12). */
export interface ServerBans {
  forAddress(ip: string): ServerBan | undefined;
  /** One half of a system id, 32 hex digits in any case. */
  forSystem(sid: string): ServerBan | undefined;
  /** User number at the external login server. */
  forUser(uid: number): ServerBan | undefined;
}

/** `busy`: too many requests are under way. */
export type GuestAnswer = 'guest' | 'auth' | 'outgroup' | 'banned' | 'refused' | 'unreachable' | 'busy';

/** A user whom the external login server has identified. */
export interface ExternalUser {
  username: string;
  /** Number or string as in the token; undefined when absent. */
  uid: number | string | undefined;
  flags: readonly string[];
  avatar: Uint8Array | undefined;
}

/** Why a token is refused. */
export type TokenRefusal = 'tokenSignature' | 'tokenInvalid' | 'tokenUnsupported';

/** login.md §7 */
export interface ExternalLogin {
  /** Undefined: not configured or switched off. */
  readonly url: string | undefined;
  readonly group: string;
  /** Asks whether this name may come in as a guest. `address`: from where it is asked, for its share of the queue. */
  queryGuest(username: string, done: (answer: GuestAnswer) => void, address: string): void;
  /** Checks a token against the nonce (hex) that was handed out. */
  check(token: string, nonce: string): ExternalUser | { error: TokenRefusal };
}
