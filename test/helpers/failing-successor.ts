// Loaded before a server by NODE_OPTIONS: in a process that takes the place of another one, something goes wrong at the step
// that a file names, so that it can change between restarts.
import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import process from 'node:process';

/** Steps of a hand-over at which a successor can fail. */
export const failures = [
  'at once',
  'before it has checked',
  'after it has checked',
  'with a version of its own',
  'before it serves',
  'without an answer',
] as const;
export type Failure = (typeof failures)[number];

function wantedFailure(): string {
  const file = new URL(import.meta.url).searchParams.get('at');
  return file !== null && fs.existsSync(file) ? fs.readFileSync(file, 'utf8') : '';
}

/** For NODE_OPTIONS. `file`: names the step; without it nothing goes wrong. */
export function failingAt(file: string): string {
  return `--import=${new URL('failing-successor.js', import.meta.url).href}?at=${file}`;
}

if (process.env.DP_PREDECESSOR !== undefined && process.send) {
  const failure = wantedFailure();
  const die = () => process.kill(process.pid, 'SIGKILL');
  if (failure === 'at once') die();
  const send = process.send.bind(process) as (message: object) => boolean;
  process.send = ((message: { type?: string }) => {
    if (message.type === 'checked' && failure === 'before it has checked') die();
    const isSent = send(message);
    if (message.type === 'checked' && failure === 'after it has checked') setTimeout(die, 1);
    return isSent;
  }) as typeof process.send;
  if (failure === 'with a version of its own') {
    const emit = process.emit.bind(process) as (...args: unknown[]) => boolean;
    process.emit = ((
      event: string,
      message?: { type?: string; begin?: { version: number } },
      ...rest: unknown[]
    ) => {
      if (event === 'message' && message?.type === 'begin' && message.begin) message.begin.version += 1;
      return emit(event, message, ...rest);
    }) as typeof process.emit;
  }
  const write = fs.writeSync;
  fs.writeSync = ((fd: number, ...rest: unknown[]) => {
    if (fd === 4 && failure === 'before it serves') die();
    if (fd === 4 && failure === 'without an answer') {
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 60_000);
    }
    return (write as (...args: unknown[]) => number)(fd, ...rest);
  }) as typeof fs.writeSync;
  syncBuiltinESMExports();
}
