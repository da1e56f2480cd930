// The files of a server for administrators: where they are, by its start options. Their code is loaded when somebody asks
// for them.

import * as path from 'node:path';
import type { ServerFiles } from '../admin/file-shapes.js';
import { standardInput } from '../io/files/text-file.js';
import { dataFiles } from '../io/system/data-folder.js';
import type { ServerFilesOptions } from './server-files.js';
import type { Storage } from './storage.js';

export interface LazyFilesOptions {
  readonly storage: Pick<Storage, 'templates' | 'recordingPaths'>;
  /** Where data are kept; undefined: in memory. */
  readonly places: {
    readonly config: string | undefined;
    readonly database: string | undefined;
    readonly sessions: string | undefined;
    readonly ownFolder: string | undefined;
  };
  readonly values: { readonly record?: string | undefined; readonly templates?: string | undefined };
  now(): number;
}

export function makeLazyFiles(options: LazyFilesOptions): ServerFiles {
  const { storage, places, values } = options;
  let files: Promise<ServerFiles> | undefined;
  const load = (): Promise<ServerFiles> => {
    files ??= import('./server-files.js').then(({ makeServerFiles }) =>
      makeServerFiles({
        sessions: places.sessions,
        record: values.record ?? (places.ownFolder && `${dataFiles(places.ownFolder).recordings}/`),
        templates: storage.templates,
        recordingPaths: () => storage.recordingPaths(),
        now: () => options.now(),
        ...backupPlaces(values.templates, places),
      }),
    );
    return files;
  };
  return {
    folders: async () => (await load()).folders(),
    list: async (kinds) => (await load()).list(kinds),
    read: async (file, from, until) => (await load()).read(file, from, until),
    remove: async (file) => (await load()).remove(file),
    makeBackup: async () => (await load()).makeBackup(),
    verifyBackup: async (name) => (await load()).verifyBackup(name),
    addTemplate: async (name, bytes, how) => (await load()).addTemplate(name, bytes, how),
    open: async (file) => (await load()).open(file),
  };
}

/** What a backup of this server contains, and where it goes: beside the data. */
function backupPlaces(
  templates: string | undefined,
  { ownFolder, database, config, sessions }: LazyFilesOptions['places'],
): Pick<ServerFilesOptions, 'data' | 'backups'> {
  if (ownFolder !== undefined) return { data: ownFolder, backups: dataFiles(ownFolder).backups };
  const settings = config === standardInput ? undefined : config;
  const place = database ?? sessions ?? settings;
  return {
    data: { database, config: settings, sessions, templates },
    backups: place && dataFiles(path.dirname(path.resolve(place))).backups,
  };
}
