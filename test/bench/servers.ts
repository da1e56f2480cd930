// TABLE of the servers that can be put under load.

import { spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import path from 'node:path';
import type { Transport } from './load/socket.js';

/** Compiled files lie in .build/test/bench. */
export const projectRoot = path.resolve(import.meta.dirname, '../../..');

/** `command`: for a shell; `{port}`, `{wsport}` (the port after it) and `{dir}` (a fresh folder) are filled in. */
export interface Server {
  command: string;
  transport: Transport;
}

/**
 * `memory`: dp that keeps its sessions in memory, over TCP. `stored`: the same with files; `synced`: forced to the
 * disk before anyone sees it. `relay`: the bare relay in C.
 */
export type ServerKind = 'memory' | 'stored' | 'synced' | 'relay';

const quoted = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`;

/** dp itself, without the limits that the load would run into. */
const dpCommand = [
  quoted(process.execPath),
  quoted(path.join(projectRoot, 'bin/run.js')),
  'serve --listen 127.0.0.1 --port {port}',
  '--set sessionCountLimit=2000 --set sessionSizeLimit=0 --set autoResetThreshold=0 --set persistence=true',
].join(' ');

/** Undefined: there is no C compiler here, or it can't. */
function compileRelay(): Server | undefined {
  const folder = path.join(projectRoot, '.build/bench');
  const program = path.join(folder, 'relay');
  mkdirSync(folder, { recursive: true });
  const source = path.join(projectRoot, 'test/bench/relay.c');
  const { status } = spawnSync('cc', ['-O2', '-o', program, source], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  return status === 0 ? { command: `${quoted(program)} {port}`, transport: 'tcp' } : undefined;
}

/** The servers that this machine can run. */
export function prepareServers(): Record<ServerKind, Server | undefined> {
  return {
    memory: { command: `${dpCommand} --ephemeral`, transport: 'tcp' },
    stored: { command: `${dpCommand} --sessions {dir}`, transport: 'tcp' },
    synced: { command: `${dpCommand} --sessions {dir} --durability sync`, transport: 'tcp' },
    relay: compileRelay(),
  };
}
