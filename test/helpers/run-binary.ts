// Runs bin/run.js as a process of its own, with dist as it was built (`npm test` builds first).

import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

export const binary = fileURLToPath(new URL('../../../bin/run.js', import.meta.url));

export interface BinaryRan {
  status: number | null;
  stdout: string;
  stderr: string;
}

/** A program that hangs is killed, with status null, rather than left behind. */
const endsWithinMs = 60_000;

/** Waits for the end; `env` is added to a bare environment, `shell` (`umask 000`) is done before. */
export function runBinary(
  argv: readonly string[],
  options: { stdin?: string | Buffer; env?: Record<string, string>; cwd?: string; shell?: string } = {},
): Promise<BinaryRan> {
  return new Promise((resolve, reject) => {
    const before = ['-c', `${options.shell ?? ':'}; exec "$@"`, 'sh'];
    const child = spawn('/bin/sh', [...before, process.execPath, binary, ...argv], {
      cwd: options.cwd,
      env: { PATH: process.env.PATH ?? '', HOME: process.env.HOME ?? '/', ...options.env },
    });
    let stdout = '';
    let stderr = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      stdout += text;
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr += text;
    });
    child.once('error', reject);
    const killing = setTimeout(() => child.kill('SIGKILL'), endsWithinMs);
    child.once('close', (status) => {
      clearTimeout(killing);
      resolve({ status, stdout, stderr });
    });
    child.stdin.end(options.stdin ?? '');
  });
}
