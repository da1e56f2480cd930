// The recipes of the README are true: what is a row of a table is listed nowhere else. A second list is found by its
// looks: many names of the same table close together, quoted or as keys, in another file.
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import test from 'ava';
import { logLevels } from '../src/lib/core/log-levels.js';
import { messageTables } from '../src/lib/core/protocol/messages.js';
import { sessionCommands } from '../src/lib/core/session/commands/index.js';
import { logTopics } from '../src/lib/core/session/log-topics.js';
import { accountFlagNames } from '../src/lib/core/settings/account-flags.js';
import { settingKeys } from '../src/lib/core/settings/session-settings.js';
import { settings } from '../src/lib/core/settings/settings.js';
import { startupNames } from '../src/lib/core/settings/startup.js';

interface Table {
  names: readonly string[];
  /** So many of them close together are a list. */
  most: number;
  /** Where the table is, and lists that have a reason, with it. */
  places: Readonly<Record<string, string>>;
}

/** Lines that are close together. */
const near = 14;

const tables: Readonly<Record<string, Table>> = {
  'log levels': {
    names: logLevels,
    most: 3,
    places: {
      'lib/core/log-levels.ts': 'the table',
      'lib/core/login/login.ts': 'no list: a line of the log and an error reply',
    },
  },
  'log topics': {
    names: logTopics,
    most: 5,
    places: { 'lib/core/session/log-topics.ts': 'the table' },
  },
  'flags of accounts': {
    names: accountFlagNames,
    most: 3,
    places: {
      'lib/core/settings/account-flags.ts': 'the table',
      'lib/core/login/host.ts': 'what may be hosted with which',
    },
  },
  settings: {
    names: Object.keys(settings),
    most: 6,
    places: {
      'lib/core/settings/settings.ts': 'the table',
      'lib/cli/set-up.ts': 'what dp init writes for whom',
      'lib/core/login/greeting.ts': 'what a client is told of the server',
    },
  },
  'options of the start': {
    names: startupNames,
    most: 6,
    places: {
      'lib/core/settings/startup.ts': 'the table',
      'lib/cli/drawpile-srv.ts': 'the command line of the original',
      'lib/server/admin-listeners.ts': 'the names of two listeners and their errors',
      'lib/cli/set-up-tls.ts': 'what the flags of dp init for encryption mean',
      'lib/server/load-automatic-certificate.ts': 'what certificates that come by themselves need',
      'lib/server/launch.ts': 'what each listener is opened with',
      'lib/server/doctor/ports.ts': 'which ports are looked at',
    },
  },
  'settings of a session': {
    names: settingKeys,
    most: 5,
    // The rows of the table are longer than what counts as close.
    places: {},
  },
  'session commands': {
    names: Object.keys(sessionCommands),
    most: 2,
    places: { 'lib/core/session/commands/index.ts': 'the table' },
  },
  messages: {
    names: [
      ...new Set(Object.values(messageTables).flatMap(({ rows }) => rows.map(({ name }) => name))),
    ].filter((name) => !['internal', 'data', 'join', 'leave', 'trusted', 'command', 'pm'].includes(name)),
    most: 4,
    places: {
      'lib/core/protocol/message-table.ts': 'the table',
      'lib/core/protocol/fields-2.1.ts': 'features that are called like messages',
      'lib/core/recording/new-template.ts': 'what a new template begins with',
    },
  },
};

function sources(): string[] {
  return readdirSync('src', { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => name.split(path.sep).join('/'));
}

/** How many of the names stand close together in a text, at the most. */
function closeTogether(text: string, names: readonly string[]): number {
  const words = new Set(names);
  const found: { line: number; name: string }[] = [];
  text.split('\n').forEach((content, line) => {
    for (const [, quoted, key] of content.matchAll(/'([^']+)'|(?<![.\w])([A-Za-z_]\w*)(?=:(?!:))/g)) {
      const name = quoted ?? key ?? '';
      if (words.has(name)) found.push({ line, name });
    }
  });
  let most = 0;
  for (const { line } of found) {
    const here = found.filter((each) => each.line >= line && each.line < line + near);
    most = Math.max(most, new Set(here.map(({ name }) => name)).size);
  }
  return most;
}

for (const [what, { names, most, places }] of Object.entries(tables)) {
  test(`${what}: one table, and no second list that has to be kept up with it`, (t) => {
    t.true(names.length > most);
    const lists = sources().filter(
      (file) => closeTogether(readFileSync(path.join('src', file), 'utf8'), names) > most,
    );
    t.deepEqual(
      lists.filter((file) => !Object.hasOwn(places, file)),
      [],
    );
    t.deepEqual(
      Object.keys(places).filter((file) => !lists.includes(file)),
      [],
      'a reason for a list that is gone',
    );
  });
}

test('a setting of a session that only clients act upon is named in its row, and in the answers of older servers', (t) => {
  const naming = (name: string) =>
    sources().filter((file) =>
      new RegExp(`\\b${name}\\b`).test(readFileSync(path.join('src', file), 'utf8')),
    );
  t.deepEqual(naming('preserveChat').sort(), [
    'lib/admin/session-shapes.ts',
    'lib/core/settings/session-settings.ts',
  ]);
  t.deepEqual(
    settingKeys.filter((key) => !naming(key).includes('lib/core/settings/session-settings.ts')),
    [],
  );
});
