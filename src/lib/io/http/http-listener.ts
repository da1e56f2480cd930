// Where the admin API listens: a port, or a Unix socket for this machine's users.

import { chmodSync, lstatSync, unlinkSync } from 'node:fs';
import http from 'node:http';
import net from 'node:net';
import type { FastifyInstance } from 'fastify';
import { canonicalAddress } from '../../core/addresses.js';
import { fault, refusal } from '../../core/errors.js';

export interface HttpListener {
  /** 0 for a Unix socket. */
  readonly port: number;
  close(): Promise<void>;
}

/** Makes the app; not before the first request, because most servers are never asked and loading it takes a while. */
export type BuildApp = () => Promise<FastifyInstance>;

const connectionsAtMost = 256;
/** Of one address that is no proxy: nobody keeps others away by holding connections. */
const connectionsPerAddress = 64;
const headerBytesAtMost = 16 * 1024;
const requestMs = 30_000;
const headersMs = 10_000;
const keepAliveMs = 15_000;
const checkEveryMs = 2_000;
/** The longest path that a socket may have; the kernel cuts longer ones off without a word. */
const socketPathBytesAtMost = 103;

function makeServer(build: BuildApp): { server: http.Server; close(): Promise<void> } {
  let app: Promise<FastifyInstance> | undefined;
  const server = http.createServer(
    { maxHeaderSize: headerBytesAtMost, connectionsCheckingInterval: checkEveryMs },
    (request, response) => {
      app ??= build();
      app.then(
        (built) => built.routing(request, response),
        (error: Error) => response.destroy(error),
      );
    },
  );
  server.maxConnections = connectionsAtMost;
  server.requestTimeout = requestMs;
  server.headersTimeout = headersMs;
  server.keepAliveTimeout = keepAliveMs;
  // A broken request line or header: what can't be answered is closed.
  // A connection that the system refuses is no reason to end; whoever counts descriptors tells.
  server.on('error', () => {});
  server.on('clientError', (_error, socket) => socket.destroy());
  return {
    server,
    async close() {
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
      await (await app?.catch(() => undefined))?.close();
    },
  };
}

/**
 * `isAllowed` is asked for every connection; refused ones are closed without an answer (http.md §1.2). `isProxy`:
 * whether many people may come from there.
 */
export async function openHttpPort(
  build: BuildApp,
  listen: { host?: string | undefined; port: number; fd?: number | undefined },
  isAllowed: (ip: string) => boolean,
  isProxy: (ip: string) => boolean = () => false,
): Promise<HttpListener> {
  const { server, close } = makeServer(build);
  const counts = new Map<string, number>();
  server.on('connection', (socket: net.Socket) => {
    const ip = canonicalAddress(socket.remoteAddress ?? '') ?? '';
    const count = (counts.get(ip) ?? 0) + 1;
    if (!isAllowed(ip) || (count > connectionsPerAddress && !isProxy(ip))) {
      socket.destroy();
      return;
    }
    counts.set(ip, count);
    socket.once('close', () => {
      const rest = counts.get(ip)! - 1;
      if (rest > 0) counts.set(ip, rest);
      else counts.delete(ip);
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', (cause: NodeJS.ErrnoException) => {
      const where = `${listen.host === undefined ? '' : `${listen.host}, `}port ${listen.port}`;
      const reason = cause.code === 'EADDRINUSE' ? 'it is in use by another program' : cause.message;
      reject(fault('admin-api-not-listening', { where, reason }, cause));
    });
    if (listen.fd !== undefined) server.listen({ fd: listen.fd }, resolve);
    else
      server.listen({ port: listen.port, ...(listen.host !== undefined && { host: listen.host }) }, resolve);
  });
  const address = server.address();
  return {
    port: typeof address === 'object' && address ? address.port : 0,
    close,
  };
}

/** Mode 0600 from its first moment. A dead socket is replaced; Refusal `conflict` when somebody listens on it. */
export async function openHttpSocket(build: BuildApp, path: string): Promise<HttpListener> {
  if (Buffer.byteLength(path) > socketPathBytesAtMost) {
    throw fault('socket-path-too-long', { path, bytes: socketPathBytesAtMost });
  }
  await removeDead(path);
  const { server, close } = makeServer(build);
  await new Promise<void>((resolve, reject) => {
    server.once('error', (cause) =>
      reject(fault('not-listening', { where: path, reason: cause.message }, cause)),
    );
    // Binding happens within the call, so nobody else sees this umask.
    const before = process.umask(0o177);
    try {
      server.listen(path, resolve);
    } finally {
      process.umask(before);
    }
  });
  chmodSync(path, 0o600);
  return { port: 0, close };
}

async function removeDead(path: string): Promise<void> {
  const found = lstatSync(path, { throwIfNoEntry: false });
  if (!found) return;
  if (!found.isSocket()) {
    throw refusal('file-in-the-way', { file: path });
  }
  const isAlive = await new Promise<boolean>((resolve) => {
    const socket = net.connect(path);
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', (error: NodeJS.ErrnoException) => resolve(error.code !== 'ECONNREFUSED'));
  });
  if (isAlive) throw refusal('socket-in-use', { socket: path });
  unlinkSync(path);
}
