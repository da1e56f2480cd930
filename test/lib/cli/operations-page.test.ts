import { readdirSync, readFileSync } from 'node:fs';
import * as path from 'node:path';
import test from 'ava';
import { loadOperations } from '../../../src/lib/admin/operations.js';
import { eventsPage, operationsPage } from '../../../src/lib/cli/operations-page.js';
import { sessionSettingsPage } from '../../../src/lib/cli/session-settings-page.js';

const operations = await loadOperations();
const root = 'src/lib';

/** Files below some folders that contain this text. */
function placesOf(text: string, folders: readonly string[]): string[] {
  return folders.flatMap((folder) =>
    readdirSync(path.join(root, folder), { recursive: true, encoding: 'utf8' })
      .filter((file) => file.endsWith('.ts'))
      .map((file) => path.posix.join(folder, file.replaceAll(path.sep, '/')))
      .filter((file) => readFileSync(path.join(root, file), 'utf8').includes(text)),
  );
}

test('docs/reference/operations.md is what "npm run man" would write now', (t) => {
  t.is(readFileSync('docs/reference/operations.md', 'utf8'), operationsPage(operations), 'run "npm run man"');
});

test('docs/reference/events.md is what "npm run man" would write now', (t) => {
  t.is(readFileSync('docs/reference/events.md', 'utf8'), eventsPage(), 'run "npm run man"');
});

test('docs/reference/session-settings.md is what "npm run man" would write now', (t) => {
  const written = readFileSync('docs/reference/session-settings.md', 'utf8');
  t.is(written, sessionSettingsPage(), 'run "npm run man"');
});

/** The original's routes, the way to an original server, and downloads for browsers: they use operations as commands do. */
const usesOperations = /\/original|^io\/http\/file-routes\.ts$/;

test('an operation is added in one place: its name stands in one row, and nothing that serves it knows it', (t) => {
  for (const name of Object.keys(operations)) {
    // elsewhere in admin/ it may stand as what an entry of the audit trail is called
    t.is(placesOf(`'${name}': `, ['admin']).length, 1, name);
    const served = placesOf(`'${name}'`, ['io', 'server']).filter((file) => !usesOperations.test(file));
    t.deepEqual(served, [], name);
  }
});

test('every operation and every argument says what it is', (t) => {
  const page = operationsPage(operations);
  for (const [name, { summary, input }] of Object.entries(operations)) {
    t.regex(summary, /^[A-Z].*[^.]$/, name);
    t.true(page.includes(`\n## ${name}\n`), name);
    for (const key of Object.keys((input.properties ?? {}) as object))
      t.regex(page, new RegExp(`\\b${key}\\??: `));
  }
});
