// Opens the data that a command works on, whatever keeps it, as an Admin. Everything is loaded when it is needed:
// start-up of a short command is mostly loading.

import { closeSync, existsSync, lstatSync, readdirSync, readSync, statSync } from 'node:fs';
import { connect } from 'node:net';
import { type Admin, localAdmin } from '../admin/admin.js';
import type { PasswordForms, Stores } from '../admin/needs.js';
import { fault, type Refusal, refusal } from '../core/errors.js';
import { readSettingVariables } from '../core/settings/layers.js';
import type { SettingName } from '../core/settings/settings.js';
import { openRegular, reasonOf, UnusableFile } from '../io/files/regular-file.js';
import { standardInput } from '../io/files/text-file.js';
import { systemSecrets } from '../io/system/access-secrets.js';
import { systemClock } from '../io/system/clock.js';

export interface Place {
  database?: string | undefined;
  config?: string | undefined;
  /** Address or name of a running server. */
  server?: string | undefined;
  /** `name:password` for `server`. */
  auth?: string | undefined;
  env: Readonly<Record<string, string | undefined>>;
  /** The data themselves are no help. */
  needsServer?: boolean | undefined;
}

/**
 * The named server; else the one that runs on the named data (or the usual ones); else the data themselves.
 * Refusal `unreachable` when a server is needed and none runs, `notFound` when there is nothing yet; a command never makes a file by a slip of the keyboard.
 */
export async function openAdmin(place: Place): Promise<Admin> {
  const { database, config, server, auth, env, needsServer } = place;
  if (server !== undefined) return openServer(server, auth, env);
  const named = config ?? database;
  if (named !== undefined && config === standardInput && !needsServer) return openSettingsFile(named, env);
  if (named !== undefined) {
    const running = await findRunning(named, env);
    if (running) return running;
    if (needsServer) throw noServer(named);
    return config === undefined ? openDatabase(named, env) : openSettingsFile(named, env);
  }
  const { dataFiles, dataFolder } = await import('../io/system/data-folder.js');
  const file = dataFiles(dataFolder({ env })).database;
  const running = (await findRunning(file, env)) ?? (isMissing(file) ? await findOnlyOne(env) : undefined);
  if (running) return running;
  if (needsServer) throw noServer(file);
  if (isMissing(file)) {
    throw refusal('data-not-found', { file });
  }
  const { startEnvironment } = await import('../io/system/start-file.js');
  return openDatabase(file, startEnvironment({}, env).environment);
}

function noServer(place: string): Refusal {
  return refusal('server-not-running', { place });
}

async function openServer(given: string, auth: string | undefined, env: Place['env']): Promise<Admin> {
  const { readServerAddress } = await import('../io/outside/admin-http.js');
  const { remoteAdmin } = await import('../io/outside/remote-admin.js');
  const direct = readServerAddress(given, auth);
  if (direct) return remoteAdmin(direct);
  const { findNamedServer } = await import('../io/disk/server-profile.js');
  const named = findNamedServer(given, env);
  const address = readServerAddress(named.url, auth ?? named.auth);
  if (address) return remoteAdmin(address);
  throw refusal('server-address-invalid', { server: given, address: named.url });
}

/** The server that runs on these data, by its socket. Refusal when there is one that we may not talk to. */
async function findRunning(place: string, env: Place['env']): Promise<Admin | undefined> {
  const { runtimeFolders, socketName } = await import('../io/system/runtime-folder.js');
  const name = socketName(place);
  for (const folder of runtimeFolders(env)) {
    const path = `${folder}/${name}`;
    if (isTrusted(path, place) && (await isAlive(path))) return remoteOn(path);
  }
  return undefined;
}

/** One that keeps its data somewhere else, when it is the only one on this machine. */
async function findOnlyOne(env: Place['env']): Promise<Admin | undefined> {
  const { runtimeFolders } = await import('../io/system/runtime-folder.js');
  const alive: string[] = [];
  for (const folder of runtimeFolders(env)) {
    for (const name of namesIn(folder)) {
      const path = `${folder}/${name}`;
      if (/^[0-9a-f]{16}\.sock$/.test(name) && isTrusted(path) && (await isAlive(path).catch(() => false)))
        alive.push(path);
    }
  }
  const [only] = alive;
  return only !== undefined && alive.length === 1 ? remoteOn(only) : undefined;
}

