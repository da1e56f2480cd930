// SQLite itself, loaded with the first database, so that a native part that does not load is an error of the command
// that needs it, with what to type.

import { createRequire } from 'node:module';
import type Database from 'better-sqlite3';
import { Fault } from '../../core/errors.js';

type Library = typeof Database;

const load = createRequire(import.meta.url);
let library: Library | undefined;

/** Opens a database. Fault when the native part of the library does not load, else what SQLite says. */
export function openSqlite(file: string, options?: Database.Options): Database.Database {
  const Sqlite = loadSqlite();
  return new Sqlite(file, options);
}

/** Loads the library now, for those who can't load anything later. Fault when its native part does not load. */
export function loadSqlite(): Library {
  if (library) return library;
  try {
    const found = load('better-sqlite3') as Library;
    // 13 does not run on Node 20, and does not say so: it crashes.
    requireNode(load('better-sqlite3/package.json') as { version: string; engines?: { node?: string } });
    // The native part comes with the first database.
    new found(':memory:').close();
    library = found;
    return found;
  } catch (cause) {
    throw nativeFault(cause);
  }
}

function requireNode({ version, engines }: { version: string; engines?: { node?: string } }): void {
  const least = Number(/^>=(\d+)$/.exec(engines?.node ?? '')?.[1] ?? 0);
  if (Number.parseInt(process.versions.node, 10) >= least) return;
  throw new Error(`version ${version} of it needs Node ${least} or newer`);
}

/** Exported for its test. */
export function nativeFault(cause: unknown): Fault {
  const { message, code } = cause as NodeJS.ErrnoException;
  const root = new URL('../../../../', import.meta.url).pathname;
  const [, own, wanted] = /NODE_MODULE_VERSION (\d+)[\s\S]*NODE_MODULE_VERSION (\d+)/.exec(message) ?? [];
  const isMissing = code === 'MODULE_NOT_FOUND';
  const reason =
    own !== undefined
      ? `it was built for another Node (modules of version ${own}, this one has ${wanted})`
      : isMissing || /Could not locate the bindings file/.test(message)
        ? 'it is missing: npm install could not build it'
        : message.split('\n', 1)[0]!;
  return new Fault(`cannot load the native part of better-sqlite3 with Node ${process.version}: ${reason}`, {
    cause,
    hint: isMissing
      ? `Run 'npm install --foreground-scripts' in ${root}: it shows why; building takes a compiler and Node's headers.`
      : `Run 'npm rebuild better-sqlite3' in ${root}, with the Node that runs dp; or use the Node it was installed with.`,
  });
}
