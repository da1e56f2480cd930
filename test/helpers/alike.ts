// Equal values with many bytes in them.

import { isDeepStrictEqual } from 'node:util';
import type { ExecutionContext } from 'ava';

/**
 * `t.deepEqual()`, which takes each byte for a property with a name: a picture takes seconds. Only what differs is left to it,
 * for what it says.
 */
export function areAlike(t: ExecutionContext, actual: unknown, expected: unknown, message?: string): void {
  if (isDeepStrictEqual(actual, expected)) t.pass();
  else t.deepEqual(actual, expected, message);
}
