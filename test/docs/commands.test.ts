// What README and docs say holds: every block of commands runs as it stands (```sh), or says why it can't run in a
// test (```sh no-run, with the reason as a comment in its first line); and what is only named exists: commands and
// flags, settings, pages and sections.

import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import test from 'ava';
import { isSettingName, requireSettingName } from '../../src/lib/core/settings/settings.js';
import { Client } from '../helpers/client.js';
import { anchorOf, type Page, pageFiles, readPage } from '../helpers/pages.js';
import { Reader } from '../helpers/reader.js';
import { fillFolder } from '../helpers/reader-files.js';

const pages = pageFiles.map(readPage);

interface Manifest {
  commands: Record<string, { flags?: Record<string, { char?: string; allowNo?: boolean }> }>;
}

const patience = 60_000;

/** Where it is missing its blocks are left out; where CI says that all is there they must run. */
const hasCurl = spawnSync('curl', ['--version']).error === undefined || process.env.CI === 'true';

const { commands } = JSON.parse(readFileSync('oclif.manifest.json', 'utf8')) as Manifest;

for (const page of pages.filter(({ blocks }) => blocks.some(isRunnable))) {
  test(`the commands of ${page.file} run, one after the other`, async (t) => {
    // Every command is a process of its own: seconds here, more where the machine has other things to do.
    t.timeout(300_000);
    const reader = await Reader.sitDown();
    t.teardown(() => reader.leave());
    // Pages that speak of a session `sketches` mean one with people in it.
    let needsCompany = page.blocks.some(({ text }) => /\bsketches\b/.test(text));
    await fillFolder(reader, page.blocks.map(({ text }) => text).join('\n'));
    for (const block of page.blocks.filter(isRunnable)) {
      if (/^curl /m.test(block.text) && !hasCurl) {
        t.log(`${block.place}: not run, there is no curl`);
        continue;
      }
      const { status, output } = await reader.type(block.text);
      t.is(status, 0, `${block.place}\n${block.text}\n${output}`);
      if (status !== 0) return;
      if (needsCompany && reader.isServing) {
        needsCompany = false;
        const port = await reader.portFor('27750');
        const anna = await Client.host(port, {
          name: 'anna',
          alias: 'sketches',
          title: 'Friday sketching',
          patience,
        });
        const bob = await Client.join(port, 'sketches', { name: 'bob', patience });
        t.teardown(() => {
          anna.drop();
          bob.drop();
        });
      }
    }
    t.is(await reader.stopServer(), undefined);
  });
}

for (const page of pages) {
  test(`what ${page.file} names exists`, (t) => {
    t.deepEqual([...blockProblems(page)], []);
    t.deepEqual([...commandProblems(page)], []);
    t.deepEqual([...linkProblems(page)], []);
    t.deepEqual([...fileProblems(page)], []);
    t.deepEqual([...settingProblems(page)], []);
  });
}

test('there are commands to run', (t) => {
  for (const file of ['README.md', 'docs/public-server.md', 'docs/moving-from-drawpile-srv.md']) {
    t.true(pages.find((page) => page.file === file)!.blocks.some(isRunnable), file);
  }
});

function isRunnable({ words }: { words: readonly string[] }): boolean {
  return words[0] === 'sh' && words[1] === undefined;
}

