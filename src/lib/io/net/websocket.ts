// Drawpile over WebSocket (protocol.md §2.2), as ws and wss on one port: the first byte tells. One message per binary
// frame. Frames come in through the package `ws`; history goes out re-framed once for everyone, straight to the socket.
import { Buffer } from 'node:buffer';
import http from 'node:http';
import net from 'node:net';
import type { Duplex } from 'node:stream';
import tls from 'node:tls';
import { type WebSocket, WebSocketServer } from 'ws';
import { TrustedProxies } from '../../core/peer/client-address.js';
import type { Connection, ConnectionUser } from '../../core/peer/needs.js';
import { listen, portOf } from './listen.js';
import type { Framing } from './outbox.js';
import { OutboxConnection } from './outbox-connection.js';
import { reframe, SharedReframer } from './reframe.js';
import { plainAddress } from './tcp.js';

export interface WebSocketOptions {
  host?: string;
  /** 0 = any free one. */
  port?: number;
  fd?: number;
  /** Certificate for wss; undefined: ws only. */
  secureContext?: () => tls.SecureContext | undefined;
  /** Proxies that are believed and may connect unencrypted, beside this machine. */
  trustedProxies?: readonly string[];
  /** Plain ws is taken from trusted proxies only. */
  isSecureOnly?: boolean;
  /** Asked for each connection: origins with blanks between, or `*`. */
  allowedOrigins(): string;
  endOfTurn: (run: () => void) => void;
  /** Calls back at once, or when clients are let in: until then they wait. At once when left out. */
  whenOpen?: (run: () => void) => void;
  /** False: there are no descriptors for one more, it is closed at once. */
  hasRoom?: () => boolean;
  /** False: nobody made it theirs, it is closed at once. */
  accept(ip: string, makeConnection: (user: ConnectionUser) => Connection): boolean;
  /** Something about one client that the log should hold. */
  note(level: 'warn' | 'debug', ip: string, text: string): void;
  failed(error: Error): void;
  /** Shown in the answer to the upgrade. */
  program: string;
}

/** From the connect to the finished upgrade. */
const upgradeMs = 15_000;
/** Connections that have not upgraded yet; the oldest goes when there are more. */
const waitingAtMost = 500;
const toldProxiesAtMost = 100;
const headerBytesAtMost = 16 * 1024;
/** A Drawpile message without its length field. */
const messageBytesAtMost = 65_535 + 2;
/** Pongs are not sent to someone who does not read them. */
const pongRoomBytes = 64 * 1024;
const tlsHandshakeByte = 0x16;
const closeNormal = 1000;

export class WebSocketListener {
  readonly #options: WebSocketOptions;
  readonly #server: net.Server;
  readonly #http: http.Server;
  readonly #upgrader: WebSocketServer;
  readonly #proxies: TrustedProxies;
  readonly #framing: Framing;
  readonly #scratch: Scratch = { bytes: Buffer.allocUnsafeSlow(256 * 1024), owner: undefined };
  /** The TCP socket under each TLS one. */
  readonly #plainSockets = new WeakMap<Duplex, net.Socket>();
  /** Whose unreadable addresses the log has. */
  readonly #toldProxies = new Set<string>();
  /** Not upgraded yet, oldest first. */
  readonly #waiting = new Map<Duplex, NodeJS.Timeout>();

