// TABLE of the servers that can be put under load.

import { spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import path from 'node:path';
import type { Transport } from './load/socket.js';
import { countedCommand, findInstructionCounter } from './server/instructions.js';

/** Compiled files lie in .build/test/bench. */
export const projectRoot = path.resolve(import.meta.dirname, '../../..');

/**
 * `command`: for a shell. Filled in are `{port}`, `{wsport}` (the port after it), `{dir}` (a fresh folder), and
 * `{cert}` and `{key}` (files of a certificate made for the run).
 */
export interface Server {
  command: string;
  transport: Transport;
  /** Sessions outlive the process. */
  keepsSessions?: boolean;
}

/**
 * `memory`: dp that keeps its sessions in memory, over TCP. `stored`: the same with files; `synced`: forced to the
 * disk before anyone sees it. `tls`, `websocket`: with sessions in memory, over these. `open`: with sessions in memory,
 * over all three. `web`: with sessions in memory, besides with the web port, to which HTTP goes (`{wsport}`). `counted`: with sessions in memory, its instructions counted. `relay`: the bare relay in C.
 */
export type ServerKind =
  | 'memory'
  | 'stored'
  | 'synced'
  | 'tls'
  | 'websocket'
  | 'open'
  | 'web'
  | 'counted'
  | 'relay';

/** Name and password of the API of `web`. */
export const apiAuth = 'bench:password of the bench';

const quoted = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`;

/** dp without the limits that the load would run into; `flags` keep it away from this machine's own data. */
const dpCommand = (flags: string): string =>
  [
    quoted(process.execPath),
    quoted(path.join(projectRoot, 'bin/run.js')),
    'serve --listen 127.0.0.1 --port {port}',
    '--set sessionCountLimit=2000 --set sessionSizeLimit=0 --set autoResetThreshold=0 --set persistence=true',
    flags,
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
  const counter = findInstructionCounter();
  return {
    memory: { command: dpCommand('--ephemeral'), transport: 'tcp' },
    stored: { command: dpCommand('--sessions {dir}'), transport: 'tcp', keepsSessions: true },
    synced: {
      command: dpCommand('--sessions {dir} --durability sync'),
      transport: 'tcp',
      keepsSessions: true,
    },
    tls: { command: dpCommand('--ephemeral --ssl-cert {cert} --ssl-key {key}'), transport: 'tls' },
    websocket: {
      command: dpCommand('--ephemeral --websocket-listen 127.0.0.1 --websocket-port {wsport}'),
      transport: 'ws',
    },
    open: {
      command: dpCommand(
        '--ephemeral --ssl-cert {cert} --ssl-key {key} --allow-plaintext ' +
          '--websocket-listen 127.0.0.1 --websocket-port {wsport}',
      ),
      transport: 'tcp',
    },
    web: {
      command: dpCommand(
        `--ephemeral --web-listen 127.0.0.1 --web-port {wsport} --web-admin-auth ${quoted(apiAuth)}`,
      ),
      transport: 'tcp',
    },
    counted: counter && { command: countedCommand(dpCommand('--ephemeral'), counter), transport: 'tcp' },
    relay: compileRelay(),
  };
}
