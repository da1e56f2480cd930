#!/usr/bin/env node
// Hands the command line to the commands in dist/commands, and nothing else.
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';

// this file alone, and not by import: the package's index would be a third of our start-up time
const { execute } = createRequire(import.meta.url)('@oclif/core/execute');

// no plugins but our own are looked for: it takes time, and what lies in the user's data folder is data, not code
await execute({ loadOptions: { root: fileURLToPath(import.meta.url), userPlugins: false } });
