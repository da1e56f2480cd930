// `dp init` on a terminal: questions are answered one by one.

import type { ExecutionContext } from 'ava';
import { binary } from './run-binary.js';
import { openTerminal, type TestTerminal } from './terminal.js';

/** A question (or what is shown after a wrong answer), and what is typed; keys of tmux in an array. */
export type Step = readonly [question: string | RegExp, answer: string | readonly string[]];

export function openWizard(t: ExecutionContext, folder: string, ...flags: string[]): TestTerminal {
  return openTerminal(t, [process.execPath, binary, 'init', '--data', folder, ...flags]);
}

/** Answers, each with Enter. Returns what the screen showed before the last one was answered. */
export async function answer(terminal: TestTerminal, steps: readonly Step[]): Promise<string> {
  let screen = '';
  for (const [question, reply] of steps) {
    screen = await terminal.shows(question);
    if (typeof reply === 'string') {
      if (reply !== '') terminal.type(reply);
    } else terminal.press(...reply);
    terminal.press('Enter');
  }
  return screen;
}

/** A wrong line is replaced. */
export async function retype(
  terminal: TestTerminal,
  problem: string | RegExp,
  reply: string,
): Promise<string> {
  const screen = await terminal.shows(problem);
  terminal.press('C-u');
  if (reply !== '') terminal.type(reply);
  terminal.press('Enter');
  return screen;
}
