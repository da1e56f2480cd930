// A real terminal (tmux) with a program in it: type, wait for what is shown.

import { execFileSync, spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import type { ExecutionContext } from 'ava';
import { tempFolder } from './temp-folder.js';

/** Where tmux is missing, tests are skipped by name; where CI says that all is there they must run. */
export const hasTerminal = spawnSync('tmux', ['-V']).error === undefined || process.env.CI === 'true';

export interface TestTerminal {
  /** Resolves with the screen as soon as it shows this. */
  shows(text: string | RegExp): Promise<string>;
  type(text: string): void;
  /** Names of tmux: `Enter`, `Down`, `C-c`. */
  press(...keys: string[]): void;
}

/** Ends with the line `ended with STATUS`; the terminal is closed after the test. */
export function openTerminal(
  t: ExecutionContext,
  command: readonly string[],
  env: Readonly<Record<string, string>> = {},
): TestTerminal {
  const server = ['-S', join(tempFolder(t), 'tmux'), '-f', '/dev/null'];
  const tmux = (...args: string[]) => execFileSync('tmux', [...server, ...args], { encoding: 'utf8' });
  const variables = Object.entries(env).map(([name, value]) => `${name}=${value}`);
  const words = ['env', '-u', 'CI', ...variables, ...command].map(
    (word) => `'${word.replaceAll("'", `'\\''`)}'`,
  );
  tmux('new-session', '-d', '-x', '110', '-y', '60', `${words.join(' ')}; echo "ended with $?"; exec cat`);
  t.teardown(() => spawnSync('tmux', [...server, 'kill-server']));
  return {
    async shows(text) {
      const end = performance.now() + 60_000;
      for (;;) {
        const screen = tmux('capture-pane', '-p', '-J');
        if (typeof text === 'string' ? screen.includes(text) : text.test(screen)) return screen;
        if (performance.now() > end)
          throw new Error(`the terminal never showed ${text}, but:\n${screen.trimEnd()}`);
        await wait(50);
      }
    },
    type: (text) => void tmux('send-keys', '-l', text),
    press: (...keys) => void tmux('send-keys', ...keys),
  };
}
