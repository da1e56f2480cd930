// Waiting for something that has no event of its own: bounded, and with words for when it does not come.

import { setTimeout as sleep } from 'node:timers/promises';

/** Between two looks: this share of how long it has been waited, and never longer than that. */
const share = 0.05;
const longestMs = 50;

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
  const begun = performance.now();
  while (!(await holds())) {
    const waited = performance.now() - begun;
    if (waited > ms) throw new Error(`waited ${ms} ms in vain: ${what}, ${holds}`);
    // What takes long is looked at less often: looking takes the processor from what is waited for.
    await sleep(Math.min(longestMs, Math.max(1, waited * share)));
  }
}
