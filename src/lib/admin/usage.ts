// Usage of the server in the last hour, one row per minute: users, active drawers, sessions.

import type { Timer } from '../core/session/needs.js';
import { type LiveServer, requireLive, type Usage } from './live.js';
import { look } from './operation.js';
import { integer, list, moment, nothing, object } from './schema.js';

const row = object({
  when: moment,
  usersInSessions: integer,
  activeDrawers: integer,
  sessions: integer,
  memoryBytes: integer,
});

const everyMs = 60_000;
/** With the one that the next replaces. */
const keptAtMost = 61;

export const usageOperations = {
  'server.usage': look({
    summary: 'Show how busy the server was in the last hour',
    input: nothing,
    output: list(row),
    run: async (needs) => {
      const live = requireLive(needs);
      return [...(live.usage?.rows ?? []), measure(live)];
    },
  }),
};

type Measured = Pick<LiveServer, 'directory' | 'clock' | 'memoryBytes'>;

export function measure({ directory, clock, memoryBytes }: Measured): Usage {
  const sessions = [...directory.all];
  return {
    when: clock.now(),
    usersInSessions: sessions.reduce((sum, { people }) => sum + people.count, 0),
    activeDrawers: sessions.reduce((sum, { people }) => sum + people.activeDrawerCount, 0),
    sessions: sessions.length,
    memoryBytes,
  };
}

export class UsageLog {
  readonly #rows: Usage[] = [];
  #timer: Timer | undefined;

  get rows(): readonly Usage[] {
    return this.#rows;
  }

  start(live: Measured): void {
    const again = () => {
      this.#rows.push(measure(live));
      if (this.#rows.length > keptAtMost) this.#rows.shift();
      this.#timer = live.clock.after(everyMs, again);
    };
    again();
  }

  stop(): void {
    this.#timer?.cancel();
  }
}