function* blockProblems({ blocks }: Page): Iterable<string> {
  for (const { place, words, text } of blocks) {
    if (words[0] === '') yield `${place}: what language is this?`;
    if (words[0] !== 'sh' || words.length === 1) continue;
    if (words.length > 2 || words[1] !== 'no-run') yield `${place}: what is ${words.slice(1).join(' ')}?`;
    if (!/^# \w/.test(text)) yield `${place}: why can't it run in a test?`;
  }
}

function* linkProblems(page: Page): Iterable<string> {
  for (const { place, target } of page.links) {
    if (/^https?:/.test(target)) continue;
    const [file = '', anchor] = target.split('#', 2) as [string, string | undefined];
    const there = file === '' ? page.file : path.join(path.dirname(page.file), file);
    if (!existsSync(there)) yield `${place}: there is no ${target}`;
    else if (anchor !== undefined && !readPage(there).headings.map(anchorOf).includes(anchor)) {
      yield `${place}: ${there} has no section ${anchor}`;
    }
  }
}

/** Files of the project, as the text names them: from the top, or from where their kind lives. */
function* fileProblems({ code }: Page): Iterable<string> {
  for (const { place, text } of code) {
    if (!/^[\w.-]+\/[\w./-]+\.(ts|js|md)$/.test(text)) continue;
    const isThere = ['', 'src', 'src/lib', 'dist'].some((from) => existsSync(path.join(from, text)));
    if (!isThere) yield `${place}: there is no ${text}`;
  }
}

/** `likeThis` is a setting of the server or of a session, or a word that clients are told. */
function* settingProblems({ code }: Page): Iterable<string> {
  for (const { place, text } of code) {
    if (/^[a-z]+(?:[A-Z][a-z]+)+$/.test(text) && !isSettingName(text) && !isSaid(text))
      yield `${place}: there is no setting ${text}`;
  }
}

const sources = readdirSync('src', { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.ts'))
  .map((name) => readFileSync(path.join('src', name), 'utf8'));

function isSaid(word: string): boolean {
  const asText = new RegExp(`\\b${word}\\b`);
  return sources.some((source) => asText.test(source));
}

function* commandProblems(page: Page): Iterable<string> {
  for (const { place, line } of commandLines(page)) {
    const problem = commandProblem(line);
    if (problem !== undefined) yield `${place}: ${line}: ${problem}`;
  }
}

/** Lines that begin with `dp` (or `sudo dp`, `npx dp`), in blocks and in the text. */
function* commandLines(page: Page): Iterable<{ place: string; line: string }> {
  const begin = /(?:^|[;&|(] *)(?:sudo (?:-u \w+ )?)?(?:npx )?dp ([a-z][^;&|#)]*)/g;
  for (const { place, words, text } of page.blocks) {
    if (words[0] !== 'sh') continue;
    for (const line of text.replaceAll('\\\n', ' ').split('\n')) {
      for (const [, found] of line.matchAll(begin)) yield { place, line: found!.trim() };
    }
  }
  for (const { place, text } of page.code) {
    for (const [, found] of text.matchAll(begin)) yield { place, line: found!.trim() };
  }
}

/** What is wrong with the words behind `dp`; `…` stands for anything, `a | b` is not looked into. */
function commandProblem(line: string): string | undefined {
  const words: string[] = line.match(/"[^"]*"|'[^']*'|\S+/g) ?? [];
  const names = words.slice(0, words.findIndex((word) => !/^[a-z][a-z-]*$/.test(word)) >>> 0);
  for (let count = names.length; count > 0; count--) {
    const command = commands[names.slice(0, count).join(':')];
    if (!command) continue;
    const end = words.indexOf('--');
    const own = end < 0 ? words : words.slice(0, end);
    // What stands behind -- are flags of the server.
    const served = end < 0 ? [] : words.slice(end + 1);
    return flagProblem(own, command.flags) ?? flagProblem(served, commands.serve?.flags);
  }
  const topic = names.join(':');
  const isTopic = topic !== '' && Object.keys(commands).some((id) => id.startsWith(`${topic}:`));
  return isTopic && words.length <= names.length + 1 ? undefined : 'there is no such command';
}

function flagProblem(
  words: readonly string[],
  flags: Manifest['commands'][string]['flags'] = {},
): string | undefined {
  for (const [index, word] of words.entries()) {
    const long = /^--([a-z][a-z0-9-]*)/.exec(word)?.[1];
    const short = /^-([a-z])$/.exec(word)?.[1];
    if (long !== undefined) {
      const positive = long.startsWith('no-') ? long.slice(3) : undefined;
      const isKnown =
        flags[long] !== undefined ||
        (positive !== undefined && flags[positive]?.allowNo === true) ||
        ['help', 'json'].includes(long);
      if (!isKnown) return `there is no flag --${long}`;
      if (long === 'set') {
        const name = /^(?:--set=)?["']?(\w+)=/.exec(word === '--set' ? (words[index + 1] ?? '') : word)?.[1];
        if (name !== undefined) requireSettingName(name);
      }
    }
    if (short !== undefined && !Object.values(flags).some(({ char }) => char === short)) {
      return `there is no flag -${short}`;
    }
  }
  return undefined;
}
