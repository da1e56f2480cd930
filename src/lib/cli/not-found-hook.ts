// An unknown command: the one that was meant is offered on a terminal, and named elsewhere, with the status of a
// usage error. oclif's own plugin for this takes "lsit" for "edit", and its status is 127.

import type { Hook } from '@oclif/core';
import { exitStatus } from '../core/errors.js';
import { printable } from '../core/printable.js';
import { closest } from '../core/settings/closest.js';
import { Errors } from './oclif.js';
import { confirm } from './prompts.js';
import { processTerminal } from './terminal.js';

const hook: Hook.CommandNotFound = async ({ id, argv, config }) => {
  const typed = [...id.split(':'), ...(argv ?? [])];
  const known = new Map(
    config.commands.filter(({ hidden }) => hidden !== true).map((command) => [words(command.id), command.id]),
  );
  // what follows a mistyped command arrives as its arguments: try with fewer and fewer words
  let near: string | undefined;
  let count = typed.length + 1;
  while (count > 1 && near === undefined) {
    count -= 1;
    near = closest(typed.slice(0, count).join(' '), known.keys());
  }
  process.stderr.write(`${config.bin}: there is no command '${printable(typed.join(' '))}'\n`);
  if (
    near !== undefined &&
    (await confirm(processTerminal, `Did you mean '${config.bin} ${near}'?`, false))
  ) {
    return config.runCommand(known.get(near)!, typed.slice(count));
  }
  const hint =
    near === undefined ? `'${config.bin} help' shows all commands.` : `Did you mean '${config.bin} ${near}'?`;
  process.stderr.write(`    ${printable(hint)}\n`);
  throw new Errors.ExitError(exitStatus.usage);
};

function words(id: string): string {
  return id.replaceAll(':', ' ');
}

export default hook;
