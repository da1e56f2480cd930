#!/usr/bin/env node
// The original server's name and command line: says the same to `dp serve` or `dp gui`, in this very process.
import { readFileSync } from 'node:fs';
import { translate } from '../dist/lib/cli/drawpile-srv.js';
import { executeCommand } from './execute.js';

const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));
const result = translate(process.argv.slice(2), process.env, version);
if (!('text' in result)) {
  for (const warning of result.warnings) process.stderr.write(`drawpile-srv: ${warning}\n`);
  await executeCommand('serve' in result ? ['serve', ...result.serve] : ['gui', ...result.gui]);
} else {
  process[result.isError ? 'stderr' : 'stdout'].write(`${result.text}\n`);
  process.exitCode = result.exit;
}
