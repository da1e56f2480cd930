// What a server and its database thread say to each other. Everything here survives a structured clone.

import type { ClonedError } from '../../core/errors.js';
import type { LogEntry } from '../../core/session/needs.js';
import type { ConfigSnapshot } from './config-database.js';

/** The stores of a ConfigDatabase that can be called, and which of their methods only look. */
export type CallableStore =
  | 'settings'
  | 'accounts'
  | 'bans'
  | 'listServers'
  | 'log'
  | 'audit'
  | 'grants'
  | 'reports'
  | 'notes'
  | 'disabledExternalBans'
  | 'locks';

export type ToThread =
  | { type: 'open' }
  | { type: 'call'; id: number; store: CallableStore | undefined; method: string; args: readonly unknown[] }
  | { type: 'log'; entries: readonly LogEntry[] }
  | { type: 'stop' };

export type FromThread =
  /** All code is there. */
  | { type: 'loaded' }
  | { type: 'ready'; snapshot: ConfigSnapshot }
  | { type: 'failed'; error: ClonedError }
  /** `snapshot`: what holds after it, where that changed. */
  | { type: 'answer'; id: number; value?: unknown; error?: ClonedError; snapshot?: ConfigSnapshot }
  | { type: 'snapshot'; snapshot: ConfigSnapshot }
  /** Something for the log that nobody asked for. */
  | { type: 'problem'; message: string }
  /** What cannot be stored at the moment; undefined: all can. */
  | { type: 'storing'; problem: string | undefined };

export interface ThreadData {
  file: string;
  /** Someone else's lock at the start is waited for this long (milliseconds). */
  waitMs: number;
}
