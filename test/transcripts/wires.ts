// The three transports over which recorded clients speak: TCP, TCP that becomes TLS, WebSocket. All of them hand up
// whole frames in TCP framing.

import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { WebSocket } from 'ws';
import { type Frame, FrameCutter, viewFrame } from '../helpers/wire.js';

export interface WireUser {
  frame(message: Frame): void;
  closed(): void;
  /** A thing of the transport that a recording may mention: a WebSocket pong or close. */
  happened(text: string): void;
}

export interface Wire {
  /** A whole frame in TCP framing. */
  send(bytes: Buffer): void;
  /** Bytes of the transport itself that no frame stands for. */
  sendRaw(kind: 'ping' | 'text', text: string): void;
  end(): void;
  destroy(): void;
  startTls(): Promise<void>;
}

export async function openTcp(port: number, user: WireUser): Promise<Wire> {
  const plain = connect({ port, host: '127.0.0.1', noDelay: true });
  await once(plain, 'connect');
  let socket: Socket = plain;
  const cutter = new FrameCutter();

  const listen = (to: Socket) => {
    to.on('data', (chunk: Buffer) => {
      for (const message of cutter.push(chunk)) {
        user.frame(message);
      }
    });
    to.on('error', () => undefined);
  };
  listen(plain);
  plain.on('close', () => user.closed());

  return {
    send: (bytes) => void socket.write(bytes),
    sendRaw: () => undefined,
    end: () => void socket.end(),
    destroy: () => void socket.destroy(),
    async startTls() {
      plain.removeAllListeners('data');
      // The certificate is made for the test: nobody vouches for it.
      const secure = connectTls({ socket: plain, rejectUnauthorized: false });
      await once(secure, 'secureConnect');
      listen(secure);
      socket = secure;
    },
  };
}

export interface WebSocketRequest {
  path?: string;
  headers?: Record<string, string>;
  protocols?: string[];
}

export async function openWebSocket(port: number, options: WebSocketRequest, user: WireUser): Promise<Wire> {
  const socket = new WebSocket(`ws://127.0.0.1:${port}${options.path ?? '/'}`, options.protocols ?? [], {
    headers: options.headers ?? {},
    perMessageDeflate: false,
  });
  socket.on('message', (data: Buffer, isBinary: boolean) => {
    if (!isBinary) {
      user.happened('text frame');
      return;
    }
    const head = Buffer.alloc(2);
    head.writeUInt16BE(data.length - 2);
    user.frame(viewFrame(Buffer.concat([head, data])));
  });
  socket.on('pong', (data: Buffer) => user.happened(`ws-frame op=10 fin=1 payload=${data.toString('hex')}`));
  socket.on('close', (code: number) => {
    const payload = Buffer.alloc(2);
    payload.writeUInt16BE(code);
    user.happened(`ws-frame op=8 fin=1 payload=${payload.toString('hex')}`);
    user.closed();
  });
  socket.on('error', () => undefined);
  await once(socket, 'open');
  return {
    send: (bytes) => {
      if (socket.readyState === WebSocket.OPEN) {
        socket.send(bytes.subarray(2));
      }
    },
    sendRaw: (kind, text) => (kind === 'ping' ? socket.ping(text) : socket.send(text)),
    end: () => socket.close(1000),
    destroy: () => socket.terminate(),
    startTls: () => Promise.reject(new Error('there is no TLS upgrade over WebSocket')),
  };
}
