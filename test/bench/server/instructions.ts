// How many instructions a server executes: by the processor's counters, where `perf stat` may read them, else by
// callgrind. Unlike time, a busy machine does not change them.

import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

export type InstructionCounter = 'perf' | 'callgrind';

/** `perf` attaches to all threads before it counts. */
const attachMs = 500;

const perfArgs = ['stat', '-x,', '-e', 'instructions:u'];

/** The count in what `perf stat -x,` prints; undefined: it could not count. */
export function countOf(report: string): number | undefined {
  const [, count] = /^(\d+),[^,]*,instructions:u/m.exec(report) ?? [];
  return count === undefined ? undefined : Number(count);
}

/** What can count here. */
export function findInstructionCounter(): InstructionCounter | undefined {
  const { stderr } = spawnSync('perf', [...perfArgs, 'true'], { encoding: 'utf8' });
  if (countOf(stderr ?? '') !== undefined) return 'perf';
  return spawnSync('valgrind', ['--version']).status === 0 ? 'callgrind' : undefined;
}

const callgrindFiles = 'callgrind.';

/** The command of a server that counts by itself from its start to its end; `{dir}` is filled in as in any other. */
export function countedCommand(command: string, counter: InstructionCounter): string {
  if (counter === 'perf') return command;
  const file = `--callgrind-out-file={dir}/${callgrindFiles}%p`;
  const callgrind = `valgrind --quiet --tool=callgrind --smc-check=all-non-file ${file} ${command}`;
  // started as root the server becomes another user, to whom callgrind's file would not belong
  return process.getuid?.() === 0
    ? `setpriv --reuid=65534 --regid=65534 --clear-groups ${callgrind}`
    : callgrind;
}

/** Counts a running server, by `perf`. */
export async function startPerf(pid: number): Promise<ChildProcess> {
  const perf = spawn('perf', [...perfArgs, '-p', String(pid)], { stdio: ['ignore', 'ignore', 'pipe'] });
  await sleep(attachMs);
  return perf;
}

export async function stopPerf(perf: ChildProcess): Promise<number> {
  let report = '';
  perf.stderr!.on('data', (text: Buffer) => {
    report += text;
  });
  const exit = once(perf, 'close');
  perf.kill('SIGINT');
  await exit;
  const count = countOf(report);
  if (count === undefined) throw new Error(`perf stat counted nothing: ${report}`);
  return count;
}

/** What callgrind has written in `folder` when the server `pid` ended. */
export function callgrindCount(folder: string, pid: number): number {
  const text = readFileSync(path.join(folder, `${callgrindFiles}${pid}`), 'latin1');
  const [, count] = /^summary: (\d+)/m.exec(text) ?? [];
  if (count === undefined) throw new Error(`callgrind wrote no summary for process ${pid}`);
  return Number(count);
}
