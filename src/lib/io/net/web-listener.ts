// One port for everything that speaks HTTP: HTTP/1.1 and HTTP/2, encrypted and not, and upgrades to WebSocket. The first
// byte shows whether a connection is TLS; requests are answered elsewhere.
import { Buffer } from 'node:buffer';
import http from 'node:http';
import http2 from 'node:http2';
import net from 'node:net';
import type { Duplex } from 'node:stream';
import tls from 'node:tls';
import { readClientHello, tlsHandshakeByte } from './client-hello.js';
import { type AddressFlags, listen, portOf, startListening } from './listen.js';
import type { Challenges } from './needs.js';
import { answerToPlain, type TextAnswer } from './plain-http.js';
import { handleOf, type SocketHandle } from './socket-handle.js';
import { plainAddress } from './tcp.js';
import { type ConnectionLimits, WebConnections } from './web-connections.js';

/** An upgrade that somebody wants, and from whom. */
export interface UpgradeRequest {
  request: http.IncomingMessage;
  /** Bytes go here, encrypted or not. */
  socket: net.Socket;
  head: Buffer;
  /** Address at the other end of the connection. */
  peer: string;
  /** The connection is somebody else's from now on, and counted there. */
  taken(): void;
}

export interface WebListenerOptions {
  host?: string;
  /** 0 = any free one. */
  port?: number;
  fd?: number;
  /** A listening socket of a predecessor of this process, which is used from `start` on. */
  handle?: SocketHandle;
  /** By which flags an operator chooses the address. */
  flags: AddressFlags;
  limits: ConnectionLimits;
  times?: RequestTimes;
  /** Current certificate, asked for at each handshake; undefined: unencrypted connections only. */
  secureContext?: () => tls.SecureContext | undefined;
  challenges?: Challenges;
  /** Closed without an answer (http.md §1.2) where false. */
  mayConnect?: (ip: string) => boolean;
  /** Whether many people may come from there. */
  isProxy: (ip: string) => boolean;
  /** Whose unencrypted requests are answered; others are sent to https. */
  takesPlain: (ip: string) => boolean;
  /** False: each connection is for one request. */
  keepsAlive?: boolean;
  /** Calls back at once, or when people are let in: until then they wait. At once when left out. */
  whenOpen?: (run: () => void) => void;
  /** False: there are no descriptors for one more, it is closed at once. */
  hasRoom?: () => boolean;
  /** HTTP/2 comes in the shape of HTTP/1.1, with `host` among its headers. */
  answer(request: http.IncomingMessage, response: http.ServerResponse): void;
  /** A WebSocket; undefined: nobody takes them, and they are requests as any other. */
  upgrade?: (request: UpgradeRequest) => void;
  writeLog?: (level: 'warn' | 'debug', ip: string, text: string) => void;
  failed(error: Error): void;
}

/** How long a connection may take for what. */
export interface RequestTimes {
  /** From the first byte of a request to the end of its headers. */
  headersMs: number;
  /** To the end of its body. */
  requestMs: number;
  /** Between requests. */
  keepAliveMs: number;
  /** Without taking anything of an answer that waits for them. */
  stalledMs: number;
}

const usualTimes: RequestTimes = {
  headersMs: 10_000,
  requestMs: 30_000,
  keepAliveMs: 15_000,
  stalledMs: 60_000,
};
const headerBytesAtMost = 16 * 1024;
const checksPerTime = 5;
const streamsPerConnection = 100;
const protocolsOfWeb = ['h2', 'http/1.1'];
/** What a certificate authority offers that wants to see whether a name leads here (RFC 8737 §3). */
const challengeProtocol = 'acme-tls/1';
const challengePath = /^\/\.well-known\/acme-challenge\/([\w-]+)$/;

export class WebListener {
  readonly #options: WebListenerOptions;
  readonly #connections: WebConnections;
  readonly #times: RequestTimes;
  readonly #server: net.Server;
  readonly #http1: http.Server;
  readonly #http2: http2.Http2Server;
  /** The TCP socket under each TLS one. */
  readonly #plainSockets = new WeakMap<object, net.Socket>();

