// The program that listens on a port, as far as this user may see it (Linux; elsewhere, and of other users' programs, it is
// not known).

import { readdirSync, readlinkSync } from 'node:fs';
import { readKernelText, rowsOf } from './kernel-tables.js';

export interface PortUser {
  /** Of the process, as in `ps`. */
  name: string;
  pid: number;
  /** The service of systemd that it belongs to. */
  unit: string | undefined;
}

const listening = '0A';

export function portUserText({ name, pid }: PortUser): string {
  return `${name} (process ${pid})`;
}

export function whoListens(port: number): PortUser | undefined {
  const end = `:${port.toString(16).toUpperCase().padStart(4, '0')}`;
  const inodes = ['tcp', 'tcp6'].flatMap((name) =>
    rowsOf(`/proc/self/net/${name}`)
      .filter((row) => row[1]?.endsWith(end) && row[3] === listening)
      .map((row) => `socket:[${row[9]}]`),
  );
  if (inodes.length === 0) return undefined;
  for (const pid of namesIn('/proc').filter((name) => /^\d+$/.test(name))) {
    const folder = `/proc/${pid}/fd`;
    if (!namesIn(folder).some((name) => inodes.includes(linkAt(`${folder}/${name}`)))) continue;
    const unit = /\/([\w@.-]+\.service)(?:\/|$)/m.exec(readKernelText(`/proc/${pid}/cgroup`))?.[1];
    return { name: readKernelText(`/proc/${pid}/comm`).trim(), pid: Number(pid), unit };
  }
  return undefined;
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

function linkAt(file: string): string {
  try {
    return readlinkSync(file);
  } catch {
    return '';
  }
}
