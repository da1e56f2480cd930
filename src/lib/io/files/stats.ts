// What the system says about a path, where a path that cannot be looked at is an answer and not an error.

import * as fs from 'node:fs';

/** Undefined if it cannot be determined: opening it reports why. `stat`: `fs.lstatSync` for a link itself. */
export function statsOf(place: string, stat: typeof fs.lstatSync = fs.statSync): fs.Stats | undefined {
  try {
    return stat(place, { throwIfNoEntry: false });
  } catch {
    return undefined;
  }
}
