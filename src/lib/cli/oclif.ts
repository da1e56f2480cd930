// The parts of @oclif/core that commands are made of, each from its own file and by `require`: its index loads twice
// as much as a command needs, and `import` of such modules reads them twice. That is a third of our start-up time.

import { createRequire } from 'node:module';

const load = createRequire(import.meta.url);

export const Args = load('@oclif/core/args') as typeof import('@oclif/core/args');
export const { Command } = load('@oclif/core/command') as typeof import('@oclif/core/command');
export const Errors = load('@oclif/core/errors') as typeof import('@oclif/core/errors');
export const Flags = load('@oclif/core/flags') as typeof import('@oclif/core/flags');
