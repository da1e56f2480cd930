// The forms of questions that `dp init` asks: a choice, a line, a line that may be empty, a port.

import { printableStyled } from '../core/printable.js';
import { loadPrompts } from './prompts.js';
import type { Terminal } from './terminal.js';

export type Validate = (text: string) => true | string | Promise<true | string>;

/** How questions are asked. */
export interface Questions {
  ask<Answer>(question: object): Promise<Answer>;
  line(message: string, current: string, validate: Validate): Promise<string>;
  /** '': none. */
  optional(message: string, current: string, validate: Validate): Promise<string>;
  port(message: string, current: string, validate: Validate): Promise<number>;
  say(text: string): void;
}

export async function openQuestions(terminal: Terminal): Promise<Questions> {
  const prompt = await loadPrompts(terminal);
  const ask = async <Answer>(question: object): Promise<Answer> =>
    (await prompt([{ name: 'answer', ...question } as never])).answer as Answer;
  const line: Questions['line'] = async (message, current, validate) =>
    (
      await ask<string>({
        type: 'input',
        message,
        ...(current === '' ? {} : { default: current }),
        validate: (typed: string) => validate(typed.trim()),
      })
    ).trim();
  return {
    ask,
    line,
    /** Enter keeps what there is, so there has to be another way to say "nothing". */
    async optional(message, current, validate) {
      const hint = current === '' ? 'empty for none' : '- for none';
      const text = await line(
        `${message} (${hint}):`,
        current,
        (typed) => typed === '' || typed === '-' || validate(typed),
      );
      return text === '-' ? '' : text;
    },
    port: async (message, current, validate) => Number(await line(message, current, validate)),
    say: (text) => void terminal.stdout.write(`${printableStyled(text)}\n`),
  };
}

/** What is wrong with a text, as a prompt shows it. */
export function accepts(read: () => unknown): true | string {
  try {
    read();
    return true;
  } catch (error) {
    const { message, hint } = error as { message: string; hint?: string };
    return hint === undefined ? message : `${message}; ${hint}`;
  }
}
