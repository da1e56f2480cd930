// A progress bar on stderr for work that takes a while, where somebody looks.

import { createRequire } from 'node:module';
import { hasColor, type Terminal } from './terminal.js';

export interface Progress {
  update(done: number): void;
  stop(): void;
}

const require = createRequire(import.meta.url);
const nothing: Progress = { update: () => {}, stop: () => {} };

/** Work smaller than this is over before a bar could be read. */
const worthShowingBytes = 4 * 1024 * 1024;

/** `total` in bytes, undefined when it is not known. Silent unless stderr is a terminal. */
export function startProgress(
  terminal: Terminal,
  label: string,
  total: number | undefined,
  isWanted: boolean,
): Progress {
  if (!isWanted || total === undefined || total < worthShowingBytes) return nothing;
  if (terminal.stderr.isTTY !== true || terminal.env.TERM === 'dumb') return nothing;
  // loaded when it is shown: most work is too short for it
  const { SingleBar, Presets } = require('cli-progress') as typeof import('cli-progress');
  const bar = new SingleBar(
    {
      format: `${label} {bar} {percentage}% of {size}, {eta_formatted} left`,
      stream: terminal.stderr as NodeJS.WriteStream,
      hideCursor: true,
      clearOnComplete: true,
    },
    hasColor(terminal, 'stderr') ? Presets.shades_classic : Presets.legacy,
  );
  bar.start(total, 0, { size: `${Math.round(total / 1024 / 1024)} MB` });
  return { update: (done) => bar.update(Math.min(done, total)), stop: () => bar.stop() };
}
