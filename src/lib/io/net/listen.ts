// Taking a listening address, with words for what can be wrong with one.
import type net from 'node:net';
import { type Fault, fault } from '../../core/errors.js';
import type { SocketHandle } from './socket-handle.js';

export interface ListenOptions {
  /** Undefined: all addresses. */
  host?: string;
  /** 0 = any free one. */
  port?: number;
  /** A listening socket that was passed to this process, instead of host and port. */
  fd?: number;
  /** The same by a predecessor of this process; it is used from `startListening` on. */
  handle?: SocketHandle;
}

/** The flags by which an operator chooses an address, for the hints. */
export interface AddressFlags {
  port: string;
  host: string;
}

const backlog = 1024;

/** Resolves when the server listens; a Fault says what is wrong with the address. */
export function listen(
  server: net.Server,
  options: ListenOptions,
  flags: AddressFlags = { port: '--port', host: '--listen' },
): Promise<void> {
  const { host, port = 0, fd, handle } = options;
  if (handle !== undefined) return Promise.resolve();
  return new Promise((resolve, reject) => {
    const fail = (error: NodeJS.ErrnoException) => reject(listenFault(error, options, flags));
    server.once('error', fail);
    const ready = () => {
      server.off('error', fail);
      resolve();
    };
    if (fd !== undefined) server.listen({ fd }, ready);
    else server.listen({ port, ...(host !== undefined && { host }), backlog }, ready);
  });
}

/** A listening socket of a predecessor of this process: from now on connections come here. */
export function startListening(server: net.Server, handle: SocketHandle | undefined): void {
  if (handle !== undefined) server.listen(handle as object as net.Server, backlog);
}

/** 0: it does not listen on a port. `handle`: on which it will listen. */
export function portOf(server: net.Server, handle?: SocketHandle): number {
  const name: { port?: number } = {};
  if (handle?.getsockname?.(name) === 0) return name.port ?? 0;
  const address = server.address();
  return typeof address === 'object' && address ? address.port : 0;
}

/** One clear line about a listening address; `flags` are those that choose it. */
function listenFault(
  error: NodeJS.ErrnoException,
  options: { host?: string; port?: number },
  flags: AddressFlags,
): Fault {
  const { host, port } = options;
  const where = `${host === undefined ? '' : `${host.includes(':') ? `[${host}]` : host}:`}${port ?? ''}`;
  switch (error.code) {
    case 'EADDRINUSE':
      return fault('port-in-use', { port: port ?? 0, flag: flags.port }, error);
    case 'EACCES':
      return fault('port-refused', { port: port ?? 0, flag: flags.port }, error);
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
      return fault('address-not-here', { host: String(host), flag: flags.host }, error);
    default:
      return fault('not-listening', { where, reason: error.message }, error);
  }
}
