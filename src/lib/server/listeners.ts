// The listeners for clients. Their sockets are bound first and accept last: a server that starts as root binds them,
// switches to an unprivileged user, loads its data, and only then accepts clients.
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { SecureContext } from 'node:tls';
import { fault } from '../core/errors.js';
import { TrustedProxies } from '../core/peer/client-address.js';
import type { Connection, ConnectionUser, HandedConnection } from '../core/peer/needs.js';
import type { Clock } from '../core/session/needs.js';
import type { Challenges } from '../io/net/needs.js';
import type { SocketHandle } from '../io/net/socket-handle.js';
import { TcpListener } from '../io/net/tcp.js';
import type { WebListener, WebListenerOptions } from '../io/net/web-listener.js';
import type { WebSocketUpgrades } from '../io/net/websocket.js';
import { version } from '../io/system/version.js';

export interface WebSocketListenerOptions {
  host?: string | undefined;
  /** 0 = any free one. */
  port: number;
  fd?: number;
  /** Proxies that are trusted when they say for whom they speak. */
  trustedProxies?: readonly string[];
  /** Takes unencrypted connections from trusted proxies only. */
  isSecureOnly?: boolean;
  /** What certificate authorities look for; undefined: nobody asked them for a certificate. */
  challenges?: Challenges;
}

/** The port for everything that speaks HTTP. Unencrypted it is for this machine and trusted proxies. */
export interface WebPortOptions extends Omit<WebSocketListenerOptions, 'isSecureOnly'> {
  /** `--web-plaintext`: everybody may come unencrypted. */
  takesPlaintext?: boolean;
}

/** The port for unencrypted HTTP, which only leads to the web port. */
export interface HttpPortOptions {
  host?: string | undefined;
  /** 0 = any free one. */
  port: number;
  trustedProxies?: readonly string[];
  challenges?: Challenges;
  /** Host names of this server, in lower case: only to them is redirected. */
  names: () => readonly string[];
  /** Where browsers find it by https; 0: nowhere. */
  webPort: number;
}

/** The listening sockets that one process passes to the next, by what they are for. */
export type ListenerHandles = Partial<Record<'tcp' | 'webSocket' | 'web' | 'http', SocketHandle>>;

export interface ListenerOptions {
  clock: Clock;
  /** Of a predecessor of this process, instead of addresses; they are used from `begin` on. */
  handles?: ListenerHandles | undefined;
  /** Address to listen on; undefined: all. */
  host?: string | undefined;
  /** 0 = any free one. */
  port: number;
  /** A listening socket passed by the service manager, instead of host and port. */
  fd?: number;
  /** Certificate for TLS, asked for at each handshake. */
  secureContext?: () => SecureContext | undefined;
  webSocket?: WebSocketListenerOptions;
  web?: WebPortOptions;
  http?: HttpPortOptions;
  /** Asked for each connection; false: there are no descriptors for it. */
  hasRoom?: () => boolean;
  /** The system refused a connection, because this process has as many as it may. */
  outOfDescriptors?: () => void;
}

/** Answers what comes to the web port and is no WebSocket. */
export type WebAnswerer = (request: IncomingMessage, response: ServerResponse) => void;

/** People come in by the hundred at once, and draw from then on: those who do are counted by their session. */
const webSocketLimits = { connections: 1_000, perNetwork: 1_000, waiting: 500, firstRequestMs: 15_000 };
const webLimits = { connections: 1_000, perNetwork: 100, waiting: 500, firstRequestMs: 15_000 };

/** Who receives those who come in. */
export interface ConnectionReceiver {
  /** False: not taken, the connection is closed. */
  accept(ip: string, makeConnection: (user: ConnectionUser) => Connection): boolean;
  /** Origins from which browsers may come, with blanks between, or `*`. */
  allowedOrigins(): string;
  /** Something about one client that the log should hold. */
  writeLog(level: 'warn' | 'debug', ip: string, text: string): void;
  /** A listener itself failed. */
  failed(error: Error): void;
}

export class Listeners {
  #receiver: ConnectionReceiver | undefined;
  /** Those who came before `begin`: a service manager hands over a socket at which somebody waits already. */
  #early: (() => void)[] | undefined = [];
  #upgrades: WebSocketUpgrades | undefined;
  /** Of a predecessor of this process, and not begun yet. */
  #taken: (() => void)[] = [];
  #tcp: TcpListener | undefined;
  #webSocket: WebListener | undefined;
  #web: WebListener | undefined;
  #http: WebListener | undefined;
  readonly #answerer: Promise<WebAnswerer>;
  /** Requests to the web port are answered from now on. */
  answerWeb!: (answerer: WebAnswerer) => void;

