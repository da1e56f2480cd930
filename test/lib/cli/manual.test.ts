// The committed man pages: what the commands and tables say now, and clean for mandoc.

import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Config } from '@oclif/core';
import test from 'ava';
import { manualPages } from '../../../src/lib/cli/manual.js';
import { settingNames, settingRow } from '../../../src/lib/core/settings/settings.js';

const root = fileURLToPath(new URL('../../../..', import.meta.url));
const folder = `${root}man/`;

async function pages() {
  const config = await Config.load({ root });
  return manualPages(config.commands.filter(({ pluginName }) => pluginName === config.name));
}

test('man/ is what "npm run man" would write now', async (t) => {
  const made = await pages();
  t.deepEqual(readdirSync(folder).sort(), [...made.keys()].sort());
  for (const [name, text] of made)
    t.is(readFileSync(folder + name, 'utf8'), text, `${name}: run "npm run man"`);
  // npm links those that package.json lists.
  const { man } = JSON.parse(readFileSync(`${root}package.json`, 'utf8')) as { man: string[] };
  t.deepEqual(
    man,
    [...made.keys()].sort().map((name) => `man/${name}`),
    'run "npm run man"',
  );
});

test('every reference is to a page that exists', async (t) => {
  const made = await pages();
  for (const [name, text] of made) {
    for (const [, page, section] of text.matchAll(/Sy (\S+) Ns \((\d)\)/g)) {
      t.true(made.has(`${page}.${section}`), `${name} refers to ${page}(${section})`);
    }
  }
});

test('every command has a summary and examples', async (t) => {
  const config = await Config.load({ root });
  for (const command of config.commands.filter(({ pluginName }) => pluginName === config.name)) {
    if (command.hidden) continue;
    t.truthy(command.summary, command.id);
    t.true(Array.isArray(command.examples) && command.examples.length > 0, `${command.id} has no examples`);
  }
});

test('every setting is described', async (t) => {
  const text = (await pages()).get('dp.conf.5')!;
  for (const name of settingNames) t.is(text.includes(`.It ${name} Pq`), !settingRow(name).isInternal, name);
});

// where mandoc is missing the test is skipped by name; where CI says that all is there it must run
const hasMandoc = spawnSync('mandoc', ['-V']).error === undefined || process.env.CI === 'true';
(hasMandoc ? test : test.skip)('mandoc -Tlint has nothing to say', (t) => {
  const files = readdirSync(folder).map((name) => folder + name);
  const { error, stdout, stderr } = spawnSync('mandoc', ['-Tlint', ...files], { encoding: 'utf8' });
  t.is(error, undefined);
  t.is(stdout + stderr, '');
});
