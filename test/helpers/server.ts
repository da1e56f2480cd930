// A whole server for tests: on a free port, in memory, with a clock that is moved by hand.

import { setImmediate as turn } from 'node:timers/promises';
import { AccountTable } from '../../src/lib/core/login/account-table.js';
import { type BanEntry, BanTable } from '../../src/lib/core/login/ban-table.js';
import type { BanReaction } from '../../src/lib/core/login/needs.js';

import type { Inflater, Log, LogEntry, Passwords } from '../../src/lib/core/session/needs.js';
import { MemorySettings } from '../../src/lib/core/settings/settings.js';
import { makeInflater } from '../../src/lib/io/system/inflater.js';
import { type RunningServer, type ServerOptions, startServer } from '../../src/lib/server/start.js';
import { ManualClock } from './manual-clock.js';
import { quickPasswords } from './quick-passwords.js';
import { until } from './until.js';

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
  /** `10.0.0.0/8` */
  addressBans?: readonly string[];
  systemBans?: ReadonlyArray<{ sid: string; reaction: string }>;
  /** Whatever else the server takes. */
  more?: Partial<ServerOptions>;
  /** The clock of an earlier server that this one follows. */
  clock?: ManualClock;
  /** Makes what is around the server. */
  surround?: (base: SurroundingsBase) => Promise<Surroundings>;
}

export interface SurroundingsBase {
  clock: ManualClock;
  settings: MemorySettings;
  log: Log;
}

/** What is around a server: storage, external services. */
export interface Surroundings {
  parts: Partial<ServerOptions>;
  started?(server: RunningServer): void;
  /** After the server has stopped. */
  stop?(): Promise<void>;
}

export interface TestServer {
  readonly port: number;
  readonly webSocketPort: number;
  readonly clock: ManualClock;
  readonly running: RunningServer;
  /** Something slow (a password check, inflating) is under way. */
  readonly isBusy: boolean;
  /** Everything that was logged. */
  readonly log: readonly LogEntry[];
  /** Log entries about faults and bugs, never about clients. */
  readonly problems: readonly LogEntry[];
  readonly sessionCount: number;
  /** Waits until nothing is under way outside of the event loop. */
  idle(): Promise<void>;
  stop(): Promise<void>;
}

const reactions: readonly string[] = [
  'normal',
  'neterror',
  'garbage',
  'hang',
  'timer',
] satisfies BanReaction[];

export async function startTestServer(options: TestServerOptions = {}): Promise<TestServer> {
  const clock = options.clock ?? new ManualClock(options.startTime);
  const log: LogEntry[] = [];
  const base = {
    clock,
    settings: new MemorySettings(options.settings),
    log: { write: (entry: LogEntry) => void log.push(entry) },
  };
  const slow = new SlowThings();
  const accounts = new AccountTable();
  accounts.replace(
    (options.accounts ?? []).map(({ name, password, flags, locked }) => ({
      authId: `internal:${name}`,
      name,
      isLocked: locked ?? false,
      password: password === null ? '' : `plain;${password}`,
      flags,
    })),
  );
  const bans = new BanTable(() => clock.now());
  bans.replace(banEntries(options));
  const surroundings = await options.surround?.(base);
  const running = await startServer({
    host: '127.0.0.1',
    port: 0,
    ...base,
    accounts,
    bans,
    passwords: slow.passwords(quickPasswords()),
    makeInflater: () => slow.inflater(makeInflater()),
    ...surroundings?.parts,
    ...options.more,
  });
  surroundings?.started?.(running);
  let stopped: Promise<void> | undefined;
  const stop = async () => {
    await running.stop();
    await surroundings?.stop?.();
  };
  return {
    port: running.port,
    webSocketPort: running.webSocketPort,
    clock,
    running,
    log,
    get isBusy() {
      return slow.count > 0;
    },
    get problems() {
      return log.filter(({ level }) => level === 'error');
    },
    get sessionCount() {
      return running.directory.count;
    },
    async idle() {
      await turn();
      await turn();
      await until('nothing slow is under way', () => slow.count === 0);
    },
    stop() {
      stopped ??= stop();
      return stopped;
    },
  };
}

function* banEntries(options: TestServerOptions): Iterable<BanEntry> {
  let id = 0;
  for (const ban of options.addressBans ?? []) {
    const [address, bits] = ban.split('/') as [string, string | undefined];
    yield { kind: 'ip', id: ++id, expires: undefined, address, bits: Number(bits ?? 32) };
  }
  for (const { sid, reaction } of options.systemBans ?? []) {
    const known = reactions.includes(reaction) ? (reaction as BanReaction) : 'normal';
    yield { kind: 'client', id: ++id, expires: undefined, sid, reaction: known, reason: '' };
  }
}

/** Counts what has been asked for and has not been answered. */
class SlowThings {
  count = 0;

  passwords(real: Passwords): Passwords {
    return {
      hash: (password, done, address) => real.hash(password, this.#counted(done), address),
      verify: (password, stored, done, address) =>
        real.verify(password, stored, this.#counted(done), address),
      stop: async (withinMs) => real.stop?.(withinMs),
    };
  }

  inflater(real: Inflater): Inflater {
    return {
      write: (piece, limit, done) => real.write(piece, limit, this.#counted(done)),
      finish: (done) => real.finish(this.#counted(done)),
      close: () => real.close(),
    };
  }

  #counted<T>(done: (value: T) => void): (value: T) => void {
    this.count++;
    return (value) => {
      this.count--;
      done(value);
    };
  }
}
