// Loads the server's code one file after the other where few files may be open (`ulimit -n 64`): modules that are
// imported together are all open at once. What is loaded later elsewhere is loaded here as well, because later there may
// be no descriptor left for it.

import { readdirSync, readFileSync } from 'node:fs';
import * as path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { loadLazyPackages } from './lazy-packages.js';

/** With so many, loading is not a concern. */
const plenty = 512;

/** Folders and files below `dist` from which everything that a server needs is reached (scripts/bundle.mjs). */
const roots = ['bundle', 'commands/serve.js'];

export async function loadInTurn(): Promise<void> {
  const limit = /^Max open files\s+(\d+)/m.exec(readLimits())?.[1];
  if (limit === undefined || Number(limit) >= plenty) return;
  const dist = fileURLToPath(new URL('../../../', import.meta.url));
  const seen = new Set<string>();
  for (const root of roots) {
    const place = path.join(dist, root);
    const files = root.endsWith('.js')
      ? [place]
      : readdirSync(place).flatMap((name) => (name.endsWith('.js') ? [path.join(place, name)] : []));
    for (const file of files) await load(file, seen);
  }
  loadLazyPackages();
}

function readLimits(): string {
  try {
    return readFileSync('/proc/self/limits', 'utf8');
  } catch {
    return '';
  }
}

/** What it imports first, so that at most one file of ours is open. */
async function load(file: string, seen: Set<string>): Promise<void> {
  if (seen.has(file)) return;
  seen.add(file);
  const code = readFileSync(file, 'utf8');
  for (const [, name = ''] of code.matchAll(
    /^(?:import|export)\s(?:[^'";]*?\sfrom\s*)?['"](\.[^'"]+)['"]/gm,
  )) {
    await load(path.resolve(path.dirname(file), name), seen);
  }
  await import(pathToFileURL(file).href);
}