  private constructor(options: WebListenerOptions) {
    this.#options = options;
    this.#connections = new WebConnections(options.limits);
    this.#times = options.times ?? usualTimes;
    this.#http1 = this.#makeHttp1();
    this.#http2 = this.#makeHttp2();
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
  static async open(options: WebListenerOptions): Promise<WebListener> {
    const listener = new WebListener(options);
    await listen(listener.#server, options, options.flags);
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

  /** Connections that have not said yet what they want. */
  get waitingCount(): number {
    return this.#connections.waitingCount;
  }

  /** Nobody new comes in, and requests end; what was upgraded continues. Done when that has ended too. */
  close(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    this.#connections.destroyAll();
    // Ends its timer; it does not listen itself, which it says with an error that nobody needs.
    this.#http1.close(() => undefined);
    return closed;
  }

  #makeHttp1(): http.Server {
    const { upgrade } = this.#options;
    const { headersMs, requestMs, keepAliveMs, stalledMs } = this.#times;
    const server = http.createServer({
      maxHeaderSize: headerBytesAtMost,
      connectionsCheckingInterval: headersMs / checksPerTime,
      keepAlive: false,
    });
    server.headersTimeout = headersMs;
    server.requestTimeout = requestMs;
    server.keepAliveTimeout = keepAliveMs;
    server.timeout = stalledMs;
    server.on('timeout', (socket: net.Socket) => {
      // An answer without an end may have nothing to say for long; one that nobody takes goes.
      const isAnswering = this.#connections.isBusy(this.#tcpSocketOf(socket));
      if (!isAnswering || socket.writableLength > 0) socket.destroy();
    });
    server.on('request', (request, response) => this.#request(request, response));
    // Without this one Node asks for the body before anybody has seen who sends it.
    server.on('checkContinue', (request, response) => {
      if (this.#isRefused(request)) this.#request(request, response);
      else {
        response.writeContinue();
        this.#request(request, response);
      }
    });
    if (upgrade)
      server.on('upgrade', (request, socket, head) =>
        this.#upgrade(request, socket as net.Socket, head, upgrade),
      );
    // A broken request line or header: what cannot be answered is closed.
    server.on('clientError', (_error, socket) => socket.destroy());
    // Its time-outs run from when it listens, which it never does: connections are handed to it.
    server.emit('listening');
    return server;
  }

  #makeHttp2(): http2.Http2Server {
    const server = http2.createServer({
      maxSessionMemory: 2,
      settings: { maxConcurrentStreams: streamsPerConnection, maxHeaderListSize: headerBytesAtMost },
    });
    server.on('request', (request, response) => {
      const { stream } = request;
      const timer = setTimeout(() => stream.close(http2.constants.NGHTTP2_CANCEL), this.#times.requestMs);
      timer.unref();
      if (stream.endAfterHeaders) clearTimeout(timer);
      else request.once('end', () => clearTimeout(timer));
      stream.once('close', () => clearTimeout(timer));
      // A client that gives no window for the answer would keep the connection busy forever.
      stream.setTimeout(this.#times.stalledMs, () => {
        if (stream.writableLength > 0) stream.close(http2.constants.NGHTTP2_CANCEL);
      });
      const { headers } = request;
      if (bytesOf(headers) > headerBytesAtMost) {
        // The limit that the other side gets is only a request.
        response.writeHead(431);
        response.end();
        return;
      }
      headers.host ??= request.authority;
      // A body says that it is there by coming; to check for one, the headers are used.
      if (!stream.endAfterHeaders && headers['content-length'] === undefined) {
        headers['transfer-encoding'] = 'chunked';
      }
      this.#answer(request as unknown as http.IncomingMessage, response as unknown as http.ServerResponse);
    });
    server.on('sessionError', () => undefined);
    return server;
  }

  #accept(socket: net.Socket): void {
    const ip = plainAddress(socket.remoteAddress);
    const { mayConnect, isProxy } = this.#options;
    if (mayConnect?.(ip) === false || !this.#connections.add(socket, ip, isProxy(ip))) {
      socket.destroy();
      return;
    }
    socket.on('error', () => socket.destroy());
    let seen: Buffer | undefined;
    const look = (chunk: Buffer) => {
      const bytes = seen === undefined ? chunk : Buffer.concat([seen, chunk]);
      seen = bytes;
      const isTls = bytes[0] === tlsHandshakeByte;
      // What a connection is for must be known before a certificate is shown, if it may be shown to an authority.
      const hello = isTls && this.#options.challenges ? readClientHello(bytes) : undefined;
      if (hello === 'more') return;
      socket.off('data', look);
      socket.pause();
      // Only a look: the bytes go back, and the next owner reads them.
      socket.unshift(bytes);
      if (!isTls) {
        this.#http1.emit('connection', socket);
        socket.resume();
      } else if (hello?.protocols.includes(challengeProtocol)) this.#prove(socket, hello.name);
      else this.#secure(socket);
    };
    socket.on('data', look);
  }

  #secure(socket: net.Socket): void {
    shakeHands(socket, this.#options.secureContext?.(), protocolsOfWeb, (secure) => {
      this.#plainSockets.set(secure, socket);
      if (secure.alpnProtocol === 'h2') this.#serveHttp2(secure, socket);
      else this.#http1.emit('connection', secure);
    });
  }

