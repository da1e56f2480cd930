// A disk that fails, is slow, or is looked at in the middle of it: every call of node:fs that works on a folder under
// test can be answered with an error, held back, or be the moment at which the process would have been killed. Import
// this before the modules under test. Folders that are not watched notice nothing.
import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { dirname, join, resolve } from 'node:path';

/** One call on its way to the disk. */
export interface DiskCall {
  name: string;
  path: string;
  /** Whether it changes what is on the disk. */
  isChange: boolean;
  /** What a write would put where; undefined: it is no positioned write. */
  write: { bytes: Buffer; position: number } | undefined;
}

/** Is told of each call before it is made: throws what the call is to fail with, or answers what has to come before. */
export type Watcher = (call: DiskCall) => Promise<void> | void;

const watchers = new Map<string, Watcher>();
const paths = new Map<number, string>();
const real = { ...fs };
const realPromises = { ...fs.promises };

/** Watches a folder (and what is in it) until the function that it answers with is called. */
export function watchFolder(folder: string, watcher: Watcher): () => void {
  const key = resolve(folder);
  watchers.set(key, watcher);
  return () => watchers.delete(key);
}

/** An error as the system makes them. */
export function systemError(code: string, { name, path }: DiskCall): NodeJS.ErrnoException {
  return Object.assign(new Error(`${code}: made up, ${name} '${path}'`), { code, syscall: name });
}

/** Puts a copy of a folder elsewhere, as a kill at this moment leaves it; `torn`: half of this write is done. */
export function copyAsKilled(from: string, to: string, torn?: DiskCall): void {
  real.mkdirSync(to);
  for (const name of real.readdirSync(from)) real.copyFileSync(join(from, name), join(to, name));
  if (!torn?.write) return;
  const { bytes, position } = torn.write;
  const descriptor = real.openSync(join(to, torn.path.slice(resolve(from).length + 1)), 'r+');
  real.writeSync(descriptor, bytes, 0, bytes.length >> 1, position);
  real.closeSync(descriptor);
}

function watcherOf(path: string): Watcher | undefined {
  const full = resolve(path);
  return watchers.get(full) ?? watchers.get(dirname(full));
}

type Call = (...args: unknown[]) => unknown;
type Target = string | number;

const changes = /^(write|writev|ftruncate|truncate|rename|unlink|rm|fsync|fdatasync|mkdir|writeFile)(Sync)?$/;

function describe(name: string, args: readonly unknown[]): DiskCall | undefined {
  const target = args[0] as Target;
  const path = typeof target === 'number' ? paths.get(target) : String(target);
  if (path === undefined) return undefined;
  let write: DiskCall['write'];
  if (name === 'writeSync') {
    const [, bytes, from, length, position] = args as [number, Uint8Array, number, number, number];
    write = { bytes: Buffer.from(bytes.subarray(from, from + length)), position };
  } else if (name === 'writev' || name === 'writevSync') {
    const [, pieces, position] = args as [number, Uint8Array[], number];
    write = { bytes: Buffer.concat(pieces), position };
  }
  return { name, path, isChange: changes.test(name), write };
}

function ask(name: string, args: readonly unknown[]): Promise<void> | void {
  const call = describe(name, args);
  return call && watcherOf(call.path)?.(call);
}

for (const name of [
  'openSync',
  'writeSync',
  'writevSync',
  'ftruncateSync',
  'renameSync',
  'unlinkSync',
  'fsyncSync',
] as const) {
  const original = real[name] as Call;
  Object.assign(fs, {
    [name]: (...args: unknown[]) => {
      void ask(name, args);
      const result = original(...args);
      if (name === 'openSync') paths.set(result as number, String(args[0]));
      return result;
    },
  });
}

for (const name of ['readv', 'writev', 'fdatasync', 'fsync', 'rename', 'unlink', 'writeFile'] as const) {
  const original = real[name] as unknown as Call;
  Object.assign(fs, {
    [name]: (...args: unknown[]) => {
      const done = args.at(-1) as (error: unknown) => void;
      let before: Promise<void> | void;
      try {
        before = ask(name, args);
      } catch (error) {
        setImmediate(done, error);
        return;
      }
      if (before) before.then(() => original(...args), done);
      else original(...args);
    },
  });
}

for (const name of ['open', 'rename', 'rm'] as const) {
  const original = realPromises[name] as Call;
  Object.assign(fs.promises, {
    [name]: async (...args: unknown[]) => {
      await ask(name, args);
      return original(...args);
    },
  });
}

syncBuiltinESMExports();
