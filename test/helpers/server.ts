// A whole server for tests: on a free port, in memory, with a clock that is moved by hand.

import type { ManualClock } from './manual-clock.js';

export interface TestServerOptions {
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
  readonly isBusy: boolean;
  stop(): Promise<void>;
}

export function startTestServer(_options: TestServerOptions = {}): Promise<TestServer> {
  throw new Error('to be connected to server/start.ts');
}
