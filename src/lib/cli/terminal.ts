// The terminal as the commands see it: streams, width, colour. Tests hand in their own.

import type { Readable, Writable } from 'node:stream';
import { styleText } from 'node:util';
import { systemClock } from '../io/system/clock.js';

export interface Terminal {
  readonly stdin: Readable & { isTTY?: boolean };
  readonly stdout: Writable & { isTTY?: boolean; columns?: number };
  readonly stderr: Writable & { isTTY?: boolean };
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The time of day, milliseconds since 1970. */
  now(): number;
  /** Remembers with which status the process is to end. */
  endWith(status: number): void;
}

export const processTerminal: Terminal = {
  get stdin() {
    return process.stdin;
  },
  get stdout() {
    return process.stdout;
  },
  get stderr() {
    return process.stderr;
  },
  env: process.env,
  now: () => systemClock.now(),
  endWith(status) {
    process.exitCode = status;
  },
};

/** Whoever read what is printed is gone. */
export function onceClosed(stream: Writable): Promise<void> {
  return new Promise((resolve) => void stream.once('close', resolve));
}

/** Columns that a line may have; undefined when nobody looks at it on a screen. */
export function widthOf({ stdout, env }: Terminal): number | undefined {
  if (stdout.isTTY !== true) return undefined;
  const fromEnvironment = Number.parseInt(env.COLUMNS ?? '', 10);
  return stdout.columns || (fromEnvironment > 0 ? fromEnvironment : 80);
}

/** Whether somebody can be asked questions. */
export function isInteractive({ stdin, stdout, env }: Terminal): boolean {
  return stdin.isTTY === true && stdout.isTTY === true && env.TERM !== 'dumb';
}

/** https://no-color.org: any non-empty NO_COLOR. FORCE_COLOR is for pipes into pagers. */
export function hasColor(terminal: Terminal, stream: 'stdout' | 'stderr' = 'stdout'): boolean {
  const { env } = terminal;
  if (env.NO_COLOR) return false;
  if (env.FORCE_COLOR) return env.FORCE_COLOR !== '0';
  return terminal[stream].isTTY === true && env.TERM !== 'dumb';
}

/** `text` in a style, where colours are wanted. */
export function styled(
  terminal: Terminal,
  style: Parameters<typeof styleText>[0],
  text: string,
  stream: 'stdout' | 'stderr' = 'stdout',
): string {
  // stream checks are ours: Node's own look at the process, not at the terminal handed in
  return hasColor(terminal, stream) ? styleText(style, text, { validateStream: false }) : text;
}
