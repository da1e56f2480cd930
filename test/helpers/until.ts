// Waiting for something that has no event: bounded, and with words for when it does not come.

import { setTimeout as sleep } from 'node:timers/promises';

/** Resolves when `holds` does; fails after `ms` milliseconds and says for what it waited. */
export async function until(what: string, holds: () => boolean, ms = 10_000): Promise<void> {
  const end = performance.now() + ms;
  while (!holds()) {
    if (performance.now() > end) throw new Error(`waited ${ms} ms in vain: ${what}`);
    await sleep(1);
  }
}
