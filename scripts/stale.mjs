// What was compiled into .build from a file that is gone or has another name since: tests of it would run on.
import { existsSync, readdirSync, rmSync } from 'node:fs';
import path from 'node:path';

/** `root`: the folder of the project. */
export function removeStale(root) {
  for (const part of ['src', 'test']) {
    const compiled = path.join(root, '.build', part);
    if (!existsSync(compiled)) continue;
    for (const name of readdirSync(compiled, { recursive: true })) {
      const source = path.join(root, part, name.replace(/\.js(\.map)?$/, ''));
      if (!/\.js(\.map)?$/.test(name) || existsSync(`${source}.ts`) || existsSync(`${source}.tsx`)) continue;
      rmSync(path.join(compiled, name));
    }
  }
}
