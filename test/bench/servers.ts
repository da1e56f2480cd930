// The servers that can be put under load, as shell commands.

import { spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import path from 'node:path';

/** Compiled files lie in .build/test/bench. */
export const projectRoot = path.resolve(import.meta.dirname, '../../..');

const quoted = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`;

/** dp itself, without the limits that the load would run into. */
export const dpCommand = [
  quoted(process.execPath),
  quoted(path.join(projectRoot, 'bin/run.js')),
  'serve --listen 127.0.0.1 --port {port}',
  '--set sessionCountLimit=2000 --set sessionSizeLimit=0 --set autoResetThreshold=0',
].join(' ');

/** Compiles the bare relay. Undefined: there is no C compiler here, or it can't. */
export function relayCommand(): string | undefined {
  const folder = path.join(projectRoot, '.build/bench');
  const program = path.join(folder, 'relay');
  mkdirSync(folder, { recursive: true });
  const source = path.join(projectRoot, 'test/bench/relay.c');
  const { status } = spawnSync('cc', ['-O2', '-o', program, source], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  return status === 0 ? `${quoted(program)} {port}` : undefined;
}
