// The version of this program, from its package.json.
import { existsSync, readFileSync } from 'node:fs';

/** The folder that holds package.json: some levels above this file, compiled or not. */
function findPackage(): URL {
  let folder = new URL('.', import.meta.url);
  while (!existsSync(new URL('package.json', folder))) {
    const parent = new URL('..', folder);
    if (parent.href === folder.href)
      throw new Error('package.json is missing: this copy of dp is not complete');
    folder = parent;
  }
  return new URL('package.json', folder);
}

export const version: string = JSON.parse(readFileSync(findPackage(), 'utf8')).version;
