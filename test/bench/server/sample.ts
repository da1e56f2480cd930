// What Linux tells about a process and its descendants: CPU time, memory, writes.

import { readdirSync, readFileSync, writeFileSync } from 'node:fs';

const ticksPerSecond = 100; // USER_HZ, the same on every Linux

const read = (path: string): string => {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return '';
  }
};

const list = (path: string): string[] => {
  try {
    return readdirSync(path);
  } catch {
    return [];
  }
};

const number = (text: string, pattern: RegExp): number => Number(pattern.exec(text)?.[1] ?? 0);

function tree(pid: number): number[] {
  const pids = [pid];
  for (const parent of pids) {
    for (const thread of list(`/proc/${parent}/task`)) {
      const children = read(`/proc/${parent}/task/${thread}/children`);
      pids.push(...children.split(' ').filter(Boolean).map(Number));
    }
  }
  return pids;
}

export interface CpuSeconds {
  /** In nanosecond steps where the kernel tells. */
  total: number;
  user: number;
  system: number;
}

export function cpu(pid: number): CpuSeconds {
  const used = { total: 0, user: 0, system: 0 };
  for (const p of tree(pid)) {
    const stat = read(`/proc/${p}/stat`);
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    const user = Number(fields[11] ?? 0) / ticksPerSecond;
    const system = Number(fields[12] ?? 0) / ticksPerSecond;
    used.user += user;
    used.system += system;
    let nanoseconds = 0;
    for (const thread of list(`/proc/${p}/task`)) {
      nanoseconds += Number(read(`/proc/${p}/task/${thread}/schedstat`).split(' ')[0]);
    }
    used.total += nanoseconds ? nanoseconds / 1e9 : user + system;
  }
  return used;
}

/** Calls of write and writev so far; the kernel does not count send and the like. */
export function writes(pid: number): number {
  return tree(pid).reduce((sum, p) => sum + number(read(`/proc/${p}/io`), /^syscw: (\d+)/m), 0);
}

/** Resident bytes; of several processes the proportional share, so that shared pages count once. */
export function residentBytes(pid: number): number {
  const pids = tree(pid);
  if (pids.length === 1) return number(read(`/proc/${pid}/status`), /^VmRSS:\s+(\d+)/m) * 1024;
  return pids.reduce((sum, p) => sum + number(read(`/proc/${p}/smaps_rollup`), /^Pss:\s+(\d+)/m) * 1024, 0);
}

/** The most that was ever resident since the start or `resetPeak`, as the kernel noted it: no peak is missed. */
export function peakResidentBytes(pid: number): number {
  return tree(pid).reduce((sum, p) => sum + number(read(`/proc/${p}/status`), /^VmHWM:\s+(\d+)/m) * 1024, 0);
}

export function resetPeak(pid: number): void {
  for (const p of tree(pid)) writeFileSync(`/proc/${p}/clear_refs`, '5');
}

export interface Reading {
  seconds: number;
  cpuSeconds: number;
  /** Share of the CPU time that the kernel took. */
  systemShare: number;
  writes: number;
  residentBytes: number;
  /** CPU time of the load generator itself per second; near 1 it may be what limits. */
  generatorCores: number;
}

/** Measures the server `pid` from now on. */
export class Meter {
  readonly #pid: number;
  readonly #cpu: CpuSeconds;
  readonly #writes: number;
  readonly #own = process.cpuUsage();
  readonly #start = performance.now();

  constructor(pid: number) {
    this.#pid = pid;
    this.#writes = writes(pid);
    this.#cpu = cpu(pid);
  }

  read(): Reading {
    const end = cpu(this.#pid);
    const own = process.cpuUsage(this.#own);
    const seconds = (performance.now() - this.#start) / 1000;
    const user = end.user - this.#cpu.user;
    const system = end.system - this.#cpu.system;
    return {
      seconds,
      cpuSeconds: end.total - this.#cpu.total,
      systemShare: system / Math.max(user + system, 1 / ticksPerSecond),
      writes: writes(this.#pid) - this.#writes,
      residentBytes: residentBytes(this.#pid),
      generatorCores: (own.user + own.system) / 1e6 / seconds,
    };
  }
}