  private constructor(options: WebSocketOptions) {
    this.#options = options;
    this.#proxies = new TrustedProxies(options.trustedProxies);
    const shared = new SharedReframer(options.endOfTurn);
    this.#framing = { frame: reframe, frameShared: shared.reframe };
    this.#upgrader = new WebSocketServer({
      noServer: true,
      perMessageDeflate: false,
      maxPayload: messageBytesAtMost,
      handleProtocols: () => false,
      autoPong: false,
      skipUTF8Validation: true,
      clientTracking: false,
    });
    this.#upgrader.on('headers', (headers, request) => {
      headers.push(
        `Server: ${options.program}`,
        'Access-Control-Allow-Credentials: false',
        'Access-Control-Allow-Methods: GET',
        'Access-Control-Allow-Headers: content-type',
        `Access-Control-Allow-Origin: ${headerSafe(request.headers.origin) || '*'}`,
      );
    });
    this.#http = http.createServer({ maxHeaderSize: headerBytesAtMost, keepAlive: false });
    this.#http.on('request', (request, response) => {
      const { status, headers, text } = plainAnswer(request);
      response.writeHead(status, { Connection: 'close', 'Content-Type': 'text/plain', ...headers });
      response.end(request.method === 'HEAD' ? undefined : `${text}\n`);
    });
    this.#http.on('upgrade', (request, socket, head) => this.#upgrade(request, socket as net.Socket, head));
    this.#http.on('clientError', (_error, socket) => socket.destroy());
    this.#server = net.createServer({ noDelay: true }, (socket) => {
      if (options.hasRoom?.() === false) {
        socket.destroy();
        return;
      }
      if (options.whenOpen === undefined) return this.#accept(socket);
      const lost = () => socket.destroy();
      socket.on('error', lost);
      options.whenOpen(() => {
        socket.off('error', lost);
        if (!socket.destroyed) this.#accept(socket);
      });
    });
    this.#server.on('error', (error) => options.failed(error));
  }

  /** Listens; a Fault says what is wrong with the address. */
  static async open(options: WebSocketOptions): Promise<WebSocketListener> {
    const listener = new WebSocketListener(options);
    await listen(listener.#server, options, { port: '--websocket-port', host: '--websocket-listen' });
    return listener;
  }

  get port(): number {
    return portOf(this.#server);
  }

  /** Connections that have not said yet what they want. */
  get waitingCount(): number {
    return this.#waiting.size;
  }

  /** No new connections; those that are there go on. */
  close(): void {
    this.#server.close();
    for (const socket of this.#waiting.keys()) socket.destroy();
  }

  #accept(socket: net.Socket): void {
    this.#wait(socket);
    socket.on('error', () => socket.destroy());
    socket.once('close', () => this.#stopWaiting(socket));
    // Only a look: the byte goes back, and whoever takes over reads it.
    socket.once('data', (chunk: Buffer) => {
      socket.pause();
      socket.unshift(chunk);
      if (chunk[0] === tlsHandshakeByte) this.#secure(socket);
      else this.#plain(socket);
    });
  }

  #wait(socket: net.Socket): void {
    if (this.#waiting.size >= waitingAtMost) this.#waiting.keys().next().value?.destroy();
    const timer = setTimeout(() => socket.destroy(), upgradeMs);
    timer.unref();
    this.#waiting.set(socket, timer);
  }

  #stopWaiting(socket: Duplex): void {
    clearTimeout(this.#waiting.get(socket));
    this.#waiting.delete(socket);
  }

  #plain(socket: net.Socket): void {
    this.#http.emit('connection', socket);
    socket.resume();
  }

  #secure(socket: net.Socket): void {
    const context = this.#options.secureContext?.();
    if (!context) {
      socket.destroy();
      return;
    }
    const secure = new tls.TLSSocket(socket, { isServer: true, secureContext: context });
    secure.on('error', () => secure.destroy());
    secure.once('close', () => socket.destroy());
    secure.once('secure', () => {
      this.#plainSockets.set(secure, socket);
      this.#http.emit('connection', secure);
    });
  }

  #upgrade(request: http.IncomingMessage, socket: net.Socket, head: Buffer): void {
    if (request.headers.upgrade?.toLowerCase() !== 'websocket') {
      // HTTP/2 and the like are offers, which nobody has to take
      const { status, text } = plainAnswer(request);
      this.#refuse(socket, `${status} ${http.STATUS_CODES[status]}`, request.method === 'HEAD' ? '' : text);
      return;
    }
    const plain = this.#plainSockets.get(socket);
    const peer = plainAddress((plain ?? socket).remoteAddress);
    const client = this.#proxies.clientOf(peer, request.headers);
    if ('problem' in client) {
      this.#refuse(socket, '400 Bad Request', 'The proxy does not say for whom it connects.');
      this.#tellOnce(peer, client.problem);
      return;
    }
    const { ip, source } = client;
    const origin = headerSafe(request.headers.origin);
    if (this.#options.isSecureOnly && plain === undefined && !this.#proxies.trusts(peer)) {
      this.#refuse(socket, '403 Forbidden', 'This server takes encrypted connections only (wss).');
      this.#options.note('debug', ip, 'Unencrypted WebSocket connection refused');
      return;
    }
    if (origin !== '' && !this.#allows(origin)) {
      this.#refuse(socket, '403 Forbidden', 'This web page may not connect here.');
      this.#options.note('warn', ip, `WebSocket connection from the page ${origin.slice(0, 200)} refused`);
      return;
    }
    this.#upgrader.handleUpgrade(request, socket, head, (webSocket) => {
      this.#stopWaiting(plain ?? socket);
      const from = source === 'peer' ? 'WebSocket peer address' : `${source} header`;
      this.#options.note(
        'debug',
        ip,
        `New WebSocket client connected from ${peer} (IP from ${from}, Origin '${origin.slice(0, 200)}')`,
      );
      let isTaken = false;
      this.#options.accept(ip, (user) => {
        isTaken = true;
        return new WebSocketConnection(
          { webSocket, socket, ip, isBrowser: origin !== '', framing: this.#framing, scratch: this.#scratch },
          user,
          this.#options,
        );
      });
      if (!isTaken) webSocket.terminate();
    });
  }

  /** What every connection through one proxy would repeat. */
  #tellOnce(peer: string, problem: string): void {
    if (this.#toldProxies.has(peer) || this.#toldProxies.size >= toldProxiesAtMost) return;
    this.#toldProxies.add(peer);
    this.#options.note('warn', peer, `WebSocket connections are refused: ${problem}`);
  }

  #allows(origin: string): boolean {
    const allowed = this.#options.allowedOrigins().split(/[\s,]+/);
    return allowed.includes('*') || allowed.includes(origin);
  }

  #refuse(socket: net.Socket, status: string, text: string): void {
    const head = `HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Type: text/plain\r\nContent-Length: ${text.length + 1}`;
    socket.end(`${head}\r\n\r\n${text}\n`);
  }
}

