// An unknown command: the one that was meant is offered on a terminal, and named elsewhere, with the status of a
// usage error. oclif's own plugin for this takes "lsit" for "edit", and its status is 127.

import type { Hook } from '@oclif/core';
import { exitStatusOf, refusal } from '../core/errors.js';
import { suggestCommand } from './command-suggestion.js';
import { errorLines, hintLine } from './error-lines.js';
import { Errors } from './oclif.js';
import { confirm } from './prompts.js';
import { processTerminal } from './terminal.js';

const hook: Hook.CommandNotFound = async ({ id, argv, config }) => {
  const typed = [...id.split(':'), ...(argv ?? [])];
  const known = new Map(
    config.commands.filter(({ hidden }) => hidden !== true).map((command) => [words(command.id), command.id]),
  );
  const topics = config.topics.filter(({ hidden }) => hidden !== true).map(({ name }) => words(name));
  const { name: near, count = 0 } = suggestCommand(typed, [...topics, ...known.keys()]) ?? {};
  const unknown = refusal('command-unknown', { command: typed.join(' '), program: config.bin, near });
  process.stderr.write(errorLines(processTerminal, { message: unknown.message }));
  if (
    near !== undefined &&
    (await confirm(processTerminal, `Did you mean '${config.bin} ${near}'?`, false))
  ) {
    const command = known.get(near);
    return command === undefined
      ? config.runCommand('help', [near])
      : config.runCommand(command, typed.slice(count));
  }
  process.stderr.write(hintLine(String(unknown.hint)));
  throw new Errors.ExitError(exitStatusOf(unknown));
};

function words(id: string): string {
  return id.replaceAll(':', ' ');
}

export default hook;
