// The sending half of every connection: what an outbox does, a connection does. What is left to the transports is how they
// receive and how they end.

import type { Writable } from 'node:stream';
import type { Connection, ConnectionUser } from '../../core/peer/needs.js';
import { type Framing, Outbox } from './outbox.js';

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