/** The answer to what is no WebSocket: people with a browser, health checks, and proxies that lose the upgrade. */
function plainAnswer({ method, url = '/', headers }: http.IncomingMessage): {
  status: number;
  headers: Record<string, string>;
  text: string;
} {
  const wantsWebSocket =
    headers.upgrade?.toLowerCase() === 'websocket' || headers['sec-websocket-key'] !== undefined;
  if (wantsWebSocket) {
    return {
      status: 426,
      headers: { Upgrade: 'websocket' },
      text: 'This is no complete WebSocket upgrade: a proxy must pass on the headers Connection and Upgrade.',
    };
  }
  if (url.split('?', 1)[0] !== '/') return { status: 404, headers: {}, text: 'Not found' };
  if (method !== 'GET' && method !== 'HEAD') {
    return { status: 405, headers: { Allow: 'GET, HEAD' }, text: 'Method not allowed' };
  }
  return { status: 200, headers: {}, text: 'A Drawpile server for browsers (WebSocket) answers here.' };
}

/** A header value that can be repeated: whatever could end the line is gone. */
function headerSafe(text: string | undefined): string {
  return (text ?? '').replace(/[^\x20-\x7e]/g, '');
}

/**
 * Messages of one chunk in TCP framing, for all connections: they are handed on before the next chunk is looked at.
 */
interface Scratch {
  readonly bytes: Buffer;
  /** Whose messages are in there. */
  owner: WebSocketConnection | undefined;
}

interface Parts {
  webSocket: WebSocket;
  socket: net.Socket;
  ip: string;
  isBrowser: boolean;
  framing: Framing;
  scratch: Scratch;
}

class WebSocketConnection extends OutboxConnection {
  readonly isBrowser: boolean;
  readonly transport = 'websocket';
  readonly canStartTls = false;
  readonly #webSocket: WebSocket;
  readonly #socket: net.Socket;
  readonly #options: WebSocketOptions;
  readonly #scratch: Scratch;
  #used = 0;
  #hasSentText = false;

  constructor(parts: Parts, user: ConnectionUser, options: WebSocketOptions) {
    const { webSocket, socket } = parts;
    super(socket, parts.ip, user, options.endOfTurn, parts.framing);
    this.isBrowser = parts.isBrowser;
    this.#webSocket = webSocket;
    this.#socket = socket;
    this.#options = options;
    this.#scratch = parts.scratch;
    webSocket.on('message', this.#message);
    // After the listener of `ws`, which has made messages of the chunk by then.
    socket.on('data', this.handOn);
    webSocket.on('ping', (data) => this.#pong(data));
    webSocket.on('error', (error) => {
      this.failedBecause(`bad WebSocket data (${error.message})`);
    });
    webSocket.on('close', () => {
      this.#used = 0;
      if (this.#scratch.owner === this) this.#scratch.owner = undefined;
      this.hasClosed();
    });
  }

  readonly #message = (data: Buffer, isBinary: boolean): void => {
    if (!isBinary) {
      if (!this.#hasSentText) this.#options.note('warn', this.ip, 'Sent WebSocket text; it is ignored');
      this.#hasSentText = true;
      return;
    }
    if (data.length < 2) {
      this.failedBecause('bad data: a WebSocket message of less than 2 bytes');
      this.abort();
      return;
    }
    const scratch = this.#scratch;
    if (scratch.owner !== this) {
      scratch.owner?.handOn();
      scratch.owner = this;
    }
    const { bytes } = scratch;
    if (this.#used + data.length + 2 > bytes.length) this.handOn();
    let to = this.#used;
    const length = data.length - 2;
    bytes[to++] = length >> 8;
    bytes[to++] = length & 0xff;
    data.copy(bytes, to);
    this.#used = to + data.length;
  };

  readonly handOn = (): void => {
    const end = this.#used;
    if (end === 0) return;
    this.#used = 0;
    this.user.received(this.#scratch.bytes, 0, end);
  };

  /** WebSocket's own pings. A pong behind our bytes would leave the outbox waiting, so it is told. */
  #pong(data: Buffer): void {
    if (this.#socket.writableLength > pongRoomBytes) return;
    this.#webSocket.pong(data, false, () => this.outbox.poke());
  }

  end(): void {
    this.outbox.finish(() => this.#webSocket.close(closeNormal));
  }

  abort(): void {
    this.outbox.close();
    this.#webSocket.terminate();
  }

  startTls(): void {}
}
