// A client's way over WebSocket: ws or wss, with the headers that a test wants.
import { once } from 'node:events';
import { type ClientOptions as ClientRequestOptions, WebSocket } from 'ws';
import { Client, type ClientLink, type ClientOptions } from './client.js';

export interface WebSocketClientOptions extends ClientOptions {
  isSecure?: boolean;
  host?: string;
  path?: string;
  headers?: Record<string, string>;
  /** Whatever else the package takes. */
  more?: ClientRequestOptions & { servername?: string };
}

/** A client that is connected; rejects with the HTTP status when the upgrade is refused. */
export async function openWebSocketClient(
  port: number,
  options: WebSocketClientOptions = {},
): Promise<{ client: Client; socket: WebSocket; upgradeHeaders: Record<string, unknown> }> {
  const scheme = options.isSecure ? 'wss' : 'ws';
  const socket = new WebSocket(`${scheme}://${options.host ?? '127.0.0.1'}:${port}${options.path ?? '/'}`, {
    headers: options.headers ?? {},
    perMessageDeflate: false,
    rejectUnauthorized: false,
    ...options.more,
  });
  const link: ClientLink = {
    write(bytes) {
      for (let at = 0; at < bytes.length; ) {
        const next = at + 4 + ((bytes[at]! << 8) | bytes[at + 1]!);
        if (socket.readyState === WebSocket.OPEN) socket.send(bytes.subarray(at + 2, next));
        at = next;
      }
    },
    end: () => socket.close(1000),
    drop: () => socket.terminate(),
    pause: () => socket.pause(),
    resume: () => socket.resume(),
    onData: () => undefined,
    onClose: () => undefined,
  };
  socket.on('message', (data: Buffer) => {
    const head = Buffer.alloc(2);
    head.writeUInt16BE(data.length - 2);
    link.onData(Buffer.concat([head, data]));
  });
  socket.on('close', () => link.onClose());
  socket.on('error', () => undefined);
  let upgradeHeaders: Record<string, unknown> = {};
  socket.on('upgrade', (response) => {
    upgradeHeaders = response.headers;
  });
  // Listens before the greeting can come.
  const client = new Client(link, options);
  await new Promise<void>((resolve, reject) => {
    socket.once('open', () => resolve());
    socket.once('unexpected-response', (_request, response) => {
      reject(new Error(`status ${response.statusCode}`));
      socket.terminate();
    });
    socket.once('error', reject);
  });
  return { client, socket, upgradeHeaders };
}

/** The close code of a WebSocket. */
export async function closeCodeOf(socket: WebSocket): Promise<number> {
  const [code] = (await once(socket, 'close')) as [number];
  return code;
}
