// Drawpile over WebSocket (protocol.md §2.2), on connections that a web listener hands over. One message per binary
// frame. Frames come in through the package `ws`; history goes out re-framed once for everyone, straight to the socket.
import { Buffer } from 'node:buffer';
import type http from 'node:http';
import type net from 'node:net';
import { WebSocket, WebSocketServer } from 'ws';
import type { TrustedProxies } from '../../core/peer/client-address.js';
import type { Connection, ConnectionUser, HandedConnection } from '../../core/peer/needs.js';
import type { Framing } from './outbox.js';
import { OutboxConnection } from './outbox-connection.js';
import { reframe, SharedReframer } from './reframe.js';
import { type SocketHandle, socketOf } from './socket-handle.js';
import { answerText, refuseUpgrade, type UpgradeRequest } from './web-listener.js';
import { unreadIn } from './web-socket-rest.js';

export interface WebSocketOptions {
  /** Asked for each connection: origins with blanks between, or `*`. */
  allowedOrigins(): string;
  endOfTurn: (run: () => void) => void;
  /** False: nobody made it theirs, it is closed at once. */
  accept(ip: string, makeConnection: (user: ConnectionUser) => Connection): boolean;
  /** Something about one client that the log should hold. */
  writeLog(level: 'warn' | 'debug', ip: string, text: string): void;
  /** Shown in the answer to the upgrade. */
  program: string;
}

const reportedProxiesAtMost = 100;
/** A Drawpile message without its length field. */
const messageBytesAtMost = 65_535 + 2;
/** Pongs are not sent to someone who does not read them. */
const pongRoomBytes = 64 * 1024;
const closeNormal = 1000;
const receiverOptions = { maxPayload: messageBytesAtMost, autoPong: false, skipUTF8Validation: true };
const pongOpcode = 0x8a;

/** Makes connections of upgrades, whichever listener they come to. */
export class WebSocketUpgrades {
  readonly #options: WebSocketOptions;
  readonly #upgrader: WebSocketServer;
  readonly #framing: Framing;
  readonly #scratch: Scratch = { bytes: Buffer.allocUnsafeSlow(256 * 1024), owner: undefined };
  /** Whose unreadable addresses the log has. */
  readonly #reportedProxies = new Set<string>();

  constructor(options: WebSocketOptions) {
    this.#options = options;
    const shared = new SharedReframer(options.endOfTurn);
    this.#framing = { frame: reframe, frameShared: shared.reframe };
    this.#upgrader = new WebSocketServer({
      noServer: true,
      perMessageDeflate: false,
      handleProtocols: () => false,
      clientTracking: false,
      ...receiverOptions,
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
  }

