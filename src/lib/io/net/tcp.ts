// Drawpile over TCP, and TLS over the same connection when the client asks for it (protocol.md §2.1). One read
// buffer serves all plain connections, because the bytes of a read are used up before the next one.
import { Buffer } from 'node:buffer';
import net from 'node:net';
import tls from 'node:tls';
import { canonicalAddress } from '../../core/addresses.js';
import type { Connection, ConnectionUser, HandedConnection } from '../../core/peer/needs.js';
import { listen, portOf, startListening } from './listen.js';
import { OutboxConnection } from './outbox-connection.js';
import { handleOf, type SocketHandle, socketOf } from './socket-handle.js';

export interface TcpOptions {
  host?: string;
  /** 0 = any free one. */
  port?: number;
  /** A listening socket that was passed to this process, instead of host and port. */
  fd?: number;
  /** A listening socket of a predecessor of this process, which is used from `start` on. */
  handle?: SocketHandle;
  /** Current certificate; undefined: there is no TLS. Asked for at each handshake. */
  secureContext?: () => tls.SecureContext | undefined;
  endOfTurn: (run: () => void) => void;
  /** Calls back at once, or when clients are let in: until then they wait. At once when left out. */
  whenOpen?: (run: () => void) => void;
  /** False: there are no descriptors for one more, it is closed at once. */
  hasRoom?: () => boolean;
  /** A connection came; false: nobody made it theirs, it is closed at once. */
  accept(ip: string, makeConnection: (user: ConnectionUser) => Connection): boolean;
  /** The listener itself failed. */
  failed(error: Error): void;
}

const readBuffer = Buffer.allocUnsafeSlow(64 * 1024);
/** A TLS handshake that takes longer is given up. */
const handshakeMs = 30_000;

/** `::ffff:1.2.3.4` is `1.2.3.4`. '': the connection has ended. */
export function plainAddress(address: string | undefined): string {
  return canonicalAddress(address ?? '') ?? '';
}

export class TcpListener {
  readonly #server: net.Server;

  readonly #options: TcpOptions;

