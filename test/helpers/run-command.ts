// Runs a command through its class with streams of its own, as many at once as a test likes.

import { PassThrough, Writable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { Config, Errors } from '@oclif/core';
import type { BaseCommand } from '../../src/lib/cli/base-command.js';
import { CanvasCommand } from '../../src/lib/cli/canvas-command.js';
import { CanvasPool } from '../../src/lib/io/canvas/canvas-pool.js';
import { type BinaryRan, runBinary } from './run-binary.js';

export interface Ran {
  status: number;
  stdout: string;
  stderr: string;
  /** stdout as JSON. */
  json<T = Record<string, unknown>>(): T;
}

export interface RunOptions {
  stdin?: string;
  env?: Record<string, string>;
  /** The time of day; that of the machine when left out. */
  now?: () => number;
  /** A terminal with so many columns; none: a pipe. */
  columns?: number;
}

// compiled tests live in .build/test/helpers: the project is three folders up
const root = fileURLToPath(new URL('../../..', import.meta.url));
let config: Promise<Config> | undefined;

/** The command as it would run when typed; never throws. */
export async function runCommand(
  command: { new (argv: string[], config: Config): BaseCommand; id: string },
  argv: string[],
  options: RunOptions = {},
): Promise<Ran> {
  config ??= Config.load({ root });
  const stdin = new PassThrough();
  stdin.end(options.stdin ?? '');
  const isTTY = options.columns !== undefined;
  const out = collect();
  const err = collect();
  let status = 0;
  const instance = new command(argv, await config);
  if (instance instanceof CanvasCommand) instance.openThreads = lendThreads;
  instance.terminal = {
    stdin,
    stdout: Object.assign(out.stream, { isTTY, ...(isTTY ? { columns: options.columns } : {}) }),
    stderr: err.stream,
    env: options.env ?? {},
    now: options.now ?? Date.now,
    endWith: (value) => {
      status = value;
    },
  };
  try {
    await (instance as unknown as { _run(): Promise<unknown> })._run();
  } catch (error) {
    if (!(error instanceof Errors.ExitError)) throw error;
    status = error.oclif.exit ?? 0;
  }
  return {
    status,
    stdout: out.text(),
    stderr: err.text(),
    json: <T>() => JSON.parse(out.text()) as T,
  };
}

/** The same for what is typed behind `dp`: the command as it was built, without a process of its own. */
export async function runTyped(argv: readonly string[], options: RunOptions = {}): Promise<Ran> {
  config ??= Config.load({ root });
  const loaded = await config;
  for (let words = Math.min(argv.length, 3); words > 0; words--) {
    const found = loaded.findCommand(argv.slice(0, words).join(':'));
    if (!found) continue;
    const command = (await found.load()) as unknown as Parameters<typeof runCommand>[0];
    return runCommand(command, argv.slice(words), options);
  }
  throw new Error(`dp has no command '${argv.join(' ')}'`);
}

/** A server as a process of its own, because it becomes another user and may not end; everything else without one. */
export function runLight(
  argv: readonly string[],
  options: { env?: Record<string, string> } = {},
): Promise<BinaryRan> {
  return argv[0] === 'serve' ? runBinary(argv, options) : runTyped(argv, options);
}

let pool: CanvasPool | undefined;

/** One thread draws for all commands that a test file runs: it takes longer to start than to draw a small picture. */
function lendThreads(): Pick<CanvasPool, 'open' | 'openDivided' | 'stop'> {
  pool ??= new CanvasPool();
  return {
    open: (settings) => pool!.open(settings),
    openDivided: (settings) => pool!.openDivided(settings),
    stop: async () => {},
  };
}

function collect() {
  const chunks: string[] = [];
  const stream = new Writable({
    write(chunk, _encoding, done) {
      chunks.push(String(chunk));
      done();
    },
  });
  return { stream, text: () => chunks.join('') };
}