  /** Shows an authority the certificate that it wants to see, and nothing else. */
  #prove(socket: net.Socket, name: string | undefined): void {
    const context = name === undefined ? undefined : this.#options.challenges?.contextFor(name);
    shakeHands(socket, context, [challengeProtocol], (secure) => {
      secure.resume();
      secure.end();
    });
  }

  #serveHttp2(secure: tls.TLSSocket, socket: net.Socket): void {
    const attach = (session: http2.ServerHttp2Session) => {
      let streams = 0;
      session.on('stream', (stream) => {
        streams++;
        this.#connections.began(socket);
        stream.once('close', () => {
          streams--;
          this.#connections.ended(socket);
        });
      });
      session.setTimeout(this.#times.keepAliveMs, () => {
        if (streams === 0) session.close();
      });
    };
    // The session is created, and announced, while the connection is handed over.
    this.#http2.once('session', attach);
    // HTTP/2 waits for the end of a handshake, which only Node's TLS server signals with this.
    (secure as { secureConnecting?: boolean }).secureConnecting = false;
    this.#http2.emit('connection', secure);
    this.#http2.off('session', attach);
  }

  #request(request: http.IncomingMessage, response: http.ServerResponse): void {
    const socket = this.#tcpSocketOf(request.socket);
    this.#connections.began(socket);
    response.once('close', () => this.#connections.ended(socket));
    if (this.#options.keepsAlive === false) response.shouldKeepAlive = false;
    this.#answer(request, response);
  }

  #answer(request: http.IncomingMessage, response: http.ServerResponse): void {
    const { challenges, answer } = this.#options;
    const token = challenges && challengePath.exec(request.url ?? '')?.[1];
    const proof = token && challenges?.answerFor(token);
    if (proof) {
      response.writeHead(200, {
        'Content-Type': 'application/octet-stream',
        'Content-Length': Buffer.byteLength(proof),
      });
      response.end(proof);
    } else if (this.#isRefused(request)) {
      answerText(request, response, this.#plainAnswer(request));
    } else {
      answer(request, response);
    }
  }

  /** Whether it came unencrypted from where that is not allowed. */
  #isRefused(request: http.IncomingMessage): boolean {
    if ((request.socket as Partial<tls.TLSSocket>).encrypted === true) return false;
    return !this.#options.takesPlain(plainAddress(request.socket.remoteAddress));
  }

  #plainAnswer(request: http.IncomingMessage): TextAnswer {
    return answerToPlain(request, this.#options.secureContext?.() !== undefined);
  }

  #upgrade(
    request: http.IncomingMessage,
    socket: net.Socket,
    head: Buffer,
    upgrade: (request: UpgradeRequest) => void,
  ): void {
    const tcp = this.#tcpSocketOf(socket);
    const peer = plainAddress(tcp.remoteAddress);
    if (request.headers.upgrade?.toLowerCase() !== 'websocket') {
      this.#answerOffer(request, socket);
    } else if (this.#isRefused(request)) {
      refuseUpgrade(socket, 403, 'This server accepts encrypted connections only (wss).');
      this.#options.writeLog?.('debug', peer, 'Unencrypted WebSocket connection refused');
    } else {
      upgrade({ request, socket, head, peer, taken: () => this.#connections.release(tcp) });
    }
  }

  /** HTTP/2 and the like are offers, which nobody has to take. */
  #answerOffer(request: http.IncomingMessage, socket: net.Socket): void {
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      refuseUpgrade(socket, 400, 'This server upgrades to WebSocket only.');
      return;
    }
    const response = new http.ServerResponse(request);
    response.shouldKeepAlive = false;
    response.assignSocket(socket);
    response.once('finish', () => socket.end());
    this.#request(request, response);
  }

  #tcpSocketOf(socket: Duplex): net.Socket {
    return this.#plainSockets.get(socket) ?? (socket as net.Socket);
  }
}

/** Without a context there is nothing to show, and the connection ends. */
function shakeHands(
  socket: net.Socket,
  secureContext: tls.SecureContext | undefined,
  protocols: string[],
  ready: (secure: tls.TLSSocket) => void,
): void {
  if (secureContext === undefined) {
    socket.destroy();
    return;
  }
  const secure = new tls.TLSSocket(socket, { isServer: true, secureContext, ALPNProtocols: protocols });
  secure.on('error', () => secure.destroy());
  secure.once('close', () => socket.destroy());
  secure.once('secure', () => ready(secure));
}

function bytesOf(headers: http.IncomingHttpHeaders): number {
  let bytes = 0;
  for (const [name, value] of Object.entries(headers)) bytes += name.length + String(value).length;
  return bytes;
}

/** One line, and the end of the connection. */
export function answerText(
  request: http.IncomingMessage,
  response: http.ServerResponse,
  { status, headers = {}, text }: TextAnswer,
): void {
  const isHttp2 = request.httpVersionMajor === 2;
  response.writeHead(status, {
    ...(!isHttp2 && { Connection: 'close' }),
    'Content-Type': 'text/plain',
    ...headers,
  });
  response.end(request.method === 'HEAD' ? undefined : `${text}\n`);
}

export function refuseUpgrade(socket: net.Socket, status: number, text: string): void {
  const head = `HTTP/1.1 ${status} ${http.STATUS_CODES[status]}\r\nConnection: close\r\nContent-Type: text/plain`;
  socket.end(`${head}\r\nContent-Length: ${text.length + 1}\r\n\r\n${text}\n`);
}