  private constructor(options: TcpOptions) {
    this.#options = options;
    const isPlain = options.secureContext === undefined;
    this.#server = net.createServer({ noDelay: true, pauseOnConnect: isPlain }, (socket) => {
      if (options.hasRoom?.() === false) {
        socket.destroy();
        return;
      }
      const ip = plainAddress(socket.remoteAddress);
      const enter = () => {
        if (!socket.destroyed && !options.accept(ip, (user) => makeConnection(socket, ip, user, options)))
          socket.destroy();
      };
      if (options.whenOpen === undefined) return enter();
      const lost = () => socket.destroy();
      socket.on('error', lost);
      options.whenOpen(() => {
        socket.off('error', lost);
        enter();
      });
    });
    this.#server.on('error', (error) => options.failed(error));
  }

  /** Listens; a Fault says what is wrong with the address. */
  static async open(options: TcpOptions): Promise<TcpListener> {
    const listener = new TcpListener(options);
    await listen(listener.#server, options);
    return listener;
  }

  get port(): number {
    return portOf(this.#server, this.#options.handle);
  }

  /** What is passed to a successor of this process. */
  get handle(): SocketHandle | undefined {
    return handleOf(this.#server);
  }

  /** After it was opened with a handle. */
  start(): void {
    startListening(this.#server, this.#options.handle);
  }

  /** A connection of a predecessor of this process; nothing is read or sent before `begin`. */
  takeOver(
    handle: SocketHandle,
    handed: HandedConnection,
    user: ConnectionUser,
  ): { connection: Connection; begin: () => void } {
    const options = this.#options;
    const reads = new SharedReads();
    const isPlain = options.secureContext === undefined;
    const socket = isPlain
      ? socketOf(handle, { buffer: readBuffer, callback: reads.received })
      : socketOf(handle).pause();
    const connection = new TcpConnection(socket, handed.ip, user, options, handed.sentBytes);
    reads.connection = connection;
    return { connection, begin: () => connection.begin(handed) };
  }

  /** No new connections; those that are there go on. */
  close(): void {
    this.#server.close();
  }
}

/** Without a closure over `socket`: it would stay in memory beside the one that takes its place, 1 kB each. */
function makeConnection(
  socket: net.Socket,
  ip: string,
  user: ConnectionUser,
  options: TcpOptions,
): TcpConnection {
  if (options.secureContext !== undefined) return new TcpConnection(socket, ip, user, options);
  const reads = new SharedReads();
  reads.connection = new TcpConnection(withSharedBuffer(socket, reads.received), ip, user, options);
  return reads.connection;
}

/** What a socket reads into the shared buffer, on its way to the connection that is made of that socket. */
class SharedReads {
  connection: TcpConnection | undefined;

  readonly received = (count: number): boolean => {
    this.connection?.receivedShared(count);
    return true;
  };
}

/**
 * The same connection as a socket that reads into the shared buffer. Sockets that a server makes cannot be configured
 * to do so, so the handle moves to a new one; where Node has no such handle the socket stays as it is.
 */
function withSharedBuffer(socket: net.Socket, callback: (count: number) => boolean): net.Socket {
  const owner = socket as unknown as { _handle?: unknown };
  const handle = owner._handle;
  if (!handle) return socket;
  owner._handle = null;
  return new net.Socket({
    handle,
    onread: { buffer: readBuffer, callback },
  } as unknown as net.SocketConstructorOpts);
}

class TcpConnection extends OutboxConnection {
  readonly isBrowser = false;
  readonly #options: TcpOptions;
  #socket: net.Socket;
  #isSecure = false;

  constructor(socket: net.Socket, ip: string, user: ConnectionUser, options: TcpOptions, sentBytes = 0) {
    super(socket, ip, user, options.endOfTurn);
    this.outbox.sentBytes = sentBytes;
    this.#socket = socket;
    this.#options = options;
    socket.on('close', this.#closed);
    // Nothing can be sent after that: each attempt would be an error with a stack, once per person who leaves.
    socket.on('end', this.#ended);
    socket.on('error', this.#failed);
    if (options.secureContext !== undefined) socket.on('data', this.#received);
  }

  protected get plainSocket(): net.Socket | undefined {
    return this.#isSecure ? undefined : this.#socket;
  }

  /** Only of a connection that was taken over. */
  begin(handed: HandedConnection): void {
    this.takeOver(handed);
    if (this.#options.secureContext === undefined) this.#socket.read(0);
    else this.#socket.resume();
  }

  get transport(): 'tcp' | 'tls' {
    return this.#isSecure ? 'tls' : 'tcp';
  }

  get canStartTls(): boolean {
    return !this.#isSecure && this.#options.secureContext?.() !== undefined;
  }

  receivedShared(count: number): void {
    this.user.received(readBuffer, 0, count);
  }

  readonly #received = (chunk: Buffer): void => {
    this.user.received(chunk, 0, chunk.length);
  };

  readonly #failed = (error: NodeJS.ErrnoException): void => {
    this.failedBecause(error.code ?? error.message);
  };

  readonly #ended = (): void => {
    this.outbox.close();
    // With nothing left to send, closing at once saves a shutdown, which fails where the other side is gone: an error
    // with a stack, once per person who leaves.
    if (!this.#isSecure && this.#socket.writableLength === 0) this.#socket.destroy();
  };

  readonly #closed = (): void => {
    this.hasClosed();
  };

  end(): void {
    // Input is still read, and thrown away by the user: unread bytes would turn the close into a reset,
    // which eats the text of the Disconnect on its way.
    this.outbox.finish(() => this.#socket.end());
  }

  abort(): void {
    this.outbox.close();
    this.#socket.destroy();
  }

  startTls(): void {
    const context = this.#options.secureContext?.();
    if (!context || this.#isSecure) return;
    const plain = this.#socket;
    this.#isSecure = true;
    // The answer to startTls leaves in the clear before the handshake begins.
    this.outbox.flushNow();
    plain.off('data', this.#received);
    plain.off('close', this.#closed);
    plain.off('end', this.#ended);
    const secure = new tls.TLSSocket(plain, { isServer: true, secureContext: context });
    const timer = setTimeout(() => secure.destroy(new Error('TLS handshake took too long')), handshakeMs);
    timer.unref();
    secure.on('error', this.#failed);
    secure.on('end', this.#ended);
    secure.once('close', () => {
      clearTimeout(timer);
      plain.destroy();
      this.#closed();
    });
    secure.once('secure', () => {
      clearTimeout(timer);
      this.user.secured?.();
    });
    secure.on('data', this.#received);
    this.#socket = secure;
    this.outbox.replaceStream(secure);
  }
}
