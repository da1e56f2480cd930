// The sending half of every connection: what an outbox does, a connection does. What is left to the transports is how they
// receive and how they end.

import { Buffer } from 'node:buffer';
import type net from 'node:net';
import type { Writable } from 'node:stream';
import type { Connection, ConnectionUser, HandedConnection } from '../../core/peer/needs.js';
import { type Framing, Outbox } from './outbox.js';
import { handleOf, type SocketHandle, untakenBytes } from './socket-handle.js';

const nothing = Buffer.alloc(0);

export abstract class OutboxConnection implements Connection {
  abstract readonly transport: Connection['transport'];
  abstract readonly isBrowser: boolean;
  abstract readonly canStartTls: boolean;
  readonly ip: string;
  protected readonly user: ConnectionUser;
  protected readonly outbox: Outbox;
  /** Why it ended, when that was not a normal end; the first reason counts. */
  #problem: string | undefined;

  constructor(
    stream: Writable,
    ip: string,
    user: ConnectionUser,
    endOfTurn: (run: () => void) => void,
    framing?: Framing,
  ) {
    this.ip = ip;
    this.user = user;
    this.outbox = new Outbox(stream, user, endOfTurn, framing);
  }

  abstract end(): void;
  abstract abort(): void;
  abstract startTls(): void;

  /** The socket, where all that belongs to the connection are its bytes: with TLS there is more. */
  protected abstract readonly plainSocket: net.Socket | undefined;
  /** Bytes as they are on the wire that were read and not understood yet; undefined: it cannot be known. */
  protected get unread(): Uint8Array | undefined {
    return nothing;
  }

  /** What is passed to a successor of this process; undefined: it cannot be. */
  get handle(): SocketHandle | undefined {
    return this.plainSocket && handleOf(this.plainSocket);
  }

  handOver(): HandedConnection | undefined {
    const { plainSocket, unread, transport, ip, isBrowser, sentBytes } = this;
    const untaken = plainSocket && untakenBytes(plainSocket);
    const parts = untaken === undefined ? undefined : this.outbox.handOver(untaken);
    if (!parts || unread === undefined || transport === 'tls') return undefined;
    return { transport, ip, isBrowser, sentBytes, ...parts, unread };
  }

  /** Continues with a connection of a predecessor of this process. */
  protected takeOver(handed: HandedConnection): void {
    this.outbox.takeOver(handed);
    if (handed.isEnding) this.end();
  }

  protected failedBecause(problem: string): void {
    this.#problem ??= problem;
  }

  /** The transport is gone. */
  protected hasClosed(): void {
    this.outbox.close();
    this.user.closed(this.#problem);
  }

  send(frames: Uint8Array): void {
    this.outbox.send(frames);
  }

  sendFirst(frame: Uint8Array): void {
    this.outbox.sendFirst(frame);
  }

  flush(): void {
    this.outbox.flushNow();
  }

  hold(): void {
    this.outbox.hold();
  }

  release(): void {
    this.outbox.release();
  }

  get hasRoom(): boolean {
    return this.outbox.hasRoom;
  }

  sendHistory(slice: Uint8Array): void {
    this.outbox.sendHistory(slice);
  }

  get sentBytes(): number {
    return this.outbox.sentBytes;
  }

  get unsentBytes(): number {
    return this.outbox.unsentBytes;
  }
}
