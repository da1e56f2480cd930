// Keeps V8's young generation at the size it starts with.
import { setFlagsFromString } from 'node:v8';

/** The flags have been there from the first; a V8 that is newer than those that were looked at is left alone. */
const newestKnownV8 = 13;

/**
 * The young generation doubles, up to 16 MB and twice that while it is cleared, when much of what is in it
 * survives: when people come in crowds. It hardly shrinks again. What dp allocates either dies at once or stays as
 * long as its connection, so that a larger one saves no measurable CPU time, and costs 12 kB per idle connection
 * (1,000 of them, resident size, `npm run bench -- --only idle`).
 */
export function keepYoungHeapSmall(): void {
  if (Number.parseInt(process.versions.v8, 10) > newestKnownV8) return;
  setFlagsFromString('--semi-space-growth-factor=1');
  // Clearing so little takes half a millisecond alone, and twice that in processor time when threads share it.
  setFlagsFromString('--no-parallel-scavenge');
}
