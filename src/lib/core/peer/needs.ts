// The interfaces between a peer and its transport, in both directions.
import type { Buffer } from 'node:buffer';

export const disconnectReasons = { error: 0, kick: 1, shutdown: 2, other: 3 } as const;
export type DisconnectReason = keyof typeof disconnectReasons;

/** A connection between two reads and writes, as data; the socket goes another way. */
export interface HandedConnection {
  readonly transport: 'tcp' | 'websocket';
  readonly ip: string;
  readonly isBrowser: boolean;
  readonly sentBytes: number;
  /** Bytes as they are on the wire, which the kernel has not taken. */
  readonly unsent: Uint8Array;
  /** Direct messages behind them, complete frames. */
  readonly direct: Uint8Array;
  /** Bytes as they are on the wire, of which not all have come that belong together. */
  readonly unread: Uint8Array;
  /** It closes when all of it is sent. */
  readonly isEnding: boolean;
}

/**
 * The sending half of a connection. Two lanes: direct messages are queued at once; history is pulled by the
 * member when `hasRoom`. Frames are in TCP framing; other transports re-frame them.
 */
export interface Connection {
  /** Address of the peer as text: `127.0.0.1`, `::1`; mapped IPv4 is shown as IPv4. */
  readonly ip: string;
  readonly transport: 'tcp' | 'tls' | 'websocket';
  /** Came over WebSocket with an Origin header. */
  readonly isBrowser: boolean;
  /** Whether `startTls` is possible, i.e. a plain TCP connection of a listener with a certificate. */
  readonly canStartTls: boolean;

  /** Queues a direct message: one or more complete frames, not copied; they leave at the end of the turn. */
  send(frames: Uint8Array): void;
  /** Sends what is queued now, not at the end of the turn; `drained` follows where there is room then. */
  flush(): void;
  /** Sends at once, ahead of everything that is queued: pongs. */
  sendFirst(frame: Uint8Array): void;
  /** Keeps back everything but what is sent first, the end too, until `release`. May be called several times. */
  hold(): void;
  /** Undoes one `hold`; after the last one everything leaves, and `drained` follows where there is room then. */
  release(): void;
  /** No direct message waits, nothing is held, and the transport has taken everything that was handed to it. */
  readonly hasRoom: boolean;
  /** Hands over a slice of history, not copied. Only while `hasRoom`. */
  sendHistory(slice: Uint8Array): void;
  /** Bytes handed over so far: whether anything was sent since the last look. */
  readonly sentBytes: number;
  /** Bytes handed to this connection that the other side has not taken yet. */
  readonly unsentBytes: number;
  /** For a successor of this process; undefined: it cannot continue with this connection. */
  handOver?(): HandedConnection | undefined;
  /** After what is queued has been sent: close gracefully. Input is read and thrown away until the peer closes. */
  end(): void;
  /** Close at once, unsent bytes are lost. */
  abort(): void;
  /** The TLS handshake begins after `sendFirst` of the answer; only when `canStartTls`. */
  startTls(): void;
}

/** What a transport calls. Nothing is called after `closed`. */
export interface ConnectionUser {
  /** Bytes of the TCP stream, cut anywhere. The buffer is the transport's and is used again after the call. */
  received(bytes: Buffer, start: number, end: number): void;
  /** `hasRoom` became true again. */
  drained(): void;
  /** More unsent direct messages than the transport will hold; the connection is about to be aborted. */
  overflowed(): void;
  /** The connection is gone. `problem`: why, when it was not a normal end. */
  closed(problem?: string): void;
  /** The TLS handshake is done. */
  secured?(): void;
}
