// The listeners for clients. Their sockets are taken first and opened last: a server that starts as root binds them,
// becomes an ordinary user, loads what it has, and only then lets anyone in.
import type { SecureContext } from 'node:tls';
import type { Connection, ConnectionUser } from '../core/peer/needs.js';
import type { Clock } from '../core/session/needs.js';
import { TcpListener } from '../io/net/tcp.js';
import type { WebSocketListener } from '../io/net/websocket.js';
import { version } from '../io/system/version.js';

export interface WebSocketListenerOptions {
  host?: string | undefined;
  /** 0 = any free one. */
  port: number;
  fd?: number;
  /** Proxies that are believed when they say for whom they speak. */
  trustedProxies?: readonly string[];
  /** Takes unencrypted connections from trusted proxies only. */
  isSecureOnly?: boolean;
}

export interface ListenerOptions {
  clock: Clock;
  /** Address to listen on; undefined: all. */
  host?: string | undefined;
  /** 0 = any free one. */
  port: number;
  /** A listening socket passed by the service manager, instead of host and port. */
  fd?: number;
  /** Certificate for TLS, asked for at each handshake. */
  secureContext?: () => SecureContext | undefined;
  webSocket?: WebSocketListenerOptions;
  /** Asked for each connection; false: there are no descriptors for it. */
  hasRoom?: () => boolean;
  /** The system refused a connection, because this process has as many as it may. */
  outOfDescriptors?: () => void;
}

/** Who receives those who come in. */
export interface ConnectionReceiver {
  /** False: not taken, the connection is closed. */
  accept(ip: string, makeConnection: (user: ConnectionUser) => Connection): boolean;
  /** Origins from which browsers may come, with blanks between, or `*`. */
  allowedOrigins(): string;
  /** Something about one client that the log should hold. */
  note(level: 'warn' | 'debug', ip: string, text: string): void;
  /** A listener itself failed. */
  failed(error: Error): void;
}

export class Listeners {
  #receiver: ConnectionReceiver | undefined;
  /** Those who came before `begin`: a service manager hands over a socket at which somebody waits already. */
  #early: (() => void)[] | undefined = [];
  #tcp: TcpListener | undefined;
  #webSocket: WebSocketListener | undefined;

  /** Takes the sockets; a Fault says what is wrong with an address. Until `begin` nobody is let in. */
  static async open(options: ListenerOptions): Promise<Listeners> {
    const listeners = new Listeners();
    const { clock, webSocket } = options;
    const shared = {
      ...(options.secureContext && { secureContext: options.secureContext }),
      endOfTurn: (run: () => void) => clock.endOfTurn(run),
      whenOpen: (run: () => void) => {
        if (listeners.#early) listeners.#early.push(run);
        else run();
      },
      ...(options.hasRoom && { hasRoom: options.hasRoom }),
      accept: (ip: string, makeConnection: (user: ConnectionUser) => Connection) =>
        listeners.#receiver?.accept(ip, makeConnection) ?? false,
      failed: (error: NodeJS.ErrnoException) => {
        if (error.code === 'EMFILE' || error.code === 'ENFILE') options.outOfDescriptors?.();
        else listeners.#receiver?.failed(error);
      },
    };
    listeners.#tcp = await TcpListener.open({
      ...shared,
      port: options.port,
      ...(options.host !== undefined && { host: options.host }),
      ...(options.fd !== undefined && { fd: options.fd }),
    });
    if (!webSocket) return listeners;
    try {
      // Its package is only for those who have such a listener.
      const { WebSocketListener } = await import('../io/net/websocket.js');
      listeners.#webSocket = await WebSocketListener.open({
        ...shared,
        port: webSocket.port,
        ...(webSocket.host !== undefined && { host: webSocket.host }),
        ...(webSocket.fd !== undefined && { fd: webSocket.fd }),
        ...(webSocket.trustedProxies && { trustedProxies: webSocket.trustedProxies }),
        isSecureOnly: webSocket.isSecureOnly ?? false,
        allowedOrigins: () => listeners.#receiver?.allowedOrigins() ?? '',
        note: (level, ip, text) => listeners.#receiver?.note(level, ip, text),
        program: `dp_${version}`,
      });
    } catch (error) {
      listeners.close();
      throw error;
    }
    return listeners;
  }

  /** From now on people are let in. */
  begin(receiver: ConnectionReceiver): void {
    this.#receiver = receiver;
    this.#letIn();
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

  get hasWebSocket(): boolean {
    return this.#webSocket !== undefined;
  }

  /** Nobody new comes in; who is in stays. */
  close(): void {
    this.#tcp?.close();
    this.#webSocket?.close();
    // With nobody to receive them they are sent away.
    this.#letIn();
  }
}
