// Opens a connection over one of the three transports and hands up what arrives on it.

import net from 'node:net';
import tls from 'node:tls';
import { type MessageSink, type Splitter, StreamSplitter } from './splitter.js';
import { toWebSocket, upgrade, WebSocketSplitter } from './websocket.js';

export const transports = ['tcp', 'tls', 'ws'] as const;
export type Transport = (typeof transports)[number];

export interface Target {
  host: string;
  port: number;
  transport: Transport;
  /** The address to come from. */
  localAddress?: string;
}

export interface SocketEvents extends MessageSink {
  failed(error: Error): void;
}

// One buffer serves every plain socket: its bytes are used up before the next read.
const receiveBuffer = Buffer.allocUnsafeSlow(512 * 1024);

export class LoadSocket {
  bytesIn = 0;
  reads = 0;
  readonly #events: SocketEvents;
  readonly #target: Target;
  #socket: net.Socket | undefined;
  #splitter: Splitter;
  #isClosed = false;

  constructor(target: Target, events: SocketEvents) {
    this.#target = target;
    this.#events = events;
    this.#splitter = new StreamSplitter(events);
  }

  async open(): Promise<void> {
    const { host, port, transport, localAddress } = this.#target;
    await new Promise<void>((resolve, reject) => {
      // A TLS connection begins in plain text and is handed to the TLS socket, which can't share a buffer.
      const onread = {
        buffer: receiveBuffer,
        callback: (count: number, bytes: Uint8Array) => {
          this.#received(bytes as Buffer, count);
          return true;
        },
      };
      const socket = net.connect({
        host,
        port,
        noDelay: true,
        ...(localAddress !== undefined && { localAddress }),
        ...(transport !== 'tls' && { onread }),
      });
      socket.once('error', reject);
      socket.once('connect', () => {
        socket.off('error', reject);
        this.#adopt(socket);
        resolve();
      });
      if (transport === 'tls') socket.on('data', (chunk) => this.#received(chunk, chunk.length));
    });
    if (transport === 'ws') await this.#upgrade();
  }

  /** Goes on with TLS, after the server has agreed to it. */
  async startTls(): Promise<void> {
    const plain = this.#socket!;
    for (const event of ['data', 'error', 'close']) plain.removeAllListeners(event);
    await new Promise<void>((resolve, reject) => {
      const secure = tls.connect({ socket: plain, rejectUnauthorized: false }, () => {
        secure.off('error', reject);
        this.#adopt(secure);
        resolve();
      });
      secure.once('error', reject);
      secure.on('data', (chunk) => this.#received(chunk, chunk.length));
    });
  }

  /** Sends whole, TCP-framed messages; false means: wait for `drained`. */
  send(messages: Buffer): boolean {
    return this.#socket!.write(this.#target.transport === 'ws' ? toWebSocket(messages) : messages);
  }

  drained(): Promise<void> {
    return new Promise((resolve) => this.#socket!.once('drain', resolve));
  }

  close(): void {
    this.#isClosed = true;
    this.#socket?.destroy();
  }

  #adopt(socket: net.Socket): void {
    this.#socket = socket;
    socket.on('error', (error) => this.#fail(error));
    socket.on('close', () => this.#fail(new Error('the server closed the connection')));
  }

  #fail(error: Error): void {
    if (this.#isClosed) return;
    this.close();
    this.#events.failed(error);
  }

  #received(bytes: Buffer, count: number): void {
    if (this.#isClosed) return;
    this.bytesIn += count;
    this.reads++;
    try {
      this.#splitter.push(bytes, 0, count);
    } catch (error) {
      this.#fail(error as Error);
    }
  }

  #upgrade(): Promise<void> {
    const { request, check } = upgrade(this.#target.host, this.#target.port);
    return new Promise((resolve) => {
      let head = '';
      this.#splitter = {
        push: (bytes, start, end) => {
          head += bytes.toString('latin1', start, end);
          const at = head.indexOf('\r\n\r\n');
          if (at < 0) return;
          check(head.slice(0, at));
          this.#splitter = new WebSocketSplitter(this.#events, (pong) => this.#socket!.write(pong));
          const rest = Buffer.from(head.slice(at + 4), 'latin1');
          resolve();
          this.#splitter.push(rest, 0, rest.length);
        },
      };
      this.#socket!.write(request);
    });
  }
}
