// A whole server for tests: on a free port, in memory, with a clock that is moved by hand.

import type { LogEntry } from '../../src/lib/core/session/needs.js';
import type { ManualClock } from './manual-clock.js';

export interface TestServerOptions {
  /** Milliseconds since 1970 that the clock shows at first. */
  startTime?: number;
  settings?: Readonly<Record<string, string>>;
  accounts?: ReadonlyArray<{
    name: string;
    password: string | null;
    flags: readonly string[];
    locked?: boolean;
  }>;
  addressBans?: readonly string[];
  systemBans?: ReadonlyArray<{ sid: string; reaction: string }>;
}

export interface TestServer {
  readonly port: number;
  readonly clock: ManualClock;
  /** Something slow (a password check) is under way. */
  readonly isBusy: boolean;
  /** Log entries about faults and bugs, never about clients. */
  readonly problems: readonly LogEntry[];
  readonly sessionCount: number;
  /** Waits until nothing is under way outside of the event loop. */
  idle(): Promise<void>;
  stop(): Promise<void>;
}

export function startTestServer(_options: TestServerOptions = {}): Promise<TestServer> {
  throw new Error('to be connected to server/start.ts');
}
