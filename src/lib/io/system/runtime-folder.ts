// Where the sockets of running servers are, and how the one that belongs to some data is called.

import { createHash } from 'node:crypto';
import { accessSync, constants, readdirSync, realpathSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import * as path from 'node:path';
import { fault } from '../../core/errors.js';
import { folderModes, makeFolder } from '../files/folders.js';

type Environment = Readonly<Record<string, string | undefined>>;

const systemFolder = '/run/dp';

/** The folder for the sockets of this process's user, made if need be. Fault: there is none. */
export function ownRuntimeFolder(env: Environment = process.env, uid = process.getuid?.()): string {
  const own = path.join(tmpdir(), `dp-${uid ?? 'me'}`);
  for (const folder of [...namedFolders(env), systemFolder, own]) {
    try {
      makeFolder(folder, folderModes.private);
      const found = statSync(folder);
      // In a folder that others may write to, the name could be theirs.
      if (!found.isDirectory() || (uid !== undefined && found.uid !== uid) || (found.mode & 0o022) !== 0)
        continue;
      accessSync(folder, constants.W_OK | constants.X_OK);
      return folder;
    } catch {
      // the next one
    }
  }
  throw fault('socket-without-folder', { folder: own });
}

/** Every folder in which a server's socket may be, for those who look for one; the one of DP_RUNTIME if that is set. */
export function runtimeFolders(env: Environment = process.env): string[] {
  if (env.DP_RUNTIME) return [path.resolve(env.DP_RUNTIME)];
  const inTemporary = listed(tmpdir())
    .filter((name) => /^dp-\d+$/.test(name))
    .map((name) => path.join(tmpdir(), name));
  const ofUsers = listed('/run/user').map((name) => path.join('/run/user', name, 'dp'));
  return [...new Set([...namedFolders(env), systemFolder, ...ofUsers, ...inTemporary])];
}

function namedFolders(env: Environment): string[] {
  const { DP_RUNTIME, RUNTIME_DIRECTORY, XDG_RUNTIME_DIR } = env;
  return [
    ...(DP_RUNTIME ? [path.resolve(DP_RUNTIME)] : []),
    ...(RUNTIME_DIRECTORY ? [RUNTIME_DIRECTORY.replace(/:.*/s, '')] : []),
    ...(XDG_RUNTIME_DIR && path.isAbsolute(XDG_RUNTIME_DIR) ? [path.join(XDG_RUNTIME_DIR, 'dp')] : []),
  ];
}

function listed(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

/** Short, because long paths of sockets are cut off silently; the same for every way to write a path. */
export function socketName(place: string): string {
  let real = path.resolve(place);
  try {
    real = realpathSync(place);
  } catch {
    // not there yet: as it was written
  }
  return `${createHash('sha256').update(real).digest('hex').slice(0, 16)}.sock`;
}