/**
 * Passwords go through a socket, and in a folder for everybody anybody can make one: it must be ours, root's, or of
 * whoever owns the data.
 */
export function isTrusted(socketPath: string, place?: string): boolean {
  const own = process.getuid?.();
  if (own === undefined) return true;
  const owner = ownerOf(socketPath);
  if (owner === undefined) return false;
  return owner === own || owner === 0 || (place !== undefined && owner === ownerOf(place));
}

function ownerOf(path: string): number | undefined {
  try {
    return lstatSync(path).uid;
  } catch {
    return undefined;
  }
}

async function remoteOn(socketPath: string): Promise<Admin> {
  const { remoteAdmin } = await import('../io/outside/remote-admin.js');
  return remoteAdmin({ label: socketPath, socketPath });
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

/** Whether a server listens there. Refusal when only others may know. */
function isAlive(socketPath: string): Promise<boolean> {
  if (!existsSync(socketPath)) return Promise.resolve(false);
  return new Promise((resolve, reject) => {
    const socket = connect(socketPath);
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EACCES') resolve(false);
      else
        import('../io/outside/admin-http.js').then(
          ({ noPermission }) => reject(noPermission(socketPath, error)),
          reject,
        );
    });
  });
}

/** Not there at all; what is there and cannot be read is reported when it is opened. */
function isMissing(file: string): boolean {
  try {
    statSync(file);
    return false;
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    return code === 'ENOENT' || code === 'ENOTDIR';
  }
}

async function openDatabase(file: string, env: Place['env']): Promise<Admin> {
  const { ConfigDatabase } = await import('../io/sqlite/config-database.js');
  if (isMissing(file)) {
    throw refusal('database-not-found', { database: file });
  }
  const stores = await ConfigDatabase.open(file, { role: 'command' });
  return adminOf(stores, env, () => stores.close());
}

async function openSettingsFile(file: string, env: Place['env']): Promise<Admin> {
  const { SettingsFile } = await import('../io/disk/settings-file-store.js');
  if (file !== standardInput && isMissing(file)) {
    throw refusal('settings-not-found', { file });
  }
  const stores = SettingsFile.open(file);
  return adminOf(stores, env, () => stores.stop());
}

function adminOf(stores: Stores, env: Place['env'], close: () => void | Promise<void>): Admin {
  const { texts } = readSettingVariables(env);
  const override = (name: SettingName) => {
    const text = texts.get(name);
    return text === undefined ? undefined : { text, origin: 'environment' as const };
  };
  const { audit } = stores;
  return localAdmin(
    {
      stores,
      passwords: lazyPasswords,
      secrets: systemSecrets,
      now: () => systemClock.now(),
      override,
      ...(audit && { changes: { made: (change) => audit.append([change]) } }),
    },
    close,
  );
}

/** The hashing library is only loaded for those who hash. */
const lazyPasswords: PasswordForms = {
  hash: async (password, form) => (await loadPasswords()).hash(password, form),
  verify: async (password, stored) => (await loadPasswords()).verify(password, stored),
};

async function loadPasswords(): Promise<PasswordForms> {
  const { SystemPasswords } = await import('../io/system/passwords.js');
  return new SystemPasswords();
}

/** Which flag a file is for, by its first bytes. */
export function kindOfFile(file: string): 'database' | 'config' {
  if (file === standardInput) return 'config';
  const magic = 'SQLite format 3\0';
  const start = Buffer.alloc(magic.length);
  try {
    const { descriptor } = openRegular(file);
    try {
      readSync(descriptor, start);
    } finally {
      closeSync(descriptor);
    }
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    if (code === 'ENOENT') throw refusal('file-not-found', { file });
    if (cause instanceof UnusableFile) {
      throw refusal('file-unusable', { file, reason: cause.reason });
    }
    throw fault('file-unreadable', { file, reason: reasonOf(cause) }, cause);
  }
  return start.toString('latin1') === magic ? 'database' : 'config';
}
