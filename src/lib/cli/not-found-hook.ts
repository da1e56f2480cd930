// An unknown command where nobody can be asked: one line with the command that was meant, and the status of a usage
// error. On a terminal oclif's plugin asks whether to run the one that was meant.

import type { Hook } from '@oclif/core';

const hook: Hook.CommandNotFound = async ({ id, argv, config }) => {
  if (process.stdin.isTTY === true) return;
  const { CLIError } = await import('@oclif/core/errors');
  const { closest } = await import('../core/settings/closest.js');
  const { exitStatus } = await import('../core/errors.js');
  const known = config.commands.filter(({ hidden }) => hidden !== true).map((command) => words(command.id));
  const typed = [words(id), ...(argv ?? [])].join(' ');
  // what follows a mistyped topic arrives as arguments: try with fewer and fewer of them
  const given = typed.split(' ');
  let near: string | undefined;
  for (let count = given.length; count > 0 && near === undefined; count -= 1) {
    near = closest(given.slice(0, count).join(' '), known);
  }
  const hint = near === undefined ? "'dp help' shows all commands." : `Did you mean '${config.bin} ${near}'?`;
  process.stderr.write(`${config.bin}: there is no command '${typed}'\n    ${hint}\n`);
  throw Object.assign(new CLIError('', { exit: exitStatus.usage }), { skipOclifErrorHandling: true });
};

function words(id: string): string {
  return id.replaceAll(':', ' ');
}

export default hook;
