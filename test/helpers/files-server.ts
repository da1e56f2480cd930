// A server that stores sessions, records them, and has templates and backups: for tests of its files.

import { mkdirSync, writeFileSync } from 'node:fs';
import * as path from 'node:path';
import type { ExecutionContext } from 'ava';
import { makeTemplate } from '../../src/lib/core/recording/new-template.js';
import { MemorySettings } from '../../src/lib/core/settings/settings.js';
import { makeLazyFiles } from '../../src/lib/server/lazy-files.js';
import { makeStorage } from '../../src/lib/server/storage.js';
import { type AdminServerOptions, startAdminServer } from './admin-server.js';
import { quickPasswords } from './quick-passwords.js';
import { tempFolder } from './temp-folder.js';

export const doodles = makeTemplate({
  generation: '4.25',
  format: 'text',
  widthPixels: 640,
  heightPixels: 480,
  layers: ['Paper'],
  fill: 0xffffffff,
  settings: { title: 'Doodles' },
});

/** `records`: each session from its start on, as with --record; or those for which an administrator asks it. */
export async function startFilesServer(
  t: ExecutionContext,
  options: AdminServerOptions & { readonly records?: boolean | 'asked' } = {},
) {
  const folder = tempFolder(t);
  const folders = {
    sessions: path.join(folder, 'sessions'),
    templates: path.join(folder, 'templates'),
    recordings: path.join(folder, 'recordings'),
    backups: path.join(folder, 'backups'),
  };
  for (const each of Object.values(folders)) mkdirSync(each);
  writeFileSync(path.join(folders.templates, 'doodles.dptxt'), doodles);
  const values = {
    templates: folders.templates,
    ...(options.records === true && { record: `${folders.recordings}/` }),
    ...(options.records === 'asked' && { recordings: folders.recordings }),
  };
  const storage = await makeStorage({
    settings: new MemorySettings({ archive: 'true' }),
    log: { write: () => {} },
    sessions: folders.sessions,
    passwords: quickPasswords(),
    ...values,
  });
  let database: string | undefined;
  const files = makeLazyFiles({
    storage,
    values: { ...values, ...(options.records && { record: `${folders.recordings}/` }) },
    places: {
      config: undefined,
      sessions: folders.sessions,
      ownFolder: undefined,
      get database() {
        return database;
      },
    },
    now: () => Date.now(),
  });
  const server = await startAdminServer(t, {
    ...options,
    settings: { archive: 'true', ...options.settings },
    more: { ...storage.parts, found: storage.open(), ...options.more },
    listeners: { files, ...options.listeners },
  });
  t.teardown(() => storage.stop());
  // backups are beside the database
  database = server.database;
  return { ...server, folders: { ...folders, backups: path.join(server.folder, 'backups') }, storage };
}
