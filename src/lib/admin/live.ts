// A running server as operations see it: its sessions, users and external services. Operations that need one fail
// without it.

import type { CertificateFacts } from '../core/certificates/needs.js';
import type { Renewal } from '../core/certificates/renewal.js';
import { refusal } from '../core/errors.js';
import type { Peers } from '../core/peer/peers.js';
import type { SessionDirectory } from '../core/session/directory.js';
import type { Clock, Log, LogEntry, Random, Timer } from '../core/session/needs.js';
import type { SettingNeed, SettingsReader } from '../core/settings/settings.js';
import type { StartupValues } from '../core/settings/startup.js';
import type { ServerFiles } from './file-shapes.js';
import type { PeopleRows } from './people-rows.js';

/** How busy a server was at one moment. */
export interface Usage {
  /** Milliseconds since 1970. */
  readonly when: number;
  readonly usersInSessions: number;
  readonly activeDrawers: number;
  readonly sessions: number;
  readonly memoryBytes: number;
}

export interface LiveServer {
  readonly directory: SessionDirectory;
  readonly peers: Peers;
  readonly peopleRows: PeopleRows;
  readonly settings: SettingsReader;
  readonly clock: Clock;
  readonly random: Random;
  /** Written to as the server does: shown and stored. */
  readonly log: Log;
  /** Milliseconds since 1970. */
  readonly startedAt: number;
  /** Sent to list servers, and shown in the status. */
  readonly address: { readonly host: string; readonly port: number };
  /** Of this program. */
  readonly version: string;
  /** Of the process that serves. */
  readonly pid?: number;
  /** Whether what a setting needs was set up at the start. */
  has(need: SettingNeed): boolean;
  /** Writes to the disk that were waited for; undefined: nothing is stored. */
  readonly writes:
    | { readonly count: number; readonly seconds: number; readonly longestSeconds: number }
    | undefined;
  readonly externalBans: ExternalBanList | undefined;
  readonly locks: SectionLocks;
  /** Entries as they are written; returns how to stop. */
  follow(listener: (entry: LogEntry) => void): () => void;
  /** What contradicts settings; undefined: it is not looked for. */
  readonly setUp?: { readonly startup: StartupValues; readonly keepsSessions: boolean } | undefined;
  /** Undefined: this server keeps no files. */
  readonly files?: ServerFiles | undefined;
  /** Of the last hour; left out: nobody takes any. */
  readonly usage?: { readonly rows: readonly Usage[] };
  /** People can come in, and what they do is stored as it should be. */
  readonly isReady: boolean;
  /** Resident memory of the process, a second old at most. */
  readonly memoryBytes: number;
  /** Ends the server as SIGTERM does. `message`: what everyone reads last, '' for nothing particular. */
  stop(message: string): void;
  /**
   * Starts the process that takes the place of this one; resolves when it could serve. Left out: not possible here.
   * Refusal or Fault: then nothing has changed.
   */
  restart?(options: RestartOptions): Promise<PreparedRestart>;
  /** Why the last restart did not come about after it was prepared. */
  restartProblem?: string | undefined;
  /** A stop that is ahead, `at` milliseconds since 1970. */
  pendingStop: { readonly at: number; readonly timer: Timer } | undefined;
  /** For TLS; undefined: there is none. */
  readonly certificate: LiveCertificate | undefined;
  /** Why not, one text for each reason. */
  readonly problems: readonly string[];
  /** Open files and connections of the process; undefined: nobody counts them. */
  readonly descriptors:
    | {
        readonly count: number;
        readonly limit: number | undefined;
        readonly refused: number;
        /** So few are free that new connections are refused. */
        readonly isShort: boolean;
      }
    | undefined;
}

export interface RestartOptions {
  /** Connections that are encrypted by this process are disconnected; without it the restart is refused. */
  readonly closesTls: boolean;
}

export interface PreparedRestart {
  /** Of the process that will serve. */
  readonly pid: number;
  /** Of its program. */
  readonly version: string;
  /** Connections that will be disconnected. */
  readonly closes: number;
  /** This process ends, unless it rejects: then it continues. */
  finish(): Promise<void>;
  cancel(): void;
}

/** The certificate that a server shows at the moment. */
export interface LiveCertificate {
  readonly facts: CertificateFacts;
  /** Where it is ordered; undefined: it is read from files. */
  readonly directory: string | undefined;
  readonly renewal: Renewal | undefined;
}

/** http.md §1.13; what io/outside/ban-list.ts offers. */
export interface ExternalBanList {
  readonly status: {
    readonly url: string;
    readonly intervalMs: number;
    readonly isStarted: boolean;
    readonly isActive: boolean;
    readonly msUntilNextCheck: number | undefined;
  };
  readonly list: readonly {
    readonly id: number;
    readonly ips: readonly { readonly from: string; readonly to: string; readonly reaction: string }[];
    readonly excluded: readonly { readonly from: string; readonly to: string }[];
    readonly systems: readonly { readonly sids: readonly string[]; readonly reaction: string }[];
    readonly users: readonly { readonly ids: readonly number[]; readonly reaction: string }[];
    readonly expiresText: string;
    readonly comment: string;
    readonly reason: string;
    readonly isEnabled: boolean;
  }[];
  refresh(): 'triggered' | 'already in progress' | 'not active';
  setEnabled(id: number, isEnabled: boolean): Promise<void>;
  clear(): void;
}

/** http.md §1.4 */
export interface SectionLocks {
  readonly isSupported: boolean;
  get(): { readonly sections: readonly string[]; readonly passwordHash: string };
  set(locks: { sections: readonly string[]; passwordHash: string }): Promise<void>;
}

export const lockableSections = [
  'accounts',
  'bans',
  'extbans',
  'listserverwhitelist',
  'server',
  'sessions',
] as const;

/** Parts of the data that an administrator can lock against changes over REST (http.md §1.4). */
export type LockableSection = (typeof lockableSections)[number];

export function isLocked(live: LiveServer, section: LockableSection): boolean {
  return live.locks.get().sections.includes(section);
}

/** Refusal `unreachable` where no server runs here. */
export function requireLive({ live }: { readonly live?: LiveServer }): LiveServer {
  if (live !== undefined) return live;
  throw refusal('server-not-found');
}
