// Ctrl-C and the like: what has to be put in order before the program ends, which it then does as it would have.

import { removeParts } from '../io/disk/atomic-output.js';

const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
const cleanups = new Set<() => void>();

function end(signal: NodeJS.Signals): void {
  for (const each of signals) process.removeListener(each, end);
  for (const cleanup of [...cleanups].reverse()) cleanup();
  // nobody listens any more: the shell learns of the signal as usual
  process.kill(process.pid, signal);
}

/** Calls `cleanup` when the program is ended from outside. Returns how to take that back. */
export function whenInterrupted(cleanup: () => void): () => void {
  if (cleanups.size === 0) for (const signal of signals) process.on(signal, end);
  cleanups.add(cleanup);
  return () => {
    cleanups.delete(cleanup);
    if (cleanups.size === 0) for (const signal of signals) process.removeListener(signal, end);
  };
}

/** Does something that writes files; an interruption leaves none that are half written. */
export async function leavingNoParts<Result>(write: () => Promise<Result>): Promise<Result> {
  const forget = whenInterrupted(removeParts);
  try {
    return await write();
  } finally {
    forget();
  }
}
