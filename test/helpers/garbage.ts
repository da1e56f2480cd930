// The garbage collector, for tests of what is given back when nobody has something any more.

import { setImmediate } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

/** Collects until `isDone`, but not for ever: who calls looks whether it is. */
export async function collectUntil(isDone: () => boolean): Promise<void> {
  for (let tries = 0; tries < 50 && !isDone(); tries++) {
    collect();
    await setImmediate();
  }
}
