// `dp --version`: program, protocol and Node.js, one line each; the first two lines are meant to stay as they are.
// `dp --help-all`, as the original has it: the help with every command in it.

import type { Hook } from '@oclif/core';

const hook: Hook.Init = async ({ id, config }) => {
  if (id === '--help-all') {
    await config.runCommand('help', ['--nested-commands']);
    process.exit(0);
  }
  if (id !== '--version') return;
  const { protocolVersion } = await import('./about.js');
  process.stdout.write(
    `${config.bin} ${config.version}\nProtocol version: ${protocolVersion}\nNode.js version: ${process.version}\n`,
  );
  process.exit(0);
};

export default hook;
