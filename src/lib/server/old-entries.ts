// Deletes old entries of the log and of the audit trail once a day (config.md §3), by a clock that has proven
// itself: one that jumped, or was wrong at several starts, deletes nothing.

import type { Awaitable, Stores } from '../admin/needs.js';
import type { Clock, Timer } from '../core/session/needs.js';
import type { LayeredSettings } from '../core/settings/layers.js';
import type { Report } from './configuration-sources.js';

const hourMs = 3_600_000;
const dayMs = 86_400_000;
/** A clock that went on as long as this without a jump is trusted; less where entries are kept for less. */
const provenMs = 7 * dayMs;
/** A jump: entries further apart, or clocks that differ by more. */
const longestPauseMs = 7 * dayMs;
const driftMs = hourMs;

const kinds = [
  { setting: 'logpurgedays', store: 'log', name: 'log entries' },
  { setting: 'auditpurgedays', store: 'audit', name: 'entries of the audit trail' },
] as const;

type Parts = Pick<Stores, 'log' | 'audit'>;

/** Begins with a look at once; the promise resolves when it is done. */
export async function purgeOldEntries(
  stores: Parts,
  settings: Pick<LayeredSettings, 'get'>,
  clock: Clock,
  report: Report,
): Promise<Timer> {
  /** Since when both clocks have gone side by side. */
  let steady = { time: clock.now(), monotonic: clock.monotonic() };
  let looked = steady;
  let purgedDay: number | undefined;
  let timer: Timer | undefined;
  let isStopped = false;

  const look = async () => {
    const seen = { time: clock.now(), monotonic: clock.monotonic() };
    const drift = seen.time - looked.time - (seen.monotonic - looked.monotonic);
    looked = seen;
    if (Math.abs(drift) > driftMs) steady = seen;
    const today = Math.floor(seen.time / dayMs) * dayMs;
    if (today === purgedDay) return;
    const since = Math.min(steady.time, await provenSince(stores, seen.time));
    if (isStopped) return;
    for (const { setting, store, name } of kinds) {
      const days = settings.get(setting);
      if (days <= 0) continue;
      if (seen.time - since < Math.min(provenMs, days * dayMs)) continue;
      purgedDay = today;
      void Promise.resolve(stores[store]?.purge(today - days * dayMs)).catch((error: unknown) =>
        report('warn', `cannot delete old ${name}: ${reasonOf(error)}`),
      );
    }
  };
  const lookNow = () =>
    look().catch((error: unknown) => report('warn', `cannot delete old entries: ${reasonOf(error)}`));
  const again = () => {
    void lookNow();
    timer = clock.after(hourMs, again);
  };
  await lookNow();
  timer = clock.after(hourMs, again);
  return {
    cancel: () => {
      isStopped = true;
      timer?.cancel();
    },
  };
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** Since when (milliseconds since 1970) entries have been written without a long pause, up to `now`. */
async function provenSince({ log, audit }: Parts, now: number): Promise<number> {
  const oldest = { order: 'oldest', limit: 1 } as const;
  const ofLog = await unbroken(now, async (span) => (await log?.query({ ...span, ...oldest }))?.[0]?.time);
  return Math.min(
    ofLog,
    await unbroken(now, async (span) => (await audit?.query({ ...span, ...oldest }))?.[0]?.when),
  );
}

/** `oldestIn` answers with the time of an entry in this span, the oldest one if the clock was never set back. */
async function unbroken(
  now: number,
  oldestIn: (span: { from: number; until: number }) => Awaitable<number | undefined>,
): Promise<number> {
  let since = now;
  while (now - since < provenMs) {
    const found = await oldestIn({ from: since - longestPauseMs, until: since });
    if (found === undefined || found >= since) break;
    since = found;
  }
  return since;
}
