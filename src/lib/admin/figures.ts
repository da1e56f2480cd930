// Figures of the last hour, one row a minute: how many people were there, how many drew, in how many sessions.

import type { Timer } from '../core/session/needs.js';
import { type Figure, type LiveServer, requireLive } from './live.js';
import { look } from './operation.js';
import { list, moment, nothing, object, whole } from './schema.js';

const figure = object({
  when: moment,
  usersInSessions: whole,
  activeDrawers: whole,
  sessions: whole,
  memoryBytes: whole,
});

const everyMs = 60_000;
/** With the one that the next replaces. */
const keptAtMost = 61;

export const figureOperations = {
  'server.figures': look({
    summary: 'Show figures of the last hour, minute by minute',
    input: nothing,
    output: list(figure),
    run: async (needs) => {
      const live = requireLive(needs);
      return [...(live.figures?.rows ?? []), measure(live)];
    },
  }),
};

type Measured = Pick<LiveServer, 'directory' | 'clock'>;

export function measure({ directory, clock }: Measured): Figure {
  const sessions = [...directory.all];
  return {
    when: clock.now(),
    usersInSessions: sessions.reduce((sum, { people }) => sum + people.count, 0),
    activeDrawers: sessions.reduce((sum, { people }) => sum + people.activeDrawerCount, 0),
    sessions: sessions.length,
    memoryBytes: process.memoryUsage.rss(),
  };
}

export class Figures {
  readonly #rows: Figure[] = [];
  #timer: Timer | undefined;

  get rows(): readonly Figure[] {
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
