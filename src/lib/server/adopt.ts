// Importing the data of a drawpile-srv: inspecting it, then copying it into a data folder. The original's
// files are only read.

import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import type { StoredProblem, Stores } from '../admin/needs.js';
import { refusal } from '../core/errors.js';
import { readPasswordForm } from '../core/settings/password-form.js';
import { type CheckedFolder, checkSessionFolder } from '../io/disk/session-check.js';
import { type CopySource, plain, sessionSources } from '../io/disk/session-copy.js';
import { SettingsFile } from '../io/disk/settings-file-store.js';
import type { AsSelf } from '../io/files/acting-user.js';
import { makeFolder } from '../io/files/folders.js';
import { createRegular, fileModes } from '../io/files/regular-file.js';
import { ConfigDatabase } from '../io/sqlite/config-database.js';
import { copyDatabase, findDatabaseDamage } from '../io/sqlite/copy-database.js';
import { databaseName, replaceData } from './replace-data.js';

export interface OriginalPlaces {
  database?: string | undefined;
  config?: string | undefined;
  sessions?: string | undefined;
  templates?: string | undefined;
}

export interface FoundSettings {
  file: string;
  kind: 'database' | 'file';
  settings: number;
  accounts: number;
  /** How many accounts have their password in which form. */
  passwordForms: Readonly<Record<string, number>>;
  bans: number;
  listServers: number;
  logEntries: number;
  problems: readonly StoredProblem[];
}

export interface FoundData {
  settings: FoundSettings | undefined;
  sessions: (CheckedFolder & { folder: string }) | undefined;
  templates: { folder: string; files: readonly string[] } | undefined;
}

/** Where the graphical server keeps its database on this platform (config.md §3, manual). */
export function graphicalDatabase(
  env: Readonly<Record<string, string | undefined>>,
  platform: NodeJS.Platform = process.platform,
): string[] {
  const home = env.HOME ?? env.USERPROFILE ?? '';
  if (platform === 'win32') {
    const local = env.LOCALAPPDATA ?? path.win32.join(home, 'AppData', 'Local');
    return [
      path.win32.join(local, 'drawpile-srv', 'guiserver.db'),
      path.win32.join(local, 'drawpile', 'drawpile-srv', 'guiserver.db'),
    ];
  }
  if (platform === 'darwin') {
    const support = path.join(home, 'Library', 'Application Support');
    return [
      path.join(support, 'drawpile-srv', 'guiserver.db'),
      path.join(support, 'drawpile', 'drawpile-srv', 'guiserver.db'),
    ];
  }
  const data = env.XDG_DATA_HOME || path.join(home, '.local', 'share');
  return [path.join(data, 'drawpile', 'drawpile-srv', 'guiserver.db')];
}

/** Looks through everything; only reads. Refusal when a place is not there or is not what it should be. */
export async function inspectOriginal(places: OriginalPlaces): Promise<FoundData> {
  for (const [name, place] of Object.entries(places)) {
    if (place !== undefined && !fs.existsSync(place)) {
      throw refusal('place-not-found', { place, option: name });
    }
  }
  return {
    settings: await inspectSettings(places),
    sessions:
      places.sessions === undefined
        ? undefined
        : { folder: places.sessions, ...checkSessionFolder(places.sessions) },
    templates:
      places.templates === undefined
        ? undefined
        : { folder: places.templates, files: templateNames(places.templates) },
  };
}

async function inspectSettings({ database, config }: OriginalPlaces): Promise<FoundSettings | undefined> {
  if (database !== undefined) {
    const [damage] = findDatabaseDamage(database);
    if (damage !== undefined) {
      throw refusal('original-database-damaged', { database: String(database), damage });
    }
    const stores = await ConfigDatabase.open(database, { role: 'command' });
    try {
      const logEntries = stores.log.query({ order: 'oldest' }).length;
      return await describeStores(database, stores, logEntries, stores.problems());
    } finally {
      stores.close();
    }
  }
  if (config === undefined) return undefined;
  const stores = SettingsFile.open(config);
  try {
    return await describeStores(config, stores, 0, stores.problems());
  } finally {
    await stores.stop();
  }
}

async function describeStores(
  file: string,
  stores: Stores,
  logEntries: number,
  problems: readonly StoredProblem[],
): Promise<FoundSettings> {
  const accounts = await stores.accounts.all();
  const passwordForms: Record<string, number> = {};
  for (const { password } of accounts) {
    const { form } = readPasswordForm(password);
    passwordForms[form] = (passwordForms[form] ?? 0) + 1;
  }
  return {
    file,
    kind: stores.kind === 'database' ? 'database' : 'file',
    settings: (await stores.settings.all()).size,
    accounts: accounts.length,
    passwordForms,
    bans: (await stores.bans.all()).length,
    listServers: (await stores.listServers.all()).length,
    logEntries,
    problems,
  };
}

/** Copies it all into a data folder; a session that nobody can use is copied as well, so that it can be inspected. */
export async function adoptOriginal(
  places: OriginalPlaces,
  folder: string,
  isForced: boolean,
): Promise<{ setAside: string | undefined }> {
  // What is made of the original's settings is made where nobody else gets to, before anything is put in its place.
  const own = fs.mkdtempSync(path.join(os.tmpdir(), 'dp-import-'));
  try {
    const database = path.join(own, databaseName);
    if (places.database !== undefined) await copyDatabase(places.database, database);
    else if (places.config !== undefined) await fileToDatabase(places.config, database);
    const { setAside } = await replaceData(folder, isForced, async (scratch, asSelf) => {
      copyAll(plain(own, databaseName), scratch, asSelf, fileModes.secret);
      if (places.sessions !== undefined) {
        copyAll(sessionSources(places.sessions, true), path.join(scratch, 'sessions'), asSelf);
      }
      if (places.templates !== undefined) {
        copyAll(templateSources(places.templates), path.join(scratch, 'templates'), asSelf);
      }
    });
    return { setAside };
  } finally {
    fs.rmSync(own, { recursive: true, force: true });
  }
}

function* templateSources(folder: string): Generator<CopySource> {
  for (const name of templateNames(folder)) yield* plain(folder, name);
}

async function fileToDatabase(file: string, to: string): Promise<void> {
  const from = SettingsFile.open(file);
  const database = await ConfigDatabase.open(to, { role: 'server' });
  try {
    database.settings.change(new Map(await from.settings.all()));
    for (const account of await from.accounts.all()) database.accounts.add(account);
    for (const ban of await from.bans.all()) database.bans.add(ban);
    const urls = await from.listServers.all();
    // A file holds complete addresses, a database regular expressions (config.md §6).
    database.listServers.replace(urls.map((url) => `^${url.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&')}$`));
  } finally {
    database.close();
    await from.stop();
  }
}

/** `asSelf` opens the originals, which the owner of `folder` may not be allowed to read. */
function copyAll(
  sources: Iterator<CopySource>,
  folder: string,
  asSelf: AsSelf,
  mode: number = fileModes.work,
): void {
  makeFolder(folder);
  for (let next = asSelf(() => sources.next()); !next.done; next = asSelf(() => sources.next())) {
    const { name, pieces, modified } = next.value;
    const target = path.join(folder, name);
    const descriptor = createRegular(target, mode);
    try {
      for (const piece of pieces()) fs.writeSync(descriptor, piece);
    } finally {
      fs.closeSync(descriptor);
    }
    fs.utimesSync(target, modified / 1000, modified / 1000);
  }
}

function templateNames(folder: string): string[] {
  return fs
    .readdirSync(folder)
    .filter((name) => /\.(dprec|dptxt)$/.test(name))
    .sort();
}
