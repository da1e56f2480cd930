#!/usr/bin/env node
// Hands the command line to the commands in dist/commands.
import { executeCommand } from './execute.js';

await executeCommand(process.argv.slice(2));
