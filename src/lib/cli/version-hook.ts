// `dp --version`: program, protocol and Node.js, one line each; the first two lines are meant to stay as they are.

import type { Hook } from '@oclif/core';

const hook: Hook.Init = async ({ id, config }) => {
  if (id !== '--version') return;
  const { protocolVersion } = await import('./about.js');
  process.stdout.write(
    `${config.name} ${config.version}\nProtocol version: ${protocolVersion}\nNode.js version: ${process.version}\n`,
  );
  process.exit(0);
};

export default hook;
