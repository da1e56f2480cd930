#!/usr/bin/env node
// Hands the command line to the commands in dist/commands, and nothing else.
import { execute } from '@oclif/core';

await execute({ dir: import.meta.url });
