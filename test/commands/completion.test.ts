// The scripts for shells, in the shells themselves where they are installed: what they offer at a place.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import Completion from '../../src/commands/completion.js';
import { runCommand } from '../helpers/run-command.js';

/** Asks a shell; the script that is run gets the path of the completion script and the words of the line. */
type Ask = (script: string, words: readonly string[]) => { command: string; argv: string[] };

const quoted = (words: readonly string[]) => words.map((word) => `'${word}'`).join(' ');

const asks: Readonly<Record<string, Ask>> = {
  bash: (script, words) => ({
    command: 'bash',
    argv: [
      '--norc',
      '-c',
      `. ${script}; COMP_WORDS=(${quoted(words)}); COMP_CWORD=${words.length - 1}; _dp; printf '%s\\n' "\${COMPREPLY[@]}"`,
    ],
  }),
  fish: (script, words) => ({
    command: 'fish',
    argv: ['--no-config', '-c', `source ${script}; complete -C "${words.join(' ')}" | string split -f1 \\t`],
  }),
  zsh: (script, words) => ({
    command: 'zsh',
    argv: [
      '-f',
      '-c',
      `compdef() {}; compadd() { shift; print -l -- "$@" }; _files() { print FILES }
_describe() { for word in "\${offered[@]}"; do print -r -- "\${word%%:*}"; done }
. ${script}; words=(${quoted(words)}); CURRENT=${words.length}; _dp`,
    ],
  }),
};

const line = (text: string) => text.split(' ');

async function offered(t: ExecutionContext, shell: string, text: string): Promise<string[]> {
  const folder = mkdtempSync(join(tmpdir(), 'dp-completion-'));
  t.teardown(() => rmSync(folder, { recursive: true }));
  const file = join(folder, 'script');
  writeFileSync(file, (await runCommand(Completion, [shell])).stdout);
  const { command, argv } = asks[shell]!(file, line(text));
  const ran = spawnSync(command, argv, {
    encoding: 'utf8',
    cwd: folder,
    env: { ...process.env, HOME: folder },
  });
  t.is(ran.stderr, '');
  return ran.stdout.split('\n').filter((word) => word !== '');
}

for (const shell of Object.keys(asks)) {
  const isThere = spawnSync(shell, ['-c', 'true']).status === 0 || process.env.CI === 'true';
  const withShell = isThere ? test : test.skip;

  withShell(`${shell}: commands, their topics, and what is in a topic`, async (t) => {
    const first = await offered(t, shell, 'dp ');
    for (const word of ['serve', 'session', 'ban', 'completion']) t.true(first.includes(word), word);
    t.false(first.includes('kick'));
    const session = await offered(t, shell, 'dp session ');
    for (const word of ['kick', 'list', 'export']) t.true(session.includes(word), word);
    t.false(session.includes('serve'));
    t.true((await offered(t, shell, 'dp --json session ')).includes('kick'), 'a flag between is no word');
  });

  withShell(`${shell}: the flags of a command, and of no other`, async (t) => {
    const flags = await offered(t, shell, 'dp user add --');
    t.true(flags.includes('--generate'));
    t.false(flags.includes('--websocket-port'));
    t.true((await offered(t, shell, 'dp serve --')).includes('--websocket-port'));
    // a topic that is a command as well
    t.true((await offered(t, shell, 'dp log --')).includes('--level'));
    t.true((await offered(t, shell, 'dp log ')).includes('purge'));
  });

  withShell(`${shell}: the values of a flag that has a choice`, async (t) => {
    const levels = await offered(t, shell, 'dp log --level ');
    t.deepEqual(levels.sort(), ['debug', 'error', 'info', 'warn']);
  });
}

test('bash: what was begun goes on, a value behind = as well, and files where nothing is known', async (t) => {
  t.deepEqual(await offered(t, 'bash', 'dp ses'), ['session']);
  t.deepEqual(await offered(t, 'bash', 'dp log --level = w'), ['warn']);
  t.deepEqual(await offered(t, 'bash', 'dp log --level ='), ['error', 'warn', 'info', 'debug']);
  t.deepEqual(await offered(t, 'bash', 'dp rec info '), []);
});

test('fish: a script', async (t) => {
  const ran = await runCommand(Completion, ['fish']);
  t.is(ran.status, 0);
  t.true(ran.stdout.includes("complete -c dp -n '__dp_exactly \\'user\\'' -a 'add' -d 'Add an account"));
});

test('another shell is a usage error', async (t) => {
  t.is((await runCommand(Completion, ['tcsh'])).status, 2);
});
