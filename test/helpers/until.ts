// Waiting for something that has no event of its own: bounded, and with words for when it does not come.

import { setTimeout as sleep } from 'node:timers/promises';

/**
 * Resolves when `holds` does; fails after `ms` milliseconds and says for what it waited. What takes a step of its own
 * (a ping, a request) is awaited before it is asked again. The limit is for machines that are slow and busy: nothing
 * takes it that works.
 */
export async function until(
  what: string,
  holds: () => boolean | Promise<boolean>,
  ms = 60_000,
): Promise<void> {
  const end = performance.now() + ms;
  while (!(await holds())) {
    if (performance.now() > end) throw new Error(`waited ${ms} ms in vain: ${what}, ${holds}`);
    await sleep(1);
  }
}
