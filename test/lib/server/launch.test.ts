// Where a server keeps what, by what it was told.
import path from 'node:path';
import test from 'ava';
import { readStartup } from '../../../src/lib/core/settings/startup.js';
import { choosePlaces } from '../../../src/lib/server/places.js';

const placesFor = (flags: Parameters<typeof readStartup>[0]) =>
  choosePlaces(readStartup({ port: '0', ...flags }).values, { DP_DATA: '/own' });

const rows: [what: string, flags: Parameters<typeof readStartup>[0], places: Record<string, unknown>][] = [
  ['nothing kept', { ephemeral: true }, { database: undefined, sessions: undefined, ownFolder: undefined }],
  [
    'a database alone: sessions in memory, as in the original',
    { database: '/a/b.db' },
    { database: '/a/b.db', sessions: undefined, ownFolder: undefined },
  ],
  [
    'sessions alone: settings in memory, as in the original',
    { sessions: '/a/s' },
    { database: undefined, config: undefined, sessions: '/a/s', ownFolder: undefined },
  ],
  [
    'a settings file and sessions',
    { config: '/a/c.ini', sessions: '/a/s' },
    { config: '/a/c.ini', sessions: '/a/s', database: undefined },
  ],
  [
    'a data folder',
    { data: '/d' },
    { database: '/d/dp.db', sessions: '/d/sessions', ownFolder: '/d', config: undefined },
  ],
  [
    'a data folder, sessions elsewhere',
    { data: '/d', sessions: '/s' },
    { database: '/d/dp.db', sessions: '/s' },
  ],
];
for (const [what, flags, places] of rows) test(what, (t) => t.like(placesFor(flags), places));

test('told nothing, everything is in the data folder', (t) => {
  const { ownFolder, database, sessions } = placesFor({});
  t.truthy(ownFolder);
  t.deepEqual([path.dirname(database!), path.dirname(sessions!)], [ownFolder!, ownFolder!]);
});