  private constructor() {
    this.#answerer = new Promise((resolve) => {
      this.answerWeb = resolve;
    });
  }

  /** Takes the sockets; a Fault says what is wrong with an address. Until `begin` nobody is let in. */
  static async open(options: ListenerOptions): Promise<Listeners> {
    const listeners = new Listeners();
    try {
      await listeners.#open(options);
    } catch (error) {
      listeners.close();
      throw error;
    }
    return listeners;
  }

  async #open(options: ListenerOptions): Promise<void> {
    const { clock, webSocket, web, http, handles = {} } = options;
    const shared = {
      ...(options.secureContext && { secureContext: options.secureContext }),
      whenOpen: (run: () => void) => {
        if (this.#early) this.#early.push(run);
        else run();
      },
      ...(options.hasRoom && { hasRoom: options.hasRoom }),
      failed: (error: NodeJS.ErrnoException) => {
        if (error.code === 'EMFILE' || error.code === 'ENFILE') options.outOfDescriptors?.();
        else this.#receiver?.failed(error);
      },
    };
    const people = {
      endOfTurn: (run: () => void) => clock.endOfTurn(run),
      accept: (ip: string, makeConnection: (user: ConnectionUser) => Connection) =>
        this.#receiver?.accept(ip, makeConnection) ?? false,
    };
    this.#tcp = await TcpListener.open({ ...shared, ...people, ...placeOf(options, handles.tcp) });
    if (!webSocket && !web && !http) return;
    // What they need is only for those who have such a listener.
    const { WebListener, answerText } = await import('../io/net/web-listener.js');
    if (http) {
      const { secureContext: _, ...plain } = shared;
      const { answerAtHttpPort } = await import('../io/net/http-redirect.js');
      const proxies = new TrustedProxies(http.trustedProxies);
      this.#http = await WebListener.open({
        ...plain,
        ...placeOf(http, handles.http),
        flags: { port: '--http-port', host: '--http-listen' },
        limits: webLimits,
        ...(http.challenges && { challenges: http.challenges }),
        isProxy: (ip) => proxies.trusts(ip),
        takesPlain: () => true,
        keepsAlive: false,
        answer: (request, response) =>
          answerText(
            request,
            response,
            answerAtHttpPort(request, { names: http.names(), webPort: http.webPort }),
          ),
      });
    }
    if (!webSocket && !web) return;
    const { WebSocketUpgrades, answerOnlyWebSockets, answerIncompleteUpgrade } = await import(
      '../io/net/websocket.js'
    );
    const writeLog = (level: 'warn' | 'debug', ip: string, text: string) =>
      this.#receiver?.writeLog(level, ip, text);
    const upgrades = new WebSocketUpgrades({
      ...people,
      allowedOrigins: () => this.#receiver?.allowedOrigins() ?? '',
      writeLog,
      program: `dp_${version}`,
    });
    this.#upgrades = upgrades;
    const openOne = (
      place: WebSocketListenerOptions,
      handle: SocketHandle | undefined,
      proxies: TrustedProxies,
      rules: Pick<WebListenerOptions, 'flags' | 'limits' | 'takesPlain' | 'answer' | 'keepsAlive'>,
    ) =>
      WebListener.open({
        ...shared,
        ...placeOf(place, handle),
        ...rules,
        ...(place.challenges && { challenges: place.challenges }),
        isProxy: (ip) => proxies.trusts(ip),
        upgrade: (request) => upgrades.take(request, proxies),
        writeLog,
      });
    if (webSocket) {
      const proxies = new TrustedProxies(webSocket.trustedProxies);
      this.#webSocket = await openOne(webSocket, handles.webSocket, proxies, {
        flags: { port: '--websocket-port', host: '--websocket-listen' },
        limits: webSocketLimits,
        takesPlain: (ip) => webSocket.isSecureOnly !== true || proxies.trusts(ip),
        keepsAlive: false,
        answer: answerOnlyWebSockets,
      });
    }
    if (web) {
      const proxies = new TrustedProxies(web.trustedProxies);
      this.#web = await openOne(web, handles.web, proxies, {
        flags: { port: '--web-port', host: '--web-listen' },
        limits: webLimits,
        takesPlain: (ip) => web.takesPlaintext === true || proxies.trusts(ip),
        answer: (request, response) => {
          if (answerIncompleteUpgrade(request, response)) return;
          void this.#answerer.then((answer) => answer(request, response));
        },
      });
    }
  }

  /** From now on people are let in. */
  begin(receiver: ConnectionReceiver): void {
    this.#receiver = receiver;
    for (const listener of [this.#tcp, this.#webSocket, this.#web, this.#http]) listener?.start();
    for (const start of this.#taken.splice(0)) start();
    this.#letIn();
  }

  /** A connection of a predecessor of this process; nothing is read or sent before `begin`. */
  takeOver(handle: SocketHandle, handed: HandedConnection, user: ConnectionUser): Connection {
    const listener = handed.transport === 'tcp' ? this.#tcp : this.#upgrades;
    if (!listener) throw fault('hand-over-incomplete', {});
    const { connection, begin } = listener.takeOver(handle, handed, user);
    this.#taken.push(begin);
    return connection;
  }

  /** For a successor of this process. */
  get handles(): ListenerHandles {
    const handles = {
      tcp: this.#tcp?.handle,
      webSocket: this.#webSocket?.handle,
      web: this.#web?.handle,
      http: this.#http?.handle,
    };
    return Object.fromEntries(Object.entries(handles).filter(([, handle]) => handle !== undefined));
  }

  #letIn(): void {
    const early = this.#early ?? [];
    this.#early = undefined;
    for (const enter of early) enter();
  }

  get port(): number {
    return this.#tcp?.port ?? 0;
  }

  /** 0: there is no such listener. */
  get webSocketPort(): number {
    return this.#webSocket?.port ?? 0;
  }

  /** 0: there is no such listener. */
  get webPort(): number {
    return this.#web?.port ?? 0;
  }

  /** 0: there is no such listener. */
  get httpPort(): number {
    return this.#http?.port ?? 0;
  }

  get hasWebSocket(): boolean {
    return this.#webSocket !== undefined || this.#web !== undefined;
  }

  /** Nobody new comes in; who is in stays. */
  close(): void {
    this.#tcp?.close();
    void this.#webSocket?.close();
    void this.#web?.close();
    void this.#http?.close();
    // With nobody to receive them they are sent away.
    this.#letIn();
  }
}

function placeOf(
  { host, port, fd }: { host?: string | undefined; port: number; fd?: number },
  handle: SocketHandle | undefined,
) {
  return {
    port,
    ...(host !== undefined && { host }),
    ...(fd !== undefined && { fd }),
    ...(handle !== undefined && { handle }),
  };
}
