// Prompts in a terminal. Refuses with the flag to use instead where there is none.

import { randomInt } from 'node:crypto';
import { refusal } from '../core/errors.js';
import { printable } from '../core/printable.js';
import { isInteractive, type Terminal } from './terminal.js';

/** inquirer is only loaded when something is asked. */
export async function loadPrompts(terminal: Terminal) {
  const { default: inquirer } = await import('inquirer');
  return inquirer.createPromptModule({
    input: terminal.stdin as NodeJS.ReadableStream,
    output: terminal.stdout as NodeJS.WritableStream,
  });
}

/** Yes or no; nobody there to answer: `otherwise`. Enter alone means `suggestion`. */
export async function confirm(
  terminal: Terminal,
  message: string,
  otherwise: boolean,
  suggestion = false,
): Promise<boolean> {
  if (!isInteractive(terminal)) return otherwise;
  const prompt = await loadPrompts(terminal);
  const { yes } = await prompt<{ yes: boolean }>([
    { type: 'confirm', name: 'yes', message: printable(message), default: suggestion },
  ]);
  return yes;
}

export interface PasswordSource {
  fromStdin: boolean;
  generate: boolean;
}

/** A password from where the flags say, else asked for twice without echo. */
export async function obtainPassword(
  terminal: Terminal,
  { fromStdin, generate }: PasswordSource,
  whose: string,
): Promise<{ password: string; isGenerated: boolean }> {
  if (generate) return { password: generatePassword(), isGenerated: true };
  if (fromStdin) {
    return { password: await readPassword(terminal), isGenerated: false };
  }
  if (!isInteractive(terminal)) {
    throw refusal('password-not-typed');
  }
  const prompt = await loadPrompts(terminal);
  const { password } = await prompt<{ password: string }>([
    {
      type: 'password',
      name: 'password',
      message: printable(`Password for ${whose}:`),
      validate: (text: string) => text !== '' || 'The password must not be empty.',
    },
  ]);
  await prompt<{ again: string }>([
    {
      type: 'password',
      name: 'again',
      message: 'Repeat the password:',
      validate: (text: string) => text === password || 'The passwords do not match; Ctrl-C cancels.',
    },
  ]);
  return { password, isGenerated: false };
}

/** 20 letters and digits that are distinguished at a glance: more than 110 bits. */
export function generatePassword(): string {
  const characters = 'abcdefghijkmnopqrstuvwxyzACDEFGHJKLMNPQRTUVWXY34679';
  return Array.from({ length: 20 }, () => characters[randomInt(characters.length)]).join('');
}

/** A password that is sent on standard input. */
export async function readPassword(terminal: Terminal): Promise<string> {
  const password = await readLine(terminal);
  if (password === '') throw refusal('password-not-sent');
  return password;
}

/** The first line of standard input, without its end. */
async function readLine({ stdin }: Terminal): Promise<string> {
  let text = '';
  for await (const chunk of stdin) {
    text += String(chunk);
    if (text.includes('\n')) break;
  }
  return text.split(/\r?\n/, 1)[0] ?? '';
}
