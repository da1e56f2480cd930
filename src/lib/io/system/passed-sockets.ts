// Sockets that the service manager opened for us (sd_listen_fds(3)). cli.md §3: descriptors from 3 on, first
// Drawpile, then admin, then WebSocket; names in the socket unit (FileDescriptorName=) go before the order.

import * as fs from 'node:fs';
import { refusal } from '../../core/errors.js';
import { rowsOf } from './kernel-tables.js';

export interface PassedSockets {
  /** File descriptors. */
  drawpile: number | undefined;
  admin: number | undefined;
  webSocket: number | undefined;
  /** Our own, which has a name (`web`) and no place in the order. */
  web?: number;
  /** What was passed but is not a listening socket, in words. */
  skipped: readonly string[];
}

const firstDescriptor = 3;
const places = ['drawpile', 'admin', 'webSocket'] as const;

/** FileDescriptorName= that say which is which. */
const placeOfName: Readonly<Record<string, (typeof places)[number]>> = {
  drawpile: 'drawpile',
  admin: 'admin',
  websocket: 'webSocket',
};

export interface ListenEnvironment {
  LISTEN_FDS?: string | undefined;
  LISTEN_PID?: string | undefined;
  LISTEN_FDNAMES?: string | undefined;
}

/**
 * The passed sockets, undefined when there are none for this process. The variables are taken out of `environment`,
 * so that no child trusts that it is meant. `Refusal` when there are more than three without the name `web`.
 */
export function takePassedSockets(
  environment: ListenEnvironment = process.env,
  isListening: (fd: number) => boolean = isListeningSocket,
): PassedSockets | undefined {
  const { LISTEN_FDS: countText = '', LISTEN_PID: pid, LISTEN_FDNAMES: namesText = '' } = environment;
  delete environment.LISTEN_FDS;
  delete environment.LISTEN_PID;
  delete environment.LISTEN_FDNAMES;
  if (pid !== String(process.pid) || !/^[1-9]\d{0,3}$/.test(countText)) return undefined;

  const names = namesText.split(':');
  const skipped: string[] = [];
  const usable: { fd: number; name: string }[] = [];
  let web: number | undefined;
  for (let index = 0; index < Number(countText); index += 1) {
    const fd = firstDescriptor + index;
    const name = names[index] ?? '';
    if (isListening(fd)) {
      if (name.toLowerCase() === 'web' && web === undefined) web = fd;
      else usable.push({ fd, name });
    } else skipped.push(`Passed file descriptor ${fd} is not a listening socket: ignored`);
  }
  if (usable.length > places.length) {
    throw refusal('too-many-sockets');
  }
  const taken: PassedSockets = {
    drawpile: undefined,
    admin: undefined,
    webSocket: undefined,
    ...(web !== undefined && { web }),
    skipped,
  };
  const rest = usable.filter(({ fd, name }) => {
    const place = placeOfName[name.toLowerCase()];
    if (place === undefined || taken[place] !== undefined) return true;
    taken[place] = fd;
    return false;
  });
  for (const { fd } of rest) {
    const place = places.find((candidate) => taken[candidate] === undefined);
    if (place !== undefined) taken[place] = fd;
  }
  return taken;
}

/** Looks in the kernel's tables: Node would make any stream socket listen, which hides a mistake in a unit. */
function isListeningSocket(fd: number): boolean {
  let inode: string | undefined;
  try {
    inode = /^socket:\[(\d+)\]$/.exec(fs.readlinkSync(`/proc/self/fd/${fd}`))?.[1];
  } catch {
    return false;
  }
  if (inode === undefined) return false;
  // Columns of proc_net_tcp(5): state is the 4th (0A: listening), inode the 10th.
  for (const table of ['tcp', 'tcp6']) {
    for (const columns of rowsOf(`/proc/self/net/${table}`)) {
      if (columns[9] === inode) return columns[3] === '0A';
    }
  }
  // unix(7): flags are the 4th (10000: accepts connections), inode the 7th.
  return rowsOf('/proc/self/net/unix').some((columns) => columns[6] === inode && columns[3] === '00010000');
}
