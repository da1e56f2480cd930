// Takes away what only builds of better-sqlite3 need, and programs for other systems: nine tenths of its 30 MB.
import { existsSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';

const own = new RegExp(`^${process.platform}(musl)?-${process.arch}\\.node$`);

function remove(folder, isUseless) {
  if (!existsSync(folder)) return;
  for (const name of readdirSync(folder))
    if (isUseless(name)) rmSync(join(folder, name), { recursive: true, force: true });
}

/** Version 13 with its programs, which is not built. `library`: the folder of the package. */
export function pruneReadyMade(library) {
  const prebuilds = join(library, 'prebuilds');
  if (!existsSync(prebuilds) || !readdirSync(prebuilds).some((name) => own.test(name))) return;
  remove(prebuilds, (name) => !own.test(name));
  remove(library, (name) => ['deps', 'src'].includes(name));
}

/** Version 12 after its build. `packages`: the node_modules that holds it and what it was installed with. */
export function pruneBuilt(packages) {
  remove(packages, (name) => !['better-sqlite3', 'bindings', 'file-uri-to-path'].includes(name));
  const library = join(packages, 'better-sqlite3');
  remove(library, (name) => !['build', 'lib', 'package.json', 'LICENSE'].includes(name));
  remove(join(library, 'build'), (name) => name !== 'Release');
  remove(join(library, 'build/Release'), (name) => name !== 'better_sqlite3.node');
}
