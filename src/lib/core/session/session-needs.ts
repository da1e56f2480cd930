// Everything that a server provides to its sessions: the interfaces of needs.ts in one bundle.

import type { SettingsReader } from '../settings/settings.js';
import type { Changes } from './change.js';
import type {
  AbuseReports,
  BanArchive,
  Clock,
  Inflater,
  Listings,
  Log,
  NameRules,
  Passwords,
  Random,
  Recorder,
} from './needs.js';

/** What a server provides to all of its sessions. */
export interface SessionNeeds {
  clock: Clock;
  random: Random;
  log: Log;
  /** Called for every action on a session or one of its users. */
  changes: Changes;
  settings: SettingsReader;
  passwords: Passwords;
  makeInflater(): Inflater;
  banArchive: BanArchive;
  listings: Listings;
  reports: AbuseReports;
  nameRules: NameRules;
  /** Undefined: nothing is recorded. */
  makeRecorder(session: { id: string; alias: string; protocol: string }): Recorder | undefined;
  /** For an administrator who asks for it; undefined: there is no place for recordings. */
  recordWhenAsked?: ((session: { id: string; alias: string; protocol: string }) => Recorder) | undefined;
  /** Whether there is a WebSocket listener. */
  hasWebSockets: boolean;
  /** Counts autoreset queries of this process (sessions.md §14.3). */
  nextResetNumber(): number;
}
