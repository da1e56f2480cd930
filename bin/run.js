#!/usr/bin/env node
// Hands the command line to the commands in dist/commands, and nothing else.
import { fileURLToPath } from 'node:url';
import { execute } from '@oclif/core/execute';

// no plugins but our own are looked for: it takes time, and what lies in the user's data folder is data, not code
await execute({ loadOptions: { root: fileURLToPath(import.meta.url), userPlugins: false } });
