// Writes man/, its list in package.json (npm links those) and docs/reference/{errors,events,findings,json,operations,session-settings}.md, from the commands and tables in
// dist; run the build first (`npm run man` does).
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Config } from '@oclif/core';
import { loadOperations } from '../dist/lib/admin/operations.js';
import { AdminCommand } from '../dist/lib/cli/admin-command.js';
import { errorsPage } from '../dist/lib/cli/errors-page.js';
import { findingsPage } from '../dist/lib/cli/findings-page.js';
import { jsonPage } from '../dist/lib/cli/json-page.js';
import { manualPages } from '../dist/lib/cli/manual.js';
import { eventsPage, operationsPage } from '../dist/lib/cli/operations-page.js';
import { sessionSettingsPage } from '../dist/lib/cli/session-settings-page.js';

const root = fileURLToPath(new URL('..', import.meta.url));
const folder = new URL('../man/', import.meta.url);
const config = await Config.load({ root });
const pages = manualPages(config.commands.filter(({ pluginName }) => pluginName === config.name));
mkdirSync(folder, { recursive: true });
for (const name of readdirSync(folder)) if (!pages.has(name)) rmSync(new URL(name, folder));
for (const [name, text] of pages) writeFileSync(new URL(name, folder), text);
const manifest = new URL('../package.json', import.meta.url);
const content = JSON.parse(readFileSync(manifest, 'utf8'));
content.man = [...pages.keys()].sort().map((name) => `man/${name}`);
writeFileSync(manifest, `${JSON.stringify(content, null, 2)}\n`);
mkdirSync(new URL('../docs/reference/', import.meta.url), { recursive: true });
writeFileSync(new URL('../docs/reference/errors.md', import.meta.url), errorsPage());
const classes = new Map();
for (const command of config.commands) {
  if (command.pluginName !== config.name || command.hiddenAliases.includes(command.id)) continue;
  const loaded = await command.load();
  if (loaded.prototype instanceof AdminCommand && loaded.enableJsonFlag)
    classes.set(command.id.replaceAll(':', ' '), loaded);
}
writeFileSync(new URL('../docs/reference/json.md', import.meta.url), jsonPage(classes));
writeFileSync(new URL('../docs/reference/findings.md', import.meta.url), findingsPage());
writeFileSync(new URL('../docs/reference/events.md', import.meta.url), eventsPage());
writeFileSync(new URL('../docs/reference/session-settings.md', import.meta.url), sessionSettingsPage());
writeFileSync(
  new URL('../docs/reference/operations.md', import.meta.url),
  operationsPage(await loadOperations()),
);
