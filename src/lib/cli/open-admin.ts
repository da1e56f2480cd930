// Opens the data that a command works on, whatever keeps it, as an Admin. Everything is loaded when it is needed:
// start-up of a short command is mostly loading.

import { closeSync, openSync, readSync, statSync } from 'node:fs';
import { type Admin, localAdmin } from '../admin/admin.js';
import type { PasswordForms, Stores } from '../admin/needs.js';
import { Fault, Refusal } from '../core/errors.js';
import { readSettingVariables } from '../core/settings/layers.js';
import type { SettingName } from '../core/settings/settings.js';

export interface Place {
  database?: string | undefined;
  config?: string | undefined;
  env: Readonly<Record<string, string | undefined>>;
}

/** Refusal `notFound` when there is nothing yet; a command never makes a file by a slip of the keyboard. */
export async function openAdmin({ database, config, env }: Place): Promise<Admin> {
  if (config !== undefined) return openSettingsFile(config, env);
  if (database !== undefined) return openDatabase(database, env);
  const { dataFiles, dataFolder } = await import('../io/system/data-folder.js');
  const file = dataFiles(dataFolder({ env })).database;
  if (isMissing(file)) {
    throw new Refusal(
      'notFound',
      `there is no server data here yet (${file})`,
      "'dp init' sets a server up; other data is named with --database FILE or --config FILE.",
    );
  }
  const { startEnvironment } = await import('../io/system/start-file.js');
  return openDatabase(file, startEnvironment({}, env));
}

/** Not there at all; what is there and can't be read is told by whoever opens it. */
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
    throw new Refusal(
      'notFound',
      `there is no database ${file}`,
      `'dp init' sets a server up, and 'dp serve --database ${file}' makes an empty one.`,
    );
  }
  const stores = await ConfigDatabase.open(file, { role: 'command' });
  return adminOf(stores, env, () => stores.close());
}

async function openSettingsFile(file: string, env: Place['env']): Promise<Admin> {
  const { SettingsFile } = await import('../io/disk/settings-file-store.js');
  if (isMissing(file)) {
    throw new Refusal('notFound', `there is no settings file ${file}`, `An empty one will do: touch ${file}`);
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
  return localAdmin({ stores, passwords: lazyPasswords, now: Date.now, override }, close);
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
  const magic = 'SQLite format 3\0';
  const start = Buffer.alloc(magic.length);
  try {
    const descriptor = openSync(file, 'r');
    try {
      readSync(descriptor, start);
    } finally {
      closeSync(descriptor);
    }
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    if (code === 'ENOENT') throw new Refusal('notFound', `there is no file ${file}`);
    if (code === 'EISDIR') throw new Refusal('badInput', `${file} is a folder`, 'Name a file in it.');
    throw new Fault(`${file} can't be read (${code})`, { cause });
  }
  return start.toString('latin1') === magic ? 'database' : 'config';
}
