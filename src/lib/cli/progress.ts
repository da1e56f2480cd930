// A progress bar on stderr for work that takes a while, where somebody looks.

import { createRequire } from 'node:module';
import { describeSize } from '../core/units.js';
import { systemClock } from '../io/system/clock.js';
import { whenInterrupted } from './interruption.js';
import { hasColor, type Terminal } from './terminal.js';

export interface Progress {
  update(done: number): void;
  stop(): void;
}

const require = createRequire(import.meta.url);
const nothing: Progress = { update: () => {}, stop: () => {} };

/** Work smaller than this is over before a bar could be read. */
const worthShowingBytes = 4 * 1024 * 1024;

/**
 * `total` in bytes, undefined when it is not known. Silent unless stderr is a terminal and there is as much to do as
 * makes it worth while.
 */
export function startProgress(
  terminal: Terminal,
  label: string,
  total: number | undefined,
  isWanted: boolean,
  worthBytes = worthShowingBytes,
): Progress {
  if (!isWanted || total === undefined || total < worthBytes) return nothing;
  if (terminal.stderr.isTTY !== true || terminal.env.TERM === 'dumb') return nothing;
  // loaded when it is shown: most work is too short for it
  const { SingleBar, Presets } = require('cli-progress') as typeof import('cli-progress');
  const bar = new SingleBar(
    {
      format: `${label} {bar} {percentage}% of {size}, {rate}/s, {eta_formatted} left`,
      stream: terminal.stderr as NodeJS.WriteStream,
      hideCursor: true,
      clearOnComplete: true,
      gracefulExit: false, // its own stops the bar only, and Ctrl-C would do nothing else
    },
    hasColor(terminal, 'stderr') ? Presets.shades_classic : Presets.legacy,
  );
  const forget = whenInterrupted(() => bar.stop());
  const started = systemClock.monotonic();
  bar.start(total, 0, { size: describeSize(total), rate: '?' });
  return {
    update(done) {
      const seconds = (systemClock.monotonic() - started) / 1000;
      bar.update(Math.min(done, total), { rate: describeSize(Math.round(done / Math.max(seconds, 0.001))) });
    },
    stop() {
      forget();
      bar.stop();
    },
  };
}
