// Starts a server from a shell command, waits until it listens, and stops it.

import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

const startTimeoutMs = 120_000;
const stopTimeoutMs = 20_000;
const keptLogBytes = 4000;

// Ports are looked up in the kernel's table: a trial connection could take, as its own ephemeral port, the very
// port that it probes.
function isInTable(port: number, state: string): boolean {
  const hex = port.toString(16).toUpperCase().padStart(4, '0');
  const line = new RegExp(`^ *\\d+: [0-9A-F]+:${hex} \\S+ ${state} `, 'm');
  return ['/proc/net/tcp', '/proc/net/tcp6'].some((table) => {
    try {
      return line.test(readFileSync(table, 'latin1'));
    } catch {
      return false; // no IPv6 in this kernel
    }
  });
}

const isListening = (port: number): boolean => isInTable(port, '0A');

// Below the range of ephemeral ports, and not the same for two benches that run at once.
const firstPort = 20_000 + ((process.pid * 2) % 8000);

/** The first even port from `first` on that is free together with the one after it. */
export function freePort(first = firstPort, tries = 100): number {
  for (let port = first; port < first + 2 * tries; port += 2) {
    if (!isInTable(port, '\\S+') && !isInTable(port + 1, '\\S+')) return port;
  }
  throw new Error(`no free port from ${first} on`);
}

export class ServerProcess {
  readonly pid: number;
  /** From the start of the process until it listened. */
  readonly startMs: number;
  /** On the clock of `performance.now`. */
  readonly startedAt: number;
  readonly #child: ChildProcess;

  private constructor(child: ChildProcess, startedAt: number) {
    this.#child = child;
    this.pid = child.pid!;
    this.startedAt = startedAt;
    this.startMs = performance.now() - startedAt;
  }

  /** `command` ends in the server: the shell is replaced by it, so that its process id is the server's. */
  static async start(command: string, port: number): Promise<ServerProcess> {
    if (isListening(port)) throw new Error(`something already listens on port ${port}`);
    const startedAt = performance.now();
    const child = spawn('/bin/sh', ['-c', `ulimit -n $(ulimit -Hn); exec ${command}`], {
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    let log = '';
    child.stderr!.on('data', (text: Buffer) => {
      log = `${log}${text}`.slice(-keptLogBytes);
    });
    while (!isListening(port)) {
      if (child.exitCode !== null || child.signalCode !== null) {
        throw new Error(`the server ended before it listened on port ${port}: ${command}\n${log}`);
      }
      if (performance.now() - startedAt > startTimeoutMs) {
        child.kill('SIGKILL');
        throw new Error(
          `the server does not listen on port ${port} after ${startTimeoutMs} ms: ${command}\n${log}`,
        );
      }
      await sleep(2);
    }
    return new ServerProcess(child, startedAt);
  }

  /** Asks it to end, and after a while no longer asks. */
  async stop(): Promise<void> {
    const child = this.#child;
    if (child.exitCode !== null || child.signalCode !== null) return;
    const gone = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGTERM');
    const kill = setTimeout(() => child.kill('SIGKILL'), stopTimeoutMs);
    await gone;
    clearTimeout(kill);
  }
}