  /** `proxies`: who is trusted when they say for whom they speak. */
  take({ request, socket, head, peer, taken }: UpgradeRequest, proxies: TrustedProxies): void {
    const client = proxies.clientOf(peer, request.headers);
    if ('problem' in client) {
      refuseUpgrade(socket, 400, 'The proxy does not pass on the address of the client.');
      this.#reportOnce(peer, client.problem.text);
      return;
    }
    const { ip, source } = client;
    const origin = headerSafe(request.headers.origin);
    if (origin !== '' && !this.#allows(origin)) {
      refuseUpgrade(socket, 403, 'Connections from this web page are not allowed.');
      this.#options.writeLog('warn', ip, `WebSocket connection from origin ${origin.slice(0, 200)} refused`);
      return;
    }
    this.#upgrader.handleUpgrade(request, socket, head, (webSocket) => {
      taken();
      const from = source === 'peer' ? 'WebSocket peer address' : `${source} header`;
      this.#options.writeLog(
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

  /** A connection of a predecessor of this process; nothing is read or sent before `begin`. */
  takeOver(
    handle: SocketHandle,
    handed: HandedConnection,
    user: ConnectionUser,
  ): { connection: Connection; begin: () => void } {
    const socket = socketOf(handle).pause();
    const webSocket = new WebSocket(null as unknown as string, undefined, receiverOptions);
    // As the server of the package does after its answer to an upgrade.
    (
      webSocket as unknown as { setSocket(socket: net.Socket, head: Uint8Array, options: object): void }
    ).setSocket(socket, handed.unread, receiverOptions);
    const { ip, isBrowser, sentBytes } = handed;
    const parts = { webSocket, socket, ip, isBrowser, framing: this.#framing, scratch: this.#scratch };
    const connection = new WebSocketConnection(parts, user, this.#options, sentBytes);
    return { connection, begin: () => connection.begin(handed) };
  }

  /** What every connection through one proxy would repeat. */
  #reportOnce(peer: string, problem: string): void {
    if (this.#reportedProxies.has(peer) || this.#reportedProxies.size >= reportedProxiesAtMost) return;
    this.#reportedProxies.add(peer);
    this.#options.writeLog('warn', peer, `WebSocket connections are refused: ${problem}`);
  }

  #allows(origin: string): boolean {
    const allowed = this.#options.allowedOrigins().split(/[\s,]+/);
    return allowed.includes('*') || allowed.includes(origin);
  }
}

/** Answers on a port that is for browser clients only: to people with a browser, health checks, and proxies. */
export function answerOnlyWebSockets(request: http.IncomingMessage, response: http.ServerResponse): void {
  if (answerIncompleteUpgrade(request, response)) return;
  const { method, url = '/' } = request;
  if (url.split('?', 1)[0] !== '/') {
    answerText(request, response, { status: 404, text: 'Not found' });
  } else if (method !== 'GET' && method !== 'HEAD') {
    const headers = { Allow: 'GET, HEAD' };
    answerText(request, response, { status: 405, headers, text: 'Method not allowed' });
  } else {
    answerText(request, response, {
      status: 200,
      text: 'This is a Drawpile server for browsers (WebSocket).',
    });
  }
}

/** True: somebody wanted a WebSocket, and what they sent was none by the time it came here. It has been answered. */
export function answerIncompleteUpgrade(
  request: http.IncomingMessage,
  response: http.ServerResponse,
): boolean {
  const { headers } = request;
  const wantsWebSocket =
    headers.upgrade?.toLowerCase() === 'websocket' || headers['sec-websocket-key'] !== undefined;
  if (!wantsWebSocket) return false;
  answerText(request, response, {
    status: 426,
    headers: { Upgrade: 'websocket' },
    text: 'Incomplete WebSocket upgrade: a proxy must pass on the headers Connection and Upgrade.',
  });
  return true;
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

  constructor(parts: Parts, user: ConnectionUser, options: WebSocketOptions, sentBytes = 0) {
    const { webSocket, socket } = parts;
    super(socket, parts.ip, user, options.endOfTurn, parts.framing);
    this.outbox.sentBytes = sentBytes;
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
      this.failedBecause(`invalid WebSocket data (${error.message})`);
    });
    webSocket.on('close', () => {
      this.#used = 0;
      if (this.#scratch.owner === this) this.#scratch.owner = undefined;
      this.hasClosed();
    });
  }

  readonly #message = (data: Buffer, isBinary: boolean): void => {
    if (!isBinary) {
      if (!this.#hasSentText) this.#options.writeLog('warn', this.ip, 'WebSocket text message ignored');
      this.#hasSentText = true;
      return;
    }
    if (data.length < 2) {
      this.failedBecause('invalid WebSocket data: a message of less than 2 bytes');
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

  /** WebSocket's own pings, of at most 125 bytes. */
  #pong(data: Buffer): void {
    if (this.#socket.writableLength > pongRoomBytes) return;
    this.outbox.sendRaw(Buffer.concat([Buffer.of(pongOpcode, data.length), data]));
  }

  /** Encrypted, there is more to the connection than its bytes. */
  protected get plainSocket(): net.Socket | undefined {
    return 'encrypted' in this.#socket ? undefined : this.#socket;
  }

  protected override get unread(): Uint8Array | undefined {
    return this.#used > 0 ? undefined : unreadIn(this.#webSocket);
  }

  /** Only of a connection that was taken over. */
  begin(handed: HandedConnection): void {
    this.takeOver(handed);
    this.#socket.resume();
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
