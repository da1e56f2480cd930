// Connects a web app to its requests: loads it at the first request, and serves it on a Unix socket for users of
// this machine.

import { chmodSync, lstatSync, unlinkSync } from 'node:fs';
import http, { type IncomingMessage, type ServerResponse } from 'node:http';
import net from 'node:net';
import type { FastifyInstance } from 'fastify';
import { fault, refusal } from '../../core/errors.js';

/** Makes the app; not before the first request, because most servers are never asked and loading it takes a while. */
export type BuildApp = () => Promise<FastifyInstance>;

/** An app that is made at its first request. */
export interface LazyApp {
  answer(request: IncomingMessage, response: ServerResponse): void;
  /** Something is being answered that ends by itself: event streams do not. */
  readonly isBusy: boolean;
  close(): Promise<void>;
}

export function lazyApp(build: BuildApp): LazyApp {
  let app: Promise<FastifyInstance> | undefined;
  const turns = new Turns();
  const open = new Set<ServerResponse>();
  return {
    get isBusy() {
      return [...open].some((response) => !isEventStream(response));
    },
    answer(request, response) {
      open.add(response);
      response.once('close', () => open.delete(response));
      turns.take(() => {
        if (response.destroyed) return; // who asked has gone meanwhile
        app ??= build();
        app.then(
          (built) => built.routing(request, response),
          (error: Error) => response.destroy(error),
        );
      });
    },
    async close() {
      await (await app?.catch(() => undefined))?.close();
    },
  };
}

/** Runs one of what waits in each turn of the event loop: however many ask at once, what people draw goes out between. */
class Turns {
  readonly #waiting: (() => void)[] = [];
  #isTaken = false;

  take(run: () => void): void {
    if (this.#isTaken) this.#waiting.push(run);
    else this.#run(run);
  }

  #run(run: () => void): void {
    this.#isTaken = true;
    setImmediate(this.#next);
    run();
  }

  readonly #next = (): void => {
    const run = this.#waiting.shift();
    if (run) this.#run(run);
    else this.#isTaken = false;
  };
}

function isEventStream(response: ServerResponse): boolean {
  return String(response.getHeader('content-type') ?? '').startsWith('text/event-stream');
}

const connectionsAtMost = 256;
const headerBytesAtMost = 16 * 1024;
const requestMs = 30_000;
const headersMs = 10_000;
const keepAliveMs = 15_000;
const checkEveryMs = 2_000;
/** The longest path that a socket may have; the kernel cuts longer ones off without a word. */
const socketPathBytesAtMost = 103;

export interface HttpSocket {
  readonly isBusy: boolean;
  /** What is passed to a successor of this process. */
  readonly handle: object | undefined;
  /** After it was opened with a handle: requests come from now on. */
  start(): void;
  close(): Promise<void>;
}

export interface HttpSocketOptions {
  /** The listening socket of a predecessor of this process, which is used from `start` on. */
  handle?: object | undefined;
  /** False: there are no descriptors for one more, it is closed at once. */
  hasRoom?: () => boolean;
  /** Called when the system refused a connection. */
  failed?: () => void;
}

function makeServer(app: LazyApp, { hasRoom, failed }: HttpSocketOptions): http.Server {
  const server = http.createServer(
    { maxHeaderSize: headerBytesAtMost, connectionsCheckingInterval: checkEveryMs },
    app.answer,
  );
  server.maxConnections = connectionsAtMost;
  server.requestTimeout = requestMs;
  server.headersTimeout = headersMs;
  server.keepAliveTimeout = keepAliveMs;
  server.prependListener('connection', (socket) => {
    if (hasRoom?.() === false) socket.destroy();
  });
  // A connection that the system refuses is no reason to end.
  server.on('error', () => failed?.());
  // A broken request line or header: what cannot be answered is closed.
  server.on('clientError', (_error, socket) => socket.destroy());
  return server;
}

/** Mode 0600 from its first moment. A dead socket is replaced; Refusal `conflict` when somebody listens on it. */
export async function openHttpSocket(
  build: BuildApp,
  path: string,
  options: HttpSocketOptions = {},
): Promise<HttpSocket> {
  if (Buffer.byteLength(path) > socketPathBytesAtMost) {
    throw fault('socket-path-too-long', { path, bytes: socketPathBytesAtMost });
  }
  const app = lazyApp(build);
  const server = makeServer(app, options);
  const { handle } = options;
  if (handle === undefined) await listenAt(server, path);
  return {
    get handle() {
      return (server as unknown as { _handle?: object | null })._handle ?? undefined;
    },
    get isBusy() {
      return app.isBusy;
    },
    start() {
      if (handle !== undefined) server.listen(handle);
    },
    async close() {
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
      await app.close();
    },
  };
}

async function listenAt(server: http.Server, path: string): Promise<void> {
  await removeDead(path);
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
