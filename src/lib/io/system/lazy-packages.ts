// Packages that most servers never need: loaded when they first are, because each costs time and memory at the start.
// They are loaded by `require`: `import` of such a package first starts Node's lexer for the older kind of module.

import { statSync } from 'node:fs';
import { createRequire } from 'node:module';
import * as path from 'node:path';
import { fileURLToPath } from 'node:url';

/** Type of the package by its name. */
interface LazyPackages {
  '@node-rs/argon2': typeof import('@node-rs/argon2');
  re2js: typeof import('re2js');
  tweetnacl: typeof import('tweetnacl');
}

const load = createRequire(import.meta.url);

export function lazyPackage<Name extends keyof LazyPackages>(name: Name): LazyPackages[Name] {
  return load(name) as LazyPackages[Name];
}

/** All of them, for a server that may not be able to read or open them later. */
export function loadLazyPackages(): void {
  for (const name of ['@node-rs/argon2', 're2js', 'tweetnacl'] as const) lazyPackage(name);
}

/**
 * Whether everybody on this machine may read the program and its packages. If so, a server that gives up root's rights
 * loads what it is asked for later; if not, it has to load all of it before.
 */
export function isCodeReadableByAll(): boolean {
  const files = [fileURLToPath(import.meta.url), ...['fastify', 're2js'].map((name) => load.resolve(name))];
  return files.every((file) => isReadableByAll(file));
}

/** The file itself, and every folder on the way to it. */
export function isReadableByAll(file: string): boolean {
  try {
    if ((statSync(file).mode & 0o004) === 0) return false;
    for (let folder = path.dirname(file); ; folder = path.dirname(folder)) {
      if ((statSync(folder).mode & 0o001) === 0) return false;
      if (folder === path.dirname(folder)) return true;
    }
  } catch {
    return false;
  }
}
