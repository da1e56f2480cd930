// What the system says of a place: whether it is there, and how much room is left on its disk.

import * as fs from 'node:fs';
import * as path from 'node:path';

/** The folder, or the nearest one above it that is there. */
export function nearestExisting(place: string): string {
  let at = path.resolve(place);
  while (!fs.existsSync(at)) at = path.dirname(at);
  return at;
}

/** Of the disk that a folder is on. `freeShare`: from 0 to 1, as an ordinary user may use it. */
export function freeSpace(folder: string): { device: string; freeBytes: number; freeShare: number } {
  const { bavail, bsize, blocks } = fs.statfsSync(folder);
  return {
    device: String(fs.statSync(folder).dev),
    freeBytes: bavail * bsize,
    freeShare: blocks > 0 ? bavail / blocks : 1,
  };
}
