// `dp serve` as a process of its own with its data in a folder, and `dp` commands that are to find it: by its socket
// on this machine, or by the address of its admin API.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from './free-port.js';
import { type BinaryRan, binary } from './run-binary.js';
import { runTyped } from './run-command.js';

/** Ways to a server. */
export const transports = ['socket', 'address'] as const;
export type Transport = (typeof transports)[number];

export interface ServedBinary {
  /** Where people draw. */
  port: number;
  data: string;
  /** Of its admin API, as `admin` with `secret`; 0: it has none. */
  adminPort: number;
  /** For commands: with the way to the server in it. */
  env: Record<string, string>;
  /** A command that reaches the server; it runs in this process. */
  dp(...argv: string[]): Promise<BinaryRan>;
  /** The same, its `--json` parsed. Rejects when it does not end with 0. */
  json<T = Record<string, unknown>>(...argv: string[]): Promise<T>;
  output(): string;
  readonly ended: Promise<{ status: number | null }>;
  kill(signal: NodeJS.Signals): void;
  /** Of the process that was started; another one serves after a restart. */
  pid: number;
}

interface Served {
  teardown?(run: () => unknown): void;
  /** Variables over the usual ones. */
  env?: Record<string, string>;
  /** Holds everything of the server and stays when it ends; without one it has a folder until then. */
  folder?: string;
  /** What the shell does before the server starts in its place: `umask 000`, `ulimit -n 64`. */
  shell?: string;
}

/** Resolves when it has started. Without a `teardown` to register with, whoever started it kills it. */
export async function serveBinary(t: Served, transport: Transport, ...args: string[]): Promise<ServedBinary> {
  const folder = t.folder ?? mkdtempSync(join(tmpdir(), 'dp-live-'));
  // started as root, the server is somebody else by the time it makes its folders in here
  chmodSync(folder, 0o777);
  const data = join(folder, 'data');
  const adminPort = transport === 'address' ? await freePort() : 0;
  const common = { DP_DATA: data, HOME: folder, DP_RUNTIME: join(folder, 'run') };
  const admin =
    transport === 'address'
      ? [
          '--web-admin-port',
          String(adminPort),
          '--web-admin-auth',
          'admin:secret',
          '--web-admin-access',
          'all',
        ]
      : [];
  const child = spawn(
    '/bin/sh',
    [
      ...['-c', `${t.shell ?? ':'}; exec "$@"`, 'sh', process.execPath, binary],
      ...['serve', '--port', '0', '--listen', '127.0.0.1', ...admin, ...args],
    ],
    {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { PATH: process.env.PATH ?? '', NO_COLOR: '1', ...common, ...t.env },
    },
  );
  let text = '';
  let isOver = false;
  const ended = once(child, 'close').then(([status]) => {
    isOver = true;
    if (t.folder === undefined) rmSync(folder, { recursive: true, force: true });
    return { status: status as number | null };
  });
  t.teardown?.(async () => {
    if (!isOver) child.kill('SIGKILL');
    await ended;
  });
  const port = await new Promise<number>((resolve, reject) => {
    const take = (piece: Buffer) => {
      text += piece.toString();
      const found = /TCP port (\d+) open|:(\d+)\/\n/.exec(text);
      if (text.includes('Ctrl-C') && found) resolve(Number(found[1] ?? found[2]));
    };
    child.stdout.on('data', take);
    child.stderr.on('data', take);
    child.once('close', () => reject(new Error(`the server ended: ${text}`)));
  });
  const env: Record<string, string> =
    transport === 'socket'
      ? common
      : // nothing but the address leads there
        { HOME: folder, DP_SERVER: `http://127.0.0.1:${adminPort}`, DP_AUTH: 'admin:secret' };
  const dp = (...argv: string[]): Promise<BinaryRan> => runTyped(argv, { env });
  return {
    port,
    data,
    adminPort,
    env,
    dp,
    async json<T>(...argv: string[]) {
      const ran = await dp(...argv, '--json');
      if (ran.status !== 0)
        throw new Error(`dp ${argv.join(' ')} ended with ${ran.status}: ${ran.stdout}${ran.stderr}`);
      return JSON.parse(ran.stdout) as T;
    },
    output: () => text,
    ended,
    kill: (signal) => void child.kill(signal),
    pid: child.pid ?? 0,
  };
}
