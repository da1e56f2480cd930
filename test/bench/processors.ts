// Gives the server and the load generator a processor each, where there are two and a way to do it.

import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

export interface Processors {
  server: number;
  generator: number;
}

/** The processors that this process may use: "0-1,4" is 0, 1 and 4. */
export function parseProcessorList(text: string): number[] {
  return text.split(',').flatMap((range) => {
    const [first, last = first] = range.split('-').filter(Boolean).map(Number);
    if (first === undefined || last === undefined || !(first <= last)) return [];
    return Array.from({ length: last - first + 1 }, (_, i) => first + i);
  });
}

/** Undefined: they have to share. */
export function chooseProcessors(): Processors | undefined {
  if (spawnSync('taskset', ['-V'], { stdio: 'ignore' }).status !== 0) return undefined;
  const status = readFileSync('/proc/self/status', 'latin1');
  const [server, generator] = parseProcessorList(/^Cpus_allowed_list:\s+(\S+)/m.exec(status)?.[1] ?? '');
  return server === undefined || generator === undefined ? undefined : { server, generator };
}
